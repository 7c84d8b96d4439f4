package io.penstock.dns.wire;

import io.penstock.core.buffer.NativeBuffer;

/**
 * Where the questions and records of a message are, noted while they are checked: so that going
 * over them needs no second look at names. There is room for so many; those after them are found
 * by walking. A place is a word that is not negative, so that a code can stand for it. Of a record
 * what {@link ResourceRecord#head} says is noted as well.
 *
 * <pre>
 *   63                     36                8        0
 *   | first label of a name | end of the name | length |
 * </pre>
 */
final class Places {
    static final int MAX = 256;
    /** Where all places lie before. */
    static final int END = 1 << 27;
    private static final int LENGTH_MASK = 0xff;
    private static final int END_SHIFT = 8;
    private static final int END_MASK = 2 * END - 1;
    private static final int LABEL_SHIFT = 36;

    private final long[] places = new long[MAX];
    private final long[] heads = new long[MAX];

    void put(int index, long place, long head) {
        if (index < MAX) {
            places[index] = place;
            heads[index] = head;
        }
    }

    /** What was noted of a record; of one that has no room its octets say it. */
    long head(int index, NativeBuffer b, long place) {
        return index < MAX ? heads[index] : ResourceRecord.head(b, end(place));
    }

    /** The place of a question or record, which begins there. */
    long at(int index, NativeBuffer b, int offset) {
        return index < MAX ? places[index] : walk(b, offset);
    }

    /** The place of what begins there, from its octets. */
    static long walk(NativeBuffer b, int offset) {
        return place(Name.label(b, offset), Name.length(b, offset))
                | end(offset + Name.bytesInPlace(b, offset));
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

    /** The place of a name of which the end is not known yet. */
    static long place(int label, int length) {
        return (long) label << LABEL_SHIFT | length;
    }

    /** What the end adds to a place. */
    static long end(int at) {
        return (long) at << END_SHIFT;
    }
}
