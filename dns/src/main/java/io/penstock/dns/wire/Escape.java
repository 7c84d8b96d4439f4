package io.penstock.dns.wire;

import io.penstock.core.ReturnCode;

/** Characters that may be escaped: {@code \X} is X itself, {@code \DDD} the octet of a number. */
final class Escape {
    private static final int MAX_OCTET = 255;

    private Escape() {
    }

    /** The octet that a character, or the escape that begins with it, stands for; or a code. */
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
        if (at + 3 >= text.length() || !isDigit(text.charAt(at + 2))
                || !isDigit(text.charAt(at + 3))) {
            return ReturnCode.DNS_ESCAPE;
        }
        int value = (next - '0') * 100 + (text.charAt(at + 2) - '0') * 10
                + text.charAt(at + 3) - '0';
        return value <= MAX_OCTET ? value : ReturnCode.DNS_ESCAPE;
    }

    /** How many characters that takes. */
    static int length(CharSequence text, int at) {
        if (text.charAt(at) != '\\' || at + 1 >= text.length()) {
            return 1;
        }
        return isDigit(text.charAt(at + 1)) ? 4 : 2;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
