package io.penstock.core.net;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.function.Consumer;

/** Both ends as channels of NIO, on one selector. */
final class NioPair implements EchoPair {
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(MESSAGE_BYTES);
    private final Selector selector = Selector.open();
    private final SocketChannel client;
    private final SocketChannel server;
    private final Consumer<SelectionKey> onKey = this::ready;
    private int left;

    NioPair(StandardProtocolFamily family, SocketAddress address) throws IOException {
        try (ServerSocketChannel listener = ServerSocketChannel.open(family)) {
            listener.bind(address, 1);
            client = SocketChannel.open(listener.getLocalAddress());
            server = listener.accept();
        }
        for (SocketChannel end : new SocketChannel[] {client, server}) {
            if (family != StandardProtocolFamily.UNIX) {
                end.setOption(StandardSocketOptions.TCP_NODELAY, true);
            }
            end.configureBlocking(false);
            end.register(selector, SelectionKey.OP_READ, end == server);
        }
    }

    @Override
    public void roundTrips(int count) throws IOException {
        left = count;
        client.write(buffer.clear());
        while (left > 0) {
            selector.select(onKey);
        }
    }

    private void ready(SelectionKey key) {
        try {
            SocketChannel end = (SocketChannel) key.channel();
            end.read(buffer.clear());
            if ((Boolean) key.attachment() || --left > 0) {
                end.write(buffer.flip());
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws IOException {
        client.close();
        server.close();
        selector.close();
    }
}
