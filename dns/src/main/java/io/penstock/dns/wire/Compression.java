package io.penstock.dns.wire;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.penstock.core.buffer.NativeBuffer;
import org.agrona.DirectBuffer;

/**
 * The names of a message that is being written, as a tree: a label is the child of the name behind
 * it. A search begins at the last label, so it finds the longest suffix that the message has.
 *
 * <p>Work is bounded: at most {@link #MAX_NAMES} names of a message are looked up, and the tree has
 * room for {@link #MAX_NODES} labels. Later names are written without pointers. Labels must be
 * equal in every bit, so the case of letters is kept.
 */
final class Compression {
    static final int MAX_NAMES = 120;
    static final int NO_STOP = -1;
    private static final int MAX_NODES = 256;
    private static final int SLOT_BITS = 10;
    private static final int SLOTS = 1 << SLOT_BITS;
    private static final int FIRST_FACTOR = 0x9e3779b1;
    private static final int LAST_FACTOR = 0x85ebca6b;
    private static final int MAX_TARGET = 0x3fff;

    private final int[] offsets = new int[MAX_NODES];
    private final int[] parents = new int[MAX_NODES];
    private final long[] slots = new long[SLOTS]; // generation and node
    private final int[] labels = new int[Name.MAX_LABELS + 1];
    private long generation;
    private int nodes;
    private int names;
    private int unindexed;

    /** Begins another message: slots with the older generation are free. */
    void clear() {
        names = 0;
    }

    private void begin() {
        generation += 1L << Integer.SIZE;
        nodes = 0;
        unindexed = 0;
    }

    /** Discards the labels that were written at the offset or behind it. */
    void rollBack(int offset) {
        unindexed = unindexed >= offset ? 0 : unindexed;
        while (nodes > 0 && offsets[nodes - 1] >= offset) {
            nodes--;
        }
    }

    /** Notes the first name, which is not compressed. Most messages have no other. */
    void putFirst(int at) {
        begin();
        names = 1;
        unindexed = at;
    }

    /** Whether no name has been written. */
    boolean isEmpty() {
        return names == 0;
    }

    /**
     * Writes a valid name, with a pointer for a suffix that the message has already. Returns its
     * end, or -1 if it does not fit.
     *
     * @param stop the offset in the source of labels that were written already, or {@link #NO_STOP}
     * @param above the offset of those labels in the message, or 0
     */
    int put(NativeBuffer message, int at, int limit, DirectBuffer source, int offset,
            int stop, int above) {
        if (names == MAX_NAMES) {
            return write(message, at, limit, source, split(source, offset, stop), above);
        }
        if (names++ == 0) {
            begin();
        }
        if (unindexed != 0) {
            index(message, unindexed);
        }
        int count = split(source, offset, stop);
        int parent = above;
        while (count > 0) {
            int node = find(message, parent, source, labels[count - 1]);
            if (node < 0) {
                break;
            }
            parent = offsets[node];
            count--;
        }
        int end = write(message, at, limit, source, count, parent);
        if (end > 0) {
            add(message, count, parent);
        }
        return end;
    }

    private void index(NativeBuffer message, int offset) {
        int count = split(message, offset, NO_STOP);
        unindexed = 0;
        add(message, count, 0);
    }

    /** Finds a name's labels, up to a stop. Returns their number. */
    private int split(DirectBuffer source, int offset, int stop) {
        int count = 0;
        int at = offset;
        for (int n; (n = source.getByte(at)) != 0 && at != stop;) {
            if (n < 0) {
                at = Name.target(source, at);
            } else {
                labels[count++] = at;
                at += n + 1;
            }
        }
        return count;
    }

    /** Writes the first labels of a name, then a pointer or the root. */
    private int write(NativeBuffer message, int at, int limit,
            DirectBuffer source, int count, int target) {
        int end = at;
        for (int i = 0; i < count; i++) {
            int n = source.getByte(labels[i]) + 1;
            if (end + n > limit) {
                return -1;
            }
            message.putBytes(end, source, labels[i], n);
            labels[i] = end;
            end += n;
        }
        if (target == 0 && end < limit) {
            message.putByte(end, (byte) 0);
            return end + 1;
        }
        return target == 0 || end + Name.POINTER_BYTES > limit ? -1
                : putPointer(message, end, target);
    }

    static int putPointer(NativeBuffer message, int at, int target) {
        message.putShort(at, (short) (Name.POINTER << Byte.SIZE | target), BIG_ENDIAN);
        return at + Name.POINTER_BYTES;
    }

    static boolean isTarget(int offset) {
        return offset > 0 && offset <= MAX_TARGET;
    }

    // The tree

    /** Adds labels that were written, the last one first, as children of a name in the tree. */
    private void add(NativeBuffer message, int count, int target) {
        int parent = target;
        for (int i = count - 1; i >= 0 && nodes < MAX_NODES && isTarget(labels[i]); i--) {
            int slot = slot(message, labels[i], parent);
            while (isUsed(slot)) {
                slot = slot + 1 & SLOTS - 1;
            }
            slots[slot] = generation | nodes;
            offsets[nodes] = labels[i];
            parents[nodes] = parent;
            nodes++;
            parent = labels[i];
        }
    }

    private int find(NativeBuffer message, int parent, DirectBuffer source, int label) {
        for (int slot = slot(source, label, parent); isUsed(slot); slot = slot + 1 & SLOTS - 1) {
            int node = (int) slots[slot];
            if (node < nodes && parents[node] == parent
                    && Octets.isSameLabel(message, offsets[node], source, label)) {
                return node;
            }
        }
        return -1;
    }

    private boolean isUsed(int slot) {
        return (slots[slot] ^ generation) >>> Integer.SIZE == 0;
    }

    /** The hash of a label, from its length and at most eight octets at its two ends. */
    private static int slot(DirectBuffer source, int label, int parent) {
        int n = source.getByte(label);
        int hash = 31 * parent + n;
        if (n >= Integer.BYTES) {
            hash += source.getInt(label + 1) * FIRST_FACTOR
                    ^ source.getInt(label + n - 3) * LAST_FACTOR;
        } else {
            for (int i = 1; i <= n; i++) {
                hash = 31 * hash + source.getByte(label + i);
            }
        }
        return hash * FIRST_FACTOR >>> Integer.SIZE - SLOT_BITS;
    }
}
