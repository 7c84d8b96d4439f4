package io.penstock.core.metrics;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Posix;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.AtomicBuffer;

/**
 * The memory that counters live in, from the side that writes them: a table of types, then blocks
 * of 64-bit words, one block for each handle. It is anonymous, or has a file by which other
 * processes find and read it. It never changes its size, and it describes itself:
 * {@link MetricsReader} needs nothing else.
 *
 * <p>The region, all native-endian, every word aligned to 8 bytes:
 *
 * <pre>
 *    0 +-----------------------+   36 +------------------------+   72 +-------------------+
 *      | magic, "PENSTOCK"     |      | types, int             |      | owner's start, ms |
 *    8 +-----------------------+   40 +------------------------+   80 +-------------------+
 *      | 0x01020304, int       |      | blocks' offset, int    |      | boot id, 36 bytes |
 *   12 +-----------------------+   44 +------------------------+  116 +-------------------+
 *      | version, int          |      | blocks, int            |      | descriptor, int   |
 *   16 +-----------------------+   48 +------------------------+  120 +-------------------+
 *      | region's length       |      | bytes a block, int     |      | its inode         |
 *   24 +-----------------------+   52 +------------------------+  128 +-------------------+
 *      | types' offset, int    |      | words' offset in it    |      | type table: see   |
 *   28 +-----------------------+   56 +------------------------+      | MetricsType       |
 *      | most types, int       |      | number of the last fold|      +-------------------+
 *   32 +-----------------------+   64 +------------------------+
 *      | bytes a type, int     |      | owner's pid            |      | blocks            |
 *   36 +-----------------------+   72 +------------------------+      +-------------------+
 * </pre>
 *
 * <p>A region with a file lives in memory that the owner alone can write and nobody can resize;
 * readers open it as {@code /proc/pid/fd/descriptor}. The file holds a copy, made by {@link #open},
 * {@link #save} and {@link #close()}, whose header tells where the memory is.
 *
 * <p>The count of types is release-stored after the type: types are append-only. A block:
 *
 * <pre>
 *    0 +------------------------------------------------------------------+
 *      | head: generation &lt;&lt; 8 | state (0 FREE, 1 CLAIMED, 2 LIVE, 3 CLOSED)  |
 *    8 +------------------------------------------------------------------+
 *      | type id, int; aggregate's block, int (-1 none; its own: it is one) |
 *   16 +------------------------------------------------------------------+
 *      | sequence: the last fold into it, odd while it goes on (aggregate); |
 *      |           the last fold out of it (any other block)               |
 *   24 +------------------------------------------------------------------+
 *      | what the sequence was when the block was claimed                  |
 *   32 +------------------------------------------------------------------+
 *      | label's length, int; label, printable ASCII, up to 92 bytes       |
 *  128 +------------------------------------------------------------------+
 *      | words, in the order of the type's fields                          |
 *      +------------------------------------------------------------------+
 * </pre>
 *
 * <p>A block has one writer, which stores words opaquely ({@code putLongOpaque},
 * {@code addLongOpaque}). A claim CASes the head to CLAIMED, writes the block, and release-stores
 * LIVE. A close folds the words into the aggregate, stores CLOSED, then makes the aggregate's
 * sequence even; folds are numbered 2, 4, 6 … through the whole region, so a reader that has an
 * aggregate as of fold <i>n</i> knows of each closed block whether it is in there. So totals are
 * aggregates plus live blocks, at any time and without a lock. Values of a closed block stay
 * readable until it is claimed again, oldest first.
 *
 * <p><b>Threading</b>: any thread claims and closes; each block is written by one.
 * <b>Allocation</b>: claim and close none; the constructor, {@link #open} and {@link #register} are
 * set-up.
 */
public final class MetricsRegion {
    /** The size of a block with room for 32 words. */
    public static final int DEFAULT_BLOCK_BYTES = 384;
    /** How many types a region holds. */
    public static final int MAX_TYPES = 32;
    /** The aggregate of a block that has none. */
    public static final int NO_AGGREGATE = -1;

