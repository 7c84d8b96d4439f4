package io.penstock.metrics.scrape;

import io.penstock.core.metrics.MetricsType;

/** The tables that a type is exported as. */
final class Exported {
    final MetricsType type;
    final Table sums;
    final Table handles; // not shown where nobody wants them

    Exported(MetricsType type, Table sums, Table handles) {
        this.type = type;
        this.sums = sums;
        this.handles = handles;
    }

    /** Adds values to others, each as its kind says. */
    void add(long[] values, long[] totals, boolean withGauges) {
        for (int i = 0; i < values.length; i++) {
            switch (type.kind(i)) {
                case COUNTER -> totals[i] += values[i];
                case MAXIMUM -> totals[i] = Math.max(totals[i], values[i]);
                case GAUGE -> totals[i] += withGauges ? values[i] : 0;
            }
        }
    }
}
