package io.penstock.dns.wire;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.dns.iana.EdnsOption;
import io.penstock.dns.iana.RdataField;
import io.penstock.dns.iana.RdataLayout;
import io.penstock.dns.iana.RecordType;
import io.penstock.dns.iana.SvcParamKey;

/**
 * Checks record data against the layout of its type. Each method checks one field or list within
 * [at, end), and returns the offset behind it, or a code.
 */
final class RdataChecker {
    private static final int MAX_WINDOW_BYTES = 32;
    private static final int MAX_WINDOW = 255;

    private final KnownNames names = new KnownNames();
    private int errorOffset;

    /** Begins another message, or a message whose memory has changed. */
    void reset() {
        errorOffset = -1;
    }

    /** The offset of the last error. */
    int errorOffset() {
        return errorOffset;
    }

    int fail(int code, int at) {
        errorOffset = at;
        return code;
    }

    int name(NativeBuffer b, int at, int end) {
        int next = names.end(b, at, end);
        return next < 0 ? fail(next, at) : next;
    }

    /** Checks an owner's name. Returns its place, in the format of {@link Places}, or a code. */
    long place(NativeBuffer b, int at, int end) {
        long place = names.check(b, at, end);
        return place < 0 ? fail((int) place, at) : place;
    }

    /** Checks all data of a record: 0, or a code. */
    int rdata(NativeBuffer b, int type, int rdata, int end) {
        RdataLayout layout = RecordType.layout(type);
        int bytes = layout.bytes();
        if (bytes >= 0) {
            return end - rdata == bytes ? 0 : fail(ReturnCode.DNS_RDATA_LENGTH, rdata);
        }
        int last = rdata + layout.lastName();
        if (last >= rdata && last <= end) {
            int next = name(b, last, end);
            return next < 0 ? next : next == end ? 0 : fail(ReturnCode.DNS_RDATA_LENGTH, next);
        }
        return fields(b, layout, rdata, end);
    }

    private int fields(NativeBuffer b, RdataLayout layout, int rdata, int end) {
        int at = rdata;
        for (int i = 0; i < layout.count(); i++) {
            at = field(b, layout.field(i), rdata, at, end);
            if (at < 0) {
                return at;
            }
        }
        return at == end ? 0 : fail(ReturnCode.DNS_RDATA_LENGTH, at);
    }

    /** The names that were checked so far. */
    KnownNames names() {
        return names;
    }

    /** Checks a field of the record data that begins at {@code rdata}. */
    int field(NativeBuffer b, RdataField field, int rdata, int at, int end) {
        int bytes = field.bytes();
        if (bytes >= 0) {
            return bytes(at, bytes, end);
        }
        return field.isName() ? name(b, at, end) : variable(b, field, rdata, at, end);
    }

    private int variable(NativeBuffer b, RdataField field, int rdata, int at, int end) {
        return switch (field) {
            case STRING, HEX_8, BASE32_8 -> counted(b, at, end);
            case OPTIONAL_STRING -> at == end ? at : counted(b, at, end);
            case STRINGS -> strings(b, at, end);
            case TAG -> tag(b, at, end);
            case BASE64_16 -> at + 2 > end ? fail(ReturnCode.DNS_RDATA_LENGTH, at)
                    : bytes(at + 2, u16(b, at), end);
            case TYPES -> types(b, at, end);
            case PREFIXES -> prefixes(b, at, end);
            case SVC_PARAMS -> params(b, at, end);
            case OPTIONS -> options(b, at, end);
            case HIP -> hip(b, at, end);
            case GATEWAY -> gateway(b, b.getByte(rdata + 1), at, end);
            case RELAY -> at == end ? fail(ReturnCode.DNS_RDATA_LENGTH, at)
                    : gateway(b, b.getByte(at) & 0x7f, at + 1, end);
            default -> end; // TEXT, HEX, NSAP, BASE64, OPAQUE: any octets
        };
    }

    private int bytes(int at, int bytes, int end) {
        return at + bytes <= end ? at + bytes : fail(ReturnCode.DNS_RDATA_LENGTH, at);
    }

    private int counted(NativeBuffer b, int at, int end) {
        int next = at >= end ? end + 1 : at + 1 + (b.getByte(at) & 0xff);
        return next <= end ? next : fail(ReturnCode.DNS_RDATA_LENGTH, at);
    }

    private int strings(NativeBuffer b, int from, int end) {
        int at = counted(b, from, end);
        while (at >= 0 && at < end) {
            at = counted(b, at, end);
        }
        return at;
    }

    private int tag(NativeBuffer b, int at, int end) {
        int next = counted(b, at, end);
        if (next == at + 1) {
            return fail(ReturnCode.DNS_RDATA, at);
        }
        for (int i = at + 1; i < next; i++) {
            int c = Name.lower(b.getByte(i));
            if ((c < 'a' || c > 'z') && (c < '0' || c > '9')) {
                return fail(ReturnCode.DNS_RDATA, i);
            }
        }
        return next;
    }

    /** Checks windows: in ascending order, of 1 to 32 octets, the last octet not zero. */
    private int types(NativeBuffer b, int from, int end) {
        int at = from;
        int window = -1;
        while (at < end) {
            if (at + 2 > end) {
                return fail(ReturnCode.DNS_RDATA_LENGTH, at);
            }
            int number = b.getByte(at) & 0xff;
            int bytes = b.getByte(at + 1) & 0xff;
            if (number <= window || number > MAX_WINDOW || bytes == 0 || bytes > MAX_WINDOW_BYTES) {
                return fail(ReturnCode.DNS_RDATA, at);
            }
            window = number;
            at = bytes(at + 2, bytes, end);
            if (at < 0) {
                return at;
            }
            if (b.getByte(at - 1) == 0) {
                return fail(ReturnCode.DNS_RDATA, at - 1);
            }
        }
        return at;
    }

