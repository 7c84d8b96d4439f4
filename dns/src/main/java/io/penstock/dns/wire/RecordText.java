package io.penstock.dns.wire;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.dns.iana.CertificateType;
import io.penstock.dns.iana.Rcode;
import io.penstock.dns.iana.RdataField;
import io.penstock.dns.iana.RdataLayout;
import io.penstock.dns.iana.RecordClass;
import io.penstock.dns.iana.RecordType;

/**
 * Records as lines of text in the format of zone files, which {@link ZoneReader} reads.
 *
 * <p><b>Threading</b>: any; a {@link TextWriter} is for one thread. <b>Allocation</b>: none, except
 * where a {@link StringBuilder} grows. <b>See</b>: RFC 1035 5.1, RFC 3597 5, RFC 9460 2.1.
 */
public final class RecordText {
    private RecordText() {
    }

    /**
     * Writes a record: owner, TTL, class, type and data, separated by blanks.
     *
     * @param record a record that was checked
     * @param out takes the text
     * @return {@link TextWriter#result}
     */
    public static int print(ResourceRecord record, TextWriter out) {
        NameText.print(record.buffer(), record.owner(), out);
        int recordClass = record.recordClass();
        int type = record.type();
        out.put(' ').number(record.ttl()).put(' ');
        out.mnemonic(RecordClass.name(recordClass), "CLASS", recordClass).put(' ');
        out.mnemonic(RecordType.name(type), "TYPE", type).put(' ');
        return printRdata(record, out);
    }

    /**
     * Appends a record in the format of {@link #print}.
     *
     * @param out takes the text
     * @param record a record that was checked
     * @return out
     */
    public static StringBuilder append(StringBuilder out, ResourceRecord record) {
        print(record, new TextWriter().wrap(out));
        return out;
    }

    /**
     * Writes the data of a record. Data that its type's format cannot express is written in the
     * format of RFC 3597 for unknown data.
     *
     * @param record a record that was checked
     * @param out takes the text
     * @return {@link TextWriter#result}
     */
    public static int printRdata(ResourceRecord record, TextWriter out) {
        RdataLayout layout = record.layout();
        NativeBuffer b = record.buffer();
        int rdata = record.rdataOffset();
        int end = rdata + record.rdataLength();
        if (isOpaque(layout, b, rdata, end)) {
            printOpaque(b, rdata, end, out);
            return out.result();
        }
        int at = rdata;
        for (int i = 0; i < layout.count(); i++) {
            RdataField field = layout.field(i);
            int next = record.next(i, at);
            if (next > at || isAlwaysThere(field)) {
                print(field, b, rdata, at, next, i > 0 ? out.put(' ') : out);
            }
            at = next;
        }
        return out.result();
    }

    private static boolean isOpaque(RdataLayout layout, NativeBuffer b, int rdata, int end) {
        return switch (layout.field(0)) {
            case OPAQUE, OPTIONS -> true;
            case PREFIXES -> false;
            case LOCATION -> rdata == end || !LocationText.isPrintable(b, rdata);
            default -> rdata == end;
        };
    }

    private static boolean isAlwaysThere(RdataField field) {
        return field == RdataField.TEXT || field == RdataField.GATEWAY;
    }

    private static void printOpaque(NativeBuffer b, int at, int end, TextWriter out) {
        out.put("\\# ").number(end - at);
        if (end > at) {
            out.put(' ').hex(b, at, end);
        }
    }

    private static void print(
            RdataField field, NativeBuffer b, int rdata, int at, int end, TextWriter out) {
        switch (field) {
            case U8, ALGORITHM -> out.number(b.getByte(at) & 0xff);
            case U16 -> out.number(RdataChecker.u16(b, at));
            case U32, PERIOD -> out.number(u32(b, at));
            case U48 -> out.number((long) RdataChecker.u16(b, at) << 32 | u32(b, at + 2));
            case TIME -> Numbers.printTime(u32(b, at), out);
            case TYPE -> printType(RdataChecker.u16(b, at), out);
            case CERTIFICATE_TYPE -> {
                int type = RdataChecker.u16(b, at);
                out.mnemonic(CertificateType.name(type), "", type);
            }
            case RCODE -> printRcode(RdataChecker.u16(b, at), out);
            case IPV4 -> AddressText.printIpv4(b, at, out);
            case IPV6 -> AddressText.printIpv6(b, at, out);
            case EUI48, EUI64 -> printMac(b, at, end, out);
            case LOCATOR64 -> printLocator(b, at, out);
            case LOCATION -> LocationText.print(b, at, out);
            case COMPRESSED_NAME, NAME -> NameText.print(b, at, out);
            case STRING, OPTIONAL_STRING -> out.quoted(b, at + 1, end);
            case STRINGS -> printStrings(b, at, end, out);
            case TAG -> printWord(b, at + 1, end, out);
            case TEXT -> out.quoted(b, at, end);
            case HEX -> out.hex(b, at, end);
            case NSAP -> out.put("0x").hex(b, at, end);
            case BASE64 -> out.base64(b, at, end);
            case HEX_8 -> (end == at + 1 ? out.put('-') : out).hex(b, at + 1, end);
            case BASE32_8 -> (end == at + 1 ? out.put('-') : out).base32(b, at + 1, end);
            case BASE64_16 -> printCounted(b, at + 2, end, out);
            case TYPES -> printTypes(b, at, end, out);
            case PREFIXES -> printPrefixes(b, at, end, out);
            case SVC_PARAMS -> SvcParamsText.print(b, at, end, out);
            case HIP -> printHip(b, at, end, out);
            case GATEWAY -> printGateway(b, b.getByte(rdata + 1), at, out);
            case RELAY -> printRelay(b, at, out);
            case OPAQUE, OPTIONS -> out.hex(b, at, end);
        }
    }

