package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.Listener;
import io.penstock.core.net.SocketStream;
import io.penstock.core.testing.Needs;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Needs("openssl")
class HandshakeTest extends TlsFixture {
    private final Echo echo = new Echo();
    private final Recorder recorder = new Recorder();
    private TlsContext server;
    private TlsContext client;
    private TlsStream stream;

    private void listen(TlsConfig config) {
        server = server(config);
        listen("127.0.0.1:0", server, echo);
    }

    /** Connects, and waits until the handshake has come to something on both sides. */
    private void shake(TlsConfig config, String host) {
        client = client(config);
        again(host);
    }

    private void again(String host) {
        recorder.calls.clear();
        echo.calls.clear();
        stream = new TlsStream(client, recorder);
        if (host != null) {
            stream.host(host);
        }
        connect(stream);
        turnUntil(() -> !recorder.calls.isEmpty() && !echo.calls.isEmpty());
    }

    private void assertTalks() {
        assertEquals(List.of("open"), recorder.calls);
        long before = recorder.bytes;
        assertEquals(100, stream.write(bytes, 0, 100));
        turnUntil(() -> recorder.bytes == before + 100);
    }

    /** Ends it, so that the session is a good one. */
    private void part() {
        stream.shutdown();
        turnUntil(() -> recorder.count("end") == 1 && echo.count("close") == 1);
        stream.close();
        turnUntil(() -> recorder.count("close") == 1);
        assertEquals(0, recorder.result);
    }

    private void assertClientRefuses(int code) {
        turnUntil(() -> recorder.count("close") == 1 && echo.count("close") == 1);
        assertEquals(List.of("close"), recorder.calls);
        assertCode(code, recorder.result);
        assertEquals(1, client.counter(TlsMetrics.FAILED_OFFSET));
        assertEquals(1, client.counter(TlsMetrics.failure(code)));
        assertEquals(0, client.counter(TlsMetrics.DONE_OFFSET));
    }

