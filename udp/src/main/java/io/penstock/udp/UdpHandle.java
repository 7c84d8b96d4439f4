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
 * The life of a datagram socket: opening and closing, addresses, options and groups. Sending and
 * receiving are in {@link UdpSocket}.
 */
abstract class UdpHandle extends Handle {
    static final int MEMINFO_BYTES = 36;

    final NativeBuffer scratch = NativeBuffer.allocate(MEMINFO_BYTES + 4);
    int family;
    private UnixPath path; // null until a path, or an option for one, is set
    private int errorQueues; // bits: 1 IP_RECVERR is set, 2 IPV6_RECVERR is

    UdpHandle(EventLoop loop) {
        super(loop, UdpMetrics.TYPE, "udp");
    }

    UdpHandle(Posix posix) {
        super(posix, UdpMetrics.TYPE, "udp");
    }

    /** Whether the memory that the socket receives into lies outside the Java heap. */
    abstract boolean canReceive();

    /** Begins a new life: nothing was received or sent. */
    abstract void begun();

    /**
     * Makes the socket. Call it to set options before {@link #bind} or {@link #connect}, which
     * otherwise make the socket themselves.
     *
     * @param family {@link Linux#AF_INET}, {@link Linux#AF_INET6} or {@link Linux#AF_UNIX}
     * @return 0; {@link ReturnCode#ALREADY_OPEN}; {@link ReturnCode#HANDLES_EXHAUSTED};
     *     {@link ReturnCode#METRICS_EXHAUSTED}; {@link ReturnCode#HEAP_BUFFER} if the socket's
     *     batch lies on the heap; {@code -errno} of socket(2)
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
     * Takes over a datagram socket that another process made, bound or not: the process inherited
     * it, or received it. {@link #close} closes the descriptor, and does not remove a Unix path,
     * which belongs to its maker. The descriptor becomes close-on-exec; the socket's own flags
     * stay as they are, because other processes may share the socket.
     *
     * @param descriptor the socket's; still the caller's after a code
     * @return 0; {@link ReturnCode#NOT_SUPPORTED} if the descriptor is no UDP or Unix datagram
     *     socket; codes of {@link #open}
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
     * The socket's descriptor, for system calls that have no method here, or to hand the socket
     * over. From now on {@link #close} makes one system call more, because others may share the
     * socket.
     *
     * @return the descriptor; {@link ReturnCode#NOT_OPEN} or {@link ReturnCode#CLOSED}
     */
    public int descriptor() {
        if (!isOpen()) {
            return closedCode();
        }
        shareDescriptor();
        return attachedDescriptor();
    }

    /**
     * Binds the socket to a local address; makes the socket first if {@link #open} did not. The
     * socket removes a Unix path that it made when it closes, unless another socket has the path by
     * then.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param local the address; with port 0 the kernel chooses one, see {@link #localEndpoint}
     * @return 0; a code of {@link #open}; {@link ReturnCode#ADDRESS_MISSING}; {@code -errno} of
     *     bind(2). After a code a socket that this call made is closed again
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
     * Connects to a peer: from now on the socket sends to that peer by default, and receives from
     * no other. Makes the socket first if {@link #open} did not.
     *
     * @param peer the address
     * @return 0; a code of {@link #open}; {@link ReturnCode#ADDRESS_MISSING}; {@code -errno} of
     *     connect(2). After a code a socket that this call made is closed again
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
     * @return 0; {@code -errno} of connect(2)
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
     * Closes the socket. {@code onClose} follows.
     *
     * @return 0
     */
    public int close() {
        return isOpen() ? startClose(0) : closedCode();
    }

    /**
     * Sets an option. Per-datagram metadata that an option enables, such as
     * {@link SocketOption#IP_PKTINFO}, appears in the slots of a {@link DatagramBatch}. After
     * {@link SocketOption#IP_RECVERR} or {@link SocketOption#IPV6_RECVERR} the kernel keeps errors
     * for {@link DatagramHandler#onError} and {@link UdpSocket#takeError}.
     *
     * @param option by its kernel name
     * @param value its value
     * @return 0; {@code -errno} of setsockopt(2)
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
     * @return its value; {@code -errno} of getsockopt(2)
     */
    public int option(SocketOption option) {
        return isOpen() ? option.get(posix, attachedDescriptor(), scratch) : closedCode();
    }

