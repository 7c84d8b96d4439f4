package io.penstock.core.metrics;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.penstock.benchmarks.Measured;
import java.nio.ByteBuffer;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.AtomicCounter;
import org.agrona.concurrent.status.CountersManager;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;

/**
 * Counting one, by the thread that owns the counter: what one of {@link Owners#TIMES} in a row
 * takes, since JMH's own loop costs as much. The target is twice as fast as a LongAdder that
 * nobody contends for, five times as fast as Micrometer's counter, and 0 B.
 */
public class IncrementBenchmark extends Measured {
    private static final int AGRONA_COUNTERS = 4;

    private final Owners.ByHandle handle = new Owners.ByHandle();
    private final Owners.ByAdder adder = new Owners.ByAdder();
    private final Owners.ByMeter simple = new Owners.ByMeter(new SimpleMeterRegistry());
    private final Owners.ByMeter prometheus = new Owners.ByMeter(
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
    private final Owners.ByMeter composite = new Owners.ByMeter(
            new CompositeMeterRegistry(Clock.SYSTEM, List.of(new SimpleMeterRegistry())));
    private final AtomicCounter agrona = new CountersManager(
            new UnsafeBuffer(ByteBuffer.allocateDirect(
                    AGRONA_COUNTERS * CountersManager.METADATA_LENGTH)),
            new UnsafeBuffer(ByteBuffer.allocateDirect(
                    AGRONA_COUNTERS * CountersManager.COUNTER_LENGTH)))
            .newCounter("writes");

    /** A word of a handle. */
    @Benchmark
    @OperationsPerInvocation(Owners.TIMES)
    public void penstock() {
        handle.one();
    }

    /** The JDK's. */
    @Benchmark
    @OperationsPerInvocation(Owners.TIMES)
    public void longAdder() {
        adder.one();
    }

    /** Micrometer's, of its plainest registry. */
    @Benchmark
    @OperationsPerInvocation(Owners.TIMES)
    public void micrometer() {
        simple.one();
    }

    /** Micrometer's, for Prometheus. */
    @Benchmark
    @OperationsPerInvocation(Owners.TIMES)
    public void micrometerPrometheus() {
        prometheus.one();
    }

    /** Micrometer's, as most applications have it. */
    @Benchmark
    @OperationsPerInvocation(Owners.TIMES)
    public void micrometerComposite() {
        composite.one();
    }

    /** Agrona's, for a single writer. */
    @Benchmark
    @OperationsPerInvocation(Owners.TIMES)
    public void agrona() {
        for (int i = 0; i < Owners.TIMES; i++) {
            agrona.incrementRelease();
        }
    }

    /** What a stream counts of a message: three words. */
    @Benchmark
    @OperationsPerInvocation(Owners.TIMES)
    public void penstockThree() {
        handle.three();
    }

    /** The same with the JDK's. */
    @Benchmark
    @OperationsPerInvocation(Owners.TIMES)
    public void longAdderThree() {
        adder.three();
    }

    /** The same with Micrometer's. */
    @Benchmark
    @OperationsPerInvocation(Owners.TIMES)
    public void micrometerThree() {
        simple.three();
    }
}
