package io.penstock.compare;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/**
 * A TCP echo server over NIO: {@code NioEcho PORT [busy]}. One selector, one direct buffer, and
 * a copy of what a short write leaves over.
 */
final class NioEcho extends NioServer {
    private static final int BUFFER_BYTES = 64 << 10;

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

    private NioEcho(String port) throws IOException {
        super(port);
    }

    public static void main(String[] args) throws IOException {
        new NioEcho(args[0]).serve(args.length == 2 && args[1].equals("busy"));
    }

    @Override
    void handle(SelectionKey key) {
        try {
            if (key.isAcceptable()) {
                accept();
            } else if (key.isWritable()) {
                drain(key);
            } else {
                echo(key);
            }
        } catch (IOException e) {
            close(key);
        }
    }

    private void accept() throws IOException {
        SocketChannel channel = listener.accept();
        if (channel != null) {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.register(selector, SelectionKey.OP_READ);
        }
    }

    private void echo(SelectionKey key) throws IOException {
        SocketChannel channel = (SocketChannel) key.channel();
        buffer.clear();
        int n = channel.read(buffer);
        if (n < 0) {
            close(key);
        } else if (n > 0) {
            marks.count();
            buffer.flip();
            channel.write(buffer);
            if (buffer.hasRemaining()) {
                key.attach(ByteBuffer.allocateDirect(buffer.remaining()).put(buffer).flip());
                key.interestOps(SelectionKey.OP_WRITE);
            }
        }
    }

    private void drain(SelectionKey key) throws IOException {
        ByteBuffer tail = (ByteBuffer) key.attachment();
        ((SocketChannel) key.channel()).write(tail);
        if (!tail.hasRemaining()) {
            key.attach(null);
            key.interestOps(SelectionKey.OP_READ);
        }
    }

    private static void close(SelectionKey key) {
        try {
            key.channel().close();
        } catch (IOException e) {
            key.cancel(); // there is nothing left to do with it
        }
    }
}
