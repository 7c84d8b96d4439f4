package io.penstock.core.net;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import java.lang.ref.Reference;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;

/**
 * A flyweight over a {@code sockaddr}: IPv4, IPv6 with its scope, or Unix by path or abstract name.
 *
 * <pre>
 *   0        2        4                8                        24       28       128      132
 *   +--------+--------+----------------+------------------------+--------+---------+--------+
 *   | family | port   | IPv4 address   | 0                      |        |         | length |
 *   +--------+--------+----------------+------------------------+--------+         |        |
 *   | family | port   | flow info      | IPv6 address           | scope  |         | length |
 *   +--------+--------+----------------+------------------------+--------+---------+--------+
 *   | family | path, NUL | NUL, abstract name                     (108 bytes)      | length |
 *   +--------+---------------------------------------------------------------------+--------+
 * </pre>
 *
 * <p>Port, addresses and flow info are big-endian, the others native. The length is a
 * {@code socklen_t} which the kernel may be told to write; what lies outside the capacity is never
 * believed. Over memory of someone else ({@link #wrap}) the length stays in memory of its own.
 *
 * <p>As text, which {@link #parse} reads and {@link #appendTo} writes:
 *
 * <pre>
 *   127.0.0.1:7000   [::1]:7000   [fe80::1%2]:7000   unix:/run/x.sock   unix:@abstract
 * </pre>
 *
 * <p>Names of Unix sockets are bytes, in text taken for UTF-8; a byte that is not UTF-8 is the lone
 * surrogate {@code U+DC00 + byte}, both ways, so no name is lost.
 *
 * <p><b>Threading</b>: one thread at a time. <b>Allocation</b>: none, but for the constructor and
 * {@link #toString}. <b>See</b>: ip(7), ipv6(7), unix(7), RFC 4291, RFC 5952.
 */
public final class Endpoint {
    /** Bytes of the largest {@code sockaddr}. */
    public static final int MAX_BYTES = 128;
    /** Where the family lies, 2 bytes, native. */
    public static final int FAMILY_OFFSET = 0;
    /** Where the port lies, 2 bytes, big-endian. */
    public static final int PORT_OFFSET = 2;
    /** Where an IPv4 address lies, 4 bytes, big-endian. */
    public static final int IPV4_ADDRESS_OFFSET = 4;
    /** Where an IPv6 address lies, 16 bytes, big-endian. */
    public static final int IPV6_ADDRESS_OFFSET = 8;
    /** Where the scope of an IPv6 address lies, 4 bytes, native. */
    public static final int IPV6_SCOPE_OFFSET = 24;
    /** Where a Unix socket's path lies, or the NUL before its abstract name. */
    public static final int UNIX_NAME_OFFSET = 2;
    /** Where the length lies in an endpoint's own memory, 4 bytes, native. */
    public static final int LENGTH_OFFSET = 128;
    /** Bytes of an IPv4 {@code sockaddr}. */
    public static final int IPV4_BYTES = 16;
    /** Bytes of an IPv6 {@code sockaddr}. */
    public static final int IPV6_BYTES = 28;
    /** The longest path (before its NUL) or abstract name (behind its NUL). */
    public static final int UNIX_NAME_MAX_BYTES = 107;

    /** 0.0.0.0: every IPv4 address of this machine. */
    public static final int IPV4_ANY = 0;
    /** 127.0.0.1. */
    public static final int IPV4_LOOPBACK = 0x7f00_0001;

    private static final int UNIX_BYTES = 110;
    private static final int SCRATCH_OFFSET = 136;
    private static final int SCRATCH_BYTES = 112;
    private static final int PORT_MAX = 65_535;

    /** The sockaddr unless someone else's is wrapped, its length, and scratch to parse in. */
    private final NativeBuffer own = NativeBuffer.allocate(SCRATCH_OFFSET + SCRATCH_BYTES);
    private final NativeBuffer sockaddr = new NativeBuffer();
    private final NativeBuffer scratch = new NativeBuffer();

    /** An endpoint with memory of its own, and no address yet. */
    public Endpoint() {
        sockaddr.wrap(own, 0, MAX_BYTES);
        scratch.wrap(own, SCRATCH_OFFSET, SCRATCH_BYTES);
    }

