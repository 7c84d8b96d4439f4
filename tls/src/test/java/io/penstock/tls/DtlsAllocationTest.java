package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.Endpoint;
import io.penstock.core.testing.Allocation;
import io.penstock.core.testing.Needs;
import io.penstock.udp.DatagramBatch;
import io.penstock.udp.DatagramHandler;
import io.penstock.udp.UdpSocket;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Datagrams, handshakes and hellos cost nothing on the heap. */
@Tag("allocation")
@Needs("openssl")
class DtlsAllocationTest extends DtlsFixture {
    private final Quiet quiet = new Quiet();

    @Test
    void datagramsAllocateNothing() {
        listen(quiet);
        DtlsConnection dtls = open();
        Allocation.assertNone("datagrams", 300, 300, () -> {
            int before = quiet.datagrams;
            dtls.write(bytes, 0, 64);
            dtls.write(bytes, 0, dtls.maxDataBytes());
            quiet.there.write(bytes, 0, 500);
            dtls.write(bytes, 0, 100_000);
            dtls.write(bytes, 0, 0);
            for (int i = 0; quiet.datagrams < before + 3; i++) {
                Pump.turn(loop, i);
            }
            dtls.peerEndpoint(at);
            dtls.mtuBytes();
            dtls.outcome().alpn();
            acceptor.connection(at);
            acceptor.connections();
            dtls.outcome().peerFingerprint(bytes, 0);
            dtls.outcome().exportSession(bytes, 0);
        });
    }

    private DtlsConnection open() {
        DtlsConnection dtls = connection(quiet);
        quiet.one = dtls.transport();
        int opened = quiet.opened;
        connect(dtls);
        turnUntil(() -> quiet.opened == opened + 2);
        return dtls;
    }

    private DtlsConnection connection(DtlsHandler handler) {
        connection();
        return new DtlsConnection(client, handler).host("localhost");
    }

    @Test
    void handshakesAllocateNothingOnceWarm() {
        listen(Pki.server("server").alpn("a", "b").host("localhost", Pki.server("server")),
                quiet, 2);
        client = opened(TlsContext.dtlsClient(loop, Pki.client().alpn("b")));
        DtlsConnection dtls = connection(quiet);
        UdpSocket own = new UdpSocket(loop, dtls.transport(), batch());
        Allocation.assertNone("handshake", 300, 40, () -> {
            own.connect(at);
            dtls.open(own);
            int opened = quiet.opened;
            for (int i = 0; quiet.opened < opened + 2; i++) {
                Pump.turn(loop, i);
            }
            dtls.write(bytes, 0, 10);
            int closed = quiet.closed;
            dtls.close();
            for (int i = 0; quiet.closed < closed + 2; i++) {
                Pump.turn(loop, i);
            }
        });
        assertTrue(server.counter(TlsMetrics.DONE_OFFSET) > 300);
        assertEquals(0, server.counter(TlsMetrics.EXHAUSTED_OFFSET));
    }

    @Test
    void hellosAndGarbageAllocateNothing() {
        listen(quiet);
        Relay relay = new Relay(loop, at, 1);
        DtlsConnection dtls = connection(quiet);
        connect(dtls, relay.at);
        turnUntil(() -> quiet.opened == 2);
        byte[] hello = relay.up.get(0);
        NativeBuffer datagram = NativeBuffer.allocate(hello.length);
        datagram.putBytes(0, hello);
        UdpSocket one = stranger(quiet);
        Allocation.assertNone("hellos", 300, 300, () -> {
            long cookies = server.counter(TlsMetrics.COOKIES_OFFSET);
            one.send(datagram, 0, hello.length);
            one.send(bytes, 0, 300);
            for (int i = 0; server.counter(TlsMetrics.COOKIES_OFFSET) == cookies; i++) {
                Pump.turn(loop, i);
            }
        });
    }

    @Test
    void retransmissionsAllocateNothing() {
        listen(quiet);
        UdpSocket silent = new UdpSocket(loop, quiet, batch());
        assertEquals(0, at.ipv4(Endpoint.IPV4_LOOPBACK, 0));
        assertEquals(0, silent.bind(at));
        assertEquals(0, silent.localEndpoint(at));
        client = opened(TlsContext.dtlsClient(loop, Pki.client().retransmitTimeoutNs(0)));
        DtlsConnection dtls = connection(quiet);
        UdpSocket own = new UdpSocket(loop, dtls.transport(), batch());
        Allocation.assertNone("retransmissions", 40, 10, () -> {
            long before = client.counter(TlsMetrics.RETRANSMISSIONS_OFFSET);
            own.connect(at);
            int rc = dtls.open(own);
            if (rc < 0) {
                throw new AssertionError(ReturnCode.describe(rc));
            }
            for (int i = 0; client.counter(TlsMetrics.RETRANSMISSIONS_OFFSET) < before + 1; i++) {
                Pump.turn(loop, i);
            }
            int closed = quiet.closed;
            dtls.close();
            for (int i = 0; quiet.closed == closed; i++) {
                Pump.turn(loop, i);
            }
        });
    }

    /** Counts, and allocates nothing itself. */
    private static final class Quiet implements DtlsHandler, DatagramHandler {
        DatagramHandler one; // the client's
        DtlsConnection there;
        int opened;
        int datagrams;
        int closed;
        int result;

        @Override
        public void onOpen(DtlsConnection connection) {
            opened++;
            if (connection.transport() != one) {
                there = connection;
            }
        }

        @Override
        public void onData(DtlsConnection connection, DirectBuffer b, int offset, int length) {
            datagrams++;
        }

        @Override
        public void onClose(DtlsConnection connection, int result) {
            closed++;
            this.result = result;
        }

        @Override
        public void onDatagrams(UdpSocket socket, DatagramBatch batch, int count) {
        }

        @Override
        public void onClose(UdpSocket socket, int result) {
        }
    }
}
