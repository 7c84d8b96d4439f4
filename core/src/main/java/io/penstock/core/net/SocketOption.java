package io.penstock.core.net;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import java.lang.ref.Reference;

/**
 * A socket's options, by their kernel names. An option that is on or off has the value 1 or 0. The
 * kernel alone decides what it refuses: an option of TCP on a Unix socket, a read-only option, an
 * option that needs a privilege.
 *
 * <p><b>Threading</b>: any thread, each with scratch memory of its own. <b>Allocation</b>: none.
 * <b>See</b>: socket(7), tcp(7), udp(7), ip(7), ipv6(7), unix(7).
 */
public final class SocketOption {
    /** The scratch memory that a call needs, in bytes. */
    public static final int SCRATCH_BYTES = 16;
    /**
     * The result of {@link #get} for an option that has no value now ({@code -ENODATA}): no linger,
     * no CPU yet.
     */
    public static final int UNSET = -Errno.ENODATA;

    /** May bind to an address that connections of an earlier socket still occupy. */
    public static final SocketOption SO_REUSEADDR = socket("SO_REUSEADDR", Linux.SO_REUSEADDR);
    /** Several sockets share one port, and the kernel spreads what arrives. */
    public static final SocketOption SO_REUSEPORT = socket("SO_REUSEPORT", Linux.SO_REUSEPORT);
    /** Asks a silent peer whether it is there. */
    public static final SocketOption SO_KEEPALIVE = socket("SO_KEEPALIVE", Linux.SO_KEEPALIVE);
    /** Send buffer, bytes; the kernel doubles what is set. */
    public static final SocketOption SO_SNDBUF = socket("SO_SNDBUF", Linux.SO_SNDBUF);
    /** Receive buffer, bytes; the kernel doubles what is set. */
    public static final SocketOption SO_RCVBUF = socket("SO_RCVBUF", Linux.SO_RCVBUF);
    /** Microseconds to poll the device before sleeping. */
    public static final SocketOption SO_BUSY_POLL = socket("SO_BUSY_POLL", Linux.SO_BUSY_POLL);
    /**
     * The CPU that packets arrive on, or, if set, the CPU to receive them from; {@link #UNSET}
     * before the first packet.
     */
    public static final SocketOption SO_INCOMING_CPU =
            socket("SO_INCOMING_CPU", Linux.SO_INCOMING_CPU);
    /**
     * Seconds that close(2) waits for unsent bytes; 0 resets the connection, negative is off. The
     * kernel waits within close(2), on a loop's sockets too, so the whole loop waits: with 1, a
     * peer that does not read can delay a turn by a second. {@link Stream#shutdown} does not wait.
     */
    public static final SocketOption SO_LINGER =
            new SocketOption("SO_LINGER", Linux.SOL_SOCKET, Linux.SO_LINGER, false);
    /** The pending error, a positive errno, or 0; reading clears it. Read only. */
    public static final SocketOption SO_ERROR = socket("SO_ERROR", Linux.SO_ERROR);
    /** The type, such as {@code SOCK_STREAM}. Read only. */
    public static final SocketOption SO_TYPE = socket("SO_TYPE", Linux.SO_TYPE);
    /** The family, such as {@code AF_INET}. Read only. */
    public static final SocketOption SO_DOMAIN = socket("SO_DOMAIN", Linux.SO_DOMAIN);
    /** Whether the socket listens. Read only. */
    public static final SocketOption SO_ACCEPTCONN =
            socket("SO_ACCEPTCONN", Linux.SO_ACCEPTCONN);
    /** May send to a broadcast address. */
    public static final SocketOption SO_BROADCAST = socket("SO_BROADCAST", Linux.SO_BROADCAST);
    /** Urgent (out-of-band) data of TCP are received in order with the other data. */
    public static final SocketOption SO_OOBINLINE = socket("SO_OOBINLINE", Linux.SO_OOBINLINE);
    /** Priority of sent packets in the queues of the device. */
    public static final SocketOption SO_PRIORITY = socket("SO_PRIORITY", Linux.SO_PRIORITY);
    /** The mark that routing and packet filters look at; needs a privilege. */
    public static final SocketOption SO_MARK = socket("SO_MARK", Linux.SO_MARK);
    /** {@link #SO_RCVBUF} past the system's limit; needs a privilege. */
    public static final SocketOption SO_RCVBUFFORCE =
            socket("SO_RCVBUFFORCE", Linux.SO_RCVBUFFORCE);
    /** Datagrams bring the time at which the kernel received them. */
    public static final SocketOption SO_TIMESTAMPNS =
            socket("SO_TIMESTAMPNS", Linux.SO_TIMESTAMPNS);
    /** Every message brings its sender's credentials: Unix sockets. */
    public static final SocketOption SO_PASSCRED = socket("SO_PASSCRED", Linux.SO_PASSCRED);

