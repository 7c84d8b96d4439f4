package io.penstock.dns.wire;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.AsciiText;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.dns.iana.SvcParamKey;

/** The parameters of a service as text (RFC 9460 2.1 and appendix A): words of key=value. */
final class SvcParamsText {
    private static final int FIXED_BYTES = 4;
    private static final int MAX_PARAMS = 256;

    private SvcParamsText() {
    }

    static void print(NativeBuffer b, int from, int end, TextWriter out) {
        for (int at = from; at < end;) {
            int key = RdataChecker.u16(b, at);
            int next = at + FIXED_BYTES + RdataChecker.u16(b, at + 2);
            printKey(key, at > from ? out.put(' ') : out);
            if (next > at + FIXED_BYTES) {
                printValue(b, key, at + FIXED_BYTES, next, out.put('='));
            }
            at = next;
        }
    }

    private static void printKey(int key, TextWriter out) {
        out.mnemonic(SvcParamKey.name(key), "key", key);
    }

    private static void printValue(NativeBuffer b, int key, int at, int end, TextWriter out) {
        switch (key) {
            case SvcParamKey.MANDATORY -> {
                for (int i = at; i < end; i += 2) {
                    printKey(RdataChecker.u16(b, i), i > at ? out.put(',') : out);
                }
            }
            case SvcParamKey.ALPN -> printProtocols(b, at, end, out);
            case SvcParamKey.PORT -> out.number(RdataChecker.u16(b, at));
            case SvcParamKey.IPV4HINT -> {
                for (int i = at; i < end; i += AddressText.IPV4_BYTES) {
                    AddressText.printIpv4(b, i, i > at ? out.put(',') : out);
                }
            }
            case SvcParamKey.IPV6HINT -> {
                for (int i = at; i < end; i += AddressText.IPV6_BYTES) {
                    AddressText.printIpv6(b, i, i > at ? out.put(',') : out);
                }
            }
            case SvcParamKey.ECH -> out.base64(b, at, end);
            default -> out.quoted(b, at, end);
        }
    }

    /** Escapes a comma or backslash within a protocol for the list, then again for the string. */
    private static void printProtocols(NativeBuffer b, int from, int end, TextWriter out) {
        out.put('"');
        for (int at = from; at < end;) {
            int next = at + 1 + (b.getByte(at) & 0xff);
            out.put(at > from ? "," : "");
            for (int i = at + 1; i < next; i++) {
                int octet = b.getByte(i) & 0xff;
                out.put(octet == ',' || octet == '\\' ? "\\\\" : "").escaped(octet, "\"\\");
            }
            at = next;
        }
        out.put('"');
    }

    /** Parses parameters in any order, up to the end of the record. Returns their end. */
    static int parse(TextReader in, NativeBuffer out, int from, int limit) {
        int end = from;
        for (int count = 0; in.hasWord(); count++) {
            int rc = count == MAX_PARAMS ? ReturnCode.DNS_FULL : in.word();
            int next = rc < 0 ? rc : parseParam(in, out, end, limit);
            if (next < 0) {
                return next;
            }
            int place = place(out, from, end);
            if (place < 0) {
                return ReturnCode.DNS_RDATA;
            }
            rotate(out, place, end, next);
            end = next;
        }
        return end;
    }

    /** The offset at which the last parameter must be inserted, or -1 for a duplicate key. */
    private static int place(NativeBuffer out, int from, int last) {
        int key = RdataChecker.u16(out, last);
        int at = from;
        while (at < last && RdataChecker.u16(out, at) < key) {
            at += FIXED_BYTES + RdataChecker.u16(out, at + 2);
        }
        return at < last && RdataChecker.u16(out, at) == key ? -1 : at;
    }

    /** Moves the octets at [middle, end) to before the octets at [from, middle). */
    private static void rotate(NativeBuffer b, int from, int middle, int end) {
        reverse(b, from, middle);
        reverse(b, middle, end);
        reverse(b, from, end);
    }

    private static void reverse(NativeBuffer b, int from, int end) {
        for (int i = from, j = end - 1; i < j; i++, j--) {
            byte held = b.getByte(i);
            b.putByte(i, b.getByte(j));
            b.putByte(j, held);
        }
    }

    private static int parseParam(TextReader in, NativeBuffer out, int at, int limit) {
        int equals = AsciiText.indexOf(in, '=', 0, in.length());
        int key = parseKey(in, 0, equals);
        if (key < 0) {
            return ReturnCode.DNS_MNEMONIC;
        }
        if (at + FIXED_BYTES > limit) {
            return ReturnCode.DNS_FULL;
        }
        out.putShort(at, (short) key, BIG_ENDIAN);
        int from = Math.min(in.length(), equals + 1);
        int to = in.length();
        if (to - from >= 2 && in.charAt(from) == '"') {
            from++;
            to--;
        }
        int start = at + FIXED_BYTES;
        int end = from == to ? start : parseValue(in, key, from, to, out, start, limit);
        if (end < 0) {
            return end;
        }
        if (!RdataChecker.isParam(out, key, start, end)) {
            return ReturnCode.DNS_RDATA;
        }
        out.putShort(at + 2, (short) (end - start), BIG_ENDIAN);
        return end;
    }

