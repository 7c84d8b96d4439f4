package io.penstock.core.buffer;

/**
 * Characters and whole numbers, of which addresses, records and settings are made, in [from, to) of
 * a text. A text that is no number is -1.
 *
 * <p><b>Threading</b>: any. <b>Allocation</b>: none.
 */
public final class AsciiText {
    private AsciiText() {
    }

    /**
     * Looks for a character.
     *
     * @param text where
     * @param c which
     * @param from the first place
     * @param to the place behind the last
     * @return where the first one is, or {@code to}
     */
    public static int indexOf(CharSequence text, char c, int from, int to) {
        int at = from;
        while (at < to && text.charAt(at) != c) {
            at++;
        }
        return at;
    }

    /**
     * A digit, of ASCII alone: there are others in Unicode.
     *
     * @param c the character
     * @param radix 2 to 36
     * @return its value, or -1
     */
    public static int digit(char c, int radix) {
        return c < 0x80 ? Character.digit(c, radix) : -1;
    }

    /**
     * A whole number of digits alone, at least one.
     *
     * @param text where
     * @param from the first digit
     * @param to the place behind the last
     * @param radix 2 to 36
     * @param max the greatest that is taken, at most 2^56
     * @return the number, or -1
     */
    public static long number(CharSequence text, int from, int to, int radix, long max) {
        long value = from < to ? 0 : -1;
        for (int i = from; i < to; i++) {
            int digit = digit(text.charAt(i), radix);
            value = value * radix + digit;
            if (digit < 0 || value > max) {
                return -1;
            }
        }
        return value;
    }
}