    /** Sends small segments at once: 1 unless it is set to 0, which is Nagle's algorithm. */
    public static final SocketOption TCP_NODELAY = tcp("TCP_NODELAY", Linux.TCP_NODELAY);
    /** The longest segment, bytes; if set before connecting, it limits the peer's segments too. */
    public static final SocketOption TCP_MAXSEG = tcp("TCP_MAXSEG", Linux.TCP_MAXSEG);
    /** Sends full segments only, until it is off again. */
    public static final SocketOption TCP_CORK = tcp("TCP_CORK", Linux.TCP_CORK);
    /** Acknowledges at once; the kernel may turn the option off again. */
    public static final SocketOption TCP_QUICKACK = tcp("TCP_QUICKACK", Linux.TCP_QUICKACK);
    /** Seconds of silence before the first keep-alive probe. */
    public static final SocketOption TCP_KEEPIDLE = tcp("TCP_KEEPIDLE", Linux.TCP_KEEPIDLE);
    /** Seconds between keep-alive probes. */
    public static final SocketOption TCP_KEEPINTVL = tcp("TCP_KEEPINTVL", Linux.TCP_KEEPINTVL);
    /** Keep-alive probes without an answer before the connection is dropped. */
    public static final SocketOption TCP_KEEPCNT = tcp("TCP_KEEPCNT", Linux.TCP_KEEPCNT);
    /** Milliseconds that sent bytes may stay unacknowledged; 0 is the system's choice. */
    public static final SocketOption TCP_USER_TIMEOUT =
            tcp("TCP_USER_TIMEOUT", Linux.TCP_USER_TIMEOUT);
    /**
     * A listener takes data with the first packet; the value is the length of its queue. See RFC
     * 7413.
     */
    public static final SocketOption TCP_FASTOPEN = tcp("TCP_FASTOPEN", Linux.TCP_FASTOPEN);
    /** A connecting socket sends data with its first packet. See RFC 7413. */
    public static final SocketOption TCP_FASTOPEN_CONNECT =
            tcp("TCP_FASTOPEN_CONNECT", Linux.TCP_FASTOPEN_CONNECT);
    /** Seconds that a listener waits for data before it reports a connection. */
    public static final SocketOption TCP_DEFER_ACCEPT =
            tcp("TCP_DEFER_ACCEPT", Linux.TCP_DEFER_ACCEPT);
    /** Unsent bytes in the kernel above which the socket is not writable. */
    public static final SocketOption TCP_NOTSENT_LOWAT =
            tcp("TCP_NOTSENT_LOWAT", Linux.TCP_NOTSENT_LOWAT);

    /** Datagrams that arrive together from one sender may be received as one. Write only. */
    public static final SocketOption UDP_GRO =
            new SocketOption("UDP_GRO", Linux.IPPROTO_UDP, Linux.UDP_GRO, true);

