package io.penstock.dns.wire;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.penstock.core.buffer.NativeBuffer;
import org.agrona.DirectBuffer;

/** Copies and compares few octets: for those a loop or a call costs more than the work itself. */
final class Octets {
    private static final int FEW = 64;

    private Octets() {
    }

    static void copy(DirectBuffer from, int offset, NativeBuffer to, int toOffset, int length) {
        if (length > FEW) {
            to.putBytes(toOffset, from, offset, length);
            return;
        }
        int i = 0;
        while (length - i >= Long.BYTES) {
            to.putLong(toOffset + i, from.getLong(offset + i));
            i += Long.BYTES;
        }
        if (length - i >= Integer.BYTES) {
            to.putInt(toOffset + i, from.getInt(offset + i));
            i += Integer.BYTES;
        }
        if (length - i >= Short.BYTES) {
            to.putShort(toOffset + i, from.getShort(offset + i));
            i += Short.BYTES;
        }
        if (length > i) {
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
