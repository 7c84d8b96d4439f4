package io.penstock.dns.wire;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.AsciiText;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.dns.iana.Algorithm;
import io.penstock.dns.iana.CertificateType;
import io.penstock.dns.iana.Rcode;
import io.penstock.dns.iana.RdataField;
import io.penstock.dns.iana.RdataLayout;
import io.penstock.dns.iana.RecordType;
import java.util.Arrays;

/**
 * Parses record data by the layout of its type. Each method writes one field at {@code at}, and
 * returns the offset behind it, or a code.
 */
final class RdataParser {
    private static final int WINDOWS = 256;
    private static final int WINDOW_WORDS = 4;
    private static final int MAX_STRING_BYTES = 255;
    private static final int HEX_BITS = 4;
    private static final int BASE32_BITS = 5;
    private static final int BASE64_BITS = 6;

    private final TextReader in;
    private final Origin origin;
    private final RdataChecker checker = new RdataChecker();
    private final long[] types = new long[WINDOWS * WINDOW_WORDS];

    RdataParser(TextReader in, Origin origin) {
        this.in = in;
        this.origin = origin;
    }

    /** Parses all data of a record, up to the end of its line. */
    int parse(int type, NativeBuffer out, int rdata, int limit) {
        RdataLayout layout = RecordType.layout(type);
        boolean isOpaque = in.peek() == TextReader.WORD && isOpaqueMark();
        int end = isOpaque || layout.field(0) == RdataField.OPAQUE
                || layout.field(0) == RdataField.OPTIONS ? opaque(out, rdata, limit)
                : fields(layout, out, rdata, limit);
        if (end < 0) {
            return end;
        }
        if (in.hasWord()) {
            int rc = in.next();
            return rc < 0 ? rc : ReturnCode.DNS_SYNTAX;
        }
        if (in.peek() == TextReader.BLANK) {
            return ReturnCode.DNS_SYNTAX;
        }
        checker.reset();
        int rc = checker.rdata(out, type, rdata, end);
        return rc < 0 ? rc : end;
    }

    private boolean isOpaqueMark() {
        return in.length() == 2 && in.charAt(0) == '\\' && in.charAt(1) == '#';
    }

    /** Parses data of any type, as a length and hexadecimal digits (RFC 3597). */
    private int opaque(NativeBuffer out, int rdata, int limit) {
        int rc = in.word();
        if (rc < 0 || !isOpaqueMark()) {
            return rc < 0 ? rc : ReturnCode.DNS_SYNTAX;
        }
        long length = number(0xffff);
        if (length < 0) {
            return (int) length;
        }
        int end = in.octets(HEX_BITS, out, rdata, limit);
        return end < 0 || end - rdata == length ? end : ReturnCode.DNS_RDATA_LENGTH;
    }

    private int fields(RdataLayout layout, NativeBuffer out, int rdata, int limit) {
        int at = rdata;
        for (int i = 0; i < layout.count() && at >= 0; i++) {
            int next = in.peek();
            boolean isThere = in.hasWord() || mayBeMissing(layout.field(i));
            at = next < 0 ? next : !isThere ? ReturnCode.DNS_TEXT_TRUNCATED
                    : field(layout.field(i), out, rdata, at, limit);
        }
        return at;
    }

    private static boolean mayBeMissing(RdataField field) {
        return switch (field) {
            case OPTIONAL_STRING, HEX, BASE64, TYPES, PREFIXES, SVC_PARAMS -> true;
            default -> false;
        };
    }

