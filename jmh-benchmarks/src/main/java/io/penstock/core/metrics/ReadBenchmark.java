package io.penstock.core.metrics;

import io.penstock.benchmarks.Measured;
import io.penstock.core.buffer.NativeBuffer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** Reading 10,000 live blocks of a file; the target is twice the time of copying their bytes. */
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ReadBenchmark extends Measured {
    private static final int BLOCKS = 10_000;

    private final MetricsRegion region = new MetricsRegion(BLOCKS + 1);
    private final MetricsReader reader = new MetricsReader();
    private final NativeBuffer copy =
            NativeBuffer.allocate(BLOCKS * MetricsRegion.DEFAULT_BLOCK_BYTES);
    private final long[] totals = new long[StreamMetrics.TYPE.fields()];
    private final Sum sum = new Sum();
    private Path file;
    private int type;

    /** Adds up one word of every block. */
    private static final class Sum implements BlockVisitor {
        private long value;

        @Override
        public void onBegin() {
            value = 0;
        }

        @Override
        public void onBlock(MetricsReader reader, int state) {
            value += reader.value(0);
        }
    }

    /** Fills a region, and opens its file. */
    @Setup
    public void open() {
        file = Path.of("/dev/shm/penstock-" + ProcessHandle.current().pid() + ".metrics");
        type = region.register(StreamMetrics.TYPE);
        require(region.open(file.toString()));
        int aggregate = region.claimAggregate(type, "all");
        for (int i = 0; i < BLOCKS; i++) {
            require(region.claim(type, "socket", aggregate));
        }
        require(reader.open(file.toString()));
    }

    /** Removes it. */
    @TearDown
    public void close() throws IOException {
        reader.close();
        region.close();
        Files.delete(file);
    }

    /** A copy of their bytes, and nothing else. */
    @Benchmark
    public NativeBuffer copyBytes() {
        int begin = region.buffer().capacity() - copy.capacity();
        copy.putBytes(0, region.buffer(), begin, copy.capacity());
        return copy;
    }

    /**
     * All of them in one pass.
     *
     * @return a sum
     */
    @Benchmark
    public long penstockWalk() {
        require(reader.walk(sum));
        return sum.value;
    }

    /**
     * Their totals.
     *
     * @return one of them
     */
    @Benchmark
    public long penstockTotal() {
        require(reader.total(type, MetricsRegion.NO_AGGREGATE, totals));
        return totals[0];
    }

    /**
     * Each by itself, with a look at the file's size each time.
     *
     * @return a sum
     */
    @Benchmark
    public long penstockReadEach() {
        long value = 0;
        for (int block = 0; block < reader.blocks(); block++) {
            require(reader.read(block));
            value += reader.value(0);
        }
        return value;
    }
}
