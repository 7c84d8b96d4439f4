package io.penstock.core.net;

import io.penstock.core.buffer.NativeBuffer;

/**
 * The bytes of a Unix socket's name as characters: UTF-8, and a byte that is not UTF-8 is the lone
 * surrogate {@code U+DC00 + byte}.
 */
final class NameBytes {
    private static final int ESCAPED = 0xdc00;

    private NameBytes() {
    }

    static boolean isEncodable(int c) {
        return !isSurrogate(c) || isEscaped(c);
    }

    /** The number of bytes of a character. */
    static int count(int c) {
        return c < 0x80 || isEscaped(c) ? 1 : c < 0x800 ? 2 : c < 0x1_0000 ? 3 : 4;
    }

    /** Writes a character, and returns the number of its bytes. */
    static int encode(int c, NativeBuffer to, int at) {
        int count = count(c);
        int rest = c;
        for (int i = count - 1; i > 0; i--) {
            to.putByte(at + i, (byte) (0x80 | rest & 0x3f));
            rest >>>= 6;
        }
        to.putByte(at, (byte) (count == 1 ? c : 0xf00 >> count | rest));
        return count;
    }

    /** The character at a place, or the escape of a byte that does not begin one. */
    static int decode(NativeBuffer from, int at, int end) {
        int lead = from.getByte(at) & 0xff;
        int more = lead < 0x80 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
        if (more == 0) {
            return lead;
        }
        int c = lead & 0x3f >> more;
        boolean isWhole = lead >= 0xc2 && lead < 0xf5 && at + more < end;
        for (int i = 1; isWhole && i <= more; i++) {
            int next = from.getByte(at + i);
            isWhole = (next & 0xc0) == 0x80;
            c = c << 6 | next & 0x3f;
        }
        // An overlong form is escaped too: encode would not write it.
        return isWhole && Character.isValidCodePoint(c) && !isSurrogate(c)
                && count(c) == more + 1 ? c : ESCAPED | lead;
    }

    private static boolean isEscaped(int c) {
        return c >= ESCAPED + 0x80 && c <= ESCAPED + 0xff;
    }

    private static boolean isSurrogate(int c) {
        return c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
    }
}
