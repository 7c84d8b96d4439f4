package io.penstock.dns.resolver;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Linux;
import io.penstock.dns.iana.HeaderFlag;
import io.penstock.dns.iana.Rcode;
import io.penstock.dns.iana.RecordClass;
import io.penstock.dns.iana.RecordType;
import io.penstock.dns.wire.Message;
import io.penstock.dns.wire.MessageWriter;
import io.penstock.dns.wire.Name;
import io.penstock.dns.wire.Rdata;
import io.penstock.dns.wire.ResourceRecord;
import io.penstock.dns.wire.Section;
import org.agrona.DirectBuffer;

/**
 * Extracts the answer from a response: the records of the type that was asked for, at the end of
 * the chain of aliases that begins at the name. From the authority section only the times of the
 * SOA are used, as the time to live of a negative answer (RFC 2308). The additional section is
 * ignored.
 */
final class AnswerReader {
    /** The chain ends at a name without records in the response: ask for {@link #target}. */
    static final int GOES_ON = 1;
    /** The response is a referral, or its server offers no recursion: ask another server. */
    static final int LAME = 2;
    /** The {@link Answer} is written, positive or negative. */
    static final int DONE = 0;

    static final int MAX_CNAMES = 11;

    private static final long MAX_WIRE_TTL = 0x7fff_ffffL;

    private final NativeBuffer target = NativeBuffer.allocate(NameKeys.ROOM);
    private final MessageWriter writer = new MessageWriter();
    private final NativeBuffer name = NativeBuffer.allocate(NameKeys.ROOM);
    private Message message;
    private NativeBuffer out;
    private int cnames;
    private long ttl;
    private boolean sawAlias;

    /** The number of aliases followed, those in earlier responses included. */
    int cnames() {
        return cnames;
    }

    /** The least time to live of the records that were used, in seconds. */
    long ttl() {
        return ttl;
    }

    /** The last name of the chain, after {@link #GOES_ON}. */
    NativeBuffer target() {
        return target;
    }

    /**
     * Reads a response that matches its question.
     *
     * @param cnames the number of aliases in earlier responses
     * @param ttl the least time to live of those aliases
     */
    int read(Message message, DirectBuffer key, int type, int cnames, long ttl,
            NativeBuffer out) {
        this.message = message;
        this.out = out;
        this.cnames = cnames;
        this.ttl = ttl;
        sawAlias = false;
        Name.copy(key, 0, name, 0, NameKeys.ROOM);
        if (!follow(type)) {
            return done(ReturnCode.DNS_CHAIN_TOO_LONG, 0);
        }
        int records = collect(type);
        if (records != 0) {
            return records < 0 ? done(records, this.ttl) : DONE;
        }
        return nothing();
    }

    /** Follows the aliases to the last name: false if there are too many, as in a loop. */
    private boolean follow(int type) {
        if (type == RecordType.CNAME || type == RecordType.ANY) {
            return true;
        }
        while (alias()) {
            sawAlias = true;
            if (++cnames > MAX_CNAMES) {
                return false;
            }
        }
        return true;
    }

    private boolean alias() {
        message.seek(Section.ANSWER);
        ResourceRecord record = nextAnswer(RecordType.CNAME);
        if (record == null) {
            return false;
        }
        keep(record.ttl());
        NameKeys.copy(record.buffer(), record.offset(Rdata.VALUE), name, 0);
        return true;
    }

    /** The next record of the answer section that has the name and the type, or null. */
    private ResourceRecord nextAnswer(int type) {
        while (message.nextRecord() && message.section() == Section.ANSWER) {
            if (isOf(message.record(), type)) {
                return message.record();
            }
        }
        return null;
    }

    private boolean isOf(ResourceRecord record, int type) {
        return record.recordClass() == RecordClass.IN && record.rdataLength() > 0
                && (record.type() == type || type == RecordType.ANY)
                && Name.equals(record.buffer(), record.owner(), name, 0);
    }

    private void keep(long recordTtl) {
        ttl = Math.min(ttl, recordTtl > MAX_WIRE_TTL ? 0 : recordTtl);
    }

    // Records

    private int collect(int type) {
        boolean isAddress = type == RecordType.A || type == RecordType.AAAA;
        begin(ReturnCode.OK);
        return isAddress ? addresses(type) : records(type);
    }

