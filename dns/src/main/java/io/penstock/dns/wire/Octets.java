package io.penstock.dns.wire;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.penstock.core.buffer.NativeBuffer;
import org.agrona.DirectBuffer;

/** Compares few octets: for those a loop or a call costs more than the work itself. */
final class Octets {
    private Octets() {
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
        return j <= b.capacity() - n && isSame(a, i, b, j, n);
    }

    /** Whether octets are the same that lie within their buffers. */
    static boolean isSame(NativeBuffer a, int i, DirectBuffer b, int j, int n) {
        int last = n - Long.BYTES; // a word that overlaps the one before, rather than single octets
        return last < 0 || last > 2 * Long.BYTES ? isSameLoop(a, i, b, j, n)
                : a.getLong(i) == b.getLong(j) && a.getLong(i + last) == b.getLong(j + last)
                && (last <= Long.BYTES || a.getLong(i + Long.BYTES) == b.getLong(j + Long.BYTES));
    }

    private static boolean isSameLoop(NativeBuffer a, int i, DirectBuffer b, int j, int n) {
        int k = 0;
        while (k <= n - Long.BYTES) {
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