    static final long MAGIC = 0x4b43_4f54_534e_4550L; // "PENSTOCK", read as little-endian
    static final int ENDIAN_MARK = 0x01020304;
    static final int VERSION = 1;
    static final int HEADER_BYTES = 128;
    static final int MAGIC_OFFSET = 0;
    static final int ENDIAN_OFFSET = 8;
    static final int VERSION_OFFSET = 12;
    static final int LENGTH_OFFSET = 16;
    static final int TYPES_OFFSET_OFFSET = 24;
    static final int MAX_TYPES_OFFSET = 28;
    static final int TYPE_BYTES_OFFSET = 32;
    static final int TYPES_OFFSET = 36;
    static final int BLOCKS_OFFSET_OFFSET = 40;
    static final int BLOCKS_OFFSET = 44;
    static final int BLOCK_BYTES_OFFSET = 48;
    static final int WORDS_OFFSET_OFFSET = 52;
    static final int LAST_FOLD_OFFSET = 56;
    static final int PID_OFFSET = 64;
    static final int START_TIME_OFFSET = 72;
    static final int BOOT_ID_OFFSET = 80;
    static final int BOOT_ID_BYTES = 36;
    static final int DESCRIPTOR_OFFSET = 116;
    static final int INODE_OFFSET = 120;

    static final int FREE = 0;
    static final int CLAIMED = 1;
    static final int LIVE = 2;
    static final int CLOSED = 3;
    static final int STATE_BITS = 8;
    static final int STATE_MASK = 0xff;

    static final int BLOCK_ALIGNMENT = 128;
    static final int TYPE_ID_OFFSET = 8;
    static final int AGGREGATE_OFFSET = 12;
    static final int SEQUENCE_OFFSET = 16;
    static final int SEQUENCE_BEFORE_OFFSET = 24;
    static final int LABEL_LENGTH_OFFSET = 32;
    static final int LABEL_OFFSET = 36;
    static final int WORDS_OFFSET = 128;
    static final int MAX_LABEL_BYTES = WORDS_OFFSET - LABEL_OFFSET;

    private static final int SELF = -2;

    private final RegionFile file;
    private final int blocks;
    private final int blockBytes;
    private final int typeBytes;
    private final int blocksOffset;
    private final List<MetricsType> types = new ArrayList<>();
    private final int[] members; // of an aggregate: how many live blocks will fold into it
    private final int[] reusable; // a ring: the block that was closed first is claimed first
    private int reusableHead;
    private int reusableCount;
    private long lastFold;
    private AtomicBuffer buffer;
    private boolean isUsed;
    private boolean isClosed;

    /**
     * Makes an anonymous region of blocks of {@link #DEFAULT_BLOCK_BYTES}.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param blocks how many, at least one
     */
    public MetricsRegion(int blocks) {
        this(blocks, DEFAULT_BLOCK_BYTES);
    }

    /**
     * Makes an anonymous region.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param blocks how many, at least one
     * @param blockBytes the size of each, a multiple of 128: 128, then 8 a word
     */
    public MetricsRegion(int blocks, int blockBytes) {
        this(blocks, blockBytes, Posix.system());
    }

    /**
     * Makes an anonymous region that meets the kernel through another door, for tests.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param blocks how many, at least one
     * @param blockBytes the size of each, a multiple of 128: 128, then 8 a word
     * @param posix the door
     */
    public MetricsRegion(int blocks, int blockBytes, Posix posix) {
        if (blocks < 1 || blockBytes <= WORDS_OFFSET || blockBytes % BLOCK_ALIGNMENT != 0) {
            throw new IllegalArgumentException(blocks + " blocks of " + blockBytes + " bytes");
        }
        file = new RegionFile(posix);
        this.blocks = blocks;
        this.blockBytes = blockBytes;
        long words = (blockBytes - WORDS_OFFSET) / Long.BYTES;
        long type = MetricsType.ENTRY_HEADER_BYTES + words * MetricsType.FIELD_BYTES;
        long header = HEADER_BYTES + MAX_TYPES * type + BLOCK_ALIGNMENT - 1 & -BLOCK_ALIGNMENT;
        int length = Math.toIntExact(header + (long) blocks * blockBytes);
        typeBytes = (int) type;
        blocksOffset = (int) header;
        members = new int[blocks];
        reusable = new int[blocks];
        reusableCount = blocks;
        for (int i = 0; i < blocks; i++) {
            reusable[i] = i;
        }
        buffer = NativeBuffer.allocate(length);
        writeHeader();
    }