    private void begin(int result) {
        Answer.begin(out, 0, result);
        out.putInt(Answer.FLAGS, message.has(HeaderFlag.AD) ? Answer.AUTHENTIC : 0);
    }

    private int addresses(int type) {
        message.seek(Section.ANSWER);
        ResourceRecord record;
        while ((record = nextAnswer(type)) != null) {
            keep(record.ttl());
            if (type == RecordType.A) {
                Answer.add(out, 0, 0, 0xffff_0000_0000L | record.ipv4() & 0xffff_ffffL,
                        Linux.AF_INET, 0);
            } else {
                Answer.add(out, 0, record.ipv6High(), record.ipv6Low(), Linux.AF_INET6, 0);
            }
        }
        out.putLong(Answer.TTL, ttl);
        return out.getInt(Answer.COUNT);
    }

    private int records(int type) {
        writer.wrap(out, Answer.HEADER_BYTES, out.capacity() - Answer.HEADER_BYTES);
        writer.header(message.id(), message.flags());
        writer.question(name, 0, type, RecordClass.IN);
        writer.section(Section.ANSWER);
        int dropped = 0;
        int kept = 0;
        message.seek(Section.ANSWER);
        ResourceRecord record;
        while ((record = nextAnswer(type)) != null) {
            boolean isGood = isHost(record);
            dropped += isGood ? 0 : 1;
            kept += isGood && writer.record(record) == 0 ? 1 : 0;
            keep(record.ttl());
        }
        out.putInt(Answer.COUNT, kept);
        out.putInt(Answer.MESSAGE_LENGTH, writer.finish());
        out.putLong(Answer.TTL, ttl);
        return kept == 0 && dropped > 0 ? ReturnCode.DNS_HOST_NAME : kept;
    }

    /** Whether the host name in a record, if the type has one, is valid; others are dropped. */
    private boolean isHost(ResourceRecord record) {
        int field = switch (record.type()) {
            case RecordType.PTR -> isService() ? -1 : Rdata.VALUE;
            case RecordType.NS -> Rdata.VALUE;
            case RecordType.MX -> Rdata.MX_EXCHANGE;
            case RecordType.SRV -> Rdata.SRV_TARGET;
            default -> -1;
        };
        if (field < 0) {
            return true;
        }
        int at = record.offset(field);
        boolean mayBeRoot = record.type() == RecordType.MX || record.type() == RecordType.SRV;
        return mayBeRoot && Name.isRoot(record.buffer(), at)
                || Name.isHostName(record.buffer(), at);
    }

    /** Whether PTR records of the name point to services, with any characters: RFC 6763 4.1. */
    private boolean isService() {
        for (int at = 0; name.getByte(at) > 0; at += name.getByte(at) + 1) {
            if (name.getByte(at + 1) == '_') {
                return true;
            }
        }
        return false;
    }

    // Negative answers

    private int nothing() {
        long until = negativeTtl();
        if (message.rcode() == Rcode.NXDOMAIN) {
            return done(ReturnCode.DNS_NXDOMAIN, Math.max(0, until));
        }
        if (until >= 0) {
            return done(ReturnCode.DNS_NODATA, until);
        }
        if (sawAlias) {
            Name.copy(name, 0, target, 0, NameKeys.ROOM);
            return GOES_ON;
        }
        boolean refers = message.count(Section.AUTHORITY) > 0 && !message.has(HeaderFlag.AA)
                || !message.has(HeaderFlag.RA) && !message.has(HeaderFlag.AA);
        return refers ? LAME : done(ReturnCode.DNS_NODATA, 0);
    }

    private int done(int result, long seconds) {
        ttl = seconds;
        begin(result);
        out.putLong(Answer.TTL, seconds);
        return DONE;
    }

    /** The negative TTL of RFC 2308 5, from the SOA of a zone of the name; -1 without an SOA. */
    private long negativeTtl() {
        message.seek(Section.AUTHORITY);
        while (message.nextRecord() && message.section() == Section.AUTHORITY) {
            ResourceRecord record = message.record();
            if (record.type() == RecordType.SOA && record.recordClass() == RecordClass.IN
                    && record.rdataLength() > 0
                    && Name.isWithin(name, 0, record.buffer(), record.owner())) {
                keep(record.ttl());
                return Math.min(ttl, record.number(Rdata.SOA_MINIMUM));
            }
        }
        return -1;
    }
}
