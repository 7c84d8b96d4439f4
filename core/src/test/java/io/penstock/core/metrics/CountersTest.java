package io.penstock.core.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.penstock.core.ReturnCode;
import io.penstock.core.testing.Allocation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class CountersTest {
    private static final MetricsType TYPE = MetricsType.named("acme.statsd")
            .counter("lines", "{line}").gauge("held", "By").maximum("most", "By").build();
    private static final int LINES = TYPE.offset("lines");
    private static final int HELD = TYPE.offset("held");
    private static final int MOST = TYPE.offset("most");

    private final MetricsRegion region = new MetricsRegion(1);
    private final MetricsReader reader = new MetricsReader();
    private final Counters counters = new Counters(region, TYPE, "udp");

    @Test
    void whatIsCountedIsInTheRegion() {
        assertEquals(0, reader.wrap(region.buffer()));
        assertEquals(ReturnCode.NOT_OPEN, counters.close());
        counters.add(LINES, 99); // no reader sees it
        assertEquals(0, counters.open());
        assertEquals(ReturnCode.ALREADY_OPEN, counters.open());
        assertEquals(0, counters.counter(LINES));
        counters.add(LINES, 2);
        counters.add(LINES, 3);
        counters.set(HELD, 10);
        counters.add(HELD, -4);
        counters.recordMax(MOST, 7);
        counters.recordMax(MOST, 5);
        assertEquals(MetricsReader.LIVE, reader.read(0));
        assertEquals(TYPE, reader.type(reader.typeId()));
        assertEquals("udp", reader.appendLabel(new StringBuilder()).toString());
        for (int i = 0; i < 3; i++) {
            assertEquals(new long[] {5, 6, 7}[i], reader.value(i));
        }
        assertEquals(0, counters.close());
        assertEquals(MetricsReader.CLOSED, reader.read(0));
        assertEquals(5, reader.value(0));
    }

    @Test
    void onceClosedTheyTouchNobodysBlock() {
        assertEquals(0, counters.open());
        counters.add(LINES, 5);
        assertEquals(0, counters.close());
        Counters next = new Counters(region, TYPE, "next");
        assertEquals(0, next.open());
        counters.add(LINES, 1);
        assertEquals(6, counters.counter(LINES));
        assertEquals(0, next.counter(LINES));
        assertEquals(ReturnCode.METRICS_EXHAUSTED, counters.open());
        assertEquals(0, next.close());
        assertEquals(0, counters.open());
        assertEquals(0, counters.counter(LINES));
    }

    @Test
    void whatIsNoFieldIsMisuse() {
        assertEquals(0, counters.open());
        assertThrows(IndexOutOfBoundsException.class, () -> counters.add(24, 1));
        assertThrows(IllegalArgumentException.class, () -> TYPE.offset("none"));
    }

    @Test
    void aRegionThatIsClosedIsACode() {
        assertEquals(0, region.close());
        assertEquals(ReturnCode.CLOSED, counters.open());
    }

    @Test
    @Tag("allocation")
    void countingAllocatesNothing() {
        assertEquals(0, counters.open());
        Allocation.assertNone("count", 5_000, 2_000, () -> {
            counters.add(LINES, 1);
            counters.set(HELD, 2);
            counters.recordMax(MOST, counters.counter(LINES));
        });
        Allocation.assertNone("open", 5_000, 2_000, () -> {
            counters.close();
            counters.open();
        });
    }
}
