package io.penstock.core.loop;

import io.penstock.core.metrics.LoopMetrics;
import io.penstock.core.metrics.MetricsRegion;
import io.penstock.core.metrics.MetricsType;
import io.penstock.core.metrics.StreamMetrics;
import java.util.Arrays;
import org.agrona.concurrent.AtomicBuffer;

/** The loop's block of counters, and for each type the aggregate of its closed handles. */
final class LoopCounters {
    private final MetricsRegion region;
    private final String name;
    private final int[] aggregates = new int[MetricsRegion.MAX_TYPES]; // by type
    private AtomicBuffer buffer; // null before the loop was open
    private int offset;
    private int block = -1;

    LoopCounters(MetricsRegion region, String name) {
        this.region = region;
        this.name = name;
        Arrays.fill(aggregates, MetricsRegion.NO_AGGREGATE);
    }

    /** Claims the loop's block and the aggregate of streams: 0 or a code. */
    int open() {
        int type = region.register(LoopMetrics.TYPE);
        int claimed = type < 0 ? type : region.claim(type, name, MetricsRegion.NO_AGGREGATE);
        if (claimed < 0) {
            return claimed;
        }
        block = claimed;
        int sum = aggregate(StreamMetrics.TYPE);
        if (sum < 0) {
            region.close(block);
            return sum;
        }
        buffer = region.buffer();
        offset = region.countersOffset(block);
        return 0;
    }

    void close() {
        for (int aggregate : aggregates) {
            if (aggregate >= 0) {
                region.close(aggregate);
            }
        }
        region.close(block);
    }

    MetricsRegion region() {
        return region;
    }

    AtomicBuffer buffer() {
        return buffer;
    }

    int offset() {
        return offset;
    }

    /** The block that accumulates the counters of closed handles of a type, or a code. */
    int aggregate(MetricsType type) {
        int id = region.register(type);
        if (id < 0) {
            return id;
        }
        if (aggregates[id] < 0) {
            aggregates[id] = region.claimAggregate(id, name);
        }
        return aggregates[id];
    }

    /** Most turns have no timers or tasks, and do not touch those counters. */
    void addIfAny(int field, int n) {
        if (n > 0) {
            add(field, n);
        }
    }

    void add(int field, long n) {
        buffer.addLongOpaque(offset + field, n);
    }

    void countThrow() {
        if (buffer != null) { // null for a task of a loop that was never open
            add(LoopMetrics.THREW_OFFSET, 1);
        }
    }

    void handles(int open) {
        buffer.putLongOpaque(offset + LoopMetrics.HANDLES_OFFSET, open);
    }

    void turn(long waitedNs, long busyNs) {
        add(LoopMetrics.TURNS_OFFSET, 1);
        add(LoopMetrics.WAIT_NS_OFFSET, waitedNs);
        add(LoopMetrics.BUSY_NS_OFFSET, busyNs);
        if (busyNs > buffer.getLong(offset + LoopMetrics.TURN_NS_MAX_OFFSET)) {
            buffer.putLongOpaque(offset + LoopMetrics.TURN_NS_MAX_OFFSET, busyNs);
        }
    }
}
