package io.penstock.core.metrics;

/**
 * Laws that words obey: each answers 0 if its law holds; if it is broken, 1, with a line for it.
 *
 * <p><b>Threading</b>: any. <b>Allocation</b>: none but what {@code out} needs to grow.
 */
public final class Law {
    private Law() {
    }

    /**
     * Two values are the same.
     *
     * @param left what the one is called
     * @param a the one
     * @param right what the other is called
     * @param b the other
     * @param out takes the line
     * @return 0, or 1 if it is broken
     */
    public static int equal(String left, long a, String right, long b, StringBuilder out) {
        return a == b ? 0 : broken(left, a, " == ", right, b, " != ", out);
    }

    /**
     * One value is not greater than the other.
     *
     * @param left what the one is called
     * @param a the one
     * @param right what the other is called
     * @param b the other
     * @param out takes the line
     * @return 0, or 1 if it is broken
     */
    public static int atMost(String left, long a, String right, long b, StringBuilder out) {
        return a <= b ? 0 : broken(left, a, " <= ", right, b, " > ", out);
    }

    private static int broken(String left, long a, String law, String right, long b, String found,
            StringBuilder out) {
        out.append(left).append(law).append(right).append(" is broken: ")
                .append(a).append(found).append(b).append('\n');
        return 1;
    }
}
