package io.penstock.samples;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.dns.iana.HeaderFlag;
import io.penstock.dns.iana.Rcode;
import io.penstock.dns.iana.RecordClass;
import io.penstock.dns.iana.RecordType;
import io.penstock.dns.wire.Edns;
import io.penstock.dns.wire.Message;
import io.penstock.dns.wire.Name;

/**
 * Turns a question into its answer, in place: the header and the question stay where they are, so
 * that the asker gets back the letters that it sent.
 *
 * <p><b>Threading</b>: one thread. <b>Allocation</b>: none after construction. <b>See</b>:
 * RFC 1034 4.3.2, RFC 6891, RFC 6672, RFC 8482, RFC 8906.
 */
final class Responder {
    /** What an answer may take beyond its limit while it is made. */
    static final int SLACK_BYTES = 512;

    private static final int HEADER_BYTES = Message.HEADER_BYTES;
    private static final int UDP_BYTES = 512;
    private static final int EDNS_UDP_BYTES = 1232; // fits any path (DNS flag day 2020)
    private static final int OPT_BYTES = 11;
    private static final int MAX_STEPS = 8;
    private static final int OPCODE_BITS = 0x7800;
    private static final int OPT_TYPE_AT = 1;
    // The four counts as they lie in memory, read as one number.
    private static final long QUESTION = Long.reverseBytes(0x0001_0000_0000_0000L);
    private static final long QUESTION_AND_EDNS = Long.reverseBytes(0x0001_0000_0000_0001L);

    private final Zone zone;
    private final Message message = new Message();
    private final int[] steps = new int[MAX_STEPS];

    // The question that is being answered.
    private NativeBuffer b;
    private int at;
    private int flags;
    private int nameBytes;
    private boolean hasEdns;
    private int ednsFlags;
    private int limit;
    private int name; // the one that an answer is wanted for, and its length
    private int nameLength;

    Responder(Zone zone) {
        this.zone = zone;
    }

    /**
     * Answers a message.
     *
     * @param b that holds it, and takes the answer
     * @param at where it begins
     * @param length of it
     * @param isUdp whether the answer must fit a datagram
     * @param room for the answer, {@link #SLACK_BYTES} apart
     * @return the answer's length, or 0 if there is none to give
     */
    int answer(NativeBuffer b, int at, int length, boolean isUdp, int room) {
        if (length < HEADER_BYTES) {
            return 0;
        }
        this.b = b;
        this.at = at;
        flags = b.getShort(at + 2, BIG_ENDIAN);
        if ((flags & HeaderFlag.QR) != 0) {
            return 0; // two servers would answer each other for ever
        }
        if ((flags & OPCODE_BITS) != 0) {
            return header(Rcode.NOTIMP);
        }
        long counts = b.getLong(at + 4);
        hasEdns = counts == QUESTION_AND_EDNS;
        ednsFlags = 0;
        int question = hasEdns || counts == QUESTION ? question(at + length) : -1;
        limit = isUdp ? UDP_BYTES : room;
        if (question >= 0 && hasEdns) {
            return edns(question, at + length, isUdp, room);
        }
        return question < 0 ? unusual(length, isUdp, room) : respond();
    }

    /** Takes the name's length: where what follows the question begins, or -1. */
    private int question(int end) {
        int name = at + HEADER_BYTES;
        int i = name;
        while (i < end) {
            int n = b.getByte(i);
            i += n + 1;
            if (n <= 0 || n > Name.MAX_LABEL_BYTES) {
                nameBytes = i - name;
                return n == 0 && nameBytes <= Name.MAX_BYTES && i + 4 <= end ? i + 4 : -1;
            }
        }
        return -1;
    }

    private int edns(int opt, int end, boolean isUdp, int room) {
        boolean isOpt = opt + OPT_BYTES <= end && b.getByte(opt) == 0
                && b.getShort(opt + OPT_TYPE_AT, BIG_ENDIAN) == RecordType.OPT;
        if (!isOpt || !hasGoodOptions(opt + OPT_BYTES, end, u16(opt + OPT_BYTES - 2))) {
            return unusual(end - at, isUdp, room);
        }
        return edns(u16(opt + 3), b.getByte(opt + 6), u16(opt + 7), isUdp, room);
    }

    private boolean hasGoodOptions(int from, int end, int length) {
        int i = from;
        while (i + 4 <= from + length && from + length <= end) {
            i += 4 + u16(i + 2);
        }
        return i == from + length && i <= end;
    }

    private int edns(int payload, int version, int flags, boolean isUdp, int room) {
        hasEdns = true;
        ednsFlags = flags & Edns.DNSSEC_OK | (version == 0 ? 0 : Rcode.BADVERS >>> 4 << 24);
        limit = !isUdp ? room
                : Math.min(Math.min(Math.max(payload, UDP_BYTES), EDNS_UDP_BYTES), room);
        return version != 0 ? empty(0, 0) : respond();
    }

    /** With more records than a question has, or malformed: read with care. */
    private int unusual(int length, boolean isUdp, int room) {
        hasEdns = false;
        if (message.wrap(b, at, length) < 0 || !message.nextQuestion()
                || message.nextQuestion() || question(at + length) < 0) {
            return header(Rcode.FORMERR);
        }
        Edns edns = message.edns();
        return edns == null ? respond()
                : edns(edns.payloadSize(), edns.version(), edns.flags(), isUdp, room);
    }

