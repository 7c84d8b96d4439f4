package io.penstock.dns.iana;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.testing.Allocation;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Type;

class RegistriesTest {
    private long sum;

    @Test
    void everyTypeHasItsNameAndLayout() throws IllegalAccessException {
        int count = 0;
        for (Field field : RecordType.class.getFields()) {
            if (Modifier.isStatic(field.getModifiers()) && field.getType() == int.class) {
                int type = field.getInt(null);
                String name = RecordType.name(type);
                assertEquals(field.getName().replace('_', '-'), name);
                assertEquals(type, RecordType.parse(name));
                assertEquals(type, RecordType.parse(name.toLowerCase(Locale.ROOT)));
                assertTrue(RecordType.layout(type).count() > 0, name);
                count++;
            }
        }
        assertTrue(count > 90, "" + count);
    }

    @Test
    void numbersAreThoseOfTheOtherLibrary() {
        int known = 0;
        for (int type = 1; type < 65_536; type++) {
            String theirs = Type.string(type);
            if (RecordType.name(type) != null && !theirs.startsWith("TYPE")) {
                assertEquals(theirs, RecordType.name(type));
                known++;
            }
        }
        assertTrue(known > 70, "" + known);
    }

    @Test
    void unknownNumbersAreWrittenOut() {
        assertNull(RecordType.name(1234));
        assertEquals(1234, RecordType.parse("TYPE1234"));
        assertEquals(65_535, RecordType.parse("type65535"));
        assertEquals(-1, RecordType.parse("TYPE65536"));
        assertEquals(-1, RecordType.parse("TYPE"));
        assertEquals(-1, RecordType.parse("TYPE1x"));
        assertEquals(-1, RecordType.parse(""));
        assertEquals(7, RecordClass.parse("CLASS7"));
        assertEquals(667, SvcParamKey.parse("key667"));
        assertEquals(13, Algorithm.parse("13"));
        assertEquals(-1, Algorithm.parse("256"));
        assertEquals("no-default-alpn", SvcParamKey.name(SvcParamKey.NO_DEFAULT_ALPN));
        assertEquals(Rcode.BADVERS, Rcode.parse("BADSIG"));
        assertEquals("BADVERS", Rcode.name(Rcode.BADVERS));
        assertSame(RecordType.layout(RecordType.NULL).field(0), RdataField.OPAQUE);
        assertSame(RecordType.layout(-1), RecordType.layout(65_535));
    }

    @Test
    void layouts() {
        RdataLayout srv = RecordType.layout(RecordType.SRV);
        assertEquals(4, srv.count());
        assertEquals(6, srv.offset(3));
        assertEquals(-1, srv.bytes());
        assertTrue(srv.hasNames());
        RdataLayout soa = RecordType.layout(RecordType.SOA);
        assertEquals(0, soa.offset(0));
        assertEquals(-1, soa.offset(1));
        assertEquals(16, RecordType.layout(RecordType.AAAA).bytes());
        assertFalse(RecordType.layout(RecordType.AAAA).hasNames());
        assertTrue(RecordType.isMeta(RecordType.AXFR) && RecordType.isMeta(RecordType.OPT));
        assertFalse(RecordType.isMeta(RecordType.URI));
    }

    @Test
    @Tag("allocation")
    void lookingUpAllocatesNothing() {
        Allocation.assertNone("lookup", 200, 200, () ->
                sum += RecordType.parse("https") + RecordType.parse("TYPE77")
                        + RecordType.name(RecordType.MX).length()
                        + RecordType.layout(RecordType.MX).count());
    }

    /** Copying goes by it: all names of a record's data are in a row. */
    @Test
    void namesAreInARow() {
        for (int type = 0; type < 0x10000; type++) {
            RdataLayout layout = RecordType.layout(type);
            boolean hasEnded = false;
            for (int i = layout.firstName(); layout.hasNames() && i < layout.count(); i++) {
                hasEnded |= !layout.field(i).isName();
                assertFalse(hasEnded && layout.field(i).isName(), "type " + type);
            }
        }
    }
}
