package io.penstock.simulation;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Random;
import org.agrona.concurrent.NanoClock;

/**
 * Virtual time, what is to happen in it, and chance: all that is not decided by the programs that
 * run in this world is decided by its seed.
 */
final class World implements NanoClock {
    private record Happening(long timeNs, long number, Runnable what) {
    }

    private final PriorityQueue<Happening> future = new PriorityQueue<>(
            Comparator.comparingLong(Happening::timeNs).thenComparingLong(Happening::number));
    final Random random;
    private long nowNs = 1_000_000_000L;
    private long number;
    private long wallNs = 1_700_000_000_000_000_000L; // at time 0

    World(long seed) {
        random = new Random(mixed(seed));
    }

    /** Of seeds that follow one another, Random's first numbers are nearly the same. */
    private static long mixed(long seed) {
        long h = (seed ^ seed >>> 30) * 0xbf58_476d_1ce4_e5b9L;
        return (h ^ h >>> 27) * 0x94d0_49bb_1331_11ebL;
    }

    @Override
    public long nanoTime() {
        return nowNs;
    }

    /** What time people think it is. */
    long wallNs() {
        return nowNs + wallNs;
    }

    /** Somebody sets it, forward or back. */
    void setWallClock() {
        wallNs += (random.nextInt(7_200) - 3_600) * 1_000_000_000L;
    }

    /** Has something happen later; what is due at one time happens in the order of asking. */
    void after(long delayNs, Runnable what) {
        future.add(new Happening(nowNs + delayNs, number++, what));
    }

    /** When the next thing happens, or {@link Long#MAX_VALUE}. */
    long nextNs() {
        return future.isEmpty() ? Long.MAX_VALUE : future.peek().timeNs;
    }

    /** Lets time go on to then, and everything happen that is due. */
    void advanceTo(long timeNs) {
        nowNs = Math.max(nowNs, timeNs);
        while (!future.isEmpty() && future.peek().timeNs <= nowNs) {
            future.poll().what.run();
        }
    }

    /** True one time in {@code n}; never if that is 0. */
    boolean oneIn(int n) {
        return n > 0 && random.nextInt(n) == 0;
    }

    /** From 1 to {@code n}. */
    int upTo(int n) {
        return 1 + random.nextInt(n);
    }
}
