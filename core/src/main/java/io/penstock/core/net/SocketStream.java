package io.penstock.core.net;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import java.lang.ref.Reference;
import org.agrona.DirectBuffer;

/**
 * A TCP or Unix stream socket; the family of the {@link Endpoint} says which. A client makes a
 * socket and connects it by {@link #connect}; a {@link Listener} makes the sockets of the
 * connections that it accepts. A socket with no loop reads and writes when its owner calls, without
 * waiting.
 *
 * <p><b>See</b>: tcp(7), unix(7).
 */
public final class SocketStream extends DescriptorStream {
    private final Listener listener;
    private Ancillary ancillary;
    private boolean hasPeer; // or is connecting to one
    private boolean waits; // adopted, and the kernel's file is not O_NONBLOCK

    /**
     * A client's socket.
     *
     * @param loop the loop
     * @param handler receives the callbacks
     */
    public SocketStream(EventLoop loop, StreamHandler handler) {
        super(loop, handler, "socket");
        listener = null;
    }

    /** A socket with no loop. */
    public SocketStream() {
        this(Posix.system());
    }

    /**
     * A socket with no loop.
     *
     * @param posix the operating system
     */
    public SocketStream(Posix posix) {
        super(posix, "socket");
        listener = null;
    }

    SocketStream(Listener listener, StreamHandler handler, String name) {
        super(listener.loop(), handler, name);
        this.listener = listener;
    }

    /**
     * Sets the label, before the stream is open.
     *
     * @param name its label in the metrics
     * @return this
     */
    @Override
    public SocketStream name(String name) {
        super.name(name);
        return this;
    }

    /**
     * Makes the socket, so that options can be set, or an address bound, before {@link #connect}. A
     * TCP socket sends small writes at once; setting {@link SocketOption#TCP_NODELAY} to 0 brings
     * Nagle's algorithm back.
     *
     * @param family {@link Linux#AF_INET}, {@link Linux#AF_INET6} or {@link Linux#AF_UNIX}
     * @return 0, {@link ReturnCode#ALREADY_OPEN}, {@link ReturnCode#HANDLES_EXHAUSTED},
     *     {@link ReturnCode#METRICS_EXHAUSTED}, {@link ReturnCode#NOT_SUPPORTED} for a listener's
     *     connection, which the listener opens; {@code -errno}
     */
    public int open(int family) {
        if (!isFree()) {
            return ReturnCode.ALREADY_OPEN;
        }
        if (listener != null) {
            return ReturnCode.NOT_SUPPORTED;
        }
        int fd = posix.socket(
                family, Linux.SOCK_STREAM | Linux.SOCK_NONBLOCK | Linux.SOCK_CLOEXEC, 0);
        int rc = fd < 0 ? fd : beginWith(fd, true);
        if (rc < 0 || family == Linux.AF_UNIX) {
            return rc;
        }
        rc = setOption(SocketOption.TCP_NODELAY, 1);
        if (rc < 0) {
            closeDescriptor();
            detach();
        }
        return rc;
    }

    private int beginWith(int fd, boolean isExclusive) {
        int rc = begin(fd, isExclusive, true);
        if (rc < 0) {
            posix.close(fd);
        }
        hasPeer = false;
        waits = false;
        return rc;
    }

    /**
     * Binds the local side.
     *
     * @param local the address
     * @return 0, {@link ReturnCode#ADDRESS_MISSING}, {@code -errno}
     */
    public int bind(Endpoint local) {
        if (!isOpen()) {
            return closedCode();
        }
        if (local.family() == Linux.AF_UNSPEC) {
            return ReturnCode.ADDRESS_MISSING;
        }
        int rc = posix.bind(attachedDescriptor(), local.address(), local.length());
        Reference.reachabilityFence(local);
        return rc;
    }

