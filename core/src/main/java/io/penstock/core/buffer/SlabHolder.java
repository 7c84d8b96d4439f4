package io.penstock.core.buffer;

import java.util.concurrent.TimeUnit;

/**
 * A user of a {@link BufferPool} that keeps slabs for as long as somebody else makes no progress,
 * such as a stream whose peer does not read. The pool orders its holders by their last progress.
 * When the pool is short, the holder that has made none for longest gives its slabs back, so that
 * it pays for its peer, and not its neighbours.
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

    /** A holder of nothing yet. */
    protected SlabHolder() {
    }

    /** Gives every slab back, now, and ends whatever needed them. */
    protected abstract void reclaimed();
}
