package io.penstock.dns.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.dns.iana.EdnsOption;
import io.penstock.dns.iana.HeaderFlag;
import io.penstock.dns.iana.Opcode;
import io.penstock.dns.iana.Rcode;
import io.penstock.dns.iana.RecordClass;
import io.penstock.dns.iana.RecordType;
import org.junit.jupiter.api.Test;

class MessageTest {
    private static final String QUESTION = "07'example'03'com'00 0001 0001"; // 12 to 28
    private final Message message = new Message();

    private int wrap(String hex) {
        NativeBuffer buffer = Bytes.hex(hex);
        return message.wrap(buffer, 0, buffer.capacity());
    }

    private static String header(int questions, int answers, int authorities, int additionals) {
        return String.format("1234 8180 %04x %04x %04x %04x",
                questions, answers, authorities, additionals);
    }

    private void refused(int code, int offset, String hex) {
        int rc = wrap(hex);
        assertEquals(ReturnCode.describe(code), ReturnCode.describe(rc), hex);
        assertEquals(offset, message.errorOffset(), hex);
        assertFalse(message.nextQuestion());
        assertFalse(message.nextRecord());
        assertNull(message.edns());
        assertEquals(0, message.length());
    }

    @Test
    void anAnswer() {
        assertEquals(0, wrap(header(1, 2, 0, 1) + QUESTION
                + "c00c 0001 0001 0000012c 0004 c0000201"
                + "c00c 001c 0001 ffffffff 0010 20010db8000000000000000000000001"
                + "00 0029 04d0 01 00 8000 000c 000a0008 0102030405060708"));
        assertEquals(0x1234, message.id());
        assertTrue(message.has(HeaderFlag.QR) && message.has(HeaderFlag.RD));
        assertFalse(message.has(HeaderFlag.TC));
        assertEquals(Opcode.QUERY, message.opcode());
        assertEquals(Rcode.BADVERS, message.rcode());
        assertTrue(message.nextQuestion());
        assertEquals(12, message.questionName());
        assertEquals(RecordType.A, message.questionType());
        assertEquals(RecordClass.IN, message.questionClass());
        assertFalse(message.nextQuestion());
        ResourceRecord record = message.record();
        assertTrue(message.nextRecord());
        assertEquals(Section.ANSWER, message.section());
        assertEquals(RecordType.A, record.type());
        assertEquals(RecordClass.IN, record.recordClass());
        assertEquals(300, record.ttl());
        assertEquals(0xc0000201, record.ipv4());
        assertEquals(0xc0000201L, record.number(Rdata.VALUE));
        assertTrue(Name.equals(message.buffer(), record.owner(), Bytes.name("EXAMPLE.com"), 0));
        assertTrue(message.nextRecord());
        assertEquals(0xffff_ffffL, record.ttl());
        assertEquals(0x20010db800000000L, record.ipv6High());
        assertEquals(1, record.ipv6Low());
        assertTrue(message.nextRecord());
        assertEquals(Section.ADDITIONAL, message.section());
        assertEquals(RecordType.OPT, record.type());
        assertFalse(message.nextRecord());
        message.seek(Section.ADDITIONAL);
        assertTrue(message.nextRecord());
        assertEquals(RecordType.OPT, record.type());
        message.rewind();
        assertTrue(message.nextQuestion() && message.nextRecord());
        Edns edns = message.edns();
        assertEquals(1232, edns.payloadSize());
        assertTrue(edns.isDnssecOk());
        assertTrue(edns.find(EdnsOption.COOKIE));
        assertEquals(0x0102030405060708L, edns.clientCookie());
        assertFalse(edns.find(EdnsOption.NSID));
    }

    @Test
    void whatLiesBehindIsLeftAlone() {
        assertEquals(0, wrap(header(1, 0, 0, 0) + QUESTION + "deadbeef"));
        assertEquals(29, message.length());
    }

    @Test
    void shortOnes() {
        refused(ReturnCode.DNS_SHORT, 0, "");
        refused(ReturnCode.DNS_SHORT, 0, "1234 8180 0000 0000 0000 00");
        refused(ReturnCode.DNS_SHORT, 12, header(1, 0, 0, 0));
        refused(ReturnCode.DNS_SHORT, 12, header(1, 0, 0, 0) + "00 0001 00");
        refused(ReturnCode.DNS_SHORT, 29, header(1, 1, 0, 0) + QUESTION);
        refused(ReturnCode.DNS_SHORT, 29, header(1, 1, 0, 0) + QUESTION + "c00c 0001 0001 000000");
        refused(ReturnCode.DNS_SHORT, 29, header(1, 1, 0, 0) + QUESTION
                + "c00c 0001 0001 00000000 0004 c00002");
        refused(ReturnCode.DNS_SHORT, 12, header(65_535, 65_535, 65_535, 65_535));
    }

