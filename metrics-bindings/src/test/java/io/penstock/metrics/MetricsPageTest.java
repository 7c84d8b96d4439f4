package io.penstock.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.metrics.MetricsType;
import io.penstock.metrics.scrape.Metric;
import io.penstock.metrics.scrape.Scrape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/metrics-names.md} lists every metric of every module, as the type tables in the
 * sources say. {@code -Dpenstock.writeDocs=true} writes the list.
 */
class MetricsPageTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path PAGE = ROOT.resolve("docs/metrics-names.md");
    private static final String BEGIN = "<!-- The list: MetricsPageTest writes it. -->\n";
    private static final Pattern TYPE = Pattern.compile(
            "MetricsType TYPE = MetricsType\\.named\\(\"(\\w+)\"\\)([^;]+)\\.build\\(\\);");
    private static final Pattern FIELD =
            Pattern.compile("\\.(counter|gauge|maximum)\\(\\s*\"(\\w+)\",\\s*\"([^\"]+)\"\\)");
    private static final Pattern MEANING =
            Pattern.compile("/\\*\\* Where \\{@code (\\w+)} is:\\s+([^.]+)\\. \\*/");

    @Test
    void everyMetricIsListed() throws IOException {
        String page = Files.readString(PAGE);
        int begin = page.indexOf(BEGIN) + BEGIN.length();
        assertTrue(begin > BEGIN.length(), "no list in " + PAGE);
        String list = list();
        if (Boolean.getBoolean("penstock.writeDocs")) {
            Files.writeString(PAGE, page.substring(0, begin) + list);
            return;
        }
        assertEquals(list, page.substring(begin), "run it again with -Dpenstock.writeDocs=true");
    }

    private static String list() throws IOException {
        Map<String, String> sections = new TreeMap<>();
        for (Path source : sources()) {
            String text = Files.readString(source);
            Matcher type = TYPE.matcher(text);
            if (type.find()) {
                sections.put(type.group(1), section(type, meanings(text)));
            }
        }
        assertTrue(sections.keySet().containsAll(List.of("listener", "loop", "scrape", "stream")));
        return String.join("", sections.values());
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(file -> file.toString().endsWith("Metrics.java"))
                    .filter(file -> file.toString().contains("/src/main/"))
                    .filter(file -> !file.toString().contains("/target/")).toList();
        }
    }

    private static Map<String, String> meanings(String source) {
        Map<String, String> meanings = new HashMap<>();
        Matcher meaning = MEANING.matcher(source);
        while (meaning.find()) {
            meanings.put(meaning.group(1),
                    meaning.group(2).replaceAll("\\s+(\\* )?", " "));
        }
        return meanings;
    }

    private static String section(Matcher found, Map<String, String> meanings) {
        MetricsType.Builder builder = MetricsType.named(found.group(1));
        for (MatchResult field : FIELD.matcher(found.group(2)).results().toList()) {
            switch (field.group(1)) {
                case "counter" -> builder.counter(field.group(2), field.group(3));
                case "gauge" -> builder.gauge(field.group(2), field.group(3));
                default -> builder.maximum(field.group(2), field.group(3));
            }
        }
        MetricsType type = builder.build();
        StringBuilder lines = new StringBuilder("\n### ").append(type.name()).append("\n\n")
                .append("| field | | OpenTelemetry, Micrometer | unit | Prometheus |\n")
                .append("|---|---|---|---|---|\n");
        for (Metric metric : Scrape.metrics(type)) {
            String field = type.field(metric.field());
            String meaning = meanings.get(field);
            assertTrue(meaning != null, type.name() + '.' + field + " has no comment that says"
                    + " \"Where {@code " + field + "} is: what it counts.\"");
            lines.append("| `").append(field).append("` | ").append(meaning)
                    .append(" | `").append(metric.name()).append("` | ").append(metric.unit())
                    .append(" | `").append(metric.prometheusName())
                    .append(metric.isCounter() ? "_total" : "").append("` |\n");
        }
        return lines.toString();
    }
}
