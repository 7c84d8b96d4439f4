package io.penstock.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class TrendTest {
    private static Trend of(double allowed, double... values) {
        Trend trend = new Trend("x", allowed, values.length);
        for (int i = 0; i < values.length; i++) {
            trend.add(10 + i, values[i]);
        }
        return trend;
    }

    @Property
    void aStraightLineGrowsByWhatItRises(@ForAll @IntRange(min = -1_000, max = 1_000) int step,
            @ForAll @IntRange(min = 5, max = 100) int count) {
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = 7 + (double) i * step;
        }
        assertEquals((count - 1.0) * step, of(0, values).growth(), 1e-3);
        assertEquals(step <= 0, of(0.5, values).isFlat());
    }

    @Test
    void noiseIsFlat() {
        assertTrue(of(1, 5, 9, 5, 9, 5, 9, 5, 9, 5).isFlat());
        assertFalse(of(1, 5, 9, 6, 10, 7, 11, 8, 12, 9).isFlat());
    }

    @Test
    void tooFewValuesSayNothing() {
        assertFalse(of(1, 5, 5, 5, 5).isFlat());
        assertFalse(of(1).isFlat());
        assertTrue(of(1).row().contains("NOT FLAT"));
    }
}
