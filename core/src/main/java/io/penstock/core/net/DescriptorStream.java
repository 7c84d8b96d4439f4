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
 * A stream over a descriptor of the kernel's: sockets, pipes, and what a process has as its
 * standard input and output. What differs between those is in the few protected methods.
 *
 * <pre>
 *   life        on                              becomes
 *   MADE        connect                         CONNECTING, or OPENING if it is connected at once
 *   CONNECTING  the kernel has connected it     OPEN, and onOpen is called
 *   OPENING     its turn in the ready list      OPEN, and onOpen is called
 *   these, OPEN close(WHEN_DRAINED), and        DRAINING
 *               something is queued
 *   DRAINING    the queue is empty              closed
 *   any         close, an error                 closed
 *
 *   output      on                              becomes
 *   SENDING     shutdown                        ENDED, or ENDING if something is queued
 *   ENDING      the queue is empty              ENDED, and the peer is told
 * </pre>
 *
 * <p>It reads while its life is OPEN, it is resumed, no end was seen, and no splice of it waits
 * for room. Whether it waits for room depends on neither state: because a write was short, because
 * something is queued, or because a splice into it has no room.
 *
 * <p>Bytes that nobody looks at need not come to the process at all: {@link #spliceTo}.
 */
public abstract class DescriptorStream extends Stream {
    /** Has a descriptor, and no peer yet. */
    static final int MADE = 0;
    /** The kernel tells when it is connected. */
    static final int CONNECTING = 1;
    /** Connected, and {@code onOpen} is due. */
    static final int OPENING = 2;
    /** {@code onOpen} was called. */
    static final int OPEN = 3;
    /** Closes once what was accepted has gone. */
    static final int DRAINING = 4;

    /** Takes what is written. */
    static final int SENDING = 0;
    /** Ends once what was accepted has gone. */
    static final int ENDING = 1;
    /** Sends no more. */
    static final int ENDED = 2;

    private static final long REST_NS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final int MOST_DOUBLINGS = 4; // 160 ms; a blocking send waits up to 200

    private int life = MADE;
    private int output = SENDING;
    private boolean isPollable; // else it is always ready
    private boolean isShort; // the last write was not taken whole, and onWritable is due
    private boolean isToldOfRoom; // by the kernel, which has taken nothing since
    @SuppressWarnings("this-escape") // it calls nothing before it is started
    private final Timer rest = ownTimer(timer -> updateOperations());
    private int doublings; // of the next rest
    private Splice splice; // where its bytes go, from the first spliceTo on
    Splice feed; // what it is the sink of; null for none

    /**
     * A stream of a loop.
     *
     * @param loop the loop
     * @param handler who is told
     * @param name its label in the metrics
     */
    protected DescriptorStream(EventLoop loop, StreamHandler handler, String name) {
        super(loop, handler, name);
        rest.release(); // the stream itself keeps the loop alive, or does not
    }

    /**
     * A stream of no loop.
     *
     * @param posix the operating system
     * @param name what it is called
     */
    protected DescriptorStream(Posix posix, String name) {
        super(posix, name);
    }

    /**
     * Reads from the descriptor, and never waits.
     *
     * @param address where to
     * @param length at most
     * @return bytes, 0 at the end, {@code -errno}
     */
    @Override
    protected abstract long receive(long address, int length);

    /**
     * Writes to the descriptor, and never waits.
     *
     * @param address where from
     * @param length how many
     * @return bytes, {@code -errno}
     */
    @Override
    protected abstract long transmit(long address, int length);

    /**
     * Writes several pieces to the descriptor, and never waits. This one makes a system call for
     * each; streams whose kernel takes all by one call say so.
     *
     * @param pieces at least one
     * @return bytes, {@code -errno}
     */
    protected long transmit(Gather pieces) {
        long sent = 0;
        for (int i = 0; i < pieces.pieces(); i++) {
            long n = transmit(pieces.pieceAddress(i), pieces.pieceBytes(i));
            if (n < 0) {
                return sent > 0 ? sent : n; // the next write is told
            }
            sent += n;
            if (n < pieces.pieceBytes(i)) {
                break;
            }
        }
        return sent;
    }

    /**
     * Ends the writing side.
     *
     * @return 0 or {@code -errno}
     */
    protected abstract int endTransmission();

    /** Closes the descriptor. */
    protected abstract void closeDescriptor();

    /**
     * Whether the descriptor is a pipe, which one side of a splice must be.
     *
     * @return true if it is
     */
    protected abstract boolean isPipe();

    /**
     * Whether the kernel can splice from it without waiting.
     *
     * @return true if it can
     */
    protected abstract boolean canSpliceFrom();

    /**
     * Whether the kernel can splice to it without waiting.
     *
     * @return true if it can
     */
    protected abstract boolean canSpliceTo();

    /**
     * Whether {@link #receive} has bytes that the kernel does not know to be waiting, so that it
     * will not tell of them; the ready list does.
     *
     * @return false unless a subclass keeps some
     */
    protected boolean hasBytesAtHand() {
        return false;
    }

    /**
     * How much the kernel takes for certain while {@code poll} says that there is room.
     *
     * @return bytes; less than it might take
     */
    protected abstract int leastRoomBytes();

    @Override
    public final int roomBytes() {
        if (refusal() < 0 || life == CONNECTING || queuedBytes() > 0 || rest.isPending()) {
            return 0;
        }
        return !isPollable ? Integer.MAX_VALUE
                : isReady(attachedDescriptor(), false) ? leastRoomBytes() : 0;
    }

    /**
     * Begins a life: an open descriptor, a slot, fresh words. {@code onOpen} follows.
     *
     * @param descriptor open
     * @param isExclusive as of {@link #attach}
     * @param isPollable whether the kernel can tell when it is ready; if not, it always is
     * @return 0 or a code of {@link #attach}
     */
    protected final int begin(int descriptor, boolean isExclusive, boolean isPollable) {
        int rc = attachPaused(descriptor, isExclusive, isPollable);
        if (rc < 0) {
            return rc;
        }
        this.isPollable = isPollable;
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

    /** Lets {@code onOpen} follow from the ready list. */
    protected final void openLater() {
        life = OPENING;
        makeReady();
    }

    /** Waits for the connection; {@code onOpen} or {@code onClose} follows. */
    protected final void openWhenConnected() {
        life = loop() == null ? OPENING : CONNECTING; // without one, the first write or read tells
        updateOperations();
    }

    /** Tells the handler now: only from the loop, as a listener's connections do. */
    protected final void openNow() {
        life = OPEN;
        updateOperations(); // it may have been resumed before
        callOnOpen();
    }

    /**
     * The descriptor itself, for calls that are not offered here. From now on closing the stream
     * takes a system call more, for the kernel's file may be somebody else's too.
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

    /** Why this side cannot send, or cannot any more; 0 if it can. */
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
     * Waits for the kernel to report room. If it did, and took nothing since, it is short of
     * memory and would report the same in each turn: then the stream waits by the clock first.
     */
    final void waitForRoom() {
        if (isToldOfRoom) {
            isToldOfRoom = false;
            count(StreamMetrics.BACKOFFS_OFFSET, 1);
            rest.start(REST_NS << doublings);
            doublings = Math.min(doublings + 1, MOST_DOUBLINGS);
        }
        updateOperations();
    }

    /** The kernel took something: it has room as it says. */
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

    /** Before there is a connection, and behind what is queued. */
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

    /** Counts what was sent now: bytes, or a code. */
    private int sent(long n) {
        if (n > 0) {
            count(StreamMetrics.WRITTEN_BYTES_OFFSET, n);
            hasRoom();
        }
        return n == -Errno.EAGAIN ? 0 : (int) n;
    }

    @Override
    public final int read(MutableDirectBuffer buffer, int offset, int length) {
        if (!isOpen()) {
            return closedCode();
        }
        if (loop() != null) {
            return ReturnCode.ATTACHED;
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

    /** Counts what a stream of no loop took in: bytes, 0 at the end, or an error. */
    private long taken(long n) {
        if (n > 0) {
            countRead(n);
        } else if (n == 0) {
            if (!isEnded()) {
                ended();
            }
            return ReturnCode.EOF;
        } else if (n != -Errno.EAGAIN) {
            count(StreamMetrics.ERROR_OFFSET, 1);
        }
        return n;
    }

    private void countRead(long n) {
        count(StreamMetrics.READ_BYTES_OFFSET, n);
        count(StreamMetrics.DATA_OFFSET, 1);
    }

    /**
     * Moves bytes to another stream within the kernel, once; both of no loop.
     *
     * @param sink where to; it or this must be a pipe
     * @param lengthBytes at most
     * @param flags as of splice(2); without {@link Linux#SPLICE_F_NONBLOCK} it waits if the
     *     descriptors do
     * @return bytes, {@link ReturnCode#EOF}, {@link ReturnCode#ATTACHED},
     *     {@link ReturnCode#NOT_SUPPORTED}, {@code -errno}
     */
    public final long splice(DescriptorStream sink, long lengthBytes, int flags) {
        if (!isOpen() || !sink.isOpen()) {
            return isOpen() ? sink.closedCode() : closedCode();
        }
        if (loop() != null || sink.loop() != null) {
            return ReturnCode.ATTACHED;
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

    /** Moves bytes to another stream within the kernel: as splice(2). */
    final long moveTo(DescriptorStream sink, long lengthBytes, int flags) {
        long n = moved(sink, lengthBytes, flags);
        if (n > 0) {
            countRead(n);
        }
        return n;
    }

    /**
     * From now on gives what it would read to another stream within the kernel, while it is
     * resumed; while the sink is full it waits by itself, which neither {@link #isReading} nor the
     * counters tell. The handlers hear of ends and closings, and of no data, unless the kernel
     * refuses when it comes to it ({@code EINVAL}): then data come to {@code onData} as before. An
     * error on the way closes the stream that it is of. When the sink closes before the end, this
     * is paused.
     *
     * <p><b>Allocation</b>: an object at a stream's first call.
     *
     * @param sink open, of the same loop, and no other's sink
     * @return 0, {@link ReturnCode#NOT_SUPPORTED} if the kernel cannot do it with these two,
     *     {@code -EBUSY} if the sink is another's
     */
    public final int spliceTo(DescriptorStream sink) {
        if (!isOpen() || !sink.isOpen()) {
            return isOpen() ? sink.closedCode() : closedCode();
        }
        if (loop() == null || loop() != sink.loop() || !canSplice(sink)) {
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
     * Counts a message that went whole, and not by {@link #write}.
     *
     * @param n its bytes
     */
    protected final void countWhole(long n) {
        hasRoom();
        count(StreamMetrics.WRITES_OFFSET, 1);
        count(StreamMetrics.FULL_OFFSET, 1);
        count(StreamMetrics.WRITTEN_BYTES_OFFSET, n);
    }

    /**
     * Waits until a stream of no loop can read, or write.
     *
     * @param isForReading or for writing
     * @param timeoutMs how long; -1 has no end
     * @return 1, or 0 if the time is up
     */
    public final int await(boolean isForReading, int timeoutMs) {
        if (!isOpen()) {
            return closedCode();
        }
        return loop() != null ? ReturnCode.ATTACHED
                : !isPollable || isForReading && hasBytesAtHand() ? 1
                : PollOne.await(posix, attachedDescriptor(), isForReading, timeoutMs);
    }

    /**
     * Whether a descriptor is ready, asked of the kernel now.
     *
     * @param descriptor which
     * @param isForReading or for writing
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

    /** How far its life is, while it is open. */
    final int life() {
        return life;
    }

    /** How far its sending side is. */
    final int output() {
        return output;
    }

    @Override
    protected final void onReadingChanged() {
        updateOperations();
    }

    /** What it waits for follows from its state, and from nothing else. */
    final void updateOperations() {
        int reading = mayRead() ? isSplicing() ? READABLE : RECEIVE : 0;
        int writing = rest.isPending() ? 0 : writing();
        setOperations(reading | writing);
        if (isPollable ? reading != 0 && hasBytesAtHand() : (reading | writing) != 0) {
            makeReady();
        }
    }

    /** Room is waited for not before onOpen, which comes first, but for the connection. */
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
        if (isOpen() && (!isPollable || hasBytesAtHand())) {
            perform(isPollable ? READABLE : READABLE | WRITABLE);
            if (isOpen()) {
                updateOperations();
            }
        }
    }

    private void received(int n, DirectBuffer buffer, int offset) {
        if (n > 0) {
            countRead(n);
            if (isOpen()) { // what came beside the bytes may have closed it
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
            count(StreamMetrics.DRAIN_OFFSET, 1);
            feed.sinkHasRoom();
            updateOperations();
        } else if (isShort) {
            isShort = false;
            count(StreamMetrics.DRAIN_OFFSET, 1);
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
     * How connecting ended.
     *
     * @return 0 or {@code -errno}; {@code -EAGAIN} if it has not
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
                count(StreamMetrics.DRAIN_OFFSET, 1);
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
        } else if (isOpen()) { // a pipe ends by closing
            callOnWritable();
        }
    }

    @Override
    protected final void onClosed(int code) {
        rest.cancel();
        clearQueue();
        closeDescriptor();
        if (splice != null) {
            splice.end();
        }
        if (feed != null) {
            feed.sinkClosed();
        }
        count(StreamMetrics.CLOSE_OFFSET, 1);
        releaseWords();
    }
}
