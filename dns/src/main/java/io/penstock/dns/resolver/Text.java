package io.penstock.dns.resolver;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.AsciiText;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.Endpoint;

/** A movable view of a part of a text or of memory, and the parsing of lines and words. */
final class Text implements CharSequence {
    private static final int MAX_ADDRESS_CHARS = 64;

    private NativeBuffer bytes;
    private CharSequence chars;
    private int from;
    private int to;

    Text wrap(NativeBuffer bytes, int from, int to) {
        this.bytes = bytes;
        chars = null;
        this.from = from;
        this.to = to;
        return this;
    }

    Text wrap(CharSequence chars, int from, int to) {
        this.chars = chars;
        this.from = from;
        this.to = to;
        return this;
    }

    @Override
    public int length() {
        return to - from;
    }

    @Override
    public char charAt(int index) {
        return chars == null ? (char) (bytes.getByte(from + index) & 0xff)
                : chars.charAt(from + index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
        return chars == null ? new Text().wrap(bytes, from + start, from + end)
                : new Text().wrap(chars, from + start, from + end);
    }

    @Override
    public String toString() {
        return new StringBuilder(length()).append((CharSequence) this, 0, length()).toString();
    }

    // Words of a line

    static boolean isBlank(char c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\u000b';
    }

    static int lineEnd(CharSequence text, int at) {
        return AsciiText.indexOf(text, '\n', at, text.length());
    }

    /** The start of the next word, or the end of the line. */
    static int wordStart(CharSequence text, int at, int end) {
        int i = at;
        while (i < end && isBlank(text.charAt(i))) {
            i++;
        }
        return i;
    }

    static int wordEnd(CharSequence text, int at, int end) {
        int i = at;
        while (i < end && !isBlank(text.charAt(i))) {
            i++;
        }
        return i;
    }

    static boolean isWord(CharSequence text, int from, int to, String word) {
        return to - from == word.length() && startsWith(text, from, to, word);
    }

    static boolean startsWith(CharSequence text, int from, int to, String word) {
        if (to - from < word.length()) {
            return false;
        }
        for (int i = 0; i < word.length(); i++) {
            if (text.charAt(from + i) != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Parses an address that has no port: 0 or a code. The scratch has room for any address. */
    static int address(
            CharSequence text, int from, int to, int port, StringBuilder scratch, Endpoint out) {
        if (to - from > MAX_ADDRESS_CHARS) {
            return ReturnCode.BAD_ADDRESS;
        }
        boolean isIpv6 = AsciiText.indexOf(text, ':', from, to) < to;
        scratch.setLength(0);
        scratch.append(isIpv6 ? "[" : "").append(text, from, to).append(isIpv6 ? "]:" : ":")
                .append(port);
        return scratch.charAt(0) == '/' || scratch.charAt(0) == '@'
                ? ReturnCode.BAD_ADDRESS : out.parse(scratch);
    }
}
