package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.net.Endpoint;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Sessions over datagrams are bound as those of streams are, see {@link SessionPolicyTest}. */
class DtlsSessionTest extends DtlsFixture {
    private final DtlsRecorder echo = echo();
    private final Endpoint first = new Endpoint();
    private final TicketKeys keys = new TicketKeys(1);
    private int length;

    private static TlsConfig strict() {
        return Pki.server("server").trust(Pki.file("root.pem")).requireClientCertificate();
    }

    private DtlsConnection visit(String host, Endpoint to) {
        int opened = recorder.opened + echo.opened;
        int closed = recorder.closed;
        DtlsConnection dtls = new DtlsConnection(client, recorder).host(host)
                .importSession(bytes, 1_000, length);
        connect(dtls, to);
        turnUntil(() -> recorder.opened + echo.opened == opened + 2 || recorder.closed > closed);
        return dtls;
    }

    private void leave(DtlsConnection dtls, boolean isResumed) {
        assertEquals(isResumed, dtls.outcome().isResumed());
        length = dtls.outcome().exportSession(bytes, 1_000);
        assertTrue(length > 0);
        int closed = recorder.closed + echo.closed;
        dtls.close();
        turnUntil(() -> recorder.closed + echo.closed == closed + 2);
    }

    /** Case 1. */
    @Test
    void aTicketDoesNotReplaceARequiredCertificate() {
        assertEquals(0, keys.rotate());
        listen(Pki.server("server").ticketKeys(keys), echo, 2);
        first.copyFrom(at);
        listen(strict().ticketKeys(keys), echo, 2);
        client = opened(TlsContext.dtlsClient(loop, Pki.client().retransmitTimeoutNs(SOON_NS)));
        leave(visit("localhost", first), false);
        leave(visit("localhost", first), true);
        int opened = echo.opened;
        visit("localhost", at);
        turnUntil(() -> echo.closed == 3);
        assertEquals(opened, echo.opened, "nobody was let in");
        assertCode(ReturnCode.TLS_CERTIFICATE_MISSING, echo.result);
        assertEquals(1, server.counter(TlsMetrics.SESSIONS_REFUSED_OFFSET));
    }

    /** Case 2. */
    @Test
    void timeEndsIt() {
        long[] nowMs = {System.currentTimeMillis()};
        listen(Pki.server("server"), echo, 2);
        server.clockMs = () -> nowMs[0];
        client = opened(TlsContext.dtlsClient(loop, Pki.client().retransmitTimeoutNs(SOON_NS)));
        leave(visit("localhost", at), false);
        nowMs[0] += TimeUnit.HOURS.toMillis(24) - 1;
        leave(visit("localhost", at), true);
        nowMs[0]++;
        leave(visit("localhost", at), false);
    }

    /** Case 3. */
    @Test
    void aSessionIsOfItsName() {
        listen(Pki.server("server"), echo, 2);
        client = opened(TlsContext.dtlsClient(loop, Pki.client().retransmitTimeoutNs(SOON_NS)));
        leave(visit("localhost", at), false);
        DtlsConnection dtls = visit("other.example.net", at);
        turnUntil(() -> recorder.closed == 2);
        assertCode(ReturnCode.TLS_WRONG_HOST, recorder.result);
        assertTrue(dtls.outcome().isSessionRefused());
        assertFalse(dtls.outcome().isResumed());
        assertEquals(1, client.counter(TlsMetrics.SESSIONS_REFUSED_OFFSET));
    }
}
