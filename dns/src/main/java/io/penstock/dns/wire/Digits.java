package io.penstock.dns.wire;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.AsciiText;
import io.penstock.core.buffer.NativeBuffer;

/** Decodes octets from digits of 4, 5 or 6 bits, which may be split into several words. */
final class Digits {
    private int bitsEach;
    private int bits;
    private int held;
    private int count;
    private int padding;

    /** Begins. The bits of a digit: 4 hexadecimal, 5 base 32 (extended hex), 6 base 64. */
    void begin(int bitsEach) {
        this.bitsEach = bitsEach;
        bits = 0;
        held = 0;
        count = 0;
        padding = 0;
    }

    /** Decodes the digits at [from, to). Returns the end of the octets, or a code. */
    int feed(CharSequence text, int from, int to, NativeBuffer out, int at, int limit) {
        int end = at;
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            count++;
            if (c == '=' && bitsEach == 6) {
                padding++;
                continue;
            }
            int digit = bitsEach == 6 ? digit64(c) : AsciiText.digit(c, 1 << bitsEach);
            if (digit < 0 || padding > 0) {
                return ReturnCode.DNS_SYNTAX;
            }
            bits = bits << bitsEach | digit;
            held += bitsEach;
            if (held >= Byte.SIZE) {
                if (end >= limit) {
                    return ReturnCode.DNS_FULL;
                }
                held -= Byte.SIZE;
                out.putByte(end++, (byte) (bits >>> held));
            }
        }
        return end;
    }

    /** Whether the digits made whole octets, with the right padding. */
    boolean isWhole() {
        boolean isClean = held < bitsEach && (bits & (1 << held) - 1) == 0;
        return isClean && padding <= 2 && (bitsEach != 6 || count % 4 == 0);
    }

    private static int digit64(char c) {
        if (c >= 'A' && c <= 'Z') {
            return c - 'A';
        }
        if (c >= 'a' && c <= 'z') {
            return c - 'a' + 26;
        }
        if (c >= '0' && c <= '9') {
            return c - '0' + 52;
        }
        return c == '+' ? 62 : c == '/' ? 63 : -1;
    }
}
