package io.penstock.simulation;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongFunction;

/**
 * Runs scenarios by seed: {@code Simulation SCENARIO|all FIRST_SEED COUNT}. A seed that fails is
 * printed, with the command that makes it fail again; one seed alone is run with a line for each
 * system call.
 */
public final class Simulation {
    /** What there is to run, by name. */
    static final Map<String, LongFunction<Scenario>> SCENARIOS = new TreeMap<>(Map.of(
            "echoes", Echoes::new,
            "datagrams", Datagrams::new,
            "frames", Frames::new,
            "lookups", Lookups::new));

    private static final int MOST_TOLD = 20;

    private final long[] occasions = new long[Fault.values().length];
    private final long[] injected = new long[Fault.values().length];

    /**
     * The program.
     *
     * @param args the scenario or {@code all}, the first seed, how many
     */
    public static void main(String[] args) {
        if (args.length != 3 || !args[0].equals("all") && !SCENARIOS.containsKey(args[0])) {
            System.err.println("usage: simulation/run all|" + String.join("|", SCENARIOS.keySet())
                    + " FIRST_SEED COUNT");
            System.exit(2);
        }
        long first = Long.parseLong(args[1]);
        long count = Long.parseLong(args[2]);
        Simulation simulation = new Simulation();
        int failed = 0;
        for (String name : SCENARIOS.keySet()) {
            if (args[0].equals("all") || args[0].equals(name)) {
                failed += simulation.run(name, first, count);
            }
        }
        System.out.print(simulation.table());
        System.exit(failed == 0 ? 0 : 1);
    }

    /** How many seeds failed. */
    int run(String name, long first, long count) {
        int failed = 0;
        long entered = 0;
        long virtualNs = 0;
        long began = System.nanoTime();
        for (long seed = first; seed < first + count; seed++) {
            Scenario scenario = SCENARIOS.get(name).apply(seed);
            scenario.kernel.trace = count == 1 ? System.out : null;
            try {
                scenario.run();
            } catch (AssertionError | RuntimeException e) {
                failed++;
                if (failed <= MOST_TOLD) {
                    System.out.printf("%s, seed %d: %s%n  again: simulation/run %s %d 1%n",
                            name, seed, e, name, seed);
                }
                if (failed == 1) {
                    e.printStackTrace(System.out);
                }
            }
            entered += scenario.kernel.entered;
            virtualNs += scenario.world.nanoTime();
            for (int i = 0; i < injected.length; i++) {
                occasions[i] += scenario.faults.occasions[i];
                injected[i] += scenario.faults.injected[i];
            }
        }
        System.out.printf("%s: %,d seeds from %d, %d failed; %,d system calls, %,d hours of virtual"
                + " time, in %.1f s%n", name, count, first, failed, entered,
                virtualNs / 3_600_000_000_000L, (System.nanoTime() - began) / 1e9);
        return failed;
    }

    /** How often a fault was injected. */
    long injected(Fault fault) {
        return injected[fault.ordinal()];
    }

    /** What was tried, and how often. */
    String table() {
        StringBuilder table = new StringBuilder(String.format("%-34s %15s %12s%n", "fault",
                "occasions", "injected"));
        for (Fault fault : Fault.values()) {
            int i = fault.ordinal();
            table.append(String.format("%-34s %,15d %,12d%n", fault.text, occasions[i],
                    injected[i]));
        }
        return table.toString();
    }
}
