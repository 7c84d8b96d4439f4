/**
 * A metrics region in the systems that people already run. Each package but {@code scrape} and
 * {@code text} wants the dependency, or the module of the JDK, that its back end is named after;
 * nobody wants all, so all are optional.
 */
module io.penstock.metrics {
    requires transitive io.penstock.core;
    requires static transitive io.opentelemetry.api;
    requires static transitive io.prometheus.metrics.core;
    requires static transitive io.prometheus.metrics.model;
    requires static transitive java.management;
    requires static transitive jdk.jfr;
    requires static transitive micrometer.core;

    exports io.penstock.metrics.jfr;
    exports io.penstock.metrics.jmx;
    exports io.penstock.metrics.micrometer;
    exports io.penstock.metrics.opentelemetry;
    exports io.penstock.metrics.prometheus;
    exports io.penstock.metrics.scrape;
    exports io.penstock.metrics.text;
}
