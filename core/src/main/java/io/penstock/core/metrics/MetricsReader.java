package io.penstock.core.metrics;

import static io.penstock.core.metrics.MetricsRegion.NO_AGGREGATE;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Posix;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.AtomicBuffer;

/**
 * Reads a metrics region, of this process or of any other, alive or dead, while its owner writes.
 * {@link #read} moves the reader to a block and copies the block; the copy never mixes two lives of
 * a block:
 *
 * <pre>{@code
 *   int rc = reader.open("/dev/shm/proxy.metrics");
 *   for (int block = 0; rc >= 0 && block < reader.blocks(); block++) {
 *       if (reader.read(block) == MetricsReader.LIVE) {
 *           long bytes = reader.value(0);
 *       }
 *   }
 * }</pre>
 *
 * <p>Each counter of a live block is right, but they are not all of one instant, so only
 * inequalities hold between them. Equalities hold on a closed block, or when the owner is dead.
 *
 * <p>Nothing in a file is trusted: offsets, counts and strings are checked against the mapped
 * length, and a file that is cut short while it is read is a code.
 *
 * <p><b>Threading</b>: one thread at a time; any number of readers. <b>Allocation</b>: none, except
 * in {@link #open} and {@link #wrap}, for a type that was registered since then, and for each
 * {@link String} returned.
 */
public final class MetricsReader {
    /** The block was never claimed. */
    public static final int FREE = MetricsRegion.FREE;
    /** The block is being claimed: it has no values yet. */
    public static final int CLAIMED = MetricsRegion.CLAIMED;
    /** The block is in use: its owner may be writing it. */
    public static final int LIVE = MetricsRegion.LIVE;
    /** The block will not change until it is claimed again. */
    public static final int CLOSED = MetricsRegion.CLOSED;

    private static final int TRIES = 3;
    private static final long NOT_MET = -1;
    private static final int NO_TYPE = -1;

    private final RegionMapping mapping;
    private final List<MetricsType> types = new ArrayList<>();
    private final Sum sum = new Sum();
    private AtomicBuffer region;
    private NativeBuffer copy;
    private int typesOffset;
    private int maxTypes;
    private int typeBytes;
    private int blocksOffset;
    private int blocks;
    private int blockBytes;
    private long[] sequences; // of each aggregate, during a walk
    private int copiedBytes; // of a block: the bytes of the largest type
    private int block;
    private int typeId = NO_TYPE;
    private int aggregate = NO_AGGREGATE;

    /**
     * Makes a reader, to be opened or wrapped.
     *
     * <p><b>Allocation</b>: set-up.
     */
    public MetricsReader() {
        this(Posix.system());
    }

    /**
     * Makes a reader that calls the kernel through another {@link Posix}, for tests.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param posix makes the system calls
     */
    public MetricsReader(Posix posix) {
        mapping = new RegionMapping(Objects.requireNonNull(posix));
    }

    /**
     * Opens a region by its file. The reader maps the owner's memory if the owner runs and this
     * process may open that memory; otherwise it maps the copy in the file. {@link #isLive} says
     * which.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: set-up.
     *
     * @param file the file's name
     * @return 0; {@link ReturnCode#ALREADY_OPEN}; {@link ReturnCode#BAD_ARGUMENT} for a name with a
     *     NUL in it; {@link ReturnCode#REGION_FOREIGN}; {@link ReturnCode#REGION_VERSION};
     *     {@link ReturnCode#REGION_ENDIAN}; {@link ReturnCode#REGION_TRUNCATED}; {@code -errno} of
     *     openat, statx, mmap
     */
    public int open(String file) {
        if (region != null) {
            return ReturnCode.ALREADY_OPEN;
        }
        int result = mapping.open(file);
        if (result >= 0) {
            result = begin(mapping.memory());
        }
        if (result < 0) {
            release();
        }
        return result;
    }

