package io.penstock.core.net;

import io.penstock.benchmarks.Measured;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A connection is made, accepted, and closed by both ends, in one thread. Over Unix sockets, since
 * a machine soon has no TCP port left that did not just have a connection.
 */
public class AcceptBenchmark extends Measured {
    private final EventLoop loop = new EventLoop(new LoopConfig());
    private final Ends ends = new Ends();
    private final Listener listener = new Listener(loop, ends, 2);
    private final SocketStream client = new SocketStream(loop, ends);
    private final Endpoint at = new Endpoint();
    private final Consumer<SelectionKey> onKey = this::ready;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(64);
    private Path folder;
    private Selector selector;
    private ServerSocketChannel nioListener;
    private UnixDomainSocketAddress nioAt;
    private int closed;

    /**
     * Listens.
     *
     * @throws IOException if there is no descriptor
     */
    @Setup
    public void open() throws IOException {
        folder = Files.createTempDirectory("penstock");
        require(loop.open());
        require(at.parse("unix:" + folder.resolve("penstock")));
        require(listener.listen(at, 1));
        nioAt = UnixDomainSocketAddress.of(folder.resolve("nio"));
        selector = Selector.open();
        nioListener = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(nioAt, 1);
        nioListener.configureBlocking(false);
        nioListener.register(selector, SelectionKey.OP_ACCEPT);
    }

    /**
     * Closes all.
     *
     * @throws IOException never
     */
    @TearDown
    public void close() throws IOException {
        loop.close();
        nioListener.close();
        selector.close();
        Files.deleteIfExists(folder.resolve("penstock"));
        Files.deleteIfExists(folder.resolve("nio"));
        Files.delete(folder);
    }

    /** Penstock, from its pool of connections. */
    @Benchmark
    public void penstock() {
        closed = 0;
        require(client.connect(at));
        while (closed < 2) {
            require(loop.runOnce(EventLoop.NO_LIMIT));
        }
    }

    /**
     * NIO.
     *
     * @throws IOException never
     */
    @Benchmark
    public void nio() throws IOException {
        closed = 0;
        SocketChannel connected = SocketChannel.open(StandardProtocolFamily.UNIX);
        connected.configureBlocking(false);
        connected.connect(nioAt);
        connected.close();
        while (closed == 0) {
            selector.select(onKey);
        }
    }

    private void ready(SelectionKey key) {
        try {
            if (key.isAcceptable()) {
                SocketChannel accepted = nioListener.accept();
                accepted.configureBlocking(false);
                accepted.register(selector, SelectionKey.OP_READ);
            } else if (((SocketChannel) key.channel()).read(buffer.clear()) < 0) {
                key.channel().close();
                closed++;
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Both ends: the client closes when it is connected, the other when it sees the end. */
    private final class Ends implements StreamHandler {
        @Override
        public void onOpen(Stream stream) {
            if (stream == client) {
                stream.close();
            } else {
                stream.resume();
            }
        }

        @Override
        public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
        }

        @Override
        public void onWritable(Stream stream) {
        }

        @Override
        public void onEnd(Stream stream) {
            stream.close();
        }

        @Override
        public void onClose(Stream stream, int result) {
            closed++;
        }
    }
}
