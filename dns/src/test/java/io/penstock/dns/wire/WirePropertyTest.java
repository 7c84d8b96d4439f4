package io.penstock.dns.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.dns.iana.RecordType;
import io.penstock.dns.iana.RdataLayout;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Any octets are refused or understood, and what is understood means the same after a round trip.
 * The buffers are exact, so that one octet out of bounds is an exception.
 */
class WirePropertyTest {
    private final Message message = new Message();
    private final Message again = new Message();
    private final MessageWriter writer = new MessageWriter();
    private final ZoneReader reader = new ZoneReader();
    private final TextWriter text = new TextWriter();
    private final ResourceRecord record = new ResourceRecord();
    private final NativeBuffer out = NativeBuffer.allocate(Message.MAX_BYTES);
    private final NativeBuffer line = NativeBuffer.allocate(400_000);

    private NativeBuffer sampleMessage(Random random) {
        List<String> samples = Samples.all();
        NativeBuffer name = NativeBuffer.allocate(Name.MAX_BYTES);
        writer.wrap(out, 0, out.capacity());
        writer.header(random.nextInt(), random.nextInt());
        NameText.parse(Samples.name(random), name, 0, name.capacity());
        writer.question(name, 0, random.nextInt(70), 1);
        for (int i = random.nextInt(20); i > 0; i--) {
            String sample = samples.get(random.nextInt(samples.size()));
            reader.wrap(Samples.name(random) + " 60 " + sample);
            assertEquals(ZoneReader.RECORD, reader.next());
            writer.section(Math.max(1, 3 - i / 5));
            for (int j = random.nextInt(4); j >= 0; j--) {
                assertEquals(0, writer.record(reader.record()));
            }
        }
        if (random.nextBoolean()) {
            writer.beginEdns(1232, 0, 0, 0).option(10, name, 0, 8).pad(128).end();
        }
        return Bytes.of(Bytes.array(out, 0, writer.finish()));
    }

    private static void damage(Random random, NativeBuffer bytes, int from) {
        for (int i = random.nextInt(4); i > 0 && bytes.capacity() > from; i--) {
            int at = from + random.nextInt(bytes.capacity() - from);
            byte value = switch (random.nextInt(4)) {
                case 0 -> (byte) random.nextInt(256);
                case 1 -> (byte) (0xc0 | random.nextInt(2));
                case 2 -> (byte) (bytes.getByte(at) + 1);
                default -> 0;
            };
            bytes.putByte(at, value);
        }
    }

    /** Reads everything that there is to read. */
    private void visit(Message m) {
        NativeBuffer b = m.buffer();
        while (m.nextQuestion()) {
            m.questionType();
            m.questionClass();
            NameText.print(b, m.questionName(), text.wrap(line, 0, line.capacity()));
        }
        while (m.nextRecord()) {
            ResourceRecord r = m.record();
            assertTrue(RecordText.print(r, text.wrap(line, 0, line.capacity())) > 0);
            Name.hash(b, r.owner());
            RdataLayout layout = r.layout();
            for (int i = 0; i < layout.count(); i++) {
                int length = r.length(i);
                assertTrue(length >= 0 && r.offset(i) + length <= b.capacity());
                int bytes = layout.field(i).bytes();
                if (bytes > 0 && bytes <= 8) {
                    r.number(i);
                }
            }
        }
        Edns edns = m.edns();
        while (edns != null && edns.nextOption()) {
            assertTrue(edns.optionOffset() + edns.optionLength() <= b.capacity());
        }
    }

    private int copy(Message m) {
        m.rewind();
        writer.wrap(out, 0, Message.MAX_BYTES);
        writer.header(m.id(), m.flags());
        while (m.nextQuestion()) {
            assertEquals(0, writer.question(m));
        }
        for (int section = Section.ANSWER; section <= Section.ADDITIONAL; section++) {
            assertEquals(0, writer.records(m, section));
        }
        return writer.finish();
    }

    /** The same, as far as there is room, a record at a time; each section up to what fails. */
    private int copySingly(Message m, int limit) {
        m.rewind();
        writer.wrap(out, 0, limit);
        while (m.nextQuestion()) {
            int length = Name.length(m.buffer(), m.questionName());
            int at = writer.length();
            int rc = writer.question(m.buffer(), m.questionName(), m.questionType(),
                    m.questionClass());
            assertEquals(rc == 0, writer.length() > at);
            assertTrue(rc == 0 || at + length + 4 > limit);
        }
        for (int section = Section.ANSWER; section <= Section.ADDITIONAL; section++) {
            int rc = writer.section(section);
            m.seek(section);
            for (int i = 0; i < m.count(section) && rc == 0; i++) {
                assertTrue(m.nextRecord());
                rc = writer.record(m.record());
            }
        }
        return writer.finish();
    }

    private int copySections(Message m, int limit) {
        m.rewind();
        writer.wrap(out, 0, limit);
        while (m.nextQuestion()) {
            writer.question(m);
        }
        for (int section = Section.ANSWER; section <= Section.ADDITIONAL; section++) {
            writer.records(m, section);
        }
        return writer.finish();
    }

