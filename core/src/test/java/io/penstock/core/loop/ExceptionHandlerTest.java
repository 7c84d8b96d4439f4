package io.penstock.core.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.metrics.LoopMetrics;
import io.penstock.core.sys.Posix;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.Blame;
import io.penstock.core.testing.Descriptors;
import io.penstock.core.testing.Thrown;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Exceptions of callbacks, in loops with an exception handler and without one. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ExceptionHandlerTest {
    private static final int TURNS = 3;

    private final VirtualTime time = new VirtualTime();
    private final List<String> calls = new ArrayList<>();
    private final Blame blame = new Blame();
    private int descriptors;
    private EventLoop loop;

    @BeforeEach
    void count() {
        Posix.system().getpid(); // opens what stays open for good, before the count
        descriptors = Descriptors.open();
    }

    @AfterEach
    void everythingIsGivenBack() {
        time.posix.heal();
        loop.close();
        Descriptors.assertOpen(descriptors);
    }

    private void open(ExceptionHandler handler) {
        loop = new EventLoop(new LoopConfig().handles(8).clock(time).posix(time.posix)
                .onException(handler));
        assertEquals(0, loop.open());
    }

    private Probe probe(String name) {
        Probe probe = new Probe(loop, name, calls);
        assertEquals(0, probe.open());
        return probe;
    }

    private static Runnable thrower(String where) {
        return () -> {
            throw new Thrown(where);
        };
    }

    private long metric(int field) {
        return loop.metrics().getLong(loop.metricsOffset() + field);
    }

    /** Runs a turn, which throws if there is no exception handler. */
    private void turn(boolean hasHandler) {
        long before = metric(LoopMetrics.TURNS_OFFSET);
        if (hasHandler) {
            assertTrue(loop.runOnce(0) >= 0);
        } else {
            assertThrows(Thrown.class, () -> loop.runOnce(0));
        }
        assertEquals(before + 1, metric(LoopMetrics.TURNS_OFFSET));
    }

    @ParameterizedTest
    @CsvSource({
        "ready, true", "run, true", "closed, true", "ready, false", "run, false", "closed, false",
    })
    void anExceptionIsChargedToItsHandle(String where, boolean hasHandler) {
        open(hasHandler ? blame : null);
        Probe probe = probe("p");
        Probe other = probe("other");
        other.signal();
        Runnable fault = thrower(where);
        switch (where) {
            case "ready" -> {
                probe.onReady = fault;
                probe.signal();
            }
            case "run" -> {
                probe.onRun = fault;
                probe.addToReadyList();
            }
            default -> {
                probe.onClosed = fault;
                probe.close(7);
            }
        }
        turn(hasHandler);
        assertEquals(1, metric(LoopMetrics.THREW_OFFSET));
        assertTrue(calls.contains("other ready"), "in the same turn");
        assertEquals(where.equals("closed") || hasHandler ? 1 : 0, probe.closed);
        if (hasHandler) {
            assertEquals(List.of(probe), blame.handles);
            assertEquals(where.equals("closed") ? 7 : ReturnCode.CALLBACK_THREW, probe.code);
        } else if (!where.equals("closed")) {
            assertTrue(probe.isOpen());
            probe.onReady = () -> { };
            probe.signal();
            loop.runOnce(0);
            assertEquals("p ready", calls.getLast());
        }
        assertTrue(other.isOpen());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void exceptionsOfTasksAndHooksCloseNoHandle(boolean hasHandler) {
        open(hasHandler ? blame : null);
        loop.execute(thrower("task"));
        loop.execute(() -> calls.add("task"));
        Timer timer = new Timer(loop, t -> thrower("timer").run());
        new Timer(loop, t -> calls.add("timer")).start(0);
        timer.start(0);
        loop.addCheck(thrower("check"));
        loop.addCheck(() -> calls.add("check"));
        turn(hasHandler);
        assertEquals(List.of("timer", "task", "check"), calls);
        assertEquals(3, metric(LoopMetrics.THREW_OFFSET));
        assertEquals(2, metric(LoopMetrics.TIMERS_OFFSET));
        assertEquals(2, metric(LoopMetrics.TASKS_OFFSET));
        assertFalse(timer.isPending());
        assertEquals(hasHandler ? 3 : 0, blame.handles.size());
        blame.handles.forEach(handle -> assertNull(handle));
        turn(hasHandler); // the check hook is still called
        assertEquals(4, metric(LoopMetrics.THREW_OFFSET));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPeriodicTimerGoesOnAfterAnException(boolean hasHandler) {
        open(hasHandler ? blame : null);
        Timer timer = new Timer(loop, t -> thrower("timer").run());
        assertEquals(0, timer.start(0, 10));
        for (int i = 0; i < TURNS; i++) {
            turn(hasHandler);
            assertTrue(timer.isPending());
            time.nowNs += 10;
        }
        assertEquals(1, timer.cancel());
        assertEquals(0, loop.run(), "and the loop knows what keeps it alive");
        assertEquals(TURNS, metric(LoopMetrics.THREW_OFFSET));
    }

    /** A timer that a handle owns, as protocols do: the handle is charged. */
    @Test
    void anExceptionOfAHandlesTimerIsTheHandles() {
        open(blame);
        Probe probe = probe("p");
        probe.ownTimer(timer -> thrower("timer").run()).start(0);
        loop.runOnce(0);
        assertEquals(List.of(probe), blame.handles);
        assertEquals(ReturnCode.CALLBACK_THREW, probe.code);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void errorsAndCheckedExceptionsAreNoDifferent(boolean hasHandler) {
        open(hasHandler ? blame : null);
        List<Throwable> all = List.of(new AssertionError("a test's"), new IOException("checked"),
                new StackOverflowError(), new OutOfMemoryError());
        for (Throwable one : all) {
            loop.execute(() -> Handles.throwIt(one));
            if (hasHandler) {
                assertEquals(1, loop.runOnce(0));
                assertSame(one, blame.thrown.getLast());
            } else {
                assertSame(one, assertThrows(Throwable.class, () -> loop.runOnce(0)));
            }
        }
        assertEquals(all.size(), metric(LoopMetrics.THREW_OFFSET));
    }

    /** Throws any exception, declared or not. */
    private static final class Handles {
        @SuppressWarnings("unchecked")
        static <T extends Throwable> void throwIt(Throwable t) throws T {
            throw (T) t;
        }
    }

    @Test
    void anExceptionHandlerThatThrowsIsLoud() {
        open((handle, t) -> {
            throw new IllegalStateException("not this one", t);
        });
        Probe probe = probe("p");
        Probe other = probe("other");
        probe.onReady = thrower("ready");
        other.onReady = thrower("ready");
        probe.signal();
        other.signal();
        Exception e = assertThrows(IllegalStateException.class, () -> loop.run());
        assertEquals(Thrown.class, e.getCause().getClass());
        assertEquals(1, e.getSuppressed().length);
        assertEquals(ReturnCode.CALLBACK_THREW, probe.code);
        assertEquals(ReturnCode.CALLBACK_THREW, other.code);
        assertEquals(0, loop.run());
    }

    @Test
    void theExceptionHandlerMayCloseTheLoop() {
        open((handle, t) -> loop.close());
        Probe probe = probe("p");
        Probe other = probe("other");
        probe.onReady = thrower("ready");
        probe.signal();
        assertEquals(0, loop.run());
        assertEquals(ReturnCode.CALLBACK_THREW, probe.code);
        assertEquals(ReturnCode.CLOSED, other.code);
        assertEquals(ReturnCode.NOT_OPEN, loop.run());
    }

    @Test
    void theSameExceptionTwiceIsThrownOnce() {
        open(null);
        Thrown same = new Thrown("same");
        for (int i = 0; i < 2; i++) {
            loop.execute(() -> Handles.throwIt(same));
        }
        assertSame(same, assertThrows(Thrown.class, () -> loop.runOnce(0)));
        assertEquals(0, same.getSuppressed().length);
        assertEquals(2, metric(LoopMetrics.THREW_OFFSET));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void exceptionsWhileTheLoopCloses(boolean hasHandler) {
        open(hasHandler ? blame : null);
        List<Probe> all = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            Probe probe = probe("" + i);
            probe.onClosed = thrower("closed");
            all.add(probe);
        }
        if (hasHandler) {
            loop.close();
            assertEquals(all, blame.handles);
        } else {
            Exception e = assertThrows(Thrown.class, () -> loop.close());
            assertEquals(5, e.getSuppressed().length);
        }
        for (Probe probe : all) {
            assertEquals(1, probe.closed);
            assertEquals(ReturnCode.CLOSED, probe.code);
        }
        assertEquals(ReturnCode.NOT_OPEN, loop.runOnce(0));
        Descriptors.assertOpen(descriptors);
    }

    /** As programs write it: the exception of the block comes out, with the one of close. */
    @Test
    void tryWithResourcesLeaksNothing() {
        Thrown outer = assertThrows(Thrown.class, () -> {
            try (EventLoop own = new EventLoop(new LoopConfig().handles(8))) {
                loop = own;
                assertEquals(0, own.open());
                for (int i = 0; i < 6; i++) {
                    probe("" + i).onClosed = thrower("closed");
                }
                own.execute(thrower("task"));
                own.run();
            }
        });
        assertEquals("task", outer.getMessage());
        assertEquals("closed", outer.getSuppressed()[0].getMessage());
        assertEquals(5, outer.getSuppressed()[0].getSuppressed().length);
        Descriptors.assertOpen(descriptors);
    }

    @Test
    void aRefusedHandleWhoseOwnerThrowsIsClosedToo() {
        open(blame);
        Probe probe = probe("p");
        Probe other = probe("other");
        probe.onClosed = thrower("closed");
        time.posix.fail(Syscall.EPOLL_CTL, 12, 0, 1);
        loop.runOnce(0);
        assertEquals(List.of(probe), blame.handles);
        assertEquals(-12, probe.code);
        other.signal();
        loop.runOnce(0);
        assertEquals("other ready", calls.getLast());
    }
}