    @Test
    void badNames() {
        refused(ReturnCode.DNS_POINTER, 29, header(1, 1, 0, 0) + QUESTION
                + "c01d 0001 0001 00000000 0004 c0000201");
        refused(ReturnCode.DNS_LABEL_TYPE, 29, header(1, 1, 0, 0) + QUESTION
                + "40 0001 0001 00000000 0004 c0000201");
        // The name of the record data may not end behind the data.
        refused(ReturnCode.DNS_SHORT, 41, header(1, 1, 0, 0) + QUESTION
                + "c00c 0002 0001 00000000 0003 03'abc'00");
    }

    @Test
    void badData() {
        String owner = header(1, 1, 0, 0) + QUESTION + "c00c ";
        refused(ReturnCode.DNS_RDATA_LENGTH, 41, owner + "0001 0001 00000000 0005 c000020100");
        refused(ReturnCode.DNS_RDATA_LENGTH, 41, owner + "0001 0001 00000000 0000");
        refused(ReturnCode.DNS_RDATA_LENGTH, 43, owner + "0002 0001 00000000 0003 c00c00");
        refused(ReturnCode.DNS_RDATA_LENGTH, 41, owner + "0010 0001 00000000 0000");
        refused(ReturnCode.DNS_RDATA_LENGTH, 43, owner + "0010 0001 00000000 0004 01'a'02'b'");
        refused(ReturnCode.DNS_RDATA_LENGTH, 41, owner + "000f 0001 00000000 0001 00");
        refused(ReturnCode.DNS_RDATA, 42, owner + "002f 0001 00000000 0005 00 0000 0101");
        refused(ReturnCode.DNS_RDATA, 44, owner + "002f 0001 00000000 0004 00 0001 00");
        refused(ReturnCode.DNS_RDATA, 45, owner
                + "002f 0001 00000000 0007 00 000101 000101");
        refused(ReturnCode.DNS_RDATA, 41, owner + "002a 0001 00000000 0004 000a0000");
        refused(ReturnCode.DNS_RDATA, 41, owner + "0037 0001 00000000 0005 0002000100");
        refused(ReturnCode.DNS_RDATA, 50, owner
                + "0040 0001 00000000 000d 0001 00 0003 0002 0035 0003 0000");
    }

    @Test
    void anUpdateMayHaveNoData() {
        assertEquals(0, wrap(header(1, 1, 1, 0) + QUESTION + "c00c 0001 00ff 00000000 0000"
                + "c00c 000f 00fe 00000000 0000"));
        ResourceRecord record = message.record();
        assertTrue(message.nextRecord() && message.nextRecord());
        assertEquals(-1, record.offset(Rdata.MX_EXCHANGE));
        assertEquals(0, record.length(Rdata.MX_EXCHANGE));
        assertEquals(-1, record.number(Rdata.MX_PREFERENCE));
    }

    @Test
    void oneOptAndInItsPlace() {
        String opt = "00 0029 04d0 00000000 0000";
        assertEquals(0, wrap(header(0, 0, 0, 1) + opt));
        assertNotNull(message.edns());
        refused(ReturnCode.DNS_OPT, 23, header(0, 0, 0, 2) + opt + opt);
        refused(ReturnCode.DNS_OPT, 12, header(0, 1, 0, 0) + opt);
        refused(ReturnCode.DNS_OPT, 12, header(0, 0, 1, 0) + opt);
        refused(ReturnCode.DNS_OPT, 12, header(0, 0, 0, 1) + "01'a'" + opt);
    }

