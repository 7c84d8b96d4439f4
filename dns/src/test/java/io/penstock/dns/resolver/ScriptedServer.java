package io.penstock.dns.resolver;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.net.Close;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.Listener;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import io.penstock.dns.iana.EdnsOption;
import io.penstock.dns.iana.HeaderFlag;
import io.penstock.dns.iana.RecordClass;
import io.penstock.dns.iana.RecordType;
import io.penstock.dns.wire.Edns;
import io.penstock.dns.wire.Message;
import io.penstock.dns.wire.MessageWriter;
import io.penstock.dns.wire.NameText;
import io.penstock.dns.wire.Section;
import io.penstock.tls.TlsAcceptor;
import io.penstock.tls.TlsContext;
import io.penstock.tls.TlsStream;
import io.penstock.udp.DatagramBatch;
import io.penstock.udp.DatagramHandler;
import io.penstock.udp.UdpSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;

/**
 * A name server on loopback, over UDP and TCP at one port and TLS at another, that does what a
 * script says.
 */
final class ScriptedServer implements DatagramHandler, StreamHandler {
    final Endpoint at = Ports.free();
    final List<String> asked = new ArrayList<>();
    final UdpSocket udp;
    private final UdpSocket stranger;
    private final EventLoop loop;
    private final List<Listener> listeners = new ArrayList<>();
    final List<Stream> connections = new ArrayList<>();
    private final Message message = new Message();
    private final NativeBuffer streamed = NativeBuffer.allocate(1 << 17);
    private final int[] streamedEnd = new int[1];
    Consumer<Question> script = q -> q.reply().a(q.name, 300, "192.0.2.1").send();
    int accepted;

    ScriptedServer(EventLoop loop) {
        this.loop = loop;
        udp = new UdpSocket(loop, this, new DatagramBatch(8, 2048));
        stranger = new UdpSocket(loop, this, new DatagramBatch(8, 2048));
        Listener listener = new Listener(loop, this, 8).queue(new BufferPool(16, 70_000));
        require(udp.bind(at));
        require(udp.resume());
        Endpoint other = new Endpoint();
        other.parse("127.0.0.1:0");
        require(stranger.bind(other));
        require(listener.listen(at, 16));
        udp.release();
        stranger.release();
        listener.release();
        listeners.add(listener);
    }

    /** Listens there for DNS over TLS too. */
    void secure(TlsContext context, Endpoint where) {
        TlsAcceptor acceptor = new TlsAcceptor(context, this, 8).queue(new BufferPool(16, 70_000));
        Listener secure = new Listener(loop, acceptor, 8);
        require(secure.listen(where, 16));
        secure.release();
        listeners.add(secure);
    }

    static void require(int rc) {
        if (rc < 0) {
            throw new AssertionError(ReturnCode.describe(rc));
        }
    }

    void close() {
        udp.close();
        stranger.close();
        listeners.forEach(Listener::close);
        connections.forEach(Stream::close);
    }

    // One question, and the replies to it

    final class Question {
        final int number = asked.size();
        final Endpoint from = new Endpoint();
        final Stream stream;
        final NativeBuffer query;
        final String name;
        final int type;
        final int id;
        private final NativeBuffer out = NativeBuffer.allocate(1 << 16);
        private final NativeBuffer owner = NativeBuffer.allocate(512);
        private final MessageWriter writer = new MessageWriter();
        private int flags = HeaderFlag.QR | HeaderFlag.RD | HeaderFlag.RA;
        private int replyId;

        Question(NativeBuffer query, Stream stream) {
            this.query = query;
            this.stream = stream;
            message.wrap(query, 0, query.capacity());
            message.nextQuestion();
            name = text(message.questionName());
            type = message.questionType();
            id = message.id();
        }

        private String text(int offset) {
            return NameText.append(new StringBuilder(), query, offset).toString();
        }

        boolean isTcp() {
            return stream != null;
        }

