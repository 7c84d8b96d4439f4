package io.penstock.dns.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.DClass;
import org.xbill.DNS.ExtendedFlags;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Type;

/** Messages that dnsjava writes are read here, written again, and are the same to dnsjava. */
class CodecDifferentialTest {
    private final Message message = new Message();
    private final MessageWriter writer = new MessageWriter();
    private final NativeBuffer out = NativeBuffer.allocate(Message.MAX_BYTES);

    private static org.xbill.DNS.Record record(String owner, String sample) throws IOException {
        int blank = sample.indexOf(' ');
        String type = sample.substring(0, blank);
        return org.xbill.DNS.Record.fromString(Name.fromString(owner), Type.value(type), DClass.IN,
                3600, sample.substring(blank + 1), Name.root);
    }

    private static org.xbill.DNS.Message random(Random random) throws IOException {
        org.xbill.DNS.Message m = new org.xbill.DNS.Message(random.nextInt(65_536));
        m.getHeader().setFlag(Flags.QR);
        m.getHeader().setRcode(random.nextInt(16));
        m.addRecord(org.xbill.DNS.Record.newRecord(Name.fromString(Samples.name(random)),
                Type.MX, DClass.IN), org.xbill.DNS.Section.QUESTION);
        for (int i = random.nextInt(40); i > 0; i--) {
            String sample = Samples.RECORDS.get(random.nextInt(Samples.RECORDS.size()));
            m.addRecord(record(Samples.name(random), sample), 1 + random.nextInt(3));
        }
        if (random.nextBoolean()) {
            m.addRecord(new OPTRecord(1232, 0, 0, ExtendedFlags.DO), Section.ADDITIONAL);
        }
        return m;
    }

    private int copy(int limit) {
        writer.wrap(out, 0, limit);
        writer.header(message.id(), message.flags());
        while (message.nextQuestion()) {
            writer.question(message);
        }
        while (message.nextRecord()) {
            writer.section(message.section());
            writer.record(message.record());
        }
        return writer.finish();
    }

    private static List<List<org.xbill.DNS.Record>> sections(org.xbill.DNS.Message m) {
        List<List<org.xbill.DNS.Record>> all = new ArrayList<>();
        for (int s = 0; s < 4; s++) {
            all.add(m.getSection(s));
        }
        return all;
    }

    @Test
    void everyTypeComesThrough() throws IOException {
        for (String sample : Samples.RECORDS) {
            org.xbill.DNS.Message m = new org.xbill.DNS.Message(1);
            m.addRecord(record("www.example.com.", sample), Section.ANSWER);
            NativeBuffer in = Bytes.of(m.toWire());
            int rc = message.wrap(in, 0, in.capacity());
            assertEquals(0, rc, () -> sample + " " + ReturnCode.describe(rc) + " at "
                    + message.errorOffset());
            int length = copy(Message.MAX_BYTES);
            byte[] written = Bytes.array(out, 0, length);
            assertEquals(sections(m), sections(new org.xbill.DNS.Message(written)), sample);
            assertTrue(length <= in.capacity(), sample);
        }
    }

    @Property(tries = 300)
    void messagesComeThrough(@ForAll long seed) throws IOException {
        org.xbill.DNS.Message m = random(new Random(seed));
        NativeBuffer in = Bytes.of(m.toWire());
        assertEquals(0, message.wrap(in, 0, in.capacity()));
        assertEquals(in.capacity(), message.length());
        int length = copy(Message.MAX_BYTES);
        org.xbill.DNS.Message again =
                new org.xbill.DNS.Message(Bytes.array(out, 0, length));
        assertEquals(sections(m), sections(again));
        assertEquals(m.getHeader().toString(), again.getHeader().toString());
        assertTrue(length <= in.capacity() + 20, length + " > " + in.capacity());
    }

    @Property(tries = 100)
    void whatDoesNotFitIsTruncated(@ForAll long seed) throws IOException {
        Random random = new Random(seed);
        org.xbill.DNS.Message m = random(random);
        NativeBuffer in = Bytes.of(m.toWire());
        assertEquals(0, message.wrap(in, 0, in.capacity()));
        int limit = 60 + random.nextInt(600);
        int length = copy(limit);
        assertTrue(length <= limit);
        org.xbill.DNS.Message again =
                new org.xbill.DNS.Message(Bytes.array(out, 0, length));
        int missing = m.getSection(1).size() + m.getSection(2).size()
                - again.getSection(1).size() - again.getSection(2).size();
        assertEquals(missing > 0, again.getHeader().getFlag(Flags.TC));
        assertEquals(m.getSection(1).subList(0, again.getSection(1).size()), again.getSection(1));
        assertEquals(missing > 0, writer.isTruncated());
    }
}
