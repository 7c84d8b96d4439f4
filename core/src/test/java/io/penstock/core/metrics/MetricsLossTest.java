package io.penstock.core.metrics;

import static io.penstock.core.metrics.MetricsRegion.NO_AGGREGATE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.Allocation;
import io.penstock.core.testing.Descriptors;
import io.penstock.core.testing.FaultyPosix;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damage to a region's file does not harm its owner. */
class MetricsLossTest {
    private static final MetricsType TYPE = MetricsRegionTest.TYPE;
    private static final int TURNS = 20_000; // so that it happens in compiled code

    /** Does something to the file. */
    @FunctionalInterface
    private interface Harm {
        void to(Path file) throws IOException;
    }

    @TempDir
    Path directory;

    private final MetricsReader reader = new MetricsReader();
    private final MetricsRegion region = new MetricsRegion(8);

    @AfterEach
    void letGo() {
        reader.close();
    }

    @Test
    void aFileThatIsCutDoesNotStopALoop() throws IOException {
        survives(file -> resize(file, 5000));
    }

    @Test
    void norOneThatIsEmptied() throws IOException {
        survives(file -> resize(file, 0));
    }

    @Test
    void norOneThatIsZeroedInPlace() throws IOException {
        survives(file -> {
            long bytes = Files.size(file);
            resize(file, 0);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.allocate(1), bytes - 1);
            }
        });
    }

    @Test
    void norOneThatIsOverwritten() throws IOException {
        survives(file -> Files.writeString(file, "x".repeat((int) Files.size(file)),
                StandardOpenOption.TRUNCATE_EXISTING));
    }

    @Test
    void norOneThatIsDeleted() throws IOException {
        survives(Files::delete);
    }

    @Test
    void aCopyIsMadeAnewWhereTheFileWasLost() throws IOException {
        Path file = directory.resolve("region");
        assertEquals(ReturnCode.NOT_OPEN, region.save());
        int type = region.register(TYPE);
        assertEquals(0, region.open(file.toString()));
        assertEquals(0, reader.open(file.toString()));
        assertTrue(reader.isLive());
        int block = region.claim(type, "x", NO_AGGREGATE);
        Harm[] harms = {path -> resize(path, 0), path -> resize(path, 5000), Files::delete};
        for (int i = 0; i < harms.length; i++) {
            harms[i].to(file);
            region.buffer().addLongOpaque(region.countersOffset(block), 1);
            assertEquals(0, region.save());
            assertFalse(reader.isRecreated(), "it is the same region");
            assertTrue(reader.isOwnerAlive());
            Path copy = directory.resolve("copy" + i); // without a lock
            Files.copy(file, copy);
            MetricsReader late = new MetricsReader();
            assertEquals(0, late.open(copy.toString()));
            assertFalse(late.isLive());
            assertFalse(late.isOwnerAlive());
            assertEquals(MetricsReader.LIVE, late.read(block));
            assertEquals(i + 1, late.value(0));
            assertEquals(0, late.close());
        }
        assertEquals(0, region.close());
        assertEquals(ReturnCode.CLOSED, region.save());
    }

    @Test
    void theLastCopyIsMadeByTheClose() {
        String file = directory.resolve("region").toString();
        int type = region.register(TYPE);
        assertEquals(0, region.open(file));
        int block = region.claim(type, "x", NO_AGGREGATE);
        region.buffer().addLongOpaque(region.countersOffset(block), 7);
        assertEquals(0, region.close(block));
        assertEquals(0, region.close());
        assertEquals(0, reader.open(file));
        assertFalse(reader.isLive());
        assertFalse(reader.isOwnerAlive());
        assertEquals(MetricsReader.CLOSED, reader.read(block));
        assertEquals(7, reader.value(0));
    }

    @Test
    void whatSomebodyTookAwayTheCloseDoesNotBringBack() throws IOException {
        Path file = directory.resolve("region");
        assertEquals(0, region.open(file.toString()));
        Files.delete(file);
        assertEquals(0, region.close());
        assertFalse(Files.exists(file));
    }

    @Test
    void aCopyThatCannotBeWrittenLeavesTheFormer() throws IOException {
        Path file = directory.resolve("region");
        FaultyPosix posix = new FaultyPosix();
        MetricsRegion full = new MetricsRegion(8, MetricsRegion.DEFAULT_BLOCK_BYTES, posix);
        assertEquals(0, full.open(file.toString()));
        byte[] former = Files.readAllBytes(file);
        int before = Descriptors.open();
        int block = full.claim(full.register(TYPE), "x", NO_AGGREGATE);
        int[] calls = {0};
        posix.on(Syscall.WRITE, (kernel, args) -> {
            args[2] = 1000;
            return calls[0]++ < 3 ? kernel.call(args) : -Errno.ENOSPC;
        });
        assertEquals(-Errno.ENOSPC, full.save());
        Descriptors.assertOpen(before);
        assertArrayEquals(former, Files.readAllBytes(file));
        assertEquals(1, directory.toFile().list().length);
        full.buffer().addLongOpaque(full.countersOffset(block), 1);
        assertEquals(-Errno.ENOSPC, full.close());
        Descriptors.assertOpen(before - 2); // the file and the memory
    }

    @Test
    void nobodyElseCanWriteOrResizeTheMemory() throws IOException {
        Path file = directory.resolve("region");
        assertEquals(0, region.open(file.toString()));
        assertEquals(0, reader.open(file.toString()));
        int found = 0;
        try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path link : all) {
                if (isMemory(link)) {
                    found++;
                    assertRefused(link);
                }
            }
        }
        assertTrue(found > 0);
        assertEquals(0, region.close());
    }

    private static boolean isMemory(Path link) {
        try {
            return Files.readSymbolicLink(link).toString().contains("memfd:penstock-metrics");
        } catch (IOException gone) {
            return false;
        }
    }

    private static void assertRefused(Path memory) throws IOException {
        try (FileChannel channel = FileChannel.open(memory, StandardOpenOption.WRITE)) {
            long bytes = channel.size();
            assertThrows(IOException.class, () -> channel.truncate(0));
            assertThrows(IOException.class,
                    () -> channel.write(ByteBuffer.allocate(1), bytes)); // beyond its end
            assertThrows(IOException.class, () -> channel.write(ByteBuffer.allocate(1), 0));
        }
    }

    @Test
    @Tag("allocation")
    void savingAllocatesNothing() {
        assertEquals(0, region.open(directory.resolve("region").toString()));
        Allocation.assertNone("save", 2_000, 500, region::save);
        assertEquals(0, region.close());
    }

    private void survives(Harm harm) throws IOException {
        Path file = directory.resolve("region");
        int type = region.register(TYPE);
        assertEquals(0, region.open(file.toString()));
        EventLoop loop = new EventLoop(new LoopConfig().handles(2).metrics(region));
        assertEquals(0, loop.open());
        int sum = region.claimAggregate(type, "sum");
        assertEquals(0, reader.open(file.toString()));
        for (int i = 0; i < TURNS; i++) {
            loop.runOnce(0);
            claimAndClose(type, sum);
        }
        harm.to(file);
        for (int i = 0; i < TURNS; i++) {
            loop.runOnce(0);
            claimAndClose(type, sum);
        }
        long turns = loop.metrics().getLong(loop.metricsOffset() + LoopMetrics.TURNS_OFFSET);
        assertEquals(2 * TURNS, turns);
        long[] totals = new long[TYPE.fields()];
        assertEquals(0, reader.total(type, NO_AGGREGATE, totals), "who had it open has it still");
        assertEquals(2 * TURNS, totals[0]);
        loop.close();
        assertTrue(region.close(sum) >= 0);
        region.close();
    }

    private void claimAndClose(int type, int sum) {
        int block = region.claim(type, "one", sum);
        region.buffer().addLongOpaque(region.countersOffset(block), 1);
        region.close(block);
    }

    private static void resize(Path file, long bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(bytes);
        }
    }
}
