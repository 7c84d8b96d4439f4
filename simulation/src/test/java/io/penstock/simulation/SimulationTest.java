package io.penstock.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** As many seeds as a build has time for; {@link Simulation} runs more. */
class SimulationTest {
    private static final int SEEDS = 500;

    static List<String> scenarios() {
        return List.copyOf(Simulation.SCENARIOS.keySet());
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void everySeedEndsWell(String name) {
        assertEquals(0, Simulation.run(name, 1, SEEDS));
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void aSeedDecidesEverything(String name) {
        for (long seed = 1; seed <= 5; seed++) {
            assertEquals(callsOf(name, seed), callsOf(name, seed), "seed " + seed);
        }
        assertTrue(callsOf(name, 1) != callsOf(name, 2));
    }

    private static long callsOf(String name, long seed) {
        Scenario scenario = Simulation.SCENARIOS.get(name).apply(seed);
        scenario.run();
        return scenario.kernel.entered;
    }
}