    private int field(RdataField field, NativeBuffer out, int rdata, int at, int limit) {
        if (at + field.bytes() > limit) {
            return ReturnCode.DNS_FULL;
        }
        return switch (field) {
            case U8 -> put(out, at, 1, number(0xff));
            case U16 -> put(out, at, 2, number(0xffff));
            case U32 -> put(out, at, 4, number(0xffff_ffffL));
            case U48 -> put(out, at, 6, number(0xffff_ffff_ffffL));
            case PERIOD -> put(out, at, 4, checked(Numbers.period(in, 0, read())));
            case TIME -> put(out, at, 4, checked(Numbers.time(in, 0, read())));
            case TYPE, ALGORITHM, CERTIFICATE_TYPE, RCODE ->
                    put(out, at, field.bytes(), mnemonic(field));
            case IPV4 -> address(AddressText.parseIpv4(in, 0, read(), out, at), at + 4);
            case IPV6 -> address(AddressText.parseIpv6(in, 0, read(), out, at), at + 16);
            case EUI48, EUI64 -> groups(out, at, field.bytes(), 1, '-');
            case LOCATOR64 -> groups(out, at, field.bytes(), 2, ':');
            case LOCATION -> sum(LocationText.parse(in, out, at), at + LocationText.BYTES);
            case COMPRESSED_NAME, NAME -> name(out, at, limit);
            case STRING -> string(out, at, limit);
            case OPTIONAL_STRING -> in.hasWord() ? string(out, at, limit) : at;
            case STRINGS -> strings(out, at, limit);
            case TAG -> string(out, at, limit);
            case TEXT -> textWord(out, at, limit);
            case HEX -> in.octets(HEX_BITS, out, at, limit);
            case NSAP -> nsap(out, at, limit);
            case BASE64 -> in.octets(BASE64_BITS, out, at, limit);
            case HEX_8 -> counted(HEX_BITS, out, at, limit);
            case BASE32_8 -> counted(BASE32_BITS, out, at, limit);
            case BASE64_16 -> counted16(out, at, limit);
            case TYPES -> types(out, at, limit);
            case PREFIXES -> prefixes(out, at, limit);
            case SVC_PARAMS -> SvcParamsText.parse(in, out, at, limit);
            case HIP -> hip(out, at, limit);
            case GATEWAY -> gateway(out.getByte(rdata + 1), out, at, limit);
            case RELAY -> relay(out, at, limit);
            case OPAQUE, OPTIONS -> opaque(out, at, limit);
        };
    }

    // Words: an error is kept in the length or in the number that is read

    /** Reads a word. Returns its length, or -1 if there is none, which no number parser accepts. */
    private int read() {
        return in.word() < 0 ? -1 : in.length();
    }

    private static long checked(long number) {
        return number < 0 ? ReturnCode.DNS_NUMBER : number;
    }

    private static int sum(int rc, int next) {
        return rc < 0 ? rc : next;
    }

    private static int address(boolean isGood, int next) {
        return isGood ? next : ReturnCode.BAD_ADDRESS;
    }

    private long number(long max) {
        int rc = in.word();
        return rc < 0 ? rc : checked(Numbers.decimal(in, 0, in.length(), max));
    }

    private long mnemonic(RdataField field) {
        int rc = in.word();
        if (rc < 0) {
            return rc;
        }
        int code = switch (field) {
            case TYPE -> RecordType.parse(in);
            case ALGORITHM -> Algorithm.parse(in);
            case CERTIFICATE_TYPE -> CertificateType.parse(in);
            default -> Rcode.parse(in);
        };
        if (code >= 0) {
            return code;
        }
        long number = field != RdataField.RCODE ? -1 : Numbers.decimal(in, 0, in.length(), 0xffff);
        return number < 0 ? ReturnCode.DNS_MNEMONIC : number;
    }

    private static int put(NativeBuffer out, int at, int bytes, long number) {
        if (number < 0) {
            return (int) number;
        }
        for (int i = 0; i < bytes; i++) {
            out.putByte(at + i, (byte) (number >>> 8 * (bytes - 1 - i)));
        }
        return at + bytes;
    }

    private int groups(NativeBuffer out, int at, int bytes, int bytesEach, char separator) {
        int end = read();
        int digits = 2 * bytesEach;
        boolean isGood = end >= 0;
        int from = 0;
        for (int i = 0; i < bytes && isGood; i += bytesEach) {
            boolean isLast = i + bytesEach == bytes;
            int to = isLast ? end : AsciiText.indexOf(in, separator, from, end);
            boolean fits = separator == ':' ? to - from <= digits : to - from == digits;
            long value = fits ? Numbers.hexadecimal(in, from, to) : -1;
            isGood = put(out, at + i, bytesEach, value) >= 0 && (isLast || to < end);
            from = to + 1;
        }
        return isGood ? at + bytes : ReturnCode.DNS_SYNTAX;
    }

