package io.penstock.core.buffer;

/**
 * Encodes strings directly into a buffer, where {@code String.getBytes} would make an array first.
 * An unpaired surrogate becomes {@code '?'}, as in {@code getBytes}.
 */
final class Utf8 {
    private static final char FIRST_OF_TWO_BYTES = 0x80;
    private static final char FIRST_OF_THREE_BYTES = 0x800;
    private static final int CONTINUATION = 0x80;
    private static final int CONTINUATION_MASK = 0x3f;

    private Utf8() {
    }

    /** The encoded length in bytes. */
    static long length(String value) {
        long bytes = value.length();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c >= FIRST_OF_THREE_BYTES) {
                if (!Character.isSurrogate(c)) {
                    bytes += 2;
                } else if (isPair(value, i)) {
                    bytes += 2; // four in all
                    i++;
                }
            } else if (c >= FIRST_OF_TWO_BYTES) {
                bytes++;
            }
        }
        return bytes;
    }

    /** Whether the string has no unpaired surrogate. */
    static boolean isEncodable(String value) {
        for (int i = 0; i < value.length(); i++) {
            if (Character.isSurrogate(value.charAt(i))) {
                if (!isPair(value, i)) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }

    /** Writes the string; the caller has checked that it fits. */
    static void put(NativeBuffer buffer, int index, String value) {
        int at = index;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < FIRST_OF_TWO_BYTES) {
                buffer.putByte(at++, (byte) c);
            } else if (c < FIRST_OF_THREE_BYTES) {
                buffer.putByte(at++, (byte) (0xc0 | c >> 6));
                buffer.putByte(at++, continuation(c));
            } else if (!Character.isSurrogate(c)) {
                buffer.putByte(at++, (byte) (0xe0 | c >> 12));
                buffer.putByte(at++, continuation(c >> 6));
                buffer.putByte(at++, continuation(c));
            } else if (isPair(value, i)) {
                putPair(buffer, at, Character.toCodePoint(c, value.charAt(++i)));
                at += 4;
            } else {
                buffer.putByte(at++, (byte) '?');
            }
        }
    }

    private static void putPair(NativeBuffer buffer, int index, int codePoint) {
        buffer.putByte(index, (byte) (0xf0 | codePoint >> 18));
        buffer.putByte(index + 1, continuation(codePoint >> 12));
        buffer.putByte(index + 2, continuation(codePoint >> 6));
        buffer.putByte(index + 3, continuation(codePoint));
    }

    private static byte continuation(int bits) {
        return (byte) (CONTINUATION | bits & CONTINUATION_MASK);
    }

    private static boolean isPair(String value, int i) {
        return i + 1 < value.length()
                && Character.isSurrogatePair(value.charAt(i), value.charAt(i + 1));
    }
}
