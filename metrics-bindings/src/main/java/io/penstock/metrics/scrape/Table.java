package io.penstock.metrics.scrape;

import io.penstock.core.metrics.MetricsType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The series of one type: sums by name, or handles one by one.
 *
 * <p><b>Threading</b>: the scrape's. <b>Allocation</b>: none.
 */
public final class Table {
    private final MetricsType type;
    private final List<Metric> metrics;
    private final boolean isOfHandles;
    private final List<Row> rows = new ArrayList<>();
    private Object attachment;

    Table(MetricsType type, List<Metric> metrics, boolean isOfHandles) {
        this.type = type;
        this.metrics = metrics;
        this.isOfHandles = isOfHandles;
    }

    /**
     * The type of its rows.
     *
     * @return from the region's type table
     */
    public MetricsType type() {
        return type;
    }

    /**
     * Whether its rows are single handles.
     *
     * @return false if they are sums
     */
    public boolean isOfHandles() {
        return isOfHandles;
    }

    /**
     * How many values a row has.
     *
     * @return the count of the type's fields
     */
    public int fields() {
        return metrics.size();
    }

    /**
     * A field, as it is exported.
     *
     * @param field its index in the type
     * @return the metric
     */
    public Metric metric(int field) {
        return metrics.get(field);
    }

    /**
     * How many rows there are.
     *
     * @return the count
     */
    public int rows() {
        return rows.size();
    }

    /**
     * A row.
     *
     * @param index from 0; good until the next scrape
     * @return the row
     */
    public Row row(int index) {
        return rows.get(index);
    }

    /**
     * The object that the back end keeps with the table.
     *
     * @return as of {@link #attach}, or null
     */
    public Object attachment() {
        return attachment;
    }

    /**
     * Keeps something with the table, such as its instruments.
     *
     * @param object any
     */
    public void attach(Object object) {
        attachment = object;
    }

    Row named(String region, String name) {
        for (Row row : rows) {
            if (row.name().equals(name) && Objects.equals(row.region(), region)) {
                return row;
            }
        }
        return null;
    }

    List<Row> list() {
        return rows;
    }
}
