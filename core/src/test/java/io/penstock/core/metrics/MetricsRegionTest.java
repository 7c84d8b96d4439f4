package io.penstock.core.metrics;

import static io.penstock.core.metrics.MetricsRegion.NO_AGGREGATE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Errno;
import io.penstock.core.testing.Allocation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class MetricsRegionTest {
    static final MetricsType TYPE = MetricsType.named("test")
            .counter("count", "{call}").gauge("held", "By").maximum("most", "ns").build();

    private final MetricsRegion region = new MetricsRegion(4);
    private final MetricsReader reader = new MetricsReader();
    private final int type = region.register(TYPE);
    private final long[] totals = new long[3];

    @Test
    void describesItself() {
        assertEquals(1, region.register(StreamMetrics.TYPE));
        assertEquals(0, reader.wrap(region.buffer()));
        assertEquals(4, reader.blocks());
        assertEquals(2, reader.types());
        assertEquals(TYPE, reader.type(0));
        assertEquals(StreamMetrics.TYPE, reader.type(1));
        assertTrue(reader.isOwnerAlive());
        assertFalse(reader.isRecreated());
        assertEquals(0, reader.pid());
        assertEquals(0, reader.startTimeMs());
        assertEquals("", reader.bootId());
        assertEquals(ReturnCode.ALREADY_OPEN, reader.wrap(region.buffer()));
        assertEquals(0, reader.close());
        assertEquals(ReturnCode.NOT_OPEN, reader.close());
        assertFalse(reader.isOwnerAlive());
    }

    @Test
    void aReaderOfNothingSaysSo() {
        assertEquals(ReturnCode.NOT_OPEN, reader.read(0));
        assertEquals(ReturnCode.NOT_OPEN, reader.types());
        assertEquals(ReturnCode.NOT_OPEN, reader.total(0, NO_AGGREGATE, totals));
        assertFalse(reader.isRecreated());
    }

    @Test
    void blocksAreAlignedWordsAndLines() {
        assertEquals(0, region.countersOffset(0) % 128);
        assertEquals(384, region.countersOffset(1) - region.countersOffset(0));
        assertEquals(0, region.buffer().addressOffset() % 64);
        assertEquals(region.countersOffset(3) + 256, region.buffer().capacity());
        assertThrows(IllegalArgumentException.class, () -> new MetricsRegion(1, 192));
        assertThrows(IllegalArgumentException.class, () -> new MetricsRegion(1, 128));
        assertThrows(IllegalArgumentException.class, () -> new MetricsRegion(0));
        assertThrows(IndexOutOfBoundsException.class, () -> region.countersOffset(4));
    }

    @Test
    void typesAreAppendedAndLimited() {
        assertEquals(type, region.register(MetricsType.named("test").counter("count", "{call}")
                .gauge("held", "By").maximum("most", "ns").build()), "the same again");
        assertEquals(0, reader.wrap(region.buffer()));
        assertEquals(1, reader.types());
        for (int i = 1; i < MetricsRegion.MAX_TYPES; i++) {
            assertEquals(i, region.register(MetricsType.named("t" + i).gauge("g", "By").build()));
        }
        assertEquals(ReturnCode.TYPES_EXHAUSTED,
                region.register(MetricsType.named("more").gauge("g", "By").build()));
        assertEquals(MetricsRegion.MAX_TYPES, reader.types());
        assertEquals("t31", reader.type(31).name());
        MetricsRegion small = new MetricsRegion(1, 256);
        assertEquals(0, small.register(wide(16)), "16 words fit exactly");
        assertEquals(ReturnCode.BLOCK_TOO_SMALL, small.register(wide(17)));
    }

    private static MetricsType wide(int fields) {
        MetricsType.Builder wide = MetricsType.named("wide");
        for (int i = 0; i < fields; i++) {
            wide.counter("c" + i, "1");
        }
        return wide.build();
    }

    @Test
    void aBlockLivesAndStaysReadableClosed() {
        assertEquals(0, reader.wrap(region.buffer()));
        assertEquals(MetricsReader.FREE, reader.read(0));
        int block = region.claim(type, "a handle", NO_AGGREGATE);
        assertEquals(0, block);
        put(block, 7, 8, 9);
        assertEquals(MetricsReader.LIVE, reader.read(block));
        assertBlock(block, 1, "a handle", 7, 8, 9);
        assertEquals(NO_AGGREGATE, reader.aggregate());
        assertEquals(0, region.close(block));
        assertEquals(ReturnCode.CLOSED, region.close(block));
        assertEquals(MetricsReader.CLOSED, reader.read(block));
        assertBlock(block, 1, "a handle", 7, 8, 9);
        assertEquals(7, reader.counters().getLong(reader.countersOffset()));
    }

    @Test
    void reuseIsOldestFirstWithANewGenerationAndZeroedWords() {
        assertEquals(0, reader.wrap(region.buffer()));
        int[] blocks = new int[4];
        for (int i = 0; i < 4; i++) {
            blocks[i] = region.claim(type, "first " + i, NO_AGGREGATE);
            put(blocks[i], i + 1, i + 1, i + 1);
        }
        assertEquals(ReturnCode.METRICS_EXHAUSTED, region.claim(type, "none", NO_AGGREGATE));
        for (int i : new int[] {2, 0, 3}) {
            assertEquals(0, region.close(blocks[i]));
        }
        for (int i : new int[] {2, 0, 3}) {
            int block = region.claim(type, "second", NO_AGGREGATE);
            assertEquals(blocks[i], block);
            assertEquals(MetricsReader.LIVE, reader.read(block));
            assertBlock(block, 2, "second", 0, 0, 0);
        }
    }

    @Test
    void labelsAreCutAndPrintable() {
        assertEquals(0, reader.wrap(region.buffer()));
        assertEquals(MetricsReader.LIVE,
                reader.read(region.claim(type, "caf\u00e9\t\n~ \u007f", NO_AGGREGATE)));
        assertEquals("caf???~ ?", reader.appendLabel(new StringBuilder()).toString());
        assertEquals(MetricsReader.LIVE,
                reader.read(region.claim(type, "x".repeat(1000), NO_AGGREGATE)));
        assertEquals("x".repeat(92), reader.appendLabel(new StringBuilder()).toString());
        assertEquals(MetricsReader.LIVE, reader.read(region.claim(type, "", NO_AGGREGATE)));
        assertEquals("", reader.appendLabel(new StringBuilder()).toString());
    }

    @Test
    void closingFoldsIntoTheAggregate() {
        assertEquals(0, reader.wrap(region.buffer()));
        int aggregate = region.claimAggregate(type, "all");
        int first = region.claim(type, "first", aggregate);
        int second = region.claim(type, "second", aggregate);
        put(first, 10, 100, 5);
        put(second, 1, 1, 3);
        assertTotals(2, aggregate, 11, 101, 5);
        assertEquals(-Errno.EBUSY, region.close(aggregate));
        assertEquals(0, region.close(first));
        assertEquals(MetricsReader.LIVE, reader.read(aggregate));
        assertBlock(aggregate, 1, "all", 10, 0, 5);
        assertEquals(aggregate, reader.aggregate());
        assertTotals(1, aggregate, 11, 1, 5);
        assertEquals(0, region.close(second));
        assertTotals(0, aggregate, 11, 0, 5);
        assertEquals(0, region.close(aggregate));
        assertTotals(0, aggregate, 11, 0, 5);
    }

    @Test
    void totalsAreOfATypeOrOfOneAggregate() {
        assertEquals(0, reader.wrap(region.buffer()));
        int other = region.register(StreamMetrics.TYPE);
        int aggregate = region.claimAggregate(type, "all");
        int inside = region.claim(type, "inside", aggregate);
        int outside = region.claim(type, "outside", NO_AGGREGATE);
        put(inside, 1, 2, 3);
        put(outside, 10, 20, 30);
        assertEquals(2, reader.total(type, NO_AGGREGATE, totals));
        assertEquals(11, totals[0]);
        assertTotals(1, aggregate, 1, 2, 3);
        assertEquals(0, reader.total(other, NO_AGGREGATE,
                new long[StreamMetrics.TYPE.fields()]));
        assertEquals(ReturnCode.BAD_ARGUMENT, reader.total(2, NO_AGGREGATE, totals));
        assertEquals(ReturnCode.BAD_ARGUMENT, reader.total(-1, NO_AGGREGATE, totals));
        assertEquals(-1, reader.typeId(), "a total leaves no block behind");
        assertEquals(0, region.close(outside));
        assertEquals(1, reader.total(type, NO_AGGREGATE, totals));
        assertEquals(1, totals[0], "what folds into nothing is in no total once closed");
    }

    @Test
    void claimsOfWhatIsNotThereAreRefused() {
        int plain = region.claim(type, "plain", NO_AGGREGATE);
        int other = region.register(StreamMetrics.TYPE);
        int aggregate = region.claimAggregate(type, "all");
        assertEquals(ReturnCode.BAD_ARGUMENT, region.claim(type, "x", plain));
        assertEquals(ReturnCode.BAD_ARGUMENT, region.claim(other, "x", aggregate));
        assertEquals(ReturnCode.BAD_ARGUMENT, region.claim(type, "x", 4));
        assertEquals(ReturnCode.BAD_ARGUMENT,
                region.claim(type, "x", ReturnCode.METRICS_EXHAUSTED));
        assertEquals(ReturnCode.BAD_ARGUMENT, region.claim(2, "x", NO_AGGREGATE));
        assertEquals(ReturnCode.BAD_ARGUMENT, region.claimAggregate(-1, "x"));
        assertEquals(0, region.close(aggregate));
        assertEquals(ReturnCode.BAD_ARGUMENT, region.claim(type, "x", aggregate));
    }

    @Test
    void aClosedRegionTakesNothingNewButCountsOn() {
        int aggregate = region.claimAggregate(type, "all");
        int block = region.claim(type, "late", aggregate);
        assertEquals(0, region.close());
        assertEquals(ReturnCode.CLOSED, region.close());
        assertEquals(ReturnCode.CLOSED, region.claim(type, "x", NO_AGGREGATE));
        assertEquals(ReturnCode.CLOSED, region.register(StreamMetrics.TYPE));
        assertEquals(ReturnCode.CLOSED, region.open("/nowhere"));
        put(block, 1, 1, 1);
        assertEquals(0, region.close(block));
        assertEquals(0, reader.wrap(region.buffer()));
        assertTotals(0, aggregate, 1, 0, 1);
    }

    @Test
    void aBlockThatDoesNotStandStillIsLeft() {
        assertEquals(0, reader.wrap(region.buffer()));
        int aggregate = region.claimAggregate(type, "all");
        int block = region.claim(type, "x", NO_AGGREGATE);
        int sequence = region.countersOffset(aggregate) - MetricsRegion.COUNTERS_OFFSET
                + MetricsRegion.SEQUENCE_OFFSET;
        region.buffer().putLong(sequence, 1); // as during a fold
        assertEquals(ReturnCode.BLOCK_CHANGED, reader.read(aggregate));
        assertEquals(-1, reader.typeId());
        assertEquals(ReturnCode.BLOCK_CHANGED, reader.total(type, NO_AGGREGATE, totals));
        region.buffer().putLong(sequence, 2);
        assertEquals(1, reader.total(type, NO_AGGREGATE, totals));
        int head = region.countersOffset(block) - MetricsRegion.COUNTERS_OFFSET;
        region.buffer().putLong(head, 2 << 8 | MetricsReader.CLAIMED); // as during a claim
        assertEquals(MetricsReader.CLAIMED, reader.read(block));
        assertEquals(-1, reader.typeId());
        assertEquals(0, reader.total(type, NO_AGGREGATE, totals));
    }

    @Test
    void aCopyCanBeRead() {
        region.claim(type, "x", NO_AGGREGATE);
        NativeBuffer copy = NativeBuffer.allocate(region.buffer().capacity());
        copy.putBytes(0, region.buffer(), 0, copy.capacity());
        assertEquals(0, reader.wrap(copy));
        assertEquals(MetricsReader.LIVE, reader.read(0));
    }

    @Test
    @Tag("allocation")
    void allocatesNothing() {
        int aggregate = region.claimAggregate(type, "all");
        int still = region.claim(type, "still", aggregate);
        int at = region.countersOffset(still);
        assertEquals(0, reader.wrap(region.buffer()));
        StringBuilder label = new StringBuilder(100);
        Allocation.assertNone("claim and close", 4_000, 2_000,
                () -> region.close(region.claim(type, "a label", aggregate)));
        Allocation.assertNone("increment", 4_000, 2_000,
                () -> region.buffer().addLongOpaque(at, 1));
        Allocation.assertNone("read", 4_000, 2_000, () -> {
            reader.read(still);
            label.setLength(0);
            reader.appendLabel(label);
            reader.value(0);
            reader.types();
        });
        Allocation.assertNone("total", 2_000, 1_000,
                () -> reader.total(type, NO_AGGREGATE, totals));
        assertEquals(MetricsReader.LIVE, reader.read(still));
        assertTrue(reader.value(0) >= 6_000);
    }

    private void put(int block, long count, long held, long most) {
        int at = region.countersOffset(block);
        region.buffer().putLongOpaque(at, count);
        region.buffer().putLongOpaque(at + 8, held);
        region.buffer().putLongOpaque(at + 16, most);
    }

    private void assertBlock(
            int block, long generation, String label, long count, long held, long most) {
        assertEquals(block, reader.block());
        assertEquals(generation, reader.generation());
        assertEquals(type, reader.typeId());
        assertEquals(label, reader.appendLabel(new StringBuilder()).toString());
        assertEquals(count, reader.value(0));
        assertEquals(held, reader.value(1));
        assertEquals(most, reader.value(2));
    }

    private void assertTotals(int live, int aggregate, long count, long held, long most) {
        assertEquals(live, reader.total(type, aggregate, totals));
        assertEquals(count, totals[0]);
        assertEquals(held, totals[1]);
        assertEquals(most, totals[2]);
    }
}
