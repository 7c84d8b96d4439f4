package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.IcuNames;
import io.penstock.core.net.Listener;
import io.penstock.core.net.SocketStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/**
 * Hostile names against the JDK's verifier: whom a client of ours accepts for a name the JDK
 * accepts for it too. Where they differ on purpose stands in {@link #isLeftToUs}.
 */
class HostileNamesTest {
    private static final int SERVERS = 8;
    private static final byte[] ADDRESS = {1, 2, 3, 4};
    private static final byte[] LONG_ADDRESS = new byte[16];
    private static final String[] SEEDS = {
        "localhost", "a.example.org", "b.a.example.org", "example.org", "xn--bcher-kva.example",
        "b\u00fccher.example", "example.com", "com", "org", "x.y.org", "test", "a.test", "1.2.3.4",
        "::", "::1", "1.2.3", "16909060", "0x01020304", "a_b.example", "cn.example", "", ".",
        "ab.example.org", "localhost.evil.example", "evil.localhost", "*.example.org", "a.co.uk",
    };

    private static EventLoop loop;
    private static TlsContext[] contexts;
    private static Endpoint[] servers;
    private static SSLContext[] judges;
    private static final Map<String, Boolean> VERDICTS = new HashMap<>();
    private static int accepted;
    private static int refused;

    @BeforeContainer
    static void serve() {
        loop = new EventLoop(new LoopConfig().handles(256));
        assertEquals(0, loop.open());
        Certificates[] all = {
            of("x", ADDRESS, "localhost", "*.example.org"),
            of("x", null, "*.com", "com", "*.org", "*", "*."),
            of("x", null, "a*.example.org", "*b.example.org", "*.*.example.org", "x.*.org"),
            of("x", null, "xn--bcher-kva.example", "*.xn--bcher-kva.example", "xn--*.example"),
            of("x", null, ".test", "test.", ".localhost", "LOCALHOST.evil.example", "A_B.example"),
            of("cn.example", null),
            of("cn.example", LONG_ADDRESS, "1.2.3.4", "1.2.3", "16909060", "::1", "::"),
            of("localhost", null, "localhost\0.evil.example", "a.example.org\0", "", "*.co.uk"),
        };
        contexts = new TlsContext[2 * SERVERS];
        servers = new Endpoint[SERVERS];
        judges = new SSLContext[SERVERS];
        for (int i = 0; i < SERVERS; i++) {
            NativeBuffer pem = buffer(all[i].pem());
            TlsContext server = TlsContext.server(loop, new TlsConfig()
                    .certificate(pem, 0, pem.capacity()).key(pem, 0, pem.capacity()));
            contexts[i] = TlsContext.client(loop, new TlsConfig().names(new IcuNames())
                    .trust(pem, 0, pem.capacity()));
            contexts[SERVERS + i] = server;
            assertEquals(0, server.open(), server::failureText);
            assertEquals(0, contexts[i].open(), contexts[i]::failureText);
            Listener listener = new Listener(loop,
                    new TlsAcceptor(server, new Echo(), 8), 8);
            servers[i] = new Endpoint();
            assertEquals(0, servers[i].parse("127.0.0.1:0"));
            assertEquals(0, listener.listen(servers[i], 16));
            assertEquals(0, listener.localEndpoint(servers[i]));
            judges[i] = judge(all[i]);
        }
    }

    private static Certificates of(String subject, byte[] address, String... hosts) {
        return address == null ? Certificates.of(subject, hosts)
                : Certificates.of(subject, hosts, address);
    }

    private static NativeBuffer buffer(String text) {
        NativeBuffer buffer = NativeBuffer.allocate(text.length());
        buffer.putBytes(0, text.getBytes(StandardCharsets.ISO_8859_1));
        return buffer;
    }

