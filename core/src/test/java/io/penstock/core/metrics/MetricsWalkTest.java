package io.penstock.core.metrics;

import static io.penstock.core.metrics.MetricsRegion.NO_AGGREGATE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.testing.Allocation;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The blocks that a walk visits, and their order. */
class MetricsWalkTest {
    private final MetricsRegion region = new MetricsRegion(8);
    private final MetricsReader reader = new MetricsReader();
    private final int type = region.register(MetricsRegionTest.TYPE);
    private final List<String> met = new ArrayList<>();
    private final BlockVisitor visitor = new BlockVisitor() {
        @Override
        public void onBegin() {
            met.clear();
        }

        @Override
        public void onBlock(MetricsReader at, int state) {
            met.add(at.appendLabel(new StringBuilder()).append(' ').append(at.value(0))
                    .append(state == MetricsReader.LIVE ? "" : " closed").toString());
        }
    };

    private int claim(String label, int aggregate, long value) {
        int block = region.claim(type, label, aggregate);
        region.buffer().putLong(region.countersOffset(block), value);
        return block;
    }

    @Test
    void aggregatesComeBeforeTheirMembersAndNothingTwice() {
        int spare = claim("spare", NO_AGGREGATE, 0);
        int second = claim("second", NO_AGGREGATE, 2);
        int sum = region.claimAggregate(type, "sum");
        region.close(spare);
        for (int i = 0; i < 4; i++) { // so that the next block lies before its aggregate
            region.close(claim("spare", NO_AGGREGATE, 0));
        }
        claim("last", NO_AGGREGATE, 0);
        int early = claim("early", sum, 10);
        assertTrue(early < sum);
        int folded = claim("folded", sum, 100);
        assertEquals(0, reader.wrap(region.buffer()));
        assertEquals(4, reader.walk(visitor));
        assertEquals(List.of("sum 0", "early 10", "second 2"), met.subList(0, 3));
        region.close(folded);
        region.close(second);
        assertEquals(2, reader.walk(visitor));
        assertEquals(List.of("sum 100", "early 10", "second 2 closed"), met.subList(0, 3));
        assertEquals(1, met.stream().filter(block -> block.startsWith("sum")).count());
        assertEquals(0, met.stream().filter(block -> block.startsWith("folded")).count());
        assertEquals(-1, reader.typeId(), "it is off its block");
    }

    /** A block whose type was registered later, and has more fields, is read whole. */
    @Test
    void aTypeWithMoreWords() {
        claim("x", NO_AGGREGATE, 1);
        assertEquals(0, reader.wrap(region.buffer()));
        MetricsType.Builder builder = MetricsType.named("wide");
        for (int i = 0; i < 32; i++) {
            builder.counter("c" + i, "1");
        }
        int block = region.claim(region.register(builder.build()), "wide", NO_AGGREGATE);
        region.buffer().putLong(region.countersOffset(block) + 31 * Long.BYTES, 31);
        assertEquals(MetricsReader.LIVE, reader.read(block));
        assertEquals(31, reader.value(31));
    }

    @Test
    void aReaderOfNothing() {
        assertEquals(ReturnCode.NOT_OPEN, reader.walk(visitor));
        assertEquals(List.of(), met);
    }

    @Test
    @Tag("allocation")
    void walksAllocateNothing() {
        int sum = region.claimAggregate(type, "sum");
        claim("x", sum, 1);
        assertEquals(0, reader.wrap(region.buffer()));
        long[] totals = new long[3];
        BlockVisitor adding = new BlockVisitor() {
            @Override
            public void onBegin() {
                totals[0] = 0;
            }

            @Override
            public void onBlock(MetricsReader at, int state) {
                at.addTo(totals, true);
            }
        };
        Allocation.assertNone("walk", 10_000, 10_000, () -> reader.walk(adding));
        assertEquals(1, totals[0]);
    }
}
