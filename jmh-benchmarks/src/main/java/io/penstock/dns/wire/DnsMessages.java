package io.penstock.dns.wire;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.dns.iana.HeaderFlag;
import io.penstock.dns.iana.RecordClass;
import io.penstock.dns.iana.RecordType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The messages that all codecs are measured with. As a program it writes them to files, for those
 * in C: {@code DnsMessages folder}.
 */
public final class DnsMessages {
    /** The names of the messages. */
    public static final String[] KINDS = {"query", "answer", "chain"};

    static final int IPV4 = 32;
    static final int IPV6 = 18;
    static final int NAMES = 5; // mail exchanges, name servers, addresses of those
    static final int ADDRESSES = IPV4 + IPV6 + NAMES;
    private static final int CHAIN_HOPS = 120;

    private final NativeBuffer buffer = NativeBuffer.allocate(4_096);
    private final MessageWriter writer = new MessageWriter();
    private final NativeBuffer owner = name("example.com");
    private final NativeBuffer mail = name("mail.example.com");
    private final NativeBuffer server = name("ns1.example.com");

    DnsMessages() {
    }

    /**
     * Writes the messages to files.
     *
     * @param args the folder
     * @throws IOException if a file cannot be written
     */
    public static void main(String[] args) throws IOException {
        Path folder = Files.createDirectories(Path.of(args[0]));
        for (String kind : KINDS) {
            Files.write(folder.resolve(kind), bytes(kind));
        }
    }

    /**
     * A message.
     *
     * @param kind query (44 octets), answer (66 records), or chain (names of up to 120 pointers)
     * @return its octets
     */
    public static byte[] bytes(String kind) {
        DnsMessages messages = new DnsMessages();
        int length = switch (kind) {
            case "query" -> messages.query();
            case "answer" -> messages.answer();
            default -> messages.chain();
        };
        byte[] bytes = new byte[require(length)];
        messages.buffer.getBytes(0, bytes);
        return bytes;
    }

    private int query() {
        writer.wrap(buffer, 0, buffer.capacity());
        writer.header(0x1234, HeaderFlag.RD);
        NativeBuffer name = name("www.benchmarks.example.com");
        require(writer.question(name, 0, RecordType.A, RecordClass.IN));
        return writer.finish();
    }

    /** Addresses for the most part, mail exchanges, name servers: 65 records, and EDNS. */
    int answer() {
        writer.wrap(buffer, 0, buffer.capacity());
        writer.header(0x1234, HeaderFlag.QR | HeaderFlag.RD | HeaderFlag.RA);
        require(writer.question(owner, 0, RecordType.ANY, RecordClass.IN));
        writer.section(Section.ANSWER);
        for (int i = 0; i < IPV4; i++) {
            require(begin(owner, RecordType.A).u32(0xc0000200L + i).end());
        }
        for (int i = 0; i < IPV6; i++) {
            require(begin(owner, RecordType.AAAA).u64(0x20010db800000000L).u64(i).end());
        }
        for (int i = 0; i < NAMES; i++) {
            require(begin(owner, RecordType.MX).u16(10 * i).name(mail, 0).end());
        }
        writer.section(Section.AUTHORITY);
        for (int i = 0; i < NAMES; i++) {
            require(begin(owner, RecordType.NS).name(server, 0).end());
        }
        writer.section(Section.ADDITIONAL);
        for (int i = 0; i < NAMES; i++) {
            require(begin(server, RecordType.A).u32(0xc0000300L + i).end());
        }
        require(writer.beginEdns(1232, 0, 0, 0).end());
        return writer.finish();
    }

    private MessageWriter begin(NativeBuffer name, int type) {
        return writer.begin(name, 0, type, RecordClass.IN, 300);
    }

    /** Addresses, each owner a pointer to the owner before it. */
    private int chain() {
        writer.wrap(buffer, 0, buffer.capacity());
        writer.header(0x1234, HeaderFlag.QR);
        require(writer.question(owner, 0, RecordType.A, RecordClass.IN));
        writer.section(Section.ANSWER);
        int last = Message.HEADER_BYTES;
        for (int i = 0; i < CHAIN_HOPS; i++) {
            int at = writer.length();
            require(begin(owner, RecordType.A).u32(i).end());
            buffer.putByte(at, (byte) (0xc0 | last >>> 8));
            buffer.putByte(at + 1, (byte) last);
            last = at;
        }
        return writer.finish();
    }

    /**
     * A name without pointers.
     *
     * @param text of it
     * @return a buffer that holds it at 0
     */
    public static NativeBuffer name(String text) {
        NativeBuffer name = NativeBuffer.allocate(Name.MAX_BYTES);
        require(NameText.parse(text, name, 0, name.capacity()));
        return name;
    }

    private static int require(int rc) {
        if (rc < 0) {
            throw new IllegalStateException(ReturnCode.describe(rc));
        }
        return rc;
    }
}
