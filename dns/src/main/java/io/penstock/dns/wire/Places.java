package io.penstock.dns.wire;

import io.penstock.core.buffer.NativeBuffer;

/**
 * The places of the first {@link #MAX} records of a message, noted by the check, so that a cursor
 * does not walk their names again. Later records are found by walking. A place is not negative, so
 * that a method can return a code instead. The {@link ResourceRecord#head} of a record is noted
 * beside its place.
 *
 * <pre>
 *   63                      32                8        0
 *   | first label of a name | end of the name | length |
 * </pre>
 */
final class Places {
    static final int MAX = 256;
    /** Greater than the offset in any place. */
    static final int END = 1 << 23;
    private static final int LENGTH_MASK = 0xff;
    private static final int END_SHIFT = 8;
    private static final int END_MASK = 2 * END - 1;
    static final int LABEL_SHIFT = 32;
    private static final long HOPS = 0xff00_0000L;

    private final long[] notes = new long[2 * MAX]; // place and head in turn

    /** Notes a record with an index below {@link #MAX}. */
    void put(int index, long place, long head) {
        notes[2 * index] = place;
        notes[2 * index + 1] = head;
    }

    /** The place of a record with an index below {@link #MAX}. */
    long place(int index) {
        return notes[2 * index];
    }

    /** The head of a record with an index below {@link #MAX}. */
    long head(int index) {
        return notes[2 * index + 1];
    }

    /** The place of a name that was checked, from its octets. */
    static long walk(NativeBuffer b, int offset) {
        int label = Name.label(b, offset);
        int inPlace = Name.bytesInPlace(b, offset);
        return place(offset, Name.walked(label, 0, inPlace, Name.length(b, offset)));
    }

    /** The place of a name, from the result of {@link Name#walk}. */
    static long place(int offset, long walked) {
        return (walked & ~HOPS) + end(offset);
    }

    /** The place of a name without pointers. */
    static long whole(int offset, int length) {
        return (long) offset << LABEL_SHIFT | end(offset + length) | length;
    }

    static int label(long place) {
        return (int) (place >>> LABEL_SHIFT);
    }

    static int length(long place) {
        return (int) place & LENGTH_MASK;
    }

    static int end(long place) {
        return (int) (place >>> END_SHIFT) & END_MASK;
    }

    /** The bits of a place for the end of the name. */
    static long end(int at) {
        return (long) at << END_SHIFT;
    }
}
