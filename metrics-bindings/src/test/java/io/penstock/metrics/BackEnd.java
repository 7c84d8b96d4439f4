package io.penstock.metrics;

import io.penstock.metrics.scrape.MetricsSource;
import java.util.Map;
import java.util.TreeMap;

/** A back end as the conformance suite sees it. */
interface BackEnd extends AutoCloseable {
    /** Binds it, and to whatever of its own world it needs. */
    void bind(MetricsSource source);

    /**
     * What it exports now: values by {@link #key}. A back end whose names are not OpenTelemetry's
     * knows their counterparts.
     */
    Map<String, Double> scrape();

    /** Closes the binding alone; what scrapes it goes on. */
    void unbind();

    @Override
    void close();

    /** How many scrapes a second it is to be asked for; some record into files. */
    default int scrapesInARace() {
        return 300;
    }

    /** A metric's name and its labels, in no matter which order. */
    static String key(String name, String... labels) {
        Map<String, String> sorted = new TreeMap<>();
        for (int i = 0; i < labels.length; i += 2) {
            sorted.put(labels[i], labels[i + 1]);
        }
        return name + sorted;
    }
}
