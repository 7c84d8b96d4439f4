package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.metrics.DialerMetrics;
import io.penstock.core.net.DialHandler;
import io.penstock.core.net.Dialer;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.Stream;
import io.penstock.core.testing.Needs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The addresses of a name, over TLS: the first whose peer is verified. */
@Needs("openssl")
class TlsDialerTest extends TlsFixture {
    private static final class DialRecorder extends Recorder implements DialHandler {
        private int code;

        @Override
        public void onFailed(Dialer dialer, int code) {
            calls.add("failed");
            this.code = code;
        }
    }

    private final DialRecorder recorder = new DialRecorder();
    private final Endpoint[] addresses = new Endpoint[2];
    private TlsConnector connector;
    private Dialer dialer;

    private void serving(String first, String second) {
        addresses[0] = serve("127.0.0.1:0", first);
        addresses[1] = serve("[::1]:0", second);
        connector = new TlsConnector(client(Pki.client())).host("localhost");
        dialer = new Dialer(loop, connector, recorder, addresses.length);
    }

    private Endpoint serve(String where, String identity) {
        listen(where, server(Pki.server(identity)), new Echo());
        Endpoint endpoint = new Endpoint();
        endpoint.copyFrom(at);
        return endpoint;
    }

    @AfterEach
    void close() {
        loop.close();
        connector.close();
    }

    private void dial() {
        assertEquals(0, dialer.dial(addresses, 2, EventLoop.NO_LIMIT));
        turnUntil(() -> !recorder.calls.isEmpty());
    }

    @Test
    void anotherPeerIsPassedOver() {
        serving("other", "server");
        dial();
        assertEquals("open", recorder.calls.getFirst());
        assertCode(ReturnCode.TLS_WRONG_HOST, dialer.code(0));
        assertEquals(1, dialer.winner());
        assertEquals(1, dialer.counter(DialerMetrics.FAILED_OFFSET));
        Stream stream = dialer.stream(1);
        assertEquals(100, stream.write(bytes, 0, 100));
        turnUntil(() -> recorder.bytes == 100);
        stream.close();
        turnUntil(() -> recorder.calls.contains("close"));
        assertEquals(1, recorder.count("open"));
    }

    @Test
    void ifNoneIsVerifiedTheFirstsReasonIsTold() {
        serving("other", "other");
        dial();
        assertEquals("failed", recorder.calls.getFirst());
        assertCode(ReturnCode.TLS_WRONG_HOST, recorder.code);
        assertTrue(((TlsStream) dialer.stream(0)).outcome().verifyResult() != 0);
        assertFalse(dialer.isOpen());
    }

    /** The second time it begins with the session that the address has. */
    @Test
    void itDialsAgainAndResumes() {
        serving("server", "server");
        dial();
        TlsStream stream = (TlsStream) dialer.stream(0);
        assertFalse(stream.outcome().isResumed());
        stream.write(bytes, 0, 100);
        turnUntil(() -> recorder.bytes == 100);
        stream.close();
        turnUntil(() -> recorder.calls.contains("close"));
        recorder.calls.clear();
        dial();
        assertEquals(0, dialer.winner());
        assertTrue(stream.outcome().isResumed());
    }
}