    /**
     * Gives the region a file by which other processes find and read it. The counters live in
     * memory that nothing but this region writes, so whatever becomes of the file (cut short,
     * overwritten, deleted, its disk full), counting goes on. Readers that may open it, which are
     * those of the same user and PID namespace, and root, read that memory itself while the owner
     * runs. Others, and all once it is gone, read the copy in the file: made here, by {@link #save}
     * and by {@link #close()}, after which the file stays. It has its name once it is whole: it is
     * made as {@code file.tmp.pid}, filled, locked until it is replaced or the owner is gone, and
     * then renamed: onto nothing, or onto the region of an owner that is gone. Whatever else is
     * there stays as it is. Comes before the first claim, and changes {@link #buffer}; types that
     * are registered move along.
     *
     * <p><b>Threading</b>: one thread, before the region is shared. <b>Allocation</b>: set-up.
     * <b>Returns</b>: 0; {@link ReturnCode#ALREADY_OPEN} once open or once a block was claimed;
     * {@link ReturnCode#CLOSED}; {@link ReturnCode#BAD_ARGUMENT} for a name with a NUL in it;
     * {@link ReturnCode#REGION_OWNED} if it is the file of an owner that runs, or another makes it
     * at the same time; {@link ReturnCode#REGION_PATH_TAKEN} if it is no region's: another file, a
     * symbolic link, a directory, a device;
     * {@code -errno} of memfd_create, fallocate ({@code ENOSPC}, {@code ENOMEM}), flock, mmap,
     * fcntl, statx, openat, write ({@code ENOSPC}), renameat2; then nothing is left behind.
     * <b>See</b>: memfd_create(2), F_ADD_SEALS in fcntl(2), flock(2), rename(2), proc_pid_fd(5).
     *
     * @param name the file's
     * @return 0 or a code
     */
    public synchronized int open(String name) {
        if (isClosed) {
            return ReturnCode.CLOSED;
        }
        if (file.isOpen() || isUsed) {
            return ReturnCode.ALREADY_OPEN;
        }
        int result = file.open(name, buffer);
        if (result >= 0) {
            buffer = file.memory();
        }
        return result;
    }

    /**
     * Makes the file anew, as a copy of the region as it is now: for readers that cannot open the
     * region's memory, and for what is to be known of an owner that is killed. Blocks are copied
     * between claims and closes, words while they are written. It is for a timer of the
     * application's; nothing else calls it while the region is open.
     *
     * <p><b>Threading</b>: any; it writes a file of the region's size, and claims and closes wait
     * for it. <b>Allocation</b>: none. <b>Returns</b>: 0; {@link ReturnCode#NOT_OPEN} without a
     * file; {@link ReturnCode#CLOSED}; {@link ReturnCode#REGION_OWNED} and
     * {@link ReturnCode#REGION_PATH_TAKEN} if something else has the name by now; {@code -errno} of
     * openat, flock, write, renameat2: then the former copy stays.
     *
     * @return 0 or a code
     */
    public synchronized int save() {
        if (isClosed) {
            return ReturnCode.CLOSED;
        }
        return file.isOpen() ? file.save() : ReturnCode.NOT_OPEN;
    }

    /**
     * Registers a type; the same again is the same.
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: set-up. <b>Returns</b>: the type's id;
     * {@link ReturnCode#BLOCK_TOO_SMALL} if a block has not the words,
     * {@link ReturnCode#TYPES_EXHAUSTED}, {@link ReturnCode#CLOSED}.
     *
     * @param type the type
     * @return its id in this region, from 0, or a code
     */
    public synchronized int register(MetricsType type) {
        if (isClosed) {
            return ReturnCode.CLOSED;
        }
        int known = types.indexOf(type);
        if (known >= 0) {
            return known;
        }
        if (type.fields() * Long.BYTES > blockBytes - WORDS_OFFSET) {
            return ReturnCode.BLOCK_TOO_SMALL;
        }
        int id = types.size();
        if (id == MAX_TYPES) {
            return ReturnCode.TYPES_EXHAUSTED;
        }
        type.write(buffer, HEADER_BYTES + id * typeBytes);
        buffer.putIntRelease(TYPES_OFFSET, id + 1);
        types.add(type);
        return id;
    }

