package io.penstock.core.loop;

import io.penstock.core.metrics.MetricsType;

/**
 * The place where a handle lives: an {@link EventLoop}, or {@link Alone}, with no loop. It answers
 * for the handle whatever differs between the two, so that a handle need not ask which it is.
 */
abstract class Home {
    /** Takes a place for a handle that opens: 0, or a code. */
    abstract int enter(Handle handle);

    /** Gives the place back. */
    abstract void leave(Handle handle);

    /** Whether there is a place for one more handle. */
    abstract boolean hasFreeSlot();

    /** Under -ea: true, or an error that names the thread to which the home belongs. */
    abstract boolean isOwner();

    abstract void keepAlive();

    abstract void release();

    abstract void setOperations(Handle handle, int operations);

    abstract void cancelOperations(Handle handle);

    abstract void perform(Handle handle, int readiness);

    abstract void makeReady(Handle handle);

    /** The handle has begun to close: ends it now, or in a close phase. */
    abstract void close(Handle handle);

    /** The block that accumulates the counters of closed handles of a type, or a code. */
    abstract int aggregate(MetricsType type);

    abstract void threw(Handle charged, Throwable thrown);

    abstract long nowNs();

    /** Ends a handle that has begun to close: everything is given back before its user is told. */
    final void end(Handle handle) {
        int code = handle.result();
        try {
            handle.onClosed(code);
        } catch (Throwable t) {
            threw(handle, t);
        }
        handle.endLife();
        try {
            handle.callOnClose(code);
        } catch (Throwable t) {
            threw(handle, t);
        }
        handle.onDetached();
    }
}