    /**
     * Opens a region of this process, with or without a file.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: set-up.
     *
     * @param buffer the region's memory, such as {@link MetricsRegion#buffer}
     * @return 0; {@link ReturnCode#ALREADY_OPEN}; {@link ReturnCode#REGION_FOREIGN};
     *     {@link ReturnCode#REGION_VERSION}; {@link ReturnCode#REGION_ENDIAN};
     *     {@link ReturnCode#REGION_TRUNCATED}
     */
    public int wrap(AtomicBuffer buffer) {
        if (region != null) {
            return ReturnCode.ALREADY_OPEN;
        }
        int result = begin(buffer);
        if (result < 0) {
            release();
        }
        return result;
    }

    /**
     * Closes the region. The reader may open another one.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none.
     *
     * @return 0; {@link ReturnCode#NOT_OPEN}
     */
    public int close() {
        if (region == null) {
            return ReturnCode.NOT_OPEN;
        }
        release();
        return ReturnCode.OK;
    }

    /**
     * Whether the reader reads the memory that the owner writes, not the copy in the owner's file.
     * True for a wrapped region.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none.
     *
     * @return true for the owner's memory, false for a copy, and while nothing is open
     */
    public boolean isLive() {
        return mapping.isOpen() ? mapping.isLive() : region != null;
    }

    /**
     * Whether the region's owner runs. The owner of a file holds a lock on it as long as it runs. A
     * wrapped region counts as one whose owner runs.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none. <b>See</b>: flock(2).
     *
     * @return true if the owner runs; false while nothing is open
     */
    public boolean isOwnerAlive() {
        return mapping.isOpen() ? mapping.isLocked() : region != null;
    }

    /**
     * Whether the file's name leads to another region by now. Then the owner was started again, and
     * this reader has the former owner's region. For a reader of a copy, also whether the owner has
     * saved a later copy.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none. <b>See</b>: statx(2).
     *
     * @return true if another file should be opened; false if the name is gone or cannot be looked
     *     up, and for a wrapped region
     */
    public boolean isRecreated() {
        return mapping.isOpen() && mapping.isReplaced();
    }

    /**
     * The owner's process id, for display.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none.
     *
     * @return the id; 0 for a region without a file
     */
    public long pid() {
        return headerLong(MetricsRegion.PID_OFFSET);
    }

    /**
     * The time that the owner was started, for display.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none.
     *
     * @return milliseconds since 1970; 0 for a region without a file
     */
    public long startTimeMs() {
        return headerLong(MetricsRegion.START_TIME_OFFSET);
    }

    /**
     * The id of the boot that the owner ran in, for display.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: the string.
     *
     * @return as in {@code /proc/sys/kernel/random/boot_id}; empty for a region without a file
     */
    public String bootId() {
        StringBuilder id = new StringBuilder(MetricsRegion.BOOT_ID_BYTES);
        for (int i = 0; i < MetricsRegion.BOOT_ID_BYTES; i += Long.BYTES) {
            long bytes = headerLong(MetricsRegion.BOOT_ID_OFFSET + i);
            for (int j = 0; j < Long.BYTES && i + j < MetricsRegion.BOOT_ID_BYTES; j++) {
                int shift = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? j : 7 - j;
                char c = (char) (bytes >>> shift * Byte.SIZE & 0xff);
                if (c > ' ' && MetricsType.isPrintable(c)) {
                    id.append(c);
                }
            }
        }
        return id.toString();
    }

    /**
     * How many types the region has by now.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: for types that are new.
     *
     * @return the count; {@link ReturnCode#NOT_OPEN}; {@link ReturnCode#REGION_TRUNCATED};
     *     {@code -errno} of statx
     */
    public int types() {
        if (region == null) {
            return ReturnCode.NOT_OPEN;
        }
        try {
            int result = mapping.settled(readTypes());
            return result < 0 ? result : types.size();
        } catch (InternalError cutShort) {
            return ReturnCode.REGION_TRUNCATED;
        }
    }

    /**
     * A type of the region.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none.
     *
     * @param typeId the type's id, from 0; less than the last result of {@link #types}
     * @return the type
     */
    public MetricsType type(int typeId) {
        return types.get(typeId);
    }

    /**
     * How many blocks the region has.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none.
     *
     * @return the count; 0 if no region is open
     */
    public int blocks() {
        return blocks;
    }

