package io.penstock.compare;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.function.Consumer;

/**
 * A TCP echo server over NIO: {@code NioEcho PORT [busy]}. One selector, one direct buffer, and
 * a copy of what a short write leaves over.
 */
final class NioEcho {
    private static final int BUFFER_BYTES = 64 << 10;
    private static final int BACKLOG = 4096;

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private final Consumer<SelectionKey> onKey = this::handle; // made once: no garbage a turn
    private final Marks marks;
    private final Selector selector;
    private final ServerSocketChannel listener;

    private NioEcho(Marks marks, int port) throws IOException {
        this.marks = marks;
        selector = Selector.open();
        listener = ServerSocketChannel.open();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
        listener.configureBlocking(false);
        listener.register(selector, SelectionKey.OP_ACCEPT);
    }

    public static void main(String[] args) throws IOException {
        boolean busy = args.length == 2 && args[1].equals("busy");
        Marks marks = new Marks();
        NioEcho echo = new NioEcho(marks, Integer.parseInt(args[0]));
        Thread loop = marks.start(() -> echo.run(busy));
        marks.serve(loop, echo.listener.socket().getLocalPort());
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

    private void handle(SelectionKey key) {
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