    /**
     * Looks at a {@code sockaddr} in memory of someone else from now on, and writes there.
     *
     * <p><b>Allocation</b>: none. <b>Returns</b>: 0; {@link ReturnCode#HEAP_BUFFER};
     * {@link ReturnCode#BAD_ARGUMENT} if it is longer than {@link #MAX_BYTES}.
     *
     * @param buffer off-heap memory
     * @param offset where in it
     * @param length its bytes: {@link #length()} and {@link #capacity()} from now on
     * @return 0 or a code
     */
    public int wrap(DirectBuffer buffer, int offset, int length) {
        if (NativeBuffer.isHeap(buffer)) {
            return ReturnCode.HEAP_BUFFER;
        }
        if (length > MAX_BYTES) {
            return ReturnCode.BAD_ARGUMENT;
        }
        sockaddr.wrap(buffer, offset, length);
        own.putInt(LENGTH_OFFSET, length);
        return ReturnCode.OK;
    }

    /**
     * Takes the address that a text says. Nothing is looked up but the number of an interface. It
     * is strict: decimal without leading zeros, all four octets, every port spelled out.
     *
     * <pre>
     *   127.0.0.1:7000   0.0.0.0:0   [::1]:7000   [::ffff:1.2.3.4]:80
     *   [fe80::1%eth0]:80   [fe80::1%2]:80
     *   unix:/path   /path   unix:relative/path   unix:@abstract   @abstract
     * </pre>
     *
     * <p><b>Allocation</b>: none. <b>Returns</b>: 0; what is wrong, from the left:
     * {@link ReturnCode#ADDRESS_NOT_NUMERIC}, {@link ReturnCode#ADDRESS_NO_BRACKETS},
     * {@link ReturnCode#ADDRESS_NO_PORT}, {@link ReturnCode#ADDRESS_BAD_PORT}, else
     * {@link ReturnCode#BAD_ADDRESS};
     * {@link ReturnCode#NAME_TOO_LONG} if a name is, or if the address does not fit memory that was
     * wrapped; {@code -ENODEV} if there is no such interface, and what socket(2) can say. After a
     * code the address is the old one. <b>See</b>: RFC 4291 section 2.2, RFC 4007 section 11.
     *
     * @param text the text
     * @return 0 or a code
     */
    public int parse(CharSequence text) {
        return parse(Posix.system(), text);
    }

    int parse(Posix posix, CharSequence text) {
        return EndpointParser.parse(posix, text, this);
    }

    /**
     * Becomes an IPv4 address.
     *
     * <p><b>Allocation</b>: none. <b>Returns</b>: 0; {@link ReturnCode#BAD_ARGUMENT} for the port;
     * {@link ReturnCode#NAME_TOO_LONG} if it does not fit memory that was wrapped.
     *
     * @param address the address, its first octet the highest
     * @param port 0..65535
     * @return 0 or a code
     */
    public int ipv4(int address, int port) {
        if (!isPort(port)) {
            return ReturnCode.BAD_ARGUMENT;
        }
        int rc = begin(Linux.AF_INET, IPV4_BYTES);
        if (rc == ReturnCode.OK) {
            putPort(port);
            sockaddr.putInt(IPV4_ADDRESS_OFFSET, address, ByteOrder.BIG_ENDIAN);
        }
        return rc;
    }

    /**
     * Becomes an IPv6 address.
     *
     * <p><b>Allocation</b>: none. <b>Returns</b>: 0; {@link ReturnCode#BAD_ARGUMENT} for the port;
     * {@link ReturnCode#NAME_TOO_LONG} if it does not fit memory that was wrapped.
     *
     * @param high the first eight bytes, the first of them the highest
     * @param low the last eight bytes
     * @param port 0..65535
     * @param scope the interface's number, or 0
     * @return 0 or a code
     */
    public int ipv6(long high, long low, int port, int scope) {
        if (!isPort(port)) {
            return ReturnCode.BAD_ARGUMENT;
        }
        int rc = begin(Linux.AF_INET6, IPV6_BYTES);
        if (rc == ReturnCode.OK) {
            putPort(port);
            sockaddr.putLong(IPV6_ADDRESS_OFFSET, high, ByteOrder.BIG_ENDIAN);
            sockaddr.putLong(IPV6_ADDRESS_OFFSET + 8, low, ByteOrder.BIG_ENDIAN);
            sockaddr.putInt(IPV6_SCOPE_OFFSET, scope);
        }
        return rc;
    }

