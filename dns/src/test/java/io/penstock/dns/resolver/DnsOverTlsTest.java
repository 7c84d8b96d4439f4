package io.penstock.dns.resolver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.Stream;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.Needs;
import io.penstock.dns.iana.EdnsOption;
import io.penstock.dns.iana.RecordType;
import io.penstock.dns.resolver.ResolverConfig.Privacy;
import io.penstock.tls.OpenSsl;
import io.penstock.tls.SelfSigned;
import io.penstock.tls.TlsConfig;
import io.penstock.tls.TlsConnector;
import io.penstock.tls.TlsContext;
import io.penstock.tls.TlsMetrics;
import io.penstock.tls.TlsStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** DNS over TLS: who is believed to be the server, what is sent to whom, and how. */
@Needs("openssl")
class DnsOverTlsTest extends ResolverFixture {
    @TempDir
    static Path folder;

    private TlsContext serverContext;
    private TlsContext clientContext;
    private TlsConnector connector;

    @BeforeAll
    static void certificates() {
        assertEquals(0, OpenSsl.load(), OpenSsl::tried);
        try (SelfSigned identity = new SelfSigned()) {
            identity.generate(); // what the library opens once for good
        }
        Certificates.make(folder, "good", "DNS:dns.example,IP:127.0.0.1");
        Certificates.make(folder, "named", "DNS:dns.example");
        Certificates.make(folder, "stranger", "DNS:dns.example,IP:127.0.0.1");
    }

    @AfterEach
    void close() {
        if (resolver != null) {
            resolver.close();
            turns(3);
        }
        connector.close();
    }

    private TlsContext context(TlsContext context) {
        assertEquals(0, context.open());
        return context;
    }

    private int serve(String identity) {
        serverContext = context(TlsContext.server(loop, Certificates.identity(folder, identity)));
        Endpoint where = Ports.free();
        server.secure(serverContext, where);
        return where.port();
    }

    private TlsConnector connector(TlsConfig trust) {
        clientContext = context(TlsContext.client(loop, trust));
        connector = new TlsConnector(clientContext);
        return connector;
    }

    private TlsConnector trusting(String name) {
        return connector(Certificates.trust(folder, name));
    }

    private void strict(String identity, String trusted) {
        config.secure(Privacy.STRICT, trusting(trusted), serve(identity));
    }

    private void assertNothingInTheClear() {
        assertEquals(0, word(ResolverMetrics.UDP_OFFSET) + word(ResolverMetrics.TCP_OFFSET));
    }

    // Strict

    @Test
    void theCertificateMustHaveTheAddressIfNoNameIsKnown() {
        strict("good", "good");
        assertEquals(List.of("192.0.2.1"), resolve("a.example", RecordType.A).addresses);
        assertEquals(1, word(ResolverMetrics.SECURE_OFFSET));
        assertNothingInTheClear();
        TlsStream first = (TlsStream) server.connections.getFirst();
        assertEquals("dot", first.outcome().alpn());
    }

    @Test
    void orTheNameThatIsKnown() {
        config.secure(Privacy.STRICT, trusting("named").host("dns.example"), serve("named"));
        assertEquals(1, resolve("a.example", RecordType.A).code);
    }

    @Test
    void orTheNameThatIsKnownForTheAddress() {
        config.secure(Privacy.STRICT, trusting("named").host("other.example")
                .host(server.at, "dns.example"), serve("named"));
        assertEquals(1, resolve("a.example", RecordType.A).code);
    }

    private void assertRefused(int code) {
        assertEquals(ReturnCode.describe(code),
                ReturnCode.describe(resolve("a.example", RecordType.A).code));
        assertEquals(List.of(), server.asked);
        assertNothingInTheClear();
    }

    @Test
    void anotherNameIsNotTheServer() {
        strict("named", "named");
        assertRefused(ReturnCode.TLS_WRONG_HOST);
    }

    @Test
    void whoIsNotTrustedIsNotTheServer() {
        strict("stranger", "good");
        assertRefused(ReturnCode.TLS_CERTIFICATE_UNTRUSTED);
    }

    @Test
    void whoHasNoTlsIsNotAskedInTheClear() {
        config.secure(Privacy.STRICT, trusting("good"), server.at.port());
        conf.timeoutNs(100 * MS).attempts(1);
        assertTrue(resolve("a.example", RecordType.A).code < 0);
        assertNothingInTheClear();
    }

    @Test
    void theNextServerMayBeTheRightOne() {
        Endpoint other = new Endpoint();
        other.parse("127.0.0.2:53");
        conf.server(other).server(server.at);
        strict("good", "good");
        assertEquals(1, resolve("a.example", RecordType.A).code);
        assertNothingInTheClear();
    }

