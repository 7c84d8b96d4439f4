package io.penstock.simulation;

import java.util.Arrays;

/**
 * Decides by the seed which faults the kernel, the network and the peers have, and counts them.
 *
 * <p>A {@code calm} world only delays, loses datagrams, stops the clock and cuts transfers short;
 * every invariant must hold there. In any other world calls fail and connections break; nothing may
 * leak there, and every handler must be told.
 */
final class Faults {
    private static final int KINDS = Fault.values().length;
    private static final int CALLS = 512;
    private static final Fault[] NONE = {};
    private static final double SHORTEST_NS = 1e5;
    private static final double LONGEST_DECADES = 7.6; // an hour

    private final World world;
    private final int[] rates = new int[KINDS]; // one time in so many; 0 is never
    private final Fault[][] ofCalls = new Fault[CALLS][];
    final long[] occasions = new long[KINDS]; // those on which it might have happened
    final long[] injected = new long[KINDS];
    final long latencyNs;

    Faults(World world, boolean isCalm) {
        this.world = world;
        latencyNs = 1 + world.random.nextInt(20_000_000);
        Arrays.fill(ofCalls, NONE);
        for (Fault fault : Fault.values()) {
            int rate = fault.often == 1 ? 1 : rate(fault.often);
            rates[fault.ordinal()] = isCalm && !fault.isCalm ? 0 : rate;
            for (int call : fault.calls) {
                if (rates[fault.ordinal()] > 0) {
                    int n = ofCalls[call].length;
                    ofCalls[call] = Arrays.copyOf(ofCalls[call], n + 1);
                    ofCalls[call][n] = fault;
                }
            }
        }
    }

    /** Never, or one time in {@code often} to ten times that many. */
    private int rate(int often) {
        return world.random.nextInt(3) == 0 ? 0 : often * world.upTo(10);
    }

    /** Whether it does, this time. */
    boolean happens(Fault fault) {
        int rate = rates[fault.ordinal()];
        if (rate == 0) {
            return false;
        }
        occasions[fault.ordinal()]++;
        if (rate > 1 && world.random.nextInt(rate) != 0) {
            return false;
        }
        injected[fault.ordinal()]++;
        return true;
    }

    /** What did happen by itself is counted with the rest. */
    void happened(Fault fault) {
        occasions[fault.ordinal()]++;
        injected[fault.ordinal()]++;
    }

    boolean has(Fault fault) {
        return injected[fault.ordinal()] > 0;
    }

    /** What a call fails with, or null. */
    Fault of(int number) {
        for (Fault fault : ofCalls[number]) {
            if (happens(fault)) {
                return fault;
            }
        }
        return null;
    }

    /** As many of {@code n} as are moved this time. */
    int some(int n) {
        return n > 1 && happens(Fault.SHORT_TRANSFER) ? world.upTo(n) : n;
    }

    long delayNs() {
        return 1 + (long) (world.random.nextDouble() * latencyNs);
    }

    /** From a tenth of a millisecond to an hour, short ones as often as long ones. */
    long longNs() {
        return (long) (SHORTEST_NS * Math.pow(10, world.random.nextDouble() * LONGEST_DECADES));
    }
}