        /** The name in lower case. */
        String lower() {
            return name.toLowerCase(Locale.ROOT);
        }

        Message message() {
            message.wrap(query, 0, query.capacity());
            return message;
        }

        boolean hasEdns() {
            return message().edns() != null;
        }

        /** The octets of an option of the question's, or null. */
        byte[] option(int code) {
            Edns edns = message().edns();
            if (edns == null || !edns.find(code)) {
                return null;
            }
            byte[] bytes = new byte[edns.optionLength()];
            query.getBytes(edns.optionOffset(), bytes);
            return bytes;
        }

        Question reply() {
            return reply(name, type);
        }

        Question reply(String question, int questionType) {
            return reply(id, question, questionType);
        }

        Question reply(int replyId, String question, int questionType) {
            this.replyId = replyId;
            writer.wrap(out, 2, out.capacity() - 2);
            writer.header(replyId, flags);
            require(NameText.parse(question, owner, 0, 255));
            require(writer.question(owner, 0, questionType, RecordClass.IN));
            return this;
        }

        Question flags(int set, int rcode) {
            writer.header(replyId, flags | set | rcode);
            return this;
        }

        private MessageWriter begin(int section, String owner, int type, int ttl) {
            writer.section(section);
            require(NameText.parse(owner, this.owner, 0, 255));
            return writer.begin(this.owner, 0, type, RecordClass.IN, ttl);
        }

        Question a(String owner, int ttl, String address) {
            return a(Section.ANSWER, owner, ttl, address);
        }

        Question a(int section, String owner, int ttl, String address) {
            Endpoint e = new Endpoint();
            require(e.parse(address + ":0"));
            require(begin(section, owner, RecordType.A, ttl).u32(e.ipv4()).end());
            return this;
        }

        Question aaaa(String owner, int ttl, String address) {
            Endpoint e = new Endpoint();
            require(e.parse("[" + address + "]:0"));
            require(begin(Section.ANSWER, owner, RecordType.AAAA, ttl)
                    .u64(e.ipHigh()).u64(e.ipLow()).end());
            return this;
        }

        Question name(int type, String owner, int ttl, String target) {
            MessageWriter w = begin(Section.ANSWER, owner, type, ttl);
            require(NameText.parse(target, this.owner, 256, 511));
            require(w.name(this.owner, 256).end());
            return this;
        }

        Question cname(String owner, int ttl, String target) {
            return name(RecordType.CNAME, owner, ttl, target);
        }

        Question srv(String owner, int ttl, int priority, String target) {
            MessageWriter w = begin(Section.ANSWER, owner, RecordType.SRV, ttl);
            require(NameText.parse(target, this.owner, 256, 511));
            require(w.u16(priority).u16(0).u16(80).name(this.owner, 256).end());
            return this;
        }

        Question https(String owner, int ttl, String target) {
            MessageWriter w = begin(Section.ANSWER, owner, RecordType.HTTPS, ttl);
            require(NameText.parse(target, this.owner, 256, 511));
            require(w.u16(1).name(this.owner, 256).u16(3).u16(2).u16(8443).end());
            return this;
        }

        Question txt(String owner, int ttl, int strings) {
            MessageWriter w = begin(Section.ANSWER, owner, RecordType.TXT, ttl);
            for (int i = 0; i < strings; i++) {
                w.u8(255);
                for (int k = 0; k < 255; k++) {
                    w.u8('x');
                }
            }
            require(w.end());
            return this;
        }

        Question soa(String zone, int ttl, int minimum) {
            MessageWriter w = begin(Section.AUTHORITY, zone, RecordType.SOA, ttl);
            require(w.name(owner, 0).name(owner, 0).u32(1).u32(2).u32(3).u32(4).u32(minimum)
                    .end());
            return this;
        }

        Question cookie(byte[] bytes) {
            NativeBuffer data = NativeBuffer.allocate(bytes.length);
            data.putBytes(0, bytes);
            require(writer.beginEdns(1232, 0, 0, 0)
                    .option(EdnsOption.COOKIE, data, 0, bytes.length).end());
            return this;
        }

