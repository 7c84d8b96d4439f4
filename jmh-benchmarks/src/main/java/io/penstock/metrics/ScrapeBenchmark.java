package io.penstock.metrics;

import io.penstock.benchmarks.Measured;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.metrics.MetricsRegion;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.metrics.prometheus.PrometheusMetrics;
import io.penstock.metrics.scrape.MetricsSource;
import io.penstock.metrics.scrape.Scrape;
import io.penstock.metrics.text.MetricsText;
import io.penstock.metrics.text.TextFormat;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** A scrape of 10,000 live streams: their sum alone, and each of them with its 16 values. */
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ScrapeBenchmark extends Measured {
    private static final int BLOCKS = 10_000;

    /** Whether handles are exported one by one. */
    @Param({"false", "true"})
    public boolean handles;

    private final MetricsRegion region = new MetricsRegion(BLOCKS + 1);
    private final NativeBuffer buffer = NativeBuffer.allocate(32 << 20);
    private Scrape scrape;
    private MetricsText text;
    private PrometheusMetrics prometheus;

    /** Fills a region. */
    @Setup
    public void open() {
        int type = region.register(StreamMetrics.TYPE);
        int aggregate = region.claimAggregate(type, "all");
        for (int i = 0; i < BLOCKS; i++) {
            int block = region.claim(type, "socket", aggregate);
            region.buffer().putLong(region.countersOffset(block), i * 1_000_003L);
        }
        MetricsSource source = MetricsSource.of(region);
        source = handles ? source.allHandles() : source;
        scrape = new Scrape(source);
        text = new MetricsText(source, TextFormat.PROMETHEUS);
        prometheus = new PrometheusMetrics(source);
    }

    /**
     * The reading that all back ends share.
     *
     * @return how many are live
     */
    @Benchmark
    public int penstockScrape() {
        return scrape.take();
    }

    /**
     * As text, of about 17 MB with handles.
     *
     * @return how many bytes
     */
    @Benchmark
    public int penstockText() {
        return text.write(buffer, 0, buffer.capacity());
    }

    /**
     * As the snapshots of Prometheus's client, which then writes them.
     *
     * @return the snapshots
     */
    @Benchmark
    public MetricSnapshots prometheus() {
        return prometheus.collect();
    }
}