    private int prefixes(NativeBuffer b, int from, int end) {
        int at = from;
        while (at < end) {
            if (at + 4 > end) {
                return fail(ReturnCode.DNS_RDATA_LENGTH, at);
            }
            int family = u16(b, at);
            int prefix = b.getByte(at + 2) & 0xff;
            int bytes = b.getByte(at + 3) & 0x7f;
            int max = family == 1 ? 4 : family == 2 ? 16 : 0;
            boolean isPadded = bytes > 0 && at + 3 + bytes < end && b.getByte(at + 3 + bytes) == 0;
            if (max == 0 || prefix > max * 8 || bytes > max || isPadded) {
                return fail(ReturnCode.DNS_RDATA, at);
            }
            at = bytes(at + 4, bytes, end);
            if (at < 0) {
                return at;
            }
        }
        return at;
    }

    private int hip(NativeBuffer b, int rdata, int end) {
        if (rdata + 4 > end) {
            return fail(ReturnCode.DNS_RDATA_LENGTH, rdata);
        }
        int tag = b.getByte(rdata) & 0xff;
        int key = u16(b, rdata + 2);
        if (tag == 0 || key == 0) {
            return fail(ReturnCode.DNS_RDATA, rdata); // the text format could not express it
        }
        int at = bytes(rdata + 4, tag + key, end);
        while (at >= 0 && at < end) {
            at = name(b, at, end);
        }
        return at;
    }

    private int gateway(NativeBuffer b, int kind, int at, int end) {
        return switch (kind) {
            case Gateway.NONE -> at;
            case Gateway.IPV4 -> bytes(at, 4, end);
            case Gateway.IPV6 -> bytes(at, 16, end);
            case Gateway.NAME -> name(b, at, end);
            default -> fail(ReturnCode.DNS_RDATA, at);
        };
    }

    // Service parameters

    private int params(NativeBuffer b, int from, int end) {
        int at = from;
        int last = -1;
        while (at < end) {
            if (at + 4 > end) {
                return fail(ReturnCode.DNS_RDATA_LENGTH, at);
            }
            int key = u16(b, at);
            int next = bytes(at + 4, u16(b, at + 2), end);
            if (next < 0) {
                return next;
            }
            if (key <= last || !isParam(b, key, at + 4, next)) {
                return fail(ReturnCode.DNS_RDATA, at);
            }
            last = key;
            at = next;
        }
        return at;
    }

    static boolean isParam(NativeBuffer b, int key, int at, int end) {
        int bytes = end - at;
        return switch (key) {
            case SvcParamKey.MANDATORY -> isMandatory(b, at, end);
            case SvcParamKey.ALPN -> isProtocols(b, at, end);
            case SvcParamKey.NO_DEFAULT_ALPN, SvcParamKey.OHTTP -> bytes == 0;
            case SvcParamKey.PORT -> bytes == 2;
            case SvcParamKey.IPV4HINT -> bytes > 0 && bytes % 4 == 0;
            case SvcParamKey.IPV6HINT -> bytes > 0 && bytes % 16 == 0;
            default -> true;
        };
    }

    /** Checks mandatory keys: in ascending order, without the key of the list itself. */
    private static boolean isMandatory(NativeBuffer b, int from, int end) {
        int last = SvcParamKey.MANDATORY;
        for (int at = from; at + 2 <= end; at += 2) {
            int key = u16(b, at);
            if (key <= last) {
                return false;
            }
            last = key;
        }
        return end > from && (end - from) % 2 == 0;
    }

    private static boolean isProtocols(NativeBuffer b, int from, int end) {
        int at = from;
        while (at < end && b.getByte(at) != 0) {
            at += 1 + (b.getByte(at) & 0xff);
        }
        return at == end && end > from;
    }

    // EDNS options

    private int options(NativeBuffer b, int from, int end) {
        int at = from;
        for (int count = 0; at < end; count++) {
            int next = at + 4 > end ? -1 : at + 4 + u16(b, at + 2);
            if (next < 0 || next > end || count == Edns.MAX_OPTIONS
                    || !isOption(b, u16(b, at), at + 4, next)) {
                return fail(ReturnCode.DNS_OPTION, at);
            }
            at = next;
        }
        return at;
    }

    private boolean isOption(NativeBuffer b, int code, int at, int end) {
        int bytes = end - at;
        return switch (code) {
            case EdnsOption.COOKIE -> bytes == 8 || bytes >= 16 && bytes <= 40;
            case EdnsOption.CLIENT_SUBNET -> isSubnet(b, at, end);
            case EdnsOption.TCP_KEEPALIVE -> bytes == 0 || bytes == 2;
            case EdnsOption.EXTENDED_ERROR -> bytes >= 2;
            case EdnsOption.REPORT_CHANNEL -> bytes == 0 || name(b, at, end) == end;
            default -> true;
        };
    }

    /** Checks an address: as many octets as the prefix needs, and zero bits behind the prefix. */
    private static boolean isSubnet(NativeBuffer b, int at, int end) {
        if (end - at < 4) {
            return false;
        }
        int family = u16(b, at);
        int prefix = b.getByte(at + 2) & 0xff;
        int max = family == 1 ? 32 : family == 2 ? 128 : 0;
        int rest = prefix & 7;
        boolean isClean = rest == 0 || end - at < 5 || (b.getByte(end - 1) & 0xff >> rest) == 0;
        return prefix <= max && (b.getByte(at + 3) & 0xff) <= max && isClean
                && end - at == 4 + (prefix + 7) / 8;
    }

    static int u16(NativeBuffer b, int at) {
        return b.getChar(at, BIG_ENDIAN);
    }
}