    /**
     * Becomes a Unix socket with a path. The path lies, with a NUL behind it, at
     * {@code address() + UNIX_NAME_OFFSET}.
     *
     * <p><b>Allocation</b>: none. <b>Returns</b>: 0; {@link ReturnCode#BAD_ADDRESS} if it is empty,
     * has a NUL or is not Unicode; {@link ReturnCode#NAME_TOO_LONG}.
     *
     * @param path absolute or relative
     * @return 0 or a code
     */
    public int unix(CharSequence path) {
        return EndpointParser.unixName(path, 0, false, this);
    }

    /**
     * Becomes a Unix socket with an abstract name.
     *
     * <p><b>Allocation</b>: none. <b>Returns</b>: 0; {@link ReturnCode#BAD_ADDRESS} if it is not
     * Unicode; {@link ReturnCode#NAME_TOO_LONG}.
     *
     * @param name the name, without an {@code @}
     * @return 0 or a code
     */
    public int unixAbstract(CharSequence name) {
        return EndpointParser.unixName(name, 0, true, this);
    }

    /**
     * Becomes the same address as another endpoint's.
     *
     * <p><b>Allocation</b>: none. <b>Returns</b>: 0; {@link ReturnCode#NAME_TOO_LONG} if it does
     * not fit memory that was wrapped.
     *
     * @param other the other
     * @return 0 or a code
     */
    public int copyFrom(Endpoint other) {
        int length = other.length();
        if (length > capacity()) {
            return ReturnCode.NAME_TOO_LONG;
        }
        sockaddr.putBytes(0, other.sockaddr, 0, length);
        own.putInt(LENGTH_OFFSET, length);
        return ReturnCode.OK;
    }

    /**
     * Becomes the address that a socket is bound to.
     *
     * <p><b>Allocation</b>: none. <b>Returns</b>: 0, or what the kernel says, and then there is no
     * address. <b>See</b>: getsockname(2).
     *
     * @param posix the way to the kernel
     * @param fd the socket
     * @return 0 or a code
     */
    public int localOf(Posix posix, int fd) {
        own.putInt(LENGTH_OFFSET, capacity());
        return filled(posix.getsockname(fd, address(), lengthAddress()));
    }

    /**
     * Becomes the address that a socket is connected to.
     *
     * <p><b>Allocation</b>: none. <b>Returns</b>: 0, or what the kernel says, and then there is no
     * address. <b>See</b>: getpeername(2).
     *
     * @param posix the way to the kernel
     * @param fd the socket
     * @return 0 or a code
     */
    public int peerOf(Posix posix, int fd) {
        own.putInt(LENGTH_OFFSET, capacity());
        return filled(posix.getpeername(fd, address(), lengthAddress()));
    }

    /**
     * Where the {@code sockaddr} lies. Whoever gives it to the kernel keeps the endpoint reachable
     * until the call is over ({@link Reference#reachabilityFence}).
     *
     * @return its address
     */
    public long address() {
        return sockaddr.addressOffset();
    }

    /**
     * Where the length lies, for calls that take a {@code socklen_t *}: it goes in as the
     * {@link #capacity()} and comes out as what the kernel wrote.
     *
     * @return its address
     */
    public long lengthAddress() {
        return own.addressOffset() + LENGTH_OFFSET;
    }

    /**
     * The bytes of the address, as bind(2) and connect(2) take them.
     *
     * @return 0..capacity; 0 when there is no address
     */
    public int length() {
        return Math.clamp(own.getInt(LENGTH_OFFSET), 0, capacity());
    }

    /**
     * Says how many bytes there are: the capacity before a call that takes the
     * {@link #lengthAddress()}, what came out after a call that gives the length elsewhere, 0 for
     * no address.
     *
     * <p><b>Allocation</b>: none. <b>Returns</b>: 0; {@link ReturnCode#BAD_ARGUMENT}.
     *
     * @param length 0..capacity
     * @return 0 or a code
     */
    public int length(int length) {
        if (length < 0 || length > capacity()) {
            return ReturnCode.BAD_ARGUMENT;
        }
        own.putInt(LENGTH_OFFSET, length);
        return ReturnCode.OK;
    }

    /**
     * The bytes that an address may have here.
     *
     * @return {@link #MAX_BYTES}, or fewer if memory was wrapped
     */
    public int capacity() {
        return sockaddr.capacity();
    }

