package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.SocketStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a session proved is worth something only under the policy that it was proved under. */
class SessionPolicyTest extends TlsFixture {
    private final Echo echo = new Echo();
    private final Recorder recorder = new Recorder();
    private final TlsSession session = new TlsSession();
    private final TicketKeys keys = new TicketKeys(2);
    private TlsContext client;
    private TlsStream stream;

    @AfterEach
    void closeSession() {
        loop.close();
        session.close();
    }

    private TicketKeys keys() {
        assertEquals(0, keys.rotate());
        return keys;
    }

    private Endpoint serve(TlsContext context) {
        return serve("127.0.0.1:0", context);
    }

    private Endpoint serve(String where, TlsContext context) {
        listen(where, context, echo);
        Endpoint here = new Endpoint();
        here.copyFrom(at);
        return here;
    }

    /** Connects with the session, and waits until both sides have come to something. */
    private void shake(Endpoint to, String host) {
        stream = new TlsStream(client, recorder).session(session);
        begin(to, host);
    }

    private void begin(Endpoint to, String host) {
        recorder.calls.clear();
        echo.calls.clear();
        if (host != null) {
            stream.host(host);
        }
        SocketStream below = new SocketStream(loop, stream.transport());
        assertEquals(0, below.connect(to));
        assertCode(0, stream.open(below));
        turnUntil(() -> !recorder.calls.isEmpty() && !echo.calls.isEmpty());
    }

    private void assertOpen(boolean isResumed) {
        assertEquals(List.of("open"), recorder.calls, () -> ReturnCode.describe(recorder.result));
        long before = recorder.bytes;
        assertEquals(100, stream.write(bytes, 0, 100));
        turnUntil(() -> recorder.bytes == before + 100);
        assertEquals(isResumed, stream.outcome().isResumed());
        assertEquals(isResumed, echo.tls().outcome().isResumed());
    }

    /** Ends it, so that the session is a good one. */
    private void part() {
        stream.shutdown();
        turnUntil(() -> recorder.count("end") == 1 && echo.count("close") == 1);
        stream.close();
        turnUntil(() -> recorder.count("close") == 1);
        assertEquals(0, recorder.result);
    }

    /** A whole connection, whose session is the one from now on. */
    private void visit(Endpoint to, String host, boolean isResumed) {
        shake(to, host);
        assertOpen(isResumed);
        assertCode(0, stream.outcome().saveSession(session));
        part();
    }

    private void assertServerRefuses(int code) {
        turnUntil(() -> recorder.count("close") == 1 && echo.count("close") == 1);
        assertEquals(List.of("close"), echo.calls, "nobody was let in");
        assertCode(code, echo.result);
    }

    private void assertClientRefuses(int code) {
        turnUntil(() -> recorder.count("close") == 1);
        assertEquals(List.of("close"), recorder.calls, "nobody was let in");
        assertCode(code, recorder.result);
    }

    private static TlsConfig strict() {
        return Pki.server("server").trust(Pki.file("root.pem")).requireClientCertificate();
    }

    private static TlsConfig known(String name) {
        return Pki.client().certificate(Pki.file(name + ".pem")).key(Pki.file(name + ".key"));
    }

    /** Case 1: two contexts that share keys, and one is strict. */
    @ParameterizedTest
    @ValueSource(ints = {TlsConfig.TLS_1_2, TlsConfig.TLS_1_3})
    void aTicketDoesNotReplaceARequiredCertificate(int protocol) {
        Endpoint open = serve(server(Pki.server("server").ticketKeys(keys())));
        Endpoint strict = serve(server(strict().ticketKeys(keys)));
        client = client(Pki.client().protocols(protocol, protocol));
        visit(open, "localhost", false);
        visit(open, "localhost", true);
        shake(strict, "localhost");
        assertServerRefuses(ReturnCode.TLS_CERTIFICATE_MISSING);
    }

    /** Case 1, the other way, and who has a certificate: a full handshake, not a failure. */
    @ParameterizedTest
    @ValueSource(ints = {TlsConfig.TLS_1_2, TlsConfig.TLS_1_3})
    void aForeignTicketIsAFullHandshake(int protocol) {
        Endpoint open = serve(server(Pki.server("server").ticketKeys(keys())));
        Endpoint strict = serve(server(strict().ticketKeys(keys)));
        Endpoint asking = serve(server(Pki.server("server").trust(Pki.file("root.pem"))
                .requestClientCertificate().ticketKeys(keys)));
        client = client(known("client").protocols(protocol, protocol));
        visit(open, "localhost", false);
        visit(strict, "localhost", false);
        visit(strict, "localhost", true);
        visit(asking, "localhost", false);
        visit(open, "localhost", false);
        visit(strict, "localhost", false);
    }

    /** Case 1: the door that only those with the key get through. */
    @Test
    void norDoesItOpenAPrivateChannel() {
        try (SelfSigned identity = new SelfSigned()) {
            assertEquals(0, identity.generate());
            Endpoint open = serve("@penstock-open",
                    server(Pki.server("server").ticketKeys(keys())));
            Endpoint inner = serve("@penstock-private",
                    server(new TlsConfig().privateChannel(identity).ticketKeys(keys)));
            Endpoint strict = serve("@penstock-strict", server(Pki.server("server")
                    .trust(identity.certificate(), 0, identity.certificate().capacity())
                    .requireClientCertificate().ticketKeys(keys)));
            client = client(new TlsConfig().acceptAnyPeer());
            visit(open, null, false);
            shake(inner, null);
            assertServerRefuses(ReturnCode.TLS_CERTIFICATE_MISSING);
            // With the certificate, but proved to somebody else.
            client = client(new TlsConfig().privateChannel(identity).acceptAnyPeer());
            visit(strict, null, false);
            visit(inner, null, false);
            visit(inner, null, true);
        }
    }

