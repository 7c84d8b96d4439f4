package io.penstock.dns.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.testing.Allocation;
import io.penstock.dns.iana.EdnsOption;
import io.penstock.dns.iana.HeaderFlag;
import io.penstock.dns.iana.RecordClass;
import io.penstock.dns.iana.RecordType;
import io.penstock.dns.iana.SvcParamKey;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("allocation")
class AllocationTest {
    private static final int WARM_UP = 300;
    private static final int COUNT = 300;

    private final Message message = new Message();
    private final MessageWriter writer = new MessageWriter();
    private final TextWriter text = new TextWriter();
    private final ZoneReader reader = new ZoneReader();
    private final SvcParams params = new SvcParams();
    private final NativeBuffer out = NativeBuffer.allocate(Message.MAX_BYTES);
    private final NativeBuffer copy = NativeBuffer.allocate(Message.MAX_BYTES);
    private final NativeBuffer line = NativeBuffer.allocate(100_000);
    private final NativeBuffer name = Bytes.name("www.example.com");
    private final NativeBuffer zone = Bytes.of(zone().getBytes(StandardCharsets.US_ASCII));
    private long sum;

    private static String zone() {
        StringBuilder zone = new StringBuilder("$ORIGIN example.\n$TTL 1h\n");
        for (String sample : Samples.all()) {
            zone.append("www.sub IN ").append(sample).append('\n');
        }
        return zone.toString();
    }

    /** A message with a record of every type. */
    private int encode() {
        writer.wrapTcp(out, 0, out.capacity());
        writer.header(1, HeaderFlag.QR);
        writer.question(name, 0, RecordType.ANY, RecordClass.IN);
        writer.section(Section.ANSWER);
        writer.begin(name, 0, RecordType.MX, RecordClass.IN, 1).u16(1).name(name, 0).end();
        reader.wrap(zone, 0, zone.capacity());
        while (reader.next() == ZoneReader.RECORD) {
            writer.record(reader.record());
        }
        assertEquals(ZoneReader.END, reader.next());
        writer.beginEdns(1232, 0, 0, 0).option(EdnsOption.COOKIE, name, 0, 8).pad(128).end();
        return writer.finish();
    }

    private void visit(int length) {
        assertEquals(0, message.wrap(out, 2, length - 2));
        while (message.nextQuestion()) {
            sum += Name.hash(message.buffer(), message.questionName());
        }
        ResourceRecord record = message.record();
        while (message.nextRecord()) {
            NativeBuffer b = message.buffer();
            sum += Name.compare(b, record.owner(), name, 0)
                    + (Name.isWithin(b, record.owner(), name, 0) ? 1 : 0)
                    + (Name.isHostName(b, record.owner()) ? 1 : 0) + record.ttl();
            for (int i = 0; i < record.layout().count(); i++) {
                sum += record.offset(i) + record.length(i);
            }
            if (record.type() == RecordType.HTTPS) {
                params.wrap(record);
                sum += params.find(SvcParamKey.PORT) ? params.length() : 0;
            }
        }
        Edns edns = message.edns();
        sum += edns.find(EdnsOption.COOKIE) ? edns.clientCookie() : 0;
    }

    @Test
    void textAndEncoding() {
        Allocation.assertNone("encode", 30, 30, this::encode);
    }

    @Test
    void decoding() {
        int length = encode();
        Allocation.assertNone("decode", 30, 30, () -> visit(length));
    }

    @Test
    void encodingAgain() {
        int length = encode();
        Allocation.assertNone("copy", 30, 30, () -> {
            message.wrap(out, 2, length - 2);
            writer.wrap(copy, 0, copy.capacity());
            writer.section(Section.ANSWER);
            while (message.nextRecord()) {
                writer.section(message.section());
                writer.record(message.record());
            }
            sum += writer.finish();
            message.rewind();
            writer.wrap(copy, 0, copy.capacity());
            while (message.nextQuestion()) {
                writer.question(message);
            }
            writer.records(message, Section.ANSWER);
            writer.records(message, Section.ADDITIONAL);
            sum += writer.finish();
        });
    }

    @Test
    void printing() {
        int length = encode();
        Allocation.assertNone("print", 30, 30, () -> {
            message.wrap(out, 2, length - 2);
            text.wrap(line, 0, line.capacity());
            while (message.nextRecord()) {
                RecordText.print(message.record(), text);
            }
            sum += text.result();
        });
    }

    @Test
    void malformedMessages() {
        NativeBuffer bad = Bytes.hex("0000 0000 0001 0000 0000 0000 c00c 0001 0001");
        Allocation.assertNone("refuse", WARM_UP, COUNT, () -> sum += message.wrap(bad, 0, 18));
    }

    @Test
    void malformedText() {
        NativeBuffer bad = Bytes.of("a. 1 A 1.2.3.4.5\n".getBytes(StandardCharsets.US_ASCII));
        Allocation.assertNone("refuse text", WARM_UP, COUNT, () -> {
            reader.wrap(bad, 0, bad.capacity());
            sum += reader.next();
        });
    }

    @Test
    void names() {
        Allocation.assertNone("names", WARM_UP, COUNT, () -> {
            sum += NameText.parse("www.example.com", line, 0, 100);
            sum += NameText.print(line, 0, text.wrap(line, 100, 100));
        });
    }
}
