package io.penstock.compare;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.File;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;

/**
 * A TLS echo server over NIO and the JDK's SSLEngine: {@code NioTlsEcho PORT blocking|busy
 * CERTIFICATE KEY}. For short messages: it waits for room where a socket is full. Netty only reads
 * the PEM files.
 */
final class NioTlsEcho extends NioServer {
    private static final int BUFFER_BYTES = 32 << 10;

    private final ByteBuffer plain = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private final SslContext tls;

    private record Connection(SSLEngine engine, ByteBuffer in) {
    }

    private NioTlsEcho(String[] args) throws IOException {
        super(args[0]);
        tls = SslContextBuilder.forServer(new File(args[2]), new File(args[3]))
                .sslProvider(SslProvider.JDK).protocols("TLSv1.3").build();
    }

    public static void main(String[] args) throws IOException {
        new NioTlsEcho(args).serve(args[1].equals("busy"));
    }

    @Override
    void handle(SelectionKey key) {
        try {
            if (key.isAcceptable()) {
                accept();
            } else if (!echo((SocketChannel) key.channel(), (Connection) key.attachment())) {
                key.channel().close();
            }
        } catch (IOException e) {
            key.cancel();
        }
    }

    private void accept() throws IOException {
        SocketChannel channel = listener.accept();
        if (channel != null) {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            SSLEngine engine = tls.newEngine(UnpooledByteBufAllocator.DEFAULT);
            engine.setUseClientMode(false);
            engine.beginHandshake();
            channel.register(selector, SelectionKey.OP_READ,
                    new Connection(engine, ByteBuffer.allocateDirect(BUFFER_BYTES)));
        }
    }

    /** Takes what there is; false once the peer has ended. */
    private boolean echo(SocketChannel channel, Connection connection) throws IOException {
        ByteBuffer in = connection.in;
        if (channel.read(in) < 0) {
            return false;
        }
        in.flip();
        SSLEngineResult result;
        do {
            plain.clear();
            result = connection.engine.unwrap(in, plain);
            if (plain.flip().hasRemaining()) {
                marks.count();
                send(channel, connection.engine);
            }
            shake(channel, connection.engine);
        } while (result.getStatus() == Status.OK && (in.hasRemaining()
                || result.getHandshakeStatus() == HandshakeStatus.NEED_TASK));
        in.compact();
        return result.getStatus() != Status.CLOSED;
    }

    private void shake(SocketChannel channel, SSLEngine engine) throws IOException {
        while (true) {
            switch (engine.getHandshakeStatus()) {
                case NEED_TASK -> engine.getDelegatedTask().run();
                case NEED_WRAP -> {
                    plain.clear().limit(0);
                    send(channel, engine);
                }
                default -> {
                    return;
                }
            }
        }
    }

    /** What is plain, or what the handshake has to say. */
    private void send(SocketChannel channel, SSLEngine engine) throws IOException {
        do {
            engine.wrap(plain, out.clear());
            out.flip();
            while (out.hasRemaining()) {
                channel.write(out);
            }
        } while (plain.hasRemaining());
    }
}