    /**
     * Moves the reader to a block and copies the block. An aggregate is copied between two folds.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none, unless the block's type is new.
     *
     * @param block the block's index, from 0
     * @return the block's state, which is {@link #FREE}, {@link #CLAIMED}, {@link #LIVE} or
     *     {@link #CLOSED}; {@link ReturnCode#BLOCK_CHANGED} after three tries;
     *     {@link ReturnCode#REGION_TRUNCATED}; {@link ReturnCode#NOT_OPEN}; {@code -errno} of
     *     statx. After FREE, CLAIMED and codes the reader holds no copy
     */
    public int read(int block) {
        if (region == null) {
            return ReturnCode.NOT_OPEN;
        }
        Objects.checkIndex(block, blocks);
        int result;
        try {
            result = mapping.settled(take(block));
        } catch (InternalError cutShort) {
            result = ReturnCode.REGION_TRUNCATED;
        }
        if (result < LIVE) {
            clearCopy();
        }
        return result;
    }

    /**
     * The index of the block that was read.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none.
     *
     * @return the index, from 0
     */
    public int block() {
        return block;
    }

    /**
     * How often the block was claimed. Together with {@link #block} the count identifies a handle.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none.
     *
     * @return the count; 0 if the reader holds no copy
     */
    public long generation() {
        return copy.getLong(0) >>> MetricsRegion.STATE_BITS;
    }

    /**
     * The type of the block that was read.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none.
     *
     * @return the type's id; -1 if the reader holds no copy
     */
    public int typeId() {
        return typeId;
    }

    /**
     * The aggregate that the block folds into when it closes.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none.
     *
     * @return the aggregate's block; {@link MetricsRegion#NO_AGGREGATE} if there is none; the
     *     block itself if it is an aggregate
     */
    public int aggregate() {
        return aggregate;
    }

    /**
     * Appends the label of the block that was read.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none but what {@code out} needs to grow.
     *
     * @param out takes the label
     * @return {@code out}
     */
    public StringBuilder appendLabel(StringBuilder out) {
        int length = copy.getInt(MetricsRegion.LABEL_LENGTH_OFFSET);
        for (int i = 0; i < length; i++) {
            char c = (char) (copy.getByte(MetricsRegion.LABEL_OFFSET + i) & 0xff);
            out.append(MetricsType.isPrintable(c) ? c : '?');
        }
        return out;
    }

    /**
     * The value of a field of the block that was read.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none.
     *
     * @param field the field's index in the block's type
     * @return the value
     */
    public long value(int field) {
        return copy.getLong(MetricsRegion.COUNTERS_OFFSET + field * Long.BYTES);
    }

    /**
     * The copy of the block that was read, such as for {@link StreamMetrics#brokenInvariants}. Its
     * counters begin at {@link #countersOffset}.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none.
     *
     * @return the copy; valid until the next {@link #read}
     */
    public DirectBuffer counters() {
        return copy;
    }

    /**
     * The offset of the first counter in {@link #counters}.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none.
     *
     * @return the offset in bytes
     */
    public int countersOffset() {
        return MetricsRegion.COUNTERS_OFFSET;
    }

    /**
     * Adds up all blocks of a type, live and closed: aggregates, which include closed blocks, plus
     * live blocks. Counters are summed, maxima keep the largest value, gauges are summed over live
     * blocks. Each handle counts exactly once even if handles close during the call, so the total
     * of a counter never falls from one call to the next. Afterwards the reader holds no copy.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none, unless a type is new.
     *
     * @param typeId the type
     * @param aggregate adds up only this aggregate and the blocks that fold into it;
     *     {@link MetricsRegion#NO_AGGREGATE} adds up all
     * @param totals takes a value for each field of the type
     * @return how many live blocks are in the totals; {@link ReturnCode#BLOCK_CHANGED} if three
     *     passes each found a block that was claimed again meanwhile;
     *     {@link ReturnCode#BAD_ARGUMENT} for a type that the region does not have;
     *     {@link ReturnCode#REGION_TRUNCATED}; {@link ReturnCode#NOT_OPEN}; {@code -errno} of statx
     */
    public int total(int typeId, int aggregate, long[] totals) {
        int count = types();
        if (count < 0) {
            return count;
        }
        if (typeId < 0 || typeId >= count) {
            return ReturnCode.BAD_ARGUMENT;
        }
        sum.typeId = typeId;
        sum.only = aggregate;
        sum.totals = totals;
        int result = walk(sum);
        sum.totals = null;
        return result < 0 ? result : sum.live;
    }

