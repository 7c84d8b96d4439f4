package io.penstock.samples;

/** Numbers as people read them. */
final class Quantity {
    /** Steps of 1,024: {@code 1.23Gi}. */
    static final int BINARY = 1024;
    /** Steps of 1,000: {@code 1.23G}. */
    static final int DECIMAL = 1000;

    private static final String UNITS = "KMGTPE";
    private static final String DECIMAL_UNITS = "kMGTPE";

    private Quantity() {
    }

    /** Three digits, or four before a unit. */
    static StringBuilder append(StringBuilder line, long n, int step) {
        double value = n;
        int unit = -1;
        while (value >= 1000 && unit + 1 < UNITS.length()) {
            value /= step;
            unit++;
        }
        if (unit < 0) {
            return line.append(n);
        }
        long scale = value < 10 ? 100 : value < 100 ? 10 : 1;
        long scaled = Math.round(value * scale);
        line.append(scaled / scale);
        if (scale > 1) {
            line.append('.');
            String fraction = Long.toString(scaled % scale + scale);
            line.append(fraction, 1, fraction.length());
        }
        line.append((step == BINARY ? UNITS : DECIMAL_UNITS).charAt(unit));
        return step == BINARY ? line.append('i') : line;
    }

    /** A time, in the unit that suits it. */
    static StringBuilder appendTime(StringBuilder line, long ns) {
        if (ns < 1_000) {
            return line.append(ns).append("ns");
        }
        String[] units = {"us", "ms", "s"};
        double value = ns / 1e3;
        int unit = 0;
        while (value >= 1000 && unit < units.length - 1) {
            value /= 1000;
            unit++;
        }
        long scale = value < 10 ? 100 : value < 100 ? 10 : 1;
        return line.append(scale == 1 ? String.valueOf(Math.round(value))
                : String.valueOf(Math.round(value * scale) / (double) scale))
                .append(units[unit]);
    }
}