    /**
     * What kind of address this is.
     *
     * @return {@code AF_INET}, {@code AF_INET6}, {@code AF_UNIX}, whatever else the kernel wrote,
     *     or {@code AF_UNSPEC} when there is none or it is cut short
     */
    public int family() {
        int length = length();
        if (length < PORT_OFFSET) {
            return Linux.AF_UNSPEC;
        }
        int family = sockaddr.getShort(FAMILY_OFFSET) & 0xffff;
        int least = switch (family) {
            case Linux.AF_INET -> IPV4_BYTES;
            case Linux.AF_INET6 -> IPV6_BYTES;
            default -> PORT_OFFSET;
        };
        return length < least ? Linux.AF_UNSPEC : family;
    }

    /**
     * Whether it is an IPv4 address.
     *
     * @return true if so
     */
    public boolean isIpv4() {
        return family() == Linux.AF_INET;
    }

    /**
     * Whether it is an IPv6 address, mapped IPv4 included.
     *
     * @return true if so
     */
    public boolean isIpv6() {
        return family() == Linux.AF_INET6;
    }

    /**
     * Whether it is an IPv6 address that stands for an IPv4 one, {@code ::ffff:1.2.3.4}.
     *
     * @return true if so
     */
    public boolean isIpv4Mapped() {
        return isIpv6() && isMapped(ipHigh(), ipLow());
    }

    /**
     * Whether it is a Unix socket, by path, abstract, or without a name.
     *
     * @return true if so
     */
    public boolean isUnix() {
        return family() == Linux.AF_UNIX;
    }

    /**
     * Whether it is a Unix socket with an abstract name.
     *
     * @return true if so
     */
    public boolean isUnixAbstract() {
        return isUnix() && nameEnd() > UNIX_NAME_OFFSET && sockaddr.getByte(UNIX_NAME_OFFSET) == 0;
    }

    /**
     * The port.
     *
     * <p><b>Returns</b>: the port; {@link ReturnCode#NOT_SUPPORTED} if it is no IP address.
     *
     * @return 0..65535 or a code
     */
    public int port() {
        return isIp() ? sockaddr.getShort(PORT_OFFSET, ByteOrder.BIG_ENDIAN) & 0xffff
                : ReturnCode.NOT_SUPPORTED;
    }

    /**
     * Changes the port.
     *
     * <p><b>Allocation</b>: none. <b>Returns</b>: 0; {@link ReturnCode#BAD_ARGUMENT};
     * {@link ReturnCode#NOT_SUPPORTED} if it is no IP address.
     *
     * @param port 0..65535
     * @return 0 or a code
     */
    public int port(int port) {
        if (!isPort(port)) {
            return ReturnCode.BAD_ARGUMENT;
        }
        if (!isIp()) {
            return ReturnCode.NOT_SUPPORTED;
        }
        putPort(port);
        return ReturnCode.OK;
    }

    /**
     * The IPv4 address, also of one mapped into IPv6.
     *
     * @return the address, its first octet the highest; 0 if it is neither
     */
    public int ipv4() {
        return isIpv4() || isIpv4Mapped() ? (int) ipLow() : 0;
    }

    /**
     * The first half of the IP address as IPv6 has it; with {@link #ipLow()}, {@link #scope()} and
     * {@link #port()} a key for maps.
     *
     * @return the first eight bytes, the first of them the highest; 0 for IPv4
     */
    public long ipHigh() {
        return isIpv6() ? sockaddr.getLong(IPV6_ADDRESS_OFFSET, ByteOrder.BIG_ENDIAN) : 0;
    }

    /**
     * The second half of the IP address as IPv6 has it; IPv4 addresses are as if mapped.
     *
     * @return the last eight bytes; 0 if it is no IP address
     */
    public long ipLow() {
        return switch (family()) {
            case Linux.AF_INET -> 0xffff_0000_0000L
                    | sockaddr.getInt(IPV4_ADDRESS_OFFSET, ByteOrder.BIG_ENDIAN) & 0xffff_ffffL;
            case Linux.AF_INET6 ->
                    sockaddr.getLong(IPV6_ADDRESS_OFFSET + 8, ByteOrder.BIG_ENDIAN);
            default -> 0;
        };
    }

    /**
     * The number of the interface that an IPv6 address belongs to.
     *
     * @return the number, unsigned, or 0
     */
    public int scope() {
        return isIpv6() ? sockaddr.getInt(IPV6_SCOPE_OFFSET) : 0;
    }

