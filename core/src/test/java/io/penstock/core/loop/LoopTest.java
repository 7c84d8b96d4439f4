package io.penstock.core.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.metrics.LoopMetrics;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.Descriptors;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The loop's contract, in virtual time and one thread. */
class LoopTest {
    private static final int HANDLES = 4;

    private final VirtualTime time = new VirtualTime();
    private final List<String> calls = new ArrayList<>();
    private int descriptors;
    private EventLoop loop;

    @BeforeEach
    void open() {
        Posix.system().getpid(); // opens what stays open for good, before the count
        descriptors = Descriptors.open();
        loop = newLoop();
        assertEquals(0, loop.open());
    }

    private EventLoop newLoop() {
        return new EventLoop(new LoopConfig().handles(HANDLES).timers(2).tasks(8).checks(2)
                .clock(time).posix(time.posix));
    }

    @AfterEach
    void everythingIsGivenBack() {
        time.posix.heal();
        loop.close();
        Descriptors.assertOpen(descriptors);
    }

    private Probe probe(String name) {
        Probe probe = new Probe(loop, name, calls);
        assertEquals(0, probe.open());
        return probe;
    }

    private void note(String call) {
        calls.add(call);
    }

    private long metric(int field) {
        return loop.metrics().getLong(loop.metricsOffset() + field);
    }

    // The turn.

    @Test
    void aTurnHasItsPhasesInOrder() {
        assertEquals(0, loop.addCheck(() -> note("check")));
        probe("closed").close(7);
        probe("list").addToReadyList();
        probe("io").signal();
        assertEquals(0, loop.execute(() -> note("task")));
        new Timer(loop, timer -> note("timer")).start(0);
        assertEquals(5, loop.runOnce(EventLoop.NO_LIMIT));
        assertEquals(List.of("timer", "task", "io ready", "list run", "check", "closed closed"),
                calls);
    }

    @Test
    void workForALaterPhaseRunsInTheSameTurn() {
        Probe probe = probe("p");
        new Timer(loop, timer -> loop.execute(probe::signal)).start(0);
        probe.onReady = probe::addToReadyList;
        probe.onRun = () -> probe.close(0);
        assertEquals(5, loop.runOnce(0));
        assertEquals(List.of("p ready", "p run", "p closed"), calls);
    }

    @Test
    void workForAnEarlierPhaseWaitsForTheNextTurn() {
        Probe probe = probe("p");
        int[] left = {3};
        Timer timer = new Timer(loop, t -> note("timer"));
        Runnable again = () -> {
            note("task");
            timer.start(0);
        };
        probe.onRun = () -> {
            if (--left[0] > 0) {
                probe.addToReadyList();
                loop.execute(again);
            }
        };
        probe.addToReadyList();
        assertEquals(1, loop.runOnce(0));
        assertEquals(List.of("p run"), calls);
        assertEquals(2, loop.runOnce(EventLoop.NO_LIMIT));
        assertEquals(List.of("p run", "task", "p run"), calls);
        assertEquals(3, loop.runOnce(EventLoop.NO_LIMIT));
        assertEquals(List.of("p run", "task", "p run", "timer", "task", "p run"), calls);
        assertEquals(List.of(0L, 0L, 0L), time.waits, "no wait while the list is not empty");
    }

    @Test
    void aTaskThatRunsItselfAgainStarvesNobody() {
        Probe probe = probe("p");
        probe.signal();
        int[] ran = {0};
        AtomicReference<Runnable> task = new AtomicReference<>();
        task.set(() -> {
            ran[0]++;
            loop.execute(task.get());
        });
        loop.execute(task.get());
        assertEquals(2, loop.runOnce(EventLoop.NO_LIMIT));
        assertEquals(1, ran[0]);
        assertEquals(List.of("p ready"), calls);
        loop.runOnce(EventLoop.NO_LIMIT);
        assertEquals(2, ran[0]);
    }

    @Test
    void nowIsTheTimeOfTheTurn() {
        List<Long> seen = new ArrayList<>();
        Timer timer = new Timer(loop, t -> {
            time.nowNs += 5;
            seen.add(loop.nowNs());
        });
        timer.start(10);
        loop.addCheck(() -> seen.add(loop.nowNs()));
        loop.runOnce(20);
        loop.runOnce(0);
        time.nowNs = 7_000;
        assertEquals(7_000, loop.nowNs());
        assertEquals(List.of(1_010L, 1_010L, 1_015L), seen, "after the wait, and at the turn");
    }

    // How long a turn waits, and what ends run.

