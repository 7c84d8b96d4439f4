package io.penstock.dns.wire;

import org.agrona.DirectBuffer;

/**
 * A set of record types, as in NSEC, NSEC3 and CSYNC: windows of 256 types, each with a number, a
 * length and a row of bits.
 *
 * <p><b>Threading</b>: any. <b>Allocation</b>: none. <b>See</b>: RFC 4034 4.1.2.
 */
public final class TypeBitmap {
    private static final int WINDOW_SHIFT = 8;
    private static final int FIXED_BYTES = 2;

    private TypeBitmap() {
    }

    /**
     * Whether a type is in the set.
     *
     * @param buffer the memory of the set
     * @param offset of its first window
     * @param length of the set
     * @param type of a record
     * @return whether the type is in the set
     */
    public static boolean contains(DirectBuffer buffer, int offset, int length, int type) {
        return next(buffer, offset, length, type) == type;
    }

    /**
     * The least type in the set that is greater than or equal to another type. To walk a set, ask
     * for the last result plus one.
     *
     * @param buffer the memory of the set
     * @param offset of its first window
     * @param length of the set
     * @param from the least type that may be the result
     * @return the type, or -1 if there is none
     */
    public static int next(DirectBuffer buffer, int offset, int length, int from) {
        int end = offset + length;
        for (int at = offset; at < end;) {
            int base = (buffer.getByte(at) & 0xff) << WINDOW_SHIFT;
            int bits = (buffer.getByte(at + 1) & 0xff) * Byte.SIZE;
            for (int bit = Math.max(0, from - base); bit < bits; bit++) {
                if ((buffer.getByte(at + FIXED_BYTES + bit / Byte.SIZE) & 0x80 >> bit % 8) != 0) {
                    return base + bit;
                }
            }
            at += FIXED_BYTES + bits / Byte.SIZE;
        }
        return -1;
    }
}
