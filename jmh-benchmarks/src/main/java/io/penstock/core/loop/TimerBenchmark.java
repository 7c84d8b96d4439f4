package io.penstock.core.loop;

import io.netty.util.HashedWheelTimer;
import io.netty.util.TimerTask;
import io.penstock.benchmarks.Measured;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.agrona.DeadlineTimerWheel;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A timer is started and cancelled, or runs, while others wait: as an idle connection's does with
 * every message. Penstock's clock and Agrona's stand still, so that what is measured is the timers.
 */
public class TimerBenchmark extends Measured {
    private static final long TICK_NS = 1 << 20;
    private static final int TICKS = 1024;
    private static final long HOUR_NS = TimeUnit.HOURS.toNanos(1);
    private static final TimerTask NOTHING = timeout -> { };

    /** How many others there are. */
    @Param({"1", "10", "100", "1000", "10000"})
    public int pending;

    private long fired;
    private long nowNs;
    private final DeadlineTimerWheel agrona =
            new DeadlineTimerWheel(TimeUnit.NANOSECONDS, 0, TICK_NS, TICKS);
    private final HashedWheelTimer netty = new HashedWheelTimer();
    private final ScheduledThreadPoolExecutor jdk = new ScheduledThreadPoolExecutor(1);
    private EventLoop loop;
    private Timer timer;

    /** Starts the others. */
    @Setup
    public void open() {
        loop = new EventLoop(new LoopConfig().timers(pending + 1).clock(() -> nowNs));
        require(loop.open());
        timer = new Timer(loop, due -> fired++);
        jdk.setRemoveOnCancelPolicy(true);
        for (int i = 0; i < pending; i++) {
            long delayNs = HOUR_NS + i * TICK_NS;
            require(new Timer(loop, due -> fired++).start(delayNs));
            agrona.scheduleTimer(delayNs);
            netty.newTimeout(NOTHING, delayNs, TimeUnit.NANOSECONDS);
            jdk.schedule(() -> { }, delayNs, TimeUnit.NANOSECONDS);
        }
    }

    /** Ends their threads. */
    @TearDown
    public void close() {
        loop.close();
        netty.stop();
        jdk.shutdownNow();
    }

    /**
     * Penstock's heap.
     *
     * @return a code
     */
    @Benchmark
    public int penstockCancel() {
        timer.start(HOUR_NS);
        return timer.cancel();
    }

    /**
     * Agrona's wheel.
     *
     * @return whether there was one
     */
    @Benchmark
    public boolean agronaCancel() {
        return agrona.cancelTimer(agrona.scheduleTimer(HOUR_NS));
    }

    /**
     * Netty's wheel, whose thread does the rest.
     *
     * @return whether there was one
     */
    @Benchmark
    public boolean nettyCancel() {
        return netty.newTimeout(NOTHING, HOUR_NS, TimeUnit.NANOSECONDS).cancel();
    }

    /**
     * The JDK's heap, which threads share.
     *
     * @return whether there was one
     */
    @Benchmark
    public boolean jdkCancel() {
        return jdk.schedule(() -> { }, HOUR_NS, TimeUnit.NANOSECONDS).cancel(false);
    }

    /**
     * One that is due; a turn of the loop, with its system call, is in it.
     *
     * @return how many ran
     */
    @Benchmark
    public int penstockExpire() {
        timer.start(0);
        return loop.runOnce(0);
    }

    /**
     * The same of Agrona's wheel, which has no loop.
     *
     * @return how many ran
     */
    @Benchmark
    public int agronaExpire() {
        agrona.scheduleTimer(0);
        agrona.currentTickTime(0);
        return agrona.poll(TICK_NS, (unit, now, id) -> true, 1);
    }
}
