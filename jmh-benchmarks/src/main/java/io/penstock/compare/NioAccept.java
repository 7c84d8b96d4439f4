package io.penstock.compare;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/**
 * Accepts connections over NIO, reads each until its peer is gone, and closes it:
 * {@code NioAccept PORT}. Its messages are connections closed.
 */
final class NioAccept extends NioServer {
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(4096);

    private NioAccept(String port) throws IOException {
        super(port);
    }

    public static void main(String[] args) throws IOException {
        new NioAccept(args[0]).serve(false);
    }

    @Override
    void handle(SelectionKey key) {
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
