package io.penstock.core.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.core.loop.Handle;
import io.penstock.core.sys.Posix;
import java.util.concurrent.atomic.LongAdder;

/**
 * Owners of counters, who count as code does that has something to count: by a method of the object
 * that holds the counter, many times before they are left.
 */
final class Owners {
    /** How often each of them counts; a compiler cannot sum any of them up. */
    static final int TIMES = 64;

    private Owners() {
    }

    /** A handle, as streams and sockets are. */
    static final class ByHandle extends Handle {
        ByHandle() {
            super(Posix.system(), StreamMetrics.TYPE, "counted");
            metrics(new MetricsRegion(4), MetricsRegion.NO_AGGREGATE);
            if (attach(-1, true) < 0) {
                throw new IllegalStateException("no block");
            }
        }

        void one() {
            for (int i = 0; i < TIMES; i++) {
                add(StreamMetrics.WRITES_OFFSET, 1);
            }
        }

        void three() {
            for (int i = 0; i < TIMES; i++) {
                add(StreamMetrics.WRITES_OFFSET, 1);
                add(StreamMetrics.WRITTEN_BYTES_OFFSET, TIMES);
                add(StreamMetrics.FULL_OFFSET, 1);
            }
        }

        @Override
        protected void onRun() {
        }

        @Override
        protected void onClosed(int code) {
        }
    }

    /** The JDK's. */
    static final class ByAdder {
        private final LongAdder writes = new LongAdder();
        private final LongAdder bytes = new LongAdder();
        private final LongAdder full = new LongAdder();

        void one() {
            for (int i = 0; i < TIMES; i++) {
                writes.increment();
            }
        }

        void three() {
            for (int i = 0; i < TIMES; i++) {
                writes.increment();
                bytes.add(TIMES);
                full.increment();
            }
        }
    }

    /** Micrometer's, of whichever registry. */
    static final class ByMeter {
        private final Counter writes;
        private final Counter bytes;
        private final Counter full;

        ByMeter(MeterRegistry registry) {
            writes = registry.counter("writes");
            bytes = registry.counter("bytes");
            full = registry.counter("full");
        }

        void one() {
            for (int i = 0; i < TIMES; i++) {
                writes.increment();
            }
        }

        void three() {
            for (int i = 0; i < TIMES; i++) {
                writes.increment();
                bytes.increment(TIMES);
                full.increment();
            }
        }
    }
}
