package io.penstock.core.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.metrics.LoopMetrics;
import io.penstock.core.testing.Allocation;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("allocation")
class LoopAllocationTest {
    private static final int WARM_UP = 1_500;
    private static final int COUNT = 500;

    private final EventLoop loop = new EventLoop(new LoopConfig().handles(4).timers(16));
    private int ran;
    private final Runnable task = () -> ran++;

    @BeforeEach
    void open() {
        assertEquals(0, loop.open());
        loop.keepAlive();
    }

    @AfterEach
    void close() {
        loop.close();
    }

    private static void assertNone(String name, Runnable operation) {
        Allocation.assertNone(name, WARM_UP, COUNT, operation);
    }

    @Test
    void turnsThatFindNothing() {
        assertNone("runOnce(0)", () -> loop.runOnce(0));
        assertNone("runOnce that waits", () -> loop.runOnce(1));
    }

    @Test
    void startingAndCancellingTimers() {
        Timer[] timers = new Timer[16];
        for (int i = 0; i < timers.length; i++) {
            timers[i] = new Timer(loop, timer -> { });
        }
        Timer refused = new Timer(loop, timer -> { });
        assertNone("start and cancel", () -> {
            for (int i = 0; i < timers.length; i++) {
                timers[i].start(1_000_000_000L + (i * 7 & 15));
            }
            assertTrue(refused.start(1) == ReturnCode.TIMERS_EXHAUSTED);
            for (Timer timer : timers) {
                timer.cancel();
            }
        });
    }

    @Test
    void firingTimers() {
        Timer once = new Timer(loop, timer -> ran++);
        Timer again = new Timer(loop, timer -> ran++);
        again.start(0, 1);
        assertNone("timers", () -> {
            once.start(0);
            loop.runOnce(0);
        });
        assertTrue(ran >= 2 * (WARM_UP + COUNT));
    }

    @Test
    void tasks() {
        assertNone("execute", () -> {
            loop.execute(task);
            loop.execute(task);
            loop.runOnce(0);
        });
        assertTrue(ran >= 2 * (WARM_UP + COUNT));
    }

    @Test
    void wakingUp() {
        assertNone("wakeUp", () -> {
            loop.wakeUp();
            loop.runOnce(EventLoop.NO_LIMIT);
        });
        assertTrue(loop.metrics().getLong(loop.metricsOffset() + LoopMetrics.WAKEUPS_OFFSET)
                >= WARM_UP + COUNT);
    }

    @Test
    void embedding() {
        assertNone("descriptor and execute", () -> {
            loop.descriptor();
            loop.execute(task);
            while (loop.nextDeadlineNs() == 0) {
                loop.runOnce(0);
            }
            loop.nowNs();
        });
    }

    @Test
    void handlesThatComeAndGo() {
        Bare handle = new Bare(loop);
        assertNone("attach, ready list, close", () -> {
            handle.cycle();
            loop.runOnce(0);
            loop.handle(handle.token());
        });
        assertTrue(handle.runs >= WARM_UP + COUNT);
        assertEquals(handle.runs, handle.closings);
    }

    private static final class Bare extends Handle {
        private int runs;
        private int closings;

        Bare(EventLoop loop) {
            super(loop, Probe.TYPE, "bare");
        }

        void cycle() {
            attach(-1, true);
            makeReady();
        }

        @Override
        protected void onRun() {
            runs++;
            startClose(0);
        }

        @Override
        protected void onClosed(int code) {
            closings++;
        }
    }
}