    @Test
    void theNextServerIsAskedWhereOneIsNotBelieved() {
        strict("good", "good");
        Endpoint other = new Endpoint();
        other.parse("127.0.0.2:" + config.securePort);
        server.secure(context(TlsContext.server(
                loop, Certificates.identity(folder, "stranger"))), other);
        conf.server(other).server(server.at);
        assertEquals(1, resolve("a.example", RecordType.A).code);
        assertNothingInTheClear();
        assertEquals(1, clientContext.counter(TlsMetrics.FAILED_OFFSET));
    }

    // Opportunistic

    @Test
    void opportunismIsContentWithWhoeverEncrypts() {
        config.secure(Privacy.OPPORTUNISTIC,
                connector(new TlsConfig().acceptAnyPeer().alpn("dot")), serve("stranger"));
        assertEquals(1, resolve("a.example", RecordType.A).code);
        assertEquals(1, word(ResolverMetrics.SECURE_OFFSET));
        assertNothingInTheClear();
    }

    @Test
    void opportunismAsksInTheClearWhereTlsFails() {
        config.secure(Privacy.OPPORTUNISTIC, trusting("good"), serve("stranger"));
        assertEquals(1, resolve("a.example", RecordType.A).code);
        assertEquals(1, word(ResolverMetrics.UDP_OFFSET));
        resolve("b.example", RecordType.A);
        assertEquals(2, word(ResolverMetrics.UDP_OFFSET));
        assertEquals(1, clientContext.counter(TlsMetrics.BEGUN_OFFSET), "not tried for a while");
        aheadNs += 301 * SECOND;
        resolve("c.example", RecordType.A);
        assertEquals(2, clientContext.counter(TlsMetrics.BEGUN_OFFSET));
    }

    @Test
    void opportunismDoesNotWaitForASilentPort() {
        server.script = q -> {
            if (!q.isTcp()) {
                q.reply().a(q.name, 60, "192.0.2.1").send();
            }
        };
        conf.timeoutNs(100 * MS);
        config.secure(Privacy.OPPORTUNISTIC, trusting("good"), server.at.port());
        assertEquals(1, resolve("a.example", RecordType.A).code);
        assertEquals(1, word(ResolverMetrics.UDP_OFFSET));
    }

    @Test
    void aConnectionThatIsClosedIsNoReasonToAskInTheClear() {
        config.secure(Privacy.OPPORTUNISTIC, trusting("good"), serve("good"));
        server.script = q -> {
            if (q.number == 1) {
                q.stream.close();
            } else {
                q.reply().a(q.name, 60, "192.0.2.1").send();
            }
        };
        resolve("a.example", RecordType.A);
        assertEquals(1, resolve("b.example", RecordType.A).code);
        assertEquals(2, server.accepted);
        assertNothingInTheClear();
    }

    // What is sent

    @Test
    void queriesArePaddedAndAnswersMayBe() {
        strict("good", "good");
        List<Integer> lengths = new ArrayList<>();
        server.script = q -> {
            lengths.add(q.query.capacity());
            assertNull(q.option(EdnsOption.COOKIE), "it would tell who asks");
            q.reply().a(q.name, 60, "192.0.2.1").padded().send();
        };
        assertEquals(1, resolve("a.example", RecordType.A).code);
        assertEquals(1, resolve("x".repeat(60) + ".example", RecordType.A).code);
        assertEquals(1, resolve("x".repeat(60) + "." + "y".repeat(40) + ".example",
                RecordType.A).code);
        assertEquals(List.of(128, 128, 256), lengths);
        assertEquals(0, word(ResolverMetrics.MALFORMED_OFFSET));
    }

