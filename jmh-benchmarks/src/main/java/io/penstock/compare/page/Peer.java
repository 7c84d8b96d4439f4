package io.penstock.compare.page;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One who did a row's work: what it ran, what came of it, and what was hoped for. */
final class Peer {
    final String name;
    String command = "";
    String lost = "";
    String did = "";
    Target target;
    /** By the place on a curve; one of no name where there is no curve. */
    private final Map<String, List<Double>> samples = new LinkedHashMap<>();

    /** A bound: of the ratio to this peer, or of Penstock's own value. */
    record Target(String how, double bound) {
        boolean isMet(double value) {
            return how.equals("at least") ? value >= bound : value <= bound;
        }

        @Override
        public String toString() {
            return how + " " + Numbers.text(bound);
        }
    }

    Peer(String name) {
        this.name = name;
    }

    void add(String place, double value) {
        List<Double> values = samples.computeIfAbsent(place, key -> new ArrayList<>());
        values.add(value);
        values.sort(null);
    }

    boolean isMeasured() {
        return !samples.isEmpty();
    }

    boolean isMeasured(String place) {
        return samples.containsKey(place);
    }

    Iterable<String> places() {
        return samples.keySet();
    }

    double median(String place) {
        List<Double> values = samples.get(place);
        int half = values.size() / 2;
        return values.size() % 2 == 1 ? values.get(half)
                : (values.get(half - 1) + values.get(half)) / 2;
    }

    double least(String place) {
        return samples.get(place).getFirst();
    }

    double most(String place) {
        return samples.get(place).getLast();
    }

    /** From the least to the greatest, in percent of the median. */
    String spread(String place) {
        double range = most(place) - least(place);
        double median = median(place);
        if (range == 0) {
            return "0 %";
        }
        return median == 0 ? "-" : "%.0f %%".formatted(range / median * 100);
    }
}
