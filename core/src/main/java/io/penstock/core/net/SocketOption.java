package io.penstock.core.net;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import java.lang.ref.Reference;

/**
 * A socket's options, by their kernel names. Those that are on or off are 1 or 0. What the kernel
 * refuses (an option of TCP on a Unix socket, one that is read only, one that needs a privilege)
 * it says by itself.
 *
 * <p><b>Threading</b>: any, each with scratch memory of its own. <b>Allocation</b>: none.
 * <b>See</b>: socket(7), tcp(7), ip(7), ipv6(7), unix(7).
 */
public final class SocketOption {
    /** The scratch memory that a call needs, in bytes. */
    public static final int SCRATCH_BYTES = 16;
    /**
     * What {@link #get} answers for an option that has no value now ({@code -ENODATA}): no linger,
     * no CPU yet.
     */
    public static final int UNSET = -Errno.ENODATA;

    /** May bind where connections of a socket before it linger. */
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
    /** The CPU that packets arrive on, or are wanted from; {@link #UNSET} before the first. */
    public static final SocketOption SO_INCOMING_CPU =
            socket("SO_INCOMING_CPU", Linux.SO_INCOMING_CPU);
    /** Seconds that closing waits for what is unsent, 0 to reset; negative is off. */
    public static final SocketOption SO_LINGER =
            new SocketOption("SO_LINGER", Linux.SOL_SOCKET, Linux.SO_LINGER, false);
    /** The pending error, a positive errno, or 0; reading takes it away. Read only. */
    public static final SocketOption SO_ERROR = socket("SO_ERROR", Linux.SO_ERROR);
    /** {@code SOCK_STREAM}, {@code SOCK_DGRAM}, and so on. Read only. */
    public static final SocketOption SO_TYPE = socket("SO_TYPE", Linux.SO_TYPE);
    /** Every message brings its sender's credentials: Unix sockets. */
    public static final SocketOption SO_PASSCRED = socket("SO_PASSCRED", Linux.SO_PASSCRED);

    /** Sends small segments at once. */
    public static final SocketOption TCP_NODELAY = tcp("TCP_NODELAY", Linux.TCP_NODELAY);
    /** Sends full segments only, until it is off again. */
    public static final SocketOption TCP_CORK = tcp("TCP_CORK", Linux.TCP_CORK);
    /** Acknowledges at once, for now: the kernel may fall back. */
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
    /** A listener takes data with the first packet: the length of its queue. See RFC 7413. */
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

    /** An IPv6 socket takes no IPv4. */
    public static final SocketOption IPV6_V6ONLY =
            new SocketOption("IPV6_V6ONLY", Linux.IPPROTO_IPV6, Linux.IPV6_V6ONLY, true);
    /** Type of service of IPv4 packets: DSCP and ECN. */
    public static final SocketOption IP_TOS =
            new SocketOption("IP_TOS", Linux.IPPROTO_IP, Linux.IP_TOS, true);
    /** Traffic class of IPv6 packets: DSCP and ECN. */
    public static final SocketOption IPV6_TCLASS =
            new SocketOption("IPV6_TCLASS", Linux.IPPROTO_IPV6, Linux.IPV6_TCLASS, true);

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

    /**
     * Sets the option.
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: none. <b>Returns</b>: 0 or what the kernel says.
     * <b>See</b>: setsockopt(2).
     *
     * @param posix the way to the kernel
     * @param fd the socket
     * @param scratch memory to pass the value in, {@link #SCRATCH_BYTES} from its start
     * @param value the value
     * @return 0 or a code
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
     * <p><b>Threading</b>: any. <b>Allocation</b>: none. <b>Returns</b>: the value;
     * {@link #UNSET}; what the kernel says. <b>See</b>: getsockopt(2).
     *
     * @param posix the way to the kernel
     * @param fd the socket
     * @param scratch memory to pass the value in, {@link #SCRATCH_BYTES} from its start
     * @return the value or a code
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
     * @return true if so
     */
    public boolean isInt() {
        return isInt;
    }

    /**
     * The kernel's name.
     *
     * @return what {@link #name} does
     */
    @Override
    public String toString() {
        return name;
    }
}
