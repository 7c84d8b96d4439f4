package io.penstock.compare;

import static io.penstock.compare.PenstockEcho.check;

import com.sun.management.ThreadMXBean;
import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.Future;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.loop.Timer;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.agrona.DeadlineTimerWheel;

/**
 * What it costs to put off one of many timers, as a server does with a connection's time limit
 * whenever something comes: {@code TimerCost LIBRARY MS COUNT…}. For each count that many timers
 * are pending, 1 to 60 s ahead; in turn each is cancelled and started anew. Prints a line of
 * nanoseconds of the thread's processor time and heap bytes for one, the libraries being penstock,
 * netty (its event loop's own), wheel (Agrona's, which has no clock) and jdk.
 */
final class TimerCost {
    private static final ThreadMXBean THREADS =
            (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int BATCH = 1_000;
    private static final long MS = 1_000_000;
    private static final long LEAST_NS = 1_000 * MS;
    private static final long RANGE_NS = 59_000 * MS;

    /** Timers that are pending. */
    private interface Timers {
        /** Stops one, if it runs, and starts it. */
        void putOff(int index, long delayNs);

        /** Does the work where a server does it. */
        default void within(Runnable work) {
            work.run();
        }
    }

    private TimerCost() {
    }

    public static void main(String[] args) throws Exception {
        long ms = Long.parseLong(args[1]);
        if (args[0].equals("netty")) {
            IoEventLoop loop = new MultiThreadIoEventLoopGroup(
                    1, EpollIoHandler.newFactory()).next();
            loop.submit(() -> measure(args, ms, loop)).sync();
        } else {
            measure(args, ms, null);
        }
        System.exit(0);
    }

    private static void measure(String[] args, long ms, IoEventLoop loop) {
        for (int i = 2; i < args.length; i++) {
            int count = Integer.parseInt(args[i]);
            Timers timers = switch (args[0]) {
                case "penstock" -> penstock(count);
                case "netty" -> netty(loop, count);
                case "wheel" -> wheel(count);
                case "jdk" -> jdk(count);
                default -> throw new IllegalArgumentException(args[0]);
            };
            timers.within(() -> {
                run(timers, count, 2 * ms);
                System.out.println(run(timers, count, ms));
            });
        }
    }

    private static String run(Timers timers, int count, long ms) {
        long thread = Thread.currentThread().threadId();
        long bytes = THREADS.getThreadAllocatedBytes(thread);
        long begin = THREADS.getCurrentThreadCpuTime();
        long random = 1;
        long done = 0;
        int index = 0;
        long ns;
        do {
            for (int i = 0; i < BATCH; i++) {
                random = random * 6_364_136_223_846_793_005L + 1_442_695_040_888_963_407L;
                timers.putOff(index, LEAST_NS + (random >>> 20) % RANGE_NS);
                index = index + 1 < count ? index + 1 : 0;
            }
            done += BATCH;
            ns = THREADS.getCurrentThreadCpuTime() - begin;
        } while (ns < ms * MS);
        bytes = THREADS.getThreadAllocatedBytes(thread) - bytes;
        return String.format(Locale.ROOT, "%.2f %.4f", (double) ns / done, (double) bytes / done);
    }

    private static Timers penstock(int count) {
        EventLoop loop = new EventLoop(new LoopConfig().timers(count));
        check(loop.open());
        Timer[] timers = new Timer[count];
        for (int i = 0; i < count; i++) {
            timers[i] = new Timer(loop, timer -> { });
        }
        return new Timers() {
            @Override
            public void putOff(int index, long delayNs) {
                timers[index].start(delayNs);
            }

            @Override
            public void within(Runnable work) {
                check(loop.execute(work)); // in a turn, as handlers are, which has one time
                check(loop.runOnce(0));
            }
        };
    }

    private static Timers netty(IoEventLoop loop, int count) {
        Runnable nothing = () -> { };
        Future<?>[] timers = new Future<?>[count];
        return (index, delayNs) -> {
            if (timers[index] != null) {
                timers[index].cancel(false);
            }
            timers[index] = loop.schedule(nothing, delayNs, TimeUnit.NANOSECONDS);
        };
    }

    private static Timers wheel(int count) {
        DeadlineTimerWheel wheel = new DeadlineTimerWheel(
                TimeUnit.NANOSECONDS, System.nanoTime(), 1 << 20, 1 << 10);
        long[] timers = new long[count];
        Arrays.fill(timers, DeadlineTimerWheel.NULL_DEADLINE);
        return (index, delayNs) -> {
            if (timers[index] != DeadlineTimerWheel.NULL_DEADLINE) {
                wheel.cancelTimer(timers[index]);
            }
            timers[index] = wheel.scheduleTimer(wheel.startTime() + delayNs);
        };
    }

    private static Timers jdk(int count) {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1);
        executor.setRemoveOnCancelPolicy(true);
        Runnable nothing = () -> { };
        ScheduledFuture<?>[] timers = new ScheduledFuture<?>[count];
        return (index, delayNs) -> {
            if (timers[index] != null) {
                timers[index].cancel(false);
            }
            timers[index] = executor.schedule(nothing, delayNs, TimeUnit.NANOSECONDS);
        };
    }
}
