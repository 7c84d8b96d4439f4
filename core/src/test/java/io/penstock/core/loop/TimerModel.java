package io.penstock.core.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.core.ReturnCode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/**
 * Drives timers and a list of expected timers by the same random calls. Times are counted from the
 * start, so that the model does not wrap where the clock does.
 */
final class TimerModel {
    private static final int TIMERS = 9;
    private static final int LIMIT = 6;
    private static final int SPAN = 40;

    private record Pending(int timer, long at, long sequence, long period) {
    }

    private final VirtualTime time = new VirtualTime();
    private final long base;
    private final Random random;
    private final EventLoop loop;
    private final Timer[] timers = new Timer[TIMERS];
    private final List<Pending> pending = new ArrayList<>();
    private final List<Integer> expected = new ArrayList<>();
    private final List<Integer> fired = new ArrayList<>();
    private long now;
    private long sequence;
    private int[] reactions; // by timer: what it does when it fires, on both sides

    TimerModel(long base, Random random) {
        this.base = base;
        this.random = random;
        time.nowNs = base;
        loop = new EventLoop(new LoopConfig()
                .handles(1).timers(LIMIT).clock(time).posix(time.posix));
        assertEquals(0, loop.open());
        for (int i = 0; i < TIMERS; i++) {
            int number = i;
            timers[i] = new Timer(loop, timer -> {
                fired.add(number);
                react(number, true);
            });
        }
    }

    void run(int steps) {
        for (int i = 0; i < steps; i++) {
            act(random.nextInt(TIMERS));
            for (int t = 0; t < TIMERS; t++) {
                assertEquals(find(t) != null, timers[t].isPending(), "timer " + t);
            }
        }
        loop.close();
    }

    private void act(int timer) {
        switch (random.nextInt(6)) {
            case 0 -> start(timer, random.nextInt(SPAN), 0, true);
            case 1 -> start(timer, random.nextInt(SPAN), 1 + random.nextInt(SPAN), true);
            case 2 -> startAt(timer, now - SPAN / 2 + random.nextInt(SPAN));
            case 3 -> assertEquals(cancel(timer), timers[timer].cancel());
            default -> turn(random.nextInt(SPAN));
        }
    }

    private void start(int timer, int delay, long period, boolean isReal) {
        int rc = add(timer, now + delay, period);
        if (isReal) {
            assertEquals(rc, startReal(timer, delay, period));
        }
    }

    private int startReal(int timer, int delay, long period) {
        return period == 0 ? timers[timer].start(delay) : timers[timer].start(delay, period);
    }

    private void startAt(int timer, long at) {
        assertEquals(add(timer, Math.max(now, at), 0), timers[timer].startAt(base + at));
    }

    private int add(int timer, long at, long period) {
        cancel(timer);
        if (pending.size() == LIMIT) {
            return ReturnCode.TIMERS_EXHAUSTED;
        }
        pending.add(new Pending(timer, at, sequence++, period));
        return 0;
    }

    private int cancel(int timer) {
        return pending.removeIf(p -> p.timer == timer) ? 1 : 0;
    }

    private Pending find(int timer) {
        return pending.stream().filter(p -> p.timer == timer).findAny().orElse(null);
    }

    private void turn(int advance) {
        now += advance;
        time.nowNs += advance;
        reactions = random.ints(TIMERS, 0, 12).toArray();
        expected.clear();
        fired.clear();
        expectTurn();
        assertEquals(expected.size(), loop.runOnce(0));
        assertEquals(expected, fired);
    }

    /** Every due timer fires once, in order; timers started meanwhile wait for the next turn. */
    private void expectTurn() {
        long limit = sequence;
        Pending first;
        while ((first = pending.stream().min(
                Comparator.comparingLong(Pending::at).thenComparingLong(Pending::sequence))
                .orElse(null)) != null && first.at <= now && first.sequence < limit) {
            pending.remove(first);
            expected.add(first.timer);
            if (first.period > 0) {
                long next = first.at;
                while (next <= now) {
                    next += first.period;
                }
                pending.add(new Pending(first.timer, next, sequence++, first.period));
            }
            react(first.timer, false);
        }
    }

    private void react(int timer, boolean isReal) {
        int other = (timer * 5 + reactions[timer]) % TIMERS;
        switch (reactions[timer]) {
            case 0 -> again(timer, 0, isReal);
            case 1 -> again(other, 0, isReal);
            case 2 -> again(other, 3, isReal);
            case 3 -> {
                if (isReal) {
                    timers[other].cancel();
                } else {
                    cancel(other);
                }
            }
            default -> { }
        }
    }

    private void again(int timer, int delay, boolean isReal) {
        if (isReal) {
            startReal(timer, delay, 0);
        } else {
            start(timer, delay, 0, false);
        }
    }
}
