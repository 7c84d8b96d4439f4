package io.penstock.races;

import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.metrics.MetricsRegion;

/** A loop over a kernel of its own, as small as can be: there are many. */
class LoopState {
    private static final long TIMEOUT_NS = 1_000_000_000L;

    static final int RUN = 0;
    static final int WOKEN = 1; // or will be at once
    static final int AWAKE = 2; // it did not sleep, and its next turn sees what there is
    static final int LOST = 3; // it sleeps, and nobody wakes it

    final CountingPosix posix = new CountingPosix();
    final EventLoop loop = new EventLoop(new LoopConfig().handles(1).timers(1).tasks(2)
            .readBufferBytes(64).metrics(new MetricsRegion(4, 384)).posix(posix)
            .clock(() -> 0));
    int ran; // tasks, in the loop's thread

    LoopState() {
        if (loop.open() < 0) {
            throw new IllegalStateException();
        }
        posix.wakeUps.set(0);
        posix.others = 1;
    }

    final void turn() {
        loop.runOnce(TIMEOUT_NS);
    }

    /** The other thread has done what it does. */
    final void done() {
        posix.others = 0;
    }

    final int outcome() {
        return ran > 0 ? RUN : posix.wakeUps.get() > 0 ? WOKEN : posix.sleeps ? LOST : AWAKE;
    }
}