    /**
     * Connects, and makes the socket first if {@link #open} did not. An error of this call is
     * returned, and no callback follows; a later error is passed to {@code onClose}.
     *
     * @param peer the address
     * @return 0: {@code onOpen} or {@code onClose} follows; {@code -EAGAIN} if a Unix listener's
     *     backlog is full: connect again after a moment, because the kernel does not report when
     *     there is room; {@link ReturnCode#ALREADY_OPEN} if the stream is connected or connecting;
     *     else a code of {@link #open}, {@link ReturnCode#ADDRESS_MISSING}, or {@code -errno}
     */
    public int connect(Endpoint peer) {
        boolean opens = !isOpen();
        if (!opens && hasPeer) {
            return ReturnCode.ALREADY_OPEN; // connect(2) may return 0 twice
        }
        if (peer.family() == Linux.AF_UNSPEC) {
            return ReturnCode.ADDRESS_MISSING;
        }
        int rc = opens ? open(peer.family()) : 0;
        if (rc < 0) {
            return rc;
        }
        rc = posix.connect(attachedDescriptor(), peer.address(), peer.length());
        Reference.reachabilityFence(peer);
        if (rc == 0) {
            openLater();
        } else if (rc == -Errno.EINPROGRESS || rc == -Errno.EINTR) {
            openWhenConnected();
        } else {
            if (opens) {
                closeDescriptor();
                detach();
            }
            return rc;
        }
        hasPeer = true;
        return 0;
    }

    /**
     * Takes over a connected socket that another process or library made; closing the stream closes
     * the descriptor. The flags of the socket do not change, because other descriptors may share
     * them.
     *
     * @param descriptor of a stream socket; the caller still owns it if this fails
     * @return 0: {@code onOpen} follows; a code of {@link #open}
     */
    public int adopt(int descriptor) {
        if (!isFree()) {
            return ReturnCode.ALREADY_OPEN;
        }
        if (listener != null) {
            return ReturnCode.NOT_SUPPORTED;
        }
        int flags = posix.fcntl(descriptor, Linux.F_GETFL, 0);
        if (flags < 0) {
            return flags;
        }
        int rc = begin(descriptor, false, true);
        if (rc == 0) {
            hasPeer = true;
            waits = (flags & Linux.O_NONBLOCK) == 0;
            openLater();
        }
        return rc;
    }

    /** Opens a listener's connection with an accepted descriptor. */
    int accepted(int fd) {
        int rc = beginWith(fd, true);
        if (rc == 0) {
            hasPeer = true;
            openNow();
        }
        return rc;
    }

    /**
     * Sets an option.
     *
     * @param option by its kernel name
     * @param value its value
     * @return 0, {@code -errno}
     */
    public int setOption(SocketOption option, int value) {
        return isOpen() ? option.set(posix, attachedDescriptor(), Scratch.get(), value)
                : closedCode();
    }

    /**
     * Gets an option.
     *
     * @param option by its kernel name
     * @return its value, or {@code -errno}
     */
    public int option(SocketOption option) {
        return isOpen() ? option.get(posix, attachedDescriptor(), Scratch.get()) : closedCode();
    }

    /**
     * The address of this side.
     *
     * @param endpoint receives the address
     * @return 0, {@code -errno}
     */
    public int localEndpoint(Endpoint endpoint) {
        return isOpen() ? endpoint.localOf(posix, attachedDescriptor()) : closedCode();
    }

    /**
     * The address of the other side.
     *
     * @param endpoint receives the address
     * @return 0, {@code -errno}
     */
    public int peerEndpoint(Endpoint endpoint) {
        return isOpen() ? endpoint.peerOf(posix, attachedDescriptor()) : closedCode();
    }

    /**
     * The process at the other side of a Unix socket, which connected or listens.
     *
     * @return its id, {@code -errno}
     */
    public int peerPid() {
        return peerCredential(0);
    }

    /**
     * The user of the process at the other side of a Unix socket.
     *
     * @return its id, {@code -errno}
     */
    public int peerUid() {
        return peerCredential(4);
    }

    /**
     * The group of the process at the other side of a Unix socket.
     *
     * @return its id, {@code -errno}
     */
    public int peerGid() {
        return peerCredential(8);
    }

    private int peerCredential(int offset) {
        if (!isOpen()) {
            return closedCode();
        }
        NativeBuffer scratch = Scratch.get();
        long address = scratch.addressOffset();
        scratch.putInt(16, 12);
        int rc = posix.getsockopt(attachedDescriptor(), Linux.SOL_SOCKET, Linux.SO_PEERCRED,
                address, address + 16);
        return rc < 0 ? rc : scratch.getInt(offset);
    }

    /**
     * Enables passing descriptors and credentials with the bytes of a Unix socket, before it is
     * open.
     *
     * <p><b>Allocation</b>: set-up, about 1 KiB.
     *
     * @param handler receives the callbacks
     * @return 0 or {@link ReturnCode#ALREADY_OPEN}
     */
    public int ancillary(AncillaryHandler handler) {
        if (!isFree()) {
            return ReturnCode.ALREADY_OPEN;
        }
        ancillary = new Ancillary(posix, handler);
        return 0;
    }

