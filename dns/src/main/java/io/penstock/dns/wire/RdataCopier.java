package io.penstock.dns.wire;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.dns.iana.RdataField;
import io.penstock.dns.iana.RdataLayout;

/** Copies the data of a record: writes its names anew, and the octets between them unchanged. */
final class RdataCopier {
    private final MessageWriter writer;

    RdataCopier(MessageWriter writer) {
        this.writer = writer;
    }

    void copy(ResourceRecord record) {
        int rdata = record.rdataOffset();
        int end = rdata + record.rdataLength();
        RdataLayout layout = record.layout();
        if (rdata == end || !layout.hasNames()) {
            copyBytes(record.buffer(), rdata, end);
            return;
        }
        int first = layout.firstName();
        int at = copyBytes(record.buffer(), rdata, record.offset(first));
        for (int i = first; i < layout.count() && at < end; i++) {
            at = layout.field(i).isName() ? copyName(record, at)
                    : copyOthers(record, layout.field(i), at);
        }
    }

    private int copyOthers(ResourceRecord record, RdataField field, int offset) {
        NativeBuffer from = record.buffer();
        int rdata = record.rdataOffset();
        int end = rdata + record.rdataLength();
        return switch (field) {
            case HIP -> copyHip(record, offset, end);
            case GATEWAY -> copyGateway(record, from.getByte(rdata + 1), offset);
            case RELAY -> {
                writer.u8(from.getByte(offset));
                yield copyGateway(record, from.getByte(offset) & 0x7f, offset + 1);
            }
            default -> copyBytes(from, offset, end);
        };
    }

    private int copyName(ResourceRecord record, int offset) {
        NativeBuffer from = record.buffer();
        writer.name(record, Name.label(from, offset));
        return offset + Name.bytesInPlace(from, offset);
    }

    private int copyBytes(NativeBuffer from, int offset, int to) {
        writer.bytes(from, offset, to - offset);
        return to;
    }

    private int copyHip(ResourceRecord record, int offset, int end) {
        NativeBuffer from = record.buffer();
        int length = (from.getByte(offset) & 0xff) + RdataChecker.u16(from, offset + 2);
        int next = copyBytes(from, offset, offset + 4 + length);
        while (next < end) {
            next = copyName(record, next);
        }
        return next;
    }

    private int copyGateway(ResourceRecord record, int kind, int offset) {
        return switch (kind) {
            case Gateway.IPV4 -> copyBytes(record.buffer(), offset, offset + 4);
            case Gateway.IPV6 -> copyBytes(record.buffer(), offset, offset + 16);
            case Gateway.NAME -> copyName(record, offset);
            default -> offset;
        };
    }
}
