package io.penstock.dns.wire;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.penstock.core.buffer.AsciiText;
import io.penstock.core.buffer.NativeBuffer;
import org.agrona.DirectBuffer;

/** IPv4 and IPv6 addresses as text. The parsers read [from, to) of a text. */
final class AddressText {
    static final int IPV4_BYTES = 4;
    static final int IPV6_BYTES = 16;
    private static final int GROUPS = 8;

    private AddressText() {
    }

    static void printIpv4(DirectBuffer b, int at, TextWriter out) {
        printIpv4(b, at, IPV4_BYTES, out);
    }

    /** Writes an address of which only the first octets are given; the others are zero. */
    static void printIpv4(DirectBuffer b, int at, int bytes, TextWriter out) {
        for (int i = 0; i < IPV4_BYTES; i++) {
            (i > 0 ? out.put('.') : out).number(octet(b, at, bytes, i));
        }
    }

    /** Writes an address as RFC 5952 says, but never with an IPv4 address at its end. */
    static void printIpv6(DirectBuffer b, int at, TextWriter out) {
        printIpv6(b, at, IPV6_BYTES, out);
    }

    /** Writes an address of which only the first octets are given; the others are zero. */
    static void printIpv6(DirectBuffer b, int at, int bytes, TextWriter out) {
        int gap = longestGap(b, at, bytes);
        int i = 0;
        while (i < GROUPS) {
            if (i == gap) {
                out.put("::");
                while (i < GROUPS && group(b, at, bytes, i) == 0) {
                    i++;
                }
            } else {
                printGroup(group(b, at, bytes, i++), 1, out);
                if (i < GROUPS && i != gap) {
                    out.put(':');
                }
            }
        }
    }

    /** Writes at least a number of hexadecimal digits. */
    static void printGroup(int value, int least, TextWriter out) {
        for (int digit = 3; digit >= 0; digit--) {
            if (digit < least || value >>> 4 * digit != 0) {
                out.put(Character.forDigit(value >>> 4 * digit & 0xf, 16));
            }
        }
    }

    private static int longestGap(DirectBuffer b, int at, int bytes) {
        int gap = -1;
        int longest = 1;
        int zeros = 0;
        for (int i = 0; i < GROUPS; i++) {
            zeros = group(b, at, bytes, i) == 0 ? zeros + 1 : 0;
            if (zeros > longest) {
                longest = zeros;
                gap = i + 1 - zeros;
            }
        }
        return gap;
    }

    static int group(DirectBuffer b, int at, int i) {
        return b.getShort(at + 2 * i, BIG_ENDIAN) & 0xffff;
    }

    private static int group(DirectBuffer b, int at, int bytes, int i) {
        return octet(b, at, bytes, 2 * i) << 8 | octet(b, at, bytes, 2 * i + 1);
    }

    private static int octet(DirectBuffer b, int at, int bytes, int i) {
        return i < bytes ? b.getByte(at + i) & 0xff : 0;
    }

    static boolean parseIpv4(CharSequence text, int from, int to, NativeBuffer out, int at) {
        int start = from;
        for (int i = 0; i < IPV4_BYTES; i++) {
            int end = i == IPV4_BYTES - 1 ? to : AsciiText.indexOf(text, '.', start, to);
            boolean isPadded = end - start > 1 && text.charAt(start) == '0';
            long octet = Numbers.decimal(text, start, end, 255);
            if (octet < 0 || isPadded) {
                return false;
            }
            out.putByte(at + i, (byte) octet);
            start = end + 1;
        }
        return true;
    }

    static boolean parseIpv6(CharSequence text, int from, int to, NativeBuffer out, int at) {
        int n = 0;
        int gap = -1;
        int i = from;
        if (to - from >= 2 && text.charAt(from) == ':' && text.charAt(from + 1) == ':') {
            gap = 0;
            i += 2;
        }
        while (i < to) {
            int end = AsciiText.indexOf(text, ':', i, to);
            boolean isDotted = end == to && AsciiText.indexOf(text, '.', i, to) < to;
            int size = isDotted ? IPV4_BYTES : 2;
            if (n + size > IPV6_BYTES) {
                return false;
            }
            long group = isDotted || end - i > 4 ? -1 : Numbers.hexadecimal(text, i, end);
            if (isDotted ? !parseIpv4(text, i, to, out, at + n) : group < 0) {
                return false;
            }
            if (!isDotted) {
                out.putShort(at + n, (short) group, BIG_ENDIAN);
            }
            n += size;
            i = end + 1;
            if (end + 1 == to) {
                return false;
            }
            if (i < to && text.charAt(i) == ':') {
                if (gap >= 0) {
                    return false;
                }
                gap = n;
                i++;
            }
        }
        return gap < 0 ? n == IPV6_BYTES : n < IPV6_BYTES && widen(out, at, gap, n);
    }

    private static boolean widen(NativeBuffer out, int at, int gap, int n) {
        int zeros = IPV6_BYTES - n;
        out.putBytes(at + gap + zeros, out, at + gap, n - gap);
        out.setMemory(at + gap, zeros, (byte) 0);
        return true;
    }
}