    private static SSLContext judge(Certificates own) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("own", own.pair.getPrivate(), new char[0],
                    new Certificate[] {own.certificate});
            KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
            keys.init(store, new char[0]);
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("own", own.certificate);
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | java.io.IOException e) {
            throw new AssertionError(e);
        }
    }

    @Provide
    Arbitrary<String> names() {
        Arbitrary<String> seed = Arbitraries.of(SEEDS);
        Arbitrary<String> piece = Arbitraries.of("", "", "", "", ".", "..", "*", "*.", "\0", " ",
                "-", "_", "xn--", "a", ":", "%", "[", "]", "0", "0x", "\u3002", "\uff0e",
                "\u00ad", "\uff41", "\u212a", "\ud800", "\0.evil.example", ".localhost", "/");
        return Combinators.combine(seed, piece, piece, Arbitraries.integers().between(0, 9),
                Arbitraries.integers().between(0, 40)).as((name, before, after, how, at) -> {
                    String whole = before + name + after;
                    int cut = Math.min(at, whole.length());
                    return switch (how) {
                        case 0 -> whole.toUpperCase(java.util.Locale.ROOT);
                        case 1 -> whole.substring(cut);
                        case 2 -> name.substring(0, Math.min(at, name.length())) + after
                                + name.substring(Math.min(at, name.length()));
                        case 3 -> "[" + whole + "]";
                        default -> whole;
                    };
                });
    }

    @Property(tries = 400, shrinking = ShrinkingMode.OFF)
    void whomWeAcceptTheJdkAcceptsToo(@ForAll("names") String name) {
        for (int i = 0; i < SERVERS; i++) {
            int server = i;
            boolean isAccepted = isAcceptedByUs(name, server);
            accepted += isAccepted ? 1 : 0;
            refused += isAccepted ? 0 : 1;
            assertTrue(!isAccepted || isLeftToUs(name) || isAcceptedByJdk(mapped(name), server),
                    () -> "\"" + name + "\" at " + server);
        }
    }

    /**
     * Where the JDK refuses what we accept: an underscore, or a hyphen at an end of a label, which
     * it allows in no name.
     */
    private static boolean isLeftToUs(String name) {
        return name.contains("_") || (name + ".").matches("(.*\\.)?(-.*|.*-\\..*)");
    }

    /** The JDK maps by the standard of 2003. */
    private static String mapped(String name) {
        StringBuilder out = new StringBuilder();
        boolean isAscii = name.chars().allMatch(c -> c < 0x80);
        return isAscii || new IcuNames().toAscii(name, out) < 0 ? name : out.toString();
    }

    private static boolean isAcceptedByUs(String name, int server) {
        Recorder recorder = new Recorder();
        TlsStream stream = new TlsStream(contexts[server], recorder).host(name);
        SocketStream below = new SocketStream(loop, stream.transport());
        assertEquals(0, below.connect(servers[server]));
        boolean isOpen = stream.open(below) == 0;
        Pump.until(loop, () -> !isOpen || !recorder.calls.isEmpty());
        boolean isAccepted = recorder.calls.contains("open");
        if (isAccepted) {
            stream.close();
        }
        below.close();
        loop.runOnce(0);
        return isAccepted;
    }

    private static boolean isAcceptedByJdk(String name, int server) {
        return VERDICTS.computeIfAbsent(server + name, key -> shake(name, judges[server]));
    }

    private static boolean shake(String name, SSLContext context) {
        try {
            SSLEngine client = context.createSSLEngine(name, 443);
            SSLParameters parameters = client.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            client.setSSLParameters(parameters);
            client.setUseClientMode(true);
            SSLEngine server = context.createSSLEngine();
            server.setUseClientMode(false);
            client.beginHandshake();
            server.beginHandshake();
            ByteBuffer up = ByteBuffer.allocate(1 << 17);
            ByteBuffer down = ByteBuffer.allocate(1 << 17);
            for (int i = 0; i < 100; i++) {
                if (step(client, up, down) || step(server, down, up)) {
                    return true;
                }
            }
            throw new AssertionError("neither");
        } catch (SSLException | IllegalArgumentException e) {
            return false;
        }
    }

    /** Whether it has finished: of a client, the name is verified then. */
    private static boolean step(SSLEngine engine, ByteBuffer out, ByteBuffer in)
            throws SSLException {
        ByteBuffer none = ByteBuffer.allocate(1 << 17);
        for (int i = 0; i < 20; i++) {
            Runnable task = engine.getDelegatedTask();
            if (task != null) {
                task.run();
                continue;
            }
            SSLEngineResult result;
            if (engine.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.NEED_WRAP) {
                result = engine.wrap(ByteBuffer.allocate(0), out);
            } else {
                in.flip();
                result = engine.unwrap(in, none);
                in.compact();
            }
            if (result.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.FINISHED) {
                return engine.getUseClientMode();
            }
            if (result.getStatus() != SSLEngineResult.Status.OK) {
                return false;
            }
        }
        return false;
    }

    /** A test that sees one side alone cannot fail. */
    @AfterContainer
    static void itSawBoth() {
        List<TlsContext> all = new ArrayList<>(List.of(contexts));
        loop.close();
        all.forEach(TlsContext::close);
        assertTrue(accepted > 30, accepted + " accepted");
        assertTrue(refused > 300, refused + " refused");
    }
}
