package io.penstock.dns.wire;

import io.penstock.core.ReturnCode;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Writes text into memory, or to the end of a {@link StringBuilder}. Characters that do not fit are
 * dropped, and {@link #result} returns a code.
 *
 * <p><b>Threading</b>: one thread. <b>Allocation</b>: none after construction, except what
 * a {@link StringBuilder} needs to grow.
 */
public final class TextWriter {
    private static final String HEX_DIGITS = "0123456789ABCDEF";
    private static final String BASE32_DIGITS = "0123456789abcdefghijklmnopqrstuv";
    private static final String BASE64_DIGITS =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    private MutableDirectBuffer buffer;
    private StringBuilder builder;
    private int offset;
    private int at;
    private int limit;

    /**
     * Makes a writer without a target.
     *
     * <p><b>Allocation</b>: set-up.
     */
    public TextWriter() {
    }

    /**
     * Writes into memory from here on.
     *
     * @param buffer takes the text, in ASCII
     * @param offset of the first character
     * @param length the greatest length of the text
     * @return this
     */
    public TextWriter wrap(MutableDirectBuffer buffer, int offset, int length) {
        buffer.boundsCheck(offset, length);
        this.buffer = buffer;
        builder = null;
        return range(offset, offset + length);
    }

    /**
     * Writes to the end of a builder from here on.
     *
     * @param builder takes the text
     * @return this
     */
    public TextWriter wrap(StringBuilder builder) {
        this.builder = builder;
        buffer = null;
        return range(0, Integer.MAX_VALUE);
    }

    private TextWriter range(int from, int to) {
        offset = from;
        at = from;
        limit = to;
        return this;
    }

    /**
     * The result of all writes so far.
     *
     * @return the number of characters written, or {@link ReturnCode#DNS_FULL}
     */
    public int result() {
        return at > limit ? ReturnCode.DNS_FULL : at - offset;
    }

    /**
     * Writes a character.
     *
     * @param c of ASCII
     * @return this
     */
    public TextWriter put(char c) {
        if (at >= limit) {
            at = limit + 1;
        } else if (builder != null) {
            builder.append(c);
            at++;
        } else {
            buffer.putByte(at++, (byte) c);
        }
        return this;
    }

    /**
     * Writes characters.
     *
     * @param text of ASCII
     * @return this
     */
    public TextWriter put(String text) {
        for (int i = 0; i < text.length(); i++) {
            put(text.charAt(i));
        }
        return this;
    }

    /**
     * Writes a number in decimal digits.
     *
     * @param value 0 or more
     * @return this
     */
    public TextWriter number(long value) {
        return digits(value, 1);
    }

    /** Writes at least a number of digits, with zeros in front. */
    TextWriter digits(long value, int least) {
        long unit = 1;
        for (int i = 1; i < least || value / unit >= 10; i++) {
            unit *= 10;
        }
        for (; unit > 0; unit /= 10) {
            put((char) ('0' + value / unit % 10));
        }
        return this;
    }

    /** Writes a name from a registry, or a prefix and the number. */
    TextWriter mnemonic(String name, String prefix, int code) {
        return name != null ? put(name) : put(prefix).number(code);
    }

    TextWriter hex(DirectBuffer from, int start, int end) {
        for (int i = start; i < end; i++) {
            int octet = from.getByte(i) & 0xff;
            put(HEX_DIGITS.charAt(octet >>> 4)).put(HEX_DIGITS.charAt(octet & 0xf));
        }
        return this;
    }

    TextWriter base64(DirectBuffer from, int start, int end) {
        return base(from, start, end, BASE64_DIGITS, 6, 4);
    }

    /** Writes base 32 with the digits of NSEC3 (extended hex), without padding. */
    TextWriter base32(DirectBuffer from, int start, int end) {
        return base(from, start, end, BASE32_DIGITS, 5, 1);
    }

    private TextWriter base(
            DirectBuffer from, int start, int end, String alphabet, int bitsEach, int group) {
        int mask = (1 << bitsEach) - 1;
        int bits = 0;
        int held = 0;
        int count = 0;
        for (int i = start; i < end; i++) {
            bits = bits << 8 | from.getByte(i) & 0xff;
            held += 8;
            for (; held >= bitsEach; count++) {
                held -= bitsEach;
                put(alphabet.charAt(bits >>> held & mask));
            }
        }
        if (held > 0) {
            put(alphabet.charAt(bits << bitsEach - held & mask));
            count++;
        }
        for (; count % group != 0; count++) {
            put('=');
        }
        return this;
    }

    /** Writes an octet in quotes, or in an unquoted word with further characters to escape. */
    TextWriter escaped(int octet, String special) {
        if (octet < ' ' || octet > '~') {
            return put('\\').digits(octet, 3);
        }
        return special.indexOf(octet) >= 0 ? put('\\').put((char) octet) : put((char) octet);
    }

    /** Writes octets in quotes. */
    TextWriter quoted(DirectBuffer from, int start, int end) {
        put('"');
        for (int i = start; i < end; i++) {
            escaped(from.getByte(i) & 0xff, "\"\\");
        }
        return put('"');
    }
}
