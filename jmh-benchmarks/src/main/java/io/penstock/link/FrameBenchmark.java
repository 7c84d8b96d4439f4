package io.penstock.link;

import io.penstock.benchmarks.Measured;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.Stream;
import io.penstock.pipes.PipeStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A frame, with its length and checksum, through a pipe of no loop. The peer is what a program
 * over NIO would write: no search for the next frame after a damaged one, which Penstock has.
 */
public class FrameBenchmark extends Measured {
    private static final int HEADER_BYTES = 2 * Integer.BYTES;

    /** How many bytes. */
    @Param({"64", "16384"})
    public int bytes;

    private final PipeStream source = new PipeStream();
    private final PipeStream sink = new PipeStream();
    private final CRC32C checksum = new CRC32C();
    private FrameWriter writer;
    private FrameReader reader;
    private NativeBuffer message;
    private NativeBuffer read;
    private Pipe nio;
    private ByteBuffer payload;
    private ByteBuffer frame;

    /** Takes what arrives, all of which is expected to be whole. */
    private static final class Whole implements FrameHandler {
        @Override
        public void onFrame(Stream stream, DirectBuffer buffer, int offset, int length) {
        }

        @Override
        public void onBadFrame(Stream stream, int code, long skippedBytes) {
            throw new IllegalStateException("damaged");
        }
    }

    /**
     * Opens both.
     *
     * @throws IOException if there is no descriptor
     */
    @Setup
    public void open() throws IOException {
        require(PipeStream.open(source, sink));
        require(source.resume());
        writer = new FrameWriter(bytes);
        message = NativeBuffer.allocate(bytes);
        read = NativeBuffer.allocate(bytes + Frame.HEADER_BYTES);
        reader = new FrameReader(new Whole(), bytes, read.capacity());
        nio = Pipe.open();
        payload = ByteBuffer.allocateDirect(bytes);
        frame = ByteBuffer.allocateDirect(HEADER_BYTES + bytes);
    }

    /**
     * Closes both.
     *
     * @throws IOException never
     */
    @TearDown
    public void close() throws IOException {
        source.close();
        sink.close();
        nio.source().close();
        nio.sink().close();
    }

    /** Penstock's writer and reader. */
    @Benchmark
    public void penstock() {
        require(writer.write(sink, message, 0, bytes));
        int n = require(source.read(read, 0, read.capacity()));
        if (reader.data(source, read, 0, n) != 1) {
            throw new IllegalStateException("lost");
        }
    }

    /**
     * A checksum of the JDK's over NIO.
     *
     * @throws IOException never
     */
    @Benchmark
    public void nio() throws IOException {
        frame.clear().putInt(bytes).putInt(checksum(payload.clear())).put(payload.clear());
        nio.sink().write(frame.flip());
        nio.source().read(frame.clear());
        frame.flip();
        if (frame.getInt() != bytes || frame.getInt() != checksum(frame)) {
            throw new IllegalStateException("damaged");
        }
    }

    private int checksum(ByteBuffer buffer) {
        checksum.reset();
        checksum.update(buffer);
        return (int) checksum.getValue();
    }
}