    /**
     * Sends descriptors with a few bytes: all descriptors or none. The caller still owns the
     * descriptors, and may close them as soon as this returns.
     *
     * @param buffer off the heap
     * @param offset of the first byte
     * @param length of the bytes, at least 1; more bytes than the socket takes at once are sent in
     *     part
     * @param descriptors the descriptors to send
     * @param count how many of them, 1 to 253
     * @return the number of bytes sent with the descriptors, at least 1; {@code -EAGAIN} if there
     *     is no room, or bytes are queued: call again after {@code onWritable};
     *     {@link ReturnCode#BAD_ARGUMENT}; {@link ReturnCode#NOT_SUPPORTED} without
     *     {@link #ancillary}; {@link ReturnCode#HEAP_BUFFER}; {@code -errno}
     */
    public int sendDescriptors(
            DirectBuffer buffer, int offset, int length, int[] descriptors, int count) {
        if (!isOpen()) {
            return closedCode();
        }
        if (ancillary == null) {
            return ReturnCode.NOT_SUPPORTED;
        }
        if (NativeBuffer.isHeap(buffer)) {
            return ReturnCode.HEAP_BUFFER;
        }
        buffer.boundsCheck(offset, length);
        if (length < 1 || count < 1 || count > Ancillary.MAX_DESCRIPTORS
                || count > descriptors.length) {
            return ReturnCode.BAD_ARGUMENT;
        }
        if (queuedBytes() > 0) {
            return -Errno.EAGAIN;
        }
        int n = (int) ancillary.send(attachedDescriptor(), buffer.addressOffset() + offset,
                length, descriptors, count);
        Reference.reachabilityFence(buffer);
        if (n > 0) {
            countWhole(n);
        } else if (n == -Errno.EAGAIN) {
            awaitRoom();
        } else {
            add(StreamMetrics.ERROR_OFFSET, 1);
        }
        return n;
    }

    void callOnCredentials(AncillaryHandler told, int pid, int uid, int gid) {
        try {
            told.onCredentials(this, pid, uid, gid);
        } catch (Throwable t) {
            threw(t);
        }
    }

    void callOnDescriptors(AncillaryHandler told, int[] descriptors, int count) {
        try {
            told.onDescriptors(this, descriptors, count);
        } catch (Throwable t) {
            threw(t);
        }
    }

    @Override
    protected int aggregate() {
        return listener == null ? super.aggregate() : listener.connectionAggregate();
    }

    @Override
    protected long receive(long address, int length) {
        return ancillary == null
                ? posix.recvfrom(attachedDescriptor(), address, length, Linux.MSG_DONTWAIT, 0, 0)
                : ancillary.receive(this, attachedDescriptor(), address, length);
    }

    @Override
    protected long transmit(long address, int length) {
        return posix.sendto(attachedDescriptor(), address, length,
                Linux.MSG_DONTWAIT | Linux.MSG_NOSIGNAL, 0, 0);
    }

    @Override
    protected long transmit(Gather pieces) {
        return pieces.send(posix, attachedDescriptor());
    }

    /**
     * While {@code poll} reports room, a third of a TCP socket's send buffer is free, or all of it
     * if no byte in it waits for the peer. More than half of the free part may be overhead. A Unix
     * socket has more room.
     */
    @Override
    protected int leastRoomBytes() {
        int eighth = Math.max(0, option(SocketOption.SO_SNDBUF)) / 8;
        return isSendBufferEmpty() ? 3 * eighth : eighth;
    }

    private boolean isSendBufferEmpty() {
        NativeBuffer scratch = Scratch.get();
        int rc = posix.ioctl(attachedDescriptor(), Linux.SIOCOUTQ, scratch.addressOffset());
        Reference.reachabilityFence(scratch);
        return rc == 0 && scratch.getInt(0) == 0;
    }

    @Override
    protected int endTransmission() {
        return posix.shutdown(attachedDescriptor(), Linux.SHUT_WR);
    }

    @Override
    protected void closeDescriptor() {
        posix.close(attachedDescriptor());
    }

    @Override
    protected int connectError() {
        int error = SocketOption.SO_ERROR.get(posix, attachedDescriptor(), Scratch.get());
        return error > 0 ? -error : error;
    }

    @Override
    protected boolean isPipe() {
        return false;
    }

    @Override
    protected boolean canSpliceFrom() {
        return true;
    }

    @Override
    protected boolean canSpliceTo() {
        return !waits;
    }

    @Override
    protected void onDetached() {
        if (listener != null) {
            listener.returned(this);
        }
    }
}