    /**
     * Visits every block whose values count, in one pass over the region: the blocks that
     * {@link #total} adds up, of all types at once. Each handle is visited exactly once even if
     * handles close during the walk. Afterwards the reader holds no copy.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none, unless a type is new.
     *
     * @param visitor takes each block
     * @return how many blocks are live, without aggregates; {@link ReturnCode#BLOCK_CHANGED} if
     *     three passes each found a block that was claimed again meanwhile;
     *     {@link ReturnCode#REGION_TRUNCATED}; {@link ReturnCode#NOT_OPEN}; {@code -errno} of
     *     statx. After a code the visited blocks do not count
     */
    public int walk(BlockVisitor visitor) {
        int result = types();
        if (result < 0) {
            return result;
        }
        try {
            result = ReturnCode.BLOCK_CHANGED;
            for (int i = 0; i < TRIES && result == ReturnCode.BLOCK_CHANGED; i++) {
                visitor.onBegin();
                result = mapping.settled(pass(visitor));
            }
        } catch (InternalError cutShort) {
            result = ReturnCode.REGION_TRUNCATED;
        }
        clearCopy();
        return result;
    }

    private int begin(AtomicBuffer buffer) {
        try {
            int result = mapping.settled(check(buffer));
            if (result < 0) {
                return result;
            }
            region = buffer;
            sequences = new long[blocks];
            copiedBytes = MetricsRegion.COUNTERS_OFFSET;
            copy = NativeBuffer.allocate(blockBytes);
            clearCopy();
            return mapping.settled(readTypes());
        } catch (InternalError cutShort) {
            return ReturnCode.REGION_TRUNCATED;
        }
    }

    /** Checks the header and keeps its values: later changes of the header have no effect. */
    private int check(AtomicBuffer buffer) {
        int capacity = buffer.capacity();
        if (capacity < Long.BYTES || !MetricsRegion.isMagic(buffer)) {
            return ReturnCode.REGION_FOREIGN;
        }
        if (capacity < MetricsRegion.HEADER_BYTES) {
            return ReturnCode.REGION_TRUNCATED;
        }
        int mark = buffer.getInt(MetricsRegion.ENDIAN_OFFSET);
        if (mark != MetricsRegion.ENDIAN_MARK) {
            return mark == Integer.reverseBytes(MetricsRegion.ENDIAN_MARK)
                    ? ReturnCode.REGION_ENDIAN : ReturnCode.REGION_FOREIGN;
        }
        if (buffer.getInt(MetricsRegion.VERSION_OFFSET) != MetricsRegion.VERSION) {
            return ReturnCode.REGION_VERSION;
        }
        typesOffset = buffer.getInt(MetricsRegion.TYPES_OFFSET_OFFSET);
        maxTypes = buffer.getInt(MetricsRegion.MAX_TYPES_OFFSET);
        typeBytes = buffer.getInt(MetricsRegion.TYPE_BYTES_OFFSET);
        blocksOffset = buffer.getInt(MetricsRegion.BLOCKS_OFFSET_OFFSET);
        blockBytes = buffer.getInt(MetricsRegion.BLOCK_BYTES_OFFSET);
        int count = buffer.getInt(MetricsRegion.BLOCKS_OFFSET);
        long length = buffer.getLong(MetricsRegion.LENGTH_OFFSET);
        boolean isWhole = length <= capacity
                && fits(typesOffset, maxTypes, typeBytes, length)
                && fits(blocksOffset, count, blockBytes, length)
                && typeBytes >= MetricsType.ENTRY_HEADER_BYTES
                && blockBytes > MetricsRegion.COUNTERS_OFFSET
                && buffer.getInt(MetricsRegion.COUNTERS_OFFSET_OFFSET)
                        == MetricsRegion.COUNTERS_OFFSET;
        blocks = isWhole ? count : 0;
        return isWhole ? ReturnCode.OK : ReturnCode.REGION_TRUNCATED;
    }

