package io.penstock.dns.wire;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.penstock.core.buffer.NativeBuffer;
import org.agrona.DirectBuffer;

/** Compares short runs of octets, for which a loop costs more than the comparison itself. */
final class Octets {
    private Octets() {
    }

    /** Whether two labels are equal. The first lies within its buffer; the second may not. */
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

    /** Whether two runs of octets, which lie within their buffers, are equal. */
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
