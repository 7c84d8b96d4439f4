package io.penstock.simulation;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongFunction;

/**
 * Runs scenarios by seed: {@code Simulation SCENARIO|all FIRST_SEED COUNT}. A seed that fails is
 * printed, and makes it fail again.
 */
public final class Simulation {
    /** What there is to run, by name. */
    static final Map<String, LongFunction<Scenario>> SCENARIOS = new TreeMap<>(Map.of(
            "echoes", Echoes::new,
            "datagrams", Datagrams::new,
            "frames", Frames::new));

    private Simulation() {
    }

    /**
     * The program.
     *
     * @param args the scenario or {@code all}, the first seed, how many
     */
    public static void main(String[] args) {
        long first = Long.parseLong(args[1]);
        long count = Long.parseLong(args[2]);
        int failed = 0;
        for (String name : SCENARIOS.keySet()) {
            if (args[0].equals("all") || args[0].equals(name)) {
                failed += run(name, first, count);
            }
        }
        System.exit(failed == 0 ? 0 : 1);
    }

    static int run(String name, long first, long count) {
        int failed = 0;
        long entered = 0;
        long began = System.nanoTime();
        for (long seed = first; seed < first + count; seed++) {
            try {
                Scenario scenario = SCENARIOS.get(name).apply(seed);
                scenario.run();
                entered += scenario.kernel.entered;
            } catch (AssertionError | RuntimeException e) {
                failed++;
                System.out.println(name + " " + seed + ": " + e);
                if (failed == 1) {
                    e.printStackTrace(System.out);
                }
            }
        }
        System.out.printf("%s: %d seeds from %d, %d failed, %d system calls, %.1f s%n", name,
                count, first, failed, entered, (System.nanoTime() - began) / 1e9);
        return failed;
    }
}
