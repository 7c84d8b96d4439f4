package io.penstock.dns.wire;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.penstock.core.buffer.NativeBuffer;
import org.agrona.DirectBuffer;

/** Copies and compares few octets: for those a loop or a call costs more than the work itself. */
final class Octets {
    private static final int FEW = 32;

    private Octets() {
    }

    /** Words that overlap, rather than ever smaller ones: few steps, whatever the length. */
    static void copy(DirectBuffer from, int offset, NativeBuffer to, int toOffset, int length) {
        if (length > FEW || length < Long.BYTES) {
            copyOthers(from, offset, to, toOffset, length);
            return;
        }
        int last = length - Long.BYTES;
        copyWord(from, offset, to, toOffset);
        if (length > 2 * Long.BYTES) {
            copyWord(from, offset + Long.BYTES, to, toOffset + Long.BYTES);
            copyWord(from, offset + last - Long.BYTES, to, toOffset + last - Long.BYTES);
        }
        copyWord(from, offset + last, to, toOffset + last);
    }

    private static void copyWord(DirectBuffer from, int offset, NativeBuffer to, int toOffset) {
        to.putLong(toOffset, from.getLong(offset));
    }

    private static void copyOthers(
            DirectBuffer from, int offset, NativeBuffer to, int toOffset, int length) {
        if (length > FEW) {
            to.putBytes(toOffset, from, offset, length);
            return;
        }
        for (int i = 0; i < length; i++) {
            to.putByte(toOffset + i, from.getByte(offset + i));
        }
    }

    /** Whether two labels are the same; the length of the one was checked against its buffer. */
    static boolean isSameLabel(NativeBuffer a, int i, DirectBuffer b, int j) {
        int n = a.getByte(i) + 1;
        boolean isShort = n <= Long.BYTES
                && i <= a.capacity() - Long.BYTES && j <= b.capacity() - Long.BYTES;
        if (isShort) {
            long difference = a.getLong(i, LITTLE_ENDIAN) ^ b.getLong(j, LITTLE_ENDIAN);
            return difference << Long.SIZE - Byte.SIZE * n == 0;
        }
        return j <= b.capacity() - n && isSameLongLabel(a, i, b, j, n);
    }

    private static boolean isSameLongLabel(
            NativeBuffer a, int i, DirectBuffer b, int j, int n) {
        int k = 0;
        while (n - k >= Long.BYTES) {
            if (a.getLong(i + k) != b.getLong(j + k)) {
                return false;
            }
            k += Long.BYTES;
        }
        while (k < n && a.getByte(i + k) == b.getByte(j + k)) {
            k++;
        }
        return k == n;
    }
}
