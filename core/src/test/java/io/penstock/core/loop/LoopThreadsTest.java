package io.penstock.core.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.metrics.LoopMetrics;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import io.penstock.core.testing.Descriptors;
import io.penstock.core.testing.FaultyPosix;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A loop among other threads, and embedded in another loop; in real time. */
@Timeout(60)
class LoopThreadsTest {
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(10);
    private static final long STRESS_NS = TimeUnit.MILLISECONDS.toNanos(1_500);

    private final List<Thread> threads = new ArrayList<>();
    private final AtomicReference<Throwable> fault = new AtomicReference<>();
    private int descriptors;
    private EventLoop loop;

    @BeforeEach
    void open() {
        Posix.system().getpid();
        descriptors = Descriptors.open();
        loop = new EventLoop(new LoopConfig().handles(4).tasks(64));
        assertEquals(0, loop.open());
        loop.keepAlive();
    }

    @AfterEach
    void close() {
        loop.close();
        Descriptors.assertOpen(descriptors);
    }

    private interface Body {
        void run() throws InterruptedException;
    }

    private void start(Body body) {
        Thread thread = new Thread(() -> {
            try {
                body.run();
            } catch (Throwable t) {
                fault.compareAndSet(null, t);
                loop.stop();
                loop.wakeUp(); // in any state
            }
        });
        threads.add(thread);
        thread.start();
    }

