package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.net.Endpoint;
import io.penstock.core.testing.Needs;
import io.penstock.udp.UdpSocket;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The other implementations that people have, as processes. */
@Needs("openssl")
class DtlsPeersTest extends DtlsFixture {
    private final DtlsRecorder echo = echo();
    @TempDir
    private Path folder;
    private Process process;

    @AfterEach
    void stop() {
        if (process != null) {
            process.destroyForcibly();
            Processes.await(process);
        }
    }

    private void start(String... command) {
        process = Processes.start(folder, folder.resolve("log"), List.of(command));
    }

    private String log() {
        try {
            Path log = folder.resolve("log");
            return Files.exists(log) ? Files.readString(log, StandardCharsets.ISO_8859_1) : "";
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void say(String text) {
        try {
            OutputStream out = process.getOutputStream();
            out.write(text.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
        } catch (IOException e) {
            throw new AssertionError(log(), e);
        }
    }

    private void hangUp() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            throw new AssertionError(log(), e);
        }
    }

    /** A port where a server of somebody else's can listen. */
    private int freePort() {
        UdpSocket holds = new UdpSocket();
        Endpoint any = new Endpoint();
        assertEquals(0, any.ipv4(Endpoint.IPV4_LOOPBACK, 0));
        assertEquals(0, holds.bind(any));
        assertEquals(0, holds.localEndpoint(any));
        holds.close();
        assertEquals(0, at.ipv4(Endpoint.IPV4_LOOPBACK, any.port()));
        return any.port();
    }

    /** Says hello until somebody listens. */
    private DtlsConnection persist() {
        DtlsConnection dtls = connection();
        for (int i = 0; i < 100 && recorder.opened == 0; i++) {
            int closed = recorder.closed;
            connect(dtls);
            turnUntil(() -> recorder.opened == 1 || recorder.closed > closed);
            for (int pause = 0; pause < 10 && recorder.opened == 0; pause++) {
                loop.runOnce(STEP_NS);
            }
        }
        assertEquals(1, recorder.opened, this::log);
        return dtls;
    }

    private void closes(DtlsConnection dtls) {
        int closed = recorder.closed;
        assertEquals(0, dtls.close());
        turnUntil(() -> recorder.closed > closed);
        assertEquals(0, recorder.result);
    }

    @Test
    void opensslConnects() {
        listen(Pki.server("server").alpn("x", "echo"), echo, 2);
        start("openssl", "s_client", "-dtls1_2", "-connect", "127.0.0.1:" + at.port(),
                "-servername", "localhost", "-verify_hostname", "localhost",
                "-CAfile", Pki.file("root.pem"), "-verify_return_error", "-alpn", "echo,http");
        turnUntil(() -> echo.opened == 1);
        say("to and fro\n");
        turnUntil(() -> log().contains("\nto and fro"));
        say("Q\n");
        turnUntil(() -> echo.closed == 1);
        assertEquals(0, echo.result, echo.connection.outcome().failureText());
        assertTrue(log().contains("ALPN protocol: echo"), this::log);
        assertTrue(log().contains("Verification: OK"), this::log);
        assertTrue(log().contains("DTLSv1.2"), this::log);
        assertEquals(1, server.counter(TlsMetrics.COOKIES_OFFSET));
    }

    @Test
    void opensslWithASmallMtuConnects() {
        listen(Pki.server("server"), echo, 2);
        start("openssl", "s_client", "-dtls1_2", "-connect", "127.0.0.1:" + at.port(),
                "-mtu", "400", "-CAfile", Pki.file("root.pem"), "-verify_return_error");
        turnUntil(() -> echo.opened == 1);
        say("small\n");
        turnUntil(() -> log().contains("\nsmall"));
    }

    @Test
    void opensslListens() {
        int port = freePort();
        start("openssl", "s_server", "-dtls1_2", "-listen", "-accept", "127.0.0.1:" + port,
                "-cert", Pki.file("server.pem"), "-key", Pki.file("server.key"),
                "-quiet", "-mtu", "600");
        DtlsConnection dtls = persist();
        text(dtls, "to\n");
        turnUntil(() -> log().contains("to\n"));
        say("fro\n");
        turnUntil(() -> recorder.messages.contains("fro\n"));
        closes(dtls);
    }

    @Test
    @Needs("gnutls-cli")
    void gnutlsConnects() {
        listen(Pki.server("server"), echo, 2);
        start("gnutls-cli", "--udp", "--port", "" + at.port(),
                "--x509cafile", Pki.file("root.pem"), "--verify-hostname", "localhost",
                "127.0.0.1");
        turnUntil(() -> echo.opened == 1);
        say("to and fro\n");
        turnUntil(() -> log().contains("\nto and fro"));
        hangUp();
        turnUntil(() -> echo.closed == 1);
        assertEquals(0, echo.result, echo.connection.outcome().failureText());
        assertTrue(log().contains("DTLS1.2"), this::log);
    }

    @Test
    @Needs("gnutls-serv")
    void gnutlsListens() {
        int port = freePort();
        start("gnutls-serv", "--udp", "--port", "" + port, "--echo",
                "--x509certfile", Pki.file("server.pem"),
                "--x509keyfile", Pki.file("server.key"), "--disable-client-cert");
        DtlsConnection dtls = persist();
        text(dtls, "to and fro\n");
        turnUntil(() -> recorder.messages.contains("to and fro\n"));
        closes(dtls);
    }
}
