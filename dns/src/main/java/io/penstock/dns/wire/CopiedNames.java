package io.penstock.dns.wire;

import java.util.Arrays;

/**
 * The names that were copied from the records of one source message: for each offset in the source
 * the offset in the message that is written. So a name that many records share is compared once. It
 * is a cache with one entry for each hash, valid until the source's memory changes.
 *
 * <pre>
 *   64           30       14       0
 *   | generation | source | target |
 * </pre>
 */
final class CopiedNames {
    private static final int SLOTS = 64;
    private static final int SOURCE_SHIFT = 14;
    private static final int MAX_SOURCE = 0xffff;
    private static final int GENERATION_SHIFT = SOURCE_SHIFT + 16;
    private static final int TARGET_MASK = (1 << SOURCE_SHIFT) - 1;

    private final long[] slots = new long[SLOTS];
    private long generation;
    private long stamp; // of the source; 0 for none

    /** Discards all entries. */
    void clear() {
        stamp = 0;
    }

    /** The target of the name that begins at a label in a record's memory, or 0. */
    int find(ResourceRecord record, int label) {
        if (record.stamp() != stamp) {
            return 0;
        }
        long known = slots[label & SLOTS - 1];
        boolean isSame = known >>> SOURCE_SHIFT == (generation >>> SOURCE_SHIFT | label);
        return isSame ? (int) known & TARGET_MASK : 0;
    }

    /** Adds a name of a record's memory, and the offset in the message for pointers to it. */
    void put(ResourceRecord record, int label, int target) {
        if (record.stamp() != stamp) {
            stamp = record.stamp();
            nextGeneration();
        }
        if (label <= MAX_SOURCE && Compression.isTarget(target)) {
            slots[label & SLOTS - 1] = generation | (long) label << SOURCE_SHIFT | target;
        }
    }

    private void nextGeneration() {
        generation += 1L << GENERATION_SHIFT;
        if (generation == 0) {
            Arrays.fill(slots, 0);
            generation = 1L << GENERATION_SHIFT;
        }
    }
}
