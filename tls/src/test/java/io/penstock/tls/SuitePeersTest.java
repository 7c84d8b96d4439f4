package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.core.testing.Needs;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every suite, with each of the other implementations, both ways. */
@Needs("openssl")
class SuitePeersTest extends PeerFixture {
    private static final String NEW = "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+";
    private static final String OLD = "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+";

    private String certificate;
    private String library; // option and name as of the openssl program
    private String name;
    private String priority; // as of gnutls

    static Stream<String> suites() {
        return Stream.of(
                "TLS_AES_128_GCM_SHA256",
                "TLS_AES_256_GCM_SHA384",
                "TLS_CHACHA20_POLY1305_SHA256",
                "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
                "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");
    }

    /** How others call a suite, and whose certificate it takes. */
    private void use(String suite) {
        boolean isNew = !suite.contains("_WITH_");
        boolean isRsa = suite.contains("_RSA_");
        certificate = isRsa ? "rsa" : "server";
        library = isNew ? "-ciphersuites" : "-cipher";
        name = isNew ? suite : suite.replace("TLS_", "").replace("WITH_", "")
                .replace("CHACHA20_POLY1305_SHA256", "CHACHA20_POLY1305")
                .replace("AES_", "AES").replace('_', '-');
        String cipher = suite.contains("CHACHA") ? "CHACHA20-POLY1305"
                : suite.contains("128") ? "AES-128-GCM" : "AES-256-GCM";
        priority = isNew ? NEW + cipher
                : OLD + (isRsa ? "ECDHE-RSA" : "ECDHE-ECDSA") + ":-CIPHER-ALL:+" + cipher;
    }

    private String trusted() {
        return Pki.file(certificate.equals("rsa") ? "rsa.pem" : "root.pem");
    }

    @ParameterizedTest
    @MethodSource("suites")
    void opensslConnects(String suite) throws IOException {
        use(suite);
        Echo echo = new Echo();
        listen("127.0.0.1:0", server(Pki.server(certificate)), echo);
        talk(echo, suite, start("openssl", "s_client", "-connect", "127.0.0.1:" + port(),
                "-CAfile", trusted(), "-verify_return_error", library, name,
                "-no_ign_eof", name.equals(suite) ? "-tls1_3" : "-tls1_2"));
    }

    @ParameterizedTest
    @MethodSource("suites")
    @Needs("gnutls-cli")
    void gnutlsConnects(String suite) throws IOException {
        use(suite);
        Echo echo = new Echo();
        listen("127.0.0.1:0", server(Pki.server(certificate)), echo);
        talk(echo, suite, start("gnutls-cli", "--x509cafile", trusted(), "--priority",
                priority, "--verify-hostname", "localhost", "-p", "" + port(), "127.0.0.1"));
    }

    private void talk(Echo echo, String suite, Process process) throws IOException {
        int before = echo.count("open");
        turnUntil(() -> echo.count("open") == before + 1);
        assertEquals(suite, echo.tls().outcome().suite());
        say(process, "to and fro\n");
        turnUntil(() -> log().contains("\nto and fro"));
        process.getOutputStream().close();
        endOf(process);
        turnUntil(() -> echo.count("close") == before + 1);
        assertEquals(0, echo.result, echo.tls().outcome().failureText());
    }

    @ParameterizedTest
    @MethodSource("suites")
    void weConnectToOpenssl(String suite) throws IOException {
        use(suite);
        TlsContext client = client(new TlsConfig().trust(trusted()).suites(suite));
        int port = freePort();
        ask(client, suite, port, "fedcba\n", serve("ACCEPT", "openssl", "s_server", "-accept",
                "127.0.0.1:" + port, "-cert", Pki.file(certificate + ".pem"),
                "-key", Pki.file(certificate + ".key"), "-rev"));
    }

    @ParameterizedTest
    @MethodSource("suites")
    @Needs("gnutls-serv")
    void weConnectToGnutls(String suite) throws IOException {
        use(suite);
        TlsContext client = client(new TlsConfig().trust(trusted()).suites(suite));
        int port = freePort();
        ask(client, suite, port, "abcdef\n", serve("listening", "gnutls-serv", "--echo",
                "-p", "" + port, "--x509certfile", Pki.file(certificate + ".pem"),
                "--x509keyfile", Pki.file(certificate + ".key"), "--disable-client-cert"));
    }

    private void ask(TlsContext client, String suite, int port, String answer, Process process) {
        try {
            Recorder recorder = new Recorder();
            TlsStream stream = new TlsStream(client, recorder).host("localhost");
            assertEquals(0, at.parse("127.0.0.1:" + port));
            connect(stream);
            turnUntil(() -> recorder.count("open") == 1);
            assertEquals(suite, stream.outcome().suite());
            bytes.putStringWithoutLengthAscii(0, "abcdef\n");
            assertEquals(7, stream.write(bytes, 0, 7));
            turnUntil(() -> recorder.text.toString().equals(answer));
            stream.close();
            turnUntil(() -> recorder.count("close") == 1);
        } finally {
            stop(process);
        }
    }
}
