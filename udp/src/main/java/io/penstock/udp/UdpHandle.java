package io.penstock.udp;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.Handle;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.SocketOption;
import io.penstock.core.net.UnixPath;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import java.lang.ref.Reference;

/**
 * The life of a datagram socket: how it opens and closes, its names, its options, its groups. What
 * goes through it is {@link UdpSocket}'s.
 */
abstract class UdpHandle extends Handle {
    static final int MEMINFO_BYTES = 36;

    final NativeBuffer scratch = NativeBuffer.allocate(MEMINFO_BYTES + 4);
    int family;
    private UnixPath path; // null before it has one, or a wish for it
    private int errorQueues; // of which families errors are kept: bits

    UdpHandle(EventLoop loop) {
        super(loop, UdpMetrics.TYPE, "udp");
    }

    UdpHandle(Posix posix) {
        super(posix, UdpMetrics.TYPE, "udp");
    }

    /** Whether what it receives into is where the kernel can reach it. */
    abstract boolean canReceive();

    /** A new life: nothing has come or gone. */
    abstract void begun();

    /**
     * Makes the socket, for those who set options before they bind or connect.
     *
     * @param family {@link Linux#AF_INET}, {@link Linux#AF_INET6} or {@link Linux#AF_UNIX}
     * @return 0, {@link ReturnCode#ALREADY_OPEN}, {@link ReturnCode#HANDLES_EXHAUSTED},
     *     {@link ReturnCode#METRICS_EXHAUSTED}, {@link ReturnCode#HEAP_BUFFER} (its batch),
     *     {@code -errno}
     */
    public int open(int family) {
        if (!isFree()) {
            return ReturnCode.ALREADY_OPEN;
        }
        if (!canReceive()) {
            return ReturnCode.HEAP_BUFFER;
        }
        int fd = posix.socket(
                family, Linux.SOCK_DGRAM | Linux.SOCK_NONBLOCK | Linux.SOCK_CLOEXEC, 0);
        if (fd < 0) {
            return fd;
        }
        int rc = begin(fd, true, family);
        if (rc < 0) {
            posix.close(fd);
        }
        return rc;
    }

    private int begin(int fd, boolean isExclusive, int family) {
        int rc = attach(fd, isExclusive);
        if (rc == 0) {
            this.family = family;
            errorQueues = 0;
            begun();
        }
        return rc;
    }

    /**
     * Takes over a datagram socket that came from elsewhere, bound or not: inherited from who
     * started the process, or handed over. Closing this closes the descriptor, and leaves a Unix
     * path, which is its maker's. The descriptor becomes close-on-exec; the socket's own flags
     * stay as they are, for they may be somebody else's too.
     *
     * @param descriptor the caller's again if this fails
     * @return 0; {@link ReturnCode#NOT_SUPPORTED} if it is no UDP or Unix datagram socket; a code
     *     of {@link #open}
     */
    public int adopt(int descriptor) {
        if (!isFree()) {
            return ReturnCode.ALREADY_OPEN;
        }
        if (!canReceive()) {
            return ReturnCode.HEAP_BUFFER;
        }
        int type = SocketOption.SO_TYPE.get(posix, descriptor, scratch);
        if (type < 0) {
            return type;
        }
        int domain = SocketOption.SO_DOMAIN.get(posix, descriptor, scratch);
        if (type != Linux.SOCK_DGRAM || domain != Linux.AF_INET && domain != Linux.AF_INET6
                && domain != Linux.AF_UNIX) {
            return ReturnCode.NOT_SUPPORTED;
        }
        int rc = posix.fcntl(descriptor, Linux.F_SETFD, Linux.FD_CLOEXEC);
        return rc < 0 ? rc : begin(descriptor, false, domain);
    }

    /**
     * The descriptor itself, for calls that are not offered here, or to hand it over. From now on
     * closing this takes a system call more, for the socket may be somebody else's too.
     *
     * @return the descriptor, or a code
     */
    public int descriptor() {
        if (!isOpen()) {
            return closedCode();
        }
        shareDescriptor();
        return attachedDescriptor();
    }

    /**
     * Binds the local side, and makes the socket first if {@link #open} did not. A Unix path that
     * this made is removed when it closes, unless it is another's by then.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param local the address; port 0 is any, see {@link #localEndpoint}
     * @return 0, a code of {@link #open}, {@link ReturnCode#ADDRESS_MISSING}, {@code -errno}; then
     *     it is as closed as before
     */
    public int bind(Endpoint local) {
        if (local.family() == Linux.AF_UNSPEC) {
            return ReturnCode.ADDRESS_MISSING;
        }
        boolean opens = !isOpen();
        int rc = opens ? open(local.family()) : 0;
        if (rc < 0) {
            return rc;
        }
        if (UnixPath.is(local)) {
            rc = path().bind(attachedDescriptor(), local);
            path.settle();
        } else {
            rc = posix.bind(attachedDescriptor(), local.address(), local.length());
            Reference.reachabilityFence(local);
        }
        return opened(opens, rc);
    }

    /**
     * Sends to one peer from now on, and receives from it alone; makes the socket first if
     * {@link #open} did not.
     *
     * @param peer the address
     * @return 0, a code of {@link #open}, {@link ReturnCode#ADDRESS_MISSING}, {@code -errno}; then
     *     it is as closed as before
     */
    public int connect(Endpoint peer) {
        if (peer.family() == Linux.AF_UNSPEC) {
            return ReturnCode.ADDRESS_MISSING;
        }
        boolean opens = !isOpen();
        int rc = opens ? open(peer.family()) : 0;
        if (rc < 0) {
            return rc;
        }
        rc = posix.connect(attachedDescriptor(), peer.address(), peer.length());
        Reference.reachabilityFence(peer);
        return opened(opens, rc);
    }

    final UnixPath path() {
        if (path == null) {
            path = new UnixPath(posix);
        }
        return path;
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
        int rc = posix.connect(
                attachedDescriptor(), scratch.addressOffset(), SocketOption.SCRATCH_BYTES);
        Reference.reachabilityFence(scratch);
        return rc;
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
     * {@link UdpSocket#takeError}.
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
        int queue = option == SocketOption.IP_RECVERR ? 1
                : option == SocketOption.IPV6_RECVERR ? 2 : 0;
        if (rc == 0) {
            errorQueues = value == 0 ? errorQueues & ~queue : errorQueues | queue;
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

    /** As {@link #count(int, long)}, for the parts of it. */
    final void add(int field, long n) {
        count(field, n);
    }

    /** As {@link #attachedDescriptor}, for the parts of it. */
    final int openDescriptor() {
        return attachedDescriptor();
    }

    /** Whether errors that come back are kept for who asks. */
    final boolean keepsErrors() {
        return errorQueues != 0;
    }

    /** Gives back what the kernel has of it. */
    final void closeDescriptor() {
        if (path != null) {
            path.remove(); // while the socket is open its file cannot be another's
        }
        posix.close(attachedDescriptor());
    }
}
