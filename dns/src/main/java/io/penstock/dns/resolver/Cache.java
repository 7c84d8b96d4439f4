package io.penstock.dns.resolver;

import io.penstock.core.buffer.NativeBuffer;
import java.util.Arrays;
import org.agrona.DirectBuffer;

/**
 * Answers by name and type, in memory of a fixed size off the heap: a ring of entries, the newest
 * written over the oldest, and a table of where they are.
 *
 * <pre>
 *   ring   | filler | entry | entry | entry |  free  |
 *                   tail                    head
 *   entry   0 int  length, a multiple of 8       4 int  hash
 *           8 long expires, nanoseconds         16 int  type; -1: not in the table
 *          20 int  length of the name        24 int  where it is, from here
 *          32 the {@link Answer} and the name, each filled up to a multiple of 8
 *   table  of longs: hash above, place in the ring / 8 + 1 below; 0 is free
 * </pre>
 *
 * <p>A string that found an entry is remembered with it: equal ones are compared with it, as a
 * HashMap does, and the same one not at all.
 */
final class Cache {
    static final int NONE = -1;
    /** That the name is not there, whatever the type. */
    static final int ANY_TYPE = 0x1_0000;
    /** With a type: that there was no answer. It lies beside what was known before. */
    static final int FAILURE = 0x2_0000;

    private static final int HASH = 4;
    private static final int EXPIRES = 8;
    private static final int TYPE = 16;
    private static final int NAME_LENGTH = 20;
    private static final int NAME_PLACE = 24;
    private static final int ANSWER = 32; // near what is read first
    private static final int DEAD = -1;

    private final NativeBuffer ring;
    private final NativeBuffer table;
    private final String[] known; // by place in the table: a string that its entry was found by
    private final int ringBytes;
    private final int maxEntries;
    private final int mask;
    private long head;
    private long tail;
    private int entries;
    private long evicted;

    Cache(int maxEntries, int ringBytes) {
        this.maxEntries = maxEntries;
        this.ringBytes = Math.max(64, ringBytes) & -8;
        int slots = Integer.highestOneBit(Math.max(2, maxEntries) * 2 - 1) * 2;
        mask = slots - 1;
        ring = NativeBuffer.allocate(this.ringBytes);
        table = NativeBuffer.allocate(slots * Long.BYTES);
        known = new String[slots];
    }

    NativeBuffer memory() {
        return ring;
    }

    int size() {
        return entries;
    }

    /** How many answers had to go for newer ones, since it was asked last. */
    long takeEvicted() {
        long n = evicted;
        evicted = 0;
        return n;
    }

    // Entries

    long expiresNs(int entry) {
        return ring.getLong(entry + EXPIRES);
    }

    /** Where its answer is. */
    int answer(int entry) {
        return entry + ANSWER;
    }

    private int nameOf(int entry) {
        return entry + ring.getInt(entry + NAME_PLACE);
    }

    private static int aligned(int length) {
        return length + 7 & -8;
    }

    private static int mix(int nameHash, int type) {
        int h = (nameHash ^ type * 0x85eb_ca6b) * 0x9e37_79b9;
        return h ^ h >>> 15;
    }

    // Finding

    /** The entry of a text without escapes, or {@link #NONE}. A string caches its hash. */
    int find(CharSequence name, int type) {
        int entry = name instanceof String string ? find(string, type) : NONE;
        return entry >= 0 ? entry : findAnyCase(name, type);
    }

    /** The entry of a string in lower case without a last dot; any other has another hash. */
    private int find(String name, int type) {
        int hash = mix(name.hashCode(), type);
        for (int slot = candidate(hash, type, hash); slot >= 0;
                slot = candidate(hash, type, slot + 1)) {
            int entry = entryAt(slot);
            if (name.equals(known[slot])) {
                return entry;
            }
            if (NameKeys.equal(ring, nameOf(entry), name)) {
                known[slot] = name;
                return entry;
            }
        }
        return NONE;
    }

    private int findAnyCase(CharSequence name, int type) {
        int hash = mix(NameKeys.hash(name), type);
        for (int slot = candidate(hash, type, hash); slot >= 0;
                slot = candidate(hash, type, slot + 1)) {
            int entry = entryAt(slot);
            if (NameKeys.equal(ring, nameOf(entry), name)) {
                return entry;
            }
        }
        return NONE;
    }

    /** The entry of a key, or {@link #NONE}. */
    int find(DirectBuffer name, int offset, int length, int type) {
        int slot = slot(name, offset, length, type);
        return slot < 0 ? NONE : entryAt(slot);
    }

