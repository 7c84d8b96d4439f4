package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.core.net.Endpoint;
import io.penstock.udp.DatagramBatch;
import io.penstock.udp.DatagramHandler;
import io.penstock.udp.UdpMetrics;
import io.penstock.udp.UdpSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;

/** Connections over datagrams, and what stands by them. */
abstract class DtlsFixture extends TlsFixture {
    static final long SOON_NS = TimeUnit.MILLISECONDS.toNanos(20);

    static final long LATE_NS = TimeUnit.MINUTES.toNanos(1); // nothing is said again by then

    final DtlsRecorder recorder = new DtlsRecorder();
    long retransmitNs = SOON_NS;
    TlsContext server;
    TlsContext client;
    DtlsAcceptor acceptor;
    UdpSocket socket; // the acceptor's

    /** A handler that writes down what it is told. */
    static class DtlsRecorder implements DtlsHandler {
        final List<String> calls = new ArrayList<>();
        final List<String> messages = new ArrayList<>();
        DtlsConnection connection; // the last that was opened, or closed
        boolean echoes;
        int result = 1;
        int opened;
        int closed;
        long bytes;

        @Override
        public void onOpen(DtlsConnection connection) {
            calls.add("open");
            opened++;
            this.connection = connection;
        }

        @Override
        public void onData(DtlsConnection connection, DirectBuffer b, int offset, int length) {
            calls.add("data");
            messages.add(b.getStringWithoutLengthAscii(offset, Math.min(length, 100)));
            bytes += length;
            if (echoes) {
                assertEquals(length, connection.write(b, offset, length));
            }
        }

        @Override
        public void onWritable(DtlsConnection connection) {
            calls.add("writable");
        }

        @Override
        public void onClose(DtlsConnection connection, int result) {
            calls.add("close");
            closed++;
            this.connection = connection;
            this.result = result;
        }
    }

    static DtlsRecorder echo() {
        DtlsRecorder echo = new DtlsRecorder();
        echo.echoes = true;
        return echo;
    }

    /** Counts datagrams, and keeps the last. */
    static final class Catcher implements DatagramHandler {
        final List<byte[]> datagrams = new ArrayList<>();

        @Override
        public void onDatagrams(UdpSocket socket, DatagramBatch batch, int count) {
            for (int slot = 0; slot < count; slot++) {
                byte[] bytes = new byte[batch.length(slot)];
                batch.buffer().getBytes(batch.offset(slot), bytes);
                datagrams.add(bytes);
            }
        }

        @Override
        public void onClose(UdpSocket socket, int result) {
        }

        byte[] last() {
            return datagrams.get(datagrams.size() - 1);
        }
    }

    final void listen(DtlsHandler handler) {
        listen(Pki.server("server"), handler, CAPACITY);
    }

    final void listen(TlsConfig config, DtlsHandler handler, int capacity) {
        server = opened(TlsContext.dtlsServer(loop, config.retransmitTimeoutNs(retransmitNs)));
        acceptor = new DtlsAcceptor(server, handler, capacity);
        socket = new UdpSocket(loop, acceptor, batch());
        assertEquals(0, at.parse("127.0.0.1:0"));
        assertEquals(0, socket.bind(at));
        assertEquals(0, socket.localEndpoint(at));
        assertEquals(0, socket.resume());
    }

    final DatagramBatch batch() {
        return new DatagramBatch(8, 20_000);
    }

    final DtlsConnection connection() {
        if (client == null) {
            client = opened(TlsContext.dtlsClient(
                    loop, Pki.client().retransmitTimeoutNs(retransmitNs)));
        }
        return new DtlsConnection(client, recorder).host("localhost");
    }

    final DtlsConnection connect(DtlsConnection dtls) {
        return connect(dtls, at);
    }

    final DtlsConnection connect(DtlsConnection dtls, Endpoint to) {
        UdpSocket own = new UdpSocket(loop, dtls.transport(), batch());
        assertEquals(0, own.connect(to));
        assertCode(0, dtls.open(own));
        return dtls;
    }

    /** Connects, and waits until both sides are open. */
    final DtlsConnection establish(DtlsRecorder other) {
        int before = recorder.opened;
        int there = other.opened;
        DtlsConnection dtls = connect(connection());
        turnUntil(() -> recorder.opened > before && other.opened > there);
        return dtls;
    }

    /** A socket of somebody's, connected to the server. */
    final UdpSocket stranger(DatagramHandler handler) {
        UdpSocket stranger = new UdpSocket(loop, handler, batch());
        assertEquals(0, stranger.connect(at));
        assertEquals(0, stranger.resume());
        return stranger;
    }

    final void send(UdpSocket from, byte[] datagram) {
        bytes.putBytes(0, datagram);
        assertEquals(datagram.length, from.send(bytes, 0, datagram.length));
    }

    final void text(DtlsConnection dtls, String text) {
        bytes.putStringWithoutLengthAscii(0, text);
        assertEquals(text.length(), dtls.write(bytes, 0, text.length()));
    }

    static void datagramInvariantsHold(DtlsConnection dtls) {
        StringBuilder out = new StringBuilder();
        assertEquals(0, UdpMetrics.brokenInvariants(
                dtls.metrics(), dtls.metricsOffset(), out), out::toString);
    }

    /** Every datagram of one without a connection came to something, if no other was ignored. */
    final void helloInvariantHolds() {
        long unknown = server.counter(TlsMetrics.HELLOS_OFFSET);
        long ends = server.counter(TlsMetrics.COOKIES_OFFSET)
                + server.counter(TlsMetrics.IGNORED_OFFSET)
                + server.counter(TlsMetrics.BEGUN_OFFSET)
                + server.counter(TlsMetrics.EXHAUSTED_OFFSET);
        assertEquals(unknown, ends);
    }
}
