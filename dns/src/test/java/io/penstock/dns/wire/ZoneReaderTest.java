package io.penstock.dns.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Zone files; that of RFC 1035 5.3 among them. */
class ZoneReaderTest {
    private final ZoneReader reader = new ZoneReader();

    private List<String> read(String zone) {
        NativeBuffer text = Bytes.of(zone.getBytes(StandardCharsets.ISO_8859_1));
        reader.wrap(text, 0, text.capacity());
        List<String> records = new ArrayList<>();
        int rc = reader.next();
        while (rc == ZoneReader.RECORD) {
            records.add(RecordText.append(new StringBuilder(), reader.record()).toString());
            rc = reader.next();
        }
        assertEquals("OK", ReturnCode.describe(rc), zone + reader.line() + ":" + reader.column());
        return records;
    }

    private void refused(int code, int line, int column, String zone) {
        reader.wrap(zone);
        int rc = reader.next();
        while (rc == ZoneReader.RECORD) {
            rc = reader.next();
        }
        assertEquals(ReturnCode.describe(code), ReturnCode.describe(rc), zone);
        assertEquals(line + ":" + column, reader.line() + ":" + reader.column(), zone);
    }

    @Test
    void theExampleOfTheStandard() {
        assertEquals(List.of(
                "ISI.EDU. 60 IN SOA VENERA.ISI.EDU. Action\\.domains.ISI.EDU. "
                        + "20 7200 600 3600000 60",
                "ISI.EDU. 60 IN NS A.ISI.EDU.",
                "ISI.EDU. 60 IN NS VAXA.ISI.EDU.",
                "ISI.EDU. 60 IN MX 10 VENERA.ISI.EDU.",
                "A.ISI.EDU. 60 IN A 26.3.0.103",
                "VENERA.ISI.EDU. 60 IN A 10.1.0.52",
                "VENERA.ISI.EDU. 60 IN A 128.9.0.32"), read("""
                $ORIGIN ISI.EDU.
                $TTL 1m
                @   IN  SOA     VENERA      Action\\.domains (
                                                 20     ; SERIAL
                                                 7200   ; REFRESH
                                                 600    ; RETRY
                                                 3600000; EXPIRE
                                                 60)    ; MINIMUM

                        NS      A.ISI.EDU.
                        NS      VAXA
                        MX      10      VENERA

                A       A       26.3.0.103

                VENERA  A       10.1.0.52
                        A       128.9.0.32
                """));
    }

    @Test
    void ttlAndClassInAnyOrderOrMissing() {
        assertEquals(List.of("a. 5 IN A 1.2.3.4", "a. 6 IN A 1.2.3.4", "a. 6 IN A 1.2.3.4",
                "a. 7 CH A 1.2.3.4", "a. 7 CH A 1.2.3.4"), read("""
                a. 5 IN A 1.2.3.4
                a. IN 6 A 1.2.3.4
                a. A 1.2.3.4
                a. 7 CH A 1.2.3.4
                a. A 1.2.3.4
                """));
        assertEquals(List.of("a. 90061 IN A 1.2.3.4", "a. 9 IN A 1.2.3.4",
                "a. 90061 IN A 1.2.3.4"), read("""
                $TTL 1d1h1m1s
                a. A 1.2.3.4
                  9 A 1.2.3.4
                  A 1.2.3.4
                """));
        assertEquals(List.of("a. 30 IN SOA . . 1 2 3 4 30"), read("a. SOA . . 1 2 3 4 30\n"));
    }

    @Test
    void odds() {
        assertEquals(List.of(), read(""));
        assertEquals(List.of(), read("\n ; comment\n\t\n  \r\n;x"));
        assertEquals(List.of("a. 1 IN TXT \"a;b\" \"c d\" \"e\\\"\" \"\""),
                read("a. 1 TXT a\\;b \"c d\" \"e\\\"\" \"\" ; no text"));
        assertEquals(List.of("a. 1 IN TXT \"\\195\\164\" \"\\228\""),
                read("a. 1 TXT \u00c3\u00a4 \\228"));
        assertEquals(List.of("a. 1 IN TXT \"x\"", "b. 1 IN A 1.2.3.4"),
                read("a. 1 TXT (\n\n x ;)\n )\nb. A 1.2.3.4"));
        assertEquals(List.of("a. 1 IN DS 1 8 2 ABCDEF"),
                read("a. 1 DS 1 RSASHA256 2 AB (CD\n EF)"));
        assertEquals(List.of("a. 1 CLASS32 TYPE731 \\# 2 ABCD"),
                read("a. 1 CLASS32 TYPE731 \\# 2 abcd"));
        assertEquals(List.of("a. 1 IN A 10.0.0.1"), read("a. 1 CLASS1 TYPE1 \\# 4 0A000001"));
        assertEquals(List.of("a. 1 IN HTTPS 1 . alpn=\"a\\\\,b,c\\\\\\\\d\" port=1"),
                read("a. 1 HTTPS 1 . port=1 alpn=a\\\\,b,c\\\\\\\\d"));
        assertEquals(List.of("a. 1 IN HTTPS 1 . key700=\"x y\""),
                read("a. 1 HTTPS 1 . key700=\"x y\""));
    }