    /**
     * The local address, with the port that the kernel chose.
     *
     * @param endpoint becomes that address
     * @return 0; {@code -errno} of getsockname(2)
     */
    public int localEndpoint(Endpoint endpoint) {
        return isOpen() ? endpoint.localOf(posix, attachedDescriptor()) : closedCode();
    }

    /**
     * The address that the socket is connected to.
     *
     * @param endpoint becomes that address
     * @return 0; {@code -errno} of getpeername(2)
     */
    public int peerEndpoint(Endpoint endpoint) {
        return isOpen() ? endpoint.peerOf(posix, attachedDescriptor()) : closedCode();
    }

    /**
     * Joins a group: receives what any source sends to it.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param group the group's address, of which the port is ignored
     * @param interfaceIndex the interface's index; with 0 the kernel chooses
     * @return 0; {@link ReturnCode#BAD_ADDRESS} if {@code group} is no IP address; {@code -errno}
     *     of setsockopt(2)
     */
    public int join(Endpoint group, int interfaceIndex) {
        return multicast(Linux.MCAST_JOIN_GROUP, group, null, interfaceIndex);
    }

    /**
     * Joins a group for one source: receives what that source sends to the group.
     *
     * <p><b>Allocation</b>: set-up. <b>See</b>: RFC 4607.
     *
     * @param group the group's address, of which the port is ignored
     * @param source the source's address, of which the port is ignored
     * @param interfaceIndex the interface's index; with 0 the kernel chooses
     * @return 0; {@link ReturnCode#BAD_ADDRESS} if {@code group} is no IP address; {@code -errno}
     *     of setsockopt(2)
     */
    public int join(Endpoint group, Endpoint source, int interfaceIndex) {
        return multicast(Linux.MCAST_JOIN_SOURCE_GROUP, group, source, interfaceIndex);
    }

    /**
     * Undoes {@link #join(Endpoint, int)}.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param group the group's address
     * @param interfaceIndex the index given to {@code join}
     * @return 0; {@link ReturnCode#BAD_ADDRESS} if {@code group} is no IP address; {@code -errno}
     *     of setsockopt(2)
     */
    public int leave(Endpoint group, int interfaceIndex) {
        return multicast(Linux.MCAST_LEAVE_GROUP, group, null, interfaceIndex);
    }

    /**
     * Undoes {@link #join(Endpoint, Endpoint, int)}.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param group the group's address
     * @param source the source's address
     * @param interfaceIndex the index given to {@code join}
     * @return 0; {@link ReturnCode#BAD_ADDRESS} if {@code group} is no IP address; {@code -errno}
     *     of setsockopt(2)
     */
    public int leave(Endpoint group, Endpoint source, int interfaceIndex) {
        return multicast(Linux.MCAST_LEAVE_SOURCE_GROUP, group, source, interfaceIndex);
    }

    private int multicast(int name, Endpoint group, Endpoint source, int interfaceIndex) {
        return isOpen() ? Multicast.change(
                posix, attachedDescriptor(), name, group, source, interfaceIndex) : closedCode();
    }

    /**
     * Sets the interface that multicast is sent by: {@code IP_MULTICAST_IF} or
     * {@code IPV6_MULTICAST_IF}.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param interfaceIndex its index; with 0 the kernel chooses
     * @return 0; {@code -errno} of setsockopt(2)
     */
    public int multicastInterface(int interfaceIndex) {
        return isOpen() ? Multicast.sendBy(posix, attachedDescriptor(), family, interfaceIndex)
                : closedCode();
    }

    /** As {@link #add}, for {@link Sender}. */
    final void addTo(int field, long n) {
        add(field, n);
    }

    /** As {@link #attachedDescriptor}, for {@link Sender}. */
    final int openDescriptor() {
        return attachedDescriptor();
    }

    /** Whether the kernel keeps errors that come back: see {@link #setOption}. */
    final boolean keepsErrors() {
        return errorQueues != 0;
    }

    /** Removes the socket's Unix path and closes the descriptor. */
    final void closeDescriptor() {
        if (path != null) {
            path.remove(); // before the close: until then no other socket can have the path's file
        }
        posix.close(attachedDescriptor());
    }
}
