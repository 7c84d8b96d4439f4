package io.penstock.compare;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.function.Consumer;

/**
 * Accepts connections over NIO, reads each until its peer is gone, and closes it:
 * {@code NioAccept PORT}. Its messages are connections closed.
 */
final class NioAccept {
    private static final int BACKLOG = 4096;

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(4096);
    private final Consumer<SelectionKey> onKey = this::handle;
    private final Marks marks;
    private final Selector selector;
    private final ServerSocketChannel listener;

    private NioAccept(Marks marks, int port) throws IOException {
        this.marks = marks;
        selector = Selector.open();
        listener = ServerSocketChannel.open();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
        listener.configureBlocking(false);
        listener.register(selector, SelectionKey.OP_ACCEPT);
    }

    public static void main(String[] args) throws IOException {
        Marks marks = new Marks();
        NioAccept server = new NioAccept(marks, Integer.parseInt(args[0]));
        Thread loop = marks.start(server::run);
        marks.serve(loop, server.listener.socket().getLocalPort());
    }

    private void run() throws IOException {
        while (true) {
            selector.select(onKey);
        }
    }

    private void handle(SelectionKey key) {
        try {
            if (key.isAcceptable()) {
                accept();
            } else if (read((SocketChannel) key.channel()) < 0) {
                key.channel().close();
                marks.count();
            }
        } catch (IOException e) {
            throw new AssertionError(e); // a reset is handled in read
        }
    }

    private void accept() throws IOException {
        for (SocketChannel channel; (channel = listener.accept()) != null; ) {
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ);
        }
    }

    /** Bytes, or -1 if the peer has ended or reset the connection. */
    private int read(SocketChannel channel) {
        buffer.clear();
        try {
            return channel.read(buffer);
        } catch (IOException e) {
            return -1;
        }
    }
}
