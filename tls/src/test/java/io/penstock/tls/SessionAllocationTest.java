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
    private final Quiet quiet = new Quiet();
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
        assertTrue(server.count(TlsMetrics.RESUMED_OFFSET) > 300);
        assertTrue(server.count(TlsMetrics.SESSIONS_REFUSED_OFFSET) > 300);
        assertTrue(client.count(TlsMetrics.SESSIONS_REFUSED_OFFSET) > 300);
        foreign.close();
        session.close();
    }

    private void visit(TlsSession saved) {
        below.connect(at);
        stream.open(below);
        int opened = quiet.opened;
        while (quiet.opened < opened + 2) {
            loop.runOnce(STEP_NS);
        }
        int came = quiet.came;
        stream.write(bytes, 0, 10);
        while (quiet.came < came + 2) { // there and back: tickets have come
            loop.runOnce(STEP_NS);
        }
        stream.outcome().saveSession(saved);
        stream.outcome().exportSession(bytes, 0);
        stream.outcome().isSessionRefused();
        int closed = quiet.closed;
        stream.close();
        while (quiet.closed < closed + 2) {
            loop.runOnce(STEP_NS);
        }
    }

    /** Counts, sends back what comes, and allocates nothing itself. */
    private final class Quiet extends Recorder {
        int opened;
        int came;
        int closed;

        @Override
        public void onOpen(Stream stream) {
            opened++;
            stream.resume();
        }

        @Override
        public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
            came++;
            if (stream != SessionAllocationTest.this.stream) {
                stream.write(buffer, offset, length);
            }
        }

        @Override
        public void onWritable(Stream stream) {
        }

        @Override
        public void onEnd(Stream stream) {
            stream.close();
        }

        @Override
        public void onClose(Stream stream, int result) {
            closed++;
        }
    }
}
