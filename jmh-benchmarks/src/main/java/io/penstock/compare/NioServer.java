package io.penstock.compare;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.util.function.Consumer;

/** A TCP server over NIO: one selector, in one thread. */
abstract class NioServer {
    private static final int BACKLOG = 4096;

    final Marks marks = new Marks();
    final Selector selector = Selector.open();
    final ServerSocketChannel listener = ServerSocketChannel.open();
    private final Consumer<SelectionKey> onKey = this::handle; // made once: no garbage a turn

    NioServer(String port) throws IOException {
        listener.bind(new InetSocketAddress(
                InetAddress.getLoopbackAddress(), Integer.parseInt(port)), BACKLOG);
        listener.configureBlocking(false);
        listener.register(selector, SelectionKey.OP_ACCEPT);
    }

    /** The listener, or a connection, is ready. */
    abstract void handle(SelectionKey key);

    final void serve(boolean busy) throws IOException {
        Thread loop = marks.start(() -> run(busy));
        marks.serve(loop, listener.socket().getLocalPort());
    }

    private void run(boolean busy) throws IOException {
        while (true) {
            if (busy) {
                selector.selectNow(onKey);
            } else {
                selector.select(onKey);
            }
        }
    }
}