    /** Time to live of IPv4 packets, 1 to 255. */
    public static final SocketOption IP_TTL = ip("IP_TTL", Linux.IP_TTL);
    /** Datagrams bring the IPv4 address and the interface that they came to. */
    public static final SocketOption IP_PKTINFO = ip("IP_PKTINFO", Linux.IP_PKTINFO);
    /** Datagrams bring the type of service of their IPv4 packet: DSCP and ECN. */
    public static final SocketOption IP_RECVTOS = ip("IP_RECVTOS", Linux.IP_RECVTOS);
    /** The kernel keeps errors that come back, with the address that each belongs to. */
    public static final SocketOption IP_RECVERR = ip("IP_RECVERR", Linux.IP_RECVERR);
    /**
     * Fragmentation: 0 allowed, 1 as the route says, 2 never, 3 never, and ignores the path MTU.
     */
    public static final SocketOption IP_MTU_DISCOVER =
            ip("IP_MTU_DISCOVER", Linux.IP_MTU_DISCOVER);
    /** The known path MTU of a connected socket. Read only. */
    public static final SocketOption IP_MTU = ip("IP_MTU", Linux.IP_MTU);
    /** May bind to an address that this machine does not have yet. */
    public static final SocketOption IP_FREEBIND = ip("IP_FREEBIND", Linux.IP_FREEBIND);
    /** Leaves the choice of a port to connect(2), which may share a port between peers. */
    public static final SocketOption IP_BIND_ADDRESS_NO_PORT =
            ip("IP_BIND_ADDRESS_NO_PORT", Linux.IP_BIND_ADDRESS_NO_PORT);
    /** Time to live of IPv4 multicast. */
    public static final SocketOption IP_MULTICAST_TTL =
            ip("IP_MULTICAST_TTL", Linux.IP_MULTICAST_TTL);
    /** Datagrams to an IPv4 group also go to the members on this machine. */
    public static final SocketOption IP_MULTICAST_LOOP =
            ip("IP_MULTICAST_LOOP", Linux.IP_MULTICAST_LOOP);
    /**
     * 1, the default: receives from groups that any socket of this machine joined; 0: only from
     * groups that this socket joined.
     */
    public static final SocketOption IP_MULTICAST_ALL =
            ip("IP_MULTICAST_ALL", Linux.IP_MULTICAST_ALL);

    /** An IPv6 socket takes no IPv4. */
    public static final SocketOption IPV6_V6ONLY = ipv6("IPV6_V6ONLY", Linux.IPV6_V6ONLY);
    /** Hop limit of IPv6 packets, 1 to 255. */
    public static final SocketOption IPV6_UNICAST_HOPS =
            ipv6("IPV6_UNICAST_HOPS", Linux.IPV6_UNICAST_HOPS);
    /** Datagrams bring the address and the interface that they came to. */
    public static final SocketOption IPV6_RECVPKTINFO =
            ipv6("IPV6_RECVPKTINFO", Linux.IPV6_RECVPKTINFO);
    /** Datagrams bring the traffic class of their IPv6 packet: DSCP and ECN. */
    public static final SocketOption IPV6_RECVTCLASS =
            ipv6("IPV6_RECVTCLASS", Linux.IPV6_RECVTCLASS);
    /** The kernel keeps errors that come back, with the address that each belongs to. */
    public static final SocketOption IPV6_RECVERR = ipv6("IPV6_RECVERR", Linux.IPV6_RECVERR);
    /** Do not fragment, as {@link #IP_MTU_DISCOVER} says for IPv4. */
    public static final SocketOption IPV6_MTU_DISCOVER =
            ipv6("IPV6_MTU_DISCOVER", Linux.IPV6_MTU_DISCOVER);
    /** Do not fragment on this machine: a datagram above the interface's MTU is refused. */
    public static final SocketOption IPV6_DONTFRAG = ipv6("IPV6_DONTFRAG", Linux.IPV6_DONTFRAG);
    /** The known path MTU of a connected socket. */
    public static final SocketOption IPV6_MTU = ipv6("IPV6_MTU", Linux.IPV6_MTU);
    /** Hop limit of IPv6 multicast. */
    public static final SocketOption IPV6_MULTICAST_HOPS =
            ipv6("IPV6_MULTICAST_HOPS", Linux.IPV6_MULTICAST_HOPS);
    /** Datagrams to an IPv6 group also go to the members on this machine. */
    public static final SocketOption IPV6_MULTICAST_LOOP =
            ipv6("IPV6_MULTICAST_LOOP", Linux.IPV6_MULTICAST_LOOP);
    /**
     * 1, the default: receives from groups that any socket of this machine joined; 0: only from
     * groups that this socket joined.
     */
    public static final SocketOption IPV6_MULTICAST_ALL =
            ipv6("IPV6_MULTICAST_ALL", Linux.IPV6_MULTICAST_ALL);
    /** Type of service of IPv4 packets: DSCP and ECN. */
    public static final SocketOption IP_TOS = ip("IP_TOS", Linux.IP_TOS);
    /** Traffic class of IPv6 packets: DSCP and ECN. */
    public static final SocketOption IPV6_TCLASS = ipv6("IPV6_TCLASS", Linux.IPV6_TCLASS);

