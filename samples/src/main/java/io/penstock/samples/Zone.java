package io.penstock.samples;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.dns.iana.RecordClass;
import io.penstock.dns.iana.RecordType;
import io.penstock.dns.wire.Name;

/**
 * A zone, in the form of answers: for each name a list of what is said to each type of question,
 * which is copied behind the question that came. {@link ZoneBuilder} makes it; from then on it is
 * read only.
 *
 * <pre>
 *   table      node of a hash, or 0
 *   node       +0 answers for the name   +4 for names below it that do not exist   +8 key's length
 *              +16 key: the name in wire form and lower case, zeros behind it up to 8 octets
 *   list       +0 count   +4 answer to any other type   +8 type, answer; type, answer …
 *   answer     +0 body's length   +4 flags and response code   +6 length of the question's name
 *              +8 header's four counts   +16 mode, above its 8 bits the length of an alias's target
 *              +20 how many pointers   +22 where each of them is in the body
 *              then, at a multiple of 8, the body: records, as they lie behind that question
 *              what a DNAME makes aliases of, behind that: +0 TTL   +4 length   +8 target
 * </pre>
 *
 * <p>A body was made for one name. Behind a longer or shorter question, its pointers to the end of
 * the name, and to its own records, move by the difference; those to the whole name do not.
 *
 * <p><b>Threading</b>: {@link #find} and what follows it: one thread. <b>Allocation</b>: none.
 */
final class Zone {
    static final int SELF_OFFSET = 0;
    static final int BELOW_OFFSET = 4;
    static final int KEY_LENGTH_OFFSET = 8;
    static final int KEY_OFFSET = 16;

    static final int LIST_DEFAULT_OFFSET = 4;
    static final int LIST_ENTRIES_OFFSET = 8;

    static final int FLAGS_OFFSET = 4;
    static final int NAME_LENGTH_OFFSET = 6;
    static final int COUNTS_OFFSET = 8;
    static final int MODE_OFFSET = 16;
    static final int POINTERS_OFFSET = 20;
    static final int POINTER_LIST_OFFSET = 22;

    /** The answer is whole. */
    static final int FINAL = 0;
    /** It ends with an alias, uncompressed, whose own answer follows. */
    static final int ALIAS = 1;
    /** An alias must be made of the name, and of what is behind the answer. */
    static final int DNAME = 2;
    /** What lies in front of that alias's target: a pointer, and a record's fixed part. */
    static final int ALIAS_HEAD_BYTES = 12;

    private static final int HEADER_BYTES = 12;
    private static final int POINTER = 0xc000;
    private static final long EVERY_OCTET = 0x0101_0101_0101_0101L;

    private final NativeBuffer memory;
    private final NativeBuffer table;
    private final int mask;
    private final int apexBytes;
    private final int nonexistent; // the list for names that do not exist
    private final NativeBuffer key = NativeBuffer.allocate(512);
    private int owner; // where in the key the name begins whose node was found

    Zone(NativeBuffer memory, NativeBuffer table, int apexBytes, int nonexistent) {
        this.memory = memory;
        this.table = table;
        mask = table.capacity() / Integer.BYTES - 1;
        this.apexBytes = apexBytes;
        this.nonexistent = nonexistent;
    }

    // Finding

    /** What is answered for a name without pointers: an answer, or 0 outside the zone. */
    int find(NativeBuffer b, int name, int length, int type) {
        lower(b, name, length);
        int node = node(memory, table, mask, key, 0, length);
        owner = 0;
        if (node != 0) {
            return select(memory.getInt(node + SELF_OFFSET), type);
        }
        int at = 0;
        while (node == 0) {
            at += key.getByte(at) + 1;
            if (length - at < apexBytes) {
                return 0;
            }
            node = node(memory, table, mask, key, at, length - at);
        }
        owner = at;
        int below = memory.getInt(node + BELOW_OFFSET);
        return select(below == 0 ? nonexistent : below, type);
    }

    private void lower(NativeBuffer b, int name, int length) {
        for (int i = 0; i < length; i += Long.BYTES) {
            key.putLong(i, lower(b.getLong(name + i)));
        }
    }

    /** Eight octets at once: lengths of labels are less than any letter. */
    static long lower(long octets) {
        long seven = octets & 0x7f * EVERY_OCTET;
        long isUpper = seven + (0x80 - 'A') * EVERY_OCTET ^ seven + (0x7f - 'Z') * EVERY_OCTET;
        return octets | (isUpper & ~octets & 0x80 * EVERY_OCTET) >>> 2;
    }

    /** The node of a key, or 0. What is behind the key may be anything. */
    private static int node(NativeBuffer memory, NativeBuffer table, int mask,
            NativeBuffer key, int from, int length) {
        int slot = hash(key, from, length) & mask;
        int node = table.getInt(slot * Integer.BYTES);
        while (node != 0 && !isKey(memory, node, key, from, length)) {
            slot = slot + 1 & mask;
            node = table.getInt(slot * Integer.BYTES);
        }
        return node;
    }