    private static boolean fits(int offset, int count, int bytes, long length) {
        return offset >= MetricsRegion.HEADER_BYTES && count > 0 && bytes > 0
                && offset % Long.BYTES == 0 && bytes % Long.BYTES == 0
                && offset + (long) count * bytes <= length;
    }

    private int readTypes() {
        int count = region.getIntAcquire(MetricsRegion.TYPES_OFFSET);
        if (count < types.size() || count > maxTypes) {
            return ReturnCode.REGION_TRUNCATED;
        }
        int most = Math.min((typeBytes - MetricsType.ENTRY_HEADER_BYTES) / MetricsType.FIELD_BYTES,
                (blockBytes - MetricsRegion.COUNTERS_OFFSET) / Long.BYTES);
        while (types.size() < count) {
            MetricsType type =
                    MetricsType.read(region, typesOffset + types.size() * typeBytes, most);
            if (type == null) {
                return ReturnCode.REGION_TRUNCATED;
            }
            types.add(type);
            copiedBytes = Math.max(copiedBytes,
                    MetricsRegion.COUNTERS_OFFSET + type.fields() * Long.BYTES);
        }
        return ReturnCode.OK;
    }

    /*
     * If both addresses and the length are multiples of 8, the JDK copies in units of at least 8
     * bytes (jdk.internal.misc.Unsafe.copyMemory), so no counter is torn. If the head is the same
     * before and after, the whole copy is of one life of the block.
     */
    private int take(int index) {
        block = index;
        int at = blocksOffset + index * blockBytes;
        for (int i = 0; i < TRIES; i++) {
            long head = region.getLongAcquire(at);
            copy.putBytes(0, region, at, copiedBytes);
            VarHandle.acquireFence();
            if (region.getLongOpaque(at) == head) {
                int state = checked((int) head & MetricsRegion.STATE_MASK);
                return state >= LIVE && aggregate == index ? takeAggregate(at, head, state) : state;
            }
            Thread.onSpinWait();
        }
        return ReturnCode.BLOCK_CHANGED;
    }

    /** Copies an aggregate again, between two folds. */
    private int takeAggregate(int at, long head, int state) {
        for (int i = 0; i < TRIES; i++) {
            long sequence = region.getLongAcquire(at + MetricsRegion.SEQUENCE_OFFSET);
            copy.putBytes(0, region, at, copiedBytes);
            VarHandle.acquireFence();
            if ((sequence & 1) == 0
                    && region.getLongOpaque(at + MetricsRegion.SEQUENCE_OFFSET) == sequence
                    && region.getLongOpaque(at) == head) {
                return state;
            }
            Thread.onSpinWait();
        }
        return ReturnCode.BLOCK_CHANGED;
    }

    private int checked(int state) {
        if (state < LIVE) {
            return state;
        }
        typeId = copy.getInt(MetricsRegion.TYPE_ID_OFFSET);
        aggregate = copy.getInt(MetricsRegion.AGGREGATE_OFFSET);
        int labelBytes = copy.getInt(MetricsRegion.LABEL_LENGTH_OFFSET);
        if (typeId >= types.size()) {
            int known = types.size();
            int result = readTypes();
            if (result < 0) {
                return result;
            }
            if (types.size() > known) {
                return take(block); // the new type may have more fields than were copied
            }
        }
        boolean isSound = state <= CLOSED && typeId >= 0 && typeId < types.size()
                && aggregate >= NO_AGGREGATE && aggregate < blocks
                && labelBytes >= 0 && labelBytes <= MetricsRegion.MAX_LABEL_BYTES;
        return isSound ? state : ReturnCode.REGION_TRUNCATED;
    }

    private void clearCopy() {
        copy.setMemory(0, blockBytes, (byte) 0);
        typeId = NO_TYPE;
        aggregate = NO_AGGREGATE;
    }

