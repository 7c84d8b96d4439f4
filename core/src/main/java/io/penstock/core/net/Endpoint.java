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
 * {@code socklen_t} that the kernel may write; a length above the capacity counts as the capacity.
 * With {@link #wrap} the address lies in the caller's memory, and the length in the endpoint's own.
 *
 * <p>As text, which {@link #parse} reads and {@link #appendTo} writes:
 *
 * <pre>
 *   127.0.0.1:7000   [::1]:7000   [fe80::1%2]:7000   unix:/run/x.sock   unix:@abstract
 * </pre>
 *
 * <p>The name of a Unix socket is a sequence of bytes. In text it is UTF-8, and a byte that is not
 * UTF-8 is the lone surrogate {@code U+DC00 + byte}. Reading and writing agree on this, so every
 * name survives both.
 *
 * <p><b>Threading</b>: one thread at a time. <b>Allocation</b>: none, except for the constructor
 * and {@link #toString}. <b>See</b>: ip(7), ipv6(7), unix(7), RFC 4291, RFC 5952.
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

    /** The endpoint's own sockaddr, the length, and scratch memory for parsing. */
    private final NativeBuffer own = NativeBuffer.allocate(SCRATCH_OFFSET + SCRATCH_BYTES);
    private final NativeBuffer sockaddr = new NativeBuffer();
    private final NativeBuffer scratch = new NativeBuffer();

    /** An endpoint with memory of its own, and no address yet. */
    public Endpoint() {
        sockaddr.wrap(own, 0, MAX_BYTES);
        scratch.wrap(own, SCRATCH_OFFSET, SCRATCH_BYTES);
    }

    /**
     * Reads and writes a {@code sockaddr} in the caller's memory from now on.
     *
     * @param buffer off-heap memory
     * @param offset of the {@code sockaddr} in the buffer
     * @param length of the {@code sockaddr}: {@link #length()} and {@link #capacity()} from now on
     * @return 0; {@link ReturnCode#HEAP_BUFFER}; {@link ReturnCode#BAD_ARGUMENT} if {@code length}
     *     is above {@link #MAX_BYTES}
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
     * Becomes the address that a text names. The number of an interface is looked up, but no host
     * name. The syntax is strict: decimal numbers without leading zeros, all four octets, always a
     * port.
     *
     * <pre>
     *   127.0.0.1:7000   0.0.0.0:0   [::1]:7000   [::ffff:1.2.3.4]:80
     *   [fe80::1%eth0]:80   [fe80::1%2]:80
     *   unix:/path   /path   unix:relative/path   unix:@abstract   @abstract
     * </pre>
     *
     * <p>After a code the endpoint keeps its old address. <b>See</b>: RFC 4291 section 2.2, RFC
     * 4007 section 11.
     *
     * @param text the text
     * @return 0; {@link ReturnCode#ADDRESS_NOT_NUMERIC} for a name in place of an address;
     *     {@link ReturnCode#ADDRESS_NO_BRACKETS} for an IPv6 address without brackets;
     *     {@link ReturnCode#ADDRESS_NO_PORT} if there is no port;
     *     {@link ReturnCode#ADDRESS_BAD_PORT} if the port is no number from 0 to 65535;
     *     {@link ReturnCode#BAD_ADDRESS} if anything else is wrong;
     *     {@link ReturnCode#NAME_TOO_LONG} if a name is too long, or the address does not fit the
     *     wrapped memory; {@code -ENODEV} if there is no such interface; an {@code -errno} of
     *     socket(2). If several parts are wrong, the code is that of the first one found
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
     * @param address the address, its first octet the highest
     * @param port 0..65535
     * @return 0; {@link ReturnCode#BAD_ARGUMENT} if the port is out of range;
     *     {@link ReturnCode#NAME_TOO_LONG} if the address does not fit the wrapped memory
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
     * @param high the first eight bytes, the first of them the highest
     * @param low the last eight bytes
     * @param port 0..65535
     * @param scope the interface's number, or 0
     * @return 0; {@link ReturnCode#BAD_ARGUMENT} if the port is out of range;
     *     {@link ReturnCode#NAME_TOO_LONG} if the address does not fit the wrapped memory
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
     * @param path absolute or relative
     * @return 0; {@link ReturnCode#BAD_ADDRESS} if the path is empty, has a NUL or is not Unicode;
     *     {@link ReturnCode#NAME_TOO_LONG} if the path is too long, or does not fit the wrapped
     *     memory
     */
    public int unix(CharSequence path) {
        return EndpointParser.unixName(path, 0, false, this);
    }

    /**
     * Becomes a Unix socket with an abstract name.
     *
     * @param name the name, without an {@code @}
     * @return 0; {@link ReturnCode#BAD_ADDRESS} if the name is not Unicode;
     *     {@link ReturnCode#NAME_TOO_LONG} if the name is too long, or does not fit the wrapped
     *     memory
     */
    public int unixAbstract(CharSequence name) {
        return EndpointParser.unixName(name, 0, true, this);
    }

    /**
     * Becomes the same address as another endpoint's.
     *
     * @param other the other endpoint
     * @return 0; {@link ReturnCode#NAME_TOO_LONG} if the address does not fit the wrapped memory
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
     * <p><b>See</b>: getsockname(2).
     *
     * @param posix the operating system
     * @param fd the socket
     * @return 0; {@code -errno}, after which the endpoint has no address
     */
    public int localOf(Posix posix, int fd) {
        own.putInt(LENGTH_OFFSET, capacity());
        return filled(posix.getsockname(fd, address(), lengthAddress()));
    }

    /**
     * Becomes the address that a socket is connected to.
     *
     * <p><b>See</b>: getpeername(2).
     *
     * @param posix the operating system
     * @param fd the socket
     * @return 0; {@code -errno}, after which the endpoint has no address
     */
    public int peerOf(Posix posix, int fd) {
        own.putInt(LENGTH_OFFSET, capacity());
        return filled(posix.getpeername(fd, address(), lengthAddress()));
    }

    /**
     * Where the {@code sockaddr} lies. Code that passes this address to the kernel keeps the
     * endpoint reachable until the call is over ({@link Reference#reachabilityFence}).
     *
     * @return its address
     */
    public long address() {
        return sockaddr.addressOffset();
    }

    /**
     * Where the length lies, for system calls that take a {@code socklen_t *}. Set the length to
     * the {@link #capacity()} before such a call; after the call it is what the kernel wrote.
     *
     * @return its address
     */
    public long lengthAddress() {
        return own.addressOffset() + LENGTH_OFFSET;
    }

    /**
     * The bytes of the address, as bind(2) and connect(2) take them.
     *
     * @return 0..capacity; 0 if there is no address
     */
    public int length() {
        return Math.clamp(own.getInt(LENGTH_OFFSET), 0, capacity());
    }

    /**
     * Sets the length of the address: the capacity before a system call that takes
     * {@link #lengthAddress()}, the new length after a call that returns it elsewhere, 0 for no
     * address.
     *
     * @param length 0..capacity
     * @return 0; {@link ReturnCode#BAD_ARGUMENT} if {@code length} is out of range
     */
    public int length(int length) {
        if (length < 0 || length > capacity()) {
            return ReturnCode.BAD_ARGUMENT;
        }
        own.putInt(LENGTH_OFFSET, length);
        return ReturnCode.OK;
    }

    /**
     * The most bytes that an address may have in this endpoint.
     *
     * @return {@link #MAX_BYTES}, or the length of the wrapped memory
     */
    public int capacity() {
        return sockaddr.capacity();
    }

    /**
     * The family of this address.
     *
     * @return {@code AF_INET}, {@code AF_INET6}, {@code AF_UNIX}, another family that the kernel
     *     wrote, or {@code AF_UNSPEC} if there is no address or the address is cut short
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
     * @return true for such an address
     */
    public boolean isIpv4() {
        return family() == Linux.AF_INET;
    }

    /**
     * Whether it is an IPv6 address, mapped IPv4 included.
     *
     * @return true for such an address
     */
    public boolean isIpv6() {
        return family() == Linux.AF_INET6;
    }

    /**
     * Whether it is an IPv6 address that stands for an IPv4 one, {@code ::ffff:1.2.3.4}.
     *
     * @return true for such an address
     */
    public boolean isIpv4Mapped() {
        return isIpv6() && isMapped(ipHigh(), ipLow());
    }

    /**
     * Whether it is a Unix socket, by path, abstract, or without a name.
     *
     * @return true for such an address
     */
    public boolean isUnix() {
        return family() == Linux.AF_UNIX;
    }

    /**
     * Whether it is a Unix socket with an abstract name.
     *
     * @return true for such an address
     */
    public boolean isUnixAbstract() {
        return isUnix() && nameEnd() > UNIX_NAME_OFFSET && sockaddr.getByte(UNIX_NAME_OFFSET) == 0;
    }

    /**
     * The port.
     *
     * @return the port; {@link ReturnCode#NOT_SUPPORTED} if this is no IP address
     */
    public int port() {
        return isIp() ? sockaddr.getShort(PORT_OFFSET, ByteOrder.BIG_ENDIAN) & 0xffff
                : ReturnCode.NOT_SUPPORTED;
    }

    /**
     * Changes the port.
     *
     * @param port 0..65535
     * @return 0; {@link ReturnCode#BAD_ARGUMENT} if the port is out of range;
     *     {@link ReturnCode#NOT_SUPPORTED} if this is no IP address
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
     * The IPv4 address, also if it is mapped into IPv6.
     *
     * @return the address, its first octet the highest; 0 for any other address
     */
    public int ipv4() {
        return isIpv4() || isIpv4Mapped() ? (int) ipLow() : 0;
    }

    /**
     * The first half of the IP address in IPv6 form. Together with {@link #ipLow()},
     * {@link #scope()} and {@link #port()} it is a key for maps.
     *
     * @return the first eight bytes, the first of them the highest; 0 for IPv4
     */
    public long ipHigh() {
        return isIpv6() ? sockaddr.getLong(IPV6_ADDRESS_OFFSET, ByteOrder.BIG_ENDIAN) : 0;
    }

    /**
     * The second half of the IP address in IPv6 form; an IPv4 address counts as mapped.
     *
     * @return the last eight bytes; 0 if this is no IP address
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
     * relative path that begins with {@code @} gets {@code ./} in front. A Unix socket without a
     * name is written {@code unix:}, and no address {@code none}; {@link #parse} reads neither
     * back.
     *
     * <p><b>Allocation</b>: none while the text fits; a builder that never held characters beyond
     * Latin-1 allocates for the first of them.
     *
     * @param out the builder to append to
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
     * mapped IPv4 address does not equal the plain one. Flow info and padding do not count.
     *
     * @param object the other endpoint
     * @return true for equal addresses
     */
    @Override
    public boolean equals(Object object) {
        if (!(object instanceof Endpoint other) || family() != other.family()) {
            return false;
        }
        return isIp() ? equalsIp(other) : equalsName(other);
    }

    /**
     * The hash of the address, consistent with {@link #equals}; it changes when the address does.
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
        // One byte more: the NUL behind a path, or before an abstract name.
        int rc = begin(Linux.AF_UNIX, UNIX_NAME_OFFSET + bytes + 1);
        if (rc == ReturnCode.OK) {
            sockaddr.putBytes(UNIX_NAME_OFFSET + (isAbstract ? 1 : 0), scratch, 0, bytes);
        }
        return rc;
    }

    static boolean isMapped(long high, long low) {
        return high == 0 && low >>> 32 == 0xffff;
    }

    /** The offset behind the last byte of the name; the name of a path ends before its NUL. */
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

    // Helpers

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
