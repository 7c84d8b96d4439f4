package io.penstock.simulation;

import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * A world with its kernel, and loops that take their turns in it in an order of its own. What a
 * program of some kind does in it, and what must then be so, its subclasses say.
 */
abstract class Scenario {
    private static final int MAX_TURNS = 400_000;
    private static final int MOST_READ_BYTES = 9_000;
    private static final long JUMP_NS = 3_600_000_000_000L;

    final World world;
    final Faults faults;
    final SimulatedPosix kernel;
    final boolean isCalm;
    private final List<EventLoop> loops = new ArrayList<>();

    Scenario(long seed) {
        world = new World(seed);
        isCalm = world.random.nextBoolean();
        faults = new Faults(world, isCalm);
        kernel = new SimulatedPosix(world, faults);
    }

    EventLoop loop() {
        EventLoop loop = new EventLoop(new LoopConfig().handles(64).timers(64).posix(kernel)
                .clock(world).readBufferBytes(world.upTo(MOST_READ_BYTES)));
        int rc;
        do {
            rc = loop.open(); // may be refused, and is then as closed as before
        } while (rc < 0);
        loops.add(loop);
        return loop;
    }

    /** Starts what runs. */
    abstract void begin();

    /** Whether all is done that the programs want to do. */
    abstract boolean isDone();

    /** What must be so at the end, the loops being closed. */
    abstract void end();

    /** Runs it to its end. */
    final void run() {
        begin();
        for (int turn = 0; !isDone(); turn++) {
            check(turn < MAX_TURNS, "no end in sight");
            EventLoop loop = loops.get(world.random.nextInt(loops.size()));
            if (loop.runOnce(0) == 0) {
                advance();
            }
        }
        for (EventLoop loop : loops) {
            loop.close();
        }
        check(kernel.openFiles() == 0, kernel.openFiles() + " descriptors are open");
        end();
    }

    /** To the next thing that happens, in the network or in a loop; sometimes far beyond. */
    private void advance() {
        long next = world.nextNs();
        for (EventLoop loop : loops) {
            next = Math.min(next, loop.nextDeadlineNs());
        }
        if (next == Long.MAX_VALUE) {
            next = world.nanoTime() + 1; // readiness that is late needs another turn
        }
        world.advanceTo(next + (world.oneIn(faults.clockJump)
                ? (long) (world.random.nextDouble() * JUMP_NS) : 0));
    }

    static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
