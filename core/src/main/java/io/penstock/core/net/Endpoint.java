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
    private static final int IFREQ_BYTES = 40;
    private static final int IFREQ_INDEX_OFFSET = 16;
    private static final int INTERFACE_NAME_MAX_BYTES = 15;
    private static final int PORT_MAX = 65_535;
    private static final long SCOPE_MAX = 0xffff_ffffL;
    private static final int GROUPS = 8;
    private static final String UNIX_PREFIX = "unix:";
    private static final int ESCAPED = 0xdc00;

    /** The sockaddr unless someone else's is wrapped, its length, and scratch to parse in. */
    private final NativeBuffer own = NativeBuffer.allocate(SCRATCH_OFFSET + SCRATCH_BYTES);
    private final NativeBuffer sockaddr = new NativeBuffer();
    /** What parsing an IPv6 address leaves. */
    private long high;
    private long low;

    /** An endpoint with memory of its own, and no address yet. */
    public Endpoint() {
        sockaddr.wrap(own, 0, MAX_BYTES);
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
     * <p><b>Allocation</b>: none. <b>Returns</b>: 0; {@link ReturnCode#BAD_ADDRESS};
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
        int end = text.length();
        switch (end == 0 ? 0 : text.charAt(0)) {
            case '[':
                return parseIpv6(posix, text, end);
            case '/':
                return unix(text, 0, end);
            case '@':
                return unixAbstract(text, 1, end);
            case 'u':
                return parseUnix(text, end);
            default:
                return parseIpv4(text, end);
        }
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
        return unix(path, 0, path.length());
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
        return unixAbstract(name, 0, name.length());
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
        return switch (family()) {
            case Linux.AF_INET -> appendIpv4(out, (int) ipLow()).append(':').append(port());
            case Linux.AF_INET6 -> appendIpv6WithPort(out);
            case Linux.AF_UNIX -> appendUnix(out);
            default -> out.append("none");
        };
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

    private int unix(CharSequence text, int from, int to) {
        int n = encode(text, from, to, false);
        if (n <= 0) {
            return n == 0 ? ReturnCode.BAD_ADDRESS : n;
        }
        return unixName(UNIX_NAME_OFFSET, n, UNIX_NAME_OFFSET + n + 1);
    }

    private int unixAbstract(CharSequence text, int from, int to) {
        int n = encode(text, from, to, true);
        return n < 0 ? n : unixName(UNIX_NAME_OFFSET + 1, n, UNIX_NAME_OFFSET + 1 + n);
    }

    private int unixName(int offset, int n, int length) {
        int rc = begin(Linux.AF_UNIX, length);
        if (rc == ReturnCode.OK) {
            sockaddr.putBytes(offset, own, SCRATCH_OFFSET, n);
        }
        return rc;
    }

    /** Text to bytes in the scratch: how many, or a code. */
    private int encode(CharSequence text, int from, int to, boolean takesNul) {
        int n = 0;
        for (int i = from; i < to;) {
            int c = Character.codePointAt(text, i);
            i += Character.charCount(c);
            if (c == 0 && !takesNul || isSurrogate(c) && !isEscaped(c)) {
                return ReturnCode.BAD_ADDRESS;
            }
            n = encode(c, n);
            if (n > UNIX_NAME_MAX_BYTES) {
                return ReturnCode.NAME_TOO_LONG;
            }
        }
        return n;
    }

    private int encode(int c, int n) {
        int bytes = utf8Bytes(c);
        if (bytes == 1) {
            return scratch(n, c);
        }
        int at = scratch(n, 0xf00 >> bytes | c >>> 6 * (bytes - 1));
        for (int left = bytes - 2; left >= 0; left--) {
            at = scratch(at, 0x80 | c >>> 6 * left & 0x3f);
        }
        return at;
    }

    private int scratch(int n, int value) {
        own.putByte(SCRATCH_OFFSET + n, (byte) value);
        return n + 1;
    }

    // Reading text. A number or an address lies in [from, to); what it is not is -1 or false.

    private int parseIpv4(CharSequence text, int end) {
        int colon = indexOf(text, ':', 0, end);
        if (colon < 0) {
            return ReturnCode.BAD_ADDRESS;
        }
        long address = dotted(text, 0, colon);
        long port = decimal(text, colon + 1, end, PORT_MAX);
        return address < 0 || port < 0 ? ReturnCode.BAD_ADDRESS : ipv4((int) address, (int) port);
    }

    private int parseIpv6(Posix posix, CharSequence text, int end) {
        int close = indexOf(text, ']', 0, end);
        if (close < 0 || close + 1 == end || text.charAt(close + 1) != ':') {
            return ReturnCode.BAD_ADDRESS;
        }
        int percent = indexOf(text, '%', 0, close);
        long port = decimal(text, close + 2, end, PORT_MAX);
        if (port < 0 || !groups(text, 1, percent < 0 ? close : percent)) {
            return ReturnCode.BAD_ADDRESS;
        }
        long scope = percent < 0 ? 0 : scope(posix, text, percent + 1, close);
        return scope < 0 ? (int) scope : ipv6(high, low, (int) port, (int) scope);
    }

    private int parseUnix(CharSequence text, int end) {
        int at = UNIX_PREFIX.length();
        if (end <= at) {
            return ReturnCode.BAD_ADDRESS;
        }
        for (int i = 0; i < at; i++) {
            if (text.charAt(i) != UNIX_PREFIX.charAt(i)) {
                return ReturnCode.BAD_ADDRESS;
            }
        }
        return text.charAt(at) == '@' ? unixAbstract(text, at + 1, end) : unix(text, at, end);
    }

    /** A whole IPv6 address, into {@link #high} and {@link #low}. */
    private boolean groups(CharSequence text, int from, int to) {
        high = 0;
        low = 0;
        int gap = gap(text, from, to);
        if (gap < 0) {
            return count(text, from, to) == GROUPS && groups(text, from, to, 0, true);
        }
        int head = count(text, from, gap);
        int tail = count(text, gap + 2, to);
        return head + tail < GROUPS
                && groups(text, from, gap, 0, false)
                && groups(text, gap + 2, to, GROUPS - tail, true);
    }

    private boolean groups(CharSequence text, int from, int to, int first, boolean takesDotted) {
        int start = from;
        for (int i = first; start < to || i > first && start == to; i++) {
            int colon = indexOf(text, ':', start, to);
            int end = colon < 0 ? to : colon;
            boolean isTail = takesDotted && end == to && indexOf(text, '.', start, to) >= 0;
            long value = isTail ? dotted(text, start, to) : hexadecimal(text, start, end);
            if (value < 0) {
                return false;
            }
            if (isTail) {
                low |= value;
            } else {
                group(i, value);
            }
            start = end + 1;
        }
        return true;
    }

    private void group(int i, long value) {
        if (i < GROUPS / 2) {
            high |= value << 48 - 16 * i;
        } else {
            low |= value << 112 - 16 * i;
        }
    }

    private static int gap(CharSequence text, int from, int to) {
        for (int i = from; i < to - 1; i++) {
            if (text.charAt(i) == ':' && text.charAt(i + 1) == ':') {
                return i;
            }
        }
        return -1;
    }

    /** How many groups of 16 bits there would be; a dotted tail is two. */
    private static int count(CharSequence text, int from, int to) {
        int count = from < to ? 1 : 0;
        for (int i = from; i < to; i++) {
            if (text.charAt(i) == ':') {
                count++;
            }
        }
        return indexOf(text, '.', from, to) < 0 ? count : count + 1;
    }

    private static long hexadecimal(CharSequence text, int from, int to) {
        if (to - from < 1 || to - from > 4) {
            return -1;
        }
        long value = 0;
        for (int i = from; i < to; i++) {
            int digit = hexDigit(text.charAt(i));
            if (digit < 0) {
                return -1;
            }
            value = value << 4 | digit;
        }
        return value;
    }

    private static int hexDigit(char c) {
        int lower = c | 0x20;
        return isDigit(c) ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
    }

    private static long dotted(CharSequence text, int from, int to) {
        long value = 0;
        int start = from;
        for (int octet = 0; octet < 4; octet++) {
            int end = octet == 3 ? to : indexOf(text, '.', start, to);
            long number = end < 0 ? -1 : decimal(text, start, end, 255);
            if (number < 0) {
                return -1;
            }
            value = value << 8 | number;
            start = end + 1;
        }
        return value;
    }

    private static long decimal(CharSequence text, int from, int to, long max) {
        int digits = to - from;
        if (digits < 1 || digits > 10 || digits > 1 && text.charAt(from) == '0') {
            return -1;
        }
        long value = 0;
        for (int i = from; i < to; i++) {
            if (!isDigit(text.charAt(i))) {
                return -1;
            }
            value = 10 * value + text.charAt(i) - '0';
        }
        return value <= max ? value : -1;
    }

    private static int indexOf(CharSequence text, char c, int from, int to) {
        for (int i = from; i < to; i++) {
            if (text.charAt(i) == c) {
                return i;
            }
        }
        return -1;
    }

    // Scopes

    private long scope(Posix posix, CharSequence text, int from, int to) {
        boolean isName = false;
        for (int i = from; i < to; i++) {
            isName |= !isDigit(text.charAt(i));
        }
        if (isName) {
            return interfaceIndex(posix, text, from, to);
        }
        long number = decimal(text, from, to, SCOPE_MAX);
        return number < 0 ? ReturnCode.BAD_ADDRESS : number;
    }

    private int interfaceIndex(Posix posix, CharSequence name, int from, int to) {
        if (to - from > INTERFACE_NAME_MAX_BYTES) {
            return ReturnCode.NAME_TOO_LONG;
        }
        own.setMemory(SCRATCH_OFFSET, IFREQ_BYTES, (byte) 0);
        for (int i = from; i < to; i++) {
            char c = name.charAt(i);
            if (c <= ' ' || c > '~' || c == '/' || c == ':') {
                return ReturnCode.BAD_ADDRESS;
            }
            scratch(i - from, c);
        }
        return interfaceIndex(posix);
    }

    private int interfaceIndex(Posix posix) {
        // Any socket will do; a Unix one is there even where IPv6 is switched off.
        int fd = posix.socket(Linux.AF_UNIX, Linux.SOCK_DGRAM | Linux.SOCK_CLOEXEC, 0);
        if (fd < 0) {
            return fd;
        }
        int rc = posix.ioctl(fd, Linux.SIOCGIFINDEX, own.addressOffset() + SCRATCH_OFFSET);
        posix.close(fd);
        Reference.reachabilityFence(this);
        return rc < 0 ? rc : own.getInt(SCRATCH_OFFSET + IFREQ_INDEX_OFFSET);
    }

    // Writing text

    private static StringBuilder appendIpv4(StringBuilder out, int address) {
        return out.append(address >>> 24).append('.')
                .append(address >>> 16 & 0xff).append('.')
                .append(address >>> 8 & 0xff).append('.')
                .append(address & 0xff);
    }

    private StringBuilder appendIpv6WithPort(StringBuilder out) {
        out.append('[');
        appendIpv6(out, ipHigh(), ipLow());
        if (scope() != 0) {
            out.append('%').append(scope() & SCOPE_MAX);
        }
        return out.append("]:").append(port());
    }

    private static void appendIpv6(StringBuilder out, long high, long low) {
        if (isMapped(high, low)) {
            appendIpv4(out.append("::ffff:"), (int) low);
            return;
        }
        long gap = longestZeros(high, low);
        int gapStart = (int) (gap >> 32);
        int gapEnd = (int) gap;
        for (int i = 0; i < GROUPS; i++) {
            if (i == gapStart) {
                out.append("::");
                i = gapEnd - 1;
            } else {
                appendHex(i == 0 || i == gapEnd ? out : out.append(':'), group(high, low, i));
            }
        }
    }

    /** Start and end of the first of the longest runs of zero groups; one group is no run. */
    private static long longestZeros(long high, long low) {
        int start = -1;
        int end = 0;
        for (int i = 0, zeros = 0; i < GROUPS; i++) {
            zeros = group(high, low, i) == 0 ? zeros + 1 : 0;
            if (zeros > Math.max(1, end - start)) {
                start = i + 1 - zeros;
                end = i + 1;
            }
        }
        return (long) start << 32 | end;
    }

    private static int group(long high, long low, int i) {
        return (int) ((i < GROUPS / 2 ? high : low) >>> 48 - 16 * (i & 3)) & 0xffff;
    }

    private static void appendHex(StringBuilder out, int value) {
        int shift = value >= 0x1000 ? 12 : value >= 0x100 ? 8 : value >= 0x10 ? 4 : 0;
        for (; shift >= 0; shift -= 4) {
            out.append("0123456789abcdef".charAt(value >>> shift & 0xf));
        }
    }

    private StringBuilder appendUnix(StringBuilder out) {
        int end = nameEnd();
        int at = UNIX_NAME_OFFSET;
        out.append(UNIX_PREFIX);
        if (isUnixAbstract()) {
            out.append('@');
            at++;
        } else if (end > at && sockaddr.getByte(at) == '@') {
            out.append("./");
        }
        while (at < end) {
            int c = decode(at, end);
            at += utf8Bytes(c);
            appendCharacter(out, c);
        }
        return out;
    }

    /** Not {@code appendCodePoint}: that allocates for what needs two chars. */
    private static void appendCharacter(StringBuilder out, int c) {
        if (Character.isBmpCodePoint(c)) {
            out.append((char) c);
        } else {
            out.append(Character.highSurrogate(c)).append(Character.lowSurrogate(c));
        }
    }

    /** The character at a place, or the escape of a byte that does not begin one. */
    private int decode(int at, int end) {
        int lead = sockaddr.getByte(at) & 0xff;
        int more = lead < 0x80 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
        if (more == 0) {
            return lead;
        }
        int c = lead & 0x3f >> more;
        boolean isWhole = lead >= 0xc2 && lead < 0xf5 && at + more < end;
        for (int i = 1; isWhole && i <= more; i++) {
            int next = sockaddr.getByte(at + i);
            isWhole = (next & 0xc0) == 0x80;
            c = c << 6 | next & 0x3f;
        }
        // A longer form than needed is refused with the rest: it would not be written so.
        return isWhole && Character.isValidCodePoint(c) && !isSurrogate(c)
                && utf8Bytes(c) == more + 1 ? c : ESCAPED | lead;
    }

    private static int utf8Bytes(int c) {
        return c < 0x80 || isEscaped(c) ? 1 : c < 0x800 ? 2 : c < 0x1_0000 ? 3 : 4;
    }

    private static boolean isEscaped(int c) {
        return c >= ESCAPED + 0x80 && c <= ESCAPED + 0xff;
    }

    private static boolean isSurrogate(int c) {
        return c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
    }

    // The rest

    private boolean isIp() {
        int family = family();
        return family == Linux.AF_INET || family == Linux.AF_INET6;
    }

    private static boolean isPort(int port) {
        return port >= 0 && port <= PORT_MAX;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isMapped(long high, long low) {
        return high == 0 && low >>> 32 == 0xffff;
    }

    /** Behind the last byte that counts: the NUL of a path and what follows it do not. */
    private int nameEnd() {
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
