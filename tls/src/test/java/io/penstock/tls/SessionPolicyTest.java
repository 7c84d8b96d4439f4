package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.Listener;
import io.penstock.core.net.SocketStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a session proved is worth something only under the policy that it was proved under. */
class SessionPolicyTest extends TlsFixture {
    private final Echo echo = new Echo();
    private final Recorder recorder = new Recorder();
    private final TlsSession session = new TlsSession();
    private final TicketKeys keys = new TicketKeys(2);
    private TlsContext client;
    private TlsStream stream;
    private EventLoop alsoTurned; // or null

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
        turnUntil(() -> turned() && !recorder.calls.isEmpty() && !echo.calls.isEmpty());
    }

    private boolean turned() {
        return alsoTurned == null || alsoTurned.runOnce(0) >= 0;
    }

    private void assertOpen(boolean isResumed) {
        assertEquals(List.of("open"), recorder.calls, () -> ReturnCode.describe(recorder.result));
        long before = recorder.bytes;
        assertEquals(100, stream.write(bytes, 0, 100));
        turnUntil(() -> turned() && recorder.bytes == before + 100);
        assertEquals(isResumed, stream.outcome().isResumed());
        assertEquals(isResumed, echo.tls().outcome().isResumed());
    }

    /** Ends it, so that the session is a good one. */
    private void part() {
        stream.shutdown();
        turnUntil(() -> turned() && recorder.count("end") == 1 && echo.count("close") == 1);
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

    // Time.

    private long nowMs = System.currentTimeMillis();

    private TlsContext timed(TlsContext context) {
        context.clockMs = () -> nowMs;
        return context;
    }

    private void pass(long amount, TimeUnit unit) {
        nowMs += unit.toMillis(amount);
    }

    private void assertRefusals(TlsContext context, int count) {
        assertEquals(count, context.counter(TlsMetrics.SESSIONS_REFUSED_OFFSET));
    }

    /** Case 2: tickets come from tickets, and all of them end with the first. */
    @ParameterizedTest
    @ValueSource(ints = {TlsConfig.TLS_1_2, TlsConfig.TLS_1_3})
    void theAgeLimitHoldsThroughRenewals(int protocol) {
        TlsContext server = timed(server(Pki.server("server").ticketKeys(keys())
                .sessionAgeNs(TimeUnit.HOURS.toNanos(1))));
        Endpoint here = serve(server);
        client = timed(client(Pki.client().protocols(protocol, protocol)));
        visit(here, "localhost", false);
        for (int i = 0; i < 3; i++) {
            pass(15, TimeUnit.MINUTES);
            assertEquals(0, keys.rotate()); // the old one opens, and the new one seals
            assertEquals(0, server.reload());
            visit(here, "localhost", true);
        }
        pass(15 * 60_000 - 1, TimeUnit.MILLISECONDS);
        visit(here, "localhost", true);
        assertRefusals(server, 0);
        pass(1, TimeUnit.MILLISECONDS);
        visit(here, "localhost", false);
        assertRefusals(server, 1);
        assertRefusals(client, 0);
        assertTrue(echo.tls().outcome().isSessionRefused());
        pass(50, TimeUnit.MINUTES);
        visit(here, "localhost", true);
        assertFalse(echo.tls().outcome().isSessionRefused());
    }

    @ParameterizedTest
    @ValueSource(ints = {TlsConfig.TLS_1_2, TlsConfig.TLS_1_3})
    void aClientHasAnAgeLimitToo(int protocol) {
        TlsContext server = server(Pki.server("server"));
        Endpoint here = serve(server);
        client = timed(client(Pki.client().protocols(protocol, protocol)));
        visit(here, "localhost", false);
        pass(23, TimeUnit.HOURS);
        visit(here, "localhost", true);
        assertFalse(stream.outcome().isSessionRefused());
        pass(1, TimeUnit.HOURS);
        visit(here, "localhost", false);
        assertTrue(stream.outcome().isSessionRefused());
        assertRefusals(client, 1);
        assertRefusals(server, 0);
        visit(here, "localhost", true);
    }

    /** A month and a day on, when the client's certificate is over. */
    @ParameterizedTest
    @ValueSource(ints = {TlsConfig.TLS_1_2, TlsConfig.TLS_1_3})
    void anExpiredCertificateProvesNothing(int protocol) {
        TlsContext server = timed(server(strict().ticketKeys(keys())
                .sessionAgeNs(TimeUnit.DAYS.toNanos(365))));
        Endpoint here = serve(server);
        client = client(known("client").protocols(protocol, protocol));
        visit(here, "localhost", false);
        pass(29, TimeUnit.DAYS);
        visit(here, "localhost", true);
        pass(2, TimeUnit.DAYS);
        visit(here, "localhost", false); // and the library, by its own clock, takes it again
        assertRefusals(server, 1);
    }

    /** The same of the server's, which the client remembers. */
    @ParameterizedTest
    @ValueSource(ints = {TlsConfig.TLS_1_2, TlsConfig.TLS_1_3})
    void norDoesOneOfTheServers(int protocol) {
        Endpoint here = serve(server(Pki.server("server")));
        TlsConfig[] configs = {Pki.client(), new TlsConfig().acceptAnyPeer()};
        for (TlsConfig config : configs) {
            session.close();
            client = timed(client(config.sessionAgeNs(TimeUnit.DAYS.toNanos(365))
                    .protocols(protocol, protocol)));
            visit(here, "localhost", false);
            pass(29, TimeUnit.DAYS);
            visit(here, "localhost", true);
            pass(2, TimeUnit.DAYS);
            visit(here, "localhost", config == configs[1]); // nothing was proved by it
            assertRefusals(client, config == configs[1] ? 0 : 1);
        }
    }

    @Test
    void norDoesAListThatIsOutOfDate() {
        TlsContext server = timed(server(strict().revoked(Pki.file("brief.pem"))
                .ticketKeys(keys()).sessionAgeNs(TimeUnit.DAYS.toNanos(7))));
        Endpoint here = serve(server);
        client = client(known("client"));
        visit(here, "localhost", false);
        pass(1, TimeUnit.DAYS);
        visit(here, "localhost", true);
        pass(2, TimeUnit.DAYS);
        visit(here, "localhost", false);
        assertRefusals(server, 1);
    }

    @Test
    void aClockThatIsSetBackMakesNothingLastLonger() {
        TlsContext server = timed(server(Pki.server("server")));
        Endpoint here = serve(server);
        client = client(Pki.client());
        visit(here, "localhost", false);
        pass(-4, TimeUnit.MINUTES);
        visit(here, "localhost", true);
        pass(-2, TimeUnit.MINUTES);
        visit(here, "localhost", false);
        assertRefusals(server, 1);
    }

    @Test
    void noAgeIsNoResumption() {
        TlsContext server = server(Pki.server("server").sessionAgeNs(0));
        Endpoint here = serve(server);
        client = client(Pki.client());
        visit(here, "localhost", false);
        visit(here, "localhost", false);
        assertRefusals(server, 1);
        client = client(Pki.client().sessionAgeNs(0));
        visit(here, "localhost", false);
        assertRefusals(client, 1);
    }

    // What is bound to what.

    @ParameterizedTest
    @ValueSource(ints = {TlsConfig.TLS_1_2, TlsConfig.TLS_1_3})
    void aReloadThatChangesNothingEndsNothing(int protocol) {
        TlsContext server = server(strict().trust(Pki.file("stranger.pem"))
                .revoked(Pki.file("revoked.pem")).trustSystem().ticketKeys(keys()));
        Endpoint here = serve(server);
        client = client(known("client").protocols(protocol, protocol));
        visit(here, "localhost", false);
        assertEquals(0, server.reload());
        assertEquals(0, client.reload());
        visit(here, "localhost", true);
        assertRefusals(client, 0);
        assertRefusals(server, 0);
    }

    /** As another process would: the bytes of the keys, and the same configuration in words. */
    @Test
    void anotherLoopWithTheSameBytesTakesThem() {
        assertEquals(TicketKeys.KEY_BYTES, keys().newest(bytes, 0));
        TicketKeys copy = new TicketKeys(1);
        assertEquals(0, copy.rotate(bytes, 0, TicketKeys.KEY_BYTES));
        Endpoint here = serve(server(strict().trust(Pki.file("stranger.pem")).ticketKeys(keys)));
        try (EventLoop other = new EventLoop(new LoopConfig().handles(16))) {
            assertEquals(0, other.open());
            TlsContext twin = opened(TlsContext.server(other, Pki.server("server")
                    .trust(Pki.file("stranger.pem")).trust(Pki.file("root.pem"))
                    .requireClientCertificate().ticketKeys(copy)));
            Listener listener = new Listener(other, new TlsAcceptor(twin, echo, 1).queue(pool), 1);
            Endpoint there = new Endpoint();
            there.parse("127.0.0.1:0");
            assertEquals(0, listener.listen(there, 1));
            assertEquals(0, listener.localEndpoint(there));
            client = client(known("client"));
            visit(here, "localhost", false);
            alsoTurned = other;
            visit(there, "localhost", true);
            alsoTurned = null;
            twin.close();
        }
    }

    @Test
    void hostsAreOfTheirContextsPolicy() {
        TlsConfig open = Pki.server("other").host("localhost", Pki.server("server"));
        Endpoint one = serve(server(open.ticketKeys(keys())));
        Endpoint strict = serve(server(Pki.server("other").host("localhost", Pki.server("server"))
                .trust(Pki.file("root.pem")).requireClientCertificate().ticketKeys(keys)));
        client = client(Pki.client());
        visit(one, "localhost", false);
        visit(one, "localhost", true);
        shake(strict, "localhost");
        assertServerRefuses(ReturnCode.TLS_CERTIFICATE_MISSING);
        client = client(known("client"));
        visit(strict, "localhost", false);
        visit(strict, "localhost", true);
    }

    /** To the peer a session stands for the certificate that was shown. */
    @Test
    void aSessionIsOfItsClientsIdentity() {
        Endpoint here = serve(server(Pki.server("server").trust(Pki.file("root.pem"))
                .requestClientCertificate()));
        client = client(known("client"));
        visit(here, "localhost", false);
        client = client(Pki.client());
        shake(here, "localhost");
        assertOpen(false);
        assertRefusals(client, 1);
        assertCode(ReturnCode.TLS_CERTIFICATE_MISSING,
                echo.tls().outcome().peerFingerprint(bytes, 0));
    }

    @Test
    void aClientsReloadEndsItsSessions(@TempDir Path folder) throws IOException {
        Path trust = folder.resolve("trust.pem");
        Files.copy(Path.of(Pki.file("root.pem")), trust);
        Endpoint here = serve(server(Pki.server("server")));
        client = client(new TlsConfig().trust(trust.toString()));
        visit(here, "localhost", false);
        visit(here, "localhost", true);
        Files.writeString(trust, Files.readString(Path.of(Pki.file("stranger.pem"))));
        assertEquals(0, client.reload());
        shake(here, "localhost");
        assertClientRefuses(ReturnCode.TLS_CERTIFICATE_UNTRUSTED);
        assertTrue(stream.outcome().isSessionRefused(), "also after closing");
        assertCode(ReturnCode.TLS_NO_SESSION, stream.outcome().saveSession(session));
    }

    // Bytes.

    private int export(Endpoint to, String host, int at) {
        stream = new TlsStream(client, recorder);
        begin(to, host);
        assertOpen(false);
        assertCode(ReturnCode.TLS_NO_SESSION, echo.tls().outcome().exportSession(bytes, at));
        int length = stream.outcome().exportSession(bytes, at);
        assertTrue(length > Proof.BYTES);
        part();
        return length;
    }

    @Test
    void bytesOfAnotherFormAreNoSession() {
        Endpoint here = serve(server(Pki.server("server")));
        client = client(Pki.client());
        int length = export(here, "localhost", 1_000);
        assertNoSession(1_000 + Proof.BYTES, length - Proof.BYTES); // as they were before
        assertNoSession(1_000, Proof.BYTES);
        assertNoSession(1_000, Proof.BYTES - 1);
        assertNoSession(1_000, length - 1);
        bytes.putByte(1_007, (byte) (bytes.getByte(1_007) + 1)); // the next version
        assertNoSession(1_000, length);
    }

    private void assertNoSession(int at, int length) {
        TlsStream bad = new TlsStream(client, recorder).host("localhost")
                .importSession(bytes, at, length);
        assertCode(ReturnCode.TLS_NO_SESSION, bad.open(null));
    }

    /** The door: what says that it was made for another peer, and lies. */
    @ParameterizedTest
    @ValueSource(ints = {TlsConfig.TLS_1_2, TlsConfig.TLS_1_3})
    void nobodyComesInByAForgedSession(int protocol) {
        Endpoint rsa = serve(server(Pki.server("rsa").ticketKeys(keys())));
        Endpoint right = serve(server(Pki.server("server").ticketKeys(keys)));
        Endpoint other = serve(server(Pki.server("other").ticketKeys(keys)));
        client = client(new TlsConfig().acceptAnyPeer().protocols(protocol, protocol));
        int strangers = export(rsa, "localhost", 1_000);
        client = client(Pki.client().protocols(protocol, protocol));
        int good = export(right, "localhost", 10_000);
        int elsewhere = export(other, "other.example.net", 20_000);
        enter(right, 10_000, good);
        assertOpen(true);
        part();
        bytes.putBytes(1_000, bytes, 10_000, Proof.BYTES);
        enter(right, 1_000, strangers);
        assertClientRefuses(ReturnCode.TLS_CERTIFICATE_UNTRUSTED);
        bytes.putBytes(20_000, bytes, 10_000, Proof.BYTES);
        enter(right, 20_000, elsewhere);
        assertClientRefuses(ReturnCode.TLS_WRONG_HOST);
        assertTrue(stream.outcome().isResumed(), "the library had taken it");
        assertEquals(2, client.counter(TlsMetrics.FAILED_CERTIFICATE_OFFSET));
    }

    private void enter(Endpoint to, int at, int length) {
        stream = new TlsStream(client, recorder).importSession(bytes, at, length);
        begin(to, "localhost");
    }

    /** The first that a server was given and the client has. */
    @ParameterizedTest
    @CsvSource({
        "TLS_AES_256_GCM_SHA384, TLS_AES_128_GCM_SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    })
    void aServersSuitesAreBestFirst(String better, String worse) {
        Endpoint chosen = serve(server(Pki.server("server").suites(better, worse)));
        Endpoint lenient = serve(server(Pki.server("server")));
        client = client(Pki.client().suites(worse, better));
        visit(chosen, "localhost", false);
        assertEquals(better, suite(chosen));
        assertEquals(worse, suite(lenient));
        client = client(Pki.client().suites(better, worse));
        assertEquals(better, suite(lenient));
    }

    private String suite(Endpoint to) {
        stream = new TlsStream(client, recorder);
        begin(to, "localhost");
        String suite = stream.outcome().suite();
        part();
        return suite;
    }
}
