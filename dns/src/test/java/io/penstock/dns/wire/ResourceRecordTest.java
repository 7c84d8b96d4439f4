package io.penstock.dns.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.dns.iana.RecordType;
import io.penstock.dns.iana.SvcParamKey;
import org.junit.jupiter.api.Test;

/** Fields of record data, by their names. */
class ResourceRecordTest {
    private final ZoneReader reader = new ZoneReader();

    private ResourceRecord read(String data) {
        reader.wrap("a.example. 60 IN " + data);
        assertEquals(ZoneReader.RECORD, reader.next(), data);
        return reader.record();
    }

    private static String name(ResourceRecord record, int field) {
        return NameText.append(
                new StringBuilder(), record.buffer(), record.offset(field)).toString();
    }

    private static String octets(ResourceRecord record, int field) {
        return Bytes.hex(record.buffer(), record.offset(field), record.length(field));
    }

    @Test
    void numbersAndNames() {
        ResourceRecord soa = read("SOA ns.example. admin.example. 4294967295 2 3 4 5");
        assertEquals("ns.example.", name(soa, Rdata.SOA_MNAME));
        assertEquals("admin.example.", name(soa, Rdata.SOA_RNAME));
        assertEquals(0xffff_ffffL, soa.number(Rdata.SOA_SERIAL));
        assertEquals(5, soa.number(Rdata.SOA_MINIMUM));
        assertThrows(IllegalArgumentException.class, () -> soa.number(Rdata.SOA_MNAME));
        ResourceRecord srv = read("SRV 1 2 65535 host.example.");
        assertEquals(65_535, srv.number(Rdata.SRV_PORT));
        assertEquals("host.example.", name(srv, Rdata.SRV_TARGET));
        ResourceRecord naptr = read("NAPTR 100 10 \"u\" \"sip\" \"!x!y!\" r.example.");
        assertEquals("0175", octets(naptr, Rdata.NAPTR_FLAGS));
        assertEquals("r.example.", name(naptr, Rdata.NAPTR_REPLACEMENT));
        ResourceRecord rrsig = read(
                "RRSIG AAAA 13 2 60 20300101000000 20200101000000 7 example. AQID");
        assertEquals(RecordType.AAAA, rrsig.number(Rdata.RRSIG_TYPE_COVERED));
        assertEquals(1_577_836_800, rrsig.number(Rdata.RRSIG_INCEPTION));
        assertEquals("example.", name(rrsig, Rdata.RRSIG_SIGNER));
        assertEquals("010203", octets(rrsig, Rdata.RRSIG_SIGNATURE));
        assertEquals(0x0014_4fff_ff20_ee64L,
                read("NID 10 0014:4fff:ff20:ee64").number(Rdata.LP_TARGET));
    }

    @Test
    void sets() {
        ResourceRecord nsec = read("NSEC b.example. A MX RRSIG NSEC TYPE1234");
        int at = nsec.offset(Rdata.NSEC_TYPES);
        int length = nsec.length(Rdata.NSEC_TYPES);
        assertTrue(TypeBitmap.contains(nsec.buffer(), at, length, RecordType.MX));
        assertTrue(TypeBitmap.contains(nsec.buffer(), at, length, 1234));
        assertFalse(TypeBitmap.contains(nsec.buffer(), at, length, RecordType.AAAA));
        assertFalse(TypeBitmap.contains(nsec.buffer(), at, length, 65_535));
        int count = 0;
        for (int t = TypeBitmap.next(nsec.buffer(), at, length, 0); t >= 0;
                t = TypeBitmap.next(nsec.buffer(), at, length, t + 1)) {
            count++;
        }
        assertEquals(5, count);
    }

    @Test
    void serviceParameters() {
        ResourceRecord https = read("HTTPS 1 . port=8443 alpn=h2,h3 ipv4hint=192.0.2.1");
        assertEquals(".", name(https, Rdata.SVCB_TARGET));
        SvcParams params = new SvcParams();
        params.wrap(https);
        assertTrue(params.next());
        assertEquals(SvcParamKey.ALPN, params.key(), "in ascending order");
        assertTrue(params.find(SvcParamKey.PORT));
        assertEquals("20fb", Bytes.hex(https.buffer(), params.offset(), params.length()));
        assertTrue(params.next());
        assertEquals(SvcParamKey.IPV4HINT, params.key());
        assertFalse(params.next());
        assertFalse(params.find(SvcParamKey.ECH));
        params.wrap(read("SVCB 0 x.example."));
        assertFalse(params.next());
    }

    @Test
    void aloneInABuffer() {
        NativeBuffer bytes = Bytes.hex("ff 01'a'00 0001 0001 0000003c 0004 01020304 ff");
        ResourceRecord record = new ResourceRecord();
        assertEquals(17, record.wrap(bytes, 1, 18));
        assertEquals(1, record.owner());
        assertEquals(3, record.ownerLength());
        assertEquals(0x01020304, record.ipv4());
        assertEquals("a. 60 IN A 1.2.3.4",
                RecordText.append(new StringBuilder(), record).toString());
        assertEquals(ReturnCode.DNS_SHORT, record.wrap(bytes, 1, 16));
        assertEquals(1, record.errorOffset());
        NativeBuffer pointer = Bytes.hex("00 0005 0001 00000000 0002 c000");
        assertEquals(ReturnCode.DNS_POINTER, record.wrap(pointer, 0, 13), "below any name");
        assertEquals(ReturnCode.HEAP_BUFFER, record.wrap(Bytes.onHeap(), 0, 16));
    }

    /** Places of records are packed into words, which must have room for it. */
    @Test
    void recordsFarIntoABuffer() {
        NativeBuffer far = NativeBuffer.allocate(200_000);
        NativeBuffer one = Bytes.hex("01'a'00 000f 0001 0000012c 0006 000a 02'mx'00");
        for (int at : new int[] {65_530, 65_536, 131_000}) {
            far.putBytes(at, one, 0, one.capacity());
            ResourceRecord record = new ResourceRecord();
            assertEquals(one.capacity(), record.wrap(far, at, far.capacity() - at));
            assertEquals(at, record.owner());
            assertEquals(3, record.ownerLength());
            assertEquals(at + 13, record.rdataOffset());
            assertEquals(at + 15, record.offset(Rdata.MX_EXCHANGE));
            assertEquals(300, record.ttl());
        }
    }
}
