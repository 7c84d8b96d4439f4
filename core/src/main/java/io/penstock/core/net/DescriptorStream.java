package io.penstock.core.net;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.Timer;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import java.lang.ref.Reference;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * A stream over a descriptor of the kernel: a socket, a pipe, or the standard input and output of a
 * process. The protected methods are what differs between these kinds.
 *
 * <pre>
 *   life        on                              becomes
 *   MADE        connect                         CONNECTING, or OPENING if it is connected at once
 *   CONNECTING  the kernel has connected it     OPEN, and onOpen is called
 *   OPENING     its turn in the ready list      OPEN, and onOpen is called
 *   these, OPEN close(WHEN_DRAINED) while       DRAINING
 *               bytes are queued
 *   DRAINING    the queue is empty              closed
 *   any         close, an error                 closed
 *
 *   output      on                              becomes
 *   SENDING     shutdown                        ENDED, or ENDING if bytes are queued
 *   ENDING      the queue is empty              ENDED, and the peer is told
 * </pre>
 *
 * <p>The stream reads while its life is OPEN, it is resumed, its end was not received, and its
 * splice does not wait for room. From OPEN on, whatever its output, the stream waits for room if a
 * write was short, if bytes are queued, or if a splice into it found no room.
 *
 * <p>{@link #spliceTo} moves bytes within the kernel, so that they never enter the process.
 */
public abstract class DescriptorStream extends Stream {
    /** Has a descriptor, and no peer yet. */
    static final int MADE = 0;
    /** The kernel reports when it is connected. */
    static final int CONNECTING = 1;
    /** Connected, and {@code onOpen} is due. */
    static final int OPENING = 2;
    /** {@code onOpen} was called. */
    static final int OPEN = 3;
    /** Closes once the accepted bytes are sent. */
    static final int DRAINING = 4;

    /** Accepts writes. */
    static final int SENDING = 0;
    /** Ends once the accepted bytes are sent. */
    static final int ENDING = 1;
    /** Sends no more. */
    static final int ENDED = 2;

    private static final long BACKOFF_NS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final int MOST_DOUBLINGS = 4; // 160 ms; a blocking send waits up to 200 ms

    private int life = MADE;
    private int output = SENDING;
    private boolean isShort; // the last write was not taken whole, and onWritable is due
    private boolean isToldOfRoom; // the kernel reported room, and has taken nothing since
    @SuppressWarnings("this-escape") // the timer calls nothing before it is started
    private final Timer backoff = ownTimer(timer -> updateOperations());
    private int doublings; // of the next backoff
    private Splice splice; // out of this stream; null before the first spliceTo
    Splice feed; // into this stream; null for none

    /**
     * A stream of a loop.
     *
     * @param loop the loop
     * @param handler receives the callbacks
     * @param name its label in the metrics
     */
    protected DescriptorStream(EventLoop loop, StreamHandler handler, String name) {
        super(loop, handler, name);
        backoff.release(); // whether the loop stays alive is the stream's choice
    }

    /**
     * A stream with no loop.
     *
     * @param posix the operating system
     * @param name its label in the metrics
     */
    protected DescriptorStream(Posix posix, String name) {
        super(posix, name);
    }

    /**
     * Reads from the descriptor, and never waits.
     *
     * @param address where the bytes go
     * @param length the most bytes
     * @return bytes, 0 at the end, {@code -errno}
     */
    @Override
    protected abstract long receive(long address, int length);

    /**
     * Writes to the descriptor, and never waits.
     *
     * @param address where the bytes are
     * @param length the number of bytes
     * @return bytes, {@code -errno}
     */
    @Override
    protected abstract long transmit(long address, int length);

    /**
     * Writes several pieces to the descriptor, and never waits. The default makes a system call for
     * each piece; streams that can send all by one call override it.
     *
     * @param pieces at least one
     * @return bytes, {@code -errno}
     */
    protected long transmit(Gather pieces) {
        long sent = 0;
        for (int i = 0; i < pieces.pieces(); i++) {
            long n = transmit(pieces.pieceAddress(i), pieces.pieceBytes(i));
            if (n < 0) {
                return sent > 0 ? sent : n; // the next write returns the error
            }
            sent += n;
            if (n < pieces.pieceBytes(i)) {
                break;
            }
        }
        return sent;
    }

    /**
     * Ends the sending side.
     *
     * @return 0 or {@code -errno}
     */
    protected abstract int endTransmission();

    /** Closes the descriptor. */
    protected abstract void closeDescriptor();

    /**
     * Whether the descriptor is a pipe; one side of a splice must be a pipe.
     *
     * @return true if it is
     */
    protected abstract boolean isPipe();

    /**
     * Whether the kernel can splice from the descriptor without waiting.
     *
     * @return true if it can
     */
    protected abstract boolean canSpliceFrom();

    /**
     * Whether the kernel can splice to the descriptor without waiting.
     *
     * @return true if it can
     */
    protected abstract boolean canSpliceTo();

    /**
     * Whether {@link #receive} would return bytes that the kernel does not report. The ready list
     * then serves the stream in place of the kernel's reports.
     *
     * @return false unless a subclass keeps some
     */
    protected boolean hasBytesAtHand() {
        return false;
    }

    /**
     * The bytes that the kernel certainly accepts while {@code poll} reports room.
     *
     * @return bytes; the kernel may accept more
     */
    protected abstract int leastRoomBytes();

    @Override
    public final int roomBytes() {
        if (refusal() < 0 || life == CONNECTING || queuedBytes() > 0 || backoff.isPending()) {
            return 0;
        }
        return !isPollable() ? Integer.MAX_VALUE
                : isReady(attachedDescriptor(), false) ? leastRoomBytes() : 0;
    }

    /**
     * Attaches the stream to a descriptor, with a slot and fresh counters. {@link #openLater},
     * {@link #openWhenConnected} or {@link #openNow} follows once there is a peer.
     *
     * @param descriptor open
     * @param isExclusive as of {@link #attach}
     * @param isPollable whether the kernel reports when the descriptor is ready; if not, the
     *     descriptor is always ready
     * @return 0 or a code of {@link #attach}
     */
    protected final int begin(int descriptor, boolean isExclusive, boolean isPollable) {
        int rc = attachPaused(descriptor, isExclusive, isPollable);
        if (rc < 0) {
            return rc;
        }
        reset();
        return 0;
    }

    private void reset() {
        life = MADE;
        output = SENDING;
        isShort = false;
        isToldOfRoom = false;
        doublings = 0;
    }

    /** Has the ready list call {@code onOpen}. */
    protected final void openLater() {
        life = OPENING;
        makeReady();
    }

    /** Waits for the connection; {@code onOpen} or {@code onClose} follows. */
    protected final void openWhenConnected() {
        life = hasLoop() ? CONNECTING : OPENING; // with no loop, the first call reports
        updateOperations();
    }

    /**
     * Calls {@code onOpen} now. Only the loop may call this, as for the connections of a listener.
     */
    protected final void openNow() {
        life = OPEN;
        updateOperations(); // the user may have resumed it before
        callOnOpen();
    }

    /**
     * The descriptor itself, for system calls that the stream does not offer. From now on closing
     * the stream takes one system call more, because the kernel's file may have other descriptors.
     *
     * @return the descriptor, or a code
     */
    public final int descriptor() {
        if (!isOpen()) {
            return closedCode();
        }
        shareDescriptor();
        return attachedDescriptor();
    }

    @Override
    public final int write(DirectBuffer buffer, int offset, int length) {
        int rc = refusal();
        if (rc < 0) {
            return rc;
        }
        if (NativeBuffer.isHeap(buffer)) {
            return ReturnCode.HEAP_BUFFER;
        }
        buffer.boundsCheck(offset, length);
        if (length == 0) {
            return 0;
        }
        int n = queue == null
                ? wroteNow(sent(transmit(buffer.addressOffset() + offset, length)), length)
                : writeOrKeep(buffer, offset, length);
        Reference.reachabilityFence(buffer);
        return n;
    }

    @Override
    public final int write(Gather pieces) {
        int rc = refusal();
        if (rc < 0) {
            return rc;
        }
        int length = pieces.lengthBytes();
        if (length == 0) {
            return 0;
        }
        return queue == null ? wroteNow(sent(transmit(pieces)), length) : writeOrKeep(pieces);
    }

    /** The code of a write that the stream's state does not allow; 0 if it allows writes. */
    private int refusal() {
        assert isCalledInLoop();
        if (!isOpen() || life == DRAINING) {
            return closedCode();
        }
        if (output != SENDING) {
            return -Errno.EPIPE;
        }
        return life >= OPENING || life == CONNECTING && queue != null ? 0 : ReturnCode.NOT_OPEN;
    }

    private int wroteNow(int n, int length) {
        offered(n, length);
        if (n >= 0 && n < length) {
            awaitRoom();
        }
        return n;
    }

    @Override
    public final int awaitRoom() {
        if (!isOpen()) {
            return closedCode();
        }
        isShort = true;
        waitForRoom();
        return 0;
    }

    /**
     * Waits for the kernel to report room. If the kernel has reported room and taken nothing since,
     * it is short of memory and would report room in each turn: the stream then backs off by a
     * timer first.
     */
    final void waitForRoom() {
        if (isToldOfRoom) {
            isToldOfRoom = false;
            add(StreamMetrics.BACKOFFS_OFFSET, 1);
            backoff.start(BACKOFF_NS << doublings);
            doublings = Math.min(doublings + 1, MOST_DOUBLINGS);
        }
        updateOperations();
    }

    /** The kernel took bytes: its reports of room are true again. */
    private void hasRoom() {
        isToldOfRoom = false;
        doublings = 0;
    }

    private int writeOrKeep(DirectBuffer buffer, int offset, int length) {
        int rc = queueRoom(length);
        int n = rc < 0 || mustQueue() ? 0
                : sent(transmit(buffer.addressOffset() + offset, length));
        if (rc == 0 && n >= 0 && n < length) {
            rc = keep(buffer, offset + n, length - n, n);
            updateOperations();
        }
        return wroteOrKept(rc, n, length);
    }

    private int writeOrKeep(Gather pieces) {
        int length = pieces.lengthBytes();
        int rc = queueRoom(length);
        int n = rc < 0 || mustQueue() ? 0 : sent(transmit(pieces));
        if (rc == 0 && n >= 0 && n < length) {
            rc = keep(pieces, n);
            updateOperations();
        }
        return wroteOrKept(rc, n, length);
    }

    /**
     * Whether a message goes to the queue unsent: there is no connection yet, or bytes are queued.
     */
    private boolean mustQueue() {
        return !queue.isEmpty() || life == CONNECTING;
    }

    private int wroteOrKept(int rc, int n, int length) {
        if (rc < 0) {
            if (rc == ReturnCode.POOL_EXHAUSTED) {
                awaitRoom();
            }
            return rc;
        }
        return offered(n, length) < 0 ? n : length;
    }

    /** Counts the result of sending: bytes, or a code. */
    private int sent(long n) {
        if (n > 0) {
            add(StreamMetrics.WRITTEN_BYTES_OFFSET, n);
            hasRoom();
        }
        return n == -Errno.EAGAIN ? 0 : (int) n;
    }

    @Override
    public final int read(MutableDirectBuffer buffer, int offset, int length) {
        int rc = withoutLoopCode();
        if (rc < 0) {
            return rc;
        }
        if (NativeBuffer.isHeap(buffer)) {
            return ReturnCode.HEAP_BUFFER;
        }
        buffer.boundsCheck(offset, length);
        if (length == 0) {
            return 0;
        }
        resume();
        int n = (int) receive(buffer.addressOffset() + offset, length);
        Reference.reachabilityFence(buffer);
        return (int) taken(n);
    }

    /** Counts the result of a read with no loop: bytes, 0 at the end, or an error. */
    private long taken(long n) {
        if (n > 0) {
            countRead(n);
        } else if (n == 0) {
            if (!isEnded()) {
                ended();
            }
            return ReturnCode.EOF;
        } else if (n != -Errno.EAGAIN) {
            add(StreamMetrics.ERROR_OFFSET, 1);
        }
        return n;
    }

    private void countRead(long n) {
        add(StreamMetrics.READ_BYTES_OFFSET, n);
        add(StreamMetrics.DATA_OFFSET, 1);
    }

    /**
     * Moves bytes to another stream within the kernel, by one system call. Neither stream has a
     * loop.
     *
     * @param sink the stream to move to; the sink or this stream must be a pipe
     * @param lengthBytes the most bytes to move
     * @param flags as of splice(2); without {@link Linux#SPLICE_F_NONBLOCK} the call waits on
     *     blocking descriptors
     * @return bytes, {@link ReturnCode#EOF}, {@link ReturnCode#ATTACHED},
     *     {@link ReturnCode#NOT_SUPPORTED}, {@code -errno}
     */
    public final long splice(DescriptorStream sink, long lengthBytes, int flags) {
        int rc = withoutLoopCode();
        if (rc == 0) {
            rc = sink.withoutLoopCode();
        }
        if (rc < 0) {
            return rc;
        }
        if (!canSplice(sink)) {
            return ReturnCode.NOT_SUPPORTED;
        }
        resume();
        return taken(moved(sink, lengthBytes, flags));
    }

    private long moved(DescriptorStream sink, long lengthBytes, int flags) {
        long n = posix.splice(
                attachedDescriptor(), 0, sink.attachedDescriptor(), 0, lengthBytes, flags);
        if (n > 0) {
            sink.countWhole(n);
        }
        return n;
    }

    /** Moves bytes to another stream within the kernel; returns as splice(2). */
    final long moveTo(DescriptorStream sink, long lengthBytes, int flags) {
        long n = moved(sink, lengthBytes, flags);
        if (n > 0) {
            countRead(n);
        }
        return n;
    }

    /**
     * From now on moves this stream's bytes to another stream within the kernel, while this stream
     * is resumed. While the sink is full this stream stops reading by itself, which neither
     * {@link #isReading} nor the counters show. The handlers still get {@code onEnd} and
     * {@code onClose}, but no {@code onData}. If the kernel refuses to splice these two
     * ({@code EINVAL}), the bytes come to {@code onData} as before. An error closes the stream that
     * caused it. If the sink closes before this stream's end, this stream is paused.
     *
     * <p><b>Allocation</b>: one object, at the first call on a stream.
     *
     * @param sink open, of the same loop, and not the sink of a third stream
     * @return 0, {@link ReturnCode#NOT_SUPPORTED} if the kernel cannot splice between these two,
     *     {@code -EBUSY} if the sink is a third stream's
     */
    public final int spliceTo(DescriptorStream sink) {
        if (!isOpen() || !sink.isOpen()) {
            return isOpen() ? sink.closedCode() : closedCode();
        }
        if (!hasLoop() || loop() != sink.loop() || !canSplice(sink)) {
            return ReturnCode.NOT_SUPPORTED;
        }
        if (sink.feed != null) {
            return sink.feed.isFrom(this) ? 0 : -Errno.EBUSY;
        }
        if (splice == null) {
            splice = new Splice(this);
        }
        splice.aimAt(sink);
        return 0;
    }

    private boolean canSplice(DescriptorStream sink) {
        return (isPipe() || sink.isPipe()) && canSpliceFrom() && sink.canSpliceTo();
    }

    /**
     * Counts a message that was sent whole, but not by {@link #write}.
     *
     * @param n the length of the message
     */
    protected final void countWhole(long n) {
        hasRoom();
        add(StreamMetrics.WRITES_OFFSET, 1);
        add(StreamMetrics.FULL_OFFSET, 1);
        add(StreamMetrics.WRITTEN_BYTES_OFFSET, n);
    }

    /**
     * Waits until a stream with no loop can read, or can write.
     *
     * @param isForReading true for reading, false for writing
     * @param timeoutMs how long to wait; -1 for no limit
     * @return 1; 0 if the time is up; {@link ReturnCode#ATTACHED} if the stream has a loop;
     *     {@code -errno}
     */
    public final int await(boolean isForReading, int timeoutMs) {
        int rc = withoutLoopCode();
        if (rc < 0) {
            return rc;
        }
        return !isPollable() || isForReading && hasBytesAtHand() ? 1
                : PollOne.await(posix, attachedDescriptor(), isForReading, timeoutMs);
    }

    /**
     * Asks the kernel whether a descriptor is ready.
     *
     * @param descriptor the descriptor
     * @param isForReading true for reading, false for writing
     * @return true if a read, or a write of what fits, would not wait
     */
    protected final boolean isReady(int descriptor, boolean isForReading) {
        return PollOne.await(posix, descriptor, isForReading, 0) > 0;
    }

    @Override
    public final int shutdown() {
        assert isCalledInLoop();
        if (!isOpen() || life == DRAINING) {
            return closedCode();
        }
        if (output != SENDING) {
            return 0;
        }
        if (life < OPENING) {
            return ReturnCode.NOT_OPEN;
        }
        output = ENDING;
        return queuedBytes() > 0 ? 0 : endOutput();
    }

    private int endOutput() {
        output = ENDED;
        return endTransmission();
    }

    @Override
    public final int close(Close when) {
        assert isCalledInLoop();
        if (!isOpen()) {
            return closedCode();
        }
        if (when == Close.NOW || queuedBytes() == 0) {
            return startClose(0);
        }
        if (life == DRAINING) {
            return ReturnCode.CLOSED;
        }
        life = DRAINING;
        closesWhenDrained();
        updateOperations();
        return 0;
    }

    /** The state of the stream's life, while it is open. */
    final int life() {
        return life;
    }

    /** The state of the sending side. */
    final int output() {
        return output;
    }

    @Override
    protected final void onReadingChanged() {
        updateOperations();
    }

    /** Derives the wanted operations from the state of the stream alone. */
    final void updateOperations() {
        int reading = mayRead() ? isSplicing() ? READABLE : RECEIVE : 0;
        int writing = backoff.isPending() ? 0 : writing();
        setOperations(reading | writing);
        if (isPollable() ? reading != 0 && hasBytesAtHand() : (reading | writing) != 0) {
            makeReady();
        }
    }

    /**
     * The operation of the sending side. Before onOpen the stream waits only for its connection;
     * waiting for room begins after onOpen.
     */
    private int writing() {
        if (life < OPEN) {
            return life == CONNECTING ? WRITABLE : 0;
        }
        return queuedBytes() > 0 ? SEND
                : isShort || feed != null && feed.isStalled() ? WRITABLE : 0;
    }

    private boolean mayRead() {
        return life == OPEN && isReading() && !isEnded() && (splice == null || !splice.isStalled());
    }

    private boolean isSplicing() {
        return splice != null && splice.isAimed();
    }

    @Override
    protected final DirectBuffer receiveBuffer() {
        return readBuffer;
    }

    @Override
    protected final int receiveOffset() {
        return readOffset;
    }

    @Override
    protected final int receiveLength() {
        return readLength;
    }

    @Override
    protected final long sendAddress() {
        return queue.address();
    }

    @Override
    protected final int sendLength() {
        return queue.contiguousBytes();
    }

    @Override
    protected final void onCompletion(
            int operation, int result, DirectBuffer buffer, int offset) {
        switch (operation) {
            case RECEIVE -> received(result, buffer, offset);
            case SEND -> sentQueued(result);
            default -> polled(result);
        }
    }

    @Override
    protected final void onRun() {
        if (life == OPENING) {
            openNow();
        }
        if (isOpen() && (!isPollable() || hasBytesAtHand())) {
            perform(isPollable() ? READABLE : READABLE | WRITABLE);
            if (isOpen()) {
                updateOperations();
            }
        }
    }

    private void received(int n, DirectBuffer buffer, int offset) {
        if (n > 0) {
            countRead(n);
            if (isOpen()) { // an ancillary handler may have closed it
                callOnData(buffer, offset, n);
            }
        } else if (n == 0) {
            ended();
        } else {
            fail(n);
        }
        if (hasBytesAtHand() && isOpen()) {
            updateOperations();
        }
    }

    private void polled(int readiness) {
        if ((readiness & WRITABLE) != 0) {
            hasRoomOrPeer();
        }
        if ((readiness & READABLE) != 0 && isOpen() && mayRead() && isSplicing()) {
            splice.move();
            if (hasBytesAtHand() && isOpen()) {
                updateOperations();
            }
        }
    }

    private void hasRoomOrPeer() {
        isToldOfRoom = true;
        if (life == CONNECTING) {
            connected();
        } else if (feed != null && feed.isStalled()) {
            add(StreamMetrics.DRAIN_OFFSET, 1);
            feed.sinkHasRoom();
            updateOperations();
        } else if (isShort) {
            isShort = false;
            add(StreamMetrics.DRAIN_OFFSET, 1);
            updateOperations();
            callOnWritable();
        }
    }

    private void connected() {
        int error = connectError();
        if (error == -Errno.EAGAIN) {
            return;
        }
        if (error < 0) {
            fail(error);
        } else {
            openNow();
        }
    }

    /**
     * The result of connecting.
     *
     * @return 0 or {@code -errno}; {@code -EAGAIN} while connecting goes on
     */
    protected int connectError() {
        return 0;
    }

    private void sentQueued(int n) {
        if (n == -Errno.EAGAIN) {
            isToldOfRoom = true;
            waitForRoom();
        } else if (n < 0) {
            fail(n);
        } else {
            sentFromQueue(sent(n));
            if (queue.isEmpty()) {
                isShort = false;
                add(StreamMetrics.DRAIN_OFFSET, 1);
                updateOperations();
                drained();
            }
        }
    }

    private void drained() {
        if (output == ENDING) {
            int rc = endOutput();
            if (rc < 0) {
                fail(rc);
                return;
            }
        }
        if (life == DRAINING) {
            startClose(0);
        } else if (isOpen()) { // the end of a pipe closes it
            callOnWritable();
        }
    }

    @Override
    protected final void onClosed(int code) {
        backoff.cancel();
        clearQueue();
        closeDescriptor();
        if (splice != null) {
            splice.end();
        }
        if (feed != null) {
            feed.sinkClosed();
        }
        add(StreamMetrics.CLOSE_OFFSET, 1);
        releaseCounters();
    }
}
