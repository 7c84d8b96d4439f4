package io.penstock.udp;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.Handle;
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
 * A datagram socket: UDP over IPv4 or IPv6, or Unix; the family says which. One of IPv6 carries
 * IPv4 too, mapped, unless {@link SocketOption#IPV6_V6ONLY} is on.
 *
 * <p>On a loop it starts paused; while it is resumed it receives into its batch and gives that to
 * its {@link DatagramHandler}. One with no loop receives when its owner says so. Neither ever
 * waits.
 *
 * <p>Where the kernel, or the device that a route leads to, will not cut a region into segments,
 * the segments are sent one by one, from then on at once: {@link #isGsoRefused}.
 *
 * <p><b>Threading</b>: the loop's thread; with no loop, one at a time. <b>Allocation</b>: none
 * after set-up, unless a method says so. <b>Returns</b>: every method that answers an {@code int}
 * answers {@link ReturnCode#NOT_OPEN} before the socket is open and {@link ReturnCode#CLOSED} after
 * {@code close}. <b>See</b>: udp(7), ip(7), ipv6(7), unix(7); its words: {@link UdpMetrics}.
 */
public final class UdpSocket extends Handle {
    private static final int RECEIVES_A_TURN = 4;
    private static final int DROPS_DATAGRAMS = 64; // after so many, or so many bytes, drops are
    private static final int DROPS_BYTES = 64 << 10; // looked for
    private static final int MEMINFO_BYTES = 36;
    private static final int MEMINFO_DROPS_OFFSET = 32;
    private static final int ERRORS_A_TURN = 64;
    private static final int SEND_FLAGS = Linux.MSG_DONTWAIT | Linux.MSG_NOSIGNAL;
    // Of a datagram that does not fit, the length is told all the same.
    private static final int RECEIVE_FLAGS = Linux.MSG_DONTWAIT | Linux.MSG_TRUNC;

    private final DatagramHandler handler;
    private final DatagramBatch batch;
    private final Headers single = new Headers(1); // for what lies in the caller's own memory
    private final ErrorQueue errors = new ErrorQueue();
    private final NativeBuffer scratch = NativeBuffer.allocate(MEMINFO_BYTES + 4);
    private final Endpoint errorDestination = new Endpoint();
    private final Endpoint bound = new Endpoint();
    private int family;
    private boolean ownsPath;
    private boolean keepsErrors;
    private boolean isGsoRefused;
    private boolean isReading;
    private boolean isShort; // the last send was not taken whole, and onWritable is due
    private int drops; // as the kernel counts them, in 32 bits
    private int sinceDrops; // datagrams received since it was asked
    private long sinceDropsBytes;

    /**
     * A socket of a loop.
     *
     * @param loop the loop
     * @param handler who is told
     * @param batch what it receives into; sockets of one loop may share it
     */
    public UdpSocket(EventLoop loop, DatagramHandler handler, DatagramBatch batch) {
        super(loop, UdpMetrics.TYPE, "udp");
        this.handler = handler;
        this.batch = batch;
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
        super(posix, UdpMetrics.TYPE, "udp");
        handler = null;
        batch = null;
    }

    /**
     * Makes the socket, for those who set options before they bind or connect.
     *
     * @param family {@link Linux#AF_INET}, {@link Linux#AF_INET6} or {@link Linux#AF_UNIX}
     * @return 0, {@link ReturnCode#ALREADY_OPEN}, {@link ReturnCode#HANDLES_EXHAUSTED},
     *     {@link ReturnCode#METRICS_EXHAUSTED}, {@link ReturnCode#HEAP_BUFFER} (its batch),
     *     {@code -errno}
     */
    public int open(int family) {
        if (isOpen()) {
            return ReturnCode.ALREADY_OPEN;
        }
        if (batch != null && batch.isHeap) {
            return ReturnCode.HEAP_BUFFER;
        }
        int fd = posix.socket(
                family, Linux.SOCK_DGRAM | Linux.SOCK_NONBLOCK | Linux.SOCK_CLOEXEC, 0);
        if (fd < 0) {
            return fd;
        }
        int rc = attach(fd, true);
        if (rc < 0) {
            posix.close(fd);
            return rc;
        }
        this.family = family;
        ownsPath = false;
        keepsErrors = false;
        isGsoRefused = false;
        isReading = false;
        isShort = false;
        drops = 0;
        sinceDrops = 0;
        sinceDropsBytes = 0;
        return 0;
    }

    /**
     * Binds the local side, and makes the socket first if {@link #open} did not. A Unix path that
     * this made is removed when it closes.
     *
     * @param local the address; port 0 is any, see {@link #localEndpoint}
     * @return 0, a code of {@link #open}, {@code -errno}; then it is as closed as before
     */
    public int bind(Endpoint local) {
        boolean opens = !isOpen();
        int rc = opens ? open(local.family()) : 0;
        if (rc < 0) {
            return rc;
        }
        rc = posix.bind(attachedDescriptor(), local.address(), local.length());
        Reference.reachabilityFence(local);
        if (rc == 0 && local.isUnix() && !local.isUnixAbstract()) {
            bound.copyFrom(local);
            ownsPath = bound.length() > Endpoint.UNIX_NAME_OFFSET;
        }
        return opened(opens, rc);
    }

    /**
     * Sends to one peer from now on, and receives from it alone; makes the socket first if
     * {@link #open} did not.
     *
     * @param peer the address
     * @return 0, a code of {@link #open}, {@code -errno}; then it is as closed as before
     */
    public int connect(Endpoint peer) {
        boolean opens = !isOpen();
        int rc = opens ? open(peer.family()) : 0;
        if (rc < 0) {
            return rc;
        }
        rc = posix.connect(attachedDescriptor(), peer.address(), peer.length());
        Reference.reachabilityFence(peer);
        return opened(opens, rc);
    }

    private int opened(boolean opens, int rc) {
        if (rc < 0 && opens) {
            posix.close(attachedDescriptor());
            detach();
        }
        return rc;
    }

    /**
     * Undoes {@link #connect}.
     *
     * @return 0, {@code -errno}
     */
    public int disconnect() {
        if (!isOpen()) {
            return closedCode();
        }
        scratch.putLong(0, Linux.AF_UNSPEC);
        scratch.putLong(Long.BYTES, 0);
        return posix.connect(
                attachedDescriptor(), scratch.addressOffset(), SocketOption.SCRATCH_BYTES);
    }

    /**
     * Closes. {@code onClose} follows.
     *
     * @return 0
     */
    public int close() {
        return isOpen() ? startClose(0) : closedCode();
    }

    /**
     * Sets an option. Those that have the kernel tell something of each datagram it tells in
     * {@link DatagramBatch}'s slots; {@link SocketOption#IP_RECVERR} and
     * {@link SocketOption#IPV6_RECVERR} have errors kept for {@link DatagramHandler#onError} and
     * {@link #takeError}.
     *
     * @param option by its kernel name
     * @param value its value
     * @return 0, {@code -errno}
     */
    public int setOption(SocketOption option, int value) {
        if (!isOpen()) {
            return closedCode();
        }
        int rc = option.set(posix, attachedDescriptor(), scratch, value);
        if (rc == 0 && (option == SocketOption.IP_RECVERR
                || option == SocketOption.IPV6_RECVERR)) {
            keepsErrors |= value != 0;
        }
        return rc;
    }

    /**
     * Gets an option.
     *
     * @param option by its kernel name
     * @return its value, or {@code -errno}
     */
    public int option(SocketOption option) {
        return isOpen() ? option.get(posix, attachedDescriptor(), scratch) : closedCode();
    }

    /**
     * The address of this side, with the port that it got.
     *
     * @param endpoint where to put it
     * @return 0, {@code -errno}
     */
    public int localEndpoint(Endpoint endpoint) {
        return isOpen() ? endpoint.localOf(posix, attachedDescriptor()) : closedCode();
    }

    /**
     * The address that it is connected to.
     *
     * @param endpoint where to put it
     * @return 0, {@code -errno}
     */
    public int peerEndpoint(Endpoint endpoint) {
        return isOpen() ? endpoint.peerOf(posix, attachedDescriptor()) : closedCode();
    }

    /**
     * Receives what is sent to a group, by whomever.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param group the address, whatever its port
     * @param interfaceIndex the interface's number; 0 is the kernel's choice
     * @return 0, {@link ReturnCode#BAD_ADDRESS} if it is no IP address, {@code -errno}
     */
    public int join(Endpoint group, int interfaceIndex) {
        return multicast(Linux.MCAST_JOIN_GROUP, group, null, interfaceIndex);
    }

    /**
     * Receives what one source sends to a group.
     *
     * <p><b>Allocation</b>: set-up. <b>See</b>: RFC 4607.
     *
     * @param group the address, whatever its port
     * @param source the source's address, whatever its port
     * @param interfaceIndex the interface's number; 0 is the kernel's choice
     * @return 0, {@link ReturnCode#BAD_ADDRESS} if it is no IP address, {@code -errno}
     */
    public int join(Endpoint group, Endpoint source, int interfaceIndex) {
        return multicast(Linux.MCAST_JOIN_SOURCE_GROUP, group, source, interfaceIndex);
    }

    /**
     * Undoes {@link #join(Endpoint, int)}.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param group the address
     * @param interfaceIndex as it was joined
     * @return 0, {@link ReturnCode#BAD_ADDRESS} if it is no IP address, {@code -errno}
     */
    public int leave(Endpoint group, int interfaceIndex) {
        return multicast(Linux.MCAST_LEAVE_GROUP, group, null, interfaceIndex);
    }

    /**
     * Undoes {@link #join(Endpoint, Endpoint, int)}.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param group the address
     * @param source the source's address
     * @param interfaceIndex as it was joined
     * @return 0, {@link ReturnCode#BAD_ADDRESS} if it is no IP address, {@code -errno}
     */
    public int leave(Endpoint group, Endpoint source, int interfaceIndex) {
        return multicast(Linux.MCAST_LEAVE_SOURCE_GROUP, group, source, interfaceIndex);
    }

    private int multicast(int name, Endpoint group, Endpoint source, int interfaceIndex) {
        return isOpen() ? Multicast.change(
                posix, attachedDescriptor(), name, group, source, interfaceIndex) : closedCode();
    }

    /**
     * Sends multicast by an interface: {@code IP_MULTICAST_IF} or {@code IPV6_MULTICAST_IF}.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param interfaceIndex its number; 0 is the kernel's choice
     * @return 0, {@code -errno}
     */
    public int multicastInterface(int interfaceIndex) {
        return isOpen() ? Multicast.sendBy(posix, attachedDescriptor(), family, interfaceIndex)
                : closedCode();
    }

    /**
     * Whether the kernel once refused to cut a region into segments, so that this socket sends
     * them one by one.
     *
     * @return false at first
     */
    public boolean isGsoRefused() {
        return isGsoRefused;
    }

    // Sending

    /**
     * Sends slots of a batch, from the first on: by one system call while nothing is in its way.
     * What stopped it after some were sent is told by the next call, for the slot that it comes to
     * then. A slot of segments that went in part goes on where it stopped.
     *
     * @param batch whose slots say what goes where
     * @param first the first slot
     * @param count how many, at least 1
     * @return slots sent, at least 1; after fewer than asked for, on a loop, {@code onWritable}
     *     follows. If none was: {@code -EAGAIN}, and {@code onWritable} follows;
     *     {@link ReturnCode#HEAP_BUFFER}; for the first slot alone {@code -EMSGSIZE},
     *     {@code -EDESTADDRREQ}, {@code -EAFNOSUPPORT} and others of sendmsg(2); an error that came
     *     back before, such as {@code -ECONNREFUSED}, and the datagram is still to be sent
     */
    public int send(DatagramBatch batch, int first, int count) {
        if (!isOpen()) {
            return closedCode();
        }
        if (batch.isHeap) {
            return ReturnCode.HEAP_BUFFER;
        }
        Objects.checkFromIndexSize(first, count, batch.slots());
        int sent = 0;
        int n = 0;
        while (sent < count && n >= 0) {
            int slot = first + sent;
            boolean isCut = batch.segments(slot) > 1;
            n = isCut && isGsoRefused ? sendApart(batch, slot)
                    : sendTogether(batch, slot, count - sent);
            if (isCut && mayRefuseGso(n)) {
                n = sendApart(batch, slot);
                noteGso(n);
            }
            sent += Math.max(0, n);
        }
        Reference.reachabilityFence(batch);
        return answer(sent, count, n);
    }

    /** As many slots as the kernel takes at once, up to one that must be sent apart. */
    private int sendTogether(DatagramBatch batch, int first, int count) {
        int n = isGsoRefused ? 1 : count;
        while (n < count && batch.segments(first + n) == 1) {
            n++;
        }
        batch.readyToSend(first, n);
        int sent = posix.sendmmsg(
                attachedDescriptor(), batch.headers.address(first), n, SEND_FLAGS);
        if (sent < 0) {
            return sent;
        }
        long bytes = 0;
        int datagrams = 0;
        int segments = 0;
        for (int slot = first; slot < first + sent; slot++) {
            int pieces = batch.segments(slot);
            bytes += batch.length(slot);
            datagrams += pieces;
            segments += pieces > 1 ? pieces : 0;
        }
        countSent(datagrams, bytes, segments);
        return sent;
    }

    private int sendApart(DatagramBatch batch, int slot) {
        int done = batch.sentBytes(slot);
        int n = sendApart(batch.headers, slot, batch.address(slot) + done,
                batch.length(slot) - done, batch.segmentBytes(slot));
        return n < 0 ? n : batch.sentApart(slot, n) ? 1 : 0;
    }

    /** Bytes of the segments that went, or a code if none did. */
    private int sendApart(Headers headers, int slot, long address, int length, int segment) {
        int sent = 0;
        while (sent < length) {
            int n = Math.min(segment, length - sent);
            headers.readyToSend(slot, address + sent, n, 0);
            int rc = (int) posix.sendmsg(attachedDescriptor(), headers.address(slot), SEND_FLAGS);
            if (rc < 0) {
                return sent > 0 ? sent : rc;
            }
            sent += n;
            countSent(1, n, 0);
        }
        return sent;
    }

    /** EIO: the device cannot make the checksums. EINVAL: other reasons, and other faults. */
    private boolean mayRefuseGso(int code) {
        return !isGsoRefused && (code == -Errno.EIO || code == -Errno.EINVAL);
    }

    /** It was the cutting that was refused if the segments go: it is not asked for again. */
    private void noteGso(int code) {
        if (code >= 0 || code == -Errno.EAGAIN) {
            isGsoRefused = true;
            count(UdpMetrics.GSO_REFUSED_OFFSET, 1);
        }
    }

    private void countSent(int datagrams, long bytes, int segments) {
        count(UdpMetrics.SENT_BATCHES_OFFSET, 1);
        count(UdpMetrics.SENT_DATAGRAMS_OFFSET, datagrams);
        count(UdpMetrics.SENT_BYTES_OFFSET, bytes);
        if (segments > 0) {
            count(UdpMetrics.SENT_SEGMENTS_OFFSET, segments);
        }
    }

    private int answer(int sent, int wanted, int code) {
        if (code == -Errno.EAGAIN) {
            count(UdpMetrics.EAGAIN_OFFSET, 1);
        } else if (code < 0) {
            count(UdpMetrics.ERROR_OFFSET, 1);
        }
        if (sent < wanted && (sent > 0 || code == -Errno.EAGAIN)) {
            isShort = true;
            updateInterest();
        }
        return sent > 0 ? sent : code;
    }

    /**
     * Sends one datagram to the peer of a connected socket.
     *
     * @param buffer off the heap
     * @param offset of the first byte
     * @param length how many, or 0
     * @return {@code length}; as {@link #send(DatagramBatch, int, int)} if it was not sent
     */
    public int send(DirectBuffer buffer, int offset, int length) {
        return send(buffer, offset, length, null);
    }

    /**
     * Sends one datagram.
     *
     * @param buffer off the heap
     * @param offset of the first byte
     * @param length how many, or 0
     * @param destination the address; null for the peer of a connected socket
     * @return {@code length}; as {@link #send(DatagramBatch, int, int)} if it was not sent
     */
    public int send(DirectBuffer buffer, int offset, int length, Endpoint destination) {
        int rc = check(buffer, offset, length);
        if (rc < 0) {
            return rc;
        }
        long to = destination == null ? 0 : destination.address();
        int n = (int) posix.sendto(attachedDescriptor(), buffer.addressOffset() + offset, length,
                SEND_FLAGS, to, destination == null ? 0 : destination.length());
        Reference.reachabilityFence(buffer);
        Reference.reachabilityFence(destination);
        if (n >= 0) {
            countSent(1, n, 0);
            return n;
        }
        return answer(0, 1, n);
    }

    /**
     * Sends a region as datagrams of one size; the last may be shorter.
     *
     * @param buffer off the heap
     * @param offset of the first byte
     * @param length how many, at least 1
     * @param segmentBytes of each datagram, at least 1
     * @param destination the address; null for the peer of a connected socket
     * @return {@code length}, or less, a multiple of {@code segmentBytes}, where segments go one by
     *     one: on a loop {@code onWritable} follows. {@link ReturnCode#BAD_ARGUMENT};
     *     {@link ReturnCode#TOO_MANY_SEGMENTS}: more than {@link DatagramBatch#MAX_SEGMENTS}; as
     *     {@link #send(DatagramBatch, int, int)} if none was sent
     */
    public int send(DirectBuffer buffer, int offset, int length, int segmentBytes,
            Endpoint destination) {
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
        single.destination(0, destination);
        long address = buffer.addressOffset() + offset;
        int segments = (length + segmentBytes - 1) / segmentBytes;
        boolean isCut = segments > 1;
        int n = isCut && isGsoRefused ? sendApart(single, 0, address, length, segmentBytes)
                : sendCut(address, length, segmentBytes, segments);
        if (isCut && mayRefuseGso(n)) {
            n = sendApart(single, 0, address, length, segmentBytes);
            noteGso(n);
        }
        Reference.reachabilityFence(buffer);
        return answer(Math.max(0, n), length, n);
    }

    private int sendCut(long address, int length, int segmentBytes, int segments) {
        single.readyToSend(0, address, length, segments > 1 ? segmentBytes : 0);
        int n = (int) posix.sendmsg(attachedDescriptor(), single.address(0), SEND_FLAGS);
        if (n >= 0) {
            countSent(segments, n, segments > 1 ? segments : 0);
        }
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
     * Receives what is there, up to a datagram a slot, on a socket of no loop.
     *
     * @param batch whose slots take it, from the first on
     * @return slots filled, at least 1; {@code -EAGAIN} if there is nothing now;
     *     {@link ReturnCode#ATTACHED} if the socket is a loop's; {@link ReturnCode#HEAP_BUFFER}; an
     *     error that came back, such as {@code -ECONNREFUSED}
     */
    public int receive(DatagramBatch batch) {
        if (!isOpen()) {
            return closedCode();
        }
        if (loop() != null || batch.isHeap) {
            return loop() != null ? ReturnCode.ATTACHED : ReturnCode.HEAP_BUFFER;
        }
        int n = receiveNow(batch);
        count(UdpMetrics.ERROR_OFFSET, n < 0 && n != -Errno.EAGAIN ? 1 : 0);
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
        countReceived(datagrams, bytes, segments, truncated);
    }

    private void countReceived(int datagrams, long bytes, int segments, int truncated) {
        count(UdpMetrics.RECEIVED_BATCHES_OFFSET, 1);
        count(UdpMetrics.RECEIVED_DATAGRAMS_OFFSET, datagrams);
        count(UdpMetrics.RECEIVED_BYTES_OFFSET, bytes);
        if (segments > 0) {
            count(UdpMetrics.RECEIVED_SEGMENTS_OFFSET, segments);
        }
        if (truncated > 0) {
            count(UdpMetrics.TRUNCATED_OFFSET, truncated);
        }
        sinceDrops += datagrams;
        sinceDropsBytes += bytes;
        if (sinceDrops >= DROPS_DATAGRAMS || sinceDropsBytes >= DROPS_BYTES) {
            countDrops();
        }
    }

    /**
     * Asks the kernel what it dropped. SO_RXQ_OVFL would tell it beside each datagram, which costs
     * a tenth of receiving one, and would keep the last drops to itself.
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
            count(UdpMetrics.DROPPED_OFFSET, now - drops & 0xffff_ffffL);
            drops = now;
        }
    }

    /**
     * Receives one datagram, on a socket of no loop.
     *
     * @param buffer off the heap
     * @param offset where to
     * @param length at most
     * @param sender becomes who sent it; null if nobody wants to know
     * @return its bytes: more than {@code length} if it did not fit, and then its end is lost;
     *     {@code -EAGAIN} if there is none now; else as {@link #receive(DatagramBatch)}
     */
    public int receive(MutableDirectBuffer buffer, int offset, int length, Endpoint sender) {
        int rc = check(buffer, offset, length);
        if (rc < 0 || loop() != null) {
            return rc < 0 ? rc : ReturnCode.ATTACHED;
        }
        single.readyToReceive(
                buffer.addressOffset() + offset, length, family == Linux.AF_UNIX);
        int n = (int) posix.recvmsg(attachedDescriptor(), single.address(0), RECEIVE_FLAGS);
        Reference.reachabilityFence(buffer);
        if (n < 0) {
            count(UdpMetrics.ERROR_OFFSET, n == -Errno.EAGAIN ? 0 : 1);
            return n;
        }
        int segment = single.received(0);
        int taken = Math.min(n, length);
        int pieces = segment == 0 || taken <= segment ? 1 : (taken + segment - 1) / segment;
        countReceived(pieces, taken, pieces > 1 ? pieces : 0, n > length ? 1 : 0);
        if (sender != null) {
            single.name(0, sender);
        }
        return n;
    }

    // Errors that come back

    /**
     * Takes an error that came back, on a socket of no loop, after
     * {@link SocketOption#IP_RECVERR} or {@link SocketOption#IPV6_RECVERR}.
     *
     * @param destination becomes the address that the datagram was sent to
     * @return the error, such as {@code -ECONNREFUSED}, {@code -EHOSTUNREACH} or
     *     {@code -EMSGSIZE}; {@code -EAGAIN} if there is none; {@link ReturnCode#ATTACHED} if the
     *     socket is a loop's
     */
    public int takeError(Endpoint destination) {
        if (!isOpen()) {
            return closedCode();
        }
        return loop() != null ? ReturnCode.ATTACHED : nextError(destination);
    }

    private int nextError(Endpoint destination) {
        int code = errors.take(posix, attachedDescriptor(), destination);
        if (code != -Errno.EAGAIN) {
            count(UdpMetrics.ERROR_OFFSET, 1);
        }
        return code;
    }

    /**
     * The path's MTU that the last error told, if it was {@code -EMSGSIZE}.
     *
     * @return bytes of a whole packet, headers included; {@link ReturnCode#NOT_SUPPORTED} if it
     *     told none
     */
    public int errorMtuBytes() {
        return errors.mtuBytes();
    }

    /**
     * Who sent the last error: a router on the way, or the destination.
     *
     * @param endpoint becomes its address
     * @return 0, {@link ReturnCode#NOT_SUPPORTED} if it was this machine
     */
    public int errorOffender(Endpoint endpoint) {
        return errors.offender(endpoint);
    }

    // On a loop

    /**
     * Receives from now on.
     *
     * @return 0, {@link ReturnCode#NOT_SUPPORTED} on a socket of no loop
     */
    public int resume() {
        return reading(true);
    }

    /**
     * Stops receiving; what comes is kept by the kernel, while it has room.
     *
     * @return 0, {@link ReturnCode#NOT_SUPPORTED} on a socket of no loop
     */
    public int pause() {
        return reading(false);
    }

    private int reading(boolean wanted) {
        if (!isOpen() || loop() == null) {
            return isOpen() ? ReturnCode.NOT_SUPPORTED : closedCode();
        }
        isReading = wanted;
        updateInterest();
        return 0;
    }

    private void updateInterest() {
        interest((isReading ? READABLE : 0) | (isShort ? WRITABLE : 0));
    }

    @Override
    protected void onReady(int readiness) {
        boolean wasRead = isReading && (readiness & READABLE) != 0;
        if (keepsErrors) {
            tellErrors();
        }
        if (wasRead) {
            receiveAll();
        } else if (!keepsErrors) {
            tellPendingError();
        }
        if (isOpen() && isShort && (readiness & WRITABLE) != 0) {
            isShort = false;
            updateInterest();
            handler.onWritable(this);
        }
    }

    private void receiveAll() {
        int n = batch.slots();
        for (int i = 0; i < RECEIVES_A_TURN && n == batch.slots() && isOpen() && isReading; i++) {
            n = receiveNow(batch);
            if (n > 0) {
                handler.onDatagrams(this, batch, n);
            } else if (n != -Errno.EAGAIN && !(keepsErrors && tellErrors())) {
                tellError(n);
            }
        }
    }

    /** Tells the errors that are kept; whether there were any. */
    private boolean tellErrors() {
        int told = 0;
        int code = 0;
        while (told < ERRORS_A_TURN && isOpen() && code != -Errno.EAGAIN) {
            code = nextError(errorDestination);
            if (code != -Errno.EAGAIN) {
                told++;
                handler.onError(this, code, errorDestination);
            }
        }
        return told > 0;
    }

    /** Nobody reads, so nobody is told by reading: the kernel would say so for ever. */
    private void tellPendingError() {
        int error = SocketOption.SO_ERROR.get(posix, attachedDescriptor(), scratch);
        if (error > 0) {
            tellError(-error);
        }
    }

    private void tellError(int code) {
        count(UdpMetrics.ERROR_OFFSET, 1);
        errorDestination.length(0);
        handler.onError(this, code, errorDestination);
    }

    @Override
    protected void onRun() {
    }

    @Override
    protected void onRefused(int code) {
        count(UdpMetrics.ERROR_OFFSET, 1);
        startClose(code);
    }

    @Override
    protected void onClosed(int code) {
        countDrops();
        posix.close(attachedDescriptor());
        if (ownsPath) {
            posix.unlinkat(Linux.AT_FDCWD, bound.address() + Endpoint.UNIX_NAME_OFFSET, 0);
        }
        count(UdpMetrics.CLOSE_OFFSET, 1);
        releaseWords();
        if (handler != null) {
            handler.onClose(this, code);
        }
    }
}
