package io.penstock.core.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.benchmarks.Measured;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.CountersManager;
import org.openjdk.jmh.annotations.Benchmark;

/**
 * The counters of a connection come and go: a block of all that a stream counts, and of the peers
 * a single counter.
 */
public class ClaimBenchmark extends Measured {
    private static final int COUNTERS = 64;

    private final MetricsRegion region = new MetricsRegion(COUNTERS);
    private final int type = region.register(StreamMetrics.TYPE);
    private final int aggregate = region.claimAggregate(type, "all");
    private final CountersManager agrona = new CountersManager(
            new UnsafeBuffer(ByteBuffer.allocateDirect(
                    COUNTERS * CountersManager.METADATA_LENGTH)),
            new UnsafeBuffer(ByteBuffer.allocateDirect(
                    COUNTERS * CountersManager.COUNTER_LENGTH)));
    private final SimpleMeterRegistry micrometer = new SimpleMeterRegistry();

    /**
     * A block, added up when it is closed.
     *
     * @return a code
     */
    @Benchmark
    public int penstock() {
        return require(region.close(require(region.claim(type, "stream", aggregate))));
    }

    /** A counter of Agrona's. */
    @Benchmark
    public void agrona() {
        agrona.free(agrona.allocate("stream"));
    }

    /**
     * A meter of Micrometer's.
     *
     * @return it
     */
    @Benchmark
    public Object micrometer() {
        Counter counter = micrometer.counter("writes", "stream", "1");
        return micrometer.remove(counter);
    }
}