    @Test
    void options() {
        String opt = header(0, 0, 0, 1) + "00 0029 04d0 00000000 ";
        refused(ReturnCode.DNS_OPTION, 23, opt + "0003 000300");
        refused(ReturnCode.DNS_OPTION, 23, opt + "0005 0003 0002 00");
        refused(ReturnCode.DNS_OPTION, 23, opt + "000b 000a 0007 01020304050607");
        refused(ReturnCode.DNS_OPTION, 23, opt + "000d 000a 0009 010203040506070809");
        refused(ReturnCode.DNS_OPTION, 23, opt + "0005 000b 0001 00");
        refused(ReturnCode.DNS_OPTION, 23, opt + "0005 000f 0001 00");
        refused(ReturnCode.DNS_OPTION, 23, opt + "000b 0008 0007 0001 19 00 c00002");
        refused(ReturnCode.DNS_OPTION, 23, opt + "000b 0008 0007 0001 17 00 c00003");
        refused(ReturnCode.DNS_OPTION, 23, opt + "0006 0012 0002 0161");
        assertEquals(0, wrap(opt + "000b 0008 0007 0001 17 00 c00002"));
        Edns edns = message.edns();
        assertTrue(edns.find(EdnsOption.CLIENT_SUBNET));
        assertEquals(1, edns.subnetFamily());
        assertEquals(23, edns.subnetSourcePrefix());
        assertEquals(0, edns.subnetScopePrefix());
        assertEquals(0, wrap(opt + "0012 000f 0002 0006 000b 0002 0064 fde8 0002 abcd"));
        edns = message.edns();
        assertTrue(edns.find(EdnsOption.EXTENDED_ERROR));
        assertEquals(6, edns.extendedError());
        assertTrue(edns.find(EdnsOption.TCP_KEEPALIVE));
        assertEquals(100, edns.keepaliveTimeout100Ms());
        assertTrue(edns.nextOption());
        assertEquals(65_000, edns.optionCode());
        assertEquals(2, edns.optionLength());
        assertEquals("abcd", Bytes.hex(message.buffer(), edns.optionOffset(), 2));
        assertFalse(edns.nextOption());
    }

    @Test
    void optionsAreCounted() {
        String opt = header(0, 0, 0, 1) + "00 0029 04d0 00000000 ";
        assertEquals(0, wrap(opt + "0100" + "fde80000".repeat(64)));
        refused(ReturnCode.DNS_OPTION, 23 + 4 * 64, opt + "0104" + "fde80000".repeat(65));
    }

    @Test
    void aHeapBufferIsRefused() {
        assertEquals(ReturnCode.HEAP_BUFFER,
                message.wrap(Bytes.onHeap(), 0, 64));
    }

    /** 5,000 records whose names are all at the most hops: bounded, so it ends. */
    @Test
    void aMessageFullOfChains() {
        StringBuilder hex = new StringBuilder(header(0, 5_000, 0, 0));
        hex.append("00 0001 0001 00000000 0004 00000000");
        int last = 12;
        int at = 27;
        for (int i = 1; i < 5_000 && at < 0x3fff; i++) {
            int target = i < 128 ? last : 12 + 15 + 16 * 125;
            hex.append(String.format("%04x 0001 0001 00000000 0004 00000000", 0xc000 | target));
            last = at;
            at += 16;
        }
        assertEquals(ReturnCode.DNS_SHORT, wrap(hex.toString()));
        assertTrue(message.errorOffset() > 16_000);
    }

    @Test
    void addressesOfAllOwners() {
        String data = "0001 0001 0000012c 0004 c0000201";
        assertEquals(0, wrap(header(0, 3, 0, 0) + "00" + data + "c00c" + data + "01'a'00" + data));
        int[] owners = {12, 12, 43};
        for (int owner : owners) {
            assertTrue(message.nextRecord());
            assertEquals(owner, message.record().owner());
            assertEquals(0xc0000201, message.record().ipv4());
        }
        refused(ReturnCode.DNS_POINTER, 43, header(0, 3, 0, 0) + "00" + data + "c00c" + data
                + "c02b" + data);
        refused(ReturnCode.DNS_SHORT, 27, header(0, 2, 0, 0) + "00" + data
                + "c00c 001c 0001 00000000 0010" + "00".repeat(15));
    }

    /** A message ends at 65,535 octets, whatever follows it. */
    @Test
    void whatIsBeyondTheLongestMessage() {
        String record = "00 000a 0001 00000000 7fe4" + "00".repeat(0x7fe4); // 32,751 each
        refused(ReturnCode.DNS_SHORT, 65_514, header(0, 3, 0, 0) + record + record + record);
    }

    /** What was known of names must not outlive the message they are in. */
    @Test
    void fieldsBehindNamesOfAnotherMessage() {
        String numbers = "00000001 00000002 00000003 00000004 00000005";
        String owner = "00 0006 0001 00000000 ";
        String name = ("3f" + "61".repeat(63)).repeat(3) + "00";
        assertEquals(0, wrap(header(0, 1, 0, 0) + owner + "00d6" + name + "00" + numbers));
        assertTrue(message.nextRecord());
        assertEquals(1, message.record().number(Rdata.SOA_SERIAL));
        assertEquals(0, wrap(header(0, 2, 0, 0) + "00 0002 0001 00000000 0003 01'a'00"
                + owner + "0057 3f" + "61".repeat(63) + "c017" + "00" + numbers));
        assertTrue(message.nextRecord() && message.nextRecord());
        assertEquals(1, message.record().number(Rdata.SOA_SERIAL));
    }
}
