package io.penstock.metrics;

import io.penstock.core.metrics.MetricsType;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.metrics.scrape.Metric;
import io.penstock.metrics.scrape.Scrape;
import io.penstock.metrics.scrape.ScrapeMetrics;
import java.util.List;

/** The metrics of back ends that export fields under their own names and in their own units. */
final class Fields {
    private static final List<MetricsType> TYPES =
            List.of(Conformance.CACHE, StreamMetrics.TYPE, ScrapeMetrics.TYPE);

    private Fields() {
    }

    private static MetricsType type(String name) {
        return TYPES.stream().filter(type -> type.name().equals(name)).findFirst().orElseThrow();
    }

    static String[] of(String type) {
        String[] fields = new String[type(type).fields()];
        for (int i = 0; i < fields.length; i++) {
            fields[i] = type(type).field(i);
        }
        return fields;
    }

    private static Metric metric(String type, String field) {
        return Scrape.metrics(type(type)).get(type(type).indexOf(field));
    }

    static String metric(String type, String field, boolean isHandle) {
        String name = metric(type, field).name();
        int dot = name.lastIndexOf('.');
        return isHandle ? name.substring(0, dot) + ".handle" + name.substring(dot) : name;
    }

    static double scaled(String type, String field, long word) {
        return metric(type, field).scaled(word);
    }
}
