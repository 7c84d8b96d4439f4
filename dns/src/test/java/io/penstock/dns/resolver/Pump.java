package io.penstock.dns.resolver;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.loop.EventLoop;
import io.penstock.core.testing.Thrown;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Runs a loop until something has happened, or for a number of turns, or for a time. */
final class Pump {
    private static final long STEP_NS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(10);

    private Pump() {
    }

    /** Fails the test if the condition does not become true in time. Allocates nothing itself. */
    static void until(EventLoop loop, BooleanSupplier condition) {
        long end = System.nanoTime() + LIMIT_NS;
        while (!condition.getAsBoolean() && System.nanoTime() < end) {
            assertTrue(loop.runOnce(STEP_NS) >= 0);
        }
        assertTrue(condition.getAsBoolean(), "did not happen");
    }

    /** Like {@link #until(EventLoop, BooleanSupplier)} where handlers throw out of the loop. */
    static void until(EventLoop loop, BooleanSupplier condition, List<Throwable> caught) {
        boolean isOver = false;
        while (!isOver) {
            try {
                until(loop, condition);
                isOver = true;
            } catch (Thrown t) {
                caught.add(t);
            }
        }
    }

    static void turns(EventLoop loop, int n) {
        for (int i = 0; i < n; i++) {
            assertTrue(loop.runOnce(0) >= 0);
        }
    }

    static void forNs(EventLoop loop, long ns) {
        long end = System.nanoTime() + ns;
        while (System.nanoTime() < end) {
            assertTrue(loop.runOnce(STEP_NS / 10) >= 0);
        }
    }
}
