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

    private final long[] slots = new long[1 << SLOT_BITS];
    private long generation;
    private int lastLabel;
    private int lastLength;

    /** Forgets all names. */
    void clear() {
        generation += 1L << GENERATION_SHIFT;
        if (generation == 0) {
            Arrays.fill(slots, 0);
            generation = 1L << GENERATION_SHIFT;
        }
    }

    /** Checks a name, as {@link Name#validate} does: how many octets it takes, or a code. */
    int check(NativeBuffer b, int offset, int limit) {
        // Most are a bare pointer to a name that is known; they need not be known themselves.
        if (offset + 1 < limit && (b.getByte(offset) & Name.POINTER) == Name.POINTER) {
            int target = Name.target(b, offset);
            long known = slots[slot(target)];
            boolean isBefore = target < offset && target >= Message.HEADER_BYTES;
            if (isOf(known, target) && isBefore && (known & BYTE) < Name.MAX_HOPS) {
                lastLabel = label(known);
                lastLength = length(known);
                return 2;
            }
        }
        return walk(b, offset, limit);
    }

    private int walk(NativeBuffer b, int offset, int limit) {
        int at = offset;
        int start = offset;
        int label = -1;
        int length = 0;
        int end = 0;
        int hops = 0;
        while (at < limit) {
            int n = b.getByte(at);
            if (n >= 0 && n <= Name.MAX_LABEL_BYTES) {
                label = label < 0 ? at : label;
                length += n + 1;
                at += n + 1;
                if (length > Name.MAX_BYTES) {
                    return ReturnCode.DNS_NAME_TOO_LONG;
                }
                if (n == 0) {
                    put(offset, label, length, hops);
                    return (end == 0 ? at : end) - offset;
                }
            } else if ((n & Name.POINTER) != Name.POINTER) {
                return ReturnCode.DNS_LABEL_TYPE;
            } else if (at + 1 >= limit) {
                return ReturnCode.DNS_SHORT;
            } else {
                end = end == 0 ? at + 2 : end;
                at = Name.target(b, at);
                if (at >= start || at < Message.HEADER_BYTES) {
                    return ReturnCode.DNS_POINTER;
                }
                long known = slots[slot(at)];
                boolean isKnown = isOf(known, at);
                hops += isKnown ? 1 + (int) (known & BYTE) : 1;
                if (hops > Name.MAX_HOPS) {
                    return ReturnCode.DNS_HOPS;
                }
                if (isKnown) {
                    length += length(known);
                    if (length > Name.MAX_BYTES) {
                        return ReturnCode.DNS_NAME_TOO_LONG;
                    }
                    put(offset, label < 0 ? label(known) : label, length, hops);
                    return end - offset;
                }
                start = at;
            }
        }
        return ReturnCode.DNS_SHORT;
    }

    /** Where the first label is of the name that was checked last. */
    int lastLabel() {
        return lastLabel;
    }

    /** How many octets the name that was checked last has, without pointers. */
    int lastLength() {
        return lastLength;
    }

    private void put(int offset, int label, int length, int hops) {
        lastLabel = label;
        lastLength = length;
        if (offset <= MAX_OFFSET) {
            slots[slot(offset)] = generation | (long) offset << OFFSET_SHIFT
                    | (long) label << LABEL_SHIFT | (long) length << Byte.SIZE | hops;
        }
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
