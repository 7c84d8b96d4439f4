package io.penstock.dns.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.dns.iana.EdnsOption;
import io.penstock.dns.iana.HeaderFlag;
import io.penstock.dns.iana.RecordClass;
import io.penstock.dns.iana.RecordType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MessageWriterTest {
    private static final NativeBuffer WWW = Bytes.name("www.example.com");
    private static final NativeBuffer MAIL = Bytes.name("mail.example.com");
    private static final int A = RecordType.A;
    private static final int IN = RecordClass.IN;

    private final MessageWriter writer = new MessageWriter();
    private final Message message = new Message();
    private final NativeBuffer out = NativeBuffer.allocate(70_000);

    @BeforeEach
    void begin() {
        assertEquals(0, writer.wrap(out, 0, 70_000));
    }

    private int answer(NativeBuffer owner) {
        writer.section(Section.ANSWER);
        return writer.begin(owner, 0, A, IN, 300).u32(0xc0000201L).end();
    }

    private String hex() {
        return Bytes.hex(out, 0, writer.finish());
    }

    private static String expected(String hex) {
        NativeBuffer bytes = Bytes.hex(hex);
        return Bytes.hex(bytes, 0, bytes.capacity());
    }

    @Test
    void aQuery() {
        writer.header(0xabcd, HeaderFlag.RD);
        assertEquals(0, writer.question(WWW, 0, A, IN));
        assertEquals(expected("abcd 0100 0001 0000 0000 0000"
                + "03'www'07'example'03'com'00 0001 0001"), hex());
    }

    @Test
    void namesAreCompressedWhereTheyMayBe() {
        writer.question(WWW, 0, RecordType.MX, IN);
        writer.section(Section.ANSWER);
        assertEquals(0, writer.begin(WWW, 0, RecordType.MX, IN, 1).u16(10).name(MAIL, 0).end());
        assertEquals(0, writer.begin(MAIL, 0, RecordType.SRV, IN, 1).u16(1).u16(2).u16(3)
                .name(MAIL, 0).end());
        assertEquals(expected("0000 0000 0001 0002 0000 0000"
                + "03'www'07'example'03'com'00 000f 0001"
                + "c00c 000f 0001 00000001 0009 000a 04'mail'c010"
                + "c02f 0021 0001 00000001 0018 0001 0002 0003 04'mail'07'example'03'com'00"),
                hex());
    }

    @Test
    void theCaseOfLettersIsKept() {
        writer.question(WWW, 0, A, IN);
        answer(Bytes.name("www.EXAMPLE.com"));
        assertEquals(expected("0000 0000 0001 0001 0000 0000"
                + "03'www'07'example'03'com'00 0001 0001"
                + "03'www'07'EXAMPLE'c018 0001 0001 0000012c 0004 c0000201"), hex());
    }

    @Test
    void badNamesAreNotWritten() {
        NativeBuffer loop = Bytes.hex("000000000000000000000000 c00c");
        assertEquals(ReturnCode.DNS_POINTER, writer.question(loop, 12, A, IN));
        assertEquals(ReturnCode.DNS_LABEL_TYPE, writer.question(Bytes.hex("4000"), 0, A, IN));
        assertEquals(ReturnCode.DNS_SHORT, answer(Bytes.hex("03'ab'")));
        assertEquals(ReturnCode.DNS_NAME_TOO_LONG,
                answer(Bytes.hex(("3f" + "61".repeat(63)).repeat(4) + "00")));
        assertEquals(12, writer.finish());
        assertEquals("00".repeat(12), Bytes.hex(out, 0, 12));
    }

    @Test
    void theOrderIsKept() {
        assertEquals(ReturnCode.DNS_ORDER, writer.begin(WWW, 0, A, IN, 0).u32(0).end());
        assertEquals(ReturnCode.DNS_ORDER, writer.end());
        assertEquals(0, writer.section(Section.AUTHORITY));
        assertEquals(ReturnCode.DNS_ORDER, writer.section(Section.ANSWER));
        assertEquals(ReturnCode.DNS_ORDER, writer.question(WWW, 0, A, IN));
        writer.begin(WWW, 0, A, IN, 0);
        assertEquals(ReturnCode.DNS_ORDER, writer.finish());
        assertEquals(ReturnCode.DNS_ORDER, writer.section(Section.ADDITIONAL));
        assertEquals(0, writer.u32(1).end());
        assertTrue(writer.finish() > 12);
    }

    @Test
    void ednsComesLast() {
        writer.question(WWW, 0, A, IN);
        assertEquals(0, writer.beginEdns(1232, 1, 0, Edns.DNSSEC_OK)
                .option(EdnsOption.COOKIE, Bytes.hex("0102030405060708"), 0, 8)
                .beginOption(65_001).u16(0xabcd).endOption()
                .pad(128).end());
        int length = writer.finish();
        assertEquals(128, length);
        assertEquals(0, message.wrap(out, 0, length));
        Edns edns = message.edns();
        assertEquals(1232, edns.payloadSize());
        assertEquals(16, message.rcode());
        assertTrue(edns.isDnssecOk());
        assertTrue(edns.find(EdnsOption.COOKIE) && edns.optionLength() == 8);
        assertTrue(edns.nextOption());
        assertEquals(65_001, edns.optionCode());
        assertEquals("abcd", Bytes.hex(message.buffer(), edns.optionOffset(), 2));
        assertTrue(edns.nextOption());
        assertEquals(EdnsOption.PADDING, edns.optionCode());
        assertFalse(edns.nextOption());
        assertEquals(ReturnCode.DNS_ORDER, writer.beginEdns(1232, 0, 0, 0).beginOption(1).end());
    }

    @Test
    void streamsHaveTheLengthInFront() {
        assertEquals(0, writer.wrapTcp(out, 5, 1_000));
        writer.question(WWW, 0, A, IN);
        int length = writer.finish();
        assertEquals(2 + 33, length);
        assertEquals("0021", Bytes.hex(out, 5, 2));
        assertEquals(0, message.wrap(out, 7, 33));
        assertEquals(33, message.length());
    }

    @Test
    void whatDoesNotFitIsCutOffAtARecord() {
        writer.wrap(out, 0, 33 + 16 * 3 + 15);
        writer.question(WWW, 0, A, IN);
        for (int i = 0; i < 3; i++) {
            assertEquals(0, answer(WWW));
        }
        assertEquals(ReturnCode.DNS_FULL, answer(WWW));
        writer.section(Section.AUTHORITY);
        assertEquals(ReturnCode.DNS_FULL,
                writer.begin(Bytes.name(""), 0, RecordType.NULL, IN, 0).end(), "none after it");
        writer.section(Section.ADDITIONAL);
        assertEquals(0, writer.begin(Bytes.name(""), 0, RecordType.NULL, IN, 0).end());
        int length = writer.finish();
        assertEquals(0, message.wrap(out, 0, length));
        assertTrue(message.has(HeaderFlag.TC));
        assertEquals(3, message.count(Section.ANSWER));
        assertEquals(0, message.count(Section.AUTHORITY));
        assertEquals(1, message.count(Section.ADDITIONAL));
    }

    @Test
    void additionalRecordsMayBeMissing() {
        writer.wrap(out, 0, 40);
        writer.question(WWW, 0, A, IN);
        writer.section(Section.ADDITIONAL);
        assertEquals(ReturnCode.DNS_FULL, writer.begin(WWW, 0, A, IN, 0).u32(1).end());
        writer.finish();
        assertFalse(writer.isTruncated());
    }

    @Test
    void roomForEdnsIsKept() {
        writer.wrap(out, 0, 33 + 16 + 11);
        writer.reserve(11);
        writer.question(WWW, 0, A, IN);
        assertEquals(0, answer(WWW));
        assertEquals(ReturnCode.DNS_FULL, answer(Bytes.name("")));
        assertEquals(0, writer.beginEdns(1232, 0, 0, 0).end());
        assertEquals(33 + 16 + 11, writer.finish());
        assertTrue(writer.isTruncated());
    }

    @Test
    void everyLengthEndsCleanly() {
        for (int limit = 0; limit < 100; limit++) {
            int rc = writer.wrap(out, 0, limit);
            assertEquals(limit < 12 ? ReturnCode.DNS_FULL : 0, rc);
            if (rc == 0) {
                writer.question(WWW, 0, A, IN);
                answer(MAIL);
                writer.section(Section.AUTHORITY);
                writer.begin(MAIL, 0, RecordType.MX, IN, 0).u16(1).name(WWW, 0).end();
                writer.beginEdns(512, 0, 0, 0).pad(16).end();
                int length = writer.finish();
                assertTrue(length <= limit);
                assertEquals(0, message.wrap(out, 0, length), "" + limit);
                assertEquals(length, message.length());
            }
        }
    }

    /** An answer of very many names: the later ones are written whole. */
    @Test
    void namesThatAreLookedUpAreLimited() {
        for (int i = 0; i < 1_000; i++) {
            assertEquals(0, answer(Bytes.name("host" + i + ".example.com")));
        }
        int length = writer.finish();
        assertTrue(length > 880 * (22 + 14), "" + length);
        assertEquals(0, message.wrap(out, 0, length));
        for (int i = 0; message.nextRecord(); i++) {
            assertTrue(Name.equals(message.buffer(), message.record().owner(),
                    Bytes.name("host" + i + ".example.com"), 0));
        }
        assertEquals(1_000, message.count(Section.ANSWER));
    }

    @Test
    void pointersReachOnlySoFar() {
        NativeBuffer filler = NativeBuffer.allocate(17_000);
        writer.section(Section.ANSWER);
        writer.begin(Bytes.name(""), 0, RecordType.NULL, IN, 0).bytes(filler, 0, 17_000).end();
        assertEquals(0, answer(WWW));
        assertEquals(0, answer(WWW));
        int length = writer.finish();
        assertEquals(12 + 11 + 17_000 + 2 * 31, length);
        assertEquals(0, message.wrap(out, 0, length));
    }

    @Test
    void aRecordThatDidNotFitIsNoTarget() {
                writer.wrap(out, 0, 12 + 27 + 30);
        writer.section(Section.ADDITIONAL);
        writer.begin(Bytes.name("x.example.com"), 0, A, IN, 0).u32(1).end();
        assertEquals(ReturnCode.DNS_FULL,
                writer.begin(Bytes.name("y.z.example.com"), 0, RecordType.NULL, IN, 0)
                        .bytes(out, 0, 30).end());
        assertEquals(0, writer.begin(Bytes.name("z.example.com"), 0, A, IN, 0).u32(1).end());
        int length = writer.finish();
        assertEquals(0, message.wrap(out, 0, length));
        message.nextRecord();
        message.nextRecord();
        assertTrue(Name.equals(message.buffer(), message.record().owner(),
                Bytes.name("z.example.com"), 0));
    }

    /** An owner that does not fit leaves no trace for the next record that has it. */
    @Test
    void anOwnerThatDidNotFitIsNotRemembered() {
        NativeBuffer in = NativeBuffer.allocate(1_000);
        NativeBuffer big = Bytes.name("x".repeat(60));
        writer.wrap(in, 0, 1_000);
        writer.section(Section.ADDITIONAL);
        writer.begin(WWW, 0, A, IN, 0).u32(1).end();
        writer.begin(big, 0, A, IN, 0).u32(1).end();
        writer.begin(big, 0, A, IN, 0).u32(2).end();
        assertEquals(0, message.wrap(in, 0, writer.finish()));
        writer.wrap(out, 0, 12 + 31 + 40);
        writer.section(Section.ADDITIONAL);
        assertTrue(message.nextRecord());
        assertEquals(0, writer.record(message.record()));
        assertTrue(message.nextRecord());
        assertEquals(ReturnCode.DNS_FULL, writer.record(message.record()));
        assertTrue(message.nextRecord());
        assertEquals(ReturnCode.DNS_FULL, writer.record(message.record()));
    }

    /** A message of a section each: addresses, mail exchanges, and addresses of a name server. */
    private void setsInEachSection(int addresses) {
        NativeBuffer in = NativeBuffer.allocate(70_000);
        NativeBuffer zone = Bytes.name("example.com");
        writer.wrap(in, 0, 65_535);
        writer.question(WWW, 0, RecordType.ANY, IN);
        writer.section(Section.ANSWER);
        for (int i = 0; i < addresses; i++) {
            writer.begin(WWW, 0, A, i % 7 == 0 ? RecordClass.CH : IN, i).u32(i).end();
        }
        writer.section(Section.AUTHORITY);
        writer.begin(zone, 0, RecordType.MX, IN, 1).u16(1).name(MAIL, 0).end();
        writer.begin(zone, 0, RecordType.MX, IN, 1).u16(2).name(MAIL, 0).end();
        writer.section(Section.ADDITIONAL);
        writer.begin(MAIL, 0, A, IN, 1).u32(1).end();
        writer.begin(MAIL, 0, A, IN, 1).u32(2).end();
        writer.beginEdns(1232, 0, 0, 0).end();
        assertEquals(0, message.wrap(in, 0, writer.finish()));
        assertEquals(0, writer.wrap(out, 0, 70_000));
    }

    /** Sections come out as they are, also those of more records than a message takes note of. */
    @Test
    void sectionsAreWrittenWhole() {
        for (int addresses : new int[] {0, 1, 2, 255, 256, 257, 1_000}) {
            setsInEachSection(addresses);
            assertTrue(message.nextQuestion());
            assertEquals(0, writer.question(message));
            assertEquals(0, writer.records(message, Section.ANSWER));
            assertEquals(0, writer.records(message, Section.AUTHORITY));
            assertEquals(0, writer.records(message, Section.ADDITIONAL));
            assertEquals(message.length(), writer.finish());
            assertEquals(Bytes.hex(message.buffer(), 12, message.length() - 12),
                    Bytes.hex(out, 12, message.length() - 12));
        }
    }

    /** Behind another question all lies elsewhere, so each pointer is another. */
    @Test
    void pointersOfAWholeSectionAreWrittenAnew() {
        setsInEachSection(3);
        writer.question(Bytes.name("x.test"), 0, A, IN);
        assertEquals(0, writer.records(message, Section.ANSWER));
        assertEquals(expected("0000 0000 0001 0003 0000 0000 01'x'04'test'00 0001 0001"
                + "03'www'07'example'03'com'00 0001 0003 00000000 0004 00000000"
                + "c018 0001 0001 00000001 0004 00000001"
                + "c018 0001 0001 00000002 0004 00000002"), hex());
    }

    @Test
    void aSectionIsCutOffWhereItDoesNotFit() {
        setsInEachSection(10);
        writer.wrap(out, 0, 33 + 16 * 4 + 15);
        message.nextQuestion();
        writer.question(message);
        assertEquals(ReturnCode.DNS_FULL, writer.records(message, Section.ANSWER));
        assertEquals(ReturnCode.DNS_FULL, writer.records(message, Section.AUTHORITY));
        assertEquals(33 + 16 * 4, writer.finish());
        assertTrue(writer.isTruncated());
        assertEquals(0, message.wrap(out, 0, writer.finish()));
        assertEquals(4, message.count(Section.ANSWER));
        assertEquals(0, message.count(Section.AUTHORITY));
    }

    @Test
    void sectionsAreWrittenInTheirOrder() {
        setsInEachSection(3);
        assertEquals(ReturnCode.DNS_ORDER, writer.records(message, Section.QUESTION));
        assertEquals(ReturnCode.DNS_ORDER, writer.records(message, 4));
        assertEquals(0, writer.records(message, Section.AUTHORITY));
        int length = writer.length();
        assertEquals(ReturnCode.DNS_ORDER, writer.records(message, Section.ANSWER));
        writer.begin(WWW, 0, A, IN, 0);
        assertEquals(ReturnCode.DNS_ORDER, writer.records(message, Section.ADDITIONAL));
        assertEquals(0, writer.u32(0).end());
        assertTrue(writer.length() > length);
    }

    /** A name is found again although it lies elsewhere in its message, behind no pointer. */
    @Test
    void namesOfAMessageAreCompressedAnew() {
        NativeBuffer in = Bytes.hex("0000 0000 0001 0002 0000 0000"
                + "07'example'03'com'00 0001 0001"
                + "04'mail'c00c 0001 0001 00000001 0004 00000001"
                + "04'mail'07'example'03'com'00 0001 0001 00000001 0004 00000002");
        assertEquals(0, message.wrap(in, 0, in.capacity()));
        message.nextQuestion();
        writer.question(message);
        assertEquals(0, writer.records(message, Section.ANSWER));
        assertEquals(expected("0000 0000 0001 0002 0000 0000"
                + "07'example'03'com'00 0001 0001"
                + "04'mail'c00c 0001 0001 00000001 0004 00000001"
                + "c01d 0001 0001 00000001 0004 00000002"), hex());
    }

    @Test
    void aHeapBufferIsRefused() {
        assertEquals(ReturnCode.HEAP_BUFFER, writer.wrap(Bytes.onHeap(), 0, 64));
    }
}
