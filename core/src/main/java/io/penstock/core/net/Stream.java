package io.penstock.core.net;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.Handle;
import io.penstock.core.metrics.MetricsRegion;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.sys.Posix;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.AtomicBuffer;

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
    private static final int NO_BLOCK = -1;
    private static final int WORDS_BYTES = StreamMetrics.CLOSE_OFFSET + Long.BYTES;
    // What a stream that was never open shows: zeros.
    private static final NativeBuffer NO_WORDS = NativeBuffer.allocate(WORDS_BYTES);

    /** Who is told; null only for a stream with no loop. */
    protected final StreamHandler handler;
    /** The operating system. */
    protected final Posix posix;
    private String name;
    private MetricsRegion region; // that its words are in; null if they are its own
    private int type;
    private int sum;
    private AtomicBuffer words;
    private int wordsOffset;
    private int block = NO_BLOCK;
    private boolean isReading;
    private boolean isEnded;
    private boolean wasOpen;

    /**
     * A stream of a loop.
     *
     * @param loop the loop
     * @param handler who is told
     * @param name its label in the metrics
     */
    protected Stream(EventLoop loop, StreamHandler handler, String name) {
        super(loop);
        this.handler = handler;
        this.name = name;
        posix = loop.posix();
        words = NO_WORDS;
    }

    /**
     * A stream of no loop, with words of its own.
     *
     * @param posix the operating system
     * @param name what it is called
     */
    protected Stream(Posix posix, String name) {
        super(null);
        this.posix = posix;
        this.name = name;
        handler = null;
        words = NativeBuffer.allocate(WORDS_BYTES);
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
     * What it is called in the metrics.
     *
     * @return its name
     */
    public final String name() {
        return name;
    }

    /**
     * Names it, before it is open.
     *
     * @param name its label in the metrics
     */
    public final void name(String name) {
        this.name = name;
    }

    /**
     * Has a stream of no loop count in a region, where others can read it, from its next opening
     * on. Without this it counts in words of its own.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param region where
     * @param aggregate the block that sums up what closed, or {@link MetricsRegion#NO_AGGREGATE}
     * @return 0, {@link ReturnCode#ATTACHED} if it is a loop's, or a code of
     *     {@link MetricsRegion#register}
     */
    public final int metrics(MetricsRegion region, int aggregate) {
        if (loop() != null) {
            return ReturnCode.ATTACHED;
        }
        int registered = region.register(StreamMetrics.TYPE);
        if (registered < 0) {
            return registered;
        }
        this.region = region;
        type = registered;
        sum = aggregate;
        return 0;
    }

    /**
     * Where its words are; after closing, its last ones until the block is used again.
     *
     * @return memory; see {@link StreamMetrics}
     */
    public final DirectBuffer metrics() {
        return words;
    }

    /**
     * Where in {@link #metrics} they begin.
     *
     * @return an offset
     */
    public final int metricsOffset() {
        return wordsOffset;
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
     * Attaches with a fresh block of words.
     *
     * @param descriptor as of {@link Handle#attach}
     * @param isExclusive as of {@link Handle#attach}
     * @param aggregate the block that sums up what closed; of the loop, or a listener's
     * @return 0, a code of {@link Handle#attach}, or {@link ReturnCode#METRICS_EXHAUSTED}
     */
    protected final int attach(int descriptor, boolean isExclusive, int aggregate) {
        int rc = attach(descriptor, isExclusive);
        if (rc < 0) {
            return rc;
        }
        rc = claimWords(aggregate);
        if (rc < 0) {
            detach();
            return rc;
        }
        isReading = false;
        isEnded = false;
        wasOpen = true;
        return 0;
    }

    private int claimWords(int aggregate) {
        if (loop() != null) {
            region = loop().region();
            type = loop().streamType();
            sum = aggregate;
        }
        int claimed = region == null ? NO_BLOCK : region.claim(type, name, sum);
        if (claimed >= 0) {
            block = claimed;
            words = region.buffer();
            wordsOffset = region.wordsOffset(claimed);
        }
        return region == null ? 0 : Math.min(0, claimed);
    }

    /** Undoes {@link #attach} after a failed opening, with no callback. */
    protected final void abandon() {
        releaseWords();
        wasOpen = false;
        detach();
    }

    /** The end of its words: they go into the sum. */
    protected final void releaseWords() {
        if (block != NO_BLOCK) {
            region.close(block);
            block = NO_BLOCK;
        }
    }

    /**
     * What a call answers while the stream is not open.
     *
     * @return {@link ReturnCode#NOT_OPEN} or {@link ReturnCode#CLOSED}
     */
    protected final int closedCode() {
        return wasOpen ? ReturnCode.CLOSED : ReturnCode.NOT_OPEN;
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

    /**
     * Adds to one of its words.
     *
     * @param field an offset of {@link StreamMetrics}
     * @param delta how much
     */
    protected final void count(int field, long delta) {
        words.addLongOpaque(wordsOffset + field, delta);
    }

    /**
     * One of its words.
     *
     * @param field an offset of {@link StreamMetrics}
     * @return its value
     */
    public final long count(int field) {
        return words.getLong(wordsOffset + field);
    }

    /**
     * Raises a word that keeps a maximum.
     *
     * @param field an offset of {@link StreamMetrics}
     * @param value what it is at least from now on
     */
    protected final void raise(int field, long value) {
        if (value > count(field)) {
            words.putLongOpaque(wordsOffset + field, value);
        }
    }
}