        /** With as many octets of padding as make it a whole number of blocks: RFC 8467 4.2. */
        Question padded() {
            require(writer.beginEdns(1232, 0, 0, 0).pad(468).end());
            return this;
        }

        Question extendedRcode(int rcode, byte[] cookie) {
            NativeBuffer data = NativeBuffer.allocate(cookie.length);
            data.putBytes(0, cookie);
            flags(0, rcode & 0xf);
            require(writer.beginEdns(1232, rcode >>> 4, 0, 0)
                    .option(EdnsOption.COOKIE, data, 0, cookie.length).end());
            return this;
        }

        void send() {
            send(udp);
        }

        /** From another port than it was asked at. */
        void sendFromStranger() {
            send(stranger);
        }

        private void send(UdpSocket socket) {
            int n = writer.finish();
            if (stream == null) {
                socket.send(out, 2, n, from);
            } else {
                out.putShort(0, (short) n, BIG_ENDIAN);
                stream.write(out, 0, n + 2);
            }
        }

        /** Puts the reply there as streams have it, to be sent with others: where it ends. */
        int putInto(NativeBuffer many, int offset) {
            int n = writer.finish();
            many.putShort(offset, (short) n, BIG_ENDIAN);
            many.putBytes(offset + 2, out, 2, n);
            return offset + 2 + n;
        }

        /** All of the reply but its end. */
        void sendCut(int bytes) {
            udp.send(out, 2, writer.finish() - bytes, from);
        }

        void sendRaw(byte... bytes) {
            out.putBytes(2, bytes);
            udp.send(out, 2, bytes.length, from);
        }

        /** NXDOMAIN with a SOA. */
        void nxdomain(int minimum) {
            reply().flags(0, 3).soa("example.", minimum, minimum).send();
        }

        void nodata(int minimum) {
            reply().soa(".", minimum, minimum).send();
        }
    }

    private void ask(Question question) {
        asked.add(question.lower() + " " + RecordType.name(question.type));
        script.accept(question);
    }

    @Override
    public void onDatagrams(UdpSocket socket, DatagramBatch batch, int count) {
        for (int slot = 0; slot < count; slot++) {
            Question question = new Question(
                    copy(batch.buffer(), batch.offset(slot), batch.length(slot)), null);
            batch.sender(slot, question.from);
            ask(question);
        }
    }

    private static NativeBuffer copy(DirectBuffer from, int offset, int length) {
        NativeBuffer copy = NativeBuffer.allocate(length);
        copy.putBytes(0, from, offset, length);
        return copy;
    }

    @Override
    public void onClose(UdpSocket socket, int result) {
    }

    @Override
    public void onOpen(Stream stream) {
        accepted++;
        connections.add(stream);
        stream.release();
        if (stream instanceof TlsStream tls) {
            tls.below().release();
        }
        stream.resume();
    }

    @Override
    public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
        streamed.putBytes(streamedEnd[0], buffer, offset, length);
        streamedEnd[0] += length;
        int at = 0;
        while (streamedEnd[0] - at >= 2
                && streamedEnd[0] - at - 2 >= (streamed.getShort(at, BIG_ENDIAN) & 0xffff)) {
            int n = streamed.getShort(at, BIG_ENDIAN) & 0xffff;
            Question question = new Question(copy(streamed, at + 2, n), stream);
            at += 2 + n;
            ask(question);
        }
        streamed.putBytes(0, streamed, at, streamedEnd[0] - at);
        streamedEnd[0] -= at;
    }

    @Override
    public void onWritable(Stream stream) {
    }

    @Override
    public void onEnd(Stream stream) {
        stream.close(Close.WHEN_DRAINED);
    }

    @Override
    public void onClose(Stream stream, int result) {
        connections.remove(stream);
    }
}
