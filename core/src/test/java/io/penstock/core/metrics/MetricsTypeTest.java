package io.penstock.core.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.penstock.core.buffer.NativeBuffer;
import org.junit.jupiter.api.Test;

class MetricsTypeTest {
    private static final MetricsType TYPE = MetricsType.named("cache")
            .counter("hits", "{hit}").gauge("held_bytes", "By").maximum("wait_max", "ns").build();

    @Test
    void knowsItsFields() {
        assertEquals("cache", TYPE.name());
        assertEquals(3, TYPE.fields());
        assertEquals("held_bytes", TYPE.field(1));
        assertEquals("ns", TYPE.unit(2));
        assertEquals(MetricsType.Kind.COUNTER, TYPE.kind(0));
        assertEquals(MetricsType.Kind.GAUGE, TYPE.kind(1));
        assertEquals(MetricsType.Kind.MAXIMUM, TYPE.kind(2));
        assertEquals(16, TYPE.offset("wait_max"));
        assertEquals(-1, TYPE.indexOf("misses"));
        assertThrows(IllegalArgumentException.class, () -> TYPE.offset("misses"));
    }

    @Test
    void refusesNamesThatATableCannotHold() {
        for (String name : new String[] {"", "x".repeat(41), "caf\u00e9", "a\nb"}) {
            assertThrows(IllegalArgumentException.class, () -> MetricsType.named(name));
        }
        MetricsType.Builder builder = MetricsType.named("a");
        assertThrows(IllegalArgumentException.class, builder::build);
        assertThrows(IllegalArgumentException.class, () -> builder.counter("b", "x".repeat(21)));
    }

    @Test
    void survivesATable() {
        MetricsType widest = MetricsType.named("n".repeat(40))
                .maximum("f".repeat(40), "u".repeat(20)).gauge("g", "By").build();
        NativeBuffer table = NativeBuffer.allocate(512);
        TYPE.write(table, 0);
        widest.write(table, 256);
        assertEquals(TYPE, MetricsType.read(table, 0, 3));
        assertEquals(widest, MetricsType.read(table, 256, 3));
        assertNotEquals(TYPE, widest);
        assertNull(MetricsType.read(table, 0, 2), "more fields than there is room for");
        table.putByte(64, (byte) 3);
        assertNull(MetricsType.read(table, 0, 3), "a kind that is none");
        table.putByte(64, (byte) 0);
        table.putByte(64 + 1, (byte) -1);
        assertNull(MetricsType.read(table, 0, 3), "a length below 0");
        table.putByte(64 + 1, (byte) 41);
        assertNull(MetricsType.read(table, 0, 3), "a length beyond its place");
    }

    @Test
    void offsetsAreThoseOfTheTypes() throws ReflectiveOperationException {
        assertOffsets(StreamMetrics.class, StreamMetrics.TYPE, 17);
        assertOffsets(ListenerMetrics.class, ListenerMetrics.TYPE, 5);
        assertOffsets(LoopMetrics.class, LoopMetrics.TYPE, 12);
        assertOffsets(DialerMetrics.class, DialerMetrics.TYPE, 5);
    }

    private static void assertOffsets(Class<?> constants, MetricsType type, int fields)
            throws ReflectiveOperationException {
        assertEquals(fields, type.fields());
        for (int i = 0; i < fields; i++) {
            String name = type.field(i).toUpperCase(java.util.Locale.ROOT) + "_OFFSET";
            assertEquals(type.offset(type.field(i)), constants.getField(name).getInt(null), name);
        }
    }
}
