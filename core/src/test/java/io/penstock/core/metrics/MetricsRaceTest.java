package io.penstock.core.metrics;

import static io.penstock.core.metrics.MetricsRegion.NO_AGGREGATE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A reader runs beside threads that claim, write and close as fast as they can. */
class MetricsRaceTest {
    private static final int FIELDS = 16;
    private static final long RACE_NS = 1_000_000_000L;
    private static final MetricsType TYPE = type();

    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    private static MetricsType type() {
        MetricsType.Builder builder = MetricsType.named("race");
        for (int i = 0; i < FIELDS; i++) {
            builder.counter("c" + i, "1");
        }
        return builder.build();
    }

    @Test
    void noBlockIsTorn() throws InterruptedException {
        MetricsRegion region = new MetricsRegion(3);
        int type = region.register(TYPE);
        MetricsReader reader = new MetricsReader();
        assertEquals(0, reader.wrap(region.buffer()));
        long[] generations = new long[3];
        Thread writer = start(() -> {
            int block = region.claim(type, "x", NO_AGGREGATE);
            long mark = ++generations[block] << 32;
            for (int round = 1; round <= 20; round++) {
                for (int i = 0; i < FIELDS; i++) {
                    region.buffer().putLongOpaque(
                            region.countersOffset(block) + i * 8, mark | round);
                }
            }
            region.close(block);
        });
        long live = 0;
        long closed = 0;
        StringBuilder label = new StringBuilder();
        for (long end = System.nanoTime() + RACE_NS; System.nanoTime() < end;) {
            int block = (int) ((live + closed) % 3);
            int state = reader.read(block);
            if (state == MetricsReader.LIVE) {
                live++;
                assertWhole(reader);
            } else if (state == MetricsReader.CLOSED) {
                closed++;
                for (int i = 0; i < FIELDS; i++) {
                    assertEquals(reader.generation() << 32 | 20, reader.value(i));
                }
            } else if (state != ReturnCode.BLOCK_CHANGED) {
                assertTrue(state >= 0, () -> ReturnCode.describe(state));
                Thread.onSpinWait();
            }
            if (state >= MetricsReader.LIVE) {
                label.setLength(0);
                assertEquals("x", reader.appendLabel(label).toString());
                assertEquals(type, reader.typeId());
            }
        }
        end(writer);
        assertTrue(live > 100 && closed > 100, live + " live, " + closed + " closed");
    }

    private static void assertWhole(MetricsReader reader) {
        for (int i = 0; i < FIELDS; i++) {
            long value = reader.value(i);
            assertTrue(value == 0 || value >>> 32 == reader.generation(),
                    () -> "generation " + reader.generation() + " holds " + (value >>> 32));
        }
    }

    /** With few blocks reuse overtakes a scan, which returns a code; with many it never does. */
    @ParameterizedTest
    @ValueSource(ints = {8, 256})
    void totalsNeverFallAndMissNothing(int blocks) throws InterruptedException {
        MetricsRegion region = new MetricsRegion(blocks);
        int type = region.register(TYPE);
        int[] aggregates = {region.claimAggregate(type, "a"), region.claimAggregate(type, "b")};
        long[] written = new long[2];
        Thread[] writers = new Thread[2];
        for (int i = 0; i < 2; i++) {
            int which = i;
            writers[i] = start(() -> {
                int block = region.claim(type, "x", aggregates[which]);
                for (int round = 0; round < 3; round++) {
                    for (int field = 0; field < FIELDS; field++) {
                        region.buffer().addLongOpaque(region.countersOffset(block) + field * 8, 1);
                    }
                }
                written[which] += 3;
                region.close(block);
            });
        }
        MetricsReader reader = new MetricsReader();
        assertEquals(0, reader.wrap(region.buffer()));
        long[] before = new long[FIELDS];
        long[] now = new long[FIELDS];
        int good = 0;
        for (long end = System.nanoTime() + RACE_NS; System.nanoTime() < end;) {
            int rc = reader.total(type, NO_AGGREGATE, now);
            assertTrue(rc >= 0 || rc == ReturnCode.BLOCK_CHANGED, () -> ReturnCode.describe(rc));
            if (rc >= 0) {
                good++;
                for (int i = 0; i < FIELDS; i++) {
                    assertTrue(now[i] >= before[i], now[i] + " after " + before[i]);
                    before[i] = now[i];
                }
            }
            if (reader.read(aggregates[good & 1]) == MetricsReader.LIVE) {
                for (int i = 1; i < FIELDS; i++) {
                    assertEquals(reader.value(0), reader.value(i), "between two folds");
                }
            }
        }
        end(writers);
        assertTrue(good > (blocks > 8 ? 100 : 0), good + " totals");
        assertEquals(0, reader.total(type, NO_AGGREGATE, now));
        for (int i = 0; i < FIELDS; i++) {
            assertEquals(written[0] + written[1], now[i]);
        }
        assertEquals(0, reader.total(type, aggregates[1], now));
        assertEquals(written[1], now[0]);
    }

    private Thread start(Runnable turn) {
        return Thread.ofPlatform().start(() -> {
            try {
                while (!stop.get()) {
                    turn.run();
                }
            } catch (Throwable e) {
                failure.set(e);
            }
        });
    }

    private void end(Thread... threads) throws InterruptedException {
        stop.set(true);
        for (Thread thread : threads) {
            thread.join(10_000);
        }
        assertNull(failure.get());
    }
}
