package io.penstock.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.infra.Blackhole;

/** What the smoke run itself is tried with. */
public class SmokeBenchmark extends Measured {
    /** As slow as the slowest of what is declared to allocate nothing. */
    private static final int SLOW = 200_000;

    /** What the profiler sees of this is its noise. */
    @Benchmark
    public void penstockNothing() {
    }

    /**
     * Allocates the least that can be allocated.
     *
     * @return what it allocated
     */
    @Benchmark
    public Object penstockAllocates() {
        return new Object();
    }

    /**
     * Allocates little, seldom.
     *
     * @return what it allocated
     */
    @Benchmark
    public Object penstockAllocatesSlowly() {
        Blackhole.consumeCPU(SLOW);
        return new long[SLOW / 1000];
    }

    /** Does not work. */
    @Benchmark
    public void penstockThrows() {
        throw new IllegalStateException("on purpose");
    }

    /** A peer that this machine does not have. */
    @Benchmark
    public void absent() {
        throw new AbsentException("nothing", null);
    }

    /** Ours is never absent. */
    @Benchmark
    public void penstockAbsent() {
        absent();
    }
}
