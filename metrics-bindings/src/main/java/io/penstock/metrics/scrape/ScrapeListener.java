package io.penstock.metrics.scrape;

/**
 * Hears of what appears and vanishes in a scrape, from inside of it.
 *
 * <p><b>Threading</b>: the scrape's. <b>Allocation</b>: the back end's.
 */
public interface ScrapeListener {
    /**
     * A type was met for the first time; its rows follow.
     *
     * @param table of its sums, or of its handles
     */
    default void onTable(Table table) {
    }

    /**
     * A row is new, and has its first values.
     *
     * @param row it
     */
    default void onAppear(Row row) {
    }

    /**
     * A row is no more: its handle closed, or the region is another.
     *
     * @param row it
     */
    default void onVanish(Row row) {
    }
}
