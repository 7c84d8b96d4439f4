package io.penstock.core.metrics;

import static io.penstock.core.metrics.MetricsRegion.NO_AGGREGATE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class MetricsPropertiesTest {
    private static final MetricsType TYPE = MetricsRegionTest.TYPE;
    private static final int BLOCKS = 6;
    private static final int AGGREGATES = 2;

    /** A model of a region, in Java's collections. */
    private static final class Model {
        final Map<Integer, long[]> live = new HashMap<>();
        final Map<Integer, Integer> aggregateOf = new HashMap<>();
        final ArrayDeque<Integer> reusable = new ArrayDeque<>();
        final long[] generations = new long[BLOCKS];
        final long[][] folded = new long[AGGREGATES][3];

        void close(int block) {
            long[] words = live.remove(block);
            long[] into = folded[aggregateOf.get(block)];
            into[0] += words[0];
            into[2] = Math.max(into[2], words[2]);
            reusable.add(block);
        }

        long[] total(int aggregate) {
            long[] sum = folded[aggregate].clone();
            live.forEach((block, words) -> {
                if (aggregateOf.get(block) == aggregate) {
                    sum[0] += words[0];
                    sum[1] += words[1];
                    sum[2] = Math.max(sum[2], words[2]);
                }
            });
            return sum;
        }
    }

    @Property(tries = 300)
    void totalsAndGenerationsAreTheModels(
            @ForAll @Size(max = 120) List<@IntRange(max = 1_000_000) Integer> actions) {
        MetricsRegion region = new MetricsRegion(BLOCKS, 256);
        int type = region.register(TYPE);
        MetricsReader reader = new MetricsReader();
        assertEquals(0, reader.wrap(region.buffer()));
        Model model = new Model();
        for (int i = 0; i < AGGREGATES; i++) {
            assertEquals(i, region.claimAggregate(type, "all " + i));
        }
        for (int i = AGGREGATES; i < BLOCKS; i++) {
            model.reusable.add(i);
        }
        for (int action : actions) {
            int value = action / 10;
            switch (action % 4) {
                case 0 -> claim(region, type, model, value % AGGREGATES);
                case 1 -> close(region, model, value);
                default -> write(region, model, value);
            }
            assertSame(region, reader, type, model);
        }
    }

    private static void claim(MetricsRegion region, int type, Model model, int aggregate) {
        int block = region.claim(type, "x", aggregate);
        if (model.reusable.isEmpty()) {
            assertEquals(ReturnCode.METRICS_EXHAUSTED, block);
            return;
        }
        assertEquals(model.reusable.remove(), block);
        model.live.put(block, new long[3]);
        model.aggregateOf.put(block, aggregate);
        model.generations[block]++;
    }

    private static void close(MetricsRegion region, Model model, int value) {
        int block = AGGREGATES + value % (BLOCKS - AGGREGATES);
        boolean isLive = model.live.containsKey(block);
        assertEquals(isLive ? 0 : ReturnCode.CLOSED, region.close(block));
        if (isLive) {
            model.close(block);
        }
    }

    private static void write(MetricsRegion region, Model model, int value) {
        int block = AGGREGATES + value % (BLOCKS - AGGREGATES);
        long[] words = model.live.get(block);
        if (words != null) {
            int at = region.countersOffset(block);
            words[0] += value;
            words[1] = value;
            words[2] = Math.max(words[2], value);
            region.buffer().addLongOpaque(at, value);
            region.buffer().putLongOpaque(at + 8, value);
            region.buffer().putLongOpaque(at + 16, words[2]);
        }
    }

    private static void assertSame(
            MetricsRegion region, MetricsReader reader, int type, Model model) {
        long[] totals = new long[3];
        long counts = 0;
        for (int i = 0; i < AGGREGATES; i++) {
            assertTrue(reader.total(type, i, totals) >= 0);
            long[] expected = model.total(i);
            for (int field = 0; field < 3; field++) {
                assertEquals(expected[field], totals[field], TYPE.field(field));
            }
            counts += expected[0];
        }
        assertEquals(model.live.size(), reader.total(type, NO_AGGREGATE, totals));
        assertEquals(counts, totals[0]);
        for (int block = AGGREGATES; block < region.blocks(); block++) {
            int state = reader.read(block);
            assertEquals(model.live.containsKey(block), state == MetricsReader.LIVE);
            assertEquals(model.generations[block], reader.generation());
        }
    }

    @Property(tries = 2_000)
    void noBytesMakeAReaderThrow(
            @ForAll @Size(min = 1, max = 12) List<@IntRange(max = 1_500) Integer> places,
            @ForAll @Size(min = 12, max = 12) List<Integer> values) {
        MetricsRegion region = new MetricsRegion(3, 256);
        int type = region.register(TYPE);
        int aggregate = region.claimAggregate(type, "all");
        region.claim(type, "live", aggregate);
        region.close(region.claim(type, "closed", aggregate));
        NativeBuffer copy = NativeBuffer.allocate(region.buffer().capacity());
        copy.putBytes(0, region.buffer(), 0, copy.capacity());
        for (int i = 0; i < places.size(); i++) {
            // Header and type come first, then the blocks; interesting values are small or huge.
            int place = places.get(i) * 4;
            int at = place < 512 ? 16 + place : region.countersOffset(0) - 128 + place % (3 * 256);
            int value = values.get(i);
            copy.putInt(at, value % 3 == 0 ? value % 300 : value);
        }
        MetricsReader reader = new MetricsReader();
        int rc = reader.wrap(copy);
        assertTrue(rc == 0 || rc <= ReturnCode.REGION_FOREIGN, () -> ReturnCode.describe(rc));
        StringBuilder label = new StringBuilder();
        for (int block = 0; block < Math.min(reader.blocks(), 100); block++) {
            if (reader.read(block) >= 0 && reader.typeId() >= 0) {
                reader.appendLabel(label);
                reader.value(reader.type(reader.typeId()).fields() - 1);
            }
        }
        for (int i = 0; i < reader.types(); i++) {
            reader.total(i, NO_AGGREGATE, new long[32]);
        }
        reader.bootId();
    }
}