    private static final int LENGTH_OFFSET = 8;

    private final String name;
    private final int level;
    private final int number;
    private final boolean isInt;

    private SocketOption(String name, int level, int number, boolean isInt) {
        this.name = name;
        this.level = level;
        this.number = number;
        this.isInt = isInt;
    }

    private static SocketOption socket(String name, int number) {
        return new SocketOption(name, Linux.SOL_SOCKET, number, true);
    }

    private static SocketOption tcp(String name, int number) {
        return new SocketOption(name, Linux.IPPROTO_TCP, number, true);
    }

    private static SocketOption ip(String name, int number) {
        return new SocketOption(name, Linux.IPPROTO_IP, number, true);
    }

    private static SocketOption ipv6(String name, int number) {
        return new SocketOption(name, Linux.IPPROTO_IPV6, number, true);
    }

    /**
     * Sets the option.
     *
     * <p><b>See</b>: setsockopt(2).
     *
     * @param posix the operating system
     * @param fd the socket
     * @param scratch memory to pass the value in, {@link #SCRATCH_BYTES} from its start
     * @param value the value
     * @return 0, {@code -errno}
     */
    public int set(Posix posix, int fd, NativeBuffer scratch, int value) {
        if (isInt) {
            scratch.putInt(0, value);
        } else {
            scratch.putInt(0, value < 0 ? 0 : 1);
            scratch.putInt(4, Math.max(value, 0));
        }
        int rc = posix.setsockopt(fd, level, number, scratch.addressOffset(), valueBytes());
        Reference.reachabilityFence(scratch);
        return rc;
    }

    /**
     * Reads the option.
     *
     * <p><b>See</b>: getsockopt(2).
     *
     * @param posix the operating system
     * @param fd the socket
     * @param scratch memory to pass the value in, {@link #SCRATCH_BYTES} from its start
     * @return the value; {@link #UNSET} if the option has none now; {@code -errno}
     */
    public int get(Posix posix, int fd, NativeBuffer scratch) {
        scratch.putLong(0, 0);
        scratch.putInt(LENGTH_OFFSET, valueBytes());
        long address = scratch.addressOffset();
        int rc = posix.getsockopt(fd, level, number, address, address + LENGTH_OFFSET);
        Reference.reachabilityFence(scratch);
        return rc < 0 ? rc : value(scratch);
    }

    private int value(NativeBuffer scratch) {
        int first = scratch.getInt(0);
        int value = isInt ? first : first == 0 ? UNSET : scratch.getInt(4);
        return value < 0 ? UNSET : value;
    }

    private int valueBytes() {
        return isInt ? 4 : 8;
    }

    /**
     * The kernel's name.
     *
     * @return such as {@code "TCP_NODELAY"}
     */
    public String name() {
        return name;
    }

    /**
     * The level, setsockopt's second argument.
     *
     * @return such as {@code SOL_SOCKET}
     */
    public int level() {
        return level;
    }

    /**
     * The kernel's number, setsockopt's third argument.
     *
     * @return the number
     */
    public int number() {
        return number;
    }

    /**
     * Whether the kernel takes the value as an int; {@link #SO_LINGER} alone is a structure.
     *
     * @return false for {@code SO_LINGER}
     */
    public boolean isInt() {
        return isInt;
    }

    /**
     * The kernel's name.
     *
     * @return the same as {@link #name}
     */
    @Override
    public String toString() {
        return name;
    }
}
