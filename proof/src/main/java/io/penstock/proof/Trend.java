package io.penstock.proof;

/**
 * Something that was measured now and then and must be flat: the straight line that fits best the
 * values after a warm-up must not rise, over all that time, by more than is allowed.
 */
final class Trend {
    private final String name;
    private final double allowed;
    private final double[] seconds;
    private final double[] values;
    private int count;

    Trend(String name, double allowed, int capacity) {
        this.name = name;
        this.allowed = allowed;
        seconds = new double[capacity];
        values = new double[capacity];
    }

    /** Takes a value; those after the last that there is room for are not missed. */
    void add(double second, double value) {
        if (count < values.length) {
            seconds[count] = second;
            values[count++] = value;
        }
    }

    int count() {
        return count;
    }

    /** How much the line rises from the first value to the last. */
    double growth() {
        double meanSecond = mean(seconds);
        double meanValue = mean(values);
        double both = 0;
        double square = 0;
        for (int i = 0; i < count; i++) {
            both += (seconds[i] - meanSecond) * (values[i] - meanValue);
            square += (seconds[i] - meanSecond) * (seconds[i] - meanSecond);
        }
        return square == 0 ? 0 : both / square * (seconds[count - 1] - seconds[0]);
    }

    boolean isFlat() {
        return count >= 5 && growth() <= allowed;
    }

    private double mean(double[] of) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += of[i];
        }
        return sum / Math.max(1, count);
    }

    /** A row of the final table. */
    String row() {
        return count == 0 ? String.format("%-28s nothing measured  NOT FLAT", name)
                : String.format("%-28s %12.0f %12.0f %12.1f %12.1f  %s", name, values[0],
                        values[count - 1], growth(), allowed, isFlat() ? "flat" : "NOT FLAT");
    }

    static String heading() {
        return String.format("%-28s %12s %12s %12s %12s", "", "warm", "at the end", "growth",
                "allowed");
    }
}
