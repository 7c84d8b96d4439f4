package io.penstock.simulation;

import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.metrics.LoopMetrics;
import io.penstock.core.metrics.MetricsReader;
import java.util.ArrayList;
import java.util.List;

/**
 * A world with its kernel, and machines whose loops take their turns in it in an order of its own.
 * What a program of some kind does in it, and what must then be so, its subclasses say.
 */
abstract class Scenario {
    // Four connections that read one byte at a time need half a million.
    private static final int MAX_TURNS = 4_000_000;
    private static final int MOST_READ_BYTES = 9_000;
    private static final int MOST_TURNS_TO_CLOSE = 4_000;
    private static final int MOST_MORE_DESCRIPTORS = 30;

    private static final long LONGEST_WANT_NS = 20_000_000_000L;

    final World world;
    final Faults faults;
    final SimulatedPosix kernel;
    final boolean isCalm;
    private final List<Machine> machines = new ArrayList<>();
    private final List<Machine> active = new ArrayList<>();
    boolean isCutShort; // its loops were closed in the middle

    Scenario(long seed) {
        world = new World(seed);
        isCalm = world.random.nextBoolean();
        faults = new Faults(world, isCalm);
        kernel = new SimulatedPosix(world, faults);
    }

    Machine machine() {
        return machine(64);
    }

    Machine machine(int handles) {
        Machine machine = new Machine(world, new LoopConfig().handles(handles).timers(64)
                .posix(kernel).readBufferBytes(world.upTo(MOST_READ_BYTES)));
        int rc;
        do {
            rc = machine.loop.open(); // may be refused, and is then as closed as before
        } while (rc < 0);
        machines.add(machine);
        return machine;
    }

    /** Starts what runs. */
    abstract void begin();

    /** Whether all is done that the programs want to do. */
    abstract boolean isDone();

    /** A machine has nothing to do now: what must be so whenever that is. */
    void idle(Machine machine) {
    }

    /** For who wonders why it does not end. */
    String state() {
        return "";
    }

    /** What must be so at the end, the loops being closed. */
    abstract void end();

    /** Runs it to its end. */
    final void run() {
        begin();
        if (!isCalm && world.random.nextInt(4) == 0) {
            kernel.limitFiles(kernel.openFiles() + world.random.nextInt(MOST_MORE_DESCRIPTORS));
            world.after(Math.min(LONGEST_WANT_NS, faults.longNs()),
                    () -> kernel.limitFiles(Integer.MAX_VALUE));
        }
        int last = faults.happens(Fault.LOOP_CLOSED) ? world.upTo(MOST_TURNS_TO_CLOSE) : MAX_TURNS;
        int turn = 0;
        for (; turn < last && !isDone(); turn++) {
            turn();
        }
        check(turn < MAX_TURNS, "no end in sight" + state());
        isCutShort = !isDone();
        for (Machine machine : machines) {
            machine.loop.close();
        }
        while (isCutShort && world.nextNs() != Long.MAX_VALUE) {
            world.advanceTo(world.nextNs()); // what is under way finds nobody
        }
        check(kernel.openFiles() == 0, kernel.openFiles() + " descriptors are open");
        machines.forEach(machine -> checkGivenBack(machine.loop));
        end();
    }

    /** Of one of those that may have something to do; if none may, time goes on. */
    private void turn() {
        active.clear();
        for (Machine machine : machines) {
            if (machine.isAwake() && !machine.isIdle) {
                active.add(machine);
            }
        }
        if (active.isEmpty()) {
            advance();
            return;
        }
        Machine machine = active.get(world.random.nextInt(active.size()));
        if (faults.happens(Fault.PAUSE)) {
            long ns = faults.longNs();
            leaps(machine, ns);
            machine.stop(ns);
        } else if (faults.happens(Fault.SUSPENSION)) {
            machine.suspend(faults.longNs());
        } else if (machine.loop.runOnce(0) == 0) {
            idle(machine);
            machine.isIdle = true;
        } else {
            machines.forEach(other -> other.isIdle = false); // it may have woken any of them
        }
    }

    /** To the next thing that happens, in the network or in a loop; sometimes far beyond. */
    private void advance() {
        long next = world.nextNs();
        for (Machine machine : machines) {
            next = Math.min(next, machine.nextNs());
        }
        if (next == Long.MAX_VALUE) {
            next = world.nanoTime() + 1; // readiness that is late needs another turn
        }
        long jumpNs = faults.happens(Fault.CLOCK_JUMP) ? faults.longNs() : 0;
        if (jumpNs > 0) {
            machines.forEach(machine -> leaps(machine, jumpNs));
        }
        if (faults.happens(Fault.WALL_CLOCK)) {
            world.setWallClock();
        }
        world.advanceTo(next + jumpNs);
        machines.forEach(machine -> machine.isIdle = false);
    }

    /** A machine's clock goes on by that much before its next turn. */
    void leaps(Machine machine, long ns) {
    }

    private static void checkGivenBack(EventLoop loop) {
        long handles = loop.metrics().getLong(loop.metricsOffset() + LoopMetrics.HANDLES_OFFSET);
        check(handles == 0, handles + " handles are not given back");
        MetricsReader reader = new MetricsReader();
        check(reader.wrap(loop.region().buffer()) == 0, "the metrics cannot be read");
        for (int block = 0; block < reader.blocks(); block++) {
            check(reader.read(block) != MetricsReader.LIVE, "a block of metrics is not given back");
        }
    }

    static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
