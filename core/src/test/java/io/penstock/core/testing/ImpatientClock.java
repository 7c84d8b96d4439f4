package io.penstock.core.testing;

import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.NanoClock;

/** The system's clock, put forward after each turn without work: who rests need not in earnest. */
public final class ImpatientClock implements NanoClock {
    private static final long STEP_NS = TimeUnit.MILLISECONDS.toNanos(10);

    private long skippedNs;

    @Override
    public long nanoTime() {
        return System.nanoTime() + skippedNs;
    }

    /**
     * After a turn.
     *
     * @param work what it answered
     */
    public void turned(int work) {
        if (work == 0) {
            skippedNs += STEP_NS;
        }
    }
}
