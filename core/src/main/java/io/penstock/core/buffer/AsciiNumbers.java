package io.penstock.core.buffer;

import org.agrona.AsciiEncoding;
import org.agrona.AsciiNumberFormatException;
import org.agrona.DirectBuffer;

/**
 * Whole numbers as decimal digits. The computation uses negative numbers, because
 * {@code Long.MIN_VALUE} has no positive counterpart.
 */
final class AsciiNumbers {
    private static final int BASE = 10;

    private AsciiNumbers() {
    }

    /** Reads digits without a sign: a number of 0..max. */
    static long parseNatural(DirectBuffer buffer, int index, int length, long max) {
        buffer.boundsCheck(index, length);
        return -negated(buffer, index, length, index, index + length, -max);
    }

    /** Reads digits with an optional minus sign: a number of -max - 1..max. */
    static long parse(DirectBuffer buffer, int index, int length, long max) {
        buffer.boundsCheck(index, length);
        if (length > 0 && buffer.getByte(index) == AsciiEncoding.MINUS_SIGN) {
            return negated(buffer, index, length, index + 1, index + length, -max - 1);
        }
        return -negated(buffer, index, length, index, index + length, -max);
    }

    private static long negated(
            DirectBuffer buffer, int index, int length, int from, int to, long min) {
        if (from >= to) {
            throw notANumber("no digits", buffer, index, length);
        }
        long tenth = min / BASE;
        long value = 0;
        for (int i = from; i < to; i++) {
            int digit = buffer.getByte(i) - AsciiEncoding.ZERO;
            if (digit < 0 || digit >= BASE) {
                throw notANumber("not a digit", buffer, index, length);
            }
            if (value < tenth || value * BASE < min + digit) {
                throw notANumber("out of range", buffer, index, length);
            }
            value = value * BASE - digit;
        }
        return value;
    }

    private static AsciiNumberFormatException notANumber(
            String why, DirectBuffer buffer, int index, int length) {
        return new AsciiNumberFormatException(why + ": index=" + index + " length=" + length
                + (length > 0 ? " " + buffer.getStringWithoutLengthAscii(index, length) : ""));
    }

    /** Writes a number, and returns how many bytes it takes. */
    static int put(NativeBuffer buffer, int index, long value) {
        int length = length(value);
        buffer.boundsCheck(index, length);
        int at = digitsBefore(buffer, index + length, value);
        if (value < 0) {
            buffer.putByte(at - 1, AsciiEncoding.MINUS_SIGN);
        }
        return length;
    }

    /** Writes a natural number that ends before {@code end}, and returns where it begins. */
    static int putBefore(NativeBuffer buffer, int end, int value) {
        int length = length(value);
        buffer.boundsCheck(end - length, length);
        return digitsBefore(buffer, end, value);
    }

    /** Writes a natural number, with leading zeros. */
    static void putPadded(NativeBuffer buffer, int index, int length, int value) {
        if (value < 0 || length(value) > length) {
            throw new NumberFormatException(value + " does not fit " + length + " digits");
        }
        buffer.boundsCheck(index, length);
        int at = digitsBefore(buffer, index + length, value);
        buffer.setMemory(index, at - index, AsciiEncoding.ZERO);
    }

    private static int digitsBefore(NativeBuffer buffer, int end, long value) {
        int at = end;
        long rest = value < 0 ? value : -value;
        do {
            long next = rest / BASE;
            buffer.putByte(--at, (byte) (AsciiEncoding.ZERO + (next * BASE - rest)));
            rest = next;
        } while (rest != 0);
        return at;
    }

    private static int length(long value) {
        if (value >= 0) {
            return AsciiEncoding.digitCount(value);
        }
        // Long.MIN_VALUE has as many digits as Long.MAX_VALUE.
        return 1 + AsciiEncoding.digitCount(Math.max(-value, ~value));
    }
}