    private int name(NativeBuffer out, int at, int limit) {
        int rc = in.word();
        int length = rc < 0 ? rc : in.isQuoted() ? ReturnCode.DNS_SYNTAX
                : origin.parse(in, out, at, limit);
        return sum(length, at + length);
    }

    // Strings

    private int string(NativeBuffer out, int at, int limit) {
        int end = at >= limit ? ReturnCode.DNS_FULL : textWord(out, at + 1, limit);
        if (end < 0 || end > at + 1 + MAX_STRING_BYTES) {
            return end < 0 ? end : ReturnCode.DNS_SYNTAX;
        }
        put(out, at, 1, end - at - 1);
        return end;
    }

    private int strings(NativeBuffer out, int from, int limit) {
        int at = string(out, from, limit);
        while (at >= 0 && in.hasWord()) {
            at = string(out, at, limit);
        }
        return at;
    }

    /** Writes the octets of a word, with escapes resolved. */
    private int textWord(NativeBuffer out, int at, int limit) {
        int rc = in.word();
        if (rc < 0) {
            return rc;
        }
        int end = at;
        for (int i = 0; i < in.length(); i += Escape.length(in, i)) {
            int octet = Escape.octet(in, i);
            if (octet < 0 || end >= limit) {
                return octet < 0 ? octet : ReturnCode.DNS_FULL;
            }
            out.putByte(end++, (byte) octet);
        }
        return end;
    }

    // Octets

    private int counted(int bitsEach, NativeBuffer out, int at, int limit) {
        int rc = at >= limit ? ReturnCode.DNS_FULL : in.word();
        if (rc < 0) {
            return rc;
        }
        boolean isNone = in.length() == 1 && in.charAt(0) == '-';
        int to = isNone ? 0 : in.length();
        int end = in.wordOctets(bitsEach, 0, to, out, at + 1, limit);
        if (end < 0 || end - at - 1 > MAX_STRING_BYTES) {
            return end < 0 ? end : ReturnCode.DNS_SYNTAX;
        }
        put(out, at, 1, end - at - 1);
        return end;
    }

    private int counted16(NativeBuffer out, int at, int limit) {
        long length = number(0xffff);
        if (length < 0 || at + 2 > limit) {
            return length < 0 ? (int) length : ReturnCode.DNS_FULL;
        }
        put(out, at, 2, length);
        if (length == 0) {
            return at + 2;
        }
        int rc = in.word();
        int end = rc < 0 ? rc : in.base64(0, in.length(), out, at + 2, limit);
        return end < 0 || end - at - 2 == length ? end : ReturnCode.DNS_RDATA_LENGTH;
    }

    private int nsap(NativeBuffer out, int at, int limit) {
        int rc = in.word();
        if (rc < 0 || in.length() < 2 || in.charAt(0) != '0' || (in.charAt(1) | 0x20) != 'x') {
            return rc < 0 ? rc : ReturnCode.DNS_SYNTAX;
        }
        return in.wordOctets(HEX_BITS, 2, in.length(), out, at, limit);
    }

    // Lists

    private int types(NativeBuffer out, int from, int limit) {
        Arrays.fill(types, 0);
        while (in.hasWord()) {
            int rc = in.word();
            int type = rc < 0 ? rc : RecordType.parse(in);
            if (type < 0) {
                return rc < 0 ? rc : ReturnCode.DNS_MNEMONIC;
            }
            types[type >>> 6] |= Long.MIN_VALUE >>> type;
        }
        int at = from;
        for (int window = 0; window < WINDOWS && at >= 0; window++) {
            at = window(out, window, at, limit);
        }
        return at;
    }

    private int window(NativeBuffer out, int window, int at, int limit) {
        int bytes = 0;
        for (int i = 0; i < WINDOW_WORDS; i++) {
            long word = types[window * WINDOW_WORDS + i];
            int last = Long.BYTES - Long.numberOfTrailingZeros(word) / Byte.SIZE;
            bytes = word == 0 ? bytes : i * Long.BYTES + last;
        }
        if (bytes == 0) {
            return at;
        }
        if (at + 2 + bytes > limit) {
            return ReturnCode.DNS_FULL;
        }
        put(out, at, 2, window << 8 | bytes);
        for (int i = 0; i < bytes; i++) {
            long word = types[window * WINDOW_WORDS + i / Long.BYTES];
            out.putByte(at + 2 + i, (byte) (word >>> 56 - 8 * (i % Long.BYTES)));
        }
        return at + 2 + bytes;
    }