    /*
     * An aggregate is visited before its members, and the number of the last fold into it is kept.
     * A member that closes meanwhile has the number of its own fold, so the pass can tell whether
     * the aggregate includes it. Only if such a member's block was claimed again after the fold are
     * its values lost; then the walk begins again.
     */
    private int pass(BlockVisitor visitor) {
        long lastFold = region.getLongAcquire(MetricsRegion.LAST_FOLD_OFFSET);
        Arrays.fill(sequences, NOT_MET);
        int live = 0;
        for (int i = 0; i < blocks; i++) {
            int state = takeAfterAggregate(i, visitor);
            if (state < 0) {
                return state;
            }
            if (state == FREE || state >= LIVE && aggregate == i) {
                continue; // an aggregate was visited already
            }
            long fold = copy.getLong(MetricsRegion.SEQUENCE_OFFSET);
            long before = copy.getLong(MetricsRegion.SEQUENCE_BEFORE_OFFSET);
            if ((state == CLAIMED ? fold : before) > lastFold) {
                return ReturnCode.BLOCK_CHANGED;
            }
            boolean isMet = state == LIVE || state == CLOSED
                    && (aggregate == NO_AGGREGATE || fold > sequences[aggregate]);
            if (isMet) {
                visitor.onBlock(this, state);
            }
            live += state == LIVE ? 1 : 0;
        }
        return live;
    }

    private int takeAfterAggregate(int index, BlockVisitor visitor) {
        for (int i = 0; i < TRIES; i++) {
            int state = take(index);
            if (state < LIVE || aggregate == NO_AGGREGATE || sequences[aggregate] != NOT_MET) {
                return state;
            }
            int met = meet(aggregate, visitor);
            if (met < 0) {
                return met;
            }
        }
        return ReturnCode.BLOCK_CHANGED;
    }

    private int meet(int index, BlockVisitor visitor) {
        int state = take(index);
        if (state >= 0) {
            boolean isAggregate = state >= LIVE && aggregate == index;
            sequences[index] = isAggregate ? copy.getLong(MetricsRegion.SEQUENCE_OFFSET) : 0;
            if (isAggregate) {
                visitor.onBlock(this, state);
            }
        }
        return state;
    }

    /** Adds up the blocks of one type. */
    private final class Sum implements BlockVisitor {
        private int typeId;
        private int only;
        private long[] totals;
        private int live;

        @Override
        public void onBegin() {
            Arrays.fill(totals, 0, types.get(typeId).fields(), 0);
            live = 0;
        }

        @Override
        public void onBlock(MetricsReader reader, int state) {
            boolean isCounted = reader.typeId == typeId
                    && (only == NO_AGGREGATE || aggregate == only)
                    && (state == LIVE || aggregate != NO_AGGREGATE);
            if (isCounted) {
                boolean isHandle = state == LIVE && aggregate != block;
                addTo(totals, isHandle);
                live += isHandle ? 1 : 0;
            }
        }
    }

    /**
     * Adds the block that was read to totals: counters are summed, maxima keep the largest value,
     * gauges are summed on request.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none.
     *
     * @param totals has a value for each field of the block's type
     * @param withGauges whether to add gauges: only those of a live block mean anything
     */
    public void addTo(long[] totals, boolean withGauges) {
        MetricsType.Kind[] kinds = types.get(typeId()).kinds();
        for (int i = 0; i < kinds.length; i++) {
            long value = value(i);
            switch (kinds[i]) {
                case COUNTER -> totals[i] += value;
                case MAXIMUM -> totals[i] = Math.max(totals[i], value);
                case GAUGE -> totals[i] += withGauges ? value : 0;
            }
        }
    }

    private long headerLong(int offset) {
        if (region == null) {
            return 0;
        }
        try {
            long value = region.getLongOpaque(offset);
            return mapping.settled(ReturnCode.OK) < 0 ? 0 : value;
        } catch (InternalError cutShort) {
            return 0;
        }
    }

    private void release() {
        mapping.close();
        region = null;
        blocks = 0;
        types.clear();
    }
}