    private void assertSame(Message a, Message b) {
        assertEquals(a.id(), b.id());
        assertEquals(a.flags(), b.flags());
        a.rewind();
        while (a.nextQuestion()) {
            assertTrue(b.nextQuestion());
            assertTrue(Name.equalsExactly(
                    a.buffer(), a.questionName(), b.buffer(), b.questionName()));
            assertEquals(a.questionType(), b.questionType());
            assertEquals(a.questionClass(), b.questionClass());
        }
        while (a.nextRecord()) {
            assertTrue(b.nextRecord());
            assertEquals(a.section(), b.section());
            assertEquals(RecordText.append(new StringBuilder(), a.record()).toString(),
                    RecordText.append(new StringBuilder(), b.record()).toString());
        }
        assertTrue(!b.nextRecord() && !b.nextQuestion());
    }

    @Property(tries = 2_000)
    void damagedMessages(@ForAll long seed) {
        Random random = new Random(seed);
        NativeBuffer bytes = sampleMessage(random);
        damage(random, bytes, random.nextInt(13));
        int rc = message.wrap(bytes, 0, bytes.capacity() - random.nextInt(2));
        if (rc < 0) {
            assertTrue(message.errorOffset() >= 0 && message.errorOffset() <= bytes.capacity());
            return;
        }
        visit(message);
        int length = copy(message);
        assertEquals(0, again.wrap(out, 0, length));
        assertSame(message, again);
    }

    /** Whole sections come out as their records do one by one, in every bit, in any room. */
    @Property(tries = 2_000)
    void sectionsAndRecords(@ForAll long seed) {
        Random random = new Random(seed);
        NativeBuffer bytes = sampleMessage(random);
        damage(random, bytes, 12);
        if (message.wrap(bytes, 0, bytes.capacity()) == 0) {
            int limit = random.nextBoolean() ? Message.MAX_BYTES
                    : 12 + random.nextInt(bytes.capacity());
            String singly = Bytes.hex(out, 0, copySingly(message, limit));
            assertEquals(singly, Bytes.hex(out, 0, copySections(message, limit)));
        }
    }

    @Property(tries = 2_000)
    void anyOctets(@ForAll byte[] bytes) {
        NativeBuffer b = Bytes.of(bytes);
        Name.validate(b, 0, b.capacity());
        record.wrap(b, 0, b.capacity());
        if (message.wrap(b, 0, b.capacity()) == 0) {
            visit(message);
        }
    }

    /** Record data that was changed at random, and is good all the same. */
    @Property(tries = 5_000)
    void dataToTextToData(@ForAll long seed) {
        Random random = new Random(seed);
        List<String> samples = Samples.all();
        reader.wrap(". 60 " + samples.get(random.nextInt(samples.size())));
        assertEquals(ZoneReader.RECORD, reader.next());
        ResourceRecord r = reader.record();
        NativeBuffer bytes = Bytes.of(Bytes.array(r.buffer(), 0, 11 + r.rdataLength()));
        damage(random, bytes, 11);
        if (record.wrap(bytes, 0, bytes.capacity()) > 0) {
            String printed = RecordText.append(new StringBuilder(), record).toString();
            reader.wrap(printed);
            assertEquals(ZoneReader.RECORD, reader.next(), printed);
            ResourceRecord read = reader.record();
            assertEquals(Bytes.hex(bytes, 0, bytes.capacity()),
                    Bytes.hex(read.buffer(), 0, 11 + read.rdataLength()), printed);
            assertEquals(RecordType.layout(record.type()), read.layout());
        }
    }

    /** Text that was changed at random: refused at a place within it, or a good record. */
    @Property(tries = 5_000)
    void damagedText(@ForAll long seed) {
        Random random = new Random(seed);
        StringBuilder zone = new StringBuilder("$ORIGIN example.\n$TTL 1h\n");
        List<String> samples = Samples.all();
        for (int i = 0; i < 3; i++) {
            zone.append(random.nextBoolean() ? "a" : "").append(" IN ")
                    .append(samples.get(random.nextInt(samples.size()))).append('\n');
        }
        String special = "()\";\\\n\t @$.=,\0\u00e4-0123456789azAZ\r/+!:";
        for (int i = random.nextInt(4); i > 0; i--) {
            int at = random.nextInt(zone.length());
            char c = special.charAt(random.nextInt(special.length()));
            if (random.nextBoolean()) {
                zone.setCharAt(at, c);
            } else {
                zone.insert(at, c);
            }
        }
        reader.wrap(zone);
        int steps = 0;
        for (int rc = reader.next(); rc != ZoneReader.END; rc = reader.next()) {
            assertTrue(reader.line() >= 1 && reader.column() >= 1);
            assertTrue(++steps < 100);
            if (rc == ZoneReader.RECORD) {
                ResourceRecord r = reader.record();
                String printed = RecordText.append(new StringBuilder(), r).toString();
                int length = r.rdataOffset() + r.rdataLength();
                assertEquals(length, record.wrap(r.buffer(), 0, length), printed);
            }
        }
    }
}
