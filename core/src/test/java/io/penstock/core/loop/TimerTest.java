package io.penstock.core.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Timers in virtual time. */
class TimerTest {
    private static final long FAR_NS = 1L << 40;

    private final VirtualTime time = new VirtualTime();
    private final List<String> calls = new ArrayList<>();
    private EventLoop loop;

    @BeforeEach
    void open() {
        loop = new EventLoop(new LoopConfig()
                .handles(4).timers(8).clock(time).posix(time.posix));
        assertEquals(0, loop.open());
    }

    @AfterEach
    void close() {
        loop.close();
    }

    private Timer timer(String name) {
        return new Timer(loop, timer -> calls.add(name));
    }

    @Test
    void timersFireInOrderOfTheirDeadlines() {
        timer("c").start(30);
        timer("a").start(10);
        timer("b").start(20);
        assertEquals(0, loop.run());
        assertEquals(List.of("a", "b", "c"), calls);
        assertEquals(1_030, time.nowNs);
        assertEquals(List.of(10L, 10L, 10L), time.waits.stream().filter(w -> w > 0).toList());
    }

    @Test
    void equalDeadlinesFireInOrderOfStarting() {
        Timer[] timers = new Timer[8];
        for (int i = 0; i < 8; i++) {
            timers[i] = timer("" + i);
            timers[i].start(5);
        }
        timers[2].start(5); // the last to be started now
        assertEquals(0, loop.run());
        assertEquals("0 1 3 4 5 6 7 2", String.join(" ", calls));
    }

    @Test
    void severalThatAreDueRunInOneTurn() {
        timer("a").start(1);
        timer("b").start(2);
        time.nowNs += 2;
        assertEquals(2, loop.runOnce(0));
        assertEquals(List.of("a", "b"), calls);
    }

    @Test
    void oneNanosecondBeforeItIsNotDue() {
        timer("a").start(10);
        time.nowNs += 9;
        assertEquals(0, loop.runOnce(0));
        time.nowNs += 1;
        assertEquals(1, loop.runOnce(0));
    }

    @Test
    void startingAgainMovesIt() {
        Timer timer = timer("a");
        assertEquals(0, timer.start(10));
        assertEquals(0, timer.start(20));
        time.nowNs += 10;
        assertEquals(0, loop.runOnce(0));
        assertTrue(timer.isPending());
        time.nowNs += 10;
        assertEquals(1, loop.runOnce(0));
        assertFalse(timer.isPending());
        assertEquals(0, timer.cancel());
    }

    @Test
    void aCancelledTimerDoesNotFire() {
        Timer timer = timer("a");
        timer.start(10);
        assertEquals(1, timer.cancel());
        assertEquals(0, timer.cancel());
        time.nowNs += 10;
        assertEquals(0, loop.runOnce(0));
        assertEquals(0, loop.run(), "and keeps nothing alive");
    }

    @Test
    void aPeriodicTimerKeepsItsRhythmAndSkipsMissedPeriods() {
        List<Long> at = new ArrayList<>();
        Timer timer = new Timer(loop, t -> at.add(time.nowNs));
        assertEquals(ReturnCode.BAD_ARGUMENT, timer.start(5, 0));
        assertFalse(timer.isPending());
        assertEquals(0, timer.start(5, 10));
        time.nowNs = 1_007; // late: the timer is still due at 1015
        loop.runOnce(0);
        time.nowNs = 1_014;
        loop.runOnce(0);
        time.nowNs = 1_015;
        loop.runOnce(0);
        time.nowNs = 1_048; // 1025, 1035 and 1045 fire once
        loop.runOnce(0);
        time.nowNs = 1_054;
        loop.runOnce(0);
        time.nowNs = 1_055;
        loop.runOnce(0);
        assertEquals(List.of(1_007L, 1_015L, 1_048L, 1_055L), at);
    }

    @Test
    void aPeriodicTimerCanBeCancelledFromItsHandler() {
        int[] fired = {0};
        Timer timer = new Timer(loop, t -> {
            if (++fired[0] == 3) {
                t.cancel();
            }
        });
        timer.start(1, 1);
        assertEquals(0, loop.run());
        assertEquals(3, fired[0]);
    }

    @Test
    void aPeriodicTimerStartedWithoutAPeriodFiresOnce() {
        Timer timer = timer("a");
        timer.start(1, 1);
        timer.start(1);
        assertEquals(0, loop.run());
        assertEquals(List.of("a"), calls);
    }