    private int prefixes(NativeBuffer out, int from, int limit) {
        int at = from;
        while (at >= 0 && in.hasWord()) {
            int rc = in.word();
            at = rc < 0 ? rc : at + 4 + AddressText.IPV6_BYTES > limit ? ReturnCode.DNS_FULL
                    : prefix(out, at);
        }
        return at;
    }

    /** Parses {@code !2:ff00::/8}. Zero octets at the end of the address are not written. */
    private int prefix(NativeBuffer out, int at) {
        int end = in.length();
        int from = end > 0 && in.charAt(0) == '!' ? 1 : 0;
        int colon = AsciiText.indexOf(in, ':', from, end);
        int slash = AsciiText.indexOf(in, '/', from, end);
        long family = Numbers.decimal(in, from, colon, 2);
        int bytes = family == 1 ? AddressText.IPV4_BYTES : AddressText.IPV6_BYTES;
        long bits = Numbers.decimal(in, slash + 1, end, 8L * bytes);
        if (family < 1 || colon >= slash || bits < 0) {
            return ReturnCode.DNS_SYNTAX;
        }
        boolean isGood = family == 1 ? AddressText.parseIpv4(in, colon + 1, slash, out, at + 4)
                : AddressText.parseIpv6(in, colon + 1, slash, out, at + 4);
        if (!isGood) {
            return ReturnCode.BAD_ADDRESS;
        }
        while (bytes > 0 && out.getByte(at + 3 + bytes) == 0) {
            bytes--;
        }
        put(out, at, 4, family << 16 | bits << 8 | from << 7 | bytes);
        return at + 4 + bytes;
    }

    // Keys, gateways and relays

    /** Parses algorithm, tag, key, servers. The data have the lengths of tag and key in front. */
    private int hip(NativeBuffer out, int at, int limit) {
        if (at + 4 > limit) {
            return ReturnCode.DNS_FULL;
        }
        int rc = put(out, at + 1, 1, number(0xff));
        rc = rc < 0 ? rc : in.word();
        int key = rc < 0 ? rc : in.wordOctets(HEX_BITS, 0, in.length(), out, at + 4, limit);
        if (key < 0 || key - at - 4 > MAX_STRING_BYTES) {
            return key < 0 ? key : ReturnCode.DNS_SYNTAX;
        }
        rc = in.word();
        int end = rc < 0 ? rc : in.base64(0, in.length(), out, key, limit);
        if (end < 0 || end - key > 0xffff) {
            return end < 0 ? end : ReturnCode.DNS_SYNTAX;
        }
        put(out, at, 1, key - at - 4);
        put(out, at + 2, 2, end - key);
        while (end >= 0 && in.hasWord()) {
            end = name(out, end, limit);
        }
        return end;
    }

    private int gateway(int kind, NativeBuffer out, int at, int limit) {
        return switch (kind) {
            case Gateway.NONE -> in.word() < 0 || in.length() != 1 || in.charAt(0) != '.'
                    ? ReturnCode.DNS_SYNTAX : at;
            case Gateway.IPV4 -> field(RdataField.IPV4, out, at, at, limit);
            case Gateway.IPV6 -> field(RdataField.IPV6, out, at, at, limit);
            case Gateway.NAME -> name(out, at, limit);
            default -> ReturnCode.DNS_NUMBER;
        };
    }

    private int relay(NativeBuffer out, int at, int limit) {
        long bit = number(1);
        long kind = bit < 0 ? bit : number(0x7f);
        if (kind < 0 || at >= limit) {
            return kind < 0 ? (int) kind : ReturnCode.DNS_FULL;
        }
        put(out, at, 1, bit << 7 | kind);
        return gateway((int) kind, out, at + 1, limit);
    }
}