    /**
     * Writes the address as text, which {@link #parse} reads back: RFC 5952's form for IPv6, scopes
     * as numbers, {@code unix:} before every path and {@code unix:@} before every abstract name. A
     * relative path that begins with {@code @} gets {@code ./} in front. What no text stands for is
     * written {@code unix:} (a Unix socket without a name) or {@code none}, and not read back.
     *
     * <p><b>Allocation</b>: none while the text fits; for characters beyond Latin-1 the builder
     * must have held some before.
     *
     * @param out where to
     * @return {@code out}
     */
    public StringBuilder appendTo(StringBuilder out) {
        return EndpointPrinter.append(out, this);
    }

    /**
     * The address as text, which allocates.
     *
     * @return what {@link #appendTo} writes
     */
    @Override
    public String toString() {
        return appendTo(new StringBuilder()).toString();
    }

    /**
     * Whether both are the same address: family and name, or family, address, port and scope. A
     * mapped IPv4 address is not its IPv4 address. Flow info and padding do not count.
     *
     * <p><b>Allocation</b>: none.
     *
     * @param object the other
     * @return true if so
     */
    @Override
    public boolean equals(Object object) {
        if (!(object instanceof Endpoint other) || family() != other.family()) {
            return false;
        }
        return isIp() ? equalsIp(other) : equalsName(other);
    }

    /**
     * Goes with {@link #equals}; it changes when the address does.
     *
     * <p><b>Allocation</b>: none.
     *
     * @return the hash
     */
    @Override
    public int hashCode() {
        if (isIp()) {
            return 31 * (31 * Long.hashCode(31 * ipHigh() + ipLow()) + port()) + scope();
        }
        int hash = family();
        for (int i = UNIX_NAME_OFFSET, end = nameEnd(); i < end; i++) {
            hash = 31 * hash + sockaddr.getByte(i);
        }
        return hash;
    }

    // Writing a sockaddr

    private int begin(int family, int length) {
        if (length > capacity()) {
            return ReturnCode.NAME_TOO_LONG;
        }
        sockaddr.setMemory(0, length, (byte) 0);
        sockaddr.putShort(FAMILY_OFFSET, (short) family);
        own.putInt(LENGTH_OFFSET, length);
        return ReturnCode.OK;
    }

    private void putPort(int port) {
        sockaddr.putShort(PORT_OFFSET, (short) port, ByteOrder.BIG_ENDIAN);
    }

    private int filled(int rc) {
        if (rc < 0) {
            own.putInt(LENGTH_OFFSET, 0);
        }
        Reference.reachabilityFence(this);
        return rc;
    }

    // For the parser and the printer

    NativeBuffer scratch() {
        return scratch;
    }

    NativeBuffer sockaddr() {
        return sockaddr;
    }

    /** Becomes a Unix socket whose name is the first bytes of the scratch. */
    int unixScratch(int bytes, boolean isAbstract) {
        // One more either way: the NUL behind a path, or before an abstract name.
        int rc = begin(Linux.AF_UNIX, UNIX_NAME_OFFSET + bytes + 1);
        if (rc == ReturnCode.OK) {
            sockaddr.putBytes(UNIX_NAME_OFFSET + (isAbstract ? 1 : 0), scratch, 0, bytes);
        }
        return rc;
    }

    static boolean isMapped(long high, long low) {
        return high == 0 && low >>> 32 == 0xffff;
    }

    /** Behind the last byte that counts: the NUL of a path and what follows it do not. */
    int nameEnd() {
        int length = length();
        if (family() != Linux.AF_UNIX) {
            return length;
        }
        int end = Math.min(length, UNIX_BYTES);
        if (end > UNIX_NAME_OFFSET && sockaddr.getByte(UNIX_NAME_OFFSET) == 0) {
            return end;
        }
        int at = UNIX_NAME_OFFSET;
        while (at < end && sockaddr.getByte(at) != 0) {
            at++;
        }
        return at;
    }

    // The rest

    private boolean isIp() {
        int family = family();
        return family == Linux.AF_INET || family == Linux.AF_INET6;
    }

    private static boolean isPort(int port) {
        return port >= 0 && port <= PORT_MAX;
    }

    private boolean equalsIp(Endpoint other) {
        return port() == other.port() && scope() == other.scope()
                && ipHigh() == other.ipHigh() && ipLow() == other.ipLow();
    }

    private boolean equalsName(Endpoint other) {
        int end = nameEnd();
        if (end != other.nameEnd()) {
            return false;
        }
        for (int i = UNIX_NAME_OFFSET; i < end; i++) {
            if (sockaddr.getByte(i) != other.sockaddr.getByte(i)) {
                return false;
            }
        }
        return true;
    }
}
