package io.penstock.dns.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Names in place; what is refused is the first three rows of the attack table. */
class NameTest {
    private static final String HEADER = "000000000000000000000000";

    private static int validate(String hex, int offset) {
        NativeBuffer buffer = Bytes.hex(hex);
        return Name.validate(buffer, offset, buffer.capacity());
    }

    @Test
    void plainNames() {
        assertEquals(1, validate("00", 0));
        assertEquals(17, validate("03'www'07'example'03'com'00", 0));
        assertEquals(ReturnCode.DNS_SHORT, validate("03'www'", 0));
        assertEquals(ReturnCode.DNS_SHORT, validate("03'ww'", 0));
        assertEquals(ReturnCode.DNS_SHORT, validate("", 0));
        assertEquals(ReturnCode.DNS_SHORT, validate("00", 1));
        assertEquals(ReturnCode.DNS_SHORT, validate("00", -1));
    }

    @Test
    void pointersGoBackwardsOnly() {
        assertEquals(2, validate(HEADER + "01'a'00 c00c", 15));
        assertEquals(4, validate(HEADER + "01'a'00 01'b'c00c", 15));
        assertEquals(ReturnCode.DNS_POINTER, validate(HEADER + "c00c", 12), "to itself");
        assertEquals(ReturnCode.DNS_POINTER, validate(HEADER + "c00e 00", 12), "forward");
        assertEquals(ReturnCode.DNS_POINTER, validate(HEADER + "01'a'c00c", 12), "to its start");
        assertEquals(ReturnCode.DNS_POINTER, validate(HEADER + "01'a'c00e", 12), "into its run");
        assertEquals(ReturnCode.DNS_POINTER, validate(HEADER + "c00e c00c", 14), "two in a ring");
        assertEquals(ReturnCode.DNS_POINTER, validate(HEADER + "01'a'c00c", 14), "back to a ring");
        assertEquals(ReturnCode.DNS_POINTER, validate(HEADER + "c004", 12), "into the header");
        assertEquals(ReturnCode.DNS_SHORT, validate(HEADER + "00c0", 13), "half a pointer");
    }

    @Test
    void hopsAreLimited() {
        StringBuilder hex = new StringBuilder(HEADER + "00");
        for (int i = 0; i < 130; i++) {
            hex.append(String.format("%04x", 0xc000 | (i == 0 ? 12 : 13 + 2 * (i - 1))));
        }
        assertEquals(2, validate(hex.toString(), 13 + 2 * 127));
        assertEquals(ReturnCode.DNS_HOPS, validate(hex.toString(), 13 + 2 * 128));
    }

    @Test
    void lengthsAreLimited() {
        String label = "3f" + "61".repeat(63);
        assertEquals(ReturnCode.DNS_LABEL_TYPE, validate("40" + "61".repeat(64) + "00", 0));
        assertEquals(ReturnCode.DNS_LABEL_TYPE, validate("8000", 0));
        String most = label.repeat(3) + "3d" + "61".repeat(61) + "00";
        assertEquals(255, validate(most, 0));
        String more = label.repeat(3) + "3e" + "61".repeat(62) + "00";
        assertEquals(ReturnCode.DNS_NAME_TOO_LONG, validate(more, 0));
        String joined = HEADER + label.repeat(2) + "00" + label.repeat(2) + "c00c";
        assertEquals(ReturnCode.DNS_NAME_TOO_LONG, validate(joined, 12 + 129));
    }

    @Test
    void theLimitHoldsForItsOwnOctets() {
        NativeBuffer buffer = Bytes.hex("03'www'00");
        assertEquals(ReturnCode.DNS_SHORT, Name.validate(buffer, 0, 4));
        assertEquals(ReturnCode.DNS_SHORT, Name.validate(buffer, 0, 6));
    }

    @Test
    void namesAreComparedWithoutCopying() {
        NativeBuffer m = Bytes.hex(HEADER + "07'Example'03'com'00 03'www'c00c c00c");
        NativeBuffer other = Bytes.name("WWW.example.COM");
        assertTrue(Name.equals(m, 25, other, 0));
        assertFalse(Name.equalsExactly(m, 25, other, 0));
        assertTrue(Name.equalsExactly(m, 25, Bytes.name("www.Example.com"), 0));
        assertEquals(Name.hash(m, 25), Name.hash(other, 0));
        assertFalse(Name.equals(m, 12, other, 0));
        assertFalse(Name.equals(m, 25, Bytes.name("www.example.co"), 0));
        assertFalse(Name.equals(Bytes.hex("01'@'00"), 0, Bytes.hex("01'`'00"), 0), "no letters");
        assertFalse(Name.equals(Bytes.hex("01'['00"), 0, Bytes.hex("01'{'00"), 0), "no letters");
        assertEquals(3, Name.labels(m, 25));
        assertEquals(17, Name.length(m, 25));
        assertEquals(6, Name.bytesInPlace(m, 25));
        assertEquals(12, Name.parent(m, 25));
        assertEquals(12, Name.label(m, 31));
        assertTrue(Name.isWithin(m, 25, m, 12));
        assertTrue(Name.isWithin(m, 12, m, 12));
        assertTrue(Name.isWithin(m, 12, Bytes.name(""), 0));
        assertFalse(Name.isWithin(m, 12, m, 25));
        assertFalse(Name.isWithin(Bytes.name("badexample.com"), 0, m, 12));
    }

    @Test
    void copiesHaveNoPointers() {
        NativeBuffer m = Bytes.hex(HEADER + "07'Example'03'com'00 03'www'c00c");
        NativeBuffer to = NativeBuffer.allocate(20);
        assertEquals(17, Name.copy(m, 25, to, 3, 20));
        assertTrue(Name.equalsExactly(to, 3, Bytes.name("www.Example.com"), 0));
        assertEquals(ReturnCode.DNS_FULL, Name.copy(m, 25, to, 4, 20));
    }

    /** The example of RFC 4034 6.1. */
    @Test
    void canonicalOrder() {
        List<NativeBuffer> names = List.of(Bytes.name("example"), Bytes.name("a.example"),
                Bytes.name("yljkjljk.a.example"), Bytes.name("Z.a.example"),
                Bytes.name("zABC.a.EXAMPLE"), Bytes.name("z.example"),
                Bytes.hex("01 01 01'z'07'example'00"),
                Bytes.hex("01'*'01'z'07'example'00"), Bytes.hex("01 c8 01'z'07'example'00"));
        for (int i = 0; i < names.size(); i++) {
            for (int j = 0; j < names.size(); j++) {
                int expected = Integer.compare(i, j);
                int actual = Name.compare(names.get(i), 0, names.get(j), 0);
                assertEquals(expected, Integer.signum(actual), i + " " + j);
            }
        }
    }

    @Test
    void hostNames() {
        assertTrue(Name.isHostName(Bytes.name("www.example-1.com"), 0));
        assertTrue(Name.isHostName(Bytes.name("3com.com"), 0));
        assertFalse(Name.isHostName(Bytes.name(""), 0));
        assertFalse(Name.isHostName(Bytes.name("-a.com"), 0));
        assertFalse(Name.isHostName(Bytes.name("a-.com"), 0));
        assertTrue(Name.isHostName(Bytes.name("a_b.com"), 0));
        assertFalse(Name.isHostName(Bytes.hex("03'a.b'00"), 0));
        assertFalse(Name.isHostName(Bytes.hex("03 610062 00"), 0));
    }
}
