package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import java.nio.file.Path;
import java.util.Collections;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every text of a configuration that C would read otherwise than it is written. */
class SettingsTest extends TlsFixture {
    private static final String SUITE = "TLS_AES_128_GCM_SHA256";

    static Stream<Arguments> bad() {
        TlsConfig[] configs = {
            new TlsConfig().suites(), new TlsConfig().suites(""),
            new TlsConfig().suites(SUITE + "\0TLS"), new TlsConfig().suites(SUITE, ""),
            new TlsConfig().suites(SUITE + ":TLS_AES_256_GCM_SHA384"),
            new TlsConfig().suites("@SECLEVEL=0"), new TlsConfig().suites("!" + SUITE),
            new TlsConfig().suites("ALL"), new TlsConfig().suites("-" + SUITE),
            new TlsConfig().groups(), new TlsConfig().groups(""),
            new TlsConfig().groups("X25519:P-256"), new TlsConfig().groups("X25519", ""),
            new TlsConfig().groups("X25519\0"), new TlsConfig().groups("?X25519"),
            new TlsConfig().groups("*X25519"), new TlsConfig().groups("-X25519"),
            new TlsConfig().groups("X25519/P-256"), new TlsConfig().groups("DEFAULT"),
            new TlsConfig().signatureAlgorithms(),
            new TlsConfig().signatureAlgorithms("ed25519:ed448"),
            new TlsConfig().signatureAlgorithms("?ed25519"),
            new TlsConfig().signatureAlgorithms("ed25519\0"),
            new TlsConfig().alpn("h2", ""), new TlsConfig().alpn("h\u00b2"),
            new TlsConfig().alpn("h".repeat(256)),
            new TlsConfig().alpn(Collections.nCopies(257, "h".repeat(255))
                    .toArray(new String[0])),
            new TlsConfig().providers(""), new TlsConfig().providers("default", ""),
            new TlsConfig().providers("default base"), new TlsConfig().providers("default\0"),
            new TlsConfig().providers("../default"), new TlsConfig().providers("/tmp/x"),
            new TlsConfig().properties(""), new TlsConfig().properties("fips=no\0"),
            new TlsConfig().exposeKeysTo(""), new TlsConfig().exposeKeysTo("/dev/null\0x"),
        };
        return Stream.of(configs).map(Arguments::of);
    }

    @ParameterizedTest
    @MethodSource("bad")
    void itIsACodeThatSaysWhich(TlsConfig config) {
        TlsContext context = TlsContext.client(loop, config);
        assertCode(ReturnCode.TLS_BAD_SETTING, context.open());
        assertFalse(context.failureText().isEmpty());
        assertFalse(context.failureText().contains("\0"));
    }

    @Test
    void aReloadLooksAgain() {
        TlsConfig config = new TlsConfig();
        TlsContext context = client(config);
        assertEquals("", context.failureText());
        config.groups("X25519:P-256");
        assertCode(ReturnCode.TLS_BAD_SETTING, context.reload());
        assertEquals("group \"X25519:P-256\"", context.failureText());
        config.groups("X25519", "P-256");
        assertCode(0, context.reload());
        assertEquals("", context.failureText());
    }

    @Test
    void goodOnesAreTaken() {
        client(new TlsConfig().suites(SUITE, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")
                .groups("X25519", "P-256", "secp521r1").alpn("h2", "http/1.1")
                .signatureAlgorithms("ed25519", "ECDSA+SHA256", "rsa_pss_rsae_sha256"));
        client(new TlsConfig().providers("default", "base").properties("provider=default"));
    }

    /** A name of a protocol is bytes after their length: no C reads a NUL in it. */
    @Test
    void aProtocolIsBytes() {
        Echo echo = new Echo();
        listen("127.0.0.1:0", server(Pki.server("server").alpn("x\0", "x")), echo);
        Recorder recorder = new Recorder();
        TlsStream stream = new TlsStream(client(Pki.client().alpn("x", "x\0")), recorder);
        connect(stream.host("localhost"));
        turnUntil(() -> recorder.count("open") == 1);
        assertEquals("x\0", stream.outcome().alpn());
    }

    static Stream<Arguments> passphrases() {
        return Stream.of(Arguments.of("sesame\0open", ReturnCode.TLS_BAD_SETTING),
                Arguments.of("sesame\ud800", ReturnCode.TLS_BAD_SETTING),
                Arguments.of("s".repeat(1_025), ReturnCode.TLS_BAD_SETTING),
                Arguments.of("s".repeat(1_024), ReturnCode.TLS_KEY_UNREADABLE),
                Arguments.of("", ReturnCode.TLS_KEY_UNREADABLE),
                Arguments.of("sesame", 0));
    }

    /** A password that is cut short is another password. */
    @ParameterizedTest
    @MethodSource("passphrases")
    void aPassphraseIsWhole(String passphrase, int code) {
        TlsConfig sealed = Pki.server("server").key(Pki.file("sealed.key"))
                .passphrase(passphrase);
        TlsContext context = TlsContext.server(loop, sealed);
        contexts.add(context);
        assertCode(code, context.open());
        assertFalse(context.failureText().contains("sesame"), context.failureText());
        TlsContext hosts = TlsContext.server(loop, Pki.server("server").host("a.example", sealed));
        contexts.add(hosts);
        assertCode(code, hosts.open());
    }

    /** A text with a NUL names no file, and none that it begins with. */
    @Test
    void pathsAreWhole() {
        String root = Pki.file("root.pem");
        assertFails(ReturnCode.TLS_TRUST_UNREADABLE, new TlsConfig().trust(root + "\0"));
        assertFails(ReturnCode.TLS_TRUST_UNREADABLE, new TlsConfig().trust(""));
        assertFails(ReturnCode.TLS_TRUST_UNREADABLE, new TlsConfig().trust("\ud800"));
        assertFails(ReturnCode.TLS_REVOCATIONS_UNREADABLE, new TlsConfig().trust(root)
                .revoked(Pki.file("revoked.pem") + "\0"));
        assertFails(ReturnCode.TLS_CERTIFICATE_UNREADABLE,
                new TlsConfig().certificate(Pki.file("client.pem") + "\0"));
        assertFails(ReturnCode.TLS_KEY_UNREADABLE, new TlsConfig()
                .certificate(Pki.file("client.pem")).key(Pki.file("client.key") + "\0"));
        TlsContext staple = TlsContext.server(loop,
                Pki.server("server").staple(Pki.file("staple.der") + "\0"));
        assertCode(ReturnCode.TLS_STAPLE_BAD, staple.open());
        assertTrue(staple.failureText().contains("staple.der"), staple.failureText());
    }

    private void assertFails(int code, TlsConfig config) {
        assertCode(code, TlsContext.client(loop, config).open());
    }

    /** A FIFO that nobody reads. */
    @Test
    void aKeyLogHoldsNobodyUp(@TempDir Path folder) {
        String fifo = folder.resolve("fifo").toString();
        assertEquals(0, io.penstock.pipes.PipeStream.makeFifo(fifo, 0600));
        TlsContext context = TlsContext.client(loop, new TlsConfig().exposeKeysTo(fifo));
        assertCode(-io.penstock.core.sys.Errno.ENXIO, context.open());
        assertTrue(context.failureText().startsWith(fifo), context.failureText());
    }
}
