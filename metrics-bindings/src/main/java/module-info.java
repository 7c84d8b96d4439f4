/**
 * A metrics region in the systems that people already run. Each package but {@code scrape} and
 * {@code text} wants the dependency that its back end is named after, and nobody wants all.
 */
module io.penstock.metrics {
    requires transitive io.penstock.core;

    exports io.penstock.metrics.scrape;
}
