package io.penstock.dns.wire;

import io.penstock.core.buffer.NativeBuffer;

/**
 * Where the records of a message are, noted while they are checked: so that going over them needs
 * no second look at names. There is room for so many; those after them are found by walking. A
 * place is a word that is not negative, so that a code can stand for it. What
 * {@link ResourceRecord#head} says of a record is noted beside it.
 *
 * <pre>
 *   63                      32                8        0
 *   | first label of a name | end of the name | length |
 * </pre>
 */
final class Places {
    static final int MAX = 256;
    /** Where all places lie before. */
    static final int END = 1 << 23;
    private static final int LENGTH_MASK = 0xff;
    private static final int END_SHIFT = 8;
    private static final int END_MASK = 2 * END - 1;
    static final int LABEL_SHIFT = 32;
    private static final long HOPS = 0xff00_0000L;

    private final long[] notes = new long[2 * MAX]; // place and head in turn

    /** Takes note of a record below {@link #MAX}. */
    void put(int index, long place, long head) {
        notes[2 * index] = place;
        notes[2 * index + 1] = head;
    }

    /** The place of a record below {@link #MAX}. */
    long place(int index) {
        return notes[2 * index];
    }

    /** What was noted of a record below {@link #MAX}. */
    long head(int index) {
        return notes[2 * index + 1];
    }

    /** The place of what begins there, from its octets, which were checked. */
    static long walk(NativeBuffer b, int offset) {
        int label = Name.label(b, offset);
        int inPlace = Name.bytesInPlace(b, offset);
        return place(offset, Name.walked(label, 0, inPlace, Name.length(b, offset)));
    }

    /** The place of a name of which is known what {@link Name#walk} says. */
    static long place(int offset, long walked) {
        return (walked & ~HOPS) + end(offset);
    }

    /** The place of a name that lies in one piece. */
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

    /** What the end adds to a place. */
    static long end(int at) {
        return (long) at << END_SHIFT;
    }
}