    static int hash(NativeBuffer key, int from, int length) {
        long hash = length;
        int i = 0;
        for (; i + Long.BYTES <= length; i += Long.BYTES) {
            hash = mix(hash, key.getLong(from + i));
        }
        if (i < length) {
            hash = mix(hash, key.getLong(from + i) & first(length - i));
        }
        return (int) (hash ^ hash >>> 32);
    }

    private static long mix(long hash, long word) {
        long product = (hash ^ word) * 0x9e37_79b9_7f4a_7c15L;
        return product ^ product >>> 29;
    }

    private static long first(int octets) {
        return -1L >>> Long.SIZE - octets * Byte.SIZE;
    }

    private static boolean isKey(
            NativeBuffer memory, int node, NativeBuffer key, int from, int length) {
        if (memory.getInt(node + KEY_LENGTH_OFFSET) != length) {
            return false;
        }
        int at = node + KEY_OFFSET;
        int i = 0;
        for (; i + Long.BYTES <= length; i += Long.BYTES) {
            if (memory.getLong(at + i) != key.getLong(from + i)) {
                return false;
            }
        }
        return i == length
                || memory.getLong(at + i) == (key.getLong(from + i) & first(length - i));
    }

    private int select(int list, int type) {
        int end = list + LIST_ENTRIES_OFFSET + memory.getInt(list) * Long.BYTES;
        for (int at = list + LIST_ENTRIES_OFFSET; at < end; at += Long.BYTES) {
            if (memory.getInt(at) == type) {
                return memory.getInt(at + Integer.BYTES);
            }
        }
        return memory.getInt(list + LIST_DEFAULT_OFFSET);
    }

    // What an answer says

    int flags(int answer) {
        return memory.getShort(answer + FLAGS_OFFSET) & 0xffff;
    }

    /** Records in a section, 1 to 3. */
    int count(int answer, int section) {
        return memory.getShort(answer + COUNTS_OFFSET + 2 * section, BIG_ENDIAN) & 0xffff;
    }

    long counts(int answer) {
        return memory.getLong(answer + COUNTS_OFFSET);
    }

    int mode(int answer) {
        return memory.getInt(answer + MODE_OFFSET) & 0xff;
    }

    /** How long the target is that an answer's body ends with. */
    int aliasBytes(int answer) {
        return memory.getInt(answer + MODE_OFFSET) >>> 8;
    }

    int bodyBytes(int answer) {
        return memory.getInt(answer);
    }

    // Copying it

    /**
     * Copies an answer's body behind others: for a name that lies elsewhere in the message, and is
     * as long as it is. May write up to 7 octets more.
     */
    void copy(int answer, NativeBuffer b, int message, int to, int name, int nameBytes) {
        int length = memory.getInt(answer);
        int pointers = memory.getShort(answer + POINTERS_OFFSET);
        int body = body(answer, pointers);
        for (int i = 0; i < length; i += Long.BYTES) {
            b.putLong(to + i, memory.getLong(body + i));
        }
        int made = memory.getShort(answer + NAME_LENGTH_OFFSET);
        if (nameBytes != made || name != message + HEADER_BYTES) {
            move(answer, pointers, b, message, to, name, name + nameBytes - message - made);
        }
    }

    private static int body(int answer, int pointers) {
        return answer + POINTER_LIST_OFFSET + 2 * pointers + 7 & -8;
    }

    private void move(int answer, int pointers, NativeBuffer b, int message, int to, int name,
            int suffixDelta) {
        int made = memory.getShort(answer + NAME_LENGTH_OFFSET);
        int bodyMade = HEADER_BYTES + made + 4;
        for (int i = 0; i < pointers; i++) {
            int at = to + (memory.getShort(answer + POINTER_LIST_OFFSET + 2 * i) & 0xffff);
            int target = b.getShort(at, BIG_ENDIAN) & 0x3fff;
            int moved = target == HEADER_BYTES ? name - message
                    : target < bodyMade ? target - HEADER_BYTES + suffixDelta
                    : target - bodyMade + to - message;
            b.putShort(at, (short) (POINTER | moved), BIG_ENDIAN);
        }
    }

    /**
     * Writes the alias that a DNAME makes of the name that was found last: from it to the labels in
     * front of the DNAME's owner, and its target. May write up to 7 octets more.
     *
     * @return the length of the alias's target, or -1 if that is too long for a name
     */
    int writeAlias(int answer, NativeBuffer b, int message, int to, int name) {
        int pointers = memory.getShort(answer + POINTERS_OFFSET);
        int made = body(answer, pointers) + (memory.getInt(answer) + 7 & -8);
        int targetBytes = memory.getInt(made + Integer.BYTES);
        int length = owner + targetBytes;
        if (length > Name.MAX_BYTES) {
            return -1;
        }
        b.putShort(to, (short) (POINTER | name - message), BIG_ENDIAN);
        b.putInt(to + 2, RecordType.CNAME << 16 | RecordClass.IN, BIG_ENDIAN);
        b.putInt(to + 6, memory.getInt(made), BIG_ENDIAN);
        b.putShort(to + 10, (short) length, BIG_ENDIAN);
        b.putBytes(to + ALIAS_HEAD_BYTES, b, name, owner);
        b.putBytes(to + ALIAS_HEAD_BYTES + owner, memory, made + Long.BYTES, targetBytes);
        return length;
    }
}
