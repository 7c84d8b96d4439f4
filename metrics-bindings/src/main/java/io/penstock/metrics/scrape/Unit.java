package io.penstock.metrics.scrape;

import java.util.List;
import java.util.Locale;

/**
 * A unit as a type table says it, in the base unit that is exported.
 *
 * @param code in UCUM, as in the type table
 * @param base in UCUM, as exported
 * @param word Prometheus's word for the base unit; empty if there is none
 * @param divisor what a value is divided by
 */
record Unit(String code, String base, String word, long divisor) {
    private static final List<Unit> KNOWN = List.of(
            new Unit("By", "By", "bytes", 1),
            new Unit("bit", "bit", "bits", 1),
            new Unit("ns", "s", "seconds", 1_000_000_000),
            new Unit("us", "s", "seconds", 1_000_000),
            new Unit("ms", "s", "seconds", 1_000),
            new Unit("s", "s", "seconds", 1),
            new Unit("%", "1", "ratio", 100),
            new Unit("Hz", "Hz", "hertz", 1),
            new Unit("Cel", "Cel", "celsius", 1),
            new Unit("J", "J", "joules", 1),
            new Unit("W", "W", "watts", 1),
            new Unit("V", "V", "volts", 1),
            new Unit("A", "A", "amperes", 1));

    /** The unit of that code; one that is not known is its own base, and has no word. */
    static Unit of(String code) {
        for (Unit unit : KNOWN) {
            if (unit.code.equals(code)) {
                return unit;
            }
        }
        return new Unit(code, code, "", 1);
    }

    /** Whether a word of a field's name says no more than the unit does. */
    boolean isSaidBy(String part) {
        return !word.isEmpty() && (part.equals(word) || part.equals(code.toLowerCase(Locale.ROOT)));
    }
}