    /**
     * Claims a block that others will be folded into when they close. Its words are written by
     * their closes alone. It cannot be closed before them.
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: none. <b>Returns</b>: as {@link #claim}.
     *
     * @param typeId its type, and that of the blocks folded into it
     * @param label what to call it
     * @return the block, or a code
     */
    public synchronized int claimAggregate(int typeId, CharSequence label) {
        return take(typeId, label, SELF);
    }

    /**
     * Claims a block; its words are 0.
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: none. <b>Returns</b>: the block;
     * {@link ReturnCode#METRICS_EXHAUSTED} if all are taken; {@link ReturnCode#BAD_ARGUMENT} if the
     * type is none of this region's, or the aggregate is no aggregate of that type;
     * {@link ReturnCode#CLOSED}.
     *
     * @param typeId its type
     * @param label what to call it; what is not printable ASCII becomes {@code '?'}, and what does
     *     not fit is cut off
     * @param aggregate the block it is folded into, or {@link #NO_AGGREGATE}: then its counts are
     *     in no total once it is closed
     * @return the block, or a code
     */
    public synchronized int claim(int typeId, CharSequence label, int aggregate) {
        if (aggregate != NO_AGGREGATE && !isAggregateOf(typeId, aggregate)) {
            return ReturnCode.BAD_ARGUMENT;
        }
        return take(typeId, label, aggregate);
    }

    /**
     * Closes a block, by the thread that wrote it: its counters are added to its aggregate's, its
     * maxima kept there, and its gauges are gone. What it holds stays readable until it is claimed
     * again.
     *
     * <p><b>Threading</b>: the block's writer. <b>Allocation</b>: none. <b>Returns</b>: 0;
     * {@link ReturnCode#CLOSED} if it is not live; {@code -EBUSY} for an aggregate of blocks that
     * still are.
     *
     * @param block the block, as claimed
     * @return 0 or a code
     */
    public synchronized int close(int block) {
        int at = blockOffset(block);
        long head = buffer.getLong(at);
        if ((head & STATE_MASK) != LIVE) {
            return ReturnCode.CLOSED;
        }
        if (members[block] > 0) {
            return -Errno.EBUSY;
        }
        int aggregate = buffer.getInt(at + AGGREGATE_OFFSET);
        long closed = head & ~STATE_MASK | CLOSED;
        if (aggregate == NO_AGGREGATE || aggregate == block) {
            buffer.putLongRelease(at, closed);
        } else {
            members[aggregate]--;
            fold(at, blockOffset(aggregate), closed);
        }
        reusable[(reusableHead + reusableCount++) % blocks] = block;
        return ReturnCode.OK;
    }

    /**
     * Ends the region: its file, if it still leads to this region, becomes a copy of what it holds
     * now, and the locks are given back, so that readers see that its owner is gone. The memory
     * lives as long as anything refers to it, so a handle that is closed later is counted still,
     * but not in the file.
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: none. <b>Returns</b>: 0,
     * {@link ReturnCode#CLOSED}, or {@code -errno} as {@link #save}; the region is closed in any
     * case.
     *
     * @return 0 or a code
     */
    public synchronized int close() {
        if (isClosed) {
            return ReturnCode.CLOSED;
        }
        isClosed = true;
        return file.isOpen() ? file.close() : ReturnCode.OK;
    }

    /**
     * The region's memory. {@link #open} replaces it.
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: none.
     *
     * @return the buffer that {@link #wordsOffset} is an offset in
     */
    public AtomicBuffer buffer() {
        return buffer;
    }

    /**
     * Where a block's words are.
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: none.
     *
     * @param block the block
     * @return the offset of its first word in {@link #buffer}
     */
    public int wordsOffset(int block) {
        return blockOffset(block) + WORDS_OFFSET;
    }

    /**
     * How many blocks there are.
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: none.
     *
     * @return as given to the constructor
     */
    public int blocks() {
        return blocks;
    }

    /** Whether memory begins as a region does. */
    static boolean isMagic(DirectBuffer header) {
        return header.getLong(MAGIC_OFFSET, ByteOrder.LITTLE_ENDIAN) == MAGIC;
    }

    private int blockOffset(int block) {
        return blocksOffset + Objects.checkIndex(block, blocks) * blockBytes;
    }

