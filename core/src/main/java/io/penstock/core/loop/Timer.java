package io.penstock.core.loop;

import io.penstock.core.ReturnCode;
import java.util.Objects;

/**
 * A deadline of an {@link EventLoop}. Made once, started any number of times.
 *
 * <p><b>Threading</b>: the loop's thread. <b>Allocation</b>: none after construction.
 */
public final class Timer {
    // No two deadlines are further apart than a long can tell, and 146 years are as good as never.
    private static final long MAX_AHEAD_NS = Long.MAX_VALUE / 2;

    private final EventLoop loop;
    private final TimerHandler handler;
    private boolean keepsAlive = true;
    final Handle owner; // null if it is the caller's
    long deadlineNs;
    long periodNs;
    long sequence;
    int place = -1;

    /**
     * A timer that is not running yet.
     *
     * @param loop whose clock it goes by
     * @param handler what it calls, in the loop's timer phase
     */
    public Timer(EventLoop loop, TimerHandler handler) {
        this(loop, Objects.requireNonNull(handler), null);
        Objects.requireNonNull(loop);
    }

    Timer(EventLoop loop, TimerHandler handler, Handle owner) {
        this.loop = loop;
        this.handler = handler;
        this.owner = owner;
    }

    /**
     * Starts it, again if it is running.
     *
     * @param delayNs from the loop's {@link EventLoop#nowNs}; negative counts as 0
     * @return 0, {@link ReturnCode#TIMERS_EXHAUSTED}, or {@link ReturnCode#CLOSED} (the loop)
     */
    public int start(long delayNs) {
        return startAt(loop.nowNs() + Math.max(0, delayNs));
    }

    /**
     * Starts it, to run again each period until it is cancelled; periods that were missed are not
     * made up for.
     *
     * @param delayNs until the first time
     * @param periodNs between times, positive
     * @return 0, {@link ReturnCode#TIMERS_EXHAUSTED}, {@link ReturnCode#BAD_ARGUMENT}, or
     *     {@link ReturnCode#CLOSED} (the loop)
     */
    public int start(long delayNs, long periodNs) {
        if (periodNs <= 0) {
            return ReturnCode.BAD_ARGUMENT;
        }
        int rc = start(delayNs);
        this.periodNs = rc < 0 ? 0 : periodNs;
        return rc;
    }

    /**
     * Starts it for an absolute time of the loop's clock.
     *
     * @param deadlineNs when; the past counts as now
     * @return 0, {@link ReturnCode#TIMERS_EXHAUSTED}, or {@link ReturnCode#CLOSED} (the loop)
     */
    public int startAt(long deadlineNs) {
        assert loop.isOwner();
        cancel();
        if (loop.isClosed()) {
            return ReturnCode.CLOSED;
        }
        // One in the past would be before those that are due, and again when it starts itself.
        long nowNs = loop.nowNs();
        this.deadlineNs = nowNs + Math.clamp(deadlineNs - nowNs, 0, MAX_AHEAD_NS);
        int rc = loop.timers().add(this);
        if (rc == 0 && keepsAlive) {
            loop.keepAlive();
        }
        return rc;
    }

    /**
     * Stops it.
     *
     * @return 1 if it was running, 0 if not
     */
    public int cancel() {
        assert loop == null || loop.isOwner(); // a handle of no loop has one too
        periodNs = 0;
        if (place < 0) {
            return 0;
        }
        loop.timers().remove(this);
        if (keepsAlive) {
            loop.release();
        }
        return 1;
    }

    /**
     * Whether it is running.
     *
     * @return true between {@code start} and its call or {@code cancel}
     */
    public boolean isPending() {
        return place >= 0;
    }

    /** Lets {@link EventLoop#run} go on while this is pending, as it does at first. */
    public void keepAlive() {
        if (!keepsAlive && place >= 0) {
            loop.keepAlive();
        }
        keepsAlive = true;
    }

    /** Lets {@link EventLoop#run} end though this is pending. */
    public void release() {
        if (keepsAlive && place >= 0) {
            loop.release();
        }
        keepsAlive = false;
    }

    /** Takes itself out of the heap, or ahead by a period, and calls. */
    void fire(long nowNs) {
        long period = periodNs;
        if (period > 0) {
            long late = nowNs - deadlineNs;
            startAt(deadlineNs + (late / period + 1) * period);
            periodNs = period;
        } else {
            cancel();
        }
        try {
            handler.onTimer(this);
        } catch (Throwable thrown) {
            loop.threw(owner, thrown);
        }
    }
}