    private void join() throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
        if (fault.get() != null) {
            throw new AssertionError(fault.get());
        }
    }

    @Test
    void aTaskWakesALoopThatWaits() throws InterruptedException {
        start(() -> {
            Thread.sleep(100);
            assertEquals(0, loop.execute(loop::stop));
        });
        long before = System.nanoTime();
        assertEquals(0, loop.run());
        long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - before);
        assertTrue(tookMs >= 50, "waited " + tookMs);
        assertEquals(1, loop.metrics().getLong(
                loop.metricsOffset() + LoopMetrics.WAKEUPS_OFFSET));
        join();
    }

    @Test
    void stopWakesALoopThatWaits() throws InterruptedException {
        start(() -> {
            Thread.sleep(50);
            loop.stop();
        });
        assertEquals(0, loop.run());
        join();
    }

    @Test
    void wakeUpEndsOneWait() throws InterruptedException {
        start(() -> {
            Thread.sleep(50);
            assertEquals(0, loop.wakeUp());
        });
        assertEquals(1, loop.runOnce(EventLoop.NO_LIMIT));
        assertEquals(0, loop.runOnce(1));
        join();
    }

    @Test
    void stopEndsBusySpinning() throws InterruptedException {
        AtomicInteger ran = new AtomicInteger();
        start(() -> {
            for (int i = 0; i < 1_000; i++) {
                while (loop.execute(ran::incrementAndGet) == ReturnCode.TASKS_EXHAUSTED) {
                    Thread.yield();
                }
            }
            while (ran.get() < 1_000) {
                Thread.yield();
            }
            loop.stop();
        });
        assertEquals(0, loop.run(BusySpinIdleStrategy.INSTANCE));
        join();
        assertEquals(0, loop.metrics().getLong(
                loop.metricsOffset() + LoopMetrics.WAKEUPS_OFFSET), "nobody had to be woken");
    }

    /**
     * The race of a loop that begins to wait with a task that is offered: no task may be missed.
     */
    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    void noWakeUpIsMissed(int producers) throws InterruptedException {
        long end = System.nanoTime() + STRESS_NS;
        AtomicInteger left = new AtomicInteger(producers);
        for (int i = 0; i < producers; i++) {
            int seed = i;
            start(() -> {
                Random random = new Random(seed);
                while (System.nanoTime() < end && fault.get() == null) {
                    oneAtATime(random);
                }
                if (left.decrementAndGet() == 0) {
                    loop.stop();
                }
            });
        }
        assertEquals(0, loop.run());
        join();
    }

    /** Offers one task at a time, and waits until it has run: no other task wakes the loop. */
    private void oneAtATime(Random random) {
        boolean[] ran = {false};
        AtomicInteger done = new AtomicInteger();
        assertEquals(0, loop.execute(() -> {
            ran[0] = true;
            done.setRelease(1);
        }));
        long deadline = System.nanoTime() + PATIENCE_NS;
        while (done.getAcquire() == 0) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("a task was overslept");
            }
            Thread.onSpinWait();
        }
        assertTrue(ran[0]);
        for (int spins = random.nextInt(2_000); spins > 0; spins--) {
            Thread.onSpinWait(); // lets the loop begin to wait, or nearly so
        }
    }

    /** Accepted tasks run, and all other tasks are refused, whatever the timing. */
    @Test
    void noTaskVanishesWhileTheLoopCloses() throws InterruptedException {
        for (int round = 0; round < 300; round++) {
            EventLoop closing = new EventLoop(new LoopConfig().handles(1).tasks(8));
            assertEquals(0, closing.open());
            int[] ran = {0};
            AtomicInteger accepted = new AtomicInteger();
            AtomicInteger begun = new AtomicInteger();
            threads.clear();
            for (int i = 0; i < 2; i++) {
                start(() -> {
                    begun.incrementAndGet();
                    int rc = 0;
                    while (rc != ReturnCode.CLOSED) {
                        rc = closing.execute(() -> ran[0]++);
                        if (rc == 0) {
                            accepted.incrementAndGet();
                        } else if (rc != ReturnCode.CLOSED) {
                            assertEquals(ReturnCode.TASKS_EXHAUSTED, rc);
                        }
                        closing.wakeUp();
                    }
                });
            }
            while (begun.get() < 2) {
                closing.runOnce(0);
            }
            closing.close();
            join();
            assertEquals(accepted.get(), ran[0]);
            assertEquals(ReturnCode.CLOSED, closing.wakeUp());
        }
    }

    /** Bursts into a queue that is full most of the time: accepted tasks run in order. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nothingAcceptedIsLost(boolean hasTimers) throws InterruptedException {
        int producers = 3;
        int each = 300_000;
        int[] ran = new int[producers];
        int[] all = {0};
        AtomicInteger refused = new AtomicInteger();
        Timer timer = new Timer(loop, t -> { });
        Timer watchdog = new Timer(loop, t -> loop.stop());
        watchdog.start(2 * PATIENCE_NS);
        if (hasTimers) { // shifts the times at which the loop begins to wait
            timer.start(0, 3_000);
        }
        for (int i = 0; i < producers; i++) {
            int producer = i;
            start(() -> {
                for (int n = 0; n < each && fault.get() == null; n++) {
                    int expected = n;
                    Runnable task = () -> {
                        if (ran[producer]++ != expected) {
                            throw new AssertionError("out of order");
                        }
                        if (++all[0] == producers * each) {
                            loop.stop();
                        }
                    };
                    int rc;
                    while ((rc = loop.execute(task)) < 0) {
                        assertEquals(ReturnCode.TASKS_EXHAUSTED, rc);
                        refused.incrementAndGet();
                        Thread.yield();
                    }
                }
            });
        }
        assertEquals(0, loop.run());
        assertEquals(producers * each, all[0], "some were overslept");
        join();
        assertTrue(refused.get() > 0, "the queue was never full");
        assertEquals(producers * each, loop.metrics().getLong(
                loop.metricsOffset() + LoopMetrics.TASKS_OFFSET));
    }

    @Test
    void aSignalStormDoesNotLengthenAWait() {
        FaultyPosix posix = new FaultyPosix().interrupt(2, new Random(1));
        try (EventLoop stormy = new EventLoop(new LoopConfig().posix(posix))) {
            assertEquals(0, stormy.open());
            stormy.keepAlive();
            long before = System.nanoTime();
            assertEquals(0, stormy.runOnce(TimeUnit.MILLISECONDS.toNanos(30)));
            long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - before);
            assertTrue(tookMs >= 30 && tookMs < 1_000, "took ms " + tookMs);
        }
    }

    // A loop embedded in another.

    private static int poll(int descriptor, long timeoutNs) {
        NativeBuffer memory = NativeBuffer.allocate(32);
        memory.putInt(0, descriptor);
        memory.putInt(4, Linux.EPOLLIN);
        memory.putLong(8, timeoutNs / 1_000_000_000);
        memory.putLong(16, timeoutNs % 1_000_000_000);
        int n = Posix.system().ppoll(
                memory.addressOffset(), 1, memory.addressOffset() + 8, 0, 0);
        return n == -Errno.EINTR ? poll(descriptor, timeoutNs) : n;
    }

    /** Runs a turn of the embedded loop: 1 if the outer poller saw its descriptor, 0 if not. */
    private int outerTurn(int descriptor, long limitNs) {
        long next = loop.nextDeadlineNs();
        long waitNs = next == 0 ? 0 : next == EventLoop.NO_LIMIT ? limitNs
                : Math.clamp(next - loop.nowNs(), 0, limitNs);
        int told = poll(descriptor, waitNs);
        assertTrue(loop.runOnce(0) >= 0);
        return told;
    }

    @Test
    void anotherLoopSeesIoTasksAndDeadlines() throws InterruptedException {
        List<String> calls = new ArrayList<>();
        int descriptor = loop.descriptor();
        Probe probe = new Probe(loop, "p", calls);
        assertEquals(0, probe.open());
        assertEquals(0, loop.nextDeadlineNs(), "what is waited for has changed");
        outerTurn(descriptor, 0);
        assertEquals(EventLoop.NO_LIMIT, loop.nextDeadlineNs());
        assertEquals(0, poll(descriptor, 0));

        probe.signal();
        assertEquals(1, outerTurn(descriptor, 0));
        assertEquals(List.of("p ready"), calls);
        assertEquals(0, poll(descriptor, 0));

        start(() -> {
            Thread.sleep(50);
            loop.execute(() -> calls.add("task"));
        });
        assertEquals(1, outerTurn(descriptor, PATIENCE_NS));
        join();
        outerTurn(descriptor, 0);
        assertEquals(List.of("p ready", "task"), calls);
        assertEquals(0, poll(descriptor, 0));

        new Timer(loop, timer -> calls.add("timer")).start(TimeUnit.MILLISECONDS.toNanos(20));
        assertEquals(0, outerTurn(descriptor, PATIENCE_NS));
        assertEquals("timer", calls.getLast());

        probe.addToReadyList();
        assertEquals(0, loop.nextDeadlineNs());
        probe.close(0);
        outerTurn(descriptor, 0);
        assertEquals(1, probe.closed);
    }

    @Test
    void noWakeUpOfAnOuterLoopIsMissed() throws InterruptedException {
        int descriptor = loop.descriptor();
        long end = System.nanoTime() + STRESS_NS;
        AtomicInteger left = new AtomicInteger(2);
        for (int i = 0; i < 2; i++) {
            int seed = i;
            start(() -> {
                Random random = new Random(seed);
                while (System.nanoTime() < end && fault.get() == null) {
                    oneAtATime(random);
                }
                loop.execute(left::decrementAndGet);
            });
        }
        while (left.get() > 0 && fault.get() == null) {
            outerTurn(descriptor, PATIENCE_NS);
        }
        join();
    }

    /** A wake-up that began before the loop was embedded must not silence it afterwards. */
    @Test
    void wakingWhileItIsEmbeddedSilencesNothing() throws InterruptedException {
        int descriptor = loop.descriptor();
        loop.wakeUp();
        outerTurn(descriptor, 0);
        outerTurn(descriptor, 0);
        loop.execute(() -> { });
        assertEquals(1, poll(descriptor, 0));
        loop.runOnce(1_000); // a turn that waits by itself, in between
        outerTurn(descriptor, 0);
        loop.execute(() -> { });
        assertEquals(1, poll(descriptor, 0));
    }
}
