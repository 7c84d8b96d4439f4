package io.penstock.core.net;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.buffer.SlabHolder;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.Handle;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.sys.Posix;
import java.util.Objects;
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
    private final StreamHandler firstHandler; // null only for a stream with no loop
    private StreamHandler handler;
    /** What was accepted and could not be sent; null without one. */
    protected WriteQueue queue;
    /** Where to read to, if the stream was given memory of its own; else null. */
    protected DirectBuffer readBuffer;
    /** Where in {@link #readBuffer} that begins. */
    protected int readOffset;
    /** How long it is. */
    protected int readLength;
    private Deadlines deadlines; // null without any
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
        firstHandler = Objects.requireNonNull(handler);
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
        firstHandler = null;
    }

    /**
     * The open stream of a token.
     *
     * @param loop the loop
     * @param token of {@link Handle#token}
     * @return null if it has closed since, or is no stream
     */
    public static Stream of(EventLoop loop, long token) {
        return loop.handle(token) instanceof Stream stream ? stream : null;
    }

    /**
     * Writes.
     *
     * @param buffer off the heap
     * @param offset of the first byte
     * @param length how many
     * @return bytes accepted, which the caller may use again: 0 to {@code length} without a queue,
     *     all of them with one; after fewer, {@link StreamHandler#onWritable} follows. Or
     *     {@link ReturnCode#HEAP_BUFFER}; {@link ReturnCode#MESSAGE_TOO_LONG} for more than the
     *     queue's whole pool; {@link ReturnCode#POOL_EXHAUSTED} if neither the kernel has room nor
     *     the pool, and no other stream has stalled: then nothing was accepted, and
     *     {@link StreamHandler#onWritable} follows; {@code -EPIPE} after {@link #shutdown};
     *     {@code -errno} of the connection
     */
    public abstract int write(DirectBuffer buffer, int offset, int length);

    /**
     * Writes several pieces as one message: by one system call, or in as few TLS records as they
     * fit. They are counted as one write.
     *
     * @param pieces stay as they are; what a stream without a queue accepted is removed by
     *     {@link Gather#advance}
     * @return as of {@link #write(DirectBuffer, int, int)}
     */
    public abstract int write(Gather pieces);

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
    public int readInto(MutableDirectBuffer buffer, int offset, int length) {
        if (NativeBuffer.isHeap(buffer)) {
            return ReturnCode.HEAP_BUFFER;
        }
        if (length < 1) {
            return ReturnCode.BAD_ARGUMENT;
        }
        buffer.boundsCheck(offset, length);
        readBuffer = buffer;
        readOffset = offset;
        readLength = length;
        return 0;
    }

    /**
     * Attaches a queue, before the stream is open: a write is then accepted whole, also before
     * {@code onOpen}, while the connection is being made.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param pool whose slabs keep what could not be sent; streams of one loop share it
     * @return 0 or {@link ReturnCode#ALREADY_OPEN}
     */
    public int queue(BufferPool pool) {
        if (!isFree()) {
            return ReturnCode.ALREADY_OPEN;
        }
        queue = new WriteQueue(pool, this);
        return 0;
    }

    /**
     * Gives it deadlines, before it is open. A stream that misses one closes by itself. What is
     * sent and read costs no more for it.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param openNs from its beginning, such as {@code connect}, to {@code onOpen}; then {@code
     *     onClose} is told {@link ReturnCode#TIMED_OUT}. 0 for none
     * @param idleNs how long it may move no byte, in either direction, also because it is paused or
     *     the peer does not read; it is noticed up to a quarter later, and {@code onClose} is told
     *     {@link ReturnCode#IDLE}. 0 for none
     * @param closeNs from {@link Close#WHEN_DRAINED} on, for the peer to read what was accepted;
     *     then {@code onClose} is told {@link ReturnCode#TIMED_OUT}. 0 for none
     * @return 0; {@link ReturnCode#ALREADY_OPEN}; {@link ReturnCode#BAD_ARGUMENT} for negative
     *     ones; {@link ReturnCode#NOT_SUPPORTED} on a stream of no loop
     */
    public final int deadlines(long openNs, long idleNs, long closeNs) {
        if (!isFree()) {
            return ReturnCode.ALREADY_OPEN;
        }
        if (loop() == null) {
            return ReturnCode.NOT_SUPPORTED;
        }
        if (openNs < 0 || idleNs < 0 || closeNs < 0) {
            return ReturnCode.BAD_ARGUMENT;
        }
        deadlines = new Deadlines(
                this, ownTimer(timer -> deadlines.passed()), openNs, idleNs, closeNs);
        return 0;
    }

    /**
     * Has another handler from the next callback on, for the rest of this life: for a protocol
     * that changes in the middle. The next life begins with the constructor's.
     *
     * @param handler who is told
     * @return 0; a code if it is not open
     */
    public final int handler(StreamHandler handler) {
        if (!isOpen()) {
            return closedCode();
        }
        this.handler = Objects.requireNonNull(handler);
        return 0;
    }

    /**
     * What was accepted and is not sent.
     *
     * @return bytes
     */
    public int queuedBytes() {
        return queue == null ? 0 : queue.lengthBytes();
    }

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
        assert isCalledInLoop();
        if (!isOpen()) {
            return closedCode();
        }
        if (!isReading) {
            isReading = true;
            readingChanged(StreamMetrics.RESUME_OFFSET);
        }
        return 0;
    }

    /**
     * Stops reading.
     *
     * @return 0, also if it has already
     */
    public final int pause() {
        assert isCalledInLoop();
        if (!isOpen()) {
            return closedCode();
        }
        if (isReading) {
            isReading = false;
            readingChanged(StreamMetrics.PAUSE_OFFSET);
        }
        return 0;
    }

    /** Behind the end there is nothing to start or to stop, and so nothing to count. */
    private void readingChanged(int field) {
        if (!isEnded) {
            count(field, 1);
        }
        onReadingChanged();
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
     * Begins the life of a stream that has no descriptor of its own, paused and with no end seen.
     *
     * @return as {@link Handle#attach}
     */
    protected final int attachPaused() {
        return attachPaused(-1, true, true);
    }

    /**
     * Begins a life: as {@link #attach}, paused and with no end seen.
     *
     * @param descriptor as of {@link Handle#attach}
     * @param isExclusive as of {@link Handle#attach}
     * @param isPollable as of {@link Handle#attach}
     * @return as {@link Handle#attach}
     */
    protected final int attachPaused(
            int descriptor, boolean isExclusive, boolean isPollable) {
        isReading = false;
        isEnded = false;
        handler = firstHandler;
        int rc = attach(descriptor, isExclusive, isPollable);
        if (rc == 0 && deadlines != null) {
            deadlines.begun();
        }
        return rc;
    }

    /** From now on it closes once what it accepted has gone: that has a deadline. */
    protected final void closesWhenDrained() {
        if (deadlines != null) {
            deadlines.closing();
        }
    }

    /**
     * Counts a message that was offered: as full, incomplete or eagain, or as an error.
     *
     * @param n the bytes of it that were sent, or a code
     * @param length of it
     * @return n
     */
    protected final int offered(int n, int length) {
        if (n < 0) {
            count(StreamMetrics.ERROR_OFFSET, 1);
            return n;
        }
        count(StreamMetrics.WRITES_OFFSET, 1);
        count(n == length ? StreamMetrics.FULL_OFFSET
                : n > 0 ? StreamMetrics.INCOMPLETE_OFFSET : StreamMetrics.EAGAIN_OFFSET, 1);
        return n;
    }

    /**
     * Whether the queue can take a message whole, or the kernel will. If neither, slabs are
     * reclaimed from streams that have stalled.
     *
     * @param length of it
     * @return 0, {@link ReturnCode#MESSAGE_TOO_LONG}, {@link ReturnCode#POOL_EXHAUSTED}
     */
    protected final int queueRoom(int length) {
        return queue.hasRoom(length) ? 0 : shortOfSlabs(length);
    }

    private int shortOfSlabs(int length) {
        if (!queue.couldEverFit(length)) {
            return ReturnCode.MESSAGE_TOO_LONG;
        }
        return queue.isEmpty() && roomBytes() >= length
                || queue.makeRoom(length, loopNowNs() - SlabHolder.STALL_NS) ? 0
                : ReturnCode.POOL_EXHAUSTED;
    }

    /**
     * How much a write would take now for certain, without the help of a queue: the kernel is
     * asked, and may take more.
     *
     * @return bytes
     */
    public abstract int roomBytes();

    /**
     * Has {@link StreamHandler#onWritable} follow once there is room, as after a short write; that
     * is in the next turn if there is room now. So who sends much in fair slices writes one, and
     * asks for the next turn.
     *
     * @return 0
     */
    public abstract int awaitRoom();

    /** The queue's pool is short, and this stream has held its slabs without progress longest. */
    void reclaimed() {
        clearQueue();
        if (isOpen()) {
            failWith(ReturnCode.RECLAIMED);
        }
    }

    /**
     * Closes by itself, for want of slabs or because of a deadline. The default is {@link #fail}; a
     * stream over another closes that too.
     *
     * @param code what {@link StreamHandler#onClose} is told
     */
    protected void failWith(int code) {
        fail(code);
    }

    /**
     * Puts what was not sent of a message into the queue. If the kernel took less than was
     * certain, and the pool is short, the stream without progress for longest gives its slabs up.
     *
     * @param buffer where the message is
     * @param offset of what was not sent
     * @param length of that
     * @param sent how many bytes of the message were
     * @return 0; {@link ReturnCode#POOL_EXHAUSTED}, and if a part was sent, the stream closes
     */
    protected final int keep(DirectBuffer buffer, int offset, int length, int sent) {
        int rc = makeRoomFor(length, sent);
        if (rc == 0) {
            queue.append(buffer, offset, length, loopNowNs());
            kept();
        }
        return rc;
    }

    /**
     * As {@link #keep(DirectBuffer, int, int, int)}, for a message in pieces.
     *
     * @param pieces the whole message
     * @param sent how many bytes of it were
     * @return as there
     */
    protected final int keep(Gather pieces, int sent) {
        int rc = makeRoomFor(pieces.lengthBytes() - sent, sent);
        if (rc == 0) {
            queue.append(pieces, sent, loopNowNs());
            kept();
        }
        return rc;
    }

    private int makeRoomFor(int length, int sent) {
        long nowNs = loopNowNs();
        if (queue.makeRoom(length, sent > 0 ? nowNs : nowNs - SlabHolder.STALL_NS)) {
            return 0;
        }
        if (sent > 0) {
            failWith(ReturnCode.POOL_EXHAUSTED);
        }
        return ReturnCode.POOL_EXHAUSTED;
    }

    private void kept() {
        count(StreamMetrics.ALLOC_OFFSET, 1);
        raise(StreamMetrics.QUEUED_MAX_OFFSET, queue.lengthBytes());
    }

    /**
     * Takes note that bytes of the queue were sent.
     *
     * @param n how many
     */
    protected final void sentFromQueue(int n) {
        count(StreamMetrics.FREE_OFFSET, queue.sent(n, loopNowNs()));
    }

    /** The bytes that came and went in this life: they stand still while it is idle. */
    final long movedBytes() {
        return count(StreamMetrics.READ_BYTES_OFFSET) + count(StreamMetrics.WRITTEN_BYTES_OFFSET);
    }

    private long loopNowNs() {
        return loop() == null ? System.nanoTime() : loop().nowNs();
    }

    /** Drops what is in the queue: its slabs are given back. */
    protected final void clearQueue() {
        if (queue != null) {
            count(StreamMetrics.FREE_OFFSET, queue.clear());
        }
    }

    /** Takes note of the end, and tells the handler. */
    protected final void ended() {
        isEnded = true;
        count(StreamMetrics.END_OFFSET, 1);
        onReadingChanged();
        if (handler != null) {
            try {
                handler.onEnd(this);
            } catch (Throwable t) {
                threw(t);
            }
        }
    }

    // The callbacks. One that throws harms this stream alone: who calls it goes on as if it had
    // returned, and looks whether the stream is still open.

    /** Calls {@link StreamHandler#onOpen}. */
    protected final void callOnOpen() {
        if (deadlines != null) {
            deadlines.opened();
        }
        try {
            handler.onOpen(this);
        } catch (Throwable t) {
            threw(t);
        }
    }

    /**
     * Calls {@link StreamHandler#onData}.
     *
     * @param buffer where the bytes are
     * @param offset of the first
     * @param length how many
     */
    protected final void callOnData(DirectBuffer buffer, int offset, int length) {
        try {
            handler.onData(this, buffer, offset, length);
        } catch (Throwable t) {
            threw(t);
        }
    }

    /** Calls {@link StreamHandler#onWritable}. */
    protected final void callOnWritable() {
        try {
            handler.onWritable(this);
        } catch (Throwable t) {
            threw(t);
        }
    }

    /**
     * Calls {@link StreamHandler#onDrain}.
     *
     * @param isIdle as of there
     */
    protected final void callOnDrain(boolean isIdle) {
        try {
            handler.onDrain(this, isIdle);
        } catch (Throwable t) {
            threw(t);
        }
    }

    /** Calls {@link StreamHandler#onClose}, if there is a handler. */
    @Override
    protected void callOnClose(int code) {
        if (deadlines != null) {
            deadlines.closed();
        }
        if (handler != null) {
            try {
                handler.onClose(this, code);
            } catch (Throwable t) {
                threw(t);
            }
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
