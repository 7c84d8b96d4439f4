package io.penstock.core.net;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.Handle;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.sys.Posix;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Bytes in order, both ways: what TCP and Unix sockets, pipes and TLS connections all are, so that
 * one can be wrapped by another.
 *
 * <p>A stream starts paused. It reads while it is resumed, and gives what it read to its {@link
 * StreamHandler}. Nothing is called from inside a call on it: what follows from one follows later
 * in the same turn of the loop, or in the next.
 *
 * <p><b>Threading</b>: the loop's thread. <b>Allocation</b>: none after set-up, unless a method
 * says so. <b>Returns</b>: every method that answers an {@code int} answers {@link
 * ReturnCode#NOT_OPEN} before the stream is open and {@link ReturnCode#CLOSED} after {@code close}.
 */
public abstract class Stream extends Handle {
    /** Who is told; null only for a stream with no loop. */
    protected final StreamHandler handler;
    private boolean isReading;
    private boolean isEnded;

    /**
     * A stream of a loop.
     *
     * @param loop the loop
     * @param handler who is told
     * @param name its label in the metrics
     */
    protected Stream(EventLoop loop, StreamHandler handler, String name) {
        super(loop, StreamMetrics.TYPE, name);
        this.handler = handler;
    }

    /**
     * A stream of no loop, with words of its own.
     *
     * @param posix the operating system
     * @param name what it is called
     */
    protected Stream(Posix posix, String name) {
        super(posix, StreamMetrics.TYPE, name);
        handler = null;
    }

    /**
     * Writes.
     *
     * @param buffer off the heap
     * @param offset of the first byte
     * @param length how many
     * @return bytes accepted, which the caller may use again: 0 to {@code length} without a queue,
     *     all of them with one; after fewer, {@link StreamHandler#onWritable} follows. Or
     *     {@link ReturnCode#HEAP_BUFFER}; {@link ReturnCode#POOL_EXHAUSTED} or
     *     {@link ReturnCode#MESSAGE_TOO_LONG} if the queue cannot hold it, and then nothing was
     *     accepted; {@code -EPIPE} after {@link #shutdown}; {@code -errno} of the connection
     */
    public abstract int write(DirectBuffer buffer, int offset, int length);

    /**
     * Reads, on a stream of no loop.
     *
     * @param buffer off the heap
     * @param offset where to
     * @param length at most
     * @return bytes, at least 1; {@code -EAGAIN} if there are none now; {@link ReturnCode#EOF};
     *     {@link ReturnCode#ATTACHED} if the stream is a loop's; {@link ReturnCode#HEAP_BUFFER};
     *     {@code -errno}
     */
    public abstract int read(MutableDirectBuffer buffer, int offset, int length);

    /**
     * Gives the stream memory of its own to read into, before its first {@link #resume}. What is
     * there stays while the stream is paused.
     *
     * @param buffer off the heap
     * @param offset where it begins
     * @param length at least 1
     * @return 0, {@link ReturnCode#HEAP_BUFFER}, {@link ReturnCode#BAD_ARGUMENT}
     */
    public abstract int readInto(MutableDirectBuffer buffer, int offset, int length);

    /**
     * Attaches a queue, before the stream is open: a write is then accepted whole.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param pool whose slabs keep what could not be sent; streams of one loop share it
     * @return 0 or {@link ReturnCode#ALREADY_OPEN}
     */
    public abstract int queue(BufferPool pool);

    /**
     * What was accepted and is not sent.
     *
     * @return bytes
     */
    public abstract int queuedBytes();

    /**
     * Ends this side, after what was accepted; the peer's {@code onEnd} follows from it.
     *
     * @return 0 or {@code -errno}
     */
    public abstract int shutdown();

    /**
     * Closes when told.
     *
     * @param when now, or after what was accepted has gone
     * @return 0 or {@link ReturnCode#CLOSED}
     */
    public abstract int close(Close when);

    /**
     * Closes now, and drops what was not sent. {@link StreamHandler#onClose} follows.
     *
     * @return 0 or {@link ReturnCode#CLOSED}
     */
    public final int close() {
        return close(Close.NOW);
    }

    /**
     * Reads from now on.
     *
     * @return 0, also if it does already
     */
    public final int resume() {
        if (!isOpen()) {
            return closedCode();
        }
        if (!isReading) {
            isReading = true;
            count(StreamMetrics.RESUME_OFFSET, 1);
            onReadingChanged();
        }
        return 0;
    }

    /**
     * Stops reading.
     *
     * @return 0, also if it has already
     */
    public final int pause() {
        if (!isOpen()) {
            return closedCode();
        }
        if (isReading) {
            isReading = false;
            count(StreamMetrics.PAUSE_OFFSET, 1);
            onReadingChanged();
        }
        return 0;
    }

    /**
     * Whether it is resumed.
     *
     * @return false at first
     */
    public final boolean isReading() {
        return isReading;
    }

    /**
     * Whether its end was seen.
     *
     * @return true from {@link StreamHandler#onEnd} on
     */
    public final boolean isEnded() {
        return isEnded;
    }

    /** Reading was switched on or off. */
    protected abstract void onReadingChanged();

    /**
     * Begins a life: as {@link #attach}, paused and with no end seen.
     *
     * @param descriptor as of {@link Handle#attach}
     * @param isExclusive as of {@link Handle#attach}
     * @return as {@link Handle#attach}
     */
    protected final int attachPaused(int descriptor, boolean isExclusive) {
        isReading = false;
        isEnded = false;
        return attach(descriptor, isExclusive);
    }

    /** Takes note of the end, and tells the handler. */
    protected final void ended() {
        isEnded = true;
        count(StreamMetrics.END_OFFSET, 1);
        onReadingChanged();
        if (handler != null) {
            handler.onEnd(this);
        }
    }

    /**
     * Closes because of an error, and counts it.
     *
     * @param code what {@link StreamHandler#onClose} is told
     */
    protected final void fail(int code) {
        count(StreamMetrics.ERROR_OFFSET, 1);
        startClose(code);
    }

    @Override
    protected void onRefused(int code) {
        fail(code);
    }
}
