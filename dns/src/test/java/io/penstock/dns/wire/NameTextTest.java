package io.penstock.dns.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import org.junit.jupiter.api.Test;

class NameTextTest {
    private final NativeBuffer out = NativeBuffer.allocate(300);

    private int parse(String text) {
        return NameText.parse(text, out, 0, out.capacity());
    }

    private void roundTrip(String text, String hex) {
        int length = parse(text);
        assertEquals(Bytes.hex(hex).capacity(), length, text);
        assertEquals(Bytes.hex(Bytes.hex(hex), 0, length), Bytes.hex(out, 0, length), text);
        assertEquals(text, NameText.append(new StringBuilder(), out, 0).toString());
    }

    @Test
    void bothWays() {
        roundTrip(".", "00");
        roundTrip("www.example.com.", "03'www'07'example'03'com'00");
        roundTrip("a\\.b.c.", "03'a.b'01'c'00");
        roundTrip("\\000\\255\\032.", "03 00ff20 00");
        roundTrip("\\\\\\\"\\(\\)\\;\\@\\$.", "07'\\\"();@$'00");
        roundTrip("*._tcp.", "01'*'04'_tcp'00");
    }

    @Test
    void aMissingDotIsAddedAndEscapesMayBeOfAnything() {
        assertEquals(5, parse("a.b"));
        assertEquals("a.b.", NameText.append(new StringBuilder(), out, 0).toString());
        assertEquals(3, parse("\\097"));
        assertEquals("a.", NameText.append(new StringBuilder(), out, 0).toString());
        assertEquals(3, parse("\\x"));
        assertEquals("x.", NameText.append(new StringBuilder(), out, 0).toString());
        assertEquals(4, parse("a\\."));
    }

    @Test
    void whatIsRefused() {
        assertEquals(ReturnCode.DNS_EMPTY_LABEL, parse(""));
        assertEquals(ReturnCode.DNS_EMPTY_LABEL, parse("a..b"));
        assertEquals(ReturnCode.DNS_EMPTY_LABEL, parse(".a"));
        assertEquals(ReturnCode.DNS_EMPTY_LABEL, parse(".."));
        assertEquals(ReturnCode.DNS_EMPTY_LABEL, parse("a.."));
        assertEquals(ReturnCode.DNS_CHARACTER, parse("a\0b"));
        assertEquals(ReturnCode.DNS_CHARACTER, parse("a b"));
        assertEquals(ReturnCode.DNS_CHARACTER, parse("\u00fc.de"));
        assertEquals(ReturnCode.DNS_CHARACTER, parse("\u0661"));
        assertEquals(ReturnCode.DNS_ESCAPE, parse("a\\"));
        assertEquals(ReturnCode.DNS_ESCAPE, parse("a\\25"));
        assertEquals(ReturnCode.DNS_ESCAPE, parse("a\\256"));
        assertEquals(ReturnCode.DNS_ESCAPE, parse("a\\2x5"));
        assertEquals(65, parse("a".repeat(63)));
        assertEquals(ReturnCode.DNS_LABEL_TOO_LONG, parse("a".repeat(64)));
        String label = "a".repeat(63) + ".";
        assertEquals(255, parse(label.repeat(3) + "a".repeat(61)));
        assertEquals(ReturnCode.DNS_NAME_TOO_LONG, parse(label.repeat(3) + "a".repeat(62)));
        assertEquals(ReturnCode.DNS_NAME_TOO_LONG, parse(label.repeat(4)));
        assertEquals(ReturnCode.DNS_NAME_TOO_LONG, parse("a.".repeat(128)));
        assertEquals(255, parse("a.".repeat(127)));
    }

    @Test
    void roomIsRespected() {
        for (int limit = 0; limit < 5; limit++) {
            assertEquals(ReturnCode.DNS_FULL, NameText.parse("a.b", out, 0, limit), "" + limit);
        }
        assertEquals(5, NameText.parse("a.b", out, 0, 5));
        TextWriter writer = new TextWriter();
        for (int length = 0; length < 4; length++) {
            assertEquals(ReturnCode.DNS_FULL,
                    NameText.print(out, 0, writer.wrap(out, 100, length)));
        }
        assertEquals(4, NameText.print(out, 0, writer.wrap(out, 100, 4)));
    }
}
