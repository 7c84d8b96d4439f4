package io.penstock.simulation;

import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import org.agrona.concurrent.NanoClock;

/**
 * Where a loop runs. Its clock is the world's, but that it stands still while the machine is
 * suspended, as CLOCK_MONOTONIC does; in one that is only stopped (a debugger, a hypervisor, a
 * long collection) it goes on.
 */
final class Machine implements NanoClock {
    private final World world;
    final EventLoop loop;
    boolean isIdle; // it has had its turn since something happened last, and nothing to do
    private long suspendedNs;
    private long leastNs = Long.MIN_VALUE;
    private long awakeNs = Long.MIN_VALUE;

    Machine(World world, LoopConfig config) {
        this.world = world;
        loop = new EventLoop(config.clock(this));
    }

    @Override
    public long nanoTime() {
        return Math.max(leastNs, world.nanoTime() - suspendedNs);
    }

    boolean isAwake() {
        return world.nanoTime() >= awakeNs;
    }

    void stop(long ns) {
        awakeNs = world.nanoTime() + ns;
    }

    void suspend(long ns) {
        leastNs = nanoTime();
        suspendedNs += ns;
        stop(ns);
    }

    /** When it has something to do by itself, in the world's time. */
    long nextNs() {
        if (!isAwake()) {
            return awakeNs;
        }
        long deadlineNs = loop.nextDeadlineNs();
        return deadlineNs == EventLoop.NO_LIMIT ? Long.MAX_VALUE
                : Math.max(world.nanoTime(), deadlineNs + suspendedNs);
    }
}
