package io.penstock.metrics.scrape;

import io.penstock.core.metrics.MetricsType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Makes metrics' names from type tables, each name once. */
final class Names {
    private static final String PREFIX = "penstock";
    private static final String HANDLE = "handle";
    private static final String TOTAL = "total";
    // Endings that Prometheus keeps for itself.
    private static final Set<String> RESERVED =
            Set.of(TOTAL, "created", "bucket", "count", "sum", "info");

    private final Set<String> taken = new HashSet<>();

    /** The metrics of a type: of the sums of its handles, or of the handles one by one. */
    List<Metric> of(MetricsType type, boolean isOfHandles) {
        List<Metric> metrics = new ArrayList<>();
        for (int field = 0; field < type.fields(); field++) {
            metrics.add(metric(type, field, isOfHandles));
        }
        return List.copyOf(metrics);
    }

    private Metric metric(MetricsType type, int field, boolean isOfHandles) {
        Unit unit = Unit.of(type.unit(field));
        MetricsType.Kind kind = type.kind(field);
        List<String> full = words(type.field(field));
        List<String> words = new ArrayList<>(full);
        words.removeIf(unit::isSaidBy);
        if (words.isEmpty()) {
            words = full;
        }
        String path = prefixed(type.name()) + '.' + (isOfHandles ? HANDLE + '.' : "");
        String name = path + String.join("_", words);
        if (taken.contains(name)) { // "read" and "read_bytes" of one type
            name = path + String.join("_", full);
        }
        String description = type.field(field) + " of "
                + (isOfHandles ? "one " : "each ") + type.name() + ", " + unit.base();
        return new Metric(unique(name, field),
                unique(prometheusName(path, words, unit, kind), field),
                description, unit, kind, field);
    }

    /** A type's name, with its own prefix if there is a dot behind one, or else with ours. */
    private static String prefixed(String typeName) {
        int dot = typeName.indexOf('.');
        String own = String.join("_", words(typeName.substring(0, Math.max(dot, 0))));
        boolean isOwn = dot > 0 && Character.isLetter(own.charAt(0)); // as a name must begin
        String rest = isOwn ? typeName.substring(dot + 1) : typeName;
        return (isOwn ? own : PREFIX) + '.' + String.join("_", words(rest));
    }

    private static String prometheusName(String path, List<String> fieldWords, Unit unit,
            MetricsType.Kind kind) {
        List<String> words = words(path);
        words.addAll(fieldWords);
        if (kind == MetricsType.Kind.COUNTER && words.getLast().equals(TOTAL)) {
            words.removeLast(); // it is put behind the unit
        }
        if (!unit.word().isEmpty() && !words.getLast().equals(unit.word())) {
            words.add(unit.word());
        }
        if (RESERVED.contains(words.getLast())) {
            words.add("value");
        }
        return String.join("_", words);
    }

    private String unique(String name, int field) {
        String unique = name;
        for (int i = field; !taken.add(unique); i++) {
            unique = name + "_" + i;
        }
        return unique;
    }

    /** Lower-case letters and digits, in pieces; at least one. */
    private static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        for (String word : text.toLowerCase(Locale.ROOT).split("[^a-z0-9]+")) {
            if (!word.isEmpty()) {
                words.add(word);
            }
        }
        if (words.isEmpty()) {
            words.add("unnamed");
        }
        return words;
    }
}
