package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.net.Close;
import io.penstock.core.net.Stream;
import io.penstock.core.testing.Needs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The other implementations that people have, as processes. */
@Needs("openssl")
class PeersTest extends PeerFixture {
    private final DirectBuffer page = bytes;

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void opensslConnects(String version) throws IOException {
        Echo echo = new Echo();
        listen("127.0.0.1:0", server(Pki.server("server").alpn("x", "echo")
                .host("localhost", Pki.server("server"))), echo);
        Process process = start("openssl", "s_client", "-connect", "127.0.0.1:" + port(),
                version, "-servername", "localhost", "-verify_hostname", "localhost",
                "-CAfile", Pki.file("root.pem"), "-verify_return_error", "-alpn", "echo,http");
        say(process, "to and fro\n");
        turnUntil(() -> log().contains("to and fro"));
        process.getOutputStream().close();
        endOf(process);
        turnUntil(() -> echo.count("close") == 1);
        assertEquals(0, echo.result, echo.tls().outcome().failureText());
        assertEquals(1, echo.count("end"));
        assertEquals(0, process.exitValue());
        assertTrue(log().contains("ALPN protocol: echo"), this::log);
        assertTrue(log().contains("Verification: OK"), this::log);
        assertTrue(log().contains("Verified peername: localhost"), this::log);
    }

    @Test
    void opensslUpdatesKeysAndResumes() throws IOException {
        Echo echo = new Echo();
        TicketKeys keys = new TicketKeys(1);
        keys.rotate();
        TlsContext server = server(Pki.server("server").ticketKeys(keys)
                .staple(Pki.file("staple.der")));
        listen("127.0.0.1:0", server, echo);
        Process process = start("openssl", "s_client", "-connect", "127.0.0.1:" + port(),
                "-CAfile", Pki.file("root.pem"), "-sess_out", "session", "-status");
        say(process, "one\n");
        turnUntil(() -> log().contains("\none"));
        say(process, "K\n"); // a command of its own, if it is read alone
        turnUntil(() -> log().contains("KEYUPDATE"));
        say(process, "two\n");
        turnUntil(() -> log().contains("\ntwo"));
        say(process, "Q\n");
        endOf(process);
        assertTrue(log().contains("OCSP Response Status: successful"), this::log);
        turnUntil(() -> echo.count("close") == 1);
        Process again = start("openssl", "s_client", "-connect", "127.0.0.1:" + port(),
                "-CAfile", Pki.file("root.pem"), "-sess_in", "session");
        say(again, "three\n");
        turnUntil(() -> log().contains("\nthree"));
        again.getOutputStream().close();
        endOf(again);
        assertTrue(log().contains("Reused, TLSv1.3"), this::log);
        assertEquals(1, server.counter(TlsMetrics.RESUMED_OFFSET));
    }

    @Test
    void opensslAsksForRenegotiation() throws IOException {
        Echo echo = new Echo();
        TlsContext server = server(Pki.server("server"));
        listen("127.0.0.1:0", server, echo);
        Process process = start("openssl", "s_client", "-connect", "127.0.0.1:" + port(),
                "-CAfile", Pki.file("root.pem"), "-tls1_2", "-legacy_renegotiation");
        say(process, "one\n");
        turnUntil(() -> log().contains("\none"));
        say(process, "R\n");
        turnUntil(() -> echo.count("close") == 1);
        assertCode(ReturnCode.TLS_RENEGOTIATION, echo.result);
        assertEquals(1, server.counter(TlsMetrics.RENEGOTIATIONS_OFFSET));
        endOf(process);
    }

