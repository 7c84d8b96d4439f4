package io.penstock.core.loop;

import io.penstock.core.ReturnCode;
import java.util.Objects;

/**
 * A deadline of an {@link EventLoop}. A timer is made once and may be started any number of times.
 *
 * <p><b>Threading</b>: the loop's thread. <b>Allocation</b>: none after construction.
 */
public final class Timer {
    // Keeps the difference of two deadlines within a long. 146 years are as good as never.
    private static final long MAX_AHEAD_NS = Long.MAX_VALUE / 2;

    private final EventLoop loop;
    private final TimerHandler handler;
    private boolean keepsAlive = true;
    final Handle owner; // null for a timer that a user made
    long deadlineNs;
    long periodNs;
    long sequence;
    int place = -1;

    /**
     * A timer that is not running yet.
     *
     * @param loop the loop, whose clock the timer uses
     * @param handler called in the loop's timer phase
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
     * Starts the timer, or restarts it if it is running.
     *
     * @param delayNs from the loop's {@link EventLoop#nowNs}; negative counts as 0
     * @return 0, {@link ReturnCode#TIMERS_EXHAUSTED}, or {@link ReturnCode#CLOSED} (the loop)
     */
    public int start(long delayNs) {
        return startAt(loop.nowNs() + Math.max(0, delayNs));
    }

    /**
     * Starts the timer, to fire once a period until it is cancelled. Missed periods are skipped.
     *
     * @param delayNs the time until the timer first fires
     * @param periodNs the time between two firings, positive
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
     * Starts the timer for an absolute time of the loop's clock.
     *
     * @param deadlineNs the time; a past time counts as now
     * @return 0, {@link ReturnCode#TIMERS_EXHAUSTED}, or {@link ReturnCode#CLOSED} (the loop)
     */
    public int startAt(long deadlineNs) {
        assert loop.isOwner();
        cancel();
        if (loop.isClosed()) {
            return ReturnCode.CLOSED;
        }
        // Clamp to now: a past deadline would overtake due timers, again at each restart.
        long nowNs = loop.nowNs();
        this.deadlineNs = nowNs + Math.clamp(deadlineNs - nowNs, 0, MAX_AHEAD_NS);
        int rc = loop.timers().add(this);
        if (rc == 0 && keepsAlive) {
            loop.keepAlive();
        }
        return rc;
    }

    /**
     * Stops the timer.
     *
     * @return 1 if it was running, 0 if not
     */
    public int cancel() {
        assert owner == null ? loop.isOwner() : owner.isCalledInLoop();
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
     * Whether the timer is running.
     *
     * @return true from {@code start} until the timer has fired for the last time, or was cancelled
     */
    public boolean isPending() {
        return place >= 0;
    }

    /** Keeps {@link EventLoop#run} going while this timer is pending, which is the default. */
    public void keepAlive() {
        if (!keepsAlive && place >= 0) {
            loop.keepAlive();
        }
        keepsAlive = true;
    }

    /** Lets {@link EventLoop#run} end although this timer is pending. */
    public void release() {
        if (keepsAlive && place >= 0) {
            loop.release();
        }
        keepsAlive = false;
    }

    /** Stops, or moves on to the next period, and calls the handler. */
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
