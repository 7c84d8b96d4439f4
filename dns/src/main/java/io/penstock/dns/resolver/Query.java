package io.penstock.dns.resolver;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.dns.iana.EdnsOption;
import io.penstock.dns.iana.HeaderFlag;
import io.penstock.dns.iana.Rcode;
import io.penstock.dns.iana.RecordClass;
import io.penstock.dns.wire.Message;
import io.penstock.dns.wire.MessageWriter;
import io.penstock.dns.wire.Name;
import io.penstock.dns.wire.Section;
import io.penstock.udp.UdpSocket;

/**
 * A question that is being asked: its name and type, what the servers have said so far, and the
 * packet of the current attempt. Queries are pooled in a {@link QueryTable}.
 *
 * <pre>
 *   memory   0 the name of the question       256 the name asked now, an alias's target perhaps
 *          512 the name asked now, as sent    768 the length of the message, then the message
 * </pre>
 */
final class Query {
    static final int NONE = -1;

    static final int UDP = 0;
    static final int TCP = 1;
    static final int SECURE = 2;

    static final int FREE = 0;
    static final int WAITING = 1; // for an answer, until the deadline
    static final int BACKING_OFF = 2; // until the deadline, when it is sent or ends
    static final int ENDING = 3; // the waiting lookups get the answer

    static final int NAME = 0;
    static final int CURRENT = NameKeys.ROOM;
    static final int SENT = 2 * NameKeys.ROOM;
    static final int MESSAGE = 3 * NameKeys.ROOM;
    static final int MESSAGE_BYTES = 512;
    static final int PREFIX_BYTES = 2;

    static final int PAYLOAD_BYTES = 1232;
    private static final int PADDED_TO = 128; // RFC 8467 4.1

    final int index;
    final NativeBuffer memory = NativeBuffer.allocate(MESSAGE + MESSAGE_BYTES);
    final NativeBuffer current = new NativeBuffer();
    int state = FREE;
    int type;
    int hash;
    int nameLength;
    int firstWaiter = NONE; // a request's index * PARTS + part

    // Of the question
    int attempts;
    int round;
    int tried; // a bit for each server that was asked in this round
    int failed; // a bit for each server that has said that it has no answer
    int failure; // the code if no server has an answer
    int verdict; // the code that ends the query at the deadline; 0 for another attempt
    int shortages; // of resources on this machine, in a row
    int cnames;
    long ttl;
    boolean needsTcp;
    boolean distrusts; // an answer was dropped for its letter case or its missing cookie alone
    boolean hadBadCookie;
    Server pinned; // the server of the next attempt, or null
    int sent; // packets

    // Of the attempt
    Server server;
    int serverIndex;
    int serverLife; // of the server when it was asked: see Server.life()
    int transport;
    int id;
    int messageLength;
    boolean hasEdns;
    boolean hasCookie;
    boolean hasRandomCase;
    long sentNs;
    long deadlineNs;
    UdpSocket socket;
    ServerConnection connection;

    Query(int index) {
        this.index = index;
        current.wrap(memory, CURRENT, NameKeys.ROOM);
    }

    void begin(NativeBuffer name, int offset, int length, int type, int hash) {
        memory.putBytes(NAME, name, offset, length);
        memory.putBytes(CURRENT, name, offset, length);
        nameLength = length;
        this.type = type;
        this.hash = hash;
        firstWaiter = NONE;
        cnames = 0;
        ttl = Long.MAX_VALUE;
        sent = 0;
        beginName();
    }

    /** Asks for the target of an alias, as if the target had been asked for at first. */
    void followAlias(NativeBuffer target, int cnames, long ttl) {
        Name.copy(target, 0, memory, CURRENT, CURRENT + NameKeys.ROOM);
        this.cnames = cnames;
        this.ttl = ttl;
        beginName();
    }

    /** Makes every server eligible again, because the servers have changed. */
    void clearTried() {
        tried = 0;
        failed = 0;
    }

    /** Resets everything that the servers have said of the current name. */
    void beginName() {
        attempts = 0;
        round = 0;
        clearTried();
        failure = 0;
        shortages = 0;
        verdict = 0;
        needsTcp = false;
        distrusts = false;
        hadBadCookie = false;
        pinned = null;
    }