    @Test
    void oneConnectionForManyQuestionsInAnyOrder() {
        strict("good", "good");
        List<ScriptedServer.Question> all = new ArrayList<>();
        server.script = all::add;
        List<Result> results = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            results.add(start("a" + i + ".example", RecordType.A));
        }
        turnUntil(() -> all.size() == 8);
        for (int i = 7; i >= 0; i--) {
            ScriptedServer.Question q = all.get(i);
            q.reply().a(q.name, 60, "192.0.2." + q.name.charAt(1)).padded().send();
        }
        turnUntil(() -> results.stream().allMatch(r -> r.calls == 1));
        for (int i = 0; i < 8; i++) {
            assertEquals(List.of("192.0.2." + i), results.get(i).addresses);
        }
        assertEquals(1, server.accepted);
    }

    @Test
    void largeAnswersComeWhole() {
        strict("good", "good");
        server.script = q -> q.reply().txt(q.name, 60, 200).send();
        assertTrue(resolve("a.example", RecordType.TXT).records.get(0).length() > 50_000);
    }

    /** A record may be longer than what the loop reads at once, and have parts of two answers. */
    @Test
    void largeAnswersOneBehindTheOtherThoughTheLoopReadsLittle() {
        EventLoop other = new EventLoop(new LoopConfig().handles(64).readBufferBytes(1024));
        assertEquals(0, other.open());
        TlsContext client = context(TlsContext.client(other, Certificates.trust(folder, "good")));
        connector = new TlsConnector(client);
        config.secure(Privacy.STRICT, connector, serve("good"));
        resolver = new Resolver(other, config.resolvConf(conf.server(server.at)));
        assertEquals(0, resolver.open());
        NativeBuffer many = NativeBuffer.allocate(1 << 18);
        List<ScriptedServer.Question> all = new ArrayList<>();
        server.script = q -> {
            all.add(q.reply().txt(q.name, 60, 250));
            if (all.size() == 3) {
                int length = 0;
                for (ScriptedServer.Question one : all) {
                    length = one.putInto(many, length);
                }
                q.stream.write(many, 0, length);
            }
        };
        List<Result> results = List.of(new Result(), new Result(), new Result());
        for (int i = 0; i < 3; i++) {
            assertTrue(resolver.resolve(
                    "n" + i + ".example.", RecordType.TXT, results.get(i), NO_DEADLINE) >= 0);
        }
        turnUntil(() -> other.runOnce(0) >= 0 && results.stream().allMatch(r -> r.calls == 1));
        assertEquals(List.of(1, 1, 1), results.stream().map(r -> r.code).toList());
        assertEquals(1, server.accepted);
        other.close();
    }

    @Test
    void shortReadsAndWritesLoseNothing() {
        strict("good", "good");
        Random random = new Random(3);
        posix.shorten(Syscall.RECVFROM, random).shorten(Syscall.SENDTO, random);
        for (int i = 0; i < 20; i++) {
            assertEquals(1, resolve("n" + i + ".example", RecordType.A).code);
        }
        assertEquals(1, server.accepted);
    }

    // How it ends

    @Test
    void aConnectionThatIsClosedIsMadeAgainFromItsSession() {
        strict("good", "good");
        server.script = q -> {
            if (q.number == 1) {
                q.stream.close();
            } else {
                q.reply().a(q.name, 60, "192.0.2.1").send();
            }
        };
        resolve("a.example", RecordType.A);
        assertEquals(1, resolve("b.example", RecordType.A).code);
        assertEquals(2, server.accepted);
        assertEquals(1, serverContext.counter(TlsMetrics.RESUMED_OFFSET));
    }

    @Test
    void aConnectionThatIsCutIsMadeAgain() {
        strict("good", "good");
        server.script = q -> {
            if (q.number == 1) {
                ((TlsStream) q.stream).below().close(); // with no close_notify
            } else {
                q.reply().a(q.name, 60, "192.0.2.1").send();
            }
        };
        resolve("a.example", RecordType.A);
        assertEquals(1, resolve("b.example", RecordType.A).code);
        assertEquals(2, server.accepted);
        assertNothingInTheClear();
    }

    @Test
    void aConnectionThatFallsSilentIsGivenUp() {
        strict("good", "good");
        conf.timeoutNs(300 * MS);
        resolve("a.example", RecordType.A);
        Stream silent = server.connections.getFirst();
        server.script = q -> {
            if (q.stream != silent) {
                q.reply().a(q.name, 60, "192.0.2.1").send();
            }
        };
        assertEquals(1, resolve("b.example", RecordType.A).code);
        assertEquals(2, server.accepted);
    }

    @Test
    void anIdleConnectionDoesNotKeepTheLoopGoingAndEnds() {
        strict("good", "good");
        config.idleNs(SECOND);
        resolve("a.example", RecordType.A);
        assertEquals(0, loop.run());
        assertFalse(server.connections.isEmpty());
        aheadNs += 2 * SECOND;
        turnUntil(server.connections::isEmpty);
        assertEquals(1, resolve("b.example", RecordType.A).code);
        assertEquals(2, server.accepted);
    }

    @Test
    void cancellingWhatIsConnectingClosesIt() {
        strict("good", "good");
        open();
        long token = resolver.resolve("a.example", RecordType.A, new Result(), NO_DEADLINE);
        turns(1);
        assertEquals(0, resolver.cancel(token));
        turns(10);
        assertEquals(List.of(), server.connections);
        assertEquals(1, resolve("b.example", RecordType.A).code);
    }

    @Test
    void aDeadlineIsKeptThoughTheHandshakeHangs() {
        server.script = q -> { };
        config.secure(Privacy.STRICT, trusting("good"), server.at.port());
        Result result = start("a.example", RecordType.A, loop.nowNs() + 50 * MS);
        turnUntil(() -> result.calls == 1);
        assertEquals(ReturnCode.TIMED_OUT, result.code);
    }
}
