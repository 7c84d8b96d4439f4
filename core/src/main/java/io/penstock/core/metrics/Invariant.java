package io.penstock.core.metrics;

/**
 * Invariants of counters. A method returns 0 if the invariant holds; if it is broken, it appends a
 * line that says so and returns 1. So the sum of several calls is the number of broken invariants.
 *
 * <p><b>Threading</b>: any. <b>Allocation</b>: none but what {@code out} needs to grow.
 */
public final class Invariant {
    private Invariant() {
    }

    /**
     * Checks that two values are the same.
     *
     * @param left the name of the first value
     * @param a the first value
     * @param right the name of the second value
     * @param b the second value
     * @param out takes the line
     * @return 0, or 1 if the invariant is broken
     */
    public static int equal(String left, long a, String right, long b, StringBuilder out) {
        return a == b ? 0 : broken(left, a, " == ", right, b, " != ", out);
    }

    /**
     * Checks that the first value is not greater than the second.
     *
     * @param left the name of the first value
     * @param a the first value
     * @param right the name of the second value
     * @param b the second value
     * @param out takes the line
     * @return 0, or 1 if the invariant is broken
     */
    public static int atMost(String left, long a, String right, long b, StringBuilder out) {
        return a <= b ? 0 : broken(left, a, " <= ", right, b, " > ", out);
    }

    private static int broken(String left, long a, String relation, String right, long b,
            String found, StringBuilder out) {
        out.append(left).append(relation).append(right).append(" is broken: ")
                .append(a).append(found).append(b).append('\n');
        return 1;
    }
}