    /** Whether the query waits for an answer or for its next attempt, so that lookups may join. */
    boolean isPending() {
        return state == WAITING || state == BACKING_OFF;
    }

    /**
     * Gives back the socket or the connection of the last attempt. An answer to that attempt is not
     * received any more.
     */
    void releaseTransport(long nowNs) {
        UdpTransport.release(this);
        if (connection != null) {
            connection.release(this, nowNs);
        }
    }

    boolean isFor(NativeBuffer name, int offset, int length, int type, int hash) {
        return this.hash == hash && this.type == type && nameLength == length
                && NameKeys.equal(memory, NAME, name, offset, length);
    }

    // The message

    /** Writes the packet: 0 or a code. There is room for any name. */
    int write(MessageWriter writer, Entropy entropy, ResolverConfig config, boolean wantsAd,
            long nowNs) {
        id = entropy.bits16();
        hasEdns = config.edns && server.hasEdns(nowNs);
        hasCookie = hasEdns && config.cookies && transport != SECURE;
        hasRandomCase = config.randomCase && !server.foldsCase();
        int n = Name.copy(memory, CURRENT, memory, SENT, SENT + NameKeys.ROOM);
        if (hasRandomCase) {
            mixCase(entropy, n);
        }
        writer.wrapTcp(memory, MESSAGE, MESSAGE_BYTES);
        writer.header(id, HeaderFlag.RD | (wantsAd ? HeaderFlag.AD : 0));
        int rc = writer.question(memory, SENT, type, RecordClass.IN);
        if (hasEdns) {
            writer.beginEdns(PAYLOAD_BYTES, 0, 0, 0);
            if (hasCookie) {
                int length = server.cookieLength(entropy);
                writer.option(EdnsOption.COOKIE, server.cookie(), 0, length);
            }
            if (transport == SECURE) {
                writer.pad(PADDED_TO);
            }
            rc = Math.min(rc, writer.end());
        }
        messageLength = writer.finish() - PREFIX_BYTES;
        return Math.min(0, rc);
    }

    private void mixCase(Entropy entropy, int length) {
        int bits = 0;
        for (int i = 0; i < length; i++) {
            if (i % Integer.SIZE == 0) {
                bits = entropy.bits32();
            }
            byte c = memory.getByte(SENT + i);
            if (c >= 'a' && c <= 'z') {
                memory.putByte(SENT + i, (byte) (c ^ (bits & 1) << 5));
            }
            bits >>>= 1;
        }
    }

    /** Whether a response has this query's id and, letter case aside, its question. */
    boolean isAnsweredBy(Message message) {
        return message.id() == id && message.has(HeaderFlag.QR) && message.opcode() == 0
                && message.count(0) == 1 && hasQuestion(message);
    }

    private boolean hasQuestion(Message message) {
        message.rewind();
        message.nextQuestion();
        return message.questionType() == type && message.questionClass() == RecordClass.IN
                && Name.equals(message.buffer(), message.questionName(), memory, SENT);
    }

    /** Whether the name has the letter case that was sent; after {@link #isAnsweredBy}. */
    private boolean hasSameCase(Message message) {
        return Name.equalsExactly(message.buffer(), message.questionName(), memory, SENT);
    }

    private boolean expectsCookie() {
        return hasCookie && server.hasServerCookie();
    }

    /** Whether a response is FORMERR without a question, as servers without EDNS send it. */
    boolean isRefusalOfEdns(Message message) {
        return hasEdns && !expectsCookie() && message.id() == id
                && message.has(HeaderFlag.QR) && message.rcode() == Rcode.FORMERR
                && message.count(Section.QUESTION) == 0;
    }

    /**
     * Whether a response can be believed. A response with another letter case, or without the
     * expected cookie, may be forged: it is believed over a connection, not as a datagram.
     */
    boolean isTrue(Message message) {
        if (!isAnsweredBy(message)) {
            return false;
        }
        boolean isDatagram = transport == UDP;
        if (hasRandomCase && !hasSameCase(message)) {
            distrusts = true;
            if (isDatagram) {
                return false;
            }
            server.setFoldsCase();
        }
        if (expectsCookie() && !Server.hasCookie(message.edns())) {
            distrusts = true;
            if (isDatagram) {
                return false;
            }
            server.discardServerCookie();
        }
        return !hasCookie || server.isCookieGood(message.edns(), message.buffer());
    }
}