    @Test
    void aTurnWaitsForTheNextTimerOrItsTimeout() {
        Probe probe = probe("p");
        loop.runOnce(500);
        new Timer(loop, timer -> note("timer")).start(300);
        loop.runOnce(500);
        loop.runOnce(500);
        loop.runOnce(500);
        probe.signal();
        loop.runOnce(EventLoop.NO_LIMIT);
        probe.signal();
        loop.runOnce(-3);
        assertEquals(List.of(500L, 300L, 500L, 500L, VirtualTime.FOR_EVER, VirtualTime.FOR_EVER),
                time.waits.stream().toList());
        assertEquals(List.of("timer", "p ready", "p ready"), calls);
    }

    @Test
    void aTurnDoesNotWaitWhenAClosingIsDue() {
        probe("p").close(3);
        assertEquals(1, loop.runOnce(1_000));
        assertEquals(List.of(0L), time.waits);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 999, 1_000_000, 1_500_000, 10_000_000_000L})
    void signalsDoNotLengthenAWait(long timeoutNs) {
        probe("p");
        time.signalEveryNs = Math.max(1, timeoutNs / 7 - 1);
        assertEquals(0, loop.runOnce(timeoutNs));
        assertEquals(1_000 + timeoutNs, time.nowNs);
        assertTrue(time.waits.size() >= (timeoutNs < 7 ? 1 : 7), time.waits::toString);
    }

    @Test
    void aSignalDoesNotEndAnEndlessWait() {
        Probe probe = probe("p");
        time.signalEveryNs = 10;
        time.posix.on(Syscall.EPOLL_PWAIT, (kernel, args) -> {
            throw new AssertionError("the rule before this answers");
        });
        new Timer(loop, timer -> note("not yet")).start(Long.MAX_VALUE);
        loop.execute(() -> { });
        assertEquals(1, loop.runOnce(1_000));
        probe.signal();
        assertEquals(1, loop.runOnce(EventLoop.NO_LIMIT));
    }

    @ParameterizedTest
    @ValueSource(ints = {Errno.ENOSYS, Errno.EPERM})
    void withoutNanosecondsItWaitsInMillisecondsRoundedUp(int errno) {
        loop.close();
        time.posix.heal().fail(Syscall.EPOLL_PWAIT2, errno, 0, 1); // the loop tries it once only
        List<Long> waits = new ArrayList<>();
        time.posix.on(Syscall.EPOLL_PWAIT, (kernel, args) -> {
            waits.add(args[3]);
            time.nowNs += args[3] * 1_000_000;
            return 0;
        });
        time.posix.on(Syscall.EPOLL_PWAIT2, (kernel, args) -> {
            throw new AssertionError("asked again");
        });
        loop = newLoop();
        assertEquals(0, loop.open());
        probe("p");
        loop.runOnce(1_500_000);
        loop.runOnce(1);
        loop.runOnce(2_000_000);
        loop.runOnce(Long.MAX_VALUE - 1);
        loop.runOnce(0);
        assertEquals(List.of(2L, 1L, 2L, (long) Integer.MAX_VALUE, 0L), waits);
    }

    @Test
    void aFailingWaitIsAnsweredAndCounted() {
        Probe probe = probe("p");
        probe.signal();
        time.posix.heal().fail(Syscall.EPOLL_PWAIT, Errno.EINVAL, 0, 2);
        assertEquals(-Errno.EINVAL, loop.runOnce(0));
        assertEquals(-Errno.EINVAL, loop.run());
        assertEquals(2, metric(LoopMetrics.ERROR_OFFSET));
        assertEquals(1, loop.runOnce(0), "and goes on");
    }

    @Test
    void runEndsWhenNothingKeepsItAlive() {
        assertEquals(0, loop.run());
        Probe probe = probe("p");
        probe.onReady = () -> probe.close(0);
        probe.signal();
        assertEquals(0, loop.run());
        assertEquals(List.of("p ready", "p closed"), calls);
        new Timer(loop, timer -> note("timer")).start(5);
        assertEquals(0, loop.run());
        assertEquals(1_005, time.nowNs);
    }

    @Test
    void releasedHandlesAndTimersKeepNothingAlive() {
        Probe before = new Probe(loop, "before", calls);
        before.release();
        assertEquals(0, before.open());
        Probe after = probe("after");
        after.release();
        after.release();
        Timer timer = new Timer(loop, t -> note("timer"));
        timer.start(50);
        timer.release();
        timer.release();
        assertEquals(0, loop.run());
        assertEquals(1_000, time.nowNs);
        timer.keepAlive();
        timer.keepAlive();
        assertEquals(0, loop.run());
        assertEquals(List.of("timer"), calls);
        before.keepAlive();
        before.keepAlive();
        before.onReady = () -> before.close(0);
        before.signal();
        assertEquals(0, loop.run());
        assertEquals(1, before.closed);
        assertTrue(after.isOpen());
    }

    @Test
    void theLoopItselfCanBeKeptAlive() {
        time.onForEver = () -> {
            note("for ever");
            loop.release();
        };
        loop.keepAlive();
        loop.keepAlive();
        assertEquals(0, loop.run());
        assertEquals(List.of("for ever", "for ever"), calls);
    }

    @Test
    void aTimerThatIsReleasedWhilePendingBalances() {
        Timer timer = new Timer(loop, t -> note("timer"));
        timer.start(5);
        timer.release();
        timer.cancel();
        timer.keepAlive();
        timer.start(5);
        timer.cancel();
        assertEquals(0, loop.run(), "as alive as before");
        loop.keepAlive();
        boolean[] waited = {false};
        time.onForEver = () -> {
            waited[0] = true;
            loop.release();
        };
        loop.run();
        assertTrue(waited[0], "and no less");
    }

    @Test
    void stopEndsRunAfterTheTurnAndForgetsIt() {
        probe("p");
        new Timer(loop, timer -> loop.stop()).start(5, 5);
        loop.addCheck(() -> note("check"));
        assertEquals(0, loop.run());
        assertEquals(1_005, time.nowNs);
        assertEquals(List.of("check", "check"), calls, "the turn goes to its end");
        assertEquals(0, loop.run(), "runs again");
        assertEquals(1_010, time.nowNs);
        loop.stop();
        assertEquals(0, loop.run());
        assertEquals(1_010, time.nowNs, "stopped before it began");
    }

    /** Otherwise a loop that runOnce drives would never wait again. */
    @Test
    void aStopIsForOneTurnOfRunOnce() {
        probe("p");
        loop.stop();
        assertEquals(0, loop.runOnce(1_000));
        assertEquals(0, loop.runOnce(1_000));
        assertEquals(List.of(0L, 1_000L), time.waits);
        loop.execute(loop::stop);
        assertEquals(1, loop.runOnce(1_000));
        assertEquals(0, loop.runOnce(1_000));
        assertEquals(List.of(0L, 1_000L, 0L, 1_000L), time.waits);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aStopIsForgottenAlsoIfTheTurnThrows(boolean isOnce) {
        probe("p");
        loop.execute(() -> {
            loop.stop();
            throw new IllegalStateException("the user's");
        });
        assertThrows(IllegalStateException.class,
                () -> assertEquals(0, isOnce ? loop.runOnce(1_000) : loop.run()));
        new Timer(loop, timer -> loop.stop()).start(5);
        assertEquals(0, loop.run());
        assertEquals(1_005, time.nowNs, "it ran until it was told to stop");
    }

    @Test
    void aStopOfALoopThatIsNotOpenIsForgottenByItsOpening() {
        EventLoop other = newLoop();
        other.stop();
        assertEquals(0, other.open());
        new Timer(other, timer -> note("timer")).start(5);
        assertEquals(0, other.run());
        assertEquals(List.of("timer"), calls);
        other.close();
    }

    // Calls from inside a callback.

    @Test
    void aTurnWithinATurnIsRefused() {
        Probe probe = probe("p");
        probe.addToReadyList();
        List<Integer> answers = new ArrayList<>();
        Runnable nested = () -> {
            answers.add(loop.runOnce(0));
            answers.add(loop.run());
            answers.add(loop.run(new BusySpinIdleStrategy()));
        };
        loop.execute(nested);
        probe.onClosed = nested;
        probe.onRun = () -> {
            nested.run();
            loop.close();
            assertEquals(ReturnCode.NESTED_TURN, loop.runOnce(0));
            assertEquals(0, probe.closed, "not from inside the call");
        };
        assertEquals(0, loop.run());
        assertEquals(1, probe.closed);
        assertEquals(List.of(ReturnCode.NESTED_TURN), answers.stream().distinct().toList());
        assertEquals(9, answers.size());
    }

    @Test
    void anotherLoopsTurnWithinATurnIsItsOwn() {
        EventLoop inner = newLoop();
        assertEquals(0, inner.open());
        inner.execute(() -> note("inner"));
        loop.execute(() -> assertEquals(1, inner.runOnce(0)));
        assertEquals(1, loop.runOnce(0));
        assertEquals(List.of("inner"), calls);
        inner.close();
    }

    @Test
    void busySpinningNeverWaits() {
        List<Integer> idled = new ArrayList<>();
        Timer timer = new Timer(loop, t -> note("timer"));
        timer.start(50);
        loop.execute(() -> note("task"));
        assertEquals(0, loop.run(new IdleStrategy() {
            @Override
            public void idle(int workCount) {
                idled.add(workCount);
                time.nowNs += 25;
            }

            @Override
            public void idle() {
                throw new AssertionError("the work is known");
            }

            @Override
            public void reset() {
            }
        }));
        assertEquals(List.of(1, 0, 1), idled);
        assertEquals(List.of(0L, 0L, 0L), time.waits);
        assertEquals(List.of("task", "timer"), calls);
    }

    // Capacities, and reuse of slots.

    @Test
    void everythingHasItsLimit() {
        for (int i = 0; i < HANDLES; i++) {
            probe("" + i);
        }
        assertEquals(ReturnCode.HANDLES_EXHAUSTED, new Probe(loop, "one more", calls).open());
        for (int i = 0; i < 8; i++) {
            assertEquals(0, loop.execute(() -> note("task")));
        }
        assertEquals(ReturnCode.TASKS_EXHAUSTED, loop.execute(() -> note("one more")));
        assertEquals(0, loop.addCheck(() -> { }));
        assertEquals(0, loop.addCheck(() -> { }));
        assertEquals(ReturnCode.CHECKS_EXHAUSTED, loop.addCheck(() -> { }));
        assertEquals(8, loop.runOnce(0));
        assertEquals(0, loop.execute(() -> { }));
        assertThrows(IllegalArgumentException.class, () -> new LoopConfig().handles(0));
    }

    @Test
    void slotsAreUsedAgainOldestFirstUnderAnotherToken() {
        Probe[] probes = new Probe[HANDLES];
        for (int i = 0; i < HANDLES; i++) {
            probes[i] = probe("" + i);
            assertEquals(i, probes[i].index());
        }
        long token = probes[2].token();
        probes[2].close(0);
        probes[0].close(0);
        assertEquals(token, probes[2].token(), "known until it is opened again");
        assertEquals(ReturnCode.HANDLES_EXHAUSTED, new Probe(loop, "", calls).open());
        loop.runOnce(0);
        assertEquals(ReturnCode.ALREADY_OPEN, reopen(probes[1]));
        assertEquals(0, probes[0].open());
        assertEquals(2, probes[0].index());
        assertTrue(probes[0].token() != token && probes[0].token() > 0);
        assertNull(loop.handle(token));
        assertNull(loop.handle(-1));
        assertNull(loop.handle(Long.MAX_VALUE));
    }

    private static int reopen(Probe probe) {
        return probe.open();
    }

    @Test
    void aClosedHandleHearsNothingMoreThanItsClosing() {
        Probe first = probe("first");
        Probe second = probe("second");
        first.signal();
        second.signal();
        first.addToReadyList();
        second.addToReadyList();
        first.onReady = () -> {
            assertEquals(0, second.close(5));
            assertEquals(ReturnCode.CLOSED, second.close(6));
            assertFalse(second.isOpen());
        };
        second.onReady = () -> {
            assertEquals(0, first.close(5));
            assertEquals(ReturnCode.CLOSED, first.close(6));
        };
        assertEquals(5, loop.runOnce(0));
        String closer = calls.getFirst().startsWith("first") ? "first" : "second";
        String closed = closer.equals("first") ? "second" : "first";
        assertEquals(List.of(closer + " ready", closer + " run", closed + " closed"), calls);
    }

    @Test
    void aHandleCanBeClosedFromEveryCallback() {
        for (int i = 0; i < 5; i++) {
            calls.clear();
            new Timer(loop, timer -> { }).start(10);
            Probe probe = probe("p");
            Runnable close = () -> assertEquals(0, probe.close(9));
            switch (i) {
                case 0 -> new Timer(loop, timer -> close.run()).start(0);
                case 1 -> loop.execute(close);
                case 2 -> {
                    probe.onReady = close;
                    probe.signal();
                }
                case 3 -> {
                    probe.onRun = close;
                    probe.addToReadyList();
                }
                default -> loop.addCheck(() -> probe.close(9));
            }
            loop.runOnce(EventLoop.NO_LIMIT);
            time.nowNs += 10;
            loop.runOnce(0);
            assertEquals(1, probe.closed, "way " + i);
            assertEquals(9, probe.code);
            assertEquals("p closed", calls.getLast());
        }
    }

    @Test
    void aHandleMayReopenInTheTurnOfItsClosing() {
        Probe other = new Probe(loop, "other", calls);
        Probe probe = probe("p");
        probe.onClosed = () -> {
            assertEquals(0, other.open());
            other.close(0);
        };
        probe.close(0);
        assertEquals(1, loop.runOnce(0));
        assertEquals(List.of("p closed"), calls);
        assertEquals(1, loop.runOnce(0));
        assertEquals(List.of("p closed", "other closed"), calls);
    }

    /** A closed handle may still be in the ready list while another handle has its slot. */
    @Test
    void theReadyListHoldsTwoGenerations() {
        Probe[] old = new Probe[HANDLES];
        Probe[] young = new Probe[HANDLES];
        for (int i = 0; i < HANDLES; i++) {
            old[i] = probe("old" + i);
            young[i] = new Probe(loop, "young" + i, calls);
            Probe next = young[i];
            old[i].onClosed = () -> {
                assertEquals(0, next.open());
                next.addToReadyList();
            };
        }
        boolean[] once = {false};
        loop.addCheck(() -> {
            for (Probe probe : once[0] ? new Probe[0] : old) {
                probe.addToReadyList();
                probe.close(0);
            }
            once[0] = true;
        });
        assertEquals(HANDLES, loop.runOnce(0));
        calls.clear();
        loop.runOnce(EventLoop.NO_LIMIT);
        assertEquals(List.of("young0 run", "young1 run", "young2 run", "young3 run"), calls);
        loop.runOnce(0);
        assertEquals(4, calls.size());
    }

    // Exceptions of callbacks: the loop goes on.

    @Test
    void anExceptionLeavesTheLoopUsable() {
        Probe probe = probe("p");
        Runnable fault = () -> {
            throw new IllegalStateException("the user's");
        };
        Runnable[] ways = {
            () -> new Timer(loop, timer -> fault.run()).start(0),
            () -> loop.execute(fault),
            () -> {
                probe.onReady = fault;
                probe.signal();
            },
            () -> {
                probe.onRun = fault;
                probe.addToReadyList();
            },
        };
        for (Runnable way : ways) {
            way.run();
            assertThrows(IllegalStateException.class, () -> loop.runOnce(0));
            probe.onReady = () -> { };
            probe.onRun = () -> { };
            calls.clear();
            probe.signal();
            assertEquals(1, loop.runOnce(EventLoop.NO_LIMIT));
            assertEquals(List.of("p ready"), calls);
        }
        loop.execute(() -> probe.close(0));
        assertEquals(0, loop.run(), "and still knows what keeps it alive");
    }

    @Test
    void anExceptionDropsNothingElse() {
        Probe one = probe("one");
        Probe two = probe("two");
        one.signal();
        two.signal();
        one.onReady = () -> {
            throw new IllegalStateException("the user's");
        };
        two.onReady = one.onReady;
        Exception first = assertThrows(IllegalStateException.class, () -> loop.runOnce(0));
        assertEquals(1, first.getSuppressed().length);
        assertEquals(2, calls.size());
        assertEquals(0, loop.runOnce(0));
        loop.execute(() -> {
            throw new IllegalStateException("the user's");
        });
        loop.execute(() -> note("task"));
        assertThrows(IllegalStateException.class, () -> loop.runOnce(0));
        assertEquals("task", calls.getLast(), "in the same turn");
        assertEquals(0, loop.runOnce(0));
        assertEquals(4, metric(LoopMetrics.TURNS_OFFSET));
        assertEquals(3, metric(LoopMetrics.THREW_OFFSET));
        assertEquals(2, metric(LoopMetrics.TASKS_OFFSET));
    }

    @Test
    void anExceptionOfAClosingStillGivesTheSlotBack() {
        Probe probe = probe("p");
        Probe other = probe("other");
        probe.onClosed = () -> {
            throw new IllegalStateException("the user's");
        };
        probe.close(0);
        other.close(0);
        assertThrows(IllegalStateException.class, () -> loop.runOnce(0));
        assertEquals(0, metric(LoopMetrics.HANDLES_OFFSET));
        assertEquals(0, loop.run());
        for (int i = 0; i < HANDLES; i++) {
            probe("" + i);
        }
    }

    @Test
    void anExceptionWhileTheLoopClosesKeepsNothingOpen() {
        Probe probe = probe("p");
        probe("other");
        probe.onClosed = () -> {
            throw new IllegalStateException("the user's");
        };
        assertThrows(IllegalStateException.class, () -> loop.close());
        assertEquals(List.of("p closed", "other closed"), calls);
        Descriptors.assertOpen(descriptors);
        assertEquals(ReturnCode.NOT_OPEN, loop.runOnce(0));
    }

    @Test
    void aTurnInAnotherThreadIsAnError() throws InterruptedException {
        loop.runOnce(0);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread other = new Thread(() -> loop.runOnce(0));
        other.setUncaughtExceptionHandler((thread, fault) -> thrown.set(fault));
        other.start();
        other.join();
        assertEquals(AssertionError.class, thrown.get().getClass());
        assertEquals(0, loop.runOnce(0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"start", "cancel", "close", "operations", "close the loop"})
    void aCallOfAnotherThreadNamesTheLoopsThread(String call) throws InterruptedException {
        Probe probe = probe("p");
        Timer timer = new Timer(loop, t -> { });
        Runnable body = () -> {
            switch (call) {
                case "start" -> timer.start(5);
                case "cancel" -> timer.cancel();
                case "close" -> probe.close(0);
                case "operations" -> probe.await(Handle.WRITABLE);
                default -> loop.close();
            }
        };
        loop.runOnce(0);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread other = new Thread(body, "a stranger");
        other.setUncaughtExceptionHandler((thread, fault) -> thrown.set(fault));
        loop.execute(() -> { // in a turn: the loop certainly has an owner
            other.start();
            try {
                other.join();
            } catch (InterruptedException interrupted) {
                thrown.set(null);
            }
        });
        loop.runOnce(0);
        assertEquals(AssertionError.class, thrown.get().getClass());
        assertEquals("a stranger uses a loop that is " + Thread.currentThread().getName() + "'s",
                thrown.get().getMessage());
        body.run();
    }

    /** A loop may go on, or be closed, in another thread when its own thread has ended. */
    @Test
    void aLoopOutlivesItsThread() throws InterruptedException {
        Probe probe = probe("p");
        Thread first = new Thread(() -> loop.runOnce(0));
        first.start();
        first.join();
        Timer timer = new Timer(loop, t -> note("timer"));
        assertEquals(0, timer.start(0));
        assertEquals(1, loop.runOnce(0));
        probe.close(0);
    }

    // Faults of the kernel.

    @ParameterizedTest
    @ValueSource(ints = {Errno.ENOMEM, Errno.ENOSPC})
    void aHandleThatTheBackEndRefusesIsClosed(int errno) {
        Probe refused = probe("refused");
        time.posix.fail(Syscall.EPOLL_CTL, errno, 0, 1);
        assertEquals(1, loop.runOnce(1_000));
        assertEquals(-errno, refused.code);
        assertEquals(List.of("refused closed"), calls);
        assertEquals(1, metric(LoopMetrics.ERROR_OFFSET));
        assertEquals(List.of(0L), time.waits);
    }

    @Test
    void aHandleWhoseChangeTheBackEndRefusesIsClosed() {
        Probe refused = probe("refused");
        Probe fine = probe("fine");
        loop.runOnce(0);
        refused.await(Handle.READABLE | Handle.WRITABLE);
        fine.await(Handle.READABLE | Handle.WRITABLE);
        time.posix.fail(Syscall.EPOLL_CTL, Errno.ENOMEM, 0, 1);
        loop.runOnce(0);
        assertEquals(-Errno.ENOMEM, refused.code);
        assertEquals(List.of("fine ready", "refused closed"), calls);
    }

    @Test
    void anOpeningThatFailsLeavesNothingBehind() {
        loop.close();
        loop = newLoop();
        Descriptors.assertOpen(descriptors);
        for (int call : new int[] {
            Syscall.EPOLL_CREATE1, Syscall.EVENTFD2, Syscall.EPOLL_CTL,
        }) {
            time.posix.heal().fail(call, Errno.EMFILE, 0, 1);
            assertEquals(-Errno.EMFILE, loop.open());
            assertEquals(ReturnCode.NOT_OPEN, loop.runOnce(0));
            assertEquals(ReturnCode.NOT_OPEN, loop.run());
            assertEquals(ReturnCode.NOT_OPEN, loop.descriptor());
            assertEquals(ReturnCode.NOT_OPEN, new Probe(loop, "p", calls).open());
            Descriptors.assertOpen(descriptors);
        }
        assertEquals(0, loop.open());
        assertEquals(ReturnCode.ALREADY_OPEN, loop.open());
    }

    // Closing the loop.

    /** As the page about the loop says. */
    @Test
    void aLoopThatIsNotClosedKeepsTwoDescriptors() {
        int before = Descriptors.open();
        EventLoop other = newLoop();
        assertEquals(0, other.open());
        Descriptors.assertOpen(before + 2);
        other.close();
        Descriptors.assertOpen(before);
    }

    @Test
    void closingIsForGood() {
        loop.close();
        loop.close();
        assertEquals(ReturnCode.CLOSED, loop.open());
        assertEquals(ReturnCode.NOT_OPEN, loop.runOnce(0));
        assertEquals(ReturnCode.NOT_OPEN, new Probe(loop, "p", calls).open());
    }

    /** Accepted tasks run, and all other tasks are refused. */
    @Test
    void acceptedTasksRunBeforeTheLoopCloses() {
        Probe probe = probe("p");
        for (int i = 0; i < 8; i++) {
            int n = i;
            assertEquals(0, loop.execute(() -> {
                note("task " + n);
                assertTrue(probe.isOpen(), "before anything is closed");
                assertEquals(ReturnCode.CLOSED, loop.execute(() -> note("too late")));
            }));
        }
        probe.onClosed = () ->
                assertEquals(ReturnCode.CLOSED, loop.execute(() -> note("too late")));
        assertEquals(ReturnCode.TASKS_EXHAUSTED, loop.execute(() -> note("too many")));
        loop.close();
        assertEquals(List.of("task 0", "task 1", "task 2", "task 3", "task 4", "task 5", "task 6",
                "task 7", "p closed"), calls);
        assertEquals(ReturnCode.CLOSED, loop.execute(() -> note("too late")));
        loop.close();
        assertEquals(9, calls.size());
    }

    @Test
    void anExceptionOfATaskWhileClosingLeavesTheCall() {
        Probe probe = probe("p");
        loop.execute(() -> {
            throw new IllegalStateException("the user's");
        });
        loop.execute(() -> note("task"));
        assertThrows(IllegalStateException.class, loop::close);
        assertEquals(List.of("task", "p closed"), calls);
        assertEquals(1, probe.closed);
    }

    @Test
    void aLoopThatWasNeverOpenLosesNoTaskEither() {
        EventLoop other = newLoop();
        assertEquals(ReturnCode.NOT_OPEN, other.wakeUp());
        assertEquals(0, other.execute(() -> note("task")));
        other.close();
        assertEquals(List.of("task"), calls);
        assertEquals(ReturnCode.CLOSED, other.execute(() -> note("too late")));
        assertEquals(ReturnCode.CLOSED, other.open());
    }

    @Test
    void aTimerOfAClosedLoopDoesNotStart() {
        Timer timer = new Timer(loop, t -> note("timer"));
        assertEquals(0, timer.start(5));
        Probe probe = probe("p");
        probe.onClosed = () -> assertEquals(ReturnCode.CLOSED, timer.start(1));
        loop.close();
        assertEquals(1, probe.closed);
        assertFalse(timer.isPending());
        assertEquals(ReturnCode.CLOSED, timer.start(0));
        assertEquals(ReturnCode.CLOSED, timer.start(0, 5));
        assertEquals(ReturnCode.CLOSED, timer.startAt(loop.nowNs()));
        assertFalse(timer.isPending());
        assertEquals(0, timer.cancel());
    }

    /** By then the number of its descriptor may be another file's. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aClosedLoopIsNotWoken(boolean isEmbedded) {
        if (isEmbedded) {
            assertTrue(loop.descriptor() >= 0);
        }
        int[] writes = {0};
        time.posix.on(Syscall.WRITE, (kernel, args) -> {
            writes[0]++;
            return kernel.call(args);
        });
        assertEquals(0, loop.wakeUp());
        assertEquals(1, writes[0]);
        loop.close();
        assertEquals(ReturnCode.CLOSED, loop.wakeUp());
        loop.stop();
        loop.execute(() -> { });
        assertEquals(1, writes[0]);
    }

    @ParameterizedTest
    @ValueSource(strings = {"timer", "task", "ready", "run", "check", "closed"})
    void aLoopCanBeClosedFromEveryCallback(String where) {
        Probe probe = probe("p");
        Probe bystander = probe("bystander");
        Runnable close = () -> {
            loop.close();
            loop.close();
            assertTrue(bystander.isOpen(), "not from inside the call");
        };
        switch (where) {
            case "timer" -> new Timer(loop, timer -> close.run()).start(0);
            case "task" -> loop.execute(close);
            case "ready" -> {
                probe.onReady = close;
                probe.signal();
            }
            case "run" -> {
                probe.onRun = close;
                probe.addToReadyList();
            }
            case "check" -> {
                loop.addCheck(close);
                loop.execute(probe::addToReadyList);
            }
            default -> {
                probe.onClosed = close;
                probe.close(0);
            }
        }
        assertEquals(0, loop.run());
        assertEquals(1, probe.closed);
        assertEquals(1, bystander.closed);
        assertEquals(ReturnCode.CLOSED, bystander.code);
        assertEquals(ReturnCode.NOT_OPEN, loop.runOnce(0));
        Descriptors.assertOpen(descriptors);
    }

    /** A client that reconnects whenever it is closed must not keep the loop from closing. */
    @Test
    void noHandleOpensWhileTheLoopCloses() {
        Probe probe = probe("p");
        List<Integer> answers = new ArrayList<>();
        probe.onClosed = () -> answers.add(new Probe(loop, "again", calls).open());
        loop.close();
        assertEquals(List.of("p closed"), calls);
        assertEquals(List.of(ReturnCode.NOT_OPEN), answers);
    }

    // Its metrics.

    @Test
    void countersMoveAsDocumented() {
        Probe probe = probe("p");
        probe.onReady = () -> time.nowNs += 70;
        probe.onRun = () -> time.nowNs += 30;
        probe("closed").close(0);
        assertEquals(2, metric(LoopMetrics.HANDLES_OFFSET));
        probe.signal();
        probe.addToReadyList();
        new Timer(loop, timer -> time.nowNs += 5).start(0);
        loop.execute(() -> time.nowNs += 3);
        loop.wakeUp();
        loop.runOnce(0);
        assertEquals(1, metric(LoopMetrics.TURNS_OFFSET));
        assertEquals(1, metric(LoopMetrics.TIMERS_OFFSET));
        assertEquals(1, metric(LoopMetrics.TASKS_OFFSET));
        assertEquals(2, metric(LoopMetrics.EVENTS_OFFSET));
        assertEquals(1, metric(LoopMetrics.READY_OFFSET));
        assertEquals(1, metric(LoopMetrics.WAKEUPS_OFFSET));
        assertEquals(1, metric(LoopMetrics.HANDLES_OFFSET));
        assertEquals(108, metric(LoopMetrics.BUSY_NS_OFFSET));
        assertEquals(108, metric(LoopMetrics.TURN_NS_MAX_OFFSET));
        assertEquals(0, metric(LoopMetrics.WAIT_NS_OFFSET));
        loop.runOnce(1_000);
        loop.execute(() -> time.nowNs += 3);
        loop.runOnce(0);
        assertEquals(3, metric(LoopMetrics.TURNS_OFFSET));
        assertEquals(1_000, metric(LoopMetrics.WAIT_NS_OFFSET));
        assertEquals(111, metric(LoopMetrics.BUSY_NS_OFFSET));
        assertEquals(108, metric(LoopMetrics.TURN_NS_MAX_OFFSET));
        assertEquals(0, metric(LoopMetrics.ERROR_OFFSET));
    }

    @Test
    void aHandleCannotReachAnothersCounters() {
        Probe probe = probe("p");
        Probe other = probe("other");
        probe.addTo(0, 2);
        probe.addTo(0, 3);
        assertEquals(5, probe.counter(0));
        assertEquals(5, probe.metrics().getLong(probe.metricsOffset()));
        assertEquals(0, other.counter(0));
        int behind = Probe.TYPE.fields() * Long.BYTES;
        assertThrows(IndexOutOfBoundsException.class, () -> probe.addTo(behind, 1));
        assertThrows(IndexOutOfBoundsException.class, () -> probe.addTo(-Long.BYTES, 1));
        assertThrows(IndexOutOfBoundsException.class, () -> probe.recordMaxOf(behind, 1));
    }

    // The kernel's structures.

    @Test
    void epollEventsLieAsTheKernelWritesThem() {
        Posix posix = Posix.system();
        NativeBuffer memory = NativeBuffer.allocate(4 * Linux.EPOLL_EVENT_BYTES + 8);
        long address = memory.addressOffset();
        int epfd = posix.epoll_create1(Linux.EPOLL_CLOEXEC);
        long[] tokens = {0x8123_4567_89ab_cdefL, -2, 0x7fff_ffff_0000_0001L};
        int[] fds = new int[tokens.length];
        for (int i = 0; i < tokens.length; i++) {
            fds[i] = posix.eventfd2(1, Linux.EFD_CLOEXEC);
            memory.putInt(0, Linux.EPOLLIN | (i == 1 ? Linux.EPOLLOUT : 0));
            memory.putLong(Linux.EPOLL_EVENT_DATA_OFFSET, tokens[i]);
            assertEquals(0, posix.epoll_ctl(epfd, Linux.EPOLL_CTL_ADD, fds[i], address));
        }
        memory.setMemory(0, memory.capacity(), (byte) 0x55);
        assertEquals(3, posix.epoll_pwait(epfd, address, 4, 0, 0, 0));
        List<Long> seen = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            int at = i * Linux.EPOLL_EVENT_BYTES;
            seen.add(memory.getLong(at + Linux.EPOLL_EVENT_DATA_OFFSET));
            assertEquals(seen.getLast() == -2 ? Linux.EPOLLIN | Linux.EPOLLOUT : Linux.EPOLLIN,
                    memory.getInt(at));
        }
        assertEquals(List.of(tokens[0], tokens[1], tokens[2]), seen);
        assertEquals(0x55, memory.getByte(3 * Linux.EPOLL_EVENT_BYTES), "and nothing behind");
        for (int fd : fds) {
            posix.close(fd);
        }
        posix.close(epfd);
    }
}
