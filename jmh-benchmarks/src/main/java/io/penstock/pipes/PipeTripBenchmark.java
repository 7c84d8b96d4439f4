package io.penstock.pipes;

import io.penstock.benchmarks.Measured;
import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** A message of 64 B through a pipe of a loop: a write, a wait and a read. */
public class PipeTripBenchmark extends Measured {
    private static final int MESSAGE_BYTES = 64;

    private final EventLoop loop = new EventLoop(new LoopConfig());
    private final Ends ends = new Ends();
    private final PipeStream source = new PipeStream(loop, ends);
    private final PipeStream sink = new PipeStream(loop, ends);
    private final NativeBuffer message = NativeBuffer.allocate(MESSAGE_BYTES);
    private final ByteBuffer nioMessage = ByteBuffer.allocateDirect(MESSAGE_BYTES);
    private final Consumer<SelectionKey> onKey = this::read;
    private Pipe pipe;
    private Selector selector;
    private long arrived;

    /**
     * Opens both.
     *
     * @throws IOException if there is no descriptor
     */
    @Setup
    public void open() throws IOException {
        require(loop.open());
        require(PipeStream.open(source, sink));
        require(loop.runOnce(0));
        pipe = Pipe.open();
        selector = Selector.open();
        pipe.source().configureBlocking(false);
        pipe.sink().configureBlocking(false);
        pipe.source().register(selector, SelectionKey.OP_READ);
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
        pipe.source().close();
        pipe.sink().close();
    }

    /**
     * Penstock.
     *
     * @return what has arrived
     */
    @Benchmark
    public long penstock() {
        long before = arrived;
        require(sink.write(message, 0, MESSAGE_BYTES));
        while (arrived == before) {
            require(loop.runOnce(EventLoop.NO_LIMIT));
        }
        return arrived;
    }

    /**
     * NIO.
     *
     * @return what has arrived
     * @throws IOException never
     */
    @Benchmark
    public long nio() throws IOException {
        long before = arrived;
        pipe.sink().write(nioMessage.clear());
        while (arrived == before) {
            selector.select(onKey);
        }
        return arrived;
    }

    private void read(SelectionKey key) {
        try {
            arrived += pipe.source().read(nioMessage.clear());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Both ends: only one of them reads. */
    private final class Ends implements StreamHandler {
        @Override
        public void onOpen(Stream stream) {
            if (stream == source) {
                stream.resume();
            }
        }

        @Override
        public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
            arrived += length;
        }

        @Override
        public void onWritable(Stream stream) {
        }

        @Override
        public void onEnd(Stream stream) {
        }

        @Override
        public void onClose(Stream stream, int result) {
            if (result < 0 && result != ReturnCode.CLOSED) {
                throw new IllegalStateException(ReturnCode.describe(result));
            }
        }
    }
}
