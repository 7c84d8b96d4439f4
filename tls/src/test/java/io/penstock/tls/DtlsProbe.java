package io.penstock.tls;

import static io.penstock.tls.LeakProbe.require;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.net.Endpoint;
import io.penstock.udp.DatagramBatch;
import io.penstock.udp.UdpSocket;
import org.agrona.DirectBuffer;

/** What {@link LeakProbe} does over datagrams: connects, with success and without. */
final class DtlsProbe implements DtlsHandler {
    private final EventLoop loop;
    private final TlsContext server;
    private final TlsContext[] clients;
    private final NativeBuffer message = NativeBuffer.allocate(8_192);
    private final Endpoint at = new Endpoint();
    private int closed;

    DtlsProbe(EventLoop loop, SelfSigned identity, SelfSigned stranger) {
        this.loop = loop;
        server = TlsContext.dtlsServer(loop, new TlsConfig().privateChannel(identity).alpn("a"));
        clients = new TlsContext[] {
            TlsContext.dtlsClient(loop, new TlsConfig().privateChannel(identity).alpn("a")),
            TlsContext.dtlsClient(loop, new TlsConfig().privateChannel(stranger)),
        };
        require(server.open());
        require(clients[0].open());
        require(clients[1].open());
        UdpSocket socket = new UdpSocket(
                loop, new DtlsAcceptor(server, this, 4), new DatagramBatch(8, 2_048));
        require(at.parse("127.0.0.1:0"));
        require(socket.bind(at));
        require(socket.localEndpoint(at));
        require(socket.resume());
    }

    /** One connection, and its two ends. */
    void run(int number) {
        DtlsConnection dtls = new DtlsConnection(clients[number % 2], this);
        UdpSocket own = new UdpSocket(loop, dtls.transport(), new DatagramBatch(8, 2_048));
        require(own.connect(at));
        require(dtls.open(own));
        int before = closed;
        Pump.until(loop, () -> closed >= before + 2);
        if (number % 10 == 0) {
            require(server.reload());
        }
    }

    void close() {
        server.close();
        clients[0].close();
        clients[1].close();
    }

    @Override
    public void onOpen(DtlsConnection dtls) {
        dtls.outcome().peerFingerprint(message, 0);
        dtls.outcome().exportSession(message, 0);
        dtls.write(message, 0, 1_000);
    }

    @Override
    public void onData(DtlsConnection dtls, DirectBuffer buffer, int offset, int length) {
        dtls.close();
    }

    @Override
    public void onClose(DtlsConnection dtls, int result) {
        closed++;
    }
}
