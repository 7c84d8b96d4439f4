package io.penstock.dns.resolver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.SocketStream;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamConnector;
import io.penstock.core.net.StreamHandler;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Syscall;
import io.penstock.dns.iana.EdnsOption;
import io.penstock.dns.iana.HeaderFlag;
import io.penstock.dns.iana.RecordType;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Queries over connections: after truncation, reused, pipelined, and as DNS over TLS would be. */
class TransportTest extends ResolverFixture {
    private void truncateOverUdp() {
        server.script = q -> {
            if (q.isTcp()) {
                q.reply().a(q.name, 60, "192.0.2.1").send();
            } else {
                q.reply().flags(HeaderFlag.TC, 0).send();
            }
        };
    }

    @Test
    void whatIsTruncatedIsAskedForOverTcp() {
        truncateOverUdp();
        assertEquals(List.of("192.0.2.1"), resolve("a.example", RecordType.A).addresses);
        assertEquals(1, word(ResolverMetrics.TRUNCATED_OFFSET));
        assertEquals(1, word(ResolverMetrics.UDP_OFFSET));
        assertEquals(1, word(ResolverMetrics.TCP_OFFSET));
    }

    @Test
    void largeAnswersComeWhole() {
        server.script = q -> {
            if (q.isTcp()) {
                q.reply().txt(q.name, 60, 200).send();
            } else {
                q.reply().flags(HeaderFlag.TC, 0).send();
            }
        };
        Result result = resolve("a.example", RecordType.TXT);
        assertEquals(1, result.code);
        assertTrue(result.records.get(0).length() > 50_000);
    }

