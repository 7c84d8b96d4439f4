package io.penstock.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** As many seeds as a build has time for; {@link Simulation} runs more. */
class SimulationTest {
    private static final int SEEDS = 1_000;

    static List<String> scenarios() {
        return List.copyOf(Simulation.SCENARIOS.keySet());
    }

    /** And every fault there is was really injected; the table says how often. */
    @Test
    void everySeedEndsWell() {
        Simulation simulation = new Simulation();
        int failed = 0;
        for (String name : scenarios()) {
            failed += simulation.run(name, 1, SEEDS);
        }
        System.out.print(simulation.table());
        assertEquals(0, failed);
        List<String> missing = new ArrayList<>();
        for (Fault fault : Fault.values()) {
            if (simulation.injected(fault) == 0) {
                missing.add(fault.text);
            }
        }
        assertEquals(List.of(), missing, "never injected");
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void aSeedDecidesEverything(String name) {
        for (long seed = 1; seed <= 5; seed++) {
            assertEquals(callsOf(name, seed), callsOf(name, seed), "seed " + seed);
        }
        assertNotEquals(callsOf(name, 1), callsOf(name, 2));
    }

    /** All calls and what they answered, as one number. */
    private static long callsOf(String name, long seed) {
        Scenario scenario = Simulation.SCENARIOS.get(name).apply(seed);
        scenario.run();
        return scenario.kernel.fingerprint;
    }
}