    private int respond() {
        name = at + HEADER_BYTES;
        int type = u16(name + nameBytes);
        int recordClass = u16(name + nameBytes + 2);
        if (recordClass != RecordClass.IN && recordClass != RecordClass.ANY || isRefused(type)) {
            return empty(Rcode.REFUSED, 0);
        }
        int answer = zone.find(b, name, nameBytes, type);
        if (answer == 0) {
            return empty(Rcode.REFUSED, 0);
        }
        int to = name + nameBytes + 4;
        int end = to + zone.bodyBytes(answer);
        int mode = zone.mode(answer);
        if (end - at + opt() > limit) {
            return empty(zone.flags(answer) & 0xf, zone.flags(answer) & HeaderFlag.AA
                    | HeaderFlag.TC);
        }
        zone.copy(answer, b, at, to, name, nameBytes);
        b.putLong(at + 4, zone.counts(answer));
        return mode == Zone.FINAL ? finish(zone.flags(answer), end) : follow(answer, type, end);
    }

    private static boolean isRefused(int type) {
        return type != RecordType.ANY && type >= RecordType.TKEY && type < RecordType.ANY
                || type == RecordType.OPT;
    }

    /** An alias: behind it what is answered for its target, while that is in the zone. */
    private int follow(int first, int type, int firstEnd) {
        int found = first;
        int answers = zone.count(first, 1);
        int end = firstEnd;
        nameLength = nameBytes;
        for (int step = 0; step < MAX_STEPS && found != 0 && zone.mode(found) != Zone.FINAL;) {
            steps[step++] = found;
            answers += zone.mode(found) == Zone.DNAME ? 1 : 0;
            end = aliasEnd(found, end);
            if (nameLength < 0) {
                b.putShort(at + 6, (short) (answers - 1), BIG_ENDIAN);
                return finish(HeaderFlag.AA | Rcode.YXDOMAIN, end);
            }
            found = type == RecordType.CNAME ? 0 : zone.find(b, name, nameLength, type);
            found = isAmong(found, step) ? 0 : found;
            int more = found == 0 ? 0 : zone.bodyBytes(found);
            if (end + more - at + opt() > limit) {
                return empty(found == 0 ? 0 : zone.flags(found) & 0xf,
                        HeaderFlag.AA | HeaderFlag.TC);
            }
            if (found != 0) {
                zone.copy(found, b, at, end, name, nameLength);
                end += more;
                answers += zone.count(found, 1);
                b.putShort(at + 8, (short) zone.count(found, 2), BIG_ENDIAN);
                b.putShort(at + 10, (short) zone.count(found, 3), BIG_ENDIAN);
            }
        }
        b.putShort(at + 6, (short) answers, BIG_ENDIAN);
        return finish(HeaderFlag.AA | (found == 0 ? 0 : zone.flags(found) & 0xf), end);
    }

    /** Goes on to the name that an answer's alias leads to; a length below 0 if it is too long. */
    private int aliasEnd(int answer, int end) {
        if (zone.mode(answer) == Zone.ALIAS) {
            nameLength = zone.aliasBytes(answer);
            name = end - nameLength;
            return end;
        }
        nameLength = zone.writeAlias(answer, b, at, end, name);
        name = end + Zone.ALIAS_HEAD_BYTES;
        return nameLength < 0 ? end : name + nameLength;
    }

    private boolean isAmong(int answer, int count) {
        for (int i = 0; i < count; i++) {
            if (steps[i] == answer) {
                return true;
            }
        }
        return false;
    }

    // The end of an answer

    private int opt() {
        return hasEdns ? OPT_BYTES : 0;
    }

    /** Header and question alone. */
    private int empty(int rcode, int more) {
        b.putLong(at + 4, QUESTION);
        return finish(more | rcode, at + HEADER_BYTES + nameBytes + 4);
    }

    private int finish(int result, int end) {
        b.putShort(at + 2, (short) (HeaderFlag.QR | flags & HeaderFlag.RD | result), BIG_ENDIAN);
        if (!hasEdns) {
            return end - at;
        }
        b.putShort(at + 10, (short) (u16(at + 10) + 1), BIG_ENDIAN);
        b.putByte(end, (byte) 0);
        b.putInt(end + 1, RecordType.OPT << 16 | EDNS_UDP_BYTES, BIG_ENDIAN);
        b.putInt(end + 5, ednsFlags, BIG_ENDIAN);
        b.putShort(end + 9, (short) 0);
        return end + OPT_BYTES - at;
    }

    /** The header alone: what followed it was not understood. */
    private int header(int rcode) {
        b.putShort(at + 2, (short) (HeaderFlag.QR | flags & (OPCODE_BITS | HeaderFlag.RD) | rcode),
                BIG_ENDIAN);
        b.putLong(at + 4, 0);
        return HEADER_BYTES;
    }

    private int u16(int offset) {
        return b.getShort(offset, BIG_ENDIAN) & 0xffff;
    }
}
