package io.penstock.metrics.scrape;

import java.util.ArrayList;
import java.util.List;

/**
 * A series of values: the sum of all handles of a name, closed ones among them, or one live handle.
 *
 * <p><b>Threading</b>: the scrape's. <b>Allocation</b>: none, unless a method says so.
 */
public final class Row {
    private final Table table;
    private final String region;
    private final String name;
    private final int block;
    private final long generation;
    private final long[] values;
    private final long[] kept; // of a sum: what is gone by now
    private Object attachment;
    RegionScrape owner;
    boolean isAnnounced; // to the listener

    Row(Table table, String region, String name, int block, long generation) {
        this.table = table;
        this.region = region;
        this.name = name;
        this.block = block;
        this.generation = generation;
        values = new long[table.fields()];
        kept = block < 0 ? new long[values.length] : null;
    }

    /**
     * Where it stands.
     *
     * @return its table
     */
    public Table table() {
        return table;
    }

    /**
     * The label of its blocks.
     *
     * @return such as {@code "stdin"}
     */
    public String name() {
        return name;
    }

    /**
     * A handle's block.
     *
     * @return its index; -1 for a sum
     */
    public int block() {
        return block;
    }

    /**
     * How often a handle's block was claimed.
     *
     * @return the count; 0 for a sum
     */
    public long generation() {
        return generation;
    }

    /**
     * The value of a field, as of the last scrape that succeeded.
     *
     * @param field index of the field in the table's type
     * @return its value, as it stands in the region
     */
    public long value(int field) {
        return values[field];
    }

    /**
     * The labels that distinguish the row from the others of its table.
     *
     * <p><b>Allocation</b>: the array.
     *
     * @return keys and values in turn: {@code name}; for a handle {@code handle} (its block) and
     *     {@code generation}; {@code region} if the source is named
     */
    public String[] labels() {
        List<String> labels = new ArrayList<>(List.of("name", name));
        if (block >= 0) {
            labels.addAll(List.of("handle", Integer.toString(block),
                    "generation", Long.toString(generation)));
        }
        if (region != null) {
            labels.addAll(List.of("region", region));
        }
        return labels.toArray(String[]::new);
    }

    /**
     * The object that the back end keeps with the row.
     *
     * @return as of {@link #attach}, or null
     */
    public Object attachment() {
        return attachment;
    }

    /**
     * Keeps something with the row, such as its labels as the back end wants them.
     *
     * @param object any
     */
    public void attach(Object object) {
        attachment = object;
    }

    /**
     * The region that it is of.
     *
     * @return the source's name, or null if it has none
     */
    public String region() {
        return region;
    }

    long[] values() {
        return values;
    }

    long[] kept() {
        return kept;
    }
}
