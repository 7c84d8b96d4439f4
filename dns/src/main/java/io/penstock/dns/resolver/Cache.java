package io.penstock.dns.resolver;

import io.penstock.core.buffer.NativeBuffer;
import java.util.Arrays;
import org.agrona.DirectBuffer;

/**
 * Answers by name and type, in off-heap memory of a fixed size: a ring of entries, in which the
 * newest entry overwrites the oldest, and a hash table of their places in the ring.
 *
 * <pre>
 *   ring   | filler | entry | entry | entry |  free  |
 *                   tail                    head
 *   entry   0 int  length, a multiple of 8       4 int  hash
 *           8 long expires, nanoseconds         16 int  type; -1: not in the table
 *          20 int  length of the name        24 int  offset of the name in the entry
 *          32 the {@link Answer} and the name, each padded to a multiple of 8
 *   table  of longs: hash in the upper half, place in the ring / 8 + 1 in the lower; 0 is free.
 *          Linear probing: an entry is at its hash's slot or in the run of used slots behind it.
 * </pre>
 *
 * <p>The string by which an entry was found is kept beside it. The next search by an equal string
 * compares two strings, as a HashMap does; a search by the same string compares references.
 */
final class Cache {
    static final int NONE = -1;
    /** In place of a type: the name does not exist, so the answer holds for every type. */
    static final int ANY_TYPE = 0x1_0000;
    /** Added to a type: a failure, kept beside the last answer for the type. */
    static final int FAILURE = 0x2_0000;

    private static final int HASH = 4;
    private static final int EXPIRES = 8;
    private static final int TYPE = 16;
    private static final int NAME_LENGTH = 20;
    private static final int NAME_PLACE = 24;
    private static final int ANSWER = 32; // before the name, near the fields that are read first
    private static final int DEAD = -1;

    private final NativeBuffer ring;
    private final NativeBuffer table;
    private final String[] known; // by slot of the table: a string that found its entry, or null
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

    /** The number of answers evicted since the last call. */
    long takeEvicted() {
        long n = evicted;
        evicted = 0;
        return n;
    }

    // Entries

    long expiresNs(int entry) {
        return ring.getLong(entry + EXPIRES);
    }

    /** The offset of an entry's answer in {@link #memory}. */
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

    /** Stores an answer, unless it would fill more than a quarter of the ring. */
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
        // Not before room(): an eviction there moves entries within the table.
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

    /** Makes room in one piece at the head of the ring. Returns its offset. */
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

    /** Frees a slot. Entries behind it move up, or a probe would end at the hole before them. */
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
