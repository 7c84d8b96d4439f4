package io.penstock.core.buffer;

/**
 * Parses characters and whole numbers in a part of a text, from {@code from} to before {@code to}.
 * Addresses, records and settings are parsed by these methods.
 *
 * <p><b>Threading</b>: any. <b>Allocation</b>: none.
 */
public final class AsciiText {
    private AsciiText() {
    }

    /**
     * Looks for a character.
     *
     * @param text the text
     * @param c the character
     * @param from the index of the part's first character
     * @param to the index behind the part's last character
     * @return the index of the first occurrence, or {@code to}
     */
    public static int indexOf(CharSequence text, char c, int from, int to) {
        int at = from;
        while (at < to && text.charAt(at) != c) {
            at++;
        }
        return at;
    }

    /**
     * The value of a digit. Only ASCII digits count, not the other digits of Unicode.
     *
     * @param c the character
     * @param radix 2 to 36
     * @return the value; -1 if the character is no digit
     */
    public static int digit(char c, int radix) {
        return c < 0x80 ? Character.digit(c, radix) : -1;
    }

    /**
     * A whole number of at least one digit, without a sign.
     *
     * @param text the text
     * @param from the index of the first digit
     * @param to the index behind the last digit
     * @param radix 2 to 36
     * @param max the greatest number allowed, at most 2^56
     * @return the number; -1 if the part is no number, or a greater one
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
