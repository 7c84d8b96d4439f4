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
 * The memory that counters live in, from the writers' side: a table of types, then blocks of 64-bit
 * counters, one block for each handle. A region is anonymous, or has a file by which other
 * processes find and read it. Its size never changes, and it describes itself:
 * {@link MetricsReader} needs nothing else.
 *
 * <p>The region is native-endian; every 64-bit value is aligned to 8 bytes:
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
 *      | types' offset, int    |      | counters' offset, int  |      | type table: see   |
 *   28 +-----------------------+   56 +------------------------+      | MetricsType       |
 *      | most types, int       |      | number of the last fold|      +-------------------+
 *   32 +-----------------------+   64 +------------------------+
 *      | bytes a type, int     |      | owner's pid            |      | blocks            |
 *   36 +-----------------------+   72 +------------------------+      +-------------------+
 * </pre>
 *
 * <p>A region with a file lives in memory that only the owner can write and nobody can resize;
 * readers open that memory as {@code /proc/pid/fd/descriptor}. The file holds a copy of the region,
 * made by {@link #open}, {@link #save} and {@link #close()}; the copy's header says where the
 * memory is.
 *
 * <p>Types are append-only: a type is written first, then the count of types is release-stored. A
 * block:
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
 *      | counters, in the order of the type's fields                       |
 *      +------------------------------------------------------------------+
 * </pre>
 *
 * <p>A block has one writer, which stores counters opaquely ({@code putLongOpaque},
 * {@code addLongOpaque}). A claim CASes the head to CLAIMED, writes the block, and release-stores
 * LIVE. A close makes the aggregate's sequence odd, folds the counters into the aggregate, stores
 * CLOSED, and makes the sequence even again. Folds are numbered 2, 4, 6 … in the region. So a
 * reader that has copied an aggregate as of fold <i>n</i> can tell for each closed block whether
 * the copy includes it, and totals are aggregates plus live blocks, at any time and without a lock.
 * The values of a closed block stay readable until the block is claimed again; the block that was
 * closed first is claimed first.
 *
 * <p><b>Threading</b>: any thread claims and closes; each block has one writer.
 * <b>Allocation</b>: {@link #claim} and {@link #close(int)} none; the constructor, {@link #open}
 * and {@link #register} are set-up.
 */
public final class MetricsRegion {
    /** The size of a block with room for 32 counters. */
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
    static final int COUNTERS_OFFSET_OFFSET = 52;
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
    static final int COUNTERS_OFFSET = 128;
    static final int MAX_LABEL_BYTES = COUNTERS_OFFSET - LABEL_OFFSET;

    private static final int SELF = -2;

    private final RegionFile file;
    private final int blocks;
    private final int blockBytes;
    private final int typeBytes;
    private final int blocksOffset;
    private final List<MetricsType> types = new ArrayList<>();
    private final int[] members; // of an aggregate: how many live blocks will fold into it
    private final int[] reusable; // a ring of free blocks: the one closed first is claimed first
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
     * @param blockBytes the size of each, a multiple of 128: 128 and 8 for each counter
     */
    public MetricsRegion(int blocks, int blockBytes) {
        this(blocks, blockBytes, Posix.system());
    }

    /**
     * Makes an anonymous region that calls the kernel through another {@link Posix}, for tests.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param blocks how many, at least one
     * @param blockBytes the size of each, a multiple of 128: 128 and 8 for each counter
     * @param posix makes the system calls
     */
    public MetricsRegion(int blocks, int blockBytes, Posix posix) {
        if (blocks < 1 || blockBytes <= COUNTERS_OFFSET || blockBytes % BLOCK_ALIGNMENT != 0) {
            throw new IllegalArgumentException(blocks + " blocks of " + blockBytes + " bytes");
        }
        file = new RegionFile(posix);
        this.blocks = blocks;
        this.blockBytes = blockBytes;
        long words = (blockBytes - COUNTERS_OFFSET) / Long.BYTES;
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
     * Gives the region a file by which other processes find and read it. Call it before the first
     * claim; it replaces {@link #buffer}, and keeps the types that are registered.
     *
     * <p>From now on the counters live in memory that nothing but this region writes. So counting
     * goes on even if the file is cut short, overwritten or deleted, or its disk is full. While the
     * owner runs, readers of the same user and PID namespace, and root, read that memory itself.
     * Other readers, and all readers once the owner is gone, read the copy in the file. The copy is
     * written by this method, by {@link #save} and by {@link #close()}, which leaves the file in
     * place.
     *
     * <p>A copy is written as {@code file.tmp.pid}, locked, and renamed once it is whole, either to
     * an unused name or over the file of an owner that is gone. Any other file of that name stays
     * as it is. The lock is held until the copy is replaced or the owner is gone.
     *
     * <p><b>Threading</b>: one thread, before the region is shared. <b>Allocation</b>: set-up.
     * <b>See</b>: memfd_create(2), F_ADD_SEALS in fcntl(2), flock(2), rename(2), proc_pid_fd(5).
     *
     * @param name the file's name
     * @return 0; {@link ReturnCode#ALREADY_OPEN} once open or once a block was claimed;
     *     {@link ReturnCode#CLOSED}; {@link ReturnCode#BAD_ARGUMENT} for a name with a NUL in it;
     *     {@link ReturnCode#REGION_OWNED} if an owner that runs has the file, or is just making it;
     *     {@link ReturnCode#REGION_PATH_TAKEN} if the name is not a region's: another file, a
     *     symbolic link, a directory, a device; {@code -errno} of memfd_create, fallocate
     *     ({@code ENOSPC}, {@code ENOMEM}), flock, mmap, fcntl, statx, openat, write
     *     ({@code ENOSPC}), renameat2. After a code nothing is left behind
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
     * Replaces the file by a copy of the region as it is now. Readers that cannot open the region's
     * memory need it, and so do all readers after the owner was killed. An application calls it
     * from a timer; the library does not call it. No block is claimed or closed while it copies,
     * but counters may change.
     *
     * <p><b>Threading</b>: any; it writes a file of the region's size, and claims and closes wait
     * for it. <b>Allocation</b>: none.
     *
     * @return 0; {@link ReturnCode#NOT_OPEN} without a file; {@link ReturnCode#CLOSED};
     *     {@link ReturnCode#REGION_OWNED} and {@link ReturnCode#REGION_PATH_TAKEN} if another file
     *     has the name by now; {@code -errno} of openat, flock, write, renameat2. After a code the
     *     former copy stays
     */
    public synchronized int save() {
        if (isClosed) {
            return ReturnCode.CLOSED;
        }
        return file.isOpen() ? file.save() : ReturnCode.NOT_OPEN;
    }

    /**
     * Registers a type. A type that is equal to a registered one gets the same id.
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: set-up.
     *
     * @param type the type
     * @return its id in this region, from 0; {@link ReturnCode#BLOCK_TOO_SMALL} if the type has
     *     more fields than fit a block; {@link ReturnCode#TYPES_EXHAUSTED};
     *     {@link ReturnCode#CLOSED}
     */
    public synchronized int register(MetricsType type) {
        if (isClosed) {
            return ReturnCode.CLOSED;
        }
        int known = types.indexOf(type);
        if (known >= 0) {
            return known;
        }
        if (type.fields() * Long.BYTES > blockBytes - COUNTERS_OFFSET) {
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
     * Claims an aggregate: a block that other blocks, its members, fold into when they close. Only
     * their closes write its counters. An aggregate cannot be closed before its members.
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: none.
     *
     * @param typeId the type of the aggregate and of its members
     * @param label its label, as of {@link #claim}
     * @return the block; {@link ReturnCode#METRICS_EXHAUSTED}; {@link ReturnCode#BAD_ARGUMENT} if
     *     the region has no such type; {@link ReturnCode#BLOCK_CHANGED} if anything but the region
     *     wrote to the block's head; {@link ReturnCode#CLOSED}
     */
    public synchronized int claimAggregate(int typeId, CharSequence label) {
        return take(typeId, label, SELF);
    }

    /**
     * Claims a block, whose counters are all 0.
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: none.
     *
     * @param typeId the block's type
     * @param label the block's label; a character that is not printable ASCII becomes {@code '?'},
     *     and the part beyond 92 characters is cut off
     * @param aggregate the block that this one folds into when it closes; with
     *     {@link #NO_AGGREGATE} its values are in no total once it is closed
     * @return the block; {@link ReturnCode#METRICS_EXHAUSTED} if all blocks are taken;
     *     {@link ReturnCode#BAD_ARGUMENT} if the region has no such type, or the aggregate is no
     *     aggregate of that type; {@link ReturnCode#BLOCK_CHANGED} if anything but the region wrote
     *     to the block's head; {@link ReturnCode#CLOSED}
     */
    public synchronized int claim(int typeId, CharSequence label, int aggregate) {
        if (aggregate != NO_AGGREGATE && !isAggregateOf(typeId, aggregate)) {
            return ReturnCode.BAD_ARGUMENT;
        }
        return take(typeId, label, aggregate);
    }

    /**
     * Closes a block: folds its counters and maxima into its aggregate. Gauges are not folded. The
     * block's values stay readable until it is claimed again.
     *
     * <p><b>Threading</b>: the block's writer. <b>Allocation</b>: none.
     *
     * @param block the block, as claimed
     * @return 0; {@link ReturnCode#CLOSED} if the block is not live; {@code -EBUSY} for an
     *     aggregate that has live members
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
     * Closes the region. If the file's name still leads to this region, the file becomes a copy of
     * the region as it is now. The locks are released, so readers see that the owner is gone. The
     * memory lives as long as anything refers to it: a handle that is closed later still counts
     * there, but not in the file.
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: none.
     *
     * @return 0; {@link ReturnCode#CLOSED}; a code of {@link #save}, and then the region is closed
     *     all the same
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
     * @return the buffer; see {@link #countersOffset}
     */
    public AtomicBuffer buffer() {
        return buffer;
    }

    /**
     * The offset of a block's counters in {@link #buffer}.
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: none.
     *
     * @param block the block
     * @return the offset of its first counter
     */
    public int countersOffset(int block) {
        return blockOffset(block) + COUNTERS_OFFSET;
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

    /** Whether memory begins with a region's magic number. */
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
        buffer.putInt(COUNTERS_OFFSET_OFFSET, COUNTERS_OFFSET);
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
        VarHandle.fullFence(); // no reader may see the stores below together with the former head
        reusableHead = (reusableHead + 1) % blocks;
        reusableCount--;
        isUsed = true;
        buffer.putLongOpaque(at + SEQUENCE_BEFORE_OFFSET, buffer.getLong(at + SEQUENCE_OFFSET));
        buffer.putInt(at + TYPE_ID_OFFSET, typeId);
        buffer.putInt(at + AGGREGATE_OFFSET, aggregate == SELF ? block : aggregate);
        putLabel(at, label, labelBytes);
        for (int word = COUNTERS_OFFSET; word < blockBytes; word += Long.BYTES) {
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
        VarHandle.releaseFence(); // the sequence is odd before any counter changes
        for (int i = 0, word = COUNTERS_OFFSET; i < type.fields(); i++, word += Long.BYTES) {
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
