package io.penstock.metrics.scrape;

import io.penstock.core.metrics.MetricsType;

/**
 * A field of a type as it is exported: its names, and its unit. All are made from the type's table,
 * by OpenTelemetry's and Prometheus's conventions; see {@code docs/metrics-names.md}.
 *
 * <p>Immutable. <b>Threading</b>: any. <b>Allocation</b>: none.
 *
 * <p><b>See</b>: OpenTelemetry's semantic conventions for metrics; Prometheus's "Metric and label
 * naming".
 */
public final class Metric {
    private final String name;
    private final String prometheusName;
    private final String description;
    private final Unit unit;
    private final MetricsType.Kind kind;
    private final int field;

    Metric(String name, String prometheusName, String description, Unit unit,
            MetricsType.Kind kind, int field) {
        this.name = name;
        this.prometheusName = prometheusName;
        this.description = description;
        this.unit = unit;
        this.kind = kind;
        this.field = field;
    }

    /**
     * OpenTelemetry's name.
     *
     * @return such as {@code "penstock.stream.read"}
     */
    public String name() {
        return name;
    }

    /**
     * Prometheus's name, without the {@code _total} of a counter.
     *
     * @return such as {@code "penstock_stream_read_bytes"}
     */
    public String prometheusName() {
        return prometheusName;
    }

    /**
     * A description of the metric, in English.
     *
     * @return one line
     */
    public String description() {
        return description;
    }

    /**
     * The unit that it is exported in.
     *
     * @return in UCUM, such as {@code "By"}, {@code "s"} or <code>"{call}"</code>
     */
    public String unit() {
        return unit.base();
    }

    /**
     * Prometheus's word for the unit, which its name ends with.
     *
     * @return such as {@code "bytes"}; empty if there is none
     */
    public String unitWord() {
        return unit.word();
    }

    /**
     * How its values add up.
     *
     * @return the kind
     */
    public MetricsType.Kind kind() {
        return kind;
    }

    /**
     * Whether it only grows.
     *
     * @return true for a counter, false for a gauge or a maximum
     */
    public boolean isCounter() {
        return kind == MetricsType.Kind.COUNTER;
    }

    /**
     * Which field of the type it is.
     *
     * @return its index, from 0
     */
    public int field() {
        return field;
    }

    /**
     * The divisor that converts a value of the region to {@link #unit}.
     *
     * @return 1 if a value is exported as it is, 1,000,000,000 for nanoseconds in seconds
     */
    public long divisor() {
        return unit.divisor();
    }

    /**
     * A value of the region, converted to {@link #unit}.
     *
     * @param word as it stands in the region
     * @return its value, exact up to 2^53
     */
    public double scaled(long word) {
        return word / (double) unit.divisor();
    }
}
