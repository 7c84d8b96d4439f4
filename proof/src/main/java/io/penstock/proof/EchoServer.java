package io.penstock.proof;

import io.penstock.core.buffer.BufferPool;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.Listener;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import io.penstock.tls.DtlsAcceptor;
import io.penstock.tls.DtlsConnection;
import io.penstock.tls.DtlsHandler;
import io.penstock.tls.TlsAcceptor;
import io.penstock.tls.TlsConfig;
import io.penstock.tls.TlsContext;
import io.penstock.udp.DatagramBatch;
import io.penstock.udp.UdpSocket;
import org.agrona.DirectBuffer;

/** The echo server of the documentation, over TCP, TLS or DTLS, with its capacities. */
final class EchoServer implements AutoCloseable {
    static final int CONNECTIONS = 10_000;
    static final int SLABS = 1_000;

    final BufferPool pool = new BufferPool(SLABS, 64 << 10);
    final EventLoop loop;
    final Endpoint at = new Endpoint();
    final TlsContext context; // null over TCP
    int closed;

    private final class Streams extends Echo {
        @Override
        public void onOpen(Stream s) {
            s.resume();
        }

        @Override
        public void onClose(Stream s, int result) {
            closed++;
        }
    }

    private final class Datagrams implements DtlsHandler {
        @Override
        public void onOpen(DtlsConnection connection) {
        }

        @Override
        public void onData(DtlsConnection connection, DirectBuffer b, int offset, int length) {
            connection.write(b, offset, length);
        }

        @Override
        public void onClose(DtlsConnection connection, int result) {
            closed++;
        }
    }

    /**
     * A server on a port of its own, open.
     *
     * @param transport what it speaks
     * @param config its identity; null over TCP
     */
    EchoServer(Transport transport, TlsConfig config) {
        loop = new EventLoop(new LoopConfig().handles(2 * CONNECTIONS + 1));
        context = !transport.isSecure() ? null : transport.isDatagram()
                ? TlsContext.dtlsServer(loop, config) : TlsContext.server(loop, config);
        SoakServer.require(loop.open());
        SoakServer.require(context == null ? 0 : context.open());
        SoakServer.require(at.parse("127.0.0.1:0"));
        if (transport.isDatagram()) {
            bind();
        } else {
            listen(transport);
        }
    }

    private void bind() {
        UdpSocket socket = new UdpSocket(loop,
                new DtlsAcceptor(context, new Datagrams(), CONNECTIONS),
                new DatagramBatch(64, 2048));
        SoakServer.require(socket.bind(at));
        SoakServer.require(socket.localEndpoint(at));
        SoakServer.require(socket.resume());
    }

    private void listen(Transport transport) {
        StreamHandler handler = new Streams();
        Listener listener = transport.isSecure()
                ? new Listener(loop, new TlsAcceptor(context, handler, CONNECTIONS).queue(pool),
                        CONNECTIONS)
                : new Listener(loop, handler, CONNECTIONS).queue(pool);
        SoakServer.require(listener.listen(at, 4096));
        SoakServer.require(listener.localEndpoint(at));
    }

    @Override
    public void close() {
        loop.close();
        if (context != null) {
            context.close();
        }
    }
}
