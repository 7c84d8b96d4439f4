package io.penstock.simulation;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.dns.iana.EdnsOption;
import io.penstock.dns.iana.HeaderFlag;
import io.penstock.dns.iana.Rcode;
import io.penstock.dns.iana.RecordClass;
import io.penstock.dns.iana.RecordType;
import io.penstock.dns.wire.Edns;
import io.penstock.dns.wire.Message;
import io.penstock.dns.wire.MessageWriter;
import io.penstock.dns.wire.NameText;
import io.penstock.dns.wire.Section;
import java.util.Locale;

/** What a name server answers: the truth of {@link Zone}, or lies that nobody may believe. */
final class Reply {
    private static final int MOST_BYTES = 4_000;
    private static final int PLAIN_BYTES = 512; // of a datagram, without EDNS
    private static final int COOKIE_BYTES = 16; // of both halves
    private static final int FLAGS = HeaderFlag.QR | HeaderFlag.RD | HeaderFlag.RA;
    private static final int TEXT_BYTES = 250;
    private static final int POINTER_TTL = 30;
    private static final int NAME_LIMIT = 255;

    private final Lookups lookups;
    private final Faults faults;
    private final boolean hasCookies;
    private final Message message = new Message();
    private final MessageWriter writer = new MessageWriter();
    private final NativeBuffer name = NativeBuffer.allocate(NAME_LIMIT + 1);
    private final NativeBuffer owner = NativeBuffer.allocate(NAME_LIMIT + 1);
    private final NativeBuffer cookie = NativeBuffer.allocate(COOKIE_BYTES);
    private NativeBuffer out;
    private int cookieLength; // of the question's

    Reply(Lookups lookups) {
        this.lookups = lookups;
        faults = lookups.faults;
        hasCookies = lookups.world.random.nextBoolean();
    }

    private String read(byte[] query) {
        NativeBuffer copy = NativeBuffer.allocate(query.length);
        copy.putBytes(0, query);
        Scenario.check(message.wrap(copy, 0, query.length) == 0 && message.nextQuestion(),
                "a query that is none");
        cookieLength = 0;
        Edns edns = message.edns();
        if (edns != null && edns.find(EdnsOption.COOKIE)) {
            cookieLength = edns.optionLength();
            cookie.putBytes(0, copy, edns.optionOffset(), Edns.CLIENT_COOKIE_BYTES);
            cookie.putLong(Edns.CLIENT_COOKIE_BYTES, cookie.getLong(0) * 31); // our half
        }
        message.rewind();
        message.nextQuestion();
        return NameText.append(new StringBuilder(), copy, message.questionName()).toString();
    }

    private void begin(int id, String question, int flags) {
        out = NativeBuffer.allocate(MOST_BYTES);
        writer.wrap(out, 0, MOST_BYTES);
        writer.header(id, FLAGS | flags);
        parse(question, name);
        writer.question(name, 0, message.questionType(), RecordClass.IN);
    }

    private static void parse(String text, NativeBuffer to) {
        Scenario.check(NameText.parse(text, to, 0, NAME_LIMIT) > 0, "no name: " + text);
    }

    private NativeBuffer finished() {
        int n = writer.finish();
        Scenario.check(n > 0, "an answer that cannot be written: " + n);
        NativeBuffer whole = NativeBuffer.allocate(n);
        whole.putBytes(0, out, 0, n);
        return whole;
    }

    // Lies

    /** What would do harm if it were believed; something about it is not as it should be. */
    NativeBuffer poisoned(byte[] query, int otherId, boolean isOtherQuestion) {
        String question = read(query);
        begin(message.id() ^ otherId, isOtherQuestion ? "poison.one.sim." : question, 0);
        poison(question);
        return finished();
    }

    private void poison(String question) {
        writer.section(Section.ANSWER);
        parse(question, owner);
        if (message.questionType() == RecordType.AAAA) {
            record(RecordType.AAAA, 3_600).u64(Zone.POISON_HIGH).u64(1).end();
        } else {
            record(RecordType.A, 3_600).u32(Zone.POISON).end();
        }
    }

    private MessageWriter record(int type, int ttl) {
        return writer.begin(owner, 0, type, RecordClass.IN, ttl);
    }

    // The truth