    private int slot(DirectBuffer name, int offset, int length, int type) {
        int hash = mix(NameKeys.hash(name, offset), type);
        for (int slot = candidate(hash, type, hash); slot >= 0;
                slot = candidate(hash, type, slot + 1)) {
            int entry = entryAt(slot);
            if (ring.getInt(entry + NAME_LENGTH) == length
                    && NameKeys.equal(ring, nameOf(entry), name, offset, length)) {
                return slot;
            }
        }
        return NONE;
    }

    /** The next slot of the probe sequence with this hash and type, or {@link #NONE} at its end. */
    private int candidate(int hash, int type, int from) {
        for (int slot = from & mask;; slot = slot + 1 & mask) {
            long word = wordAt(slot);
            if (word == 0) {
                return NONE;
            }
            if (hashOf(word) == hash && ring.getInt(entryOf(word) + TYPE) == type) {
                return slot;
            }
        }
    }

    // The table

    private long wordAt(int slot) {
        return table.getLong(slot * Long.BYTES);
    }

    private int entryAt(int slot) {
        return entryOf(wordAt(slot));
    }

    private static int hashOf(long word) {
        return (int) (word >>> 32);
    }

    private static int entryOf(long word) {
        return ((int) word - 1) * 8;
    }

    /** The first slot of the probe sequence that has this word; 0 is a free slot. */
    private int slotOf(int hash, long word) {
        int slot = hash & mask;
        while (wordAt(slot) != word) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    private static long word(int hash, int entry) {
        return (long) hash << 32 | entry / 8 + 1;
    }

    // Changing

    /** Keeps an answer; one that would fill more than a quarter of the ring is not kept. */
    boolean put(DirectBuffer name, int offset, int length, int type, long expiresNs,
            NativeBuffer from, int answer) {
        int bytes = Answer.length(from, answer);
        int need = ANSWER + aligned(length) + aligned(bytes);
        if (need > ringBytes / 4 || maxEntries == 0) {
            return false;
        }
        remove(name, offset, length, type);
        int entry = room(need);
        int hash = mix(NameKeys.hash(name, offset), type);
        ring.putInt(entry, need);
        ring.putInt(entry + HASH, hash);
        ring.putLong(entry + EXPIRES, expiresNs);
        ring.putInt(entry + TYPE, type);
        ring.putInt(entry + NAME_LENGTH, length);
        ring.putInt(entry + NAME_PLACE, ANSWER + aligned(bytes));
        ring.putBytes(entry + ANSWER, from, answer, bytes);
        ring.putBytes(nameOf(entry), name, offset, length);
        // Only now: an eviction above has moved entries within the table.
        table.putLong(slotOf(hash, 0) * Long.BYTES, word(hash, entry));
        entries++;
        return true;
    }

    void remove(DirectBuffer name, int offset, int length, int type) {
        int slot = slot(name, offset, length, type);
        if (slot >= 0) {
            ring.putInt(entryAt(slot) + TYPE, DEAD);
            free(slot);
        }
    }

    void clear() {
        table.setMemory(0, table.capacity(), (byte) 0);
        Arrays.fill(known, null);
        head = 0;
        tail = 0;
        entries = 0;
    }

    /** Makes room at the head, in one piece: its place. */
    private int room(int need) {
        int at = (int) (head % ringBytes);
        int filler = at + need > ringBytes ? ringBytes - at : 0;
        while (head + filler + need - tail > ringBytes || entries == maxEntries) {
            dropOldest();
        }
        if (filler > 0) {
            ring.putInt(at, filler);
            if (filler >= ANSWER) {
                ring.putInt(at + TYPE, DEAD);
            }
            head += filler;
            at = 0;
        }
        head += need;
        return at;
    }

    private void dropOldest() {
        int entry = (int) (tail % ringBytes);
        int length = ring.getInt(entry);
        tail += length;
        if (length >= ANSWER && ring.getInt(entry + TYPE) != DEAD) {
            int hash = ring.getInt(entry + HASH);
            free(slotOf(hash, word(hash, entry)));
            evicted++;
        }
    }

    /** Frees a place of the table; those behind it move up, or they would not be found. */
    private void free(int slot) {
        entries--;
        int hole = slot;
        for (int i = slot + 1 & mask;; i = i + 1 & mask) {
            long word = wordAt(i);
            if (word == 0) {
                break;
            }
            int home = hashOf(word) & mask;
            if ((i - home & mask) >= (i - hole & mask)) {
                table.putLong(hole * Long.BYTES, word);
                known[hole] = known[i];
                hole = i;
            }
        }
        table.putLong(hole * Long.BYTES, 0);
        known[hole] = null;
    }
}