    @Test
    void opensslWithoutACertificateIsRefused() {
        Echo echo = new Echo();
        listen("127.0.0.1:0", server(Pki.server("server").trust(Pki.file("root.pem"))
                .requireClientCertificate()), echo);
        Process process = start("openssl", "s_client", "-connect", "127.0.0.1:" + port(),
                "-CAfile", Pki.file("root.pem"));
        turnUntil(() -> echo.count("close") == 1);
        assertCode(ReturnCode.TLS_CERTIFICATE_MISSING, echo.result);
        endOf(process);
        assertTrue(log().contains("certificate required"), this::log);
        assertTrue(Pattern.compile("CN ?= ?root").matcher(log()).find(),
                () -> "the names of those trusted: " + log());
        Process known = start("openssl", "s_client", "-connect", "127.0.0.1:" + port(),
                "-CAfile", Pki.file("root.pem"), "-cert", Pki.file("client.pem"),
                "-key", Pki.file("client.key"));
        turnUntil(() -> echo.count("open") == 1);
        known.destroy();
        endOf(known);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void connectsToOpenssl(String version) throws IOException {
        int port = freePort();
        Process process = serve("ACCEPT", "openssl", "s_server", "-accept", "127.0.0.1:" + port,
                version, "-cert", Pki.file("server.pem"), "-key", Pki.file("server.key"),
                "-CAfile", Pki.file("root.pem"), "-Verify", "1", "-rev", "-alpn", "echo");
        try {
            TlsContext client = client(Pki.client().alpn("echo")
                    .certificate(Pki.file("client.pem")).key(Pki.file("client.key")));
            assertEquals(0, at.parse("127.0.0.1:" + port));
            int length = 0;
            for (int i = 0; i < 3; i++) {
                Recorder recorder = new Recorder();
                TlsStream stream = new TlsStream(client, recorder).host("localhost")
                        .importSession(bytes, 1_000, length);
                connect(stream);
                turnUntil(() -> recorder.count("open") == 1);
                bytes.putStringWithoutLengthAscii(0, "abcdef\n");
                assertEquals(7, stream.write(bytes, 0, 7));
                turnUntil(() -> recorder.text.toString().equals("fedcba\n"));
                assertEquals("echo", stream.outcome().alpn());
                assertEquals(i > 0, stream.outcome().isResumed());
                length = stream.outcome().exportSession(bytes, 1_000);
                stream.shutdown();
                turnUntil(() -> recorder.count("end") + recorder.count("close") > 0);
                stream.close();
                turnUntil(() -> recorder.count("close") == 1);
            }
        } finally {
            stop(process);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"NORMAL:-VERS-ALL:+VERS-TLS1.2", "NORMAL:-VERS-ALL:+VERS-TLS1.3"})
    @Needs("gnutls-cli")
    void gnutlsConnects(String priority) throws IOException {
        Echo echo = new Echo();
        listen("127.0.0.1:0", server(Pki.server("server")), echo);
        Process process = start("gnutls-cli", "--x509cafile", Pki.file("root.pem"),
                "--priority", priority, "--sni-hostname", "localhost",
                "--verify-hostname", "localhost", "-p", "" + port(), "127.0.0.1");
        turnUntil(() -> log().contains("Simple Client Mode"));
        say(process, "to and fro\n");
        turnUntil(() -> log().contains("to and fro"));
        process.getOutputStream().close();
        endOf(process);
        turnUntil(() -> echo.count("close") == 1);
        assertEquals(0, echo.result, echo.tls().outcome().failureText());
        assertTrue(log().contains("Status: The certificate is trusted"), this::log);
    }

    @ParameterizedTest
    @ValueSource(strings = {"NORMAL:-VERS-ALL:+VERS-TLS1.2", "NORMAL:-VERS-ALL:+VERS-TLS1.3"})
    @Needs("gnutls-cli")
    void gnutlsShowsItsCertificateAndResumes(String priority) throws IOException {
        Echo echo = new Echo();
        TlsContext server = server(Pki.server("other").host("localhost", Pki.server("server"))
                .alpn("x", "echo").trust(Pki.file("root.pem")).requireClientCertificate());
        listen("127.0.0.1:0", server, echo);
        Process process = start("gnutls-cli", "--x509cafile", Pki.file("root.pem"), "--resume",
                "--priority", priority, "--sni-hostname", "localhost", "--alpn", "echo",
                "--x509certfile", Pki.file("client.pem"), "--x509keyfile", Pki.file("client.key"),
                "--verify-hostname", "localhost", "-p", "" + port(), "127.0.0.1");
        turnUntil(() -> log().contains("This is a resumed session"));
        turnUntil(() -> echo.count("open") == 2);
        say(process, "to and fro\n");
        turnUntil(() -> log().contains("to and fro"));
        process.getOutputStream().close();
        endOf(process);
        turnUntil(() -> echo.count("close") == 2);
        assertEquals(1, server.counter(TlsMetrics.RESUMED_OFFSET));
        assertTrue(log().contains("Application protocol: echo"), this::log);
    }

    @ParameterizedTest
    @ValueSource(strings = {"NORMAL:-VERS-ALL:+VERS-TLS1.2", "NORMAL:-VERS-ALL:+VERS-TLS1.3"})
    @Needs("gnutls-serv")
    void connectsToGnutls(String priority) throws IOException {
        int port = freePort();
        Process process = serve("listening", "gnutls-serv", "--echo", "-p", "" + port,
                "--x509certfile", Pki.file("server.pem"), "--x509keyfile",
                Pki.file("server.key"), "--priority", priority, "--disable-client-cert");
        try {
            Recorder recorder = new Recorder();
            TlsStream stream = new TlsStream(client(Pki.client()), recorder).host("localhost");
            assertEquals(0, at.parse("127.0.0.1:" + port));
            connect(stream);
            turnUntil(() -> recorder.count("open") == 1);
            bytes.putStringWithoutLengthAscii(0, "to and fro\n");
            stream.write(bytes, 0, 11);
            turnUntil(() -> recorder.text.toString().equals("to and fro\n"));
            stream.shutdown();
            turnUntil(() -> recorder.count("end") + recorder.count("close") > 0);
            stream.close();
            turnUntil(() -> recorder.count("close") == 1);
        } finally {
            stop(process);
        }
    }

    /** A server of HTTP: whatever it is asked, it answers so much, and closes. */
    private Recorder pages(int pageBytes) {
        String head = "HTTP/1.1 200 OK\r\nContent-Length: " + pageBytes
                + "\r\nConnection: close\r\n\r\n";
        bytes.putStringWithoutLengthAscii(0, head);
        return new Recorder() {
            @Override
            public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
                super.onData(stream, buffer, offset, length);
                if (text.toString().endsWith("end")) {
                    assertEquals(head.length() + pageBytes,
                            stream.write(page, 0, head.length() + pageBytes));
                    stream.close(Close.WHEN_DRAINED);
                }
            }
        };
    }

