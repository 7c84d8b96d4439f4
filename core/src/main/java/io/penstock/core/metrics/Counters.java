package io.penstock.core.metrics;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;

/**
 * An application's own counters: a block of a {@link MetricsRegion}, such as every handle has.
 * Readers of the region, and all back ends that export it, see them beside the library's counters.
 *
 * <pre>{@code
 *   static final MetricsType TYPE = MetricsType.named("acme.statsd")   // acme_statsd_lines_total
 *           .counter("lines", "{line}").maximum("line_bytes_max", "By").build();
 *   static final int LINES = TYPE.offset("lines");
 *
 *   Counters counters = new Counters(loop.region(), TYPE, "udp 8125");
 *   int rc = counters.open();
 *   counters.add(LINES, 1);
 * }</pre>
 *
 * <p>A field is named by its offset: see {@link MetricsType#offset}. Before {@link #open} and after
 * {@link #close} the values are in memory that no reader of the region sees.
 *
 * <p><b>Threading</b>: one thread opens, writes and closes; any thread reads. <b>Allocation</b>:
 * none after the constructor, but for the first {@link #open} of a type in a region.
 */
public final class Counters {
    private static final int NOT_OPEN = -1;

    private final MetricsRegion region;
    private final MetricsType type;
    private final CharSequence label;
    private final NativeBuffer own; // holds the counters while they are not in the region
    private final NativeBuffer counters = new NativeBuffer();
    private int block = NOT_OPEN;

    /**
     * Makes counters that are not in the region yet.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param region the region that they will be in
     * @param type their names, units and kinds
     * @param label the block's label, which back ends export as {@code name="udp 8125"}
     */
    public Counters(MetricsRegion region, MetricsType type, CharSequence label) {
        this.region = region;
        this.type = type;
        this.label = label;
        own = NativeBuffer.allocate(type.fields() * Long.BYTES);
        counters.wrap(own);
    }

    /**
     * Claims a block for the counters, which are all 0 then. If the region is to have a file, call
     * {@link MetricsRegion#open} first.
     *
     * <p><b>Threading</b>: the writer. <b>Allocation</b>: none, but for a type that is new.
     *
     * @return 0; {@link ReturnCode#ALREADY_OPEN}; {@link ReturnCode#METRICS_EXHAUSTED};
     *     {@link ReturnCode#BLOCK_TOO_SMALL}; {@link ReturnCode#TYPES_EXHAUSTED};
     *     {@link ReturnCode#CLOSED} if the region is closed
     */
    public int open() {
        if (block >= 0) {
            return ReturnCode.ALREADY_OPEN;
        }
        int id = region.register(type);
        int claimed = id < 0 ? id : region.claim(id, label, MetricsRegion.NO_AGGREGATE);
        if (claimed < 0) {
            return claimed;
        }
        block = claimed;
        counters.wrap(region.buffer(), region.countersOffset(block), type.fields() * Long.BYTES);
        return ReturnCode.OK;
    }

    /**
     * Adds to a counter or a gauge.
     *
     * <p><b>Threading</b>: the writer. <b>Allocation</b>: none.
     *
     * @param fieldOffset which field
     * @param n how much; for a gauge it may be negative
     */
    public void add(int fieldOffset, long n) {
        counters.addLongOpaque(fieldOffset, n);
    }

    /**
     * Sets a gauge.
     *
     * <p><b>Threading</b>: the writer. <b>Allocation</b>: none.
     *
     * @param fieldOffset which field
     * @param value the new value
     */
    public void set(int fieldOffset, long value) {
        counters.putLongOpaque(fieldOffset, value);
    }

    /**
     * Raises a maximum, if the value is greater.
     *
     * <p><b>Threading</b>: the writer. <b>Allocation</b>: none.
     *
     * @param fieldOffset which field
     * @param value a value that occurred
     */
    public void recordMax(int fieldOffset, long value) {
        if (value > counters.getLong(fieldOffset)) {
            counters.putLongOpaque(fieldOffset, value);
        }
    }

    /**
     * The value of a field; after {@link #close} the last one.
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: none.
     *
     * @param fieldOffset which field
     * @return its value
     */
    public long counter(int fieldOffset) {
        return counters.getLongOpaque(fieldOffset);
    }

    /**
     * Gives the block back. Its values stay readable in the region until the block is claimed
     * again; a scrape keeps the values of counters that it has seen.
     *
     * <p><b>Threading</b>: the writer. <b>Allocation</b>: none.
     *
     * @return 0 or {@link ReturnCode#NOT_OPEN}
     */
    public int close() {
        if (block < 0) {
            return ReturnCode.NOT_OPEN;
        }
        own.putBytes(0, counters, 0, counters.capacity());
        counters.wrap(own);
        int result = region.close(block);
        block = NOT_OPEN;
        return result;
    }
}
