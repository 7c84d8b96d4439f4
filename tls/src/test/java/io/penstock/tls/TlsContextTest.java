package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.SocketStream;
import io.penstock.core.testing.Needs;
import io.penstock.core.testing.Recorder;
import io.penstock.tls.openssl.Live;
import io.penstock.tls.openssl.Ssl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Needs("openssl")
class TlsContextTest extends TlsFixture {
    static Stream<Arguments> bad() {
        return Stream.of(
                Arguments.of("no certificate", new TlsConfig(),
                        ReturnCode.TLS_CERTIFICATE_UNREADABLE),
                Arguments.of("missing certificate", Pki.server("server").certificate("/none"),
                        ReturnCode.TLS_CERTIFICATE_UNREADABLE),
                Arguments.of("garbage", Pki.server("server").certificate(Pki.file("garbage.pem")),
                        ReturnCode.TLS_CERTIFICATE_UNREADABLE),
                Arguments.of("no key", new TlsConfig().certificate(Pki.file("server.pem")),
                        ReturnCode.TLS_KEY_UNREADABLE),
                Arguments.of("missing key", Pki.server("server").key("/none"),
                        ReturnCode.TLS_KEY_UNREADABLE),
                Arguments.of("garbage key", Pki.server("server").key(Pki.file("garbage.pem")),
                        ReturnCode.TLS_KEY_UNREADABLE),
                Arguments.of("no passphrase", Pki.server("server").key(Pki.file("sealed.key")),
                        ReturnCode.TLS_KEY_UNREADABLE),
                Arguments.of("wrong passphrase", Pki.server("server")
                        .key(Pki.file("sealed.key")).passphrase("open"),
                        ReturnCode.TLS_KEY_UNREADABLE),
                Arguments.of("another's key", Pki.server("server").key(Pki.file("other.key")),
                        ReturnCode.TLS_KEY_MISMATCH),
                Arguments.of("key of another kind", Pki.server("server").key(Pki.file("rsa.key")),
                        ReturnCode.TLS_KEY_MISMATCH),
                Arguments.of("missing trust", Pki.server("server").trust("/none"),
                        ReturnCode.TLS_TRUST_UNREADABLE),
                Arguments.of("garbage trust", Pki.server("server").trust(Pki.file("garbage.pem")),
                        ReturnCode.TLS_TRUST_UNREADABLE),
                Arguments.of("missing CRL", Pki.server("server").revoked("/none"),
                        ReturnCode.TLS_REVOCATIONS_UNREADABLE),
                Arguments.of("no CRL", Pki.server("server").revoked(Pki.file("root.pem")),
                        ReturnCode.TLS_REVOCATIONS_UNREADABLE),
                Arguments.of("suite", Pki.server("server").suites("TLS_NONE"),
                        ReturnCode.TLS_BAD_SETTING),
                Arguments.of("group", Pki.server("server").groups("P-1"),
                        ReturnCode.TLS_BAD_SETTING),
                Arguments.of("signature", Pki.server("server").signatureAlgorithms("rot13"),
                        ReturnCode.TLS_BAD_SETTING),
                Arguments.of("ALPN", Pki.server("server").alpn("h2", ""),
                        ReturnCode.TLS_BAD_SETTING),
                Arguments.of("provider", Pki.server("server").providers("none"),
                        ReturnCode.TLS_PROVIDER_MISSING),
                Arguments.of("missing staple", Pki.server("server").staple("/none"),
                        ReturnCode.TLS_STAPLE_BAD),
                Arguments.of("bad staple", Pki.server("server").staple(Pki.file("root.pem")),
                        ReturnCode.TLS_STAPLE_BAD),
                Arguments.of("bad host", Pki.server("server").host("a", Pki.server("server")
                        .key(Pki.file("other.key"))), ReturnCode.TLS_KEY_MISMATCH),
                Arguments.of("key log", Pki.server("server").exposeKeysTo("/none/at/all"), -2));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bad")
    void whatCannotBeIsACode(String name, TlsConfig config, int code) {
        long live = Live.count();
        TlsContext context = TlsContext.server(loop, config);
        assertCode(code, context.open());
        assertEquals(live, Live.count());
        assertCode(ReturnCode.NOT_OPEN, context.reload());
        assertCode(ReturnCode.NOT_OPEN,
                new TlsStream(context, new Recorder()).open(null));
        context.close();
    }

    @Test
    void aKeyWithItsPassphraseAndMemoryInPlaceOfFiles() throws IOException {
        server(Pki.server("server").key(Pki.file("sealed.key")).passphrase("sesame"));
        NativeBuffer certificate = buffer("server.pem");
        NativeBuffer key = buffer("server.key");
        NativeBuffer root = buffer("root.pem");
        TlsContext server = server(new TlsConfig()
                .certificate(certificate, 0, certificate.capacity())
                .key(key, 0, key.capacity()));
        listen("127.0.0.1:0", server, new Echo());
        Recorder recorder = new Recorder();
        TlsContext client = client(new TlsConfig().trust(root, 0, root.capacity()));
        connect(new TlsStream(client, recorder).host("localhost"));
        turnUntil(() -> recorder.count("open") == 1);
        assertCode(ReturnCode.ALREADY_OPEN, server.open());
    }

    private static NativeBuffer buffer(String name) throws IOException {
        byte[] file = Files.readAllBytes(Path.of(Pki.file(name)));
        NativeBuffer buffer = NativeBuffer.allocate(file.length);
        buffer.putBytes(0, file);
        return buffer;
    }

    /** As the library itself says: what it was told for connections to come. */
    @Test
    void buffersAreKeptWhereThatIsAskedFor() {
        assertTrue(releasesBuffers(client(Pki.client())));
        assertFalse(releasesBuffers(client(Pki.client().keepBuffers())));
    }

    private static boolean releasesBuffers(TlsContext context) {
        int ctrlMode = 33;
        int modeReleaseBuffers = 16;
        return (Ssl.SSL_CTX_ctrl(context.handle(), ctrlMode, 0, 0) & modeReleaseBuffers) != 0;
    }

    @Test
    void aFolderIsTrusted(@TempDir Path folder) throws IOException {
        Files.copy(Path.of(Pki.file("root.pem")), folder.resolve("a.crt"));
        Files.copy(Path.of(Pki.file("stranger.pem")), folder.resolve("b.pem"));
        listen("127.0.0.1:0", server(Pki.server("server")), new Echo());
        Recorder recorder = new Recorder();
        connect(new TlsStream(client(new TlsConfig().trust(folder.toString())), recorder)
                .host("localhost"));
        turnUntil(() -> recorder.count("open") == 1);
    }

    /** It was accepted before, and has said nothing yet. */
    @Test
    void whoSaysHelloAfterAReloadIsLetInByIt() {
        for (boolean hasHost : new boolean[] {false, true}) {
            TlsConfig config = Pki.server("server");
            if (hasHost) {
                config.host("localhost", Pki.server("server"));
            }
            TlsContext server = server(config);
            Echo echo = new Echo();
            listen("127.0.0.1:0", server, echo);
            Recorder recorder = new Recorder();
            TlsStream tls = new TlsStream(client(Pki.client()), recorder).host("localhost");
            SocketStream below = new SocketStream(loop, new Recorder() {
                @Override
                public void onData(io.penstock.core.net.Stream s, DirectBuffer b, int at, int n) {
                    tls.transport().onData(s, b, at, n);
                }

                @Override
                public void onClose(io.penstock.core.net.Stream s, int code) {
                    tls.transport().onClose(s, code);
                }
            }); // which does not say that it is open, so TLS does not begin
            assertEquals(0, below.connect(at));
            assertEquals(0, tls.open(below));
            turnUntil(() -> listener.connections() == 1);
            turns(5);
            config.trust(Pki.file("root.pem")).requireClientCertificate();
            assertEquals(0, server.reload());
            tls.transport().onOpen(below);
            turnUntil(() -> recorder.count("close") == 1);
            assertEquals(0, echo.count("open"), "it has shown no certificate");
            assertEquals(1, server.counter(TlsMetrics.failure(ReturnCode.TLS_CERTIFICATE_MISSING)));
            assertEquals(0, listener.close());
            turns(3);
        }
    }

    @Test
    void aReloadIsForConnectionsToCome(@TempDir Path folder) throws IOException {
        Path certificate = folder.resolve("c.pem");
        Path key = folder.resolve("k.pem");
        Files.copy(Path.of(Pki.file("server.pem")), certificate);
        Files.copy(Path.of(Pki.file("server.key")), key);
        TlsContext server = server(new TlsConfig()
                .certificate(certificate.toString()).key(key.toString()));
        listen("127.0.0.1:0", server, new Echo());
        TlsContext context = client(Pki.client().acceptAnyHost());
        Recorder first = new Recorder();
        TlsStream one = new TlsStream(context, first);
        connect(one);
        turnUntil(() -> first.count("open") == 1);

        Files.writeString(key, "no key");
        assertCode(ReturnCode.TLS_KEY_UNREADABLE, server.reload());
        Files.writeString(certificate, Files.readString(Path.of(Pki.file("other.pem"))));
        Files.writeString(key, Files.readString(Path.of(Pki.file("other.key"))));
        assertEquals(0, server.reload());
        assertEquals(1, server.counter(TlsMetrics.RELOADS_OFFSET));

        Recorder second = new Recorder();
        TlsStream two = new TlsStream(context, second);
        connect(two);
        turnUntil(() -> second.count("open") == 1);
        assertEquals(32, one.outcome().peerFingerprint(bytes, 0));
        assertEquals(32, two.outcome().peerFingerprint(bytes, 32));
        assertEquals(0, Digest.areEqual(bytes, 0, bytes, 32, 32));
        one.write(bytes, 0, 7);
        turnUntil(() -> first.bytes == 7);
        assertEquals(List.of("open", "data"), first.calls);
    }

    @Test
    void itMayBeClosedBeforeItsConnections() {
        TlsContext server = server(Pki.server("server"));
        listen("127.0.0.1:0", server, new Echo());
        TlsContext context = client(Pki.client());
        Recorder recorder = new Recorder();
        TlsStream client = new TlsStream(context, recorder).host("localhost");
        connect(client);
        turnUntil(() -> recorder.count("open") == 1);
        server.close();
        context.close();
        assertCode(ReturnCode.NOT_OPEN, new TlsStream(context, recorder).open(null));
        client.write(bytes, 0, 9);
        turnUntil(() -> recorder.bytes == 9);
        client.shutdown();
        turnUntil(() -> recorder.count("end") == 1);
        client.close();
        turnUntil(() -> recorder.count("close") == 1);
    }
}
