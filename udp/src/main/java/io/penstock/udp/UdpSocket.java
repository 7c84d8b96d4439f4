package io.penstock.udp;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.SocketOption;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import java.lang.ref.Reference;
import java.util.Objects;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * A datagram socket: UDP over IPv4 or IPv6, or Unix; the family says which. An IPv6 socket carries
 * IPv4 too, as mapped addresses, unless {@link SocketOption#IPV6_V6ONLY} is on.
 *
 * <p>A socket of a loop starts paused. While it is resumed it receives into its batch and passes
 * the batch to its {@link DatagramHandler}. A socket of no loop receives when its owner calls
 * {@link #receive(DatagramBatch)}. No method blocks.
 *
 * <p>If the kernel, or the device that a route leads to, refuses to cut a region into segments, the
 * socket sends the segments singly, and does not ask again: {@link #isGsoRefused}.
 *
 * <p>On a loop a socket has three states, which change independently of each other:
 *
 * <pre>
 *   input       | event                        | then
 *   ------------+------------------------------+--------------------------------------------------
 *   PAUSED      | resume                       | RECEIVING
 *               | an error comes back          | onError, if output is WAITING; else the next send
 *               |                              | returns the error, or onError follows resume
 *   RECEIVING   | datagrams come               | onDatagrams
 *               | an error comes back          | onError
 *               | pause                        | PAUSED
 *
 *   output      | event                        | then
 *   ------------+------------------------------+--------------------------------------------------
 *   IDLE        | a send is not taken whole    | WAITING: the kernel is asked to report room
 *   WAITING     | the kernel reports room      | IDLE (a Unix socket: TOLD); onWritable
 *   TOLD        | a send is taken              | IDLE
 *               | a send finds no room at all  | BACKING_OFF: the report was false
 *   BACKING_OFF | 1 ms is over                 | TOLD; onWritable
 *
 *   segments    | event                        | then
 *   ------------+------------------------------+--------------------------------------------------
 *   OFFLOADED   | the kernel refuses to cut    | SINGLE
 *   SINGLE      | the socket is opened again   | OFFLOADED
 * </pre>
 *
 * <p>A socket opens with PAUSED, IDLE and OFFLOADED; a Unix socket is always SINGLE.
 *
 * <p><b>Threading</b>: the loop's thread; with no loop, one at a time. <b>Allocation</b>: none
 * after set-up, unless a method says so. <b>Returns</b>: every method that returns an {@code int}
 * returns {@link ReturnCode#NOT_OPEN} before the socket is open and {@link ReturnCode#CLOSED} after
 * {@code close}. <b>See</b>: udp(7), ip(7), ipv6(7), unix(7); its counters: {@link UdpMetrics}.
 */
public final class UdpSocket extends UdpHandle {
    private static final int RECEIVES_A_TURN = 4;
    // The kernel is asked for its drops after so many slots or bytes.
    private static final int DROPS_SLOTS = 256;
    private static final int DROPS_BYTES = 256 << 10;
    private static final int MEMINFO_DROPS_OFFSET = 32;
    private static final int ERRORS_A_TURN = 64;
    // MSG_TRUNC: a datagram that does not fit is reported with its full length.
    private static final int RECEIVE_FLAGS = Linux.MSG_DONTWAIT | Linux.MSG_TRUNC;

    private enum Input { PAUSED, RECEIVING }

    private final DatagramHandler handler;
    private final DatagramBatch batch;
    private final CallMemory call;
    private final Sender sender;
    private Input input = Input.PAUSED;
    private int drops; // as the kernel counts them, in 32 bits
    private int sinceDrops; // slots received since the kernel was asked for its drops
    private long sinceDropsBytes;

    /**
     * A socket of a loop.
     *
     * @param loop the loop
     * @param handler takes the socket's events
     * @param batch the memory that the socket receives into; sockets of one loop may share it; null
     *     for a socket that only sends
     */
    public UdpSocket(EventLoop loop, DatagramHandler handler, DatagramBatch batch) {
        super(loop);
        this.handler = Objects.requireNonNull(handler);
        this.batch = batch;
        call = batch == null ? new CallMemory() : batch.call;
        sender = new Sender(this, posix, call.single, ownTimer(timer -> backoffIsOver()));
    }

    /** A socket of no loop. */
    public UdpSocket() {
        this(Posix.system());
    }

    /**
     * A socket of no loop.
     *
     * @param posix the operating system
     */
    public UdpSocket(Posix posix) {
        super(posix);
        handler = null;
        batch = null;
        call = new CallMemory();
        sender = new Sender(this, posix, call.single, ownTimer(timer -> backoffIsOver()));
    }

    /**
     * Names the socket, before it is open.
     *
     * @param name the socket's label in the metrics
     * @return this
     */
    @Override
    public UdpSocket name(String name) {
        super.name(name);
        return this;
    }

    /**
     * Has {@link #bind} replace a stale Unix path: one that no socket is bound to, such as a killed
     * process leaves behind. See {@link io.penstock.core.net.Listener#replaceStalePath}.
     *
     * @return this
     */
    public UdpSocket replaceStalePath() {
        path().replaceStale();
        return this;
    }

    /**
     * Sets the permissions of the Unix path that {@link #bind} makes; the umask does not apply. A
     * process needs permission to write to the path in order to send.
     *
     * @param mode such as 0600
     * @return this
     */
    public UdpSocket pathMode(int mode) {
        path().mode(mode);
        return this;
    }

    @Override
    boolean canReceive() {
        return batch == null || !batch.isHeap;
    }

    @Override
    void begun() {
        sender.reset(family);
        input = Input.PAUSED;
        drops = 0;
        sinceDrops = 0;
        sinceDropsBytes = 0;
    }

    /**
     * Whether the kernel has refused to cut a region into segments, so that this socket sends
     * segments singly. Unix sockets always do.
     *
     * @return false after opening; always true for a Unix socket
     */
    public boolean isGsoRefused() {
        return sender.isOffloadRefused();
    }

    // Sending

    /**
     * Sends slots of a batch, in order: normally by one system call. If the call stops at an error
     * after some slots were sent, it returns how many, and not the error. If the caller then sends
     * from the failed slot on, and that slot fails again, the next call returns the error. Errors
     * that came back meanwhile are lost in the kernel, unless {@link SocketOption#IP_RECVERR} or
     * {@link SocketOption#IPV6_RECVERR} is set. A slot whose segments were sent in part continues
     * after the last segment sent.
     *
     * @param batch the batch, whose slots have their destinations
     * @param first the first slot
     * @param count how many
     * @return slots sent, at least 1 unless {@code count} is 0; after fewer than {@code count}, on
     *     a loop, {@code onWritable} follows. If no slot was sent: {@code -EAGAIN}, and
     *     {@code onWritable} follows; {@link ReturnCode#HEAP_BUFFER}; {@code -EMSGSIZE},
     *     {@code -EDESTADDRREQ}, {@code -EAFNOSUPPORT} and others of sendmsg(2), about the first
     *     slot; an error that came back for a datagram sent before, such as {@code -ECONNREFUSED}:
     *     then send the same slots again
     */
    public int send(DatagramBatch batch, int first, int count) {
        assert isCalledInLoop();
        if (!isOpen()) {
            return closedCode();
        }
        if (batch.isHeap) {
            return ReturnCode.HEAP_BUFFER;
        }
        Objects.checkFromIndexSize(first, count, batch.slots());
        if (count == 0) {
            return 0;
        }
        int n = sender.send(batch, first, count);
        Reference.reachabilityFence(batch);
        return n;
    }

    /**
     * Sends one datagram to the peer of a connected socket.
     *
     * @param buffer off the heap
     * @param offset of the first byte
     * @param length of the datagram, 0 or more
     * @return {@code length}; a code of {@link #send(DatagramBatch, int, int)} if nothing was sent
     */
    public int send(DirectBuffer buffer, int offset, int length) {
        return send(buffer, offset, length, null);
    }

    /**
     * Sends one datagram.
     *
     * @param buffer off the heap
     * @param offset of the first byte
     * @param length of the datagram, 0 or more
     * @param destination the address; null for the peer of a connected socket
     * @return {@code length}; a code of {@link #send(DatagramBatch, int, int)} if nothing was sent
     */
    public int send(DirectBuffer buffer, int offset, int length, Endpoint destination) {
        assert isCalledInLoop();
        int rc = check(buffer, offset, length);
        if (rc < 0) {
            return rc;
        }
        int n = sender.send(buffer.addressOffset() + offset, length, destination);
        Reference.reachabilityFence(buffer);
        Reference.reachabilityFence(destination);
        return n;
    }

    /**
     * Sends a region as datagrams of one size; the last may be shorter.
     *
     * @param buffer off the heap
     * @param offset of the first byte
     * @param length of the region, at least 1
     * @param segmentBytes the size of each datagram, at least 1
     * @param destination the address; null for the peer of a connected socket
     * @return {@code length}; a smaller multiple of {@code segmentBytes} if the socket sends
     *     segments singly and not all of them found room: then, on a loop, {@code onWritable}
     *     follows; {@link ReturnCode#BAD_ARGUMENT}; {@link ReturnCode#TOO_MANY_SEGMENTS} for more
     *     than {@link DatagramBatch#MAX_SEGMENTS}; codes of
     *     {@link #send(DatagramBatch, int, int)} if nothing was sent
     */
    public int send(DirectBuffer buffer, int offset, int length, int segmentBytes,
            Endpoint destination) {
        assert isCalledInLoop();
        int rc = check(buffer, offset, length);
        if (rc < 0) {
            return rc;
        }
        if (length < 1 || segmentBytes < 1) {
            return ReturnCode.BAD_ARGUMENT;
        }
        if (length > (long) DatagramBatch.MAX_SEGMENTS * segmentBytes) {
            return ReturnCode.TOO_MANY_SEGMENTS;
        }
        int n = sender.send(buffer.addressOffset() + offset, length, segmentBytes, destination);
        Reference.reachabilityFence(buffer);
        return n;
    }

    private int check(DirectBuffer buffer, int offset, int length) {
        if (!isOpen()) {
            return closedCode();
        }
        if (NativeBuffer.isHeap(buffer)) {
            return ReturnCode.HEAP_BUFFER;
        }
        buffer.boundsCheck(offset, length);
        return 0;
    }

    // Receiving

    /**
     * Receives waiting datagrams into the slots of a batch, on a socket of no loop.
     *
     * @param batch takes the datagrams, from the first slot on
     * @return slots filled, at least 1; {@code -EAGAIN} if no datagram is waiting;
     *     {@link ReturnCode#ATTACHED} if the socket is a loop's; {@link ReturnCode#HEAP_BUFFER};
     *     {@code -errno} of recvmmsg(2), also an error that came back, such as
     *     {@code -ECONNREFUSED}
     */
    public int receive(DatagramBatch batch) {
        int rc = withoutLoopCode();
        if (rc < 0) {
            return rc;
        }
        if (batch.isHeap) {
            return ReturnCode.HEAP_BUFFER;
        }
        int n = receiveNow(batch);
        add(UdpMetrics.ERROR_OFFSET, n < 0 && n != -Errno.EAGAIN ? 1 : 0);
        return n;
    }

    private int receiveNow(DatagramBatch batch) {
        batch.readyToReceive(family == Linux.AF_UNIX);
        int n = posix.recvmmsg(attachedDescriptor(), batch.headers.address(0), batch.slots(),
                RECEIVE_FLAGS, 0);
        if (n > 0) {
            batch.received(n);
            countReceived(batch, n);
        }
        Reference.reachabilityFence(batch);
        return n;
    }

    private void countReceived(DatagramBatch batch, int slots) {
        long bytes = 0;
        int datagrams = 0;
        int segments = 0;
        int truncated = 0;
        for (int slot = 0; slot < slots; slot++) {
            int pieces = batch.segments(slot);
            bytes += batch.length(slot);
            datagrams += pieces;
            segments += pieces > 1 ? pieces : 0;
            truncated += batch.isTruncated(slot) ? 1 : 0;
        }
        countReceived(slots, datagrams, bytes, segments, truncated);
    }

    private void countReceived(
            int slots, int datagrams, long bytes, int segments, int truncated) {
        add(UdpMetrics.RECEIVED_BATCHES_OFFSET, 1);
        add(UdpMetrics.RECEIVED_DATAGRAMS_OFFSET, datagrams);
        add(UdpMetrics.RECEIVED_BYTES_OFFSET, bytes);
        if (segments > 0) {
            add(UdpMetrics.RECEIVED_SEGMENTS_OFFSET, segments);
        }
        if (truncated > 0) {
            add(UdpMetrics.TRUNCATED_OFFSET, truncated);
        }
        sinceDrops += slots;
        sinceDropsBytes += bytes;
        if (sinceDrops >= DROPS_SLOTS || sinceDropsBytes >= DROPS_BYTES) {
            countDrops();
        }
    }

    /**
     * Asks the kernel how many datagrams it dropped. SO_RXQ_OVFL would report the count with each
     * datagram, which adds a tenth to the cost of receiving, and would never report drops after the
     * last datagram.
     */
    private void countDrops() {
        sinceDrops = 0;
        sinceDropsBytes = 0;
        scratch.putInt(MEMINFO_BYTES, MEMINFO_BYTES);
        long address = scratch.addressOffset();
        int rc = posix.getsockopt(attachedDescriptor(), Linux.SOL_SOCKET, Linux.SO_MEMINFO,
                address, address + MEMINFO_BYTES);
        if (rc == 0 && scratch.getInt(MEMINFO_BYTES) == MEMINFO_BYTES) {
            int now = scratch.getInt(MEMINFO_DROPS_OFFSET);
            add(UdpMetrics.DROPPED_OFFSET, now - drops & 0xffff_ffffL);
            drops = now;
        }
    }

    /**
     * Receives one datagram, on a socket of no loop.
     *
     * @param buffer takes the datagram; off the heap
     * @param offset of the first byte
     * @param length the most bytes to take
     * @param sender becomes the sender's address, of length 0 if the sender has none or the
     *     endpoint's memory is too small; may be null
     * @return the datagram's length: more than {@code length} if it did not fit, and then its end
     *     is lost; {@code -EAGAIN} if no datagram is waiting; codes of
     *     {@link #receive(DatagramBatch)}
     */
    public int receive(MutableDirectBuffer buffer, int offset, int length, Endpoint sender) {
        int rc = withoutLoopCode();
        if (rc == 0) {
            rc = check(buffer, offset, length);
        }
        if (rc < 0) {
            return rc;
        }
        call.single.readyToReceive(
                buffer.addressOffset() + offset, length, family == Linux.AF_UNIX);
        int n = (int) posix.recvmsg(attachedDescriptor(), call.single.address(0), RECEIVE_FLAGS);
        Reference.reachabilityFence(buffer);
        if (n < 0) {
            add(UdpMetrics.ERROR_OFFSET, n == -Errno.EAGAIN ? 0 : 1);
            return n;
        }
        int segment = call.single.received(0);
        int taken = Math.min(n, length);
        int pieces = segment == 0 || taken <= segment ? 1 : (taken + segment - 1) / segment;
        countReceived(1, pieces, taken, pieces > 1 ? pieces : 0, n > length ? 1 : 0);
        if (sender != null) {
            call.single.name(0, sender);
        }
        return n;
    }

    // Errors that come back

    /**
     * Takes an error that came back, on a socket of no loop. The kernel keeps such errors once
     * {@link SocketOption#IP_RECVERR} or {@link SocketOption#IPV6_RECVERR} is set.
     *
     * @param destination becomes the address that the datagram was sent to; of length 0 if there is
     *     no error, or the kernel did not report the address
     * @return the error, such as {@code -ECONNREFUSED}, {@code -EHOSTUNREACH} or
     *     {@code -EMSGSIZE}; {@code -EAGAIN} if there is none; {@link ReturnCode#ATTACHED} if the
     *     socket is a loop's; {@link ReturnCode#NOT_SUPPORTED} if it is a Unix socket
     */
    public int takeError(Endpoint destination) {
        int rc = withoutLoopCode();
        if (rc < 0) {
            return rc;
        }
        return family == Linux.AF_UNIX // which would receive a datagram instead
                ? ReturnCode.NOT_SUPPORTED : nextError(destination);
    }

    private int nextError(Endpoint destination) {
        int code = call.errors.take(posix, attachedDescriptor(), destination);
        if (code != -Errno.EAGAIN) {
            add(UdpMetrics.ERROR_OFFSET, 1);
        }
        return code;
    }

    /**
     * The path's MTU that the last error reported, if it was {@code -EMSGSIZE}. On a loop the value
     * is valid until {@code onError} returns.
     *
     * @return bytes of a whole packet, headers included; {@link ReturnCode#NOT_SUPPORTED} if the
     *     last error reported none
     */
    public int errorMtuBytes() {
        return call.errors.mtuBytes();
    }

    /**
     * The address that sent the last error: a router's on the way, or the destination's. On a loop
     * the value is valid until {@code onError} returns.
     *
     * @param endpoint becomes that address
     * @return 0; {@link ReturnCode#NOT_SUPPORTED} if this machine made the error itself;
     *     {@link ReturnCode#NAME_TOO_LONG} if the endpoint's memory is too small
     */
    public int errorOffender(Endpoint endpoint) {
        return call.errors.offender(endpoint);
    }

    // On a loop

    /**
     * Starts receiving.
     *
     * @return 0; {@link ReturnCode#NOT_SUPPORTED} on a socket of no loop
     */
    public int resume() {
        assert isCalledInLoop();
        return input(Input.RECEIVING);
    }

    /**
     * Stops receiving. The kernel keeps datagrams that arrive meanwhile, as long as it has room. It
     * also keeps errors that come back: {@code onError} follows once the socket is resumed or waits
     * for room, unless a send returns the error first.
     *
     * @return 0; {@link ReturnCode#NOT_SUPPORTED} on a socket of no loop
     */
    public int pause() {
        assert isCalledInLoop();
        return input(Input.PAUSED);
    }

    private int input(Input wanted) {
        if (!isOpen()) {
            return closedCode();
        }
        if (!hasLoop()) {
            return ReturnCode.NOT_SUPPORTED;
        }
        input = wanted;
        updateOperations();
        return 0;
    }

    void updateOperations() {
        setOperations((input == Input.RECEIVING ? READABLE : 0)
                | (sender.awaitsRoom() ? WRITABLE : 0));
    }

    @Override
    protected void onCompletion(
            int operation, int readiness, DirectBuffer none, int offset) {
        // epoll reports an error as readable and writable; data or room is mostly one of them.
        boolean mayHaveFailed = readiness == (READABLE | WRITABLE);
        boolean told = mayHaveFailed && keepsErrors() && tellErrors();
        if (input == Input.RECEIVING && (readiness & READABLE) != 0) {
            receiveAll();
        } else if (mayHaveFailed && !told && isOpen()) {
            tellPendingError();
        }
        if (isOpen() && (readiness & WRITABLE) != 0 && sender.hasRoom()) {
            updateOperations();
            callOnWritable();
        }
    }

    private void backoffIsOver() {
        if (isOpen()) {
            sender.backoffIsOver();
            callOnWritable();
        }
    }

    private void receiveAll() {
        int n = batch.slots();
        for (int i = 0; i < RECEIVES_A_TURN && n == batch.slots() && isReceiving(); i++) {
            n = receiveNow(batch);
            if (n > 0) {
                callOnDatagrams(n);
            } else if (n != -Errno.EAGAIN && !(keepsErrors() && tellErrors())) {
                tellError(n);
            }
        }
    }

    private boolean isReceiving() {
        return isOpen() && input == Input.RECEIVING;
    }

    /** Passes the errors that the kernel keeps to the handler; true if there were any. */
    private boolean tellErrors() {
        int told = 0;
        int code = 0;
        while (told < ERRORS_A_TURN && isOpen() && code != -Errno.EAGAIN) {
            code = nextError(call.errorDestination);
            if (code != -Errno.EAGAIN) {
                told++;
                callOnError(code);
            }
        }
        return told > 0;
    }

    /** While the socket is paused no read clears the error, and epoll would report it for ever. */
    private void tellPendingError() {
        int error = SocketOption.SO_ERROR.get(posix, attachedDescriptor(), scratch);
        if (error > 0) {
            tellError(-error);
        }
    }

    private void tellError(int code) {
        add(UdpMetrics.ERROR_OFFSET, 1);
        call.errorDestination.length(0);
        callOnError(code);
    }

    @Override
    protected void onRun() {
    }

    @Override
    protected void onRefused(int code) {
        add(UdpMetrics.ERROR_OFFSET, 1);
        startClose(code);
    }

    @Override
    protected void onClosed(int code) {
        sender.close();
        countDrops();
        closeDescriptor();
        add(UdpMetrics.CLOSE_OFFSET, 1);
        releaseCounters();
    }

    // The callbacks. An exception harms this socket alone: the caller continues as if the callback
    // had returned, and checks whether the socket is still open.

    private void callOnDatagrams(int slots) {
        try {
            handler.onDatagrams(this, batch, slots);
        } catch (Throwable t) {
            threw(t);
        }
    }

    private void callOnWritable() {
        try {
            handler.onWritable(this);
        } catch (Throwable t) {
            threw(t);
        }
    }

    private void callOnError(int code) {
        try {
            handler.onError(this, code, call.errorDestination);
        } catch (Throwable t) {
            threw(t);
        }
    }

    @Override
    protected void callOnClose(int code) {
        if (handler == null) {
            return;
        }
        try {
            handler.onClose(this, code);
        } catch (Throwable t) {
            threw(t);
        }
    }
}