    private Process curl(String... options) {
        List<String> command = new ArrayList<>(List.of("curl", "-sS", "--cacert",
                Pki.file("root.pem"), "--resolve", "localhost:" + port() + ":127.0.0.1",
                "--resolve", "elsewhere:" + port() + ":127.0.0.1", "--data", "from here to the end",
                "-o", "page", "-w", "%{http_code} %{size_download} %{ssl_verify_result}\n"));
        command.addAll(List.of(options));
        Process process = Processes.start(folder, folder.resolve("log"), command);
        endOf(process);
        return process;
    }

    /**
     * Both ways, as whom the server knows, and the second time by the first one's ticket; of TLS
     * 1.2 it takes none.
     */
    @ParameterizedTest
    @CsvSource({"1.2,0", "1.3,1"})
    @Needs("curl")
    void curlFetches(String version, int resumed) {
        Recorder http = pages(700_000);
        TlsContext server = server(Pki.server("server").alpn("http/1.1")
                .trust(Pki.file("root.pem")).requireClientCertificate());
        listen("127.0.0.1:0", server, http);
        Process process = curl("--tlsv" + version, "--tls-max", version,
                "--cert", Pki.file("client.pem"), "--key", Pki.file("client.key"),
                "https://localhost:" + port() + "/", "https://localhost:" + port() + "/again",
                "-o", "page2");
        assertEquals(0, process.exitValue(), this::log);
        assertEquals("200 700000 0\n200 700000 0\n", log());
        assertTrue(http.text.toString().startsWith("POST / HTTP/1.1\r\n"));
        turnUntil(() -> http.count("close") == 2);
        assertEquals(0, http.result);
        assertEquals(resumed, server.counter(TlsMetrics.RESUMED_OFFSET));
    }

    @Test
    @Needs("curl")
    void curlRefusesAnotherName() {
        Recorder http = pages(1);
        listen("127.0.0.1:0", server(Pki.server("server")), http);
        Process process = curl("https://elsewhere:" + port() + "/");
        assertEquals(60, process.exitValue(), this::log);
        turnUntil(() -> http.count("end") + http.count("close") > 0);
        assertEquals(0, http.bytes);
    }
}
