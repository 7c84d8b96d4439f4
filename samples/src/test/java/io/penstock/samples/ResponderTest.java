package io.penstock.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.testing.Allocation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** Questions made by dnsjava, and answers read by it. */
class ResponderTest {
    private static final int ROOM = 4096;

    private final NativeBuffer buffer = NativeBuffer.allocate(2 * ROOM);
    private final Responder responder = new Responder(zone(text("example.zone")));

    private static String text(String name) {
        try (var in = ResponderTest.class.getResourceAsStream("/dns/" + name)) {
            assertNotNull(in);
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Zone zone(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        NativeBuffer memory = NativeBuffer.allocate(bytes.length);
        memory.putBytes(0, bytes);
        ZoneBuilder builder = new ZoneBuilder();
        try {
            builder.read(memory, bytes.length, null);
            return builder.build();
        } catch (ZoneBuilder.BadZone e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static Message question(String name, int type) {
        try {
            Name full = name.endsWith(".") ? new Name(name) : new Name(name + ".example.test.");
            return Message.newQuery(Record.newRecord(full, type, DClass.IN));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private byte[] raw(byte[] question, boolean isUdp, int room) {
        buffer.setMemory(0, buffer.capacity(), (byte) 0x55);
        buffer.putBytes(8, question);
        int n = responder.answer(buffer, 8, question.length, isUdp, room);
        byte[] answer = new byte[n];
        buffer.getBytes(8, answer);
        return answer;
    }

    private Message ask(Message question) {
        try {
            return new Message(raw(question.toWire(), true, ROOM));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String rcode(Message message) {
        return Rcode.string(message.getRcode());
    }

    @Test
    void lettersOfTheQuestionComeBack() {
        Message answer = ask(question("wWw.eXaMpLe.TeSt.", Type.A));
        assertEquals("wWw.eXaMpLe.TeSt.", answer.getQuestion().getName().toString());
        for (Record record : answer.getSection(Section.ANSWER)) {
            assertEquals("wWw.eXaMpLe.TeSt.", record.getName().toString());
        }
        assertEquals(2, answer.getSection(Section.ANSWER).size());
    }

    @Test
    void aWildcardOfManyLabelsMovesItsPointers() {
        Message answer = ask(question("one.two.three.wild", Type.MX));
        Record record = answer.getSection(Section.ANSWER).getFirst();
        assertEquals("one.two.three.wild.example.test.\t3600\tIN\tMX\t5 mail.wild.example.test.",
                record.toString().replace("\t\t", "\t"));
    }

    @Test
    void ednsIsAnsweredWithEdns() {
        Message question = question("www", Type.A);
        question.addRecord(new OPTRecord(1400, 0, 0, Flags.DO), Section.ADDITIONAL);
        OPTRecord opt = ask(question).getOPT();
        assertEquals(1232, opt.getPayloadSize());
        assertEquals(0x8000, opt.getFlags());
        assertEquals(null, ask(question("www", Type.A)).getOPT());
    }

    @Test
    void aLaterVersionOfEdnsIsRefused() {
        Message question = question("www", Type.A);
        question.addRecord(new OPTRecord(1400, 0, 1), Section.ADDITIONAL);
        Message answer = ask(question);
        assertEquals("BADVERS", rcode(answer));
        assertEquals(0, answer.getSection(Section.ANSWER).size());
        assertEquals(0, answer.getOPT().getVersion());
    }

    /** Everything that fits is sent, and nothing that does not. */
    @Test
    void whatDoesNotFitIsTruncated() throws IOException {
        for (int size = 300; size <= 1500; size += 7) {
            Message question = question("huge", Type.TXT);
            question.addRecord(new OPTRecord(size, 0, 0), Section.ADDITIONAL);
            byte[] wire = raw(question.toWire(), true, ROOM);
            assertTrue(wire.length <= Math.clamp(size, 512, 1232), size + ": " + wire.length);
            Message answer = new Message(wire);
            assertTrue(answer.getHeader().getFlag(Flags.TC));
            assertEquals(0, answer.getSection(Section.ANSWER).size());
            assertEquals(7, new Message(raw(question.toWire(), false, ROOM))
                    .getSection(Section.ANSWER).size());
        }
        Message big = question("big", Type.TXT);
        assertTrue(ask(big).getHeader().getFlag(Flags.TC));
        big.addRecord(new OPTRecord(1232, 0, 0), Section.ADDITIONAL);
        assertEquals(false, ask(big).getHeader().getFlag(Flags.TC));
    }

    @Test
    void anAliasTooLongForANameIsAnError() {
        String label = "x".repeat(63) + ".";
        String longest = label.repeat(3) + "y".repeat(35) + ".old.example.test.";
        assertEquals("NXDOMAIN", rcode(ask(question(longest, Type.A)))); // the same length
        Zone grows = zone("$ORIGIN t.\n$TTL 1\n@ SOA . . 1 2 3 4 5\n@ NS .\nd DNAME " + label
                + "t.\n");
        Message question = question(label.repeat(3) + "d.t.", Type.A);
        NativeBuffer b = NativeBuffer.allocate(ROOM);
        byte[] wire = question.toWire();
        b.putBytes(0, wire);
        byte[] answer = new byte[new Responder(grows).answer(b, 0, wire.length, true, ROOM - 1024)];
        b.getBytes(0, answer);
        try {
            Message message = new Message(answer);
            assertEquals("YXDOMAIN", rcode(message));
            assertEquals(1, message.getSection(Section.ANSWER).size());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** What is answered is a well-formed message with the question's number; nothing throws. */
    @Test
    void whateverComesIsAnsweredOrNot() throws IOException {
        Random random = new Random(1);
        Message whole = question("www.sub", Type.A);
        whole.addRecord(new OPTRecord(1232, 0, 0), Section.ADDITIONAL);
        int answered = 0;
        for (int i = 0; i < 200_000; i++) {
            byte[] packet = whole.toWire();
            for (int k = random.nextInt(4); k >= 0; k--) {
                packet[random.nextInt(packet.length)] = (byte) random.nextInt();
            }
            byte[] cut = Arrays.copyOf(packet, random.nextInt(packet.length + 1));
            byte[] answer = raw(random.nextInt(4) == 0 ? cut : packet, true, 1232);
            if (answer.length > 0) {
                answered++;
                assertEquals(packet[0], answer[0]);
                assertTrue(answer[2] < 0, "QR");
                assertEquals(packet[1], answer[1]);
                new Message(answer); // throws if it is malformed
            }
        }
        assertTrue(answered > 50_000, answered + " answered");
    }

    @Test
    void anAnswerIsNotAnswered() {
        Message question = question("www", Type.A);
        question.getHeader().setFlag(Flags.QR);
        assertEquals(0, raw(question.toWire(), true, ROOM).length);
    }

    @Test
    void zonesThatCannotBeServedAreRefused() {
        String soa = "t. 1 SOA . . 1 2 3 4 5\n";
        for (String text : List.of("", "a.t. 1 A 1.2.3.4\n", soa + "u. 1 A 1.1.1.1\n", soa + "t. 1"
                + " SOA . . 1 2 3 4 6\n", soa + "t. 1 A 1.2.3\n", soa + "t. 1 CH A 1.2.3.4\n")) {
            assertThrows(IllegalArgumentException.class, () -> zone(text), text);
        }
    }

    @Test
    @Tag("allocation")
    void answeringAllocatesNothing() {
        List<byte[]> questions = new ArrayList<>();
        for (String name : List.of("www", "nope", "a.b.wild", "alias2", "x.old", "sub", "a.sub",
                "chain.new", "loop1", "huge", "out", "other.test.")) {
            for (int type : new int[] {Type.A, Type.MX, Type.ANY}) {
                Message question = question(name, type);
                questions.add(question.toWire());
                question.addRecord(new OPTRecord(1232, 0, 0), Section.ADDITIONAL);
                questions.add(question.toWire());
                question.addRecord(question.getQuestion(), Section.ADDITIONAL);
                questions.add(question.toWire());
            }
        }
        byte[] malformed = questions.getFirst().clone();
        malformed[12] = (byte) 0xc0;
        questions.add(malformed);
        for (byte[] question : questions) {
            Allocation.assertNone("answer", 2000, 2000, () -> {
                buffer.putBytes(0, question);
                responder.answer(buffer, 0, question.length, true, 1232);
            });
        }
    }
}
