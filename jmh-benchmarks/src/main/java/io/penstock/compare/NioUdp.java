package io.penstock.compare;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/**
 * Datagrams over a {@link DatagramChannel}, one at a time, which is all it offers:
 * {@code NioUdp send SIZE PORT}, {@code receive SIZE PORT} or {@code echo [busy] PORT}. A sender is
 * connected, and a receiver that answers nobody reads through {@code receive} all the same: it has
 * no other way.
 */
final class NioUdp {
    private NioUdp() {
    }

    public static void main(String[] args) throws Exception {
        Marks marks = new Marks();
        int port = Integer.parseInt(args[args.length - 1]);
        InetSocketAddress at = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        DatagramChannel channel = DatagramChannel.open();
        if (args[0].equals("send")) {
            channel.connect(at);
            int size = Integer.parseInt(args[1]);
            marks.serve(marks.start(() -> send(marks, channel, size)), 0);
            return;
        }
        channel.setOption(StandardSocketOptions.SO_RCVBUF, PenstockUdp.RECEIVE_BUFFER_BYTES);
        channel.bind(at);
        channel.configureBlocking(false);
        boolean answers = args[0].equals("echo");
        marks.serve(marks.start(() -> receive(marks, channel, answers, args[1].equals("busy"))),
                ((InetSocketAddress) channel.getLocalAddress()).getPort());
    }

    private static void send(Marks marks, DatagramChannel channel, int size) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(size);
        while (true) {
            buffer.clear();
            channel.write(buffer);
            marks.count();
        }
    }

    private static void receive(Marks marks, DatagramChannel channel, boolean answers,
            boolean busy) throws IOException {
        Selector selector = Selector.open();
        channel.register(selector, SelectionKey.OP_READ);
        ByteBuffer buffer = ByteBuffer.allocateDirect(PenstockUdp.SLOT_BYTES);
        while (true) {
            if (!busy) {
                selector.select(key -> { });
            }
            SocketAddress sender;
            while ((sender = channel.receive(buffer.clear())) != null) {
                marks.count();
                if (answers) {
                    channel.send(buffer.flip(), sender);
                }
            }
        }
    }
}
