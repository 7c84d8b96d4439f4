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
 * Reads a metrics region, of this process or of any other, alive or dead, while it is written.
 * {@link #read} moves it to a block, of which it then holds a copy that was whole at one moment of
 * the block's life:
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
 * <p>The words of a live block are each right, but not of one instant, so only inequalities hold
 * between them; equalities hold on a closed block, or when the owner is dead.
 *
 * <p>Nothing in a file is trusted: offsets, counts and strings are checked against what is mapped,
 * and a file that is cut short under the reader is a code.
 *
 * <p><b>Threading</b>: one thread at a time; any number of readers. <b>Allocation</b>: none but to
 * open or wrap, to meet a type that was registered since, and to make a {@link String}.
 */
public final class MetricsReader {
    /** The block was never claimed. */
    public static final int FREE = MetricsRegion.FREE;
    /** The block is being claimed: there is nothing in it yet. */
    public static final int CLAIMED = MetricsRegion.CLAIMED;
    /** The block is written. */
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
    private int copiedBytes; // of a block: as many words as the largest type has
    private int block;
    private int typeId = NO_TYPE;
    private int aggregate = NO_AGGREGATE;

    /**
     * Makes a reader of nothing yet.
     *
     * <p><b>Allocation</b>: set-up.
     */
    public MetricsReader() {
        this(Posix.system());
    }

    /**
     * Makes a reader that meets the kernel through another door, for tests.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param posix the door
     */
    public MetricsReader(Posix posix) {
        mapping = new RegionMapping(Objects.requireNonNull(posix));
    }

    /**
     * Opens a region by its file: the owner's memory while the owner runs and we may open it, or
     * else the copy in the file; {@link #isLive} says which.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: set-up. <b>Returns</b>: 0;
     * {@link ReturnCode#ALREADY_OPEN}; {@link ReturnCode#BAD_ARGUMENT} for a name with a NUL in it;
     * {@link ReturnCode#REGION_FOREIGN}, {@link ReturnCode#REGION_VERSION},
     * {@link ReturnCode#REGION_ENDIAN}, {@link ReturnCode#REGION_TRUNCATED}; {@code -errno} of
     * openat, statx, mmap.
     *
     * @param file its name
     * @return 0 or a code
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
     * Reads a region of this process, file or not.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: set-up. <b>Returns</b>: as {@link #open}.
     *
     * @param buffer such as {@link MetricsRegion#buffer}
     * @return 0 or a code
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
     * Lets go of the region. The reader may open another.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none. <b>Returns</b>: 0 or
     * {@link ReturnCode#NOT_OPEN}.
     *
     * @return 0 or a code
     */
    public int close() {
        if (region == null) {
            return ReturnCode.NOT_OPEN;
        }
        release();
        return ReturnCode.OK;
    }

    /**
     * Whether what is read is the memory that the owner writes, and not a copy that it left in its
     * file. A region of this process that is no file is live.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none.
     *
     * @return whether it is
     */
    public boolean isLive() {
        return mapping.isOpen() ? mapping.isLive() : region != null;
    }

    /**
     * Whether the file's owner runs: it holds a lock for as long as it does. A region of this
     * process that is no file is alive.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none. <b>See</b>: flock(2).
     *
     * @return whether it does
     */
    public boolean isOwnerAlive() {
        return mapping.isOpen() ? mapping.isLocked() : region != null;
    }

    /**
     * Whether the file's name leads to another region by now: then its owner was started again, and
     * this one holds what the former left. Of a copy, also whether there is a later one.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none. <b>See</b>: statx(2).
     *
     * @return whether it does; false if the name is gone or cannot be looked up, and if there is no
     *     file
     */
    public boolean isRecreated() {
        return mapping.isOpen() && mapping.isReplaced();
    }

    /**
     * The owner's process, for display: 0 where the region is no file.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none.
     *
     * @return its id
     */
    public long pid() {
        return headerLong(MetricsRegion.PID_OFFSET);
    }

    /**
     * When the owner was started, for display: 0 where the region is no file.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none.
     *
     * @return milliseconds since 1970
     */
    public long startTimeMs() {
        return headerLong(MetricsRegion.START_TIME_OFFSET);
    }

    /**
     * The boot that the owner ran in, for display: empty where the region is no file.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: the string.
     *
     * @return as in {@code /proc/sys/kernel/random/boot_id}
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
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: for types that are new. <b>Returns</b>:
     * the count, {@link ReturnCode#NOT_OPEN} or {@link ReturnCode#REGION_TRUNCATED}.
     *
     * @return the count, or a code
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
     * @param typeId its id, below what {@link #types} said
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
     * @return the count; 0 if it is not open
     */
    public int blocks() {
        return blocks;
    }

    /**
     * Moves to a block and takes a copy of it. An aggregate is copied between two folds.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none, unless its type is new.
     * <b>Returns</b>: the state {@link #FREE}, {@link #CLAIMED}, {@link #LIVE} or {@link #CLOSED};
     * {@link ReturnCode#BLOCK_CHANGED} after three tries; {@link ReturnCode#REGION_TRUNCATED};
     * {@link ReturnCode#NOT_OPEN}; {@code -errno} of statx. After a code, and of a block that is
     * FREE or CLAIMED, it holds nothing.
     *
     * @param block which, from 0
     * @return its state, or a code
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
            forget();
        }
        return result;
    }

    /**
     * The block that was read.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none.
     *
     * @return its index
     */
    public int block() {
        return block;
    }

    /**
     * How often the block was claimed: with {@link #block} it tells one handle from all others.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none.
     *
     * @return the count; 0 if nothing is held
     */
    public long generation() {
        return copy.getLong(0) >>> MetricsRegion.STATE_BITS;
    }

    /**
     * The type of the block that was read.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none.
     *
     * @return its id, or -1 if nothing is held
     */
    public int typeId() {
        return typeId;
    }

    /**
     * The aggregate that the block is folded into.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none.
     *
     * @return its block; {@link MetricsRegion#NO_AGGREGATE} for none; the block itself if it is one
     */
    public int aggregate() {
        return aggregate;
    }

    /**
     * Appends the label of the block that was read.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none but what {@code out} needs to grow.
     *
     * @param out takes it
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
     * A word of the block that was read.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none.
     *
     * @param field index of the field in the block's type
     * @return its value
     */
    public long value(int field) {
        return copy.getLong(MetricsRegion.WORDS_OFFSET + field * Long.BYTES);
    }

    /**
     * The copy of the block that was read, such as for {@link StreamMetrics#brokenLaws}.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none.
     *
     * @return its words are at {@link #wordsOffset}, until the next {@link #read}
     */
    public DirectBuffer words() {
        return copy;
    }

    /**
     * Where the words are in {@link #words}.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none.
     *
     * @return the offset of the first
     */
    public int wordsOffset() {
        return MetricsRegion.WORDS_OFFSET;
    }

    /**
     * Adds up all blocks of a type, those that closed among them: aggregates, whether live or
     * closed, plus live blocks. Counters sum; of maxima the largest is kept; gauges sum over live
     * blocks. Each handle counts exactly once however many close meanwhile, so the total of a
     * counter never falls from one call to the next. It takes the reader off its block.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none, unless a type is new.
     * <b>Returns</b>: how many live blocks are in it; {@link ReturnCode#BLOCK_CHANGED} if three
     * times a block was claimed again under way; {@link ReturnCode#BAD_ARGUMENT} for a type that is
     * not there; {@link ReturnCode#REGION_TRUNCATED}; {@link ReturnCode#NOT_OPEN}; {@code -errno}
     * of statx.
     *
     * @param typeId the type
     * @param aggregate counts only what folds into this block, or
     *     {@link MetricsRegion#NO_AGGREGATE} for all there is
     * @param totals takes a value for each field of the type
     * @return how many live blocks are in it, or a code
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
     * Meets every block of which the values count, in one pass over the region: what {@link #total}
     * adds up, for all types at once. Each handle is met exactly once however many close meanwhile.
     * It takes the reader off its block.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none, unless a type is new.
     * <b>Returns</b>: how many blocks are live, aggregates not among them;
     * {@link ReturnCode#BLOCK_CHANGED} if three times a block was claimed again under way;
     * {@link ReturnCode#REGION_TRUNCATED}; {@link ReturnCode#NOT_OPEN}; {@code -errno} of statx.
     * After a code, what was met does not count.
     *
     * @param visitor is told of each
     * @return how many are live, or a code
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
        forget();
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
            copiedBytes = MetricsRegion.WORDS_OFFSET;
            copy = NativeBuffer.allocate(blockBytes);
            forget();
            return mapping.settled(readTypes());
        } catch (InternalError cutShort) {
            return ReturnCode.REGION_TRUNCATED;
        }
    }

    /** Looks at the header once; what it says is kept here and never asked again. */
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
                && blockBytes > MetricsRegion.WORDS_OFFSET
                && buffer.getInt(MetricsRegion.WORDS_OFFSET_OFFSET) == MetricsRegion.WORDS_OFFSET;
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
                (blockBytes - MetricsRegion.WORDS_OFFSET) / Long.BYTES);
        while (types.size() < count) {
            MetricsType type =
                    MetricsType.read(region, typesOffset + types.size() * typeBytes, most);
            if (type == null) {
                return ReturnCode.REGION_TRUNCATED;
            }
            types.add(type);
            copiedBytes = Math.max(copiedBytes,
                    MetricsRegion.WORDS_OFFSET + type.fields() * Long.BYTES);
        }
        return ReturnCode.OK;
    }

    /*
     * The JDK copies memory of which both ends and the length are multiples of 8 by whole words at
     * least (jdk.internal.misc.Unsafe.copyMemory), so no word is torn; that all are of one life the
     * head tells, which is the same before and after.
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

    /** Takes it again, between two folds. */
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
                return take(block); // it may have more words than were copied
            }
        }
        boolean isSound = state <= CLOSED && typeId >= 0 && typeId < types.size()
                && aggregate >= NO_AGGREGATE && aggregate < blocks
                && labelBytes >= 0 && labelBytes <= MetricsRegion.MAX_LABEL_BYTES;
        return isSound ? state : ReturnCode.REGION_TRUNCATED;
    }

    private void forget() {
        copy.setMemory(0, blockBytes, (byte) 0);
        typeId = NO_TYPE;
        aggregate = NO_AGGREGATE;
    }

    /*
     * An aggregate is met before its members, with the number of the last fold that is in it. A
     * member that closes meanwhile says in which fold it went, so it is known whether the aggregate
     * has it. Only of one that was claimed again after such a fold the values are lost: begin anew.
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
                continue; // an aggregate was met
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
     * Adds the words of the block that was read: counters sum, of maxima the largest is kept,
     * gauges sum if they are asked for.
     *
     * <p><b>Threading</b>: one thread. <b>Allocation</b>: none.
     *
     * @param totals has a value for each field of the block's type
     * @param withGauges whether gauges count, as they do of a live block alone
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