    @Test
    void directives() {
        assertEquals(List.of("a.b.c. 1 IN NS x.b.c.", "y.b.c. 1 IN NS b.c."), read("""
                $origin c.
                $ORIGIN b ; relative
                a 1 NS x
                y NS @
                """));
        refused(ReturnCode.DNS_SYNTAX, 1, 1, "$GENERATE 1-2 a A 1.2.3.4\n");
        refused(ReturnCode.DNS_SYNTAX, 1, 8, "$TTL 1 2\n");
        refused(ReturnCode.DNS_NUMBER, 1, 6, "$TTL x\n");
        refused(ReturnCode.DNS_ORIGIN, 1, 9, "$ORIGIN a\n");
    }

    @Test
    void includesAreForTheCaller() {
        refused(ReturnCode.DNS_INCLUDE, 2, 1, "$ORIGIN a.\n$INCLUDE /etc/passwd\n");
        reader.allowInclude(true);
        reader.wrap("$INCLUDE x\n$ORIGIN a.\n$INCLUDE \"other file\"\n"
                + "$INCLUDE y sub\n@ 1 A 1.2.3.4");
        assertEquals(ZoneReader.INCLUDE, reader.next());
        assertEquals("x", reader.includePath().toString());
        assertNull(reader.includeOrigin());
        assertEquals(ZoneReader.INCLUDE, reader.next());
        assertEquals("other file", reader.includePath().toString());
        assertEquals("a.", NameText.append(
                new StringBuilder(), reader.includeOrigin(), 0).toString());
        assertEquals(ZoneReader.INCLUDE, reader.next());
        assertEquals("sub.a.", NameText.append(
                new StringBuilder(), reader.includeOrigin(), 0).toString());
        assertEquals(ZoneReader.RECORD, reader.next());
        assertEquals(ZoneReader.END, reader.next());
    }

    @Test
    void whereItIsWrong() {
        refused(ReturnCode.DNS_OWNER, 1, 3, "  A 1.2.3.4\n");
        refused(ReturnCode.DNS_TTL, 1, 16, "a. IN A 1.2.3.4\n");
        refused(ReturnCode.DNS_ORIGIN, 1, 1, "a 1 IN A 1.2.3.4\n");
        refused(ReturnCode.DNS_MNEMONIC, 2, 6, "; c\na. 1 AX 1.2.3.4\n");
        refused(ReturnCode.BAD_ADDRESS, 2, 3, "a. 1 A (\n  1.2.3.256 )\n");
        refused(ReturnCode.BAD_ADDRESS, 1, 8, "a. 1 A 1.2.3\n");
        refused(ReturnCode.BAD_ADDRESS, 1, 11, "a. 1 AAAA 1::2::3\n");
        refused(ReturnCode.DNS_TEXT_TRUNCATED, 1, 10, "a. 1 MX 1\n");
        refused(ReturnCode.DNS_NUMBER, 1, 9, "a. 1 MX 65536 a.\n");
        refused(ReturnCode.DNS_SYNTAX, 1, 14, "a. 1 MX 1 a. b.\n");
        refused(ReturnCode.DNS_EMPTY_LABEL, 1, 11, "a. 1 MX 1 a..b.\n");
        refused(ReturnCode.DNS_PARENTHESES, 1, 8, "a. 1 A ) 1.2.3.4\n");
        refused(ReturnCode.DNS_PARENTHESES, 2, 1, "a. 1 A ( 1.2.3.4\n");
        refused(ReturnCode.DNS_TEXT_TRUNCATED, 1, 10, "a. 1 TXT \"abc\n");
        refused(ReturnCode.DNS_CHARACTER, 1, 10, "a. 1 TXT \"a\0bc\"\n");
        refused(ReturnCode.DNS_ESCAPE, 1, 10, "a. 1 TXT \"a\\999\"\n");
        refused(ReturnCode.DNS_SYNTAX, 1, 10, "a. 1 TXT \"" + "x".repeat(256) + "\"\n");
        refused(ReturnCode.DNS_RDATA_LENGTH, 1, 17, "a. 1 A \\# 4 0102\n");
        refused(ReturnCode.DNS_RDATA, 1, 22, "a. 1 SVCB 1 . port=1 port=2\n");
        refused(ReturnCode.DNS_NUMBER, 1, 4, "a. 4294967296 A 1.2.3.4\n");
        refused(ReturnCode.DNS_SYNTAX, 1, 1, "\"a\" 1 A 1.2.3.4\n");
    }

    @Test
    void itGoesOnWithTheNextLine() {
        reader.wrap("a. 1 MX 1\nb. 1 A 1.2.3.4\nc. 1 A 1.2.3.4.5 (\n"
                + "d. 1 A 1.2.3.4\nx\n A 1.2.3.4\n");
        assertEquals(ReturnCode.DNS_TEXT_TRUNCATED, reader.next());
        assertEquals(ZoneReader.RECORD, reader.next());
        assertEquals(ReturnCode.BAD_ADDRESS, reader.next());
        assertEquals(ZoneReader.RECORD, reader.next());
        assertEquals(4, reader.line());
        assertEquals(ReturnCode.DNS_ORIGIN, reader.next());
        assertEquals(ReturnCode.DNS_OWNER, reader.next());
        assertEquals(ZoneReader.END, reader.next());
        assertEquals(ZoneReader.END, reader.next());
    }
}