    private void writeHeader() {
        buffer.putLong(MAGIC_OFFSET, MAGIC, ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(ENDIAN_OFFSET, ENDIAN_MARK);
        buffer.putInt(VERSION_OFFSET, VERSION);
        buffer.putLong(LENGTH_OFFSET, buffer.capacity());
        buffer.putInt(TYPES_OFFSET_OFFSET, HEADER_BYTES);
        buffer.putInt(MAX_TYPES_OFFSET, MAX_TYPES);
        buffer.putInt(TYPE_BYTES_OFFSET, typeBytes);
        buffer.putInt(BLOCKS_OFFSET_OFFSET, blocksOffset);
        buffer.putInt(BLOCKS_OFFSET, blocks);
        buffer.putInt(BLOCK_BYTES_OFFSET, blockBytes);
        buffer.putInt(WORDS_OFFSET_OFFSET, WORDS_OFFSET);
    }

    private boolean isAggregateOf(int typeId, int block) {
        if (block < 0 || block >= blocks) {
            return false;
        }
        int at = blockOffset(block);
        return (buffer.getLong(at) & STATE_MASK) == LIVE
                && buffer.getInt(at + AGGREGATE_OFFSET) == block
                && buffer.getInt(at + TYPE_ID_OFFSET) == typeId;
    }

    private int take(int typeId, CharSequence label, int aggregate) {
        if (isClosed) {
            return ReturnCode.CLOSED;
        }
        if (typeId < 0 || typeId >= types.size()) {
            return ReturnCode.BAD_ARGUMENT;
        }
        if (reusableCount == 0) {
            return ReturnCode.METRICS_EXHAUSTED;
        }
        int labelBytes = Math.min(label.length(), MAX_LABEL_BYTES);
        int block = reusable[reusableHead];
        int at = blockOffset(block);
        long head = buffer.getLong(at);
        long claimed = (head >>> STATE_BITS) + 1 << STATE_BITS | CLAIMED;
        if (!buffer.compareAndSetLong(at, head, claimed)) {
            return ReturnCode.BLOCK_CHANGED;
        }
        VarHandle.fullFence(); // no reader may see what follows under the head that was
        reusableHead = (reusableHead + 1) % blocks;
        reusableCount--;
        isUsed = true;
        buffer.putLongOpaque(at + SEQUENCE_BEFORE_OFFSET, buffer.getLong(at + SEQUENCE_OFFSET));
        buffer.putInt(at + TYPE_ID_OFFSET, typeId);
        buffer.putInt(at + AGGREGATE_OFFSET, aggregate == SELF ? block : aggregate);
        putLabel(at, label, labelBytes);
        for (int word = WORDS_OFFSET; word < blockBytes; word += Long.BYTES) {
            buffer.putLongOpaque(at + word, 0);
        }
        if (aggregate >= 0) {
            members[aggregate]++;
        }
        buffer.putLongRelease(at, claimed & ~STATE_MASK | LIVE);
        return block;
    }

    private void putLabel(int at, CharSequence label, int labelBytes) {
        buffer.putInt(at + LABEL_LENGTH_OFFSET, labelBytes);
        for (int i = 0; i < labelBytes; i++) {
            char c = label.charAt(i);
            buffer.putByte(at + LABEL_OFFSET + i, (byte) (MetricsType.isPrintable(c) ? c : '?'));
        }
    }

    private void fold(int from, int into, long closed) {
        MetricsType type = types.get(buffer.getInt(from + TYPE_ID_OFFSET));
        long fold = lastFold + 2;
        buffer.putLongOpaque(into + SEQUENCE_OFFSET, fold - 1);
        VarHandle.releaseFence(); // odd before any word moves
        for (int i = 0, word = WORDS_OFFSET; i < type.fields(); i++, word += Long.BYTES) {
            long sum = buffer.getLong(into + word);
            long value = buffer.getLong(from + word);
            switch (type.kind(i)) {
                case COUNTER -> buffer.putLongOpaque(into + word, sum + value);
                case MAXIMUM -> buffer.putLongOpaque(into + word, Math.max(sum, value));
                case GAUGE -> { }
            }
        }
        buffer.putLongOpaque(from + SEQUENCE_OFFSET, fold);
        buffer.putLongRelease(from, closed); // before the sequence is even, or it counts twice
        buffer.putLongRelease(into + SEQUENCE_OFFSET, fold);
        buffer.putLongRelease(LAST_FOLD_OFFSET, fold);
        lastFold = fold;
    }
}
