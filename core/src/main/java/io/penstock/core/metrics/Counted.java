package io.penstock.core.metrics;

import io.penstock.core.buffer.NativeBuffer;
import org.agrona.DirectBuffer;

/**
 * An object that counts what it does, in counters of one {@link MetricsType}. The counters lie in a
 * block of a region, where other threads and processes can read them, or in memory of the object's
 * own.
 *
 * <p>The object begins to count at each opening, and then has a new block with a clear set of
 * counters; {@link #releaseCounters} ends that.
 *
 * <p><b>Threading</b>: the thread that uses the object; any may read. <b>Allocation</b>: none after
 * construction.
 */
public abstract class Counted {
    private static final int NO_BLOCK = -1;
    // The counters before the first opening, for an object that counts in a region: zeros.
    private static final NativeBuffer NO_COUNTERS =
            NativeBuffer.allocate(MetricsRegion.DEFAULT_BLOCK_BYTES);

    private final MetricsType type;
    private final NativeBuffer counters = new NativeBuffer(); // a window of its own counts fastest
    private String name;
    private MetricsRegion region; // null for memory of its own
    private int block = NO_BLOCK;

    /**
     * An object with counters in a region.
     *
     * @param type the meaning of its counters
     * @param name its label in the metrics
     * @param region the region
     */
    protected Counted(MetricsType type, String name, MetricsRegion region) {
        this.type = type;
        this.name = name;
        this.region = region;
        counters.wrap(NO_COUNTERS);
    }

    /**
     * An object with counters in memory of its own.
     *
     * @param type the meaning of its counters
     * @param name its label in the metrics
     */
    protected Counted(MetricsType type, String name) {
        this.type = type;
        this.name = name;
        counters.wrap(NativeBuffer.allocate(type.fields() * Long.BYTES));
    }

    /**
     * The label of the object in the metrics.
     *
     * @return the label
     */
    public final String name() {
        return name;
    }

    /**
     * Sets the label, before the next opening.
     *
     * @param name its label in the metrics
     * @return this
     */
    public Counted name(String name) {
        this.name = name;
        return this;
    }

    /**
     * The memory of the counters. It stays the same from one opening to the next; after
     * closing, the last values remain until the block is reused.
     *
     * @return the memory; the class of the object documents the counters
     */
    public final DirectBuffer metrics() {
        return counters;
    }

    /**
     * The offset of the counters in {@link #metrics}.
     *
     * @return an offset
     */
    public final int metricsOffset() {
        return 0; // the window begins with the counters
    }

    /**
     * The value of a counter.
     *
     * @param field the offset of the counter, a constant such as
     *     {@code StreamMetrics.WRITES_OFFSET}
     * @return the value
     */
    public final long counter(int field) {
        return counters.getLong(field);
    }

    /**
     * Begins an opening: takes a new block of the region, or clears the object's own memory.
     *
     * @return 0, {@link io.penstock.core.ReturnCode#METRICS_EXHAUSTED}, or a code of
     *     {@link MetricsRegion#register}
     */
    protected final int beginCounting() {
        if (region == null) {
            counters.setMemory(0, counters.capacity(), (byte) 0);
            return 0;
        }
        int id = region.register(type);
        int sum = id < 0 ? id : aggregate();
        int claimed = id < 0 ? id : region.claim(id, name, sum);
        if (claimed >= 0) {
            block = claimed;
            counters.wrap(region.buffer(), region.countersOffset(claimed),
                    type.fields() * Long.BYTES);
        }
        return Math.min(0, claimed);
    }

    /**
     * Moves the counters to a region, from the next opening on.
     *
     * @param region the region
     * @return 0, or a code of {@link MetricsRegion#register}
     */
    protected final int countIn(MetricsRegion region) {
        int id = region.register(type);
        if (id >= 0) {
            this.region = region;
        }
        return Math.min(0, id);
    }

    /**
     * The block to which the counters are added when they are released.
     *
     * @return a block of the region; the default is {@link MetricsRegion#NO_AGGREGATE}
     */
    protected int aggregate() {
        return MetricsRegion.NO_AGGREGATE;
    }

    /**
     * The meaning of the counters.
     *
     * @return as constructed
     */
    protected final MetricsType type() {
        return type;
    }

    /**
     * Whether the object has a block of counters in a region.
     *
     * @return true from {@link #beginCounting} to {@link #releaseCounters}; false if the counters
     *     lie in memory of the object's own
     */
    protected final boolean isCounting() {
        return block != NO_BLOCK;
    }

    /**
     * Closes the block of counters, which adds them to the aggregate. Their last values stay
     * readable until the block is used again.
     */
    protected final void releaseCounters() {
        if (block != NO_BLOCK) {
            region.close(block);
            block = NO_BLOCK;
        }
    }

    /**
     * Adds to a counter.
     *
     * @param field the offset of the counter
     * @param delta the number to add
     */
    protected final void add(int field, long delta) {
        counters.addLongOpaque(field, delta);
    }

    /**
     * Raises a counter that keeps a maximum.
     *
     * @param field the offset of the counter
     * @param value the least value of the counter from now on
     */
    protected final void recordMax(int field, long value) {
        if (value > counter(field)) {
            counters.putLongOpaque(field, value);
        }
    }
}
