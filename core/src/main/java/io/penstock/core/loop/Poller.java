package io.penstock.core.loop;

/**
 * What the loop waits with. The seam behind which back ends differ; one thread's, like the loop.
 */
abstract class Poller {
    /** Readies it: 0 or a code. */
    abstract int open();

    /** Changes what is waited for on a descriptor: 0 or a code. */
    abstract int change(int descriptor, long token, int from, int to);

    /**
     * Waits until something is there or the time is up, or a signal comes ({@code -EINTR}).
     *
     * @param timeoutNs 0 to look only; {@link Long#MAX_VALUE} for ever
     * @return how many events there are
     */
    abstract int await(long timeoutNs);

    /** Whose the event is. */
    abstract long token(int event);

    /** What there is, of {@link Handle#READABLE} and {@link Handle#WRITABLE}. */
    abstract int readiness(int event);

    /** What is readable when an event is there; a code if there is no such thing. */
    abstract int descriptor();

    /** Gives everything back. */
    abstract void close();
}