    private static int parseKey(TextReader in, int from, int to) {
        in.narrow(from, to);
        int key = SvcParamKey.parse(in);
        in.widen();
        return key;
    }

    private static int parseValue(
            TextReader in, int key, int from, int to, NativeBuffer out, int at, int limit) {
        return switch (key) {
            case SvcParamKey.PORT -> {
                long port = Numbers.decimal(in, from, to, 0xffff);
                if (port < 0 || at + 2 > limit) {
                    yield port < 0 ? ReturnCode.DNS_NUMBER : ReturnCode.DNS_FULL;
                }
                out.putShort(at, (short) port, BIG_ENDIAN);
                yield at + 2;
            }
            case SvcParamKey.MANDATORY -> parseMandatory(in, from, to, out, at, limit);
            case SvcParamKey.ALPN -> parseProtocols(in, from, to, out, at, limit);
            case SvcParamKey.IPV4HINT, SvcParamKey.IPV6HINT ->
                    parseHints(in, key, from, to, out, at, limit);
            case SvcParamKey.ECH -> in.base64(from, to, out, at, limit);
            default -> {
                int end = at;
                for (int i = from; i < to; i += Escape.length(in, i)) {
                    int octet = Escape.octet(in, i);
                    if (octet < 0 || end == limit) {
                        yield octet < 0 ? octet : ReturnCode.DNS_FULL;
                    }
                    out.putByte(end++, (byte) octet);
                }
                yield end;
            }
        };
    }

    /** Parses keys in any order, and writes them in ascending order. */
    private static int parseMandatory(
            TextReader in, int from, int to, NativeBuffer out, int at, int limit) {
        int end = at;
        for (int i = from; i < to;) {
            int comma = AsciiText.indexOf(in, ',', i, to);
            int key = parseKey(in, i, comma);
            if (key < 0 || comma + 1 == to || end - at == 2 * MAX_PARAMS) {
                return ReturnCode.DNS_MNEMONIC;
            }
            if (end + 2 > limit) {
                return ReturnCode.DNS_FULL;
            }
            int place = end;
            while (place > at && RdataChecker.u16(out, place - 2) > key) {
                out.putShort(place, out.getShort(place - 2));
                place -= 2;
            }
            out.putShort(place, (short) key, BIG_ENDIAN);
            end += 2;
            i = comma + 1;
        }
        return end;
    }

    private static int parseHints(
            TextReader in, int key, int from, int to, NativeBuffer out, int at, int limit) {
        boolean isIpv4 = key == SvcParamKey.IPV4HINT;
        int bytes = isIpv4 ? AddressText.IPV4_BYTES : AddressText.IPV6_BYTES;
        int end = at;
        for (int i = from; i < to;) {
            int comma = AsciiText.indexOf(in, ',', i, to);
            if (end + bytes > limit) {
                return ReturnCode.DNS_FULL;
            }
            boolean isGood = isIpv4 ? AddressText.parseIpv4(in, i, comma, out, end)
                    : AddressText.parseIpv6(in, i, comma, out, end);
            if (!isGood || comma + 1 == to) {
                return ReturnCode.BAD_ADDRESS;
            }
            end += bytes;
            i = comma + 1;
        }
        return end;
    }

    /** Resolves escapes twice: those of the string, then those of the list. */
    private static int parseProtocols(
            TextReader in, int from, int to, NativeBuffer out, int at, int limit) {
        int start = at;
        int end = at + 1;
        boolean isEscaped = false;
        for (int i = from; i < to; i += Escape.length(in, i)) {
            int octet = Escape.octet(in, i);
            if (octet < 0) {
                return octet;
            }
            if (octet == '\\' && !isEscaped) {
                isEscaped = true;
                continue;
            }
            if (end >= limit) {
                return ReturnCode.DNS_FULL;
            }
            if (octet == ',' && !isEscaped) {
                if (!endProtocol(out, start, end)) {
                    return ReturnCode.DNS_RDATA;
                }
                start = end++;
            } else {
                out.putByte(end++, (byte) octet);
            }
            isEscaped = false;
        }
        if (isEscaped) {
            return ReturnCode.DNS_ESCAPE;
        }
        if (end > limit) {
            return ReturnCode.DNS_FULL;
        }
        return endProtocol(out, start, end) ? end : ReturnCode.DNS_RDATA;
    }

    private static boolean endProtocol(NativeBuffer out, int start, int end) {
        int length = end - start - 1;
        out.putByte(start, (byte) length);
        return length > 0 && length <= 255;
    }
}
