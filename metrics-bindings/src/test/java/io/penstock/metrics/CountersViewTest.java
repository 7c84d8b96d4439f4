package io.penstock.metrics;

import static io.penstock.core.metrics.MetricsRegion.NO_AGGREGATE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.penstock.core.ReturnCode;
import io.penstock.core.metrics.MetricsReader;
import io.penstock.core.metrics.MetricsRegion;
import io.penstock.core.metrics.MetricsType;
import io.penstock.core.testing.Allocation;
import io.penstock.metrics.agrona.CountersView;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import org.agrona.concurrent.status.CountersReader;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Agrona's own reader finds a region's blocks. */
class CountersViewTest {
    private static final MetricsType TYPE = MetricsType.named("test")
            .counter("count", "{call}").gauge("held", "By").maximum("most", "ns").build();

    private final MetricsRegion region = new MetricsRegion(4);
    private final MetricsReader reader = new MetricsReader();
    private final int type = region.register(TYPE);

    @Test
    void misuseThrowsAtConstruction() {
        assertThrows(NullPointerException.class, () -> new CountersView(null, 1));
        assertThrows(IllegalArgumentException.class,
                () -> new CountersView(new MetricsReader(), -1));
    }

    @Test
    void aReaderOfNothingSaysSo() {
        assertEquals(ReturnCode.NOT_OPEN, new CountersView(reader, 1).refresh());
    }

    @Test
    void agronaReadsIt() {
        assertEquals(0, reader.wrap(region.buffer()));
        int block = region.claim(type, "handle", NO_AGGREGATE);
        put(block, 1, 2, 3);
        CountersView view = new CountersView(reader, 5);
        assertEquals(3, view.refresh());
        CountersReader counters = new CountersReader(view.metadata(), view.values());
        StringBuilder seen = new StringBuilder();
        counters.forEach((value, id, label) ->
                seen.append(label).append('=').append(value).append(' '));
        assertEquals("test.count: handle=1 test.held: handle=2 test.most: handle=3 ",
                seen.toString());
        assertEquals(1, counters.getCounterRegistrationId(0));
        assertEquals(block, counters.getCounterOwnerId(2));
        assertEquals(2, counters.getCounterReferenceId(2));
        put(block, 4, 5, 6);
        int other = region.claim(type, "other", NO_AGGREGATE);
        assertEquals(ReturnCode.METRICS_EXHAUSTED, view.refresh());
        assertEquals(5, counters.getCounterValue(1));
        assertEquals("test.held: other", counters.getCounterLabel(4));
        assertEquals(0, region.close(block));
        assertEquals(3, view.refresh());
        assertEquals("test.count: other", counters.getCounterLabel(0));
        assertEquals(CountersReader.RECORD_UNUSED, counters.getCounterState(3));
        assertEquals(0, region.close(other));
        assertEquals(0, view.refresh());
    }

    @Test
    void aFileCutShortUnderItsReaderIsACode(@TempDir Path directory) throws IOException {
        String file = directory.resolve("region").toString();
        assertEquals(0, region.open(file));
        region.claim(type, "x", NO_AGGREGATE);
        assertEquals(0, region.close());
        assertEquals(0, reader.open(file));
        CountersView view = new CountersView(reader, 16);
        assertEquals(3, view.refresh());
        try (RandomAccessFile cut = new RandomAccessFile(file, "rw")) {
            cut.setLength(0);
        }
        assertEquals(ReturnCode.REGION_TRUNCATED, view.refresh());
        assertEquals(0, reader.close());
    }

    @Test
    @Tag("allocation")
    void refreshingAllocatesNothing() {
        int aggregate = region.claimAggregate(type, "all");
        region.claim(type, "still", aggregate);
        assertEquals(0, reader.wrap(region.buffer()));
        CountersView view = new CountersView(reader, 20);
        Allocation.assertNone("view", 1_000, 500, view::refresh);
        assertEquals(6, view.refresh());
    }

    private void put(int block, long count, long held, long most) {
        int at = region.countersOffset(block);
        region.buffer().putLongOpaque(at, count);
        region.buffer().putLongOpaque(at + 8, held);
        region.buffer().putLongOpaque(at + 16, most);
    }
}
