package io.penstock.core.buffer;

import java.util.concurrent.TimeUnit;

/**
 * A user of a {@link BufferPool} that keeps slabs while it waits for another party, such as a
 * stream whose peer does not read. The pool orders its holders by their last progress. When the
 * pool is short, the holder without progress for longest gives its slabs back: the stream whose
 * peer does not read pays, not the other users of the pool.
 *
 * <p><b>Threading</b>: the pool's thread. <b>Allocation</b>: none.
 */
public abstract class SlabHolder {
    /** A holder without progress for this long is stalled: see {@link BufferPool#reclaim}. */
    public static final long STALL_NS = TimeUnit.SECONDS.toNanos(1);

    SlabHolder staler;
    SlabHolder fresher;
    boolean isListed;
    long progressNs;

    /** A holder, which holds no slab yet. */
    protected SlabHolder() {
    }

    /** Gives every slab back at once, and ends the work that needed them. */
    protected abstract void reclaimed();
}
