package io.penstock.metrics;

import io.penstock.core.metrics.LoopMetrics;
import io.penstock.core.metrics.MetricsRegion;
import io.penstock.core.metrics.MetricsType;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.metrics.scrape.MetricsSource;
import io.penstock.metrics.scrape.Metric;
import io.penstock.metrics.scrape.Scrape;
import io.penstock.metrics.scrape.Table;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads Prometheus's text, and gives its metrics OpenTelemetry's names again. */
final class ExpositionText {
    private static final Pattern SAMPLE =
            Pattern.compile("([a-z][a-z0-9_]*)(?:\\{(.*)\\})? (\\S+)");
    private static final Pattern LABEL =
            Pattern.compile("([a-z_]+)=\"((?:[^\"\\\\]|\\\\.)*)\",?");
    private static final Map<String, String> NAMES = names();

    private ExpositionText() {
    }

    /** The names of all types that the suite uses, of sums and of handles. */
    private static Map<String, String> names() {
        MetricsRegion region = new MetricsRegion(8);
        MetricsType[] types = {Conformance.CACHE, StreamMetrics.TYPE, LoopMetrics.TYPE};
        String[] typeNames = new String[types.length];
        for (int i = 0; i < types.length; i++) {
            region.claim(region.register(types[i]), "x", MetricsRegion.NO_AGGREGATE);
            typeNames[i] = types[i].name();
        }
        Map<String, String> names = new HashMap<>();
        try (Scrape scrape = new Scrape(MetricsSource.of(region).handles(typeNames))) {
            scrape.take();
            for (int i = 0; i < scrape.tables(); i++) {
                Table table = scrape.table(i);
                for (int field = 0; field < table.fields(); field++) {
                    Metric metric = table.metric(field);
                    names.put(metric.prometheusName() + (metric.isCounter() ? "_total" : ""),
                            metric.name());
                }
            }
        }
        return names;
    }

    static Map<String, Double> parse(String text) {
        Map<String, Double> values = new HashMap<>();
        for (String line : text.split("\n")) {
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            Matcher sample = SAMPLE.matcher(line);
            if (!sample.matches()) {
                throw new AssertionError("no sample: " + line);
            }
            String name = NAMES.get(sample.group(1));
            if (name == null) {
                throw new AssertionError("unknown: " + line);
            }
            values.put(BackEnd.key(name, labels(sample.group(2))),
                    Double.parseDouble(sample.group(3)));
        }
        return values;
    }

    private static String[] labels(String text) {
        List<String> labels = new ArrayList<>();
        Matcher label = LABEL.matcher(text == null ? "" : text);
        while (label.find()) {
            labels.add(label.group(1));
            labels.add(label.group(2).replace("\\\"", "\"").replace("\\\\", "\\"));
        }
        return labels.toArray(String[]::new);
    }
}
