package io.penstock.core.net;

import io.penstock.core.ReturnCode;
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
 * <p>Bytes that nobody looks at need not come to the process at all: {@link #spliceTo}.
 */
public abstract class DescriptorStream extends Stream {
    private static final int READS_A_TURN = 4;
    private static final int SPLICES_A_TURN = 16;
    private static final int SPLICE_BYTES = 1 << 20;
    private static final long REST_NS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final int MOST_DOUBLINGS = 4; // 160 ms; a blocking send waits up to 200

    private boolean isPollable;
    private boolean isEstablished; // can carry bytes
    private boolean isConnecting;
    private boolean isOpening; // onOpen is due
    private boolean isShort; // the last write was not taken whole, and onWritable is due
    private boolean isShutdown; // asked for
    private boolean closesWhenDrained;
    private DescriptorStream spliceSink;
    private DescriptorStream spliceSource; // whose sink this is
    private boolean isSourceStalled; // it waits for room in this one
    @SuppressWarnings("this-escape") // it calls nothing before it is started
    private final Timer rest = ownTimer(timer -> updateInterest());
    private boolean isToldOfRoom; // by the kernel, which has taken nothing since
    private int doublings; // of the next rest

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
    protected abstract long receive(long address, int length);

    /**
     * Writes to the descriptor, and never waits.
     *
     * @param address where from
     * @param length how many
     * @return bytes, {@code -errno}
     */
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
        if (!isOpen() || !isEstablished || isShutdown || closesWhenDrained || queuedBytes() > 0
                || rest.isPending()) {
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
        int rc = attachPaused(descriptor, isExclusive);
        if (rc < 0) {
            return rc;
        }
        this.isPollable = isPollable;
        isEstablished = false;
        isConnecting = false;
        isOpening = false;
        isShort = false;
        isShutdown = false;
        closesWhenDrained = false;
        spliceSink = null;
        spliceSource = null;
        isSourceStalled = false;
        isToldOfRoom = false;
        doublings = 0;
        return 0;
    }

    /** Lets {@code onOpen} follow from the ready list. */
    protected final void openLater() {
        isEstablished = true;
        isOpening = true;
        makeReady();
    }

    /** Waits for the connection; {@code onOpen} or {@code onClose} follows. */
    protected final void openWhenConnected() {
        isConnecting = true;
        isEstablished = loop() == null; // there the first write or read tells
        updateInterest();
    }

    /** Tells the handler now: only from the loop, as a listener's connections do. */
    protected final void openNow() {
        isEstablished = true;
        updateInterest(); // it may have been resumed before
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
        if (buffer.byteArray() != null) {
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
        if (!isOpen() || closesWhenDrained) {
            return closedCode();
        }
        return isShutdown ? -Errno.EPIPE : isEstablished ? 0 : ReturnCode.NOT_OPEN;
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
    private void waitForRoom() {
        if (isToldOfRoom) {
            isToldOfRoom = false;
            count(StreamMetrics.RESTS_OFFSET, 1);
            rest.start(REST_NS << doublings);
            doublings = Math.min(doublings + 1, MOST_DOUBLINGS);
        }
        updateInterest();
    }

    /** The kernel took something: it has room as it says. */
    private void hasRoom() {
        isToldOfRoom = false;
        doublings = 0;
    }

    private int writeOrKeep(DirectBuffer buffer, int offset, int length) {
        int rc = queueRoom(length);
        int n = rc < 0 || !queue.isEmpty() ? 0
                : sent(transmit(buffer.addressOffset() + offset, length));
        if (rc == 0 && n >= 0 && n < length) {
            rc = keep(buffer, offset + n, length - n, n);
            updateInterest();
        }
        return wroteOrKept(rc, n, length);
    }

    private int writeOrKeep(Gather pieces) {
        int length = pieces.lengthBytes();
        int rc = queueRoom(length);
        int n = rc < 0 || !queue.isEmpty() ? 0 : sent(transmit(pieces));
        if (rc == 0 && n >= 0 && n < length) {
            rc = keep(pieces, n);
            updateInterest();
        }
        return wroteOrKept(rc, n, length);
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
        if (buffer.byteArray() != null) {
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
            count(StreamMetrics.READ_BYTES_OFFSET, n);
            count(StreamMetrics.DATA_OFFSET, 1);
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
        long n = taken(posix.splice(
                attachedDescriptor(), 0, sink.attachedDescriptor(), 0, lengthBytes, flags));
        if (n > 0) {
            sink.countWhole(n);
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
        if (sink.spliceSource != null) {
            return sink.spliceSource == this ? 0 : -Errno.EBUSY;
        }
        endSplicing();
        spliceSink = sink;
        sink.spliceSource = this;
        return 0;
    }

    private void endSplicing() {
        DescriptorStream sink = spliceSink;
        if (sink != null) {
            spliceSink = null;
            sink.spliceSource = null;
            if (sink.isSourceStalled) {
                sink.isSourceStalled = false;
                sink.updateInterest(); // nobody waits for room any more: else the loop would spin
                updateInterest(); // it was this sink alone that had none
            }
        }
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
        if (!isOpen() || closesWhenDrained) {
            return closedCode();
        }
        if (!isEstablished || isShutdown) {
            return isShutdown ? 0 : ReturnCode.NOT_OPEN;
        }
        isShutdown = true;
        return queuedBytes() > 0 ? 0 : endTransmission();
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
        if (closesWhenDrained) {
            return ReturnCode.CLOSED;
        }
        closesWhenDrained = true;
        updateInterest();
        return 0;
    }

    @Override
    protected final void onReadingChanged() {
        updateInterest();
    }

    private void updateInterest() {
        boolean reads = isReading() && !isEnded() && !closesWhenDrained && isEstablished
                && !isStalled();
        boolean writes = (isConnecting || isShort || isSourceStalled || queuedBytes() > 0)
                && !rest.isPending();
        int mask = (reads ? READABLE : 0) | (writes ? WRITABLE : 0);
        if (isPollable) {
            interest(mask);
        }
        if (isPollable ? reads && hasBytesAtHand() : mask != 0) {
            makeReady();
        }
    }

    /** Whether its splice waits for room: the user's own pause is another thing. */
    private boolean isStalled() {
        return spliceSink != null && spliceSink.isSourceStalled;
    }

    @Override
    protected final void onReady(int readiness) {
        if ((readiness & WRITABLE) != 0) {
            writable();
        }
        if ((readiness & READABLE) != 0 && isOpen() && isReading() && !isEnded()
                && !closesWhenDrained && isEstablished && !isOpening) {
            readable();
            if (hasBytesAtHand() && isOpen()) {
                updateInterest();
            }
        }
    }

    @Override
    protected final void onRun() {
        if (isOpening) {
            isOpening = false;
            openNow();
        }
        if (isOpen() && (!isPollable || hasBytesAtHand())) {
            onReady(isPollable ? READABLE : READABLE | WRITABLE);
            if (isOpen()) {
                updateInterest();
            }
        }
    }

    private void readable() {
        if (spliceSink != null) {
            spliceOn();
            return;
        }
        DirectBuffer buffer = readBuffer == null ? loop().readBuffer() : readBuffer;
        int length = readBuffer == null ? buffer.capacity() : readLength;
        long address = buffer.addressOffset() + readOffset;
        for (int i = 0; i < READS_A_TURN; i++) {
            int n = (int) receive(address, length);
            if (n <= 0) {
                noBytes(n);
                return;
            }
            count(StreamMetrics.READ_BYTES_OFFSET, n);
            count(StreamMetrics.DATA_OFFSET, 1);
            if (!isOpen()) {
                return; // closed by what came beside the bytes
            }
            callOnData(buffer, readOffset, n);
            // After a short read the next would find nothing, and the poller says if it would.
            if (n < length || !isOpen() || !isReading() || closesWhenDrained
                    || spliceSink != null) {
                return;
            }
        }
    }

    private void noBytes(int n) {
        if (n == 0) {
            ended();
        } else if (n != -Errno.EAGAIN) {
            fail(n);
        }
    }

    private void spliceOn() {
        DescriptorStream sink = spliceSink;
        for (int i = 0; i < SPLICES_A_TURN; i++) {
            if (!sink.isOpen() || sink.isSourceStalled) {
                return; // closing, and with that the splice ends; or it waits already
            }
            if (sink.queuedBytes() > 0) {
                stall(sink); // what it accepted before goes first
                return;
            }
            long n = posix.splice(attachedDescriptor(), 0, sink.attachedDescriptor(), 0,
                    SPLICE_BYTES, Linux.SPLICE_F_MOVE | Linux.SPLICE_F_NONBLOCK);
            if (n > 0) {
                count(StreamMetrics.READ_BYTES_OFFSET, n);
                count(StreamMetrics.DATA_OFFSET, 1);
                sink.countWhole(n);
                sink.hasRoom();
                continue;
            }
            if (n != -Errno.EAGAIN) {
                spliceEnded(sink, (int) n);
            } else if (i == 0) {
                stall(sink);
            }
            return;
        }
    }

    /** The sink is full: the source was ready and yet nothing moved, not even an end. */
    private void stall(DescriptorStream sink) {
        sink.isSourceStalled = true;
        sink.waitForRoom();
        updateInterest();
    }

    private void spliceEnded(DescriptorStream sink, int n) {
        if (n == 0) {
            ended();
        } else if (n == -Errno.EINVAL) {
            endSplicing();
        } else if (n == -Errno.EPIPE || isPipe() && !sink.isPipe()) {
            sink.fail(n);
        } else {
            fail(n);
        }
    }

    private void writable() {
        if (isConnecting) {
            connected();
            return;
        }
        isToldOfRoom = true;
        if (queuedBytes() > 0) {
            flush(); // what was accepted goes first
        } else if (isSourceStalled) {
            isSourceStalled = false;
            count(StreamMetrics.DRAIN_OFFSET, 1);
            updateInterest();
            spliceSource.updateInterest();
        } else if (isShort) {
            isShort = false;
            count(StreamMetrics.DRAIN_OFFSET, 1);
            updateInterest();
            callOnWritable();
        }
    }

    private void connected() {
        int error = connectError();
        if (error == -Errno.EAGAIN) {
            return;
        }
        isConnecting = false;
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

    private void flush() {
        while (!queue.isEmpty()) {
            int n = (int) transmit(queue.address(), queue.contiguousBytes());
            if (n == -Errno.EAGAIN) {
                waitForRoom();
                return;
            }
            if (n < 0) {
                fail(n);
                return;
            }
            sentFromQueue(sent(n));
        }
        isShort = false;
        count(StreamMetrics.DRAIN_OFFSET, 1);
        updateInterest();
        drained();
    }

    private void drained() {
        if (isShutdown) {
            int rc = endTransmission();
            if (rc < 0) {
                fail(rc);
                return;
            }
        }
        if (closesWhenDrained) {
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
        endSplicing();
        if (spliceSource != null) {
            if (!spliceSource.isEnded()) {
                spliceSource.pause(); // it has nowhere to go on to
            }
            spliceSource.endSplicing();
        }
        count(StreamMetrics.CLOSE_OFFSET, 1);
        releaseWords();
    }
}
