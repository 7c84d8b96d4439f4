package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.net.Listener;
import io.penstock.core.net.SocketStream;
import io.penstock.core.net.Stream;
import io.penstock.core.testing.Allocation;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Handshakes with sessions cost nothing on the heap: resumed, renewed, refused. */
@Tag("allocation")
class SessionAllocationTest extends TlsFixture {
    private final Quiet quiet = new Quiet() {
        @Override
        public void onData(Stream of, DirectBuffer buffer, int offset, int length) {
            super.onData(of, buffer, offset, length);
            if (of != stream) {
                of.write(buffer, offset, length);
            }
        }
    };
    private final TlsSession session = new TlsSession();
    private final TlsSession foreign = new TlsSession();
    private TlsContext server;
    private TlsContext client;
    private TlsStream stream;
    private SocketStream below;
    private long nowMs = System.currentTimeMillis();

    @ParameterizedTest
    @ValueSource(ints = {TlsConfig.TLS_1_2, TlsConfig.TLS_1_3})
    void sessionsAllocateNothingOnceWarm(int protocol) {
        TicketKeys keys = new TicketKeys(2);
        assertEquals(0, keys.rotate());
        server = server(Pki.server("server").trust(Pki.file("root.pem"))
                .requireClientCertificate().ticketKeys(keys)
                .sessionAgeNs(TimeUnit.SECONDS.toNanos(10)));
        server.clockMs = () -> nowMs;
        client = client(Pki.client().protocols(protocol, protocol)
                .certificate(Pki.file("client.pem")).key(Pki.file("client.key")));
        listener = new Listener(loop, new TlsAcceptor(server, quiet, 2), 2);
        assertEquals(0, at.parse("@penstock-sessions"));
        assertEquals(0, listener.listen(at, 8));
        stream = new TlsStream(client, quiet).host("a.example.org");
        below = new SocketStream(loop, stream.transport());
        visit(foreign);
        stream = new TlsStream(client, quiet).host("localhost");
        below = new SocketStream(loop, stream.transport());
        visit(session);
        Allocation.assertNone("sessions", 300, 40, () -> {
            stream.session(session);
            visit(session); // resumed
            stream.session(foreign);
            visit(session); // another name's
            nowMs += 11_000;
            stream.session(session);
            visit(session); // too old
        });
        assertTrue(server.counter(TlsMetrics.RESUMED_OFFSET) > 300);
        assertTrue(server.counter(TlsMetrics.SESSIONS_REFUSED_OFFSET) > 300);
        assertTrue(client.counter(TlsMetrics.SESSIONS_REFUSED_OFFSET) > 300);
        foreign.close();
        session.close();
    }

    private void visit(TlsSession saved) {
        below.connect(at);
        stream.open(below);
        quiet.awaitOpened(loop, quiet.opened + 2);
        int data = quiet.data;
        stream.write(bytes, 0, 10);
        quiet.awaitData(loop, data + 2); // there and back: tickets have come
        stream.outcome().saveSession(saved);
        stream.outcome().exportSession(bytes, 0);
        stream.outcome().isSessionRefused();
        int closed = quiet.closed;
        stream.close();
        quiet.awaitClosed(loop, closed + 2);
    }
}