    static long u32(NativeBuffer b, int at) {
        return b.getInt(at, java.nio.ByteOrder.BIG_ENDIAN) & 0xffff_ffffL;
    }

    private static void printType(int type, TextWriter out) {
        out.mnemonic(RecordType.name(type), "TYPE", type);
    }

    /** The error code of TSIG and TKEY, where 16 has another name than in EDNS. */
    private static void printRcode(int code, TextWriter out) {
        out.mnemonic(code == Rcode.BADVERS ? Rcode.BADSIG_NAME : Rcode.name(code), "", code);
    }

    private static void printMac(NativeBuffer b, int at, int end, TextWriter out) {
        for (int i = at; i < end; i++) {
            int octet = b.getByte(i) & 0xff;
            AddressText.printGroup(octet, 2, i > at ? out.put('-') : out);
        }
    }

    private static void printLocator(NativeBuffer b, int at, TextWriter out) {
        for (int i = 0; i < 4; i++) {
            AddressText.printGroup(AddressText.group(b, at, i), 4, i > 0 ? out.put(':') : out);
        }
    }

    private static void printStrings(NativeBuffer b, int from, int end, TextWriter out) {
        for (int at = from; at < end;) {
            int next = at + 1 + (b.getByte(at) & 0xff);
            (at > from ? out.put(' ') : out).quoted(b, at + 1, next);
            at = next;
        }
    }

    private static void printWord(NativeBuffer b, int from, int end, TextWriter out) {
        for (int at = from; at < end; at++) {
            out.put((char) b.getByte(at));
        }
    }

    private static void printCounted(NativeBuffer b, int at, int end, TextWriter out) {
        out.number(end - at);
        if (end > at) {
            out.put(' ').base64(b, at, end);
        }
    }

    private static void printTypes(NativeBuffer b, int at, int end, TextWriter out) {
        int type = TypeBitmap.next(b, at, end - at, 0);
        for (boolean isFirst = true; type >= 0; isFirst = false) {
            printType(type, isFirst ? out : out.put(' '));
            type = TypeBitmap.next(b, at, end - at, type + 1);
        }
    }

    private static void printPrefixes(NativeBuffer b, int from, int end, TextWriter out) {
        for (int at = from; at < end;) {
            int family = RdataChecker.u16(b, at);
            int bytes = b.getByte(at + 3) & 0x7f;
            (at > from ? out.put(' ') : out).put(b.getByte(at + 3) < 0 ? "!" : "");
            out.number(family).put(':');
            if (family == 1) { // zero octets at the end are left out
                AddressText.printIpv4(b, at + 4, bytes, out);
            } else {
                AddressText.printIpv6(b, at + 4, bytes, out);
            }
            out.put('/').number(b.getByte(at + 2) & 0xff);
            at += 4 + bytes;
        }
    }

    private static void printHip(NativeBuffer b, int rdata, int end, TextWriter out) {
        int key = rdata + 4 + (b.getByte(rdata) & 0xff);
        int at = key + RdataChecker.u16(b, rdata + 2);
        out.number(b.getByte(rdata + 1) & 0xff).put(' ').hex(b, rdata + 4, key);
        out.put(' ').base64(b, key, at);
        while (at < end) {
            NameText.print(b, at, out.put(' '));
            at += Name.bytesInPlace(b, at);
        }
    }

    private static void printGateway(NativeBuffer b, int kind, int at, TextWriter out) {
        switch (kind) {
            case Gateway.IPV4 -> AddressText.printIpv4(b, at, out);
            case Gateway.IPV6 -> AddressText.printIpv6(b, at, out);
            case Gateway.NAME -> NameText.print(b, at, out);
            default -> out.put('.');
        }
    }

    private static void printRelay(NativeBuffer b, int at, TextWriter out) {
        int kind = b.getByte(at) & 0x7f;
        out.number(b.getByte(at) >>> 7 & 1).put(' ').number(kind).put(' ');
        printGateway(b, kind, at + 1, out);
    }
}
