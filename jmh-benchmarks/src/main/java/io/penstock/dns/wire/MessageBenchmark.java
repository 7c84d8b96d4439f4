package io.penstock.dns.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.dns.DatagramDnsQueryDecoder;
import io.netty.handler.codec.dns.DatagramDnsResponseDecoder;
import io.netty.handler.codec.dns.DefaultDnsRecordDecoder;
import io.netty.handler.codec.dns.DnsMessage;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsSection;
import io.penstock.benchmarks.Measured;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.dns.iana.RecordType;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.NSRecord;

/**
 * Parsing: every name is validated, every record visited, its data read as its type has it, into a
 * sum that all codecs have to agree on. {@code dns.c} does the same in C.
 *
 * <p>The sum: for a question the length of its name and its type; for a record the length of its
 * owner, type and TTL; of A the address, of AAAA its two halves, of MX the preference and
 * the length of the name, of NS the length of the name.
 */
public class MessageBenchmark extends Measured {
    /** Which message. */
    @Param({"query", "answer", "chain"})
    public String kind;

    private final Message message = new Message();
    private byte[] bytes;
    private NativeBuffer buffer;
    private ByteBuf netty;
    private NettyDecoder decoder;

    /**
     * Makes the messages, and compares the sums.
     *
     * @throws Exception if a message is malformed
     */
    @Setup
    public void open() throws Exception {
        bytes = DnsMessages.bytes(kind);
        buffer = NativeBuffer.allocate(bytes.length);
        buffer.putBytes(0, bytes);
        netty = Unpooled.directBuffer(bytes.length).writeBytes(bytes);
        decoder = kind.equals("query") ? new QueryDecoder() : new ResponseDecoder();
        long expected = penstock();
        if (dnsjava() != expected || netty() != expected) {
            throw new IllegalStateException(
                    "sums: " + expected + " " + dnsjava() + " " + netty());
        }
    }

    /**
     * This project's.
     *
     * @return the sum
     */
    @Benchmark
    public long penstock() {
        if (message.wrap(buffer, 0, buffer.capacity()) < 0) {
            return -1;
        }
        long sum = 0;
        while (message.nextQuestion()) {
            sum += message.questionNameLength() + message.questionType();
        }
        ResourceRecord record = message.record();
        while (message.nextRecord()) {
            int type = record.type();
            sum += record.ownerLength() + type + record.ttl();
            switch (type) {
                case RecordType.A -> sum += record.ipv4();
                case RecordType.AAAA -> sum += record.ipv6High() + record.ipv6Low();
                case RecordType.MX -> sum += record.number(Rdata.MX_PREFERENCE)
                        + Name.length(record.buffer(), record.offset(Rdata.MX_EXCHANGE));
                case RecordType.NS ->
                        sum += Name.length(record.buffer(), record.offset(Rdata.VALUE));
                default -> { }
            }
        }
        return sum;
    }

    /**
     * That of dnsjava.
     *
     * @return the sum
     */
    @Benchmark
    public long dnsjava() {
        try {
            org.xbill.DNS.Message m = new org.xbill.DNS.Message(bytes);
            long sum = m.getQuestion().getName().length() + m.getQuestion().getType();
            for (int section = Section.ANSWER; section <= Section.ADDITIONAL; section++) {
                List<org.xbill.DNS.Record> records = m.getSection(section);
                for (int i = 0; i < records.size(); i++) {
                    sum += sum(records.get(i));
                }
            }
            return sum;
        } catch (IOException e) {
            return -1;
        }
    }

    private static long sum(org.xbill.DNS.Record record) {
        long sum = record.getName().length() + record.getType() + record.getTTL();
        return sum + switch (record) {
            case ARecord a -> ByteBuffer.wrap(a.getAddress().getAddress()).getInt();
            case AAAARecord a -> halves(a.getAddress().getAddress());
            case MXRecord mx -> mx.getPriority() + mx.getTarget().length();
            case NSRecord ns -> ns.getTarget().length();
            default -> 0;
        };
    }

    private static long halves(byte[] address) {
        ByteBuffer b = ByteBuffer.wrap(address);
        return b.getLong(0) + b.getLong(Long.BYTES);
    }

    /**
     * That of Netty. It hands the data of A, AAAA, MX and NS over as it is, so the names in them
     * are decoded here.
     *
     * @return the sum
     * @throws Exception if a message is malformed
     */
    @Benchmark
    public long netty() throws Exception {
        DnsMessage m = decoder.decode(netty.retainedDuplicate());
        DnsQuestion question = m.recordAt(DnsSection.QUESTION);
        long sum = length(question.name()) + question.type().intValue();
        for (DnsSection section : NettyDecoder.RECORDS) {
            for (int i = 0; i < m.count(section); i++) {
                DnsRecord record = m.recordAt(section, i);
                sum += sum(record);
            }
        }
        m.release();
        return sum;
    }

    private static long sum(DnsRecord record) {
        int type = record.type().intValue();
        long sum = length(record.name()) + type + record.timeToLive();
        ByteBuf data = record instanceof DnsRawRecord raw ? raw.content() : null;
        return sum + switch (type) {
            case RecordType.A -> data.getInt(data.readerIndex());
            case RecordType.AAAA -> data.getLong(data.readerIndex())
                    + data.getLong(data.readerIndex() + Long.BYTES);
            case RecordType.MX -> data.readUnsignedShort()
                    + length(DefaultDnsRecordDecoder.decodeName(data));
            case RecordType.NS -> length(DefaultDnsRecordDecoder.decodeName(data));
            default -> 0;
        };
    }

    /** Netty's names end in a dot: a dot stands for the length of each label but the first. */
    private static int length(String name) {
        return name.equals(".") ? 1 : name.length() + 1;
    }

    /** Netty's decoders are handlers of a channel; called without one they cost least. */
    private interface NettyDecoder {
        DnsSection[] RECORDS = {DnsSection.ANSWER, DnsSection.AUTHORITY, DnsSection.ADDITIONAL};
        InetSocketAddress ADDRESS = InetSocketAddress.createUnresolved("a", 53);

        DnsMessage decode(ByteBuf content) throws Exception;
    }

    private static final class QueryDecoder extends DatagramDnsQueryDecoder
            implements NettyDecoder {
        private final List<Object> out = new ArrayList<>();

        @Override
        public DnsMessage decode(ByteBuf content) throws Exception {
            out.clear();
            decode(null, new DatagramPacket(content, ADDRESS, ADDRESS), out);
            content.release();
            return (DnsMessage) out.get(0);
        }
    }

    private static final class ResponseDecoder extends DatagramDnsResponseDecoder
            implements NettyDecoder {
        private final List<Object> out = new ArrayList<>();

        @Override
        public DnsMessage decode(ByteBuf content) throws Exception {
            out.clear();
            decode(null, new DatagramPacket(content, ADDRESS, ADDRESS), out);
            content.release();
            return (DnsMessage) out.get(0);
        }
    }
}
