package io.penstock.proof.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.metrics.BlockVisitor;
import io.penstock.core.metrics.MetricsReader;
import io.penstock.core.metrics.MetricsRegion;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.metrics.agrona.CountersView;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A region of metrics in which anything was altered: an octet of the input says whether it is a
 * file, and how much of it there is; then two octets say where, and four what is there. Reading it
 * all ends, and throws nothing.
 */
public final class RegionTarget {
    private static final int BLOCKS = 5;
    private static final byte[] SOUND = sound();
    private static final Path FILE = file();

    private static final BlockVisitor EVERY = new BlockVisitor() {
        @Override
        public void onBegin() {
        }

        @Override
        public void onBlock(MetricsReader reader, int state) {
            assertTrue(state >= MetricsReader.FREE && state <= MetricsReader.CLOSED);
            reader.counters().getLong(reader.countersOffset());
        }
    };

    private RegionTarget() {
    }

    private static byte[] sound() {
        MetricsRegion region = new MetricsRegion(BLOCKS);
        int type = region.register(StreamMetrics.TYPE);
        int aggregate = region.claimAggregate(type, "all");
        region.claim(type, "live", aggregate);
        region.close(region.claim(type, "closed", aggregate));
        region.claim(type, "alone", MetricsRegion.NO_AGGREGATE);
        byte[] bytes = new byte[region.buffer().capacity()];
        region.buffer().getBytes(0, bytes);
        return bytes;
    }

    private static Path file() {
        try {
            Path file = Files.createTempFile("penstock-region", ".metrics");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> file.toFile().delete()));
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Called by Jazzer.
     *
     * @param input of its choice
     */
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        int kind = input[0] & 3;
        int left = kind == 0 ? SOUND.length : SOUND.length * (input[0] & 0xfc) / 0xfc;
        byte[] bytes = alter(input);
        MetricsReader reader = new MetricsReader();
        int rc;
        if (kind < 2) {
            NativeBuffer region = NativeBuffer.allocate(Math.max(8, left & ~7));
            region.putBytes(0, bytes, 0, Math.min(left & ~7, bytes.length));
            rc = reader.wrap(region);
        } else {
            rc = openFile(reader, bytes, left);
        }
        assertTrue(rc == 0 || rc <= ReturnCode.REGION_FOREIGN || rc < 0 && rc > -4096,
                () -> ReturnCode.describe(rc));
        if (rc == 0) {
            readAll(reader);
            reader.close();
        }
    }

    private static int openFile(MetricsReader reader, byte[] bytes, int left) {
        try (var out = Files.newOutputStream(FILE)) {
            out.write(bytes, 0, left);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return reader.open(FILE.toString());
    }

    private static byte[] alter(byte[] input) {
        byte[] bytes = SOUND.clone();
        for (int i = 1; i + 6 <= input.length; i += 6) {
            int at = ((input[i] & 0xff) << 8 | input[i + 1] & 0xff) * 4 % bytes.length;
            System.arraycopy(input, i + 2, bytes, at, Math.min(4, bytes.length - at));
        }
        return bytes;
    }

    private static void readAll(MetricsReader reader) {
        StringBuilder label = new StringBuilder();
        for (int block = 0; block < Math.min(reader.blocks(), 64); block++) {
            if (reader.read(block) >= 0 && reader.typeId() >= 0) {
                label.setLength(0);
                reader.appendLabel(label);
                for (int field = 0; field < reader.type(reader.typeId()).fields(); field++) {
                    reader.value(field);
                }
            }
        }
        for (int type = 0; type < reader.types(); type++) {
            for (int field = 0; field < reader.type(type).fields(); field++) {
                label.append(reader.type(type).field(field));
            }
            reader.total(type, MetricsRegion.NO_AGGREGATE, new long[reader.type(type).fields()]);
        }
        reader.walk(EVERY);
        new CountersView(reader, 64).refresh();
        reader.bootId();
        reader.isOwnerAlive();
        reader.isRecreated();
    }
}
