package io.penstock.metrics.scrape;

import io.penstock.core.metrics.MetricsReader;
import java.util.Arrays;

/** One life of a block, as the scrape knows it. */
final class Cell {
    final Exported exported;
    final long generation;
    final Row sum; // that it counts in; null for a handle that another block counts for
    final Row handle; // that shows it; null if none does
    private long[] values;
    private long[] next;
    int state;

    Cell(Exported exported, long generation, Row sum, Row handle) {
        this.exported = exported;
        this.generation = generation;
        this.sum = sum;
        this.handle = handle;
        values = new long[exported.type.fields()];
        next = new long[values.length];
    }

    /** Begins the next values with the words of the block itself. */
    void begin(MetricsReader reader, int state) {
        this.state = state;
        Arrays.fill(next, 0);
        add(reader, state == MetricsReader.LIVE && reader.aggregate() != reader.block());
    }

    /** Adds the words of a block, to the next values. */
    void add(MetricsReader reader, boolean withGauges) {
        reader.addTo(next, withGauges);
    }

    /** The next values are the present ones from now on. */
    void commit() {
        long[] former = values;
        values = next;
        next = former;
        if (handle != null) {
            System.arraycopy(values, 0, handle.values(), 0, values.length);
        }
    }

    /** Adds the values to others. */
    void addTo(long[] totals, boolean withGauges) {
        exported.add(values, totals, withGauges);
    }
}
