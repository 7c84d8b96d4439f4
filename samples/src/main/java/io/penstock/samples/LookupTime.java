package io.penstock.samples;

/** A number of seconds in weeks, days, hours, minutes and seconds. */
final class LookupTime {
    private static final int[] UNITS = {604_800, 86_400, 3600, 60, 1};
    private static final String[] NAMES = {"week", "day", "hour", "minute", "second"};

    private LookupTime() {
    }

    /** In words, or each unit as a letter behind its number. */
    static void append(StringBuilder out, long seconds, boolean isInWords) {
        long left = seconds;
        int from = out.length();
        for (int i = 0; i < UNITS.length; i++) {
            long n = left / UNITS[i];
            left %= UNITS[i];
            if (n > 0 || i == UNITS.length - 1 && out.length() == from) {
                out.append(isInWords && out.length() > from ? " " : "").append(n);
                out.append(isInWords ? " " + NAMES[i] + (n == 1 ? "" : "s")
                        : NAMES[i].substring(0, 1));
            }
        }
    }
}
