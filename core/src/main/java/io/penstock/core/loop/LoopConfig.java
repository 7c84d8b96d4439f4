package io.penstock.core.loop;

import io.penstock.core.metrics.MetricsRegion;
import io.penstock.core.sys.Posix;
import java.util.function.UnaryOperator;
import org.agrona.concurrent.NanoClock;

/**
 * The capacities of an {@link EventLoop}, its clock, its operating system and its metrics. The
 * constructor of the loop allocates everything; nothing grows later.
 *
 * <p><b>Threading</b>: one thread. <b>Allocation</b>: set-up.
 */
public final class LoopConfig {
    int handles = 1024;
    int timers = 256;
    int tasks = 1024;
    int checks = 16;
    int readBufferBytes = 64 << 10;
    NanoClock clock = System::nanoTime;
    Posix posix;
    MetricsRegion metrics;
    String name = "loop";
    ExceptionHandler onException;
    UnaryOperator<Backend> backend = made -> made; // tests wrap it

    /** The defaults. */
    public LoopConfig() {
    }

    /**
     * How many handles may be open at once. Default 1,024.
     *
     * @param count at least 1
     * @return this
     */
    public LoopConfig handles(int count) {
        handles = atLeast(1, count);
        return this;
    }

    /**
     * How many timers may be pending at once. Default 256.
     *
     * @param count at least 0
     * @return this
     */
    public LoopConfig timers(int count) {
        timers = atLeast(0, count);
        return this;
    }

    /**
     * How many tasks from other threads may wait at once. Default 1,024; rounded up to a power of
     * two.
     *
     * @param count at least 2
     * @return this
     */
    public LoopConfig tasks(int count) {
        tasks = atLeast(2, count);
        return this;
    }

    /**
     * How many check hooks there may be. Default 16.
     *
     * @param count at least 0
     * @return this
     */
    public LoopConfig checks(int count) {
        checks = atLeast(0, count);
        return this;
    }

    /**
     * The size of the memory that the loop's streams share to read into, unless a stream has memory
     * of its own. Default 64 KiB.
     *
     * @param lengthBytes at least 1
     * @return this
     */
    public LoopConfig readBufferBytes(int lengthBytes) {
        readBufferBytes = atLeast(1, lengthBytes);
        return this;
    }

    /**
     * The loop's clock. Default {@link System#nanoTime}.
     *
     * @param clock monotonic
     * @return this
     */
    public LoopConfig clock(NanoClock clock) {
        this.clock = clock;
        return this;
    }

    /**
     * The operating system to use. Default {@link Posix#system}.
     *
     * @param posix the system, or a test's replacement
     * @return this
     */
    public LoopConfig posix(Posix posix) {
        this.posix = posix;
        return this;
    }

    /**
     * The region for the counters of the loop and its handles. Default: a region of the loop's own,
     * with a block for each handle.
     *
     * @param region open; may be shared by several loops
     * @return this
     */
    public LoopConfig metrics(MetricsRegion region) {
        metrics = region;
        return this;
    }

    /**
     * The loop's name in the metrics. Default {@code loop}.
     *
     * @param name short
     * @return this
     */
    public LoopConfig name(String name) {
        this.name = name;
        return this;
    }

    /**
     * The exception handler, which receives the exceptions of callbacks. With one, the handle that
     * the callback belongs to is closed with {@link io.penstock.core.ReturnCode#CALLBACK_THREW},
     * and the loop goes on. Without one, which is the default, the exception leaves {@code run},
     * {@code runOnce} or {@code close} after the other callbacks of the turn have run.
     *
     * @param handler called in the loop's thread; null for none
     * @return this
     */
    public LoopConfig onException(ExceptionHandler handler) {
        onException = handler;
        return this;
    }

    private static int atLeast(int minimum, int value) {
        if (value < minimum) {
            throw new IllegalArgumentException(value + " < " + minimum);
        }
        return value;
    }
}