    /** Case 2: the client's authority is not trusted any more. */
    @ParameterizedTest
    @ValueSource(ints = {TlsConfig.TLS_1_2, TlsConfig.TLS_1_3})
    void aReloadEndsWhatItsAuthorityProved(int protocol, @TempDir Path folder)
            throws IOException {
        Path trust = folder.resolve("trust.pem");
        Files.copy(Path.of(Pki.file("root.pem")), trust);
        TlsContext server = server(Pki.server("server").trust(trust.toString())
                .requireClientCertificate().ticketKeys(keys()));
        Endpoint here = serve(server);
        client = client(known("client").protocols(protocol, protocol));
        visit(here, "localhost", false);
        visit(here, "localhost", true);
        assertEquals(0, server.reload());
        visit(here, "localhost", true); // nothing has changed
        Files.copy(Path.of(Pki.file("stranger.pem")), trust, StandardCopyOption.REPLACE_EXISTING);
        assertEquals(0, server.reload());
        shake(here, "localhost"); // with a ticket that came from another ticket
        assertServerRefuses(ReturnCode.TLS_CERTIFICATE_UNTRUSTED);
        // As it was before: what was proved counts again, under the same policy.
        Files.copy(Path.of(Pki.file("root.pem")), trust, StandardCopyOption.REPLACE_EXISTING);
        assertEquals(0, server.reload());
        visit(here, "localhost", true);
    }

    /** Case 2: the client's certificate is on the next list. */
    @ParameterizedTest
    @ValueSource(ints = {TlsConfig.TLS_1_2, TlsConfig.TLS_1_3})
    void aReloadWithItsRevocationEndsASession(int protocol, @TempDir Path folder)
            throws IOException {
        Path list = folder.resolve("revoked.pem");
        Files.copy(Path.of(Pki.file("unrevoked.pem")), list);
        TlsContext server = server(strict().revoked(list.toString()).ticketKeys(keys()));
        Endpoint here = serve(server);
        client = client(known("mallory").protocols(protocol, protocol));
        visit(here, "localhost", false);
        visit(here, "localhost", true);
        Files.copy(Path.of(Pki.file("revoked.pem")), list, StandardCopyOption.REPLACE_EXISTING);
        assertEquals(0, server.reload());
        shake(here, "localhost");
        assertServerRefuses(ReturnCode.TLS_CERTIFICATE_REVOKED);
    }

    /** Case 3: the certificate is for both names' server, and not for the second name. */
    @ParameterizedTest
    @ValueSource(ints = {TlsConfig.TLS_1_2, TlsConfig.TLS_1_3})
    void aSessionIsOfItsName(int protocol) {
        Endpoint here = serve(server(Pki.server("server")));
        client = client(Pki.client().protocols(protocol, protocol));
        visit(here, "localhost", false);
        shake(here, "other.example.net");
        assertClientRefuses(ReturnCode.TLS_WRONG_HOST);
        shake(here, "127.0.0.2");
        assertClientRefuses(ReturnCode.TLS_WRONG_HOST);
        visit(here, "a.example.org", false);
        visit(here, "A.EXAMPLE.org", true);
    }

    /** Case 3, as bytes. */
    @ParameterizedTest
    @ValueSource(ints = {TlsConfig.TLS_1_2, TlsConfig.TLS_1_3})
    void aSessionInBytesIsToo(int protocol) {
        Endpoint here = serve(server(Pki.server("server")));
        client = client(Pki.client().protocols(protocol, protocol));
        shake(here, "localhost");
        assertOpen(false);
        int length = stream.outcome().exportSession(bytes, 1_000);
        part();
        stream = new TlsStream(client, recorder).importSession(bytes, 1_000, length);
        begin(here, "other.example.net");
        assertClientRefuses(ReturnCode.TLS_WRONG_HOST);
        stream = new TlsStream(client, recorder).importSession(bytes, 1_000, length);
        begin(here, "localhost");
        assertOpen(true);
    }

    /** Case 3: saved where anybody was accepted, offered where somebody is expected. */
    @ParameterizedTest
    @ValueSource(ints = {TlsConfig.TLS_1_2, TlsConfig.TLS_1_3})
    void aSessionOfAnyPeerVerifiesNobody(int protocol) {
        Endpoint here = serve(server(Pki.server("rsa")));
        TlsContext any = client(new TlsConfig().acceptAnyPeer().protocols(protocol, protocol));
        client = any;
        visit(here, "localhost", false);
        visit(here, "localhost", true);
        client = client(Pki.client().protocols(protocol, protocol));
        shake(here, "localhost");
        assertClientRefuses(ReturnCode.TLS_CERTIFICATE_UNTRUSTED);
        client = any;
        visit(here, "localhost", true);
        assertFalse(session.isEmpty());
        assertTrue(stream.outcome().verifyResult() > 0, "which was accepted");
    }
}
