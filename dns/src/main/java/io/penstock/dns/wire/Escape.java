package io.penstock.dns.wire;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.AsciiText;

/** Escapes: {@code \X} is the character X, {@code \DDD} the octet with a decimal number. */
final class Escape {
    private static final int MAX_OCTET = 255;

    private Escape() {
    }

    /** The octet of the character or the escape at an offset, or a code. */
    static int octet(CharSequence text, int at) {
        char c = text.charAt(at);
        if (c == 0 || c > MAX_OCTET) {
            return ReturnCode.DNS_CHARACTER;
        }
        if (c != '\\') {
            return c;
        }
        if (at + 1 >= text.length()) {
            return ReturnCode.DNS_ESCAPE;
        }
        char next = text.charAt(at + 1);
        if (!isDigit(next)) {
            return next >= ' ' && next <= '~' ? next : ReturnCode.DNS_ESCAPE;
        }
        long octet = at + 4 > text.length() ? -1
                : AsciiText.number(text, at + 1, at + 4, 10, MAX_OCTET);
        return octet < 0 ? ReturnCode.DNS_ESCAPE : (int) octet;
    }

    /** The number of characters of the escape, or 1 for a plain character. */
    static int length(CharSequence text, int at) {
        if (text.charAt(at) != '\\' || at + 1 >= text.length()) {
            return 1;
        }
        return isDigit(text.charAt(at + 1)) ? 4 : 2;
    }

    private static boolean isDigit(char c) {
        return AsciiText.digit(c, 10) >= 0;
    }
}
