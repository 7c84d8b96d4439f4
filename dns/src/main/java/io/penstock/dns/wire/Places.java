package io.penstock.dns.wire;

import io.penstock.core.buffer.NativeBuffer;

/**
 * Where the questions and records of a message are, noted while they are checked: so that going
 * over them needs no second look at names. There is room for so many; those after them are found
 * by walking.
 *
 * <pre>
 *   64                32      16                0
 *   | label of the name | length | end of the name |
 * </pre>
 */
final class Places {
    static final int MAX = 256;
    private static final int LABEL_SHIFT = 32;
    private static final int LENGTH_SHIFT = 16;
    private static final int MASK = 0xffff;

    private final long[] places = new long[MAX];

    /** Notes the name that was checked last, and where it ends. */
    void put(int index, KnownNames names, int end) {
        if (index < MAX) {
            places[index] = place(names.lastLabel(), names.lastLength(), end);
        }
    }

    /** The place of a question or record, which begins there. */
    long at(int index, NativeBuffer b, int offset) {
        return index < MAX ? places[index] : walk(b, offset);
    }

    /** The place of what begins there, from its octets. */
    static long walk(NativeBuffer b, int offset) {
        return place(Name.label(b, offset), Name.length(b, offset),
                offset + Name.bytesInPlace(b, offset));
    }

    static int label(long place) {
        return (int) (place >>> LABEL_SHIFT);
    }

    static int length(long place) {
        return (int) (place >>> LENGTH_SHIFT) & MASK;
    }

    static int end(long place) {
        return (int) place & MASK;
    }

    private static long place(int label, int length, int end) {
        return (long) label << LABEL_SHIFT | (long) length << LENGTH_SHIFT | end;
    }
}
