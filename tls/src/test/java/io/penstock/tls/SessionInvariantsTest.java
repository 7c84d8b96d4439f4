package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.Listener;
import io.penstock.core.net.SocketStream;
import io.penstock.core.testing.Descriptors;
import io.penstock.tls.openssl.Live;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import net.jqwik.api.lifecycle.AfterContainer;

/** Two servers of random policies, with the same ticket keys: one takes the other's if equal. */
@AddLifecycleHook(NeedsOpenssl.class)
class SessionInvariantsTest {
    private static final AtomicInteger RESUMED = new AtomicInteger();
    private static final AtomicInteger FULL = new AtomicInteger();
    private static final AtomicInteger REFUSED = new AtomicInteger();

    /** A policy in words. */
    record Words(int certificates, boolean trustsRoot, boolean trustsStranger, String revoked,
            boolean isTwice) {
        /** The same words, perhaps in another order. */
        TlsConfig config(TicketKeys keys, int protocol) {
            TlsConfig config = Pki.server("server").ticketKeys(keys).protocols(protocol, protocol);
            trust(config, isTwice ? "stranger" : "root");
            trust(config, isTwice ? "root" : "stranger");
            if (revoked != null) {
                config.revoked(Pki.file(revoked + ".pem"));
            }
            return certificates == 1 ? config.requestClientCertificate()
                    : certificates == 2 ? config.requireClientCertificate() : config;
        }

        private void trust(TlsConfig config, String name) {
            if (name.equals("root") ? trustsRoot : trustsStranger) {
                config.trust(Pki.file(name + ".pem"));
            }
        }

        boolean isAs(Words other) {
            return certificates == other.certificates && trustsRoot == other.trustsRoot
                    && trustsStranger == other.trustsStranger
                    && (revoked == null ? other.revoked == null : revoked.equals(other.revoked));
        }

        /** Whether the client's certificate passes. */
        boolean letsIn() {
            return certificates == 0 || trustsRoot;
        }
    }

    @Provide
    Arbitrary<Words> words() {
        return Combinators.combine(Arbitraries.integers().between(0, 2),
                Arbitraries.of(true, true, false), Arbitraries.of(true, false),
                Arbitraries.of("revoked", "unrevoked").injectNull(0.5),
                Arbitraries.of(true, false)).as(Words::new);
    }

    @Provide
    Arbitrary<Words[]> pairs() {
        Arbitrary<Words> any = words();
        return Arbitraries.oneOf(
                Combinators.combine(any, any).as((a, b) -> new Words[] {a, b}),
                any.map(a -> new Words[] {a, new Words(a.certificates, a.trustsRoot,
                        a.trustsStranger, a.revoked, !a.isTwice)}));
    }

    @Property(tries = 60, shrinking = ShrinkingMode.OFF)
    void itIsResumedOnlyUnderAnEqualPolicy(
            @ForAll("pairs") Words[] pair, @ForAll boolean isOld) {
        Pki.file("root.pem");
        long live = Live.count();
        int descriptors = Descriptors.open();
        try (EventLoop loop = new EventLoop(new LoopConfig().handles(32));
                TlsSession session = new TlsSession()) {
            assertEquals(0, loop.open());
            visitBoth(loop, session, pair, isOld ? TlsConfig.TLS_1_2 : TlsConfig.TLS_1_3);
        }
        assertEquals(live, Live.count());
        Descriptors.assertOpen(descriptors);
    }

    private static void visitBoth(EventLoop loop, TlsSession session, Words[] pair, int protocol) {
        TicketKeys keys = new TicketKeys(1);
        assertEquals(0, keys.rotate());
        TlsContext client = TlsContext.client(loop, Pki.client()
                .certificate(Pki.file("client.pem")).key(Pki.file("client.key")));
        assertEquals(0, client.open());
        boolean hasSession = false;
        for (Words words : pair) {
            TlsContext server = TlsContext.server(loop, words.config(keys, protocol));
            assertEquals(0, server.open());
            Recorder recorder = new Recorder();
            TlsStream stream = visit(loop, client, server, session, recorder);
            boolean isOpen = recorder.count("data") == 1;
            assertEquals(words.letsIn(), isOpen, words::toString);
            boolean isResumed = stream.outcome().isResumed();
            assertEquals(hasSession && pair[0].isAs(pair[1]), isResumed && isOpen);
            (!isOpen ? REFUSED : isResumed ? RESUMED : FULL).incrementAndGet();
            hasSession |= isOpen && stream.outcome().saveSession(session) == 0;
            stream.close();
            Pump.until(loop, () -> recorder.count("close") == 1
                    && server.counter(TlsMetrics.LIVE_OFFSET) == 0);
            server.close();
        }
        client.close();
    }

    /** Until data have come back, or it is closed. */
    private static TlsStream visit(EventLoop loop, TlsContext client, TlsContext server,
            TlsSession session, Recorder recorder) {
        Listener listener = new Listener(loop, new TlsAcceptor(server, new Echo(), 1), 1);
        Endpoint at = new Endpoint();
        at.parse("127.0.0.1:0");
        assertEquals(0, listener.listen(at, 1));
        assertEquals(0, listener.localEndpoint(at));
        TlsStream stream = new TlsStream(client, recorder).host("localhost").session(session);
        SocketStream below = new SocketStream(loop, stream.transport());
        assertEquals(0, below.connect(at));
        assertEquals(0, stream.open(below));
        Pump.until(loop, () -> recorder.count("open") + recorder.count("close") > 0);
        if (stream.isOpen()) {
            stream.write(server.records().scratch, 0, 8);
        }
        Pump.until(loop, () -> recorder.count("data") + recorder.count("close") > 0);
        listener.close();
        return stream;
    }

    /** A test that looks at too little is one that cannot fail. */
    @AfterContainer
    static void itSawEnough() {
        assertTrue(RESUMED.get() >= 5, RESUMED + " resumed");
        assertTrue(FULL.get() >= 20, FULL + " full");
        assertTrue(REFUSED.get() >= 3, REFUSED + " refused");
    }
}
