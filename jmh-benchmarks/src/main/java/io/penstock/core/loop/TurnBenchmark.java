package io.penstock.core.loop;

import io.penstock.benchmarks.Measured;
import java.io.IOException;
import java.nio.channels.Selector;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A turn that does not wait and finds nothing to do: a system call, and the loop's own account of
 * its time. Netty's loops cannot be asked for one turn.
 */
public class TurnBenchmark extends Measured {
    private final EventLoop loop = new EventLoop(new LoopConfig());
    private Selector selector;

    /**
     * Opens both.
     *
     * @throws IOException if there is no descriptor
     */
    @Setup
    public void open() throws IOException {
        require(loop.open());
        selector = Selector.open();
    }

    /**
     * Closes both.
     *
     * @throws IOException never
     */
    @TearDown
    public void close() throws IOException {
        loop.close();
        selector.close();
    }

    /**
     * A turn of the loop.
     *
     * @return 0
     */
    @Benchmark
    public int penstock() {
        return loop.runOnce(0);
    }

    /**
     * A look of NIO's.
     *
     * @return 0
     * @throws IOException never
     */
    @Benchmark
    public int nio() throws IOException {
        return selector.selectNow();
    }
}