    @Test
    void tooManyTimersIsACode() {
        Timer[] timers = new Timer[9];
        for (int i = 0; i < 9; i++) {
            timers[i] = timer("" + i);
            assertEquals(i < 8 ? 0 : ReturnCode.TIMERS_EXHAUSTED, timers[i].start(i));
        }
        assertEquals(ReturnCode.TIMERS_EXHAUSTED, timers[8].start(1, 1));
        assertEquals(0, timers[7].start(100), "one that runs needs no further place");
        timers[0].cancel();
        assertEquals(0, timers[8].start(50), "and not periodic");
        assertEquals(0, loop.run());
        assertEquals("1 2 3 4 5 6 8 7", String.join(" ", calls));
    }

    @Test
    void aTimerThatRestartsItselfAtOnceStarvesNothing() {
        int[] fired = {0};
        Timer greedy = new Timer(loop, timer -> {
            fired[0]++;
            timer.start(0);
        });
        greedy.start(0);
        timer("other").start(0);
        Probe probe = new Probe(loop, "probe", calls);
        probe.open();
        probe.signal();
        assertEquals(3, loop.runOnce(VirtualTime.FOR_EVER));
        assertEquals(1, fired[0]);
        assertEquals(List.of("other", "probe ready"), calls);
        assertEquals(List.of(0L), time.waits, "it is due: no wait");
        greedy.cancel();
    }

    /** A past deadline counts as now: otherwise the timer would be first for ever. */
    @Test
    void aTimerThatRestartsItselfInThePastStarvesNothing() {
        Timer greedy = new Timer(loop, timer -> timer.startAt(0));
        greedy.startAt(0);
        timer("other").start(0);
        loop.runOnce(0);
        loop.runOnce(0);
        assertEquals(List.of("other"), calls);
        greedy.cancel();
    }

    @Test
    void theLongestDelayIsTheLast() {
        Timer due = timer("due");
        Timer never = timer("never");
        due.start(5);
        Timer first = new Timer(loop, timer -> never.start(Long.MAX_VALUE));
        first.start(1);
        time.nowNs += 10;
        assertEquals(2, loop.runOnce(0), "first, and the one that was due before it");
        assertEquals(List.of("due"), calls);
        due.start(7);
        time.nowNs += 7;
        assertEquals(1, loop.runOnce(0));
        time.nowNs += FAR_NS;
        assertEquals(0, loop.runOnce(0));
        assertTrue(never.isPending());
        never.startAt(time.nowNs + Long.MAX_VALUE);
        due.start(-1);
        assertEquals(1, loop.runOnce(0), "a negative delay is none");
        assertEquals(List.of("due", "due", "due"), calls);
    }

    @Test
    void aTimerMayCancelOrStartAnother() {
        Timer second = timer("second");
        Timer third = timer("third");
        Timer first = new Timer(loop, timer -> {
            calls.add("first");
            second.cancel();
            third.start(0);
        });
        first.start(1);
        second.start(2);
        third.start(100);
        time.nowNs += 2;
        loop.runOnce(0);
        assertEquals(List.of("first"), calls);
        loop.runOnce(0);
        assertEquals(List.of("first", "third"), calls);
    }

    @Test
    void theLoopKnowsItsNextDeadline() {
        assertEquals(EventLoop.NO_LIMIT, loop.nextDeadlineNs());
        Timer timer = timer("a");
        timer.startAt(1_500);
        timer("b").startAt(2_000);
        assertEquals(1_500, loop.nextDeadlineNs());
        timer.cancel();
        assertEquals(2_000, loop.nextDeadlineNs());
        loop.execute(() -> { });
        assertEquals(0, loop.nextDeadlineNs());
    }

    @Test
    void closingTheLoopCancelsThem() {
        Timer timer = timer("a");
        timer.start(0);
        Timer periodic = timer("b");
        periodic.start(0, 1);
        loop.close();
        assertFalse(timer.isPending());
        assertFalse(periodic.isPending());
        assertEquals(List.of(), calls);
    }

    /** Any schedule, from any time of the clock, fires as a sorted list would. */
    @Property(tries = 500, shrinking = ShrinkingMode.OFF)
    void timersFireAsASortedListWould(@ForAll long base, @ForAll long seed) {
        for (long start : new long[] {base, Long.MAX_VALUE - 300, -300}) {
            new TimerModel(start, new Random(seed)).run(120);
        }
    }
}
