/**
 * A metrics region in the systems that people already run. Each package but {@code agrona},
 * {@code scrape} and {@code text} wants the dependency, or the module of the JDK, that its back end
 * is named after; nobody wants all, so all are optional: a module that uses one requires its back
 * end by itself.
 */
module io.penstock.metrics {
    requires transitive io.penstock.core;
    requires static io.opentelemetry.api;
    requires static io.prometheus.metrics.core;
    requires static io.prometheus.metrics.model;
    requires static transitive java.management;
    requires static transitive jdk.jfr;
    requires static micrometer.core;

    exports io.penstock.metrics.agrona;
    exports io.penstock.metrics.jfr;
    exports io.penstock.metrics.jmx;
    exports io.penstock.metrics.micrometer;
    exports io.penstock.metrics.opentelemetry;
    exports io.penstock.metrics.prometheus;
    exports io.penstock.metrics.scrape;
    exports io.penstock.metrics.text;
}