    NativeBuffer to(byte[] query, boolean isTcp) {
        String asked = read(query);
        boolean hasEdns = message.edns() != null;
        String question = faults.happens(Fault.WRONG_CASE) ? asked.toLowerCase(Locale.ROOT) : asked;
        if (hasEdns && faults.happens(Fault.FORMERR)) {
            return refusal(question, Rcode.FORMERR);
        }
        if (faults.happens(Fault.SERVFAIL)) {
            return refusal(question, Rcode.SERVFAIL);
        }
        if (faults.happens(Fault.REFUSED)) {
            return refusal(question, Rcode.REFUSED);
        }
        begin(message.id(), question, 0);
        if (cookieLength > 0 && hasCookies && faults.happens(Fault.BADCOOKIE)) {
            writer.header(message.id(), FLAGS | Rcode.BADCOOKIE & 0xf);
            edns(Rcode.BADCOOKIE >>> 4, 0);
            return finished();
        }
        if (cookieLength > 0 && !isTcp && faults.happens(Fault.WRONG_COOKIE)) {
            poison(asked);
            edns(0, 1);
            return finished();
        }
        if (!isTcp && faults.happens(Fault.TRUNCATED)) {
            return truncated(question, hasEdns);
        }
        answer(asked.toLowerCase(Locale.ROOT));
        if (hasEdns) {
            edns(0, 0);
        }
        NativeBuffer whole = finished();
        int most = isTcp ? MOST_BYTES : hasEdns ? message.edns().payloadSize() : PLAIN_BYTES;
        return whole.capacity() <= most ? whole : truncated(question, hasEdns);
    }

    private NativeBuffer refusal(String question, int rcode) {
        begin(message.id(), question, rcode);
        if (message.edns() != null && rcode != Rcode.FORMERR) {
            edns(0, 0);
        }
        return finished();
    }

    private NativeBuffer truncated(String question, boolean hasEdns) {
        begin(message.id(), question, HeaderFlag.TC);
        if (hasEdns) {
            edns(0, 0);
        }
        return finished();
    }

    private void edns(int extendedRcode, int wrong) {
        writer.beginEdns(1232, extendedRcode, 0, 0);
        boolean isTold = wrong != 0 || extendedRcode != 0
                || hasCookies && !faults.happens(Fault.NO_COOKIE);
        if (cookieLength > 0 && isTold) {
            cookie.putByte(0, (byte) (cookie.getByte(0) ^ wrong));
            writer.option(EdnsOption.COOKIE, cookie, 0, COOKIE_BYTES);
        }
        writer.end();
    }

    private void answer(String question) {
        int type = message.questionType();
        if (faults.happens(Fault.LAME)) {
            writer.section(Section.AUTHORITY);
            parse("sim.", owner);
            record(RecordType.NS, 60).name(owner, 0).end();
            return;
        }
        Zone pointed = type == RecordType.PTR ? Lookups.pointed(question) : null;
        Zone zone = Zone.of(question);
        if (pointed != null) {
            writer.section(Section.ANSWER);
            parse(question, owner);
            parse(pointed.toString(), name);
            record(type, POINTER_TTL).name(name, 0).end();
        } else if (zone == null || zone.expected(type) < 0) {
            nothing(zone != null && zone.expected(type) == ReturnCode.DNS_NODATA);
        } else {
            writer.section(Section.ANSWER);
            parse(question, owner);
            if (zone.isAlias()) {
                parse(zone.target().toString(), name);
                record(RecordType.CNAME, zone.ttl()).name(name, 0).end();
                if (lookups.world.random.nextBoolean()) {
                    return; // who wants to know more must ask
                }
                parse(zone.target().toString(), owner);
            }
            records(zone.target(), type);
        }
    }

    private void nothing(boolean isThere) {
        writer.header(message.id(), FLAGS | (isThere ? 0 : Rcode.NXDOMAIN));
        writer.section(Section.AUTHORITY);
        parse("sim.", owner);
        record(RecordType.SOA, Zone.NEGATIVE_TTL).name(owner, 0).name(owner, 0)
                .u32(1).u32(2).u32(3).u32(4).u32(Zone.NEGATIVE_TTL).end();
    }

    private void records(Zone zone, int type) {
        long nowNs = lookups.clientNs();
        switch (type) {
            case RecordType.A -> record(type, zone.ttl()).u32(zone.ipv4(nowNs)).end();
            case RecordType.AAAA ->
                record(type, zone.ttl()).u64(zone.ipv6High()).u64(zone.ipv4(nowNs)).end();
            default -> {
                MessageWriter text = record(type, zone.ttl());
                for (int i = 0; i < zone.textStrings(); i++) {
                    text.u8(TEXT_BYTES);
                    for (int k = 0; k < TEXT_BYTES; k++) {
                        text.u8('a' + zone.name());
                    }
                }
                text.end();
            }
        }
    }
}
