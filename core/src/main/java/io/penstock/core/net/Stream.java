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
 * Ordered bytes in both directions. TCP and Unix sockets, pipes and TLS connections are all
 * streams, so that one can wrap another.
 *
 * <p>A stream starts paused. It reads while it is resumed, and passes the bytes to its
 * {@link StreamHandler}. No callback runs inside a call on the stream: callbacks follow later in
 * the same turn of the loop, or in the next.
 *
 * <p><b>Threading</b>: the loop's thread. <b>Allocation</b>: none after set-up, unless a method
 * says so. <b>Returns</b>: every method that returns an {@code int} returns
 * {@link ReturnCode#NOT_OPEN} before the stream is open and {@link ReturnCode#CLOSED} after
 * {@code close}.
 */
public abstract class Stream extends Handle {
    private final StreamHandler firstHandler; // null only for a stream with no loop
    private StreamHandler handler;
    /** The queue of bytes that were accepted and not sent; null without a queue. */
    protected WriteQueue queue;
    /** The stream's own memory to read into; null without. */
    protected DirectBuffer readBuffer;
    /** The offset of that memory in {@link #readBuffer}. */
    protected int readOffset;
    /** The length of that memory. */
    protected int readLength;
    private Deadlines deadlines; // null without any
    private boolean isReading;
    private boolean isEnded;

    /**
     * A stream of a loop.
     *
     * @param loop the loop
     * @param handler receives the callbacks
     * @param name its label in the metrics
     */
    protected Stream(EventLoop loop, StreamHandler handler, String name) {
        super(loop, StreamMetrics.TYPE, name);
        firstHandler = Objects.requireNonNull(handler);
        this.handler = handler;
    }

    /**
     * A stream with no loop, whose counters lie in memory of its own.
     *
     * @param posix the operating system
     * @param name its label in the metrics
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
     * @return the stream; null if it has closed, or the handle is no stream
     */
    public static Stream of(EventLoop loop, long token) {
        return loop.handle(token) instanceof Stream stream ? stream : null;
    }

    /**
     * Writes a message.
     *
     * @param buffer off the heap
     * @param offset of the first byte
     * @param length the number of bytes
     * @return the number of bytes accepted, whose memory the caller may reuse: 0 to {@code length}
     *     without a queue, {@code length} with a queue; after fewer than {@code length},
     *     {@link StreamHandler#onWritable} follows. Or {@link ReturnCode#HEAP_BUFFER};
     *     {@link ReturnCode#MESSAGE_TOO_LONG} for more bytes than the queue's whole pool holds;
     *     {@link ReturnCode#POOL_EXHAUSTED} if neither the kernel nor the pool has room, and no
     *     other stream has stalled: then nothing was accepted, and {@link StreamHandler#onWritable}
     *     follows; {@code -EPIPE} after {@link #shutdown}; {@code -errno} of the connection
     */
    public abstract int write(DirectBuffer buffer, int offset, int length);

    /**
     * Writes several pieces as one message: by one system call, or in as few TLS records as hold
     * them. The pieces count as one write.
     *
     * @param pieces the pieces, which this call does not change; if a stream without a queue
     *     accepts a part, remove that part by {@link Gather#advance}
     * @return as of {@link #write(DirectBuffer, int, int)}
     */
    public abstract int write(Gather pieces);

    /**
     * Reads from a stream with no loop.
     *
     * @param buffer off the heap
     * @param offset where the bytes go
     * @param length the most bytes to read
     * @return bytes, at least 1; {@code -EAGAIN} if there are none now; {@link ReturnCode#EOF};
     *     {@link ReturnCode#ATTACHED} if the stream has a loop; {@link ReturnCode#HEAP_BUFFER};
     *     {@code -errno}
     */
    public abstract int read(MutableDirectBuffer buffer, int offset, int length);

    /**
     * Gives the stream memory of its own to read into, before its first {@link #resume}. The
     * received bytes stay there while the stream is paused.
     *
     * @param buffer off the heap
     * @param offset where the memory begins
     * @param length of the memory, at least 1
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
     * @param pool the pool whose slabs keep unsent bytes; streams of one loop may share it
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
     * Sets deadlines, before the stream is open. A stream that misses a deadline closes by itself.
     * Deadlines add no cost to reading and writing.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param openNs how long the stream may take from its beginning, such as {@code connect}, to
     *     {@code onOpen}; a later stream closes with {@link ReturnCode#TIMED_OUT}. 0 for none
     * @param idleNs how long the stream may move no byte in either direction, also because it is
     *     paused or the peer does not read. It then closes with {@link ReturnCode#IDLE}, up to a
     *     quarter of the time later. 0 for none
     * @param closeNs how long sending the accepted bytes may take after {@link Close#WHEN_DRAINED};
     *     a later stream closes with {@link ReturnCode#TIMED_OUT}. 0 for none
     * @return 0; {@link ReturnCode#ALREADY_OPEN}; {@link ReturnCode#BAD_ARGUMENT} if a time is
     *     negative; {@link ReturnCode#NOT_SUPPORTED} on a stream with no loop
     */
    public final int deadlines(long openNs, long idleNs, long closeNs) {
        if (!isFree()) {
            return ReturnCode.ALREADY_OPEN;
        }
        if (!hasLoop()) {
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
     * Replaces the handler from the next callback on, until the stream has closed: for a protocol
     * that changes in the middle. The next opening starts with the constructor's handler.
     *
     * @param handler receives the callbacks
     * @return 0; a code if the stream is not open
     */
    public final int handler(StreamHandler handler) {
        if (!isOpen()) {
            return closedCode();
        }
        this.handler = Objects.requireNonNull(handler);
        return 0;
    }

    /**
     * The number of bytes that were accepted and are not sent.
     *
     * @return bytes
     */
    public int queuedBytes() {
        return queue == null ? 0 : queue.lengthBytes();
    }

    /**
     * Ends the sending side, after the accepted bytes are sent; then the peer's {@code onEnd} is
     * called.
     *
     * @return 0 or {@code -errno}
     */
    public abstract int shutdown();

    /**
     * Closes the stream, now or once the accepted bytes are sent.
     *
     * @param when one of the two
     * @return 0 or {@link ReturnCode#CLOSED}
     */
    public abstract int close(Close when);

    /**
     * Closes now, and drops unsent bytes. {@link StreamHandler#onClose} follows.
     *
     * @return 0 or {@link ReturnCode#CLOSED}
     */
    public final int close() {
        return close(Close.NOW);
    }

    /**
     * Starts reading.
     *
     * @return 0, also if the stream reads already
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
     * @return 0, also if the stream is paused already
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

    /** After the end of the stream there is nothing to read: pause and resume are not counted. */
    private void readingChanged(int field) {
        if (!isEnded) {
            add(field, 1);
        }
        onReadingChanged();
    }

    /**
     * Whether the stream is resumed.
     *
     * @return false at first
     */
    public final boolean isReading() {
        return isReading;
    }

    /**
     * Whether the end of the stream was received.
     *
     * @return true from {@link StreamHandler#onEnd} on
     */
    public final boolean isEnded() {
        return isEnded;
    }

    /** Reading was switched on or off, or has ended. */
    protected abstract void onReadingChanged();

    /**
     * Attaches a stream that has no descriptor of its own: paused, and its end not received.
     *
     * @return as {@link Handle#attach}
     */
    protected final int attachPaused() {
        return attachPaused(-1, true, true);
    }

    /**
     * Attaches the stream as {@link #attach} does: paused, and its end not received.
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

    /** Starts the deadline of closing: the stream closes once the accepted bytes are sent. */
    protected final void closesWhenDrained() {
        if (deadlines != null) {
            deadlines.closing();
        }
    }

    /**
     * Counts a message that was offered: as full, incomplete or eagain, or as an error.
     *
     * @param n how many bytes of the message were sent, or a code
     * @param length of the message
     * @return n
     */
    protected final int offered(int n, int length) {
        if (n < 0) {
            add(StreamMetrics.ERROR_OFFSET, 1);
            return n;
        }
        add(StreamMetrics.WRITES_OFFSET, 1);
        add(n == length ? StreamMetrics.FULL_OFFSET
                : n > 0 ? StreamMetrics.INCOMPLETE_OFFSET : StreamMetrics.EAGAIN_OFFSET, 1);
        return n;
    }

    /**
     * Whether the queue or the kernel can take a whole message. If neither can, slabs are reclaimed
     * from streams that have stalled.
     *
     * @param length of the message
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
                || queue.makeRoom(length, nowNs() - SlabHolder.STALL_NS) ? 0
                : ReturnCode.POOL_EXHAUSTED;
    }

    /**
     * The number of bytes that a write would certainly accept now, not counting the queue. This
     * asks the kernel, which may accept more.
     *
     * @return bytes
     */
    public abstract int roomBytes();

    /**
     * Requests {@link StreamHandler#onWritable} once there is room, as after a short write; if
     * there is room now, in the next turn. To send much without delaying other streams, write one
     * slice, and call this before the next.
     *
     * @return 0
     */
    public abstract int awaitRoom();

    /** The queue's pool is short, and this stream has held slabs without progress for longest. */
    void reclaimed() {
        clearQueue();
        if (isOpen()) {
            failWith(ReturnCode.RECLAIMED);
        }
    }

    /**
     * Closes for lack of slabs, or because of a deadline. The default is {@link #fail}; a stream
     * over another stream also closes the other.
     *
     * @param code passed to {@link StreamHandler#onClose}
     */
    protected void failWith(int code) {
        fail(code);
    }

    /**
     * Puts the unsent part of a message into the queue. If the kernel took less than
     * {@link #roomBytes} promised, and the pool is short, the stream without progress for longest
     * gives up its slabs.
     *
     * @param buffer where the message is
     * @param offset of the unsent part
     * @param length of the unsent part
     * @param sent how many bytes of the message were sent
     * @return 0; {@link ReturnCode#POOL_EXHAUSTED}: if a part was sent, the stream closes
     */
    protected final int keep(DirectBuffer buffer, int offset, int length, int sent) {
        int rc = makeRoomFor(length, sent);
        if (rc == 0) {
            queue.append(buffer, offset, length, nowNs());
            kept();
        }
        return rc;
    }

    /**
     * As {@link #keep(DirectBuffer, int, int, int)}, for a message in pieces.
     *
     * @param pieces the whole message
     * @param sent how many bytes of the message were sent
     * @return as there
     */
    protected final int keep(Gather pieces, int sent) {
        int rc = makeRoomFor(pieces.lengthBytes() - sent, sent);
        if (rc == 0) {
            queue.append(pieces, sent, nowNs());
            kept();
        }
        return rc;
    }

    private int makeRoomFor(int length, int sent) {
        long nowNs = nowNs();
        if (queue.makeRoom(length, sent > 0 ? nowNs : nowNs - SlabHolder.STALL_NS)) {
            return 0;
        }
        if (sent > 0) {
            failWith(ReturnCode.POOL_EXHAUSTED);
        }
        return ReturnCode.POOL_EXHAUSTED;
    }

    private void kept() {
        add(StreamMetrics.ALLOC_OFFSET, 1);
        recordMax(StreamMetrics.QUEUED_MAX_OFFSET, queue.lengthBytes());
    }

    /**
     * Removes sent bytes from the queue.
     *
     * @param n the number of bytes
     */
    protected final void sentFromQueue(int n) {
        add(StreamMetrics.FREE_OFFSET, queue.sent(n, nowNs()));
    }

    /**
     * The number of bytes read and written since the opening; it does not change while the stream
     * is idle.
     */
    final long movedBytes() {
        return counter(StreamMetrics.READ_BYTES_OFFSET)
                + counter(StreamMetrics.WRITTEN_BYTES_OFFSET);
    }

    /** Drops the queued bytes, and gives their slabs back. */
    protected final void clearQueue() {
        if (queue != null) {
            add(StreamMetrics.FREE_OFFSET, queue.clear());
        }
    }

    /** Records the end of the stream, and calls {@link StreamHandler#onEnd}. */
    protected final void ended() {
        isEnded = true;
        add(StreamMetrics.END_OFFSET, 1);
        onReadingChanged();
        if (handler != null) {
            try {
                handler.onEnd(this);
            } catch (Throwable t) {
                threw(t);
            }
        }
    }

    // The callbacks. A callback that throws affects this stream alone: its caller goes on as if the
    // callback had returned, and checks whether the stream is still open.

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
     * @param length the number of bytes
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
     * @param code passed to {@link StreamHandler#onClose}
     */
    protected final void fail(int code) {
        add(StreamMetrics.ERROR_OFFSET, 1);
        startClose(code);
    }

    @Override
    protected void onRefused(int code) {
        fail(code);
    }
}
