package io.penstock.dns.wire;

import io.penstock.core.buffer.NativeBuffer;
import java.util.Arrays;

/**
 * The names of a message that were walked already, by their offset. Most names end in a pointer to
 * a known name, where the walk ends, however many pointers follow. This is a cache with one entry
 * for each hash; a miss costs only time.
 *
 * <pre>
 *   64           44       30      16       8      0
 *   | generation | offset | label | length | hops |
 * </pre>
 */
final class KnownNames {
    private static final int SLOT_BITS = 8;
    private static final int HASH_FACTOR = 0x9e3779b1;
    private static final int OFFSET_BITS = 14;
    private static final int LABEL_SHIFT = 16;
    private static final int OFFSET_SHIFT = LABEL_SHIFT + OFFSET_BITS;
    private static final int GENERATION_SHIFT = OFFSET_SHIFT + OFFSET_BITS;
    private static final int MAX_OFFSET = (1 << OFFSET_BITS) - 1;
    private static final int NONE = -1;
    private static final int FIRST_POINTER = Name.POINTER << Byte.SIZE;

    private final long[] slots = new long[1 << SLOT_BITS];
    private long generation;
    private int lastPointer = NONE; // the two octets of the last owner that was a pointer
    private long lastPlace; // the place of its target, without an end

    /** Discards all names. */
    void clear() {
        generation += 1L << GENERATION_SHIFT;
        if (generation == 0) {
            Arrays.fill(slots, 0);
            generation = 1L << GENERATION_SHIFT;
        }
        lastPointer = NONE;
    }

    /** Checks the name of an owner, as {@link Name#validate} does. Returns its place, or a code. */
    long check(NativeBuffer b, int offset, int limit) {
        // Most owners are a single pointer, and equal to the owner before.
        if (offset + Name.POINTER_BYTES <= limit && leads(RdataChecker.u16(b, offset), offset)) {
            return last(offset + Name.POINTER_BYTES);
        }
        long walked = walk(b, offset, limit);
        return walked < 0 ? walked : Places.place(offset, walked);
    }

    /** Checks any other name. Returns its end, or a code. */
    int end(NativeBuffer b, int offset, int limit) {
        boolean isPointer = offset + Name.POINTER_BYTES <= limit
                && follow(RdataChecker.u16(b, offset), offset) != 0;
        if (isPointer) {
            return offset + Name.POINTER_BYTES;
        }
        long walked = walk(b, offset, limit);
        return walked < 0 ? (int) walked : offset + Name.bytesInPlace(walked);
    }

    private long walk(NativeBuffer b, int offset, int limit) {
        long walked = Name.walk(b, offset, limit, this);
        if (walked >= 0) {
            put(offset, walked);
        }
        return walked;
    }

    /** Whether the octets of an owner are a pointer to a known name. */
    boolean leads(int pointer, int offset) {
        if (pointer == lastPointer) {
            return true;
        }
        long known = follow(pointer, offset);
        if (known == 0) {
            return false;
        }
        put(offset, Name.pointed(known));
        lastPointer = pointer;
        lastPlace = Places.place(0, known);
        return true;
    }

    /** The place of the last owner, for an owner that ends at the offset. */
    long last(int end) {
        return lastPlace + Places.end(end);
    }

    /** The facts about the target of a valid pointer to a known name; else 0. */
    private long follow(int pointer, int offset) {
        int target = pointer - FIRST_POINTER;
        if (target < Message.HEADER_BYTES || target >= offset) {
            return 0;
        }
        long known = walkedFrom(target);
        return Name.hops(known) < Name.MAX_HOPS ? known : 0;
    }

    /** Adds a name that was walked. */
    void put(int offset, long walked) {
        if (offset <= MAX_OFFSET) {
            slots[slot(offset)] = generation | (long) offset << OFFSET_SHIFT
                    | (long) Name.label(walked) << LABEL_SHIFT
                    | Name.length(walked) << Byte.SIZE | Name.hops(walked);
        }
    }

    /** The result of a walk from an offset, without the octets in place; 0 if it is not known. */
    long walkedFrom(int offset) {
        long known = slots[slot(offset)];
        boolean isKnown = known >>> OFFSET_SHIFT == (generation >>> OFFSET_SHIFT | offset);
        return isKnown ? Name.walked((int) (known >>> LABEL_SHIFT) & MAX_OFFSET,
                (int) known & 0xff, 0, (int) (known >>> Byte.SIZE) & 0xff) : 0;
    }

    private static int slot(int offset) {
        return offset * HASH_FACTOR >>> Integer.SIZE - SLOT_BITS;
    }
}