    private void assertServerRefuses(int code) {
        turnUntil(() -> recorder.count("close") == 1 && echo.count("close") == 1);
        assertEquals(List.of("close"), echo.calls);
        assertCode(code, echo.result);
        assertEquals(1, server.counter(TlsMetrics.FAILED_OFFSET));
        assertEquals(1, server.counter(TlsMetrics.failure(code)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "a.example.org", "127.0.0.1", "::1"})
    void aCertificateIsForItsNames(String host) {
        listen(Pki.server("server"));
        shake(Pki.client(), host);
        assertTalks();
        assertEquals(0, stream.outcome().verifyResult());
        assertEquals("ok", stream.outcome().verifyText());
        assertEquals(host.startsWith("1") || host.startsWith(":") ? "" : host,
                echo.tls().outcome().serverName());
        part();
        invariantsHold(stream);
    }

    @ParameterizedTest
    @ValueSource(strings = {"example.org", "a.b.example.org", "127.0.0.2", "::2", "localhos"})
    void andForNoOthers(String host) {
        listen(Pki.server("server"));
        shake(Pki.client(), host);
        assertClientRefuses(ReturnCode.TLS_WRONG_HOST);
        assertEquals(42, stream.outcome().alertSent(), "bad_certificate");
        assertEquals(1, server.counter(TlsMetrics.FAILED_ALERT_OFFSET)
                + server.counter(TlsMetrics.DONE_OFFSET));
    }

    @ParameterizedTest
    @CsvSource({
        "server,TLS_CERTIFICATE_UNTRUSTED,stranger.pem", "expired,TLS_CERTIFICATE_EXPIRED,root.pem",
        "future,TLS_CERTIFICATE_NOT_YET_VALID,root.pem", "other,TLS_WRONG_HOST,root.pem",
        "rsa,TLS_CERTIFICATE_UNTRUSTED,root.pem",
    })
    void eachFaultOfACertificateHasItsCode(String name, String code, String trust)
            throws ReflectiveOperationException {
        listen(Pki.server(name));
        shake(new TlsConfig().trust(Pki.file(trust)), "localhost");
        assertClientRefuses(ReturnCode.class.getField(code).getInt(null));
        assertFalse(stream.outcome().failureText().isEmpty());
        assertEquals(0, stream.outcome().protocol());
    }

    @Test
    void whoAcceptsAnyPeerOrHostDoes() {
        listen(Pki.server("expired"));
        shake(new TlsConfig().acceptAnyPeer(), null);
        assertTalks();
        assertEquals(0, client.counter(TlsMetrics.FAILED_OFFSET));
        TlsStream nameless = new TlsStream(client(Pki.client()), recorder);
        assertCode(ReturnCode.TLS_HOST_MISSING, nameless.open(null));
    }

    @Test
    void revokedCertificatesAreRefused() {
        listen(Pki.server("mallory"));
        shake(Pki.client().revoked(Pki.file("revoked.pem")), "localhost");
        assertClientRefuses(ReturnCode.TLS_CERTIFICATE_REVOKED);
    }

    /** A list of the root's has the certificate between it and the server. */
    @ParameterizedTest
    @CsvSource({"true,true,true", "false,true,false", "true,false,false"})
    void everyIssuerOfAChainHasAList(
            boolean isGood, boolean hasRootsList, boolean comesIn, @TempDir Path at)
            throws IOException {
        Files.writeString(at.resolve("ca.cnf"), """
                [ca]
                default_ca = one
                [one]
                database = $ENV::INDEX
                default_md = sha256
                default_crl_days = 30
                """);
        Files.writeString(at.resolve("ca.ext"), "basicConstraints = critical,CA:TRUE\n");
        Files.writeString(at.resolve("leaf.ext"), "subjectAltName = DNS:localhost\n");
        Files.writeString(at.resolve("root.txt"), "");
        Files.writeString(at.resolve("middle.txt"), "");
        String script = """
                set -e
                new() {
                    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
                        -keyout $1.key -out $1.csr -subj /CN=$1
                    openssl x509 -req -in $1.csr -CA $2.pem -CAkey $2.key -CAcreateserial \
                        -days 30 -extfile $3.ext -out $1.pem
                }
                openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
                    -keyout root.key -out root.pem -subj /CN=root -days 30
                new middle root ca
                new leaf middle leaf
                cat leaf.pem middle.pem > chain.pem
                INDEX=middle.txt openssl ca -config ca.cnf -cert middle.pem \
                    -keyfile middle.key -gencrl -out lists.pem
                """ + (isGood ? "" : "INDEX=root.txt openssl ca -config ca.cnf -cert root.pem"
                + " -keyfile root.key -revoke middle.pem\n")
                + (hasRootsList ? "INDEX=root.txt openssl ca -config ca.cnf -cert root.pem"
                + " -keyfile root.key -gencrl >> lists.pem\n" : "");
        Processes.run(at, "sh", "-c", script);
        listen(new TlsConfig().certificate(at.resolve("chain.pem").toString())
                .key(at.resolve("leaf.key").toString()));
        shake(new TlsConfig().trust(at.resolve("root.pem").toString())
                .revoked(at.resolve("lists.pem").toString()), "localhost");
        if (comesIn) {
            assertTalks();
        } else {
            assertClientRefuses(isGood ? ReturnCode.TLS_CERTIFICATE_REJECTED
                    : ReturnCode.TLS_CERTIFICATE_REVOKED);
        }
    }

    /** It was made for one context, changed, and used for another. */
    @Test
    void aConfigurationCountsAsItWasWhenItWasRead() {
        listen(Pki.server("other"));
        TlsConfig config = Pki.client();
        client = client(config);
        client(config.acceptAnyHost());
        again("localhost");
        assertClientRefuses(ReturnCode.TLS_WRONG_HOST);
    }

    /** What was not there at first, too. */
    @Test
    void andAsItIsWhenItIsReadAgain() {
        TlsConfig config = Pki.server("server");
        listen(config);
        TicketKeys keys = new TicketKeys(1);
        assertEquals(0, keys.rotate());
        config.ticketKeys(keys).alpn("h2");
        assertCode(0, server.reload());
        shake(Pki.client().alpn("h2"), "localhost");
        assertTalks();
        assertEquals("h2", echo.tls().outcome().alpn());
        assertEquals("h2", stream.outcome().alpn());
    }

    @Test
    void othersOfThatIssuerAreNot() {
        listen(Pki.server("server"));
        shake(Pki.client().revoked(Pki.file("revoked.pem")), "localhost");
        assertTalks();
    }

    @Test
    void theSystemsTrustIsTheDefault() {
        listen(Pki.server("server"));
        shake(new TlsConfig(), "localhost");
        assertClientRefuses(ReturnCode.TLS_CERTIFICATE_UNTRUSTED);
    }

    @ParameterizedTest
    @CsvSource({
        "TLS_AES_128_GCM_SHA256,772", "TLS_AES_256_GCM_SHA384,772",
        "TLS_CHACHA20_POLY1305_SHA256,772", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,771",
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,771",
    })
    void suitesAreCalledByTheirStandardNames(String suite, int protocol) {
        listen(Pki.server("server"));
        shake(Pki.client().suites(suite), "localhost");
        assertTalks();
        assertEquals(protocol, stream.outcome().protocol());
        assertEquals(suite, stream.outcome().suite());
        assertEquals(suite, echo.tls().outcome().suite());
    }

    @Test
    void aRangeOfProtocolsCanBeNarrowed() {
        listen(Pki.server("server").protocols(TlsConfig.TLS_1_3, TlsConfig.TLS_1_3));
        shake(Pki.client().protocols(TlsConfig.TLS_1_2, TlsConfig.TLS_1_2), "localhost");
        assertServerRefuses(ReturnCode.TLS_NO_SHARED_PROTOCOL);
        assertCode(ReturnCode.TLS_ALERT, recorder.result);
        assertEquals(70, stream.outcome().alertReceived(), "protocol_version");
    }

    @Test
    void nothingInCommon() {
        listen(Pki.server("server").suites("TLS_AES_128_GCM_SHA256"));
        shake(Pki.client().suites("TLS_AES_256_GCM_SHA384"), "localhost");
        assertServerRefuses(ReturnCode.TLS_NO_SHARED_SUITE);
        assertEquals(40, stream.outcome().alertReceived(), "handshake_failure");
        shake(Pki.client().suites("TLS_AES_128_GCM_SHA256").groups("X448"), "localhost");
        turnUntil(() -> echo.count("close") == 1);
        assertCode(ReturnCode.TLS_NO_SHARED_SUITE, echo.result);
    }

    @Test
    void alpnIsTheServersChoice() {
        listen(Pki.server("server").alpn("h2", "http/1.1"));
        shake(Pki.client().alpn("http/1.1", "h2"), "localhost");
        assertTalks();
        assertEquals("h2", stream.outcome().alpn());
        assertEquals("h2", echo.tls().outcome().alpn());
        shake(Pki.client().alpn("spdy", "http/1.1"), "localhost");
        assertEquals("http/1.1", stream.outcome().alpn());
        shake(Pki.client(), "localhost");
        assertTalks();
        assertEquals("", stream.outcome().alpn());
        assertEquals("", echo.tls().outcome().alpn());
    }

    @Test
    void noApplicationProtocolInCommon() {
        listen(Pki.server("server").alpn("h2"));
        shake(Pki.client().alpn("dot"), "localhost");
        assertServerRefuses(ReturnCode.TLS_NO_SHARED_ALPN);
        assertEquals(120, stream.outcome().alertReceived(), "no_application_protocol");
    }

    @Test
    void aHostHasItsCertificate() {
        listen(Pki.server("server").host("other.example.net", Pki.server("other"))
                .host("*.example.com", Pki.server("expired")));
        shake(Pki.client(), "OTHER.example.net");
        assertTalks();
        again("localhost");
        assertTalks();
        client = client(Pki.client().acceptAnyHost());
        again("a.example.com");
        turnUntil(() -> recorder.count("close") == 1);
        assertCode(ReturnCode.TLS_CERTIFICATE_EXPIRED, recorder.result);
        again("example.com");
        assertTalks();
        again("a.b.example.com");
        assertTalks();
    }

    @Test
    void unknownHostsCanBeRefused() {
        listen(Pki.server("server").host("localhost", Pki.server("server"))
                .refuseUnknownHosts());
        shake(Pki.client(), "localhost");
        assertTalks();
        for (String name : new String[] {"b.example.org", "127.0.0.1"}) {
            again(name);
            turnUntil(() -> recorder.count("close") == 1);
            assertCode(ReturnCode.TLS_ALERT, recorder.result);
            assertEquals(112, stream.outcome().alertReceived(), "unrecognized_name");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {TlsConfig.TLS_1_2, TlsConfig.TLS_1_3})
    void clientsShowTheirCertificates(int protocol) {
        listen(Pki.server("server").trust(Pki.file("root.pem")).requireClientCertificate()
                .protocols(protocol, protocol));
        TlsConfig config = Pki.client()
                .certificate(Pki.file("client.pem")).key(Pki.file("client.key"));
        shake(config, "localhost");
        assertTalks();
        assertEquals(32, echo.tls().outcome().peerFingerprint(bytes, 0));
        again("localhost");
        assertTalks();
    }

    @ParameterizedTest
    @ValueSource(ints = {TlsConfig.TLS_1_2, TlsConfig.TLS_1_3})
    void whoHasNoneIsRefused(int protocol) {
        listen(Pki.server("server").trust(Pki.file("root.pem")).requireClientCertificate()
                .protocols(protocol, protocol));
        shake(Pki.client(), "localhost");
        assertServerRefuses(ReturnCode.TLS_CERTIFICATE_MISSING);
        assertCode(ReturnCode.TLS_ALERT, recorder.result);
        assertEquals(protocol == TlsConfig.TLS_1_3 ? 116 : 40, stream.outcome().alertReceived());
    }

    @Test
    void whoHasAStrangersIsRefusedEvenWhereNoneIsNeeded() {
        listen(Pki.server("server").trust(Pki.file("root.pem")).requestClientCertificate());
        shake(Pki.client().certificate(Pki.file("rsa.pem")).key(Pki.file("rsa.key")),
                "localhost");
        assertServerRefuses(ReturnCode.TLS_CERTIFICATE_UNTRUSTED);
        shake(Pki.client(), "localhost");
        assertTalks();
        assertCode(ReturnCode.TLS_CERTIFICATE_MISSING,
                echo.tls().outcome().peerFingerprint(bytes, 0));
    }

    private int resume(int sessionBytes) {
        recorder.calls.clear();
        echo.calls.clear();
        stream = new TlsStream(client, recorder).host("localhost")
                .importSession(bytes, 1_000, sessionBytes);
        connect(stream);
        turnUntil(() -> recorder.count("open") == 1 && echo.count("open") == 1);
        assertTalks();
        assertEquals(stream.outcome().isResumed(), echo.tls().outcome().isResumed());
        int length = stream.outcome().exportSession(bytes, 1_000);
        part();
        return length;
    }

    @ParameterizedTest
    @ValueSource(ints = {TlsConfig.TLS_1_2, TlsConfig.TLS_1_3})
    void aSessionIsResumed(int protocol) {
        listen(Pki.server("server").alpn("h2"));
        shake(Pki.client().protocols(protocol, protocol).alpn("h2"), "localhost");
        assertFalse(stream.outcome().isResumed());
        assertTalks();
        int length = stream.outcome().exportSession(bytes, 1_000);
        assertTrue(length > 0, () -> ReturnCode.describe(length));
        assertCode(ReturnCode.MESSAGE_TOO_LONG,
                stream.outcome().exportSession(bytes, bytes.capacity() - length + 1));
        part();
        int next = resume(length);
        assertTrue(recorder.tls().outcome().isResumed());
        assertEquals("h2", recorder.tls().outcome().alpn());
        assertEquals(1, client.counter(TlsMetrics.RESUMED_OFFSET));
        assertEquals(1, server.counter(TlsMetrics.RESUMED_OFFSET));
        assertTrue(next > 0);
        server.reload();
        resume(next);
        assertFalse(recorder.tls().outcome().isResumed(), "the reload began with new keys");
    }

    /** The connection below has closed and TLS over it has not, when the next is accepted. */
    @Test
    void aListenerOfOneServesOneAfterAnother() throws IOException {
        server = server(Pki.server("server"));
        listener = new Listener(loop, new TlsAcceptor(server, echo, 1), 1);
        assertEquals(0, at.parse("127.0.0.1:0"));
        assertEquals(0, listener.listen(at, 8));
        assertEquals(0, listener.localEndpoint(at));
        client = client(Pki.client());
        for (int i = 0; i < 5; i++) {
            long begun = server.counter(TlsMetrics.BEGUN_OFFSET);
            Socket rude = new Socket(InetAddress.getLoopbackAddress(), at.port());
            turnUntil(() -> server.counter(TlsMetrics.BEGUN_OFFSET) == begun + 1);
            recorder.calls.clear();
            echo.calls.clear();
            stream = new TlsStream(client, recorder).host("localhost");
            connect(stream);
            rude.setSoLinger(true, 0);
            rude.close();
            turnUntil(() -> !recorder.calls.isEmpty());
            assertEquals(List.of("open"), recorder.calls);
            echo.calls.clear();
            assertTalks();
            part();
        }
    }

    @Test
    void kernelTlsIsReportedAsItIs() {
        listen(Pki.server("server"));
        shake(Pki.client(), "localhost");
        assertFalse(stream.outcome().isKernelTls());
        assertTrue(OpenSsl.kernelTls().startsWith("not used"), OpenSsl.kernelTls());
        part();
        assertFalse(stream.outcome().isKernelTls());
    }

    @ParameterizedTest
    @ValueSource(ints = {TlsConfig.TLS_1_2, TlsConfig.TLS_1_3})
    void aHeldSessionIsResumed(int protocol) {
        listen(Pki.server("server"));
        TlsSession session = new TlsSession();
        shake(Pki.client().protocols(protocol, protocol), "localhost");
        assertTalks();
        assertTrue(session.isEmpty());
        assertCode(0, stream.outcome().saveSession(session));
        assertFalse(session.isEmpty());
        part();
        for (int i = 0; i < 3; i++) {
            resume(session);
            assertTrue(stream.outcome().isResumed(), "time " + i);
            assertCode(0, stream.outcome().saveSession(session)); // the next ticket in place of it
            part();
        }
        session.close();
        assertTrue(session.isEmpty());
        resume(session);
        assertFalse(stream.outcome().isResumed());
        part();
        assertCode(ReturnCode.TLS_NO_SESSION, stream.outcome().saveSession(session));
    }

    private void resume(TlsSession session) {
        recorder.calls.clear();
        echo.calls.clear();
        stream = new TlsStream(client, recorder).host("localhost").session(session);
        connect(stream);
        turnUntil(() -> recorder.count("open") == 1 && echo.count("open") == 1);
        assertTalks();
        assertEquals(stream.outcome().isResumed(), echo.tls().outcome().isResumed());
    }

    @Test
    void noTicketsNoResumption() {
        listen(Pki.server("server").tickets(0));
        shake(Pki.client(), "localhost");
        assertCode(ReturnCode.TLS_NO_SESSION, stream.outcome().exportSession(bytes, 0));
        assertTalks();
        assertCode(ReturnCode.TLS_NO_SESSION, stream.outcome().exportSession(bytes, 0));
        TlsSession none = new TlsSession();
        assertCode(ReturnCode.TLS_NO_SESSION, stream.outcome().saveSession(none));
        assertTrue(none.isEmpty());
        TlsStream bad = new TlsStream(client, recorder).host("localhost")
                .importSession(bytes, 0, 50);
        assertCode(ReturnCode.TLS_NO_SESSION, bad.open(null));
    }

    @Test
    void ticketKeysAreSharedAndRotated() {
        TicketKeys keys = new TicketKeys(2);
        assertEquals(0, keys.newest(bytes, 0));
        assertEquals(0, keys.rotate());
        listen(Pki.server("server").ticketKeys(keys));
        shake(Pki.client(), "localhost");
        assertTalks();
        int length = stream.outcome().exportSession(bytes, 1_000);
        part();
        length = resume(length);
        assertTrue(recorder.tls().outcome().isResumed());
        assertEquals(0, keys.rotate());
        assertEquals(0, server.reload());
        // The ticket's key is one old: it opens, and the ticket is renewed under the new one.
        length = resume(length);
        assertTrue(recorder.tls().outcome().isResumed());
        assertEquals(0, keys.rotate());
        length = resume(length);
        assertTrue(recorder.tls().outcome().isResumed());
        // Another server with the same keys takes it.
        assertEquals(TicketKeys.KEY_BYTES, keys.newest(bytes, 0));
        TicketKeys copy = new TicketKeys(1);
        assertCode(ReturnCode.BAD_ARGUMENT, copy.rotate(bytes, 0, 48));
        assertEquals(0, copy.rotate(bytes, 0, TicketKeys.KEY_BYTES));
        listen(Pki.server("server").ticketKeys(copy));
        length = resume(length);
        assertTrue(recorder.tls().outcome().isResumed());
        assertEquals(0, copy.rotate());
        resume(length);
        assertFalse(recorder.tls().outcome().isResumed(), "its key is gone");
    }

    @Test
    void aFreshStapleIsServed() {
        listen(Pki.server("server").staple(Pki.file("staple.der")));
        shake(Pki.client().requireStaple(), "localhost");
        assertTalks();
        shake(Pki.client(), "localhost");
        assertTalks();
    }

    @Test
    void aStaleOneIsNot() {
        listen(Pki.server("server").staple(Pki.file("stale.der")));
        shake(Pki.client().checkStaple(), "localhost");
        assertTalks();
        shake(Pki.client().requireStaple(), "localhost");
        turnUntil(() -> recorder.count("close") == 1);
        assertClientRefuses(ReturnCode.TLS_STAPLE_MISSING);
    }

    @Test
    void aStapleIsOfItsCertificate() {
        listen(Pki.server("server").staple(Pki.file("others.der")));
        shake(Pki.client().checkStaple(), "localhost");
        turnUntil(() -> recorder.count("close") == 1);
        assertClientRefuses(ReturnCode.TLS_STAPLE_BAD);
    }

    @Test
    void aStapleTellsOfRevocation() {
        listen(Pki.server("mallory").staple(Pki.file("mallory.der")));
        shake(Pki.client().checkStaple(), "localhost");
        turnUntil(() -> recorder.count("close") == 1);
        assertClientRefuses(ReturnCode.TLS_CERTIFICATE_REVOKED);
    }

    @Test
    void keysAreLoggedWhereThatIsAskedFor(@TempDir Path folder) throws IOException {
        Path log = folder.resolve("keys");
        listen(Pki.server("server"));
        shake(Pki.client().exposeKeysTo(log.toString()), "localhost");
        assertTalks();
        List<String> lines = Files.readAllLines(log);
        assertTrue(lines.stream().anyMatch(line -> line.matches(
                "CLIENT_TRAFFIC_SECRET_0 [0-9a-f]{64} [0-9a-f]{64,96}")), lines::toString);
        assertEquals("rw-------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(log)));
    }

    @Test
    void providersAreSelectable() {
        listen(Pki.server("server").providers("default").properties("provider=default"));
        shake(Pki.client().providers("default"), "localhost");
        assertTalks();
    }

    @Test
    void severalProvidersToo() {
        listen(Pki.server("server").providers("default", "legacy"));
        shake(Pki.client().providers("default", "legacy").properties("provider=default"),
                "localhost");
        assertTalks();
        TlsContext unfit = TlsContext.client(loop, Pki.client().providers("default", "none"));
        assertCode(ReturnCode.TLS_PROVIDER_MISSING, unfit.open());
        TlsContext nothing = TlsContext.client(loop, Pki.client().providers("base"));
        int rc = nothing.open();
        assertTrue(rc < 0, "a provider that has no cipher");
    }

    @Test
    void brokenProtocolsAreSpokenWhereThatIsAskedFor() {
        listen(Pki.server("server").acceptBrokenProtocols());
        shake(Pki.client().acceptBrokenProtocols(), "localhost");
        assertTalks();
        assertEquals(TlsConfig.TLS_1_3, stream.outcome().protocol());
    }

    @Test
    void aHandshakeHasADeadline() {
        listen(Pki.server("server").handshakeTimeoutNs(TimeUnit.MILLISECONDS.toNanos(30)));
        SocketStream silent = new SocketStream(loop, recorder);
        assertEquals(0, silent.connect(at));
        turnUntil(() -> echo.count("close") == 1 && recorder.count("end") == 1);
        silent.close();
        assertServerRefuses(ReturnCode.TLS_HANDSHAKE_TIMED_OUT);
    }

    /** A hello that never ends, and one that is never followed up. */
    @ParameterizedTest
    @ValueSource(ints = {20, 0})
    void soHasOneThatStopsInTheMiddle(int missing) {
        listen(Pki.server("server").handshakeTimeoutNs(TimeUnit.MILLISECONDS.toNanos(100)));
        client = client(Pki.client());
        stream = new TlsStream(client, recorder).host("localhost");
        Wire wire = new Wire(loop, stream.transport());
        assertEquals(0, wire.begin());
        assertEquals(0, stream.open(wire));
        stream.transport().onOpen(wire);
        turnUntil(() -> wire.sentBytes > 100);
        Recorder below = new Recorder();
        SocketStream halting = new SocketStream(loop, below);
        assertEquals(0, halting.connect(at));
        turnUntil(() -> below.count("open") == 1);
        int length = wire.sentBytes - missing;
        assertEquals(length, halting.write(wire.sent, 0, length));
        turnUntil(() -> echo.count("close") == 1);
        assertCode(ReturnCode.TLS_HANDSHAKE_TIMED_OUT, echo.result);
        assertEquals(1, server.counter(TlsMetrics.failure(echo.result)));
        halting.close();
        stream.close();
        turnUntil(() -> below.count("close") == 1);
    }

    @Test
    void aConnectionThatFailsBelowIsCloseAlone() {
        listen(Pki.server("server"));
        listener.close();
        turns(2);
        client = client(Pki.client());
        stream = new TlsStream(client, recorder).host("localhost");
        SocketStream below = new SocketStream(loop, stream.transport());
        assertEquals(0, below.connect(at));
        assertEquals(0, stream.open(below));
        assertCode(ReturnCode.NOT_OPEN, stream.write(bytes, 0, 1));
        assertCode(ReturnCode.NOT_OPEN, stream.shutdown());
        assertCode(ReturnCode.ALREADY_OPEN, stream.open(below));
        assertCode(ReturnCode.ALREADY_OPEN, stream.queue(pool));
        turnUntil(() -> recorder.count("close") == 1);
        assertEquals(List.of("close"), recorder.calls);
        assertCode(-111, recorder.result);
        assertEquals(0, client.counter(TlsMetrics.BEGUN_OFFSET));
    }

    @Test
    void oneStreamOfAClientCanBeOpenedAgain() {
        listen(Pki.server("server"));
        shake(Pki.client(), "localhost");
        for (int i = 0; i < 3; i++) {
            assertTalks();
            part();
            recorder.calls.clear();
            echo.calls.clear();
            connect(stream);
            turnUntil(() -> recorder.count("open") == 1 && echo.count("open") == 1);
        }
    }

    @Test
    void heapBuffersAreRefused() {
        NativeBuffer small = NativeBuffer.allocate(1);
        assertCode(ReturnCode.BAD_ARGUMENT,
                new TlsStream(client(Pki.client()), recorder).readInto(small, 0, 0));
    }
}
