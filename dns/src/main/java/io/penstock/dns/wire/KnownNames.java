package io.penstock.dns.wire;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import java.util.Arrays;

/**
 * Names of a message that were walked already, by their offset. Most names end in a pointer to
 * one of them: then that is the end of the walk, however many pointers follow. It is a cache with
 * one place for each hash, and a miss costs time alone.
 *
 * <pre>
 *   64      44       30      16       8      0
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
    private static final int BYTE = 0xff;
    private static final int NONE = -1;
    private static final int FIRST_POINTER = Name.POINTER << Byte.SIZE;

    private final long[] slots = new long[1 << SLOT_BITS];
    private long generation;
    private int lastPointer = NONE; // the octets of it
    private long lastPlace; // where it leads, without an end

    /** Forgets all names. */
    void clear() {
        generation += 1L << GENERATION_SHIFT;
        if (generation == 0) {
            Arrays.fill(slots, 0);
            generation = 1L << GENERATION_SHIFT;
        }
        lastPointer = NONE;
    }

    /** Checks a name, as {@link Name#validate} does: its place, or a code. */
    long check(NativeBuffer b, int offset, int limit) {
        if (offset + 2 <= limit) {
            int pointer = RdataChecker.u16(b, offset);
            // Most are a bare pointer, and the same as the one before.
            if (leads(pointer, offset)) {
                return last(offset + 2);
            }
        }
        return walk(b, offset, limit);
    }

    /** Whether octets are a pointer that leads to a name that is known. */
    boolean leads(int pointer, int offset) {
        return pointer == lastPointer || pointer >= FIRST_POINTER && isKnown(pointer, offset);
    }

    /** The place of the pointer that was asked for last, if it ends there. */
    long last(int end) {
        return lastPlace | Places.end(end);
    }

    private boolean isKnown(int pointer, int offset) {
        int target = pointer - FIRST_POINTER;
        long known = slots[slot(target)];
        int hops = 1 + (int) (known & BYTE);
        boolean isBefore = target < offset && target >= Message.HEADER_BYTES;
        if (!isOf(known, target) || !isBefore || hops > Name.MAX_HOPS) {
            return false;
        }
        lastPointer = pointer;
        lastPlace = put(offset, label(known), length(known), hops);
        return true;
    }

    private long walk(NativeBuffer b, int offset, int limit) {
        int start = offset; // of a run of labels
        int label = -1;
        int length = 0;
        int end = 0;
        int hops = 0;
        while (true) {
            int most = start + Name.MAX_BYTES - length;
            int at = start;
            int n = 0;
            while (at < limit && (n = b.getByte(at)) > 0 && n <= Name.MAX_LABEL_BYTES) {
                at += n + 1;
                if (at > most) {
                    return ReturnCode.DNS_NAME_TOO_LONG;
                }
            }
            if (at >= limit) {
                return ReturnCode.DNS_SHORT;
            }
            label = label < 0 && (at > start || n == 0) ? start : label;
            length += at - start;
            if (n == 0) {
                if (at == most) {
                    return ReturnCode.DNS_NAME_TOO_LONG;
                }
                return put(offset, label, length + 1, hops)
                        | Places.end(end == 0 ? at + 1 : end);
            }
            if ((n & Name.POINTER) != Name.POINTER) {
                return ReturnCode.DNS_LABEL_TYPE;
            }
            if (at + 1 >= limit) {
                return ReturnCode.DNS_SHORT;
            }
            end = end == 0 ? at + 2 : end;
            int target = Name.target(b, at);
            if (target >= start || target < Message.HEADER_BYTES) {
                return ReturnCode.DNS_POINTER;
            }
            long known = slots[slot(target)];
            boolean isKnown = isOf(known, target);
            hops += isKnown ? 1 + (int) (known & BYTE) : 1;
            if (hops > Name.MAX_HOPS) {
                return ReturnCode.DNS_HOPS;
            }
            if (isKnown) {
                length += length(known);
                return length > Name.MAX_BYTES ? ReturnCode.DNS_NAME_TOO_LONG
                        : put(offset, label < 0 ? label(known) : label, length, hops)
                                | Places.end(end);
            }
            start = target;
        }
    }

    private long put(int offset, int label, int length, int hops) {
        if (offset <= MAX_OFFSET) {
            slots[slot(offset)] = generation | (long) offset << OFFSET_SHIFT
                    | (long) label << LABEL_SHIFT | (long) length << Byte.SIZE | hops;
        }
        return Places.place(label, length);
    }

    private boolean isOf(long known, int offset) {
        return known >>> OFFSET_SHIFT == (generation >>> OFFSET_SHIFT | offset);
    }

    private static int label(long known) {
        return (int) (known >>> LABEL_SHIFT) & MAX_OFFSET;
    }

    private static int length(long known) {
        return (int) (known >>> Byte.SIZE) & BYTE;
    }

    private static int slot(int offset) {
        return offset * HASH_FACTOR >>> Integer.SIZE - SLOT_BITS;
    }
}
