package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.loop.EventLoop;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Turns a loop until something has happened, for tests and programs that are no fixture. */
final class Pump {
    private static final int MAX_TURNS = 5_000;
    private static final long STEP_NS = TimeUnit.MILLISECONDS.toNanos(2);

    private Pump() {
    }

    /** Turns until a condition holds, which it must. */
    static void until(EventLoop loop, BooleanSupplier isDone) {
        for (int i = 0; !isDone.getAsBoolean(); i++) {
            turn(loop, i);
        }
    }

    /** Turns a loop that waits for something, for the i-th time from 0. It allocates nothing. */
    static void turn(EventLoop loop, int i) {
        assertTrue(i < MAX_TURNS, "did not happen");
        int rc = loop.runOnce(STEP_NS);
        assertTrue(rc >= 0, rc < 0 ? ReturnCode.describe(rc) : null);
    }
}
