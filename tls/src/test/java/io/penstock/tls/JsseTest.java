package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.penstock.core.testing.Needs;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The JDK's own TLS as the other side, with data of every length. */
@Needs("openssl")
class JsseTest extends TlsFixture {
    private static final int PIECES = 60;

    private static SSLContext jsse() throws GeneralSecurityException, IOException {
        CertificateFactory certificates = CertificateFactory.getInstance("X.509");
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (InputStream root = Files.newInputStream(Path.of(Pki.file("root.pem")));
                InputStream own = Files.newInputStream(Path.of(Pki.file("server.pem")))) {
            store.setCertificateEntry("root", certificates.generateCertificate(root));
            String pem = Files.readString(Path.of(Pki.file("server.key")));
            byte[] key = Base64.getMimeDecoder().decode(pem.replaceAll("-----.*-----", ""));
            PrivateKey parsed = KeyFactory.getInstance("EC")
                    .generatePrivate(new PKCS8EncodedKeySpec(key));
            store.setKeyEntry("own", parsed, new char[0],
                    new Certificate[] {certificates.generateCertificate(own)});
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, new char[0]);
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    /** Runs the JDK's side in a thread, and ours in this one. */
    private interface Side {
        void run() throws IOException, GeneralSecurityException;
    }

    private void beside(Side side) {
        Throwable[] failed = {null};
        Thread thread = new Thread(() -> {
            try {
                side.run();
            } catch (Throwable t) {
                failed[0] = t;
            }
        });
        thread.start();
        turnUntil(() -> !thread.isAlive());
        assertNull(failed[0], () -> Arrays.toString(failed[0].getStackTrace()) + failed[0]);
    }

    private static void exchange(SSLSocket socket, int seed) throws IOException {
        Random random = new Random(seed);
        for (int i = 0; i < PIECES; i++) {
            byte[] out = new byte[1 + random.nextInt(1 << random.nextInt(17))];
            random.nextBytes(out);
            Thread writer = new Thread(() -> {
                try {
                    socket.getOutputStream().write(out);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            writer.start();
            assertArrayEquals(out, socket.getInputStream().readNBytes(out.length));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void theJdkConnects(String version) throws IOException, GeneralSecurityException {
        Echo echo = new Echo();
        TlsContext server = server(Pki.server("server").alpn("echo")
                .trust(Pki.file("root.pem")).requireClientCertificate());
        listen("127.0.0.1:0", server, echo);
        SSLContext jsse = jsse();
        for (int i = 0; i < 2; i++) {
            int seed = i;
            beside(() -> {
                try (SSLSocket socket = (SSLSocket) jsse.getSocketFactory()
                        .createSocket("127.0.0.1", at.port())) {
                    socket.setEnabledProtocols(new String[] {version});
                    SSLParameters parameters = socket.getSSLParameters();
                    parameters.setEndpointIdentificationAlgorithm("HTTPS");
                    parameters.setApplicationProtocols(new String[] {"echo"});
                    socket.setSSLParameters(parameters);
                    exchange(socket, seed);
                    assertEquals("echo", socket.getApplicationProtocol());
                    socket.shutdownOutput();
                    assertEquals(-1, socket.getInputStream().read());
                }
            });
            turnUntil(() -> echo.count("close") == seed + 1);
        }
        assertEquals(0, echo.result, echo.tls().outcome().failureText());
        assertEquals(2, echo.count("end"));
        assertEquals(2, server.counter(TlsMetrics.DONE_OFFSET));
        assertEquals(1, server.counter(TlsMetrics.RESUMED_OFFSET));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void theJdkListens(String version) throws IOException, GeneralSecurityException {
        SSLServerSocket listening =
                (SSLServerSocket) jsse().getServerSocketFactory().createServerSocket(0);
        listening.setEnabledProtocols(new String[] {version});
        listening.setNeedClientAuth(true);
        Echo echo = new Echo();
        TlsStream stream = new TlsStream(client(Pki.client()
                .certificate(Pki.file("client.pem")).key(Pki.file("client.key"))), echo)
                .host("localhost");
        stream.queue(pool);
        assertEquals(0, at.parse("127.0.0.1:" + listening.getLocalPort()));
        connect(stream);
        beside(() -> {
            try (SSLSocket socket = (SSLSocket) listening.accept()) {
                exchange(socket, 3);
                socket.shutdownOutput();
                assertEquals(-1, socket.getInputStream().read());
            }
        });
        listening.close();
        turnUntil(() -> echo.count("close") == 1);
        assertEquals(0, echo.result, stream.outcome().failureText());
        invariantsHold(stream);
    }

    /** Every suite that its certificate can have, between the two. */
    @ParameterizedTest
    @ValueSource(strings = {
        "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    })
    void theJdkConnectsWithEachSuite(String suite) throws IOException, GeneralSecurityException {
        Echo echo = new Echo();
        listen("127.0.0.1:0", server(Pki.server("server")), echo);
        SSLContext jsse = jsse();
        beside(() -> {
            try (SSLSocket socket = (SSLSocket) jsse.getSocketFactory()
                    .createSocket("127.0.0.1", at.port())) {
                socket.setEnabledCipherSuites(new String[] {suite});
                exchange(socket, suite.hashCode());
                assertEquals(suite, socket.getSession().getCipherSuite());
                socket.shutdownOutput();
                assertEquals(-1, socket.getInputStream().read());
            }
        });
        turnUntil(() -> echo.count("close") == 1);
        assertEquals(0, echo.result, echo.tls().outcome().failureText());
    }
}
