package io.penstock.core.metrics;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;

/**
 * An application's own counters: a block of a {@link MetricsRegion}, as every handle has one. Who
 * reads the region, and every back end that exports it, sees them beside the library's.
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
 * <p>A field is named by its offset, as {@link MetricsType#offset} says. Before {@link #open} and
 * after {@link #close} nothing is counted.
 *
 * <p><b>Threading</b>: one thread opens, writes and closes; any reads. <b>Allocation</b>: none
 * after the constructor, but for the first of a type in a region.
 */
public final class Counters {
    private static final int NOT_OPEN = -1;

    private final MetricsRegion region;
    private final MetricsType type;
    private final CharSequence label;
    private final NativeBuffer own; // the words while they are not in the region
    private final NativeBuffer words = new NativeBuffer();
    private int block = NOT_OPEN;

    /**
     * Makes counters that are not in the region yet.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param region where they are to be
     * @param type what they are
     * @param label the name that their values have, such as in {@code name="udp 8125"}
     */
    public Counters(MetricsRegion region, MetricsType type, CharSequence label) {
        this.region = region;
        this.type = type;
        this.label = label;
        own = NativeBuffer.allocate(type.fields() * Long.BYTES);
        words.wrap(own);
    }

    /**
     * Takes a block for them: all are 0. {@link MetricsRegion#open} comes before.
     *
     * <p><b>Threading</b>: the writer. <b>Allocation</b>: none, but for a type that is new.
     *
     * @return 0; {@link ReturnCode#ALREADY_OPEN}; {@link ReturnCode#METRICS_EXHAUSTED};
     *     {@link ReturnCode#BLOCK_TOO_SMALL}; {@link ReturnCode#TYPES_EXHAUSTED};
     *     {@link ReturnCode#CLOSED} if the region is
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
        words.wrap(region.buffer(), region.wordsOffset(block), type.fields() * Long.BYTES);
        return ReturnCode.OK;
    }

    /**
     * Adds to a counter or a gauge.
     *
     * <p><b>Threading</b>: the writer. <b>Allocation</b>: none.
     *
     * @param fieldOffset which
     * @param n how much; of a gauge less than 0 too
     */
    public void add(int fieldOffset, long n) {
        words.addLongOpaque(fieldOffset, n);
    }

    /**
     * Sets a gauge.
     *
     * <p><b>Threading</b>: the writer. <b>Allocation</b>: none.
     *
     * @param fieldOffset which
     * @param value what it is from now on
     */
    public void set(int fieldOffset, long value) {
        words.putLongOpaque(fieldOffset, value);
    }

    /**
     * Keeps a maximum.
     *
     * <p><b>Threading</b>: the writer. <b>Allocation</b>: none.
     *
     * @param fieldOffset which
     * @param value what was seen
     */
    public void recordMax(int fieldOffset, long value) {
        if (value > words.getLong(fieldOffset)) {
            words.putLongOpaque(fieldOffset, value);
        }
    }

    /**
     * What a field says now, or said when it was closed.
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: none.
     *
     * @param fieldOffset which
     * @return its value
     */
    public long counter(int fieldOffset) {
        return words.getLongOpaque(fieldOffset);
    }

    /**
     * Gives the block back. In the region its values are readable until it is claimed again; a
     * scrape keeps counters that it has met.
     *
     * <p><b>Threading</b>: the writer. <b>Allocation</b>: none.
     *
     * @return 0 or {@link ReturnCode#NOT_OPEN}
     */
    public int close() {
        if (block < 0) {
            return ReturnCode.NOT_OPEN;
        }
        own.putBytes(0, words, 0, words.capacity());
        words.wrap(own);
        int result = region.close(block);
        block = NOT_OPEN;
        return result;
    }
}
