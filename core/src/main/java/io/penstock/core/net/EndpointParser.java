package io.penstock.core.net;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.AsciiText;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import java.lang.ref.Reference;
import java.nio.ByteOrder;

/**
 * Parses the text of an address into an {@link Endpoint}, by way of its scratch memory: until the
 * whole text is known to be right, the endpoint keeps its old address.
 *
 * <p>A method that parses a part of the text takes [from, to), and returns -1 or false if the part
 * is wrong.
 */
final class EndpointParser {
    private static final String UNIX_PREFIX = "unix:";
    private static final int IPV6_ADDRESS_BYTES = 16;
    private static final int PORT_MAX = 65_535;
    private static final long SCOPE_MAX = 0xffff_ffffL;
    private static final int IFREQ_BYTES = 40;
    private static final int IFREQ_INDEX_OFFSET = 16;
    private static final int INTERFACE_NAME_MAX_BYTES = 15;

    private EndpointParser() {
    }

    static int parse(Posix posix, CharSequence text, Endpoint into) {
        boolean isUnix = startsWith(text, UNIX_PREFIX);
        int at = isUnix ? UNIX_PREFIX.length() : 0;
        char first = at < text.length() ? text.charAt(at) : 0;
        if (first == '@') {
            return unixName(text, at + 1, true, into);
        }
        if (isUnix || first == '/') {
            return unixName(text, at, false, into);
        }
        return first == '[' ? ipv6(posix, text, into) : ipv4(text, into);
    }

    /** Parses the name of a Unix socket, which ends with the text. */
    static int unixName(CharSequence text, int from, boolean isAbstract, Endpoint into) {
        int n = 0;
        for (int i = from; i < text.length();) {
            int c = Character.codePointAt(text, i);
            i += Character.charCount(c);
            if (c == 0 && !isAbstract || !NameBytes.isEncodable(c)) {
                return ReturnCode.BAD_ADDRESS;
            }
            n += NameBytes.encode(c, into.scratch(), n);
            if (n > Endpoint.UNIX_NAME_MAX_BYTES) {
                return ReturnCode.NAME_TOO_LONG;
            }
        }
        return n == 0 && !isAbstract ? ReturnCode.BAD_ADDRESS : into.unixScratch(n, isAbstract);
    }

    private static int ipv4(CharSequence text, Endpoint into) {
        int end = text.length();
        int colon = AsciiText.indexOf(text, ':', 0, end);
        long address = dotted(text, 0, colon);
        if (address < 0) {
            return notIpv4(text, colon);
        }
        int port = port(text, colon);
        return port < 0 ? port : into.ipv4((int) address, port);
    }

    /** The code for a text whose part before the first colon is no IPv4 address. */
    private static int notIpv4(CharSequence text, int colon) {
        int end = text.length();
        if (colon < end && AsciiText.indexOf(text, ':', colon + 1, end) < end) {
            return ReturnCode.ADDRESS_NO_BRACKETS;
        }
        int at = 0;
        while (at < colon
                && (text.charAt(at) == '.' || AsciiText.digit(text.charAt(at), 10) >= 0)) {
            at++;
        }
        return at < colon ? ReturnCode.ADDRESS_NOT_NUMERIC : ReturnCode.BAD_ADDRESS;
    }

    /** Parses the port behind the colon, which may be missing. */
    private static int port(CharSequence text, int colon) {
        int end = text.length();
        if (colon + 1 >= end) {
            return ReturnCode.ADDRESS_NO_PORT;
        }
        int port = (int) decimal(text, colon + 1, end, PORT_MAX);
        return text.charAt(colon) != ':' ? ReturnCode.BAD_ADDRESS
                : port < 0 ? ReturnCode.ADDRESS_BAD_PORT : port;
    }

    private static int ipv6(Posix posix, CharSequence text, Endpoint into) {
        int end = text.length();
        int close = AsciiText.indexOf(text, ']', 1, end);
        if (close == end) {
            return ReturnCode.ADDRESS_NO_BRACKETS;
        }
        int percent = AsciiText.indexOf(text, '%', 1, close);
        NativeBuffer bytes = into.scratch();
        if (!groups(text, 1, percent, bytes)) {
            return ReturnCode.BAD_ADDRESS;
        }
        int port = port(text, close + 1);
        if (port < 0) {
            return port;
        }
        long high = bytes.getLong(0, ByteOrder.BIG_ENDIAN);
        long low = bytes.getLong(8, ByteOrder.BIG_ENDIAN);
        long scope = percent == close ? 0 : scope(posix, text, percent + 1, close, bytes);
        return scope < 0 ? (int) scope : into.ipv6(high, low, port, (int) scope);
    }