    @Test
    void aConnectionIsKeptAndSharedAndEnds() {
        truncateOverUdp();
        config.idleNs(SECOND);
        resolve("a.example", RecordType.A);
        List<Result> results = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            results.add(start("n" + i + ".example", RecordType.A));
        }
        turnUntil(() -> results.stream().allMatch(r -> r.calls > 0));
        assertEquals(1, server.accepted);
        assertEquals(11, word(ResolverMetrics.TCP_OFFSET));
        assertEquals(0, loop.run(), "an idle connection does not keep it going");
        aheadNs += 2 * SECOND;
        turnUntil(server.connections::isEmpty);
        resolve("b.example", RecordType.A);
        assertEquals(2, server.accepted);
    }

    @Test
    void answersOverOneConnectionInAnyOrder() {
        conf.useTcp(true);
        List<ScriptedServer.Question> all = new ArrayList<>();
        server.script = all::add;
        List<Result> results = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            results.add(start("a" + i + ".example", RecordType.A));
        }
        turnUntil(() -> all.size() == 8);
        for (int i = 7; i >= 0; i--) {
            all.get(i).reply().a(all.get(i).name, 60, "192.0.2." + all.get(i).name.charAt(1))
                    .send();
        }
        turnUntil(() -> results.stream().allMatch(r -> r.calls == 1));
        for (int i = 0; i < 8; i++) {
            assertEquals(List.of("192.0.2." + i), results.get(i).addresses);
        }
        assertEquals(1, server.accepted);
    }

    @Test
    void aConnectionThatIsCutIsMadeAgain() {
        conf.useTcp(true);
        resolve("a.example", RecordType.A);
        server.script = q -> {
            if (q.number == 1) {
                q.stream.close();
            } else {
                q.reply().a(q.name, 60, "192.0.2.1").send();
            }
        };
        assertEquals(1, resolve("b.example", RecordType.A).code);
        assertEquals(2, server.accepted);
    }

    @Test
    void whoClosesEveryConnectionIsNotTheOnlyOneAsked() {
        ScriptedServer second = new ScriptedServer(loop);
        conf.server(server.at).server(second.at).useTcp(true);
        server.script = q -> q.stream.close();
        assertEquals(1, resolve("a.example", RecordType.A).code);
        assertEquals(1, server.accepted);
        second.close();
    }

    @Test
    void aConnectionThatFallsSilentIsGivenUp() {
        conf.useTcp(true).timeoutNs(40 * MS);
        resolve("a.example", RecordType.A);
        Stream silent = server.connections.get(0);
        server.script = q -> {
            if (q.stream != silent) {
                q.reply().a(q.name, 60, "192.0.2.1").send();
            }
        };
        assertEquals(1, resolve("b.example", RecordType.A).code);
        assertEquals(2, server.accepted);
        assertEquals(1, word(ResolverMetrics.TIMEOUTS_OFFSET));
    }

    @Test
    void whoeverWaitsOnASilentConnectionIsToldThatTheTimeIsUp() {
        conf.useTcp(true).timeoutNs(40 * MS).attempts(1);
        resolve("a.example", RecordType.A);
        server.script = q -> { };
        Result first = start("b.example", RecordType.A);
        turnFor(20 * MS);
        Result second = start("c.example", RecordType.A);
        turnUntil(() -> first.calls + second.calls == 2);
        assertEquals(ReturnCode.TIMED_OUT, first.code);
        assertEquals(ReturnCode.TIMED_OUT, second.code);
    }

    @Test
    void anAnswerToNothingOverAConnectionIsDropped() {
        conf.useTcp(true);
        server.script = q -> {
            q.reply(q.id ^ 5, q.name, q.type).a(q.name, 60, "203.0.113.66").send();
            q.reply("evil.example.", q.type).a("evil.example.", 60, "203.0.113.66").send();
            q.reply().a(q.name, 60, "192.0.2.1").send();
        };
        assertEquals(List.of("192.0.2.1"), resolve("a.example", RecordType.A).addresses);
        assertEquals(2, word(ResolverMetrics.MISMATCHED_OFFSET));
    }

    @Test
    void nobodyListensOverTcp() {
        Endpoint nobody = new Endpoint();
        nobody.parse("127.0.0.1:1");
        conf.server(nobody).useTcp(true).timeoutNs(100 * MS);
        assertEquals(-Errno.ECONNREFUSED, resolve("a.example", RecordType.A).code);
    }

    @Test
    void shortReadsAndWritesLoseNothing() {
        conf.useTcp(true);
        java.util.Random random = new java.util.Random(3);
        posix.shorten(Syscall.READ, random).shorten(Syscall.RECVFROM, random)
                .shorten(Syscall.SENDTO, random);
        for (int i = 0; i < 20; i++) {
            assertEquals(1, resolve("n" + i + ".example", RecordType.A).code);
        }
    }

    @Test
    void cancellingWhatIsConnectingClosesIt() {
        conf.useTcp(true);
        open();
        long token = resolver.resolve("a.example", RecordType.A, new Result(), NO_DEADLINE);
        turns(1);
        assertEquals(0, resolver.cancel(token));
        turns(10);
        assertEquals(0, server.connections.size());
        assertEquals(1, resolve("b.example", RecordType.A).code);
    }

    // As DNS over TLS: any stream

    /** TCP under another name; counts what it made. */
    private static final class Plain implements StreamConnector {
        final List<Stream> made = new ArrayList<>();
        int connects;
        int refusal;

        @Override
        public Stream stream(EventLoop loop, StreamHandler handler) {
            made.add(new SocketStream(loop, handler));
            return made.getLast();
        }

        @Override
        public int connect(Stream stream, Endpoint server) {
            connects++;
            return refusal < 0 ? refusal : ((SocketStream) stream).connect(server);
        }
    }

    private final Plain plain = new Plain();

    @Test
    void strictPrivacyAsksOverTheStreamAlone() {
        config.secure(ResolverConfig.Privacy.STRICT, plain, server.at.port());
        int[] length = new int[1];
        server.script = q -> {
            assertTrue(q.isTcp());
            length[0] = q.query.capacity();
            assertNull(q.option(EdnsOption.COOKIE));
            q.reply().a(q.name, 60, "192.0.2.1").send();
        };
        assertEquals(1, resolve("a.example", RecordType.A).code);
        assertEquals(128, length[0], "padded");
        assertEquals(1, resolve("a-name-of-quite-another-length.example", RecordType.A).code);
        assertEquals(128, length[0]);
        assertEquals(2, word(ResolverMetrics.SECURE_OFFSET));
        assertEquals(1, plain.connects);
        assertEquals(1, plain.made.size());
    }

    @Test
    void strictPrivacyFailsRatherThanAskInTheClear() {
        conf.timeoutNs(100 * MS);
        config.secure(ResolverConfig.Privacy.STRICT, plain, 1);
        assertEquals(-Errno.ECONNREFUSED, resolve("a.example", RecordType.A).code);
        plain.refusal = ReturnCode.NOT_SUPPORTED;
        assertEquals(ReturnCode.NOT_SUPPORTED, resolve("b.example", RecordType.A).code);
        assertEquals(List.of(), server.asked);
        assertEquals(0, word(ResolverMetrics.UDP_OFFSET) + word(ResolverMetrics.TCP_OFFSET));
    }

    @Test
    void opportunisticPrivacyFallsBack() {
        config.secure(ResolverConfig.Privacy.OPPORTUNISTIC, plain, 1);
        assertEquals(1, resolve("a.example", RecordType.A).code);
        assertEquals(1, word(ResolverMetrics.UDP_OFFSET));
        int connects = plain.connects;
        assertEquals(1, resolve("b.example", RecordType.A).code);
        assertEquals(connects, plain.connects, "not tried again for a while");
    }

    @Test
    void opportunisticPrivacyIsPrivateIfItCan() {
        config.secure(ResolverConfig.Privacy.OPPORTUNISTIC, plain, server.at.port());
        assertEquals(1, resolve("a.example", RecordType.A).code);
        assertEquals(1, word(ResolverMetrics.SECURE_OFFSET));
        assertEquals(0, word(ResolverMetrics.UDP_OFFSET));
    }
}
