package io.penstock.pipes;

import io.penstock.benchmarks.Measured;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Linux;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Bytes into a pipe and out of it again, by one thread and no loop; and from one pipe to another,
 * which nothing of the JDK or of Netty does without looking at them.
 */
public class PipeBenchmark extends Measured {
    /** How many. */
    @Param({"64", "65536"})
    public int bytes;

    private final PipeStream source = new PipeStream();
    private final PipeStream sink = new PipeStream();
    private final PipeStream secondSource = new PipeStream();
    private final PipeStream secondSink = new PipeStream();
    private NativeBuffer buffer;
    private Pipe nio;
    private ByteBuffer nioBuffer;

    /**
     * Opens them.
     *
     * @throws IOException if there is no descriptor
     */
    @Setup
    public void open() throws IOException {
        require(PipeStream.open(source, sink));
        require(PipeStream.open(secondSource, secondSink));
        buffer = NativeBuffer.allocate(bytes);
        nio = Pipe.open();
        nio.source().configureBlocking(false);
        nio.sink().configureBlocking(false);
        nioBuffer = ByteBuffer.allocateDirect(bytes);
    }

    /**
     * Closes them.
     *
     * @throws IOException never
     */
    @TearDown
    public void close() throws IOException {
        source.close();
        sink.close();
        secondSource.close();
        secondSink.close();
        nio.source().close();
        nio.sink().close();
    }

    /**
     * A write and a read.
     *
     * @return how many bytes came
     */
    @Benchmark
    public int penstock() {
        require(sink.write(buffer, 0, bytes));
        return require(source.read(buffer, 0, bytes));
    }

    /**
     * The same by NIO.
     *
     * @return how many bytes came
     * @throws IOException never
     */
    @Benchmark
    public int nio() throws IOException {
        nio.sink().write(nioBuffer.clear());
        return nio.source().read(nioBuffer.clear());
    }

    /**
     * A write, a splice to a second pipe, and a read from there.
     *
     * @return how many bytes came
     */
    @Benchmark
    public int penstockSplice() {
        require(sink.write(buffer, 0, bytes));
        require((int) source.splice(secondSink, bytes, Linux.SPLICE_F_NONBLOCK));
        return require(secondSource.read(buffer, 0, bytes));
    }

    /**
     * The same by two reads and writes.
     *
     * @return how many bytes came
     */
    @Benchmark
    public int penstockCopy() {
        require(sink.write(buffer, 0, bytes));
        require(source.read(buffer, 0, bytes));
        require(secondSink.write(buffer, 0, bytes));
        return require(secondSource.read(buffer, 0, bytes));
    }

    /**
     * The same by NIO.
     *
     * @return how many bytes came
     * @throws IOException never
     */
    @Benchmark
    public int nioCopy() throws IOException {
        nio();
        return nio();
    }
}