    /** Parses a whole IPv6 address into 16 bytes. */
    private static boolean groups(CharSequence text, int from, int to, NativeBuffer bytes) {
        boolean isGapFirst = to - from >= 2 && text.charAt(from) == ':'
                && text.charAt(from + 1) == ':';
        int at = isGapFirst ? from + 2 : from;
        int gap = isGapFirst ? 0 : -1;
        int n = 0;
        while (at < to) {
            int end = AsciiText.indexOf(text, ':', at, to);
            int size = group(text, at, end, end == to, n, bytes);
            if (size < 0 || end + 1 == to) {
                return false;
            }
            n += size;
            at = end + 1;
            if (at < to && text.charAt(at) == ':') {
                if (gap >= 0) {
                    return false;
                }
                gap = n;
                at++;
            }
        }
        return gap < 0 ? n == IPV6_ADDRESS_BYTES : widen(gap, n, bytes);
    }

    /** Parses one group, or the last two as a dotted IPv4 address: the number of bytes, or -1. */
    private static int group(
            CharSequence text, int from, int to, boolean isLast, int n, NativeBuffer bytes) {
        boolean isDotted = isLast && AsciiText.indexOf(text, '.', from, to) < to;
        int size = isDotted ? 4 : 2;
        long value = isDotted ? dotted(text, from, to) : hexadecimal(text, from, to);
        if (value < 0 || n + size > IPV6_ADDRESS_BYTES) {
            return -1;
        }
        if (isDotted) {
            bytes.putInt(n, (int) value, ByteOrder.BIG_ENDIAN);
        } else {
            bytes.putShort(n, (short) value, ByteOrder.BIG_ENDIAN);
        }
        return size;
    }

    /** Widens the gap until there are 16 bytes; false if the gap stands for no group. */
    private static boolean widen(int gap, int n, NativeBuffer bytes) {
        int zeros = IPV6_ADDRESS_BYTES - n;
        bytes.putBytes(gap + zeros, bytes, gap, n - gap);
        bytes.setMemory(gap, zeros, (byte) 0);
        return zeros > 0;
    }

    private static long dotted(CharSequence text, int from, int to) {
        long value = 0;
        int start = from;
        for (int octet = 0; octet < 4; octet++) {
            int end = octet == 3 ? to : AsciiText.indexOf(text, '.', start, to);
            long number = decimal(text, start, end, 255);
            if (number < 0) {
                return -1;
            }
            value = value << 8 | number;
            start = end + 1;
        }
        return value;
    }

    private static long hexadecimal(CharSequence text, int from, int to) {
        return to - from > 4 ? -1 : AsciiText.number(text, from, to, 16, 0xffff);
    }

    private static long decimal(CharSequence text, int from, int to, long max) {
        boolean isPadded = to - from > 1 && text.charAt(from) == '0';
        return isPadded ? -1 : AsciiText.number(text, from, to, 10, max);
    }

    private static boolean startsWith(CharSequence text, String prefix) {
        int at = 0;
        while (at < prefix.length() && at < text.length()
                && text.charAt(at) == prefix.charAt(at)) {
            at++;
        }
        return at == prefix.length();
    }

    // Scopes: the number, or a code

    private static long scope(
            Posix posix, CharSequence text, int from, int to, NativeBuffer ifreq) {
        for (int i = from; i < to; i++) {
            if (AsciiText.digit(text.charAt(i), 10) < 0) {
                return interfaceIndex(posix, text, from, to, ifreq);
            }
        }
        long number = decimal(text, from, to, SCOPE_MAX);
        return number < 0 ? ReturnCode.BAD_ADDRESS : number;
    }

    private static int interfaceIndex(
            Posix posix, CharSequence name, int from, int to, NativeBuffer ifreq) {
        if (to - from > INTERFACE_NAME_MAX_BYTES) {
            return ReturnCode.NAME_TOO_LONG;
        }
        ifreq.setMemory(0, IFREQ_BYTES, (byte) 0);
        for (int i = from; i < to; i++) {
            char c = name.charAt(i);
            if (c <= ' ' || c > '~' || c == '/' || c == ':') {
                return ReturnCode.BAD_ADDRESS;
            }
            ifreq.putByte(i - from, (byte) c);
        }
        return interfaceIndex(posix, ifreq);
    }

    private static int interfaceIndex(Posix posix, NativeBuffer ifreq) {
        // Any socket serves; Unix sockets exist even where IPv6 is switched off.
        int fd = posix.socket(Linux.AF_UNIX, Linux.SOCK_DGRAM | Linux.SOCK_CLOEXEC, 0);
        if (fd < 0) {
            return fd;
        }
        int rc = posix.ioctl(fd, Linux.SIOCGIFINDEX, ifreq.addressOffset());
        posix.close(fd);
        Reference.reachabilityFence(ifreq);
        return rc < 0 ? rc : ifreq.getInt(IFREQ_INDEX_OFFSET);
    }
}
