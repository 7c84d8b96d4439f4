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
 * A TCP or Unix stream socket; the family of the {@link Endpoint} says which. Clients make one and
 * {@link #connect} it; a {@link Listener} makes those that it accepts. One with no loop reads and
 * writes without waiting, when its owner says so.
 *
 * <p><b>See</b>: tcp(7), unix(7).
 */
public final class SocketStream extends DescriptorStream {
    private final Listener listener;
    private Ancillary ancillary;
    private boolean hasPeer; // or will have, once it is connected
    private boolean waits; // the kernel's file is another's too, and not O_NONBLOCK

    /**
     * A client's socket.
     *
     * @param loop the loop
     * @param handler who is told
     */
    public SocketStream(EventLoop loop, StreamHandler handler) {
        super(loop, handler, "socket");
        listener = null;
    }

    /** A socket of no loop. */
    public SocketStream() {
        this(Posix.system());
    }

    /**
     * A socket of no loop.
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
     * Names it, before it is open.
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
     * Makes the socket, for those who set options or bind before they connect. A TCP socket sends
     * what is written at once; setting {@link SocketOption#TCP_NODELAY} to 0 brings Nagle's
     * algorithm back.
     *
     * @param family {@link Linux#AF_INET}, {@link Linux#AF_INET6} or {@link Linux#AF_UNIX}
     * @return 0, {@link ReturnCode#ALREADY_OPEN}, {@link ReturnCode#HANDLES_EXHAUSTED},
     *     {@link ReturnCode#METRICS_EXHAUSTED}, {@link ReturnCode#NOT_SUPPORTED} for a
     *     listener's, which opens it itself; {@code -errno}
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
     * Connects, and makes the socket first if {@link #open} did not. What goes wrong now is
     * answered now, and then nothing is called; what goes wrong later is {@code onClose}.
     *
     * @param peer the address
     * @return 0: {@code onOpen} or {@code onClose} follows; {@code -EAGAIN} if a Unix listener's
     *     backlog is full: connect again after a moment, for nothing tells when there is room;
     *     else a code of {@link #open},
     *     {@link ReturnCode#ADDRESS_MISSING}, or {@code -errno}
     */
    public int connect(Endpoint peer) {
        boolean opens = !isOpen();
        if (!opens && hasPeer) {
            return ReturnCode.ALREADY_OPEN; // the kernel would say 0 again when it is about to be
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
     * Takes over a connected socket that came from elsewhere; closing the stream closes it. Its
     * flags stay as they are, for they may be somebody else's too.
     *
     * @param descriptor a stream socket; the caller's again if this fails
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

    /** A listener's: a descriptor that was just accepted. */
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
     * @param endpoint where to put it
     * @return 0, {@code -errno}
     */
    public int localEndpoint(Endpoint endpoint) {
        return isOpen() ? endpoint.localOf(posix, attachedDescriptor()) : closedCode();
    }

    /**
     * The address of the other side.
     *
     * @param endpoint where to put it
     * @return 0, {@code -errno}
     */
    public int peerEndpoint(Endpoint endpoint) {
        return isOpen() ? endpoint.peerOf(posix, attachedDescriptor()) : closedCode();
    }

    /**
     * The process that connected, or listens, at the other side of a Unix socket.
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
     * Lets descriptors and credentials come and go beside the bytes of a Unix socket, from before
     * it is open.
     *
     * <p><b>Allocation</b>: set-up, about 1 KiB.
     *
     * @param handler who is told
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
     * Sends descriptors with a few bytes, all of both or nothing. They stay the caller's, who may
     * close them at once.
     *
     * @param buffer off the heap
     * @param offset of the first byte
     * @param length at least 1, and few: more than the socket takes at once is sent in part
     * @param descriptors what to send
     * @param count how many of them, 1 to 253
     * @return bytes sent with them, at least 1; {@code -EAGAIN} if there is no room or a queue
     *     before them: again after {@code onWritable}; {@link ReturnCode#BAD_ARGUMENT};
     *     {@link ReturnCode#NOT_SUPPORTED} without {@link #ancillary}; {@link
     *     ReturnCode#HEAP_BUFFER}; {@code -errno}
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
            count(StreamMetrics.ERROR_OFFSET, 1);
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
     * While {@code poll} says that there is room a third of a TCP socket's buffer is free, or all
     * of it if nothing in it waits for the peer; more than half of that may be overhead. A Unix
     * socket has more.
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
