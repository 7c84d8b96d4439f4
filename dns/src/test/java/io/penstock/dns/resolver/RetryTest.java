package io.penstock.dns.resolver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.net.Endpoint;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Syscall;
import io.penstock.dns.iana.EdnsOption;
import io.penstock.dns.iana.Rcode;
import io.penstock.dns.iana.RecordType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Servers that are slow, silent, broken or gone, and a kernel that gives nothing. */
class RetryTest extends ResolverFixture {
    private ScriptedServer second;

    private void twoServers() {
        second = new ScriptedServer(loop);
        conf.server(server.at).server(second.at);
    }

    @AfterEach
    void closeSecond() {
        if (second != null) {
            second.close();
            turns(2);
        }
    }

    @Test
    void aLostQueryIsSentAgain() {
        server.script = q -> {
            if (q.number > 0) {
                q.reply().a(q.name, 60, "192.0.2.1").send();
            }
        };
        assertEquals(1, resolve("a.example", RecordType.A).code);
        assertEquals(1, word(ResolverMetrics.RETRIES_OFFSET));
        assertEquals(1, word(ResolverMetrics.TIMEOUTS_OFFSET));
    }

    @Test
    void theLastQueryWaitsAsLongAsTheFileSays() {
        conf.attempts(2).timeoutNs(400 * MS);
        List<ScriptedServer.Question> late = new ArrayList<>();
        server.script = late::add;
        Result result = start("a.example", RecordType.A);
        turnUntil(() -> late.size() == 2);
        turnFor(200 * MS); // longer than any timeout but the last
        assertEquals(0, result.calls);
        ScriptedServer.Question q = late.get(1);
        q.reply().a(q.name, 60, "192.0.2.1").send();
        turnUntil(() -> result.calls > 0);
        assertEquals(1, result.code);
    }

    @Test
    void anAnswerThatIsLateIsOne() {
        List<ScriptedServer.Question> all = new ArrayList<>();
        server.script = all::add;
        Result result = start("a.example", RecordType.A);
        turnUntil(() -> all.size() == 2);
        ScriptedServer.Question q = all.get(0);
        assertEquals(q.from, all.get(1).from);
        q.reply().a(q.name, 60, "192.0.2.1").send();
        turnUntil(() -> result.calls > 0);
        assertEquals(1, result.code);
    }

    @Test
    void silenceEnds() {
        conf.attempts(2).timeoutNs(30 * MS);
        server.script = q -> { };
        assertEquals(ReturnCode.TIMED_OUT, resolve("a.example", RecordType.A).code);
        assertEquals(2, server.asked.size());
        // RFC 9520: that nobody answers is remembered
        assertEquals(ReturnCode.TIMED_OUT, resolve("a.example", RecordType.A).code);
        assertEquals(2, server.asked.size());
        aheadNs += 2 * SECOND;
        server.script = q -> q.reply().a(q.name, 60, "192.0.2.1").send();
        assertEquals(1, resolve("a.example", RecordType.A).code);
    }

    @Test
    void theNextServerIsAskedWhenOneIsSilent() {
        twoServers();
        server.script = q -> { };
        assertEquals(1, resolve("a.example", RecordType.A).code);
        assertEquals(1, server.asked.size());
        assertEquals(1, second.asked.size());
    }

    @Test
    void theNextServerIsAskedWhenOneCannot() {
        twoServers();
        for (int rcode : new int[] {Rcode.SERVFAIL, Rcode.REFUSED, Rcode.NOTAUTH}) {
            server.script = q -> q.reply().flags(0, rcode).send();
            assertEquals(1, resolve("a" + rcode + ".example", RecordType.A).code);
        }
        assertEquals(0, word(ResolverMetrics.TIMEOUTS_OFFSET));
        assertEquals(0, word(ResolverMetrics.ISOLATED_OFFSET), "a name is broken, not a server");
    }

    @Test
    void whenNoServerCanThatIsTold() {
        twoServers();
        server.script = q -> q.reply().flags(0, Rcode.SERVFAIL).send();
        second.script = q -> q.reply().flags(0, Rcode.REFUSED).send();
        assertEquals(ReturnCode.DNS_SERVFAIL, resolve("a.example", RecordType.A).code);
        assertEquals(2, server.asked.size() + second.asked.size());
        assertEquals(ReturnCode.DNS_SERVFAIL, resolve("a.example", RecordType.A).code);
        assertEquals(2, server.asked.size() + second.asked.size(), "remembered");
    }

    @Test
    void aReferralIsNoAnswer() {
        twoServers();
        server.script = q -> q.reply().a(io.penstock.dns.wire.Section.AUTHORITY, "x.example.", 60,
                "192.0.2.1").send();
        assertEquals(1, resolve("a.example", RecordType.A).code);
        assertEquals(1, second.asked.size());
    }

    @Test
    void nobodyThereIsKnownAtOnce() {
        Endpoint nobody = new Endpoint();
        nobody.parse("127.0.0.1:1");
        conf.server(nobody);
        long began = System.nanoTime();
        assertEquals(-Errno.ECONNREFUSED, resolve("a.example", RecordType.A).code);
        assertTrue(System.nanoTime() - began < 500 * MS);
    }

    @Test
    void aServerThatKeepsFailingIsLeftAloneAndTriedAgain() {
        twoServers();
        server.script = q -> { };
        for (int i = 0; i < 3; i++) {
            assertEquals(1, resolve("a" + i + ".example", RecordType.A).code);
        }
        assertEquals(1, word(ResolverMetrics.ISOLATED_OFFSET));
        int asked = server.asked.size();
        for (int i = 0; i < 5; i++) {
            assertEquals(1, resolve("b" + i + ".example", RecordType.A).code);
        }
        assertEquals(asked, server.asked.size());
        aheadNs += 3 * SECOND;
        server.script = q -> q.reply().a(q.name, 60, "192.0.2.77").send();
        assertEquals(List.of("192.0.2.77"), resolve("c.example", RecordType.A).addresses);
        assertEquals(List.of("192.0.2.77"), resolve("d.example", RecordType.A).addresses);
    }

    @Test
    void timeoutsFollowTheServersPace() {
        conf.attempts(2);
        resolve("first.example", RecordType.A); // loopback: a fraction of a millisecond
        server.script = q -> {
            if (q.number >= 2) {
                q.reply().a(q.name, 60, "192.0.2.1").send();
            }
        };
        long began = System.nanoTime();
        assertEquals(1, resolve("a.example", RecordType.A).code);
        long took = System.nanoTime() - began;
        assertTrue(took >= 18 * MS && took < 300 * MS, () -> took + " ns, not the first 40 ms");
    }

    @Test
    void serversTakeTurnsIfTold() {
        twoServers();
        conf.rotate(true);
        for (int i = 0; i < 6; i++) {
            resolve("a" + i + ".example", RecordType.A);
        }
        assertEquals(3, server.asked.size());
        assertEquals(3, second.asked.size());
    }

    @Test
    void whoDoesNotKnowEdnsIsAskedWithout() {
        server.script = q -> {
            if (q.hasEdns()) {
                q.reply().flags(0, Rcode.FORMERR).send();
            } else {
                q.reply().a(q.name, 60, "192.0.2.1").send();
            }
        };
        assertEquals(1, resolve("a.example", RecordType.A).code);
        assertEquals(2, server.asked.size());
        assertEquals(1, resolve("b.example", RecordType.A).code);
        assertEquals(3, server.asked.size(), "it is known by now");
    }

    @Test
    void whoDoesNotEvenRepeatTheQuestionToo() {
        server.script = q -> {
            if (q.hasEdns()) {
                q.sendRaw((byte) (q.id >> 8), (byte) q.id, (byte) 0x80, (byte) 1,
                        (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 0,
                        (byte) 0);
            } else {
                q.reply().a(q.name, 60, "192.0.2.1").send();
            }
        };
        assertEquals(1, resolve("a.example", RecordType.A).code);
    }

    @Test
    void aBadCookieIsAskedForAgainWithTheGoodOne() {
        byte[] good = new byte[24];
        server.script = q -> {
            byte[] cookie = q.option(EdnsOption.COOKIE);
            System.arraycopy(cookie, 0, good, 0, 8);
            Arrays.fill(good, 8, 24, (byte) 7);
            if (Arrays.equals(cookie, good)) {
                q.reply().a(q.name, 60, "192.0.2.1").cookie(good).send();
            } else {
                q.reply().extendedRcode(Rcode.BADCOOKIE, good).send();
            }
        };
        assertEquals(1, resolve("a.example", RecordType.A).code);
        assertEquals(2, server.asked.size());
    }

    @Test
    void answersInAnyOrder() {
        List<ScriptedServer.Question> all = new ArrayList<>();
        server.script = all::add;
        List<Result> results = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            results.add(start("a" + i + ".example", RecordType.A));
        }
        turnUntil(() -> all.size() == 8);
        for (int i = 7; i >= 0; i--) {
            ScriptedServer.Question q = all.get(i);
            q.reply().a(q.name, 60, "192.0.2." + q.name.charAt(1)).send();
            q.reply().a(q.name, 60, "192.0.2." + q.name.charAt(1)).send(); // twice
        }
        turnUntil(() -> results.stream().allMatch(r -> r.calls == 1));
        for (int i = 0; i < 8; i++) {
            assertEquals(List.of("192.0.2." + i), results.get(i).addresses, results::toString);
        }
        turns(5);
    }

    // The kernel

    @Test
    void noDescriptorsForAWhileIsNoFailure() {
        posix.fail(Syscall.SOCKET, Errno.EMFILE, 0, 3);
        assertEquals(1, resolve("a.example", RecordType.A).code);
        assertEquals(3, posix.injected());
    }

    @Test
    void howLongAgoItBeganDoesNotMatterToOneThatIsShortOfSomething() {
        conf.timeoutNs(30 * MS).attempts(2);
        server.script = q -> {
            if (q.number > 0) {
                q.reply().a(q.name, 60, "192.0.2.1").send();
            }
        };
        Result result = start("a.example", RecordType.A);
        turnUntil(() -> server.asked.size() == 1);
        aheadNs += 3_600 * SECOND; // the machine was stopped
        posix.fail(Syscall.SENDTO, Errno.ENOBUFS, 0, 1);
        turnUntil(() -> result.calls > 0);
        assertEquals(1, result.code);
    }

    @Test
    void noDescriptorsAtAllIsOne() {
        conf.timeoutNs(30 * MS).attempts(1);
        posix.failAlways(Syscall.SOCKET, Errno.EMFILE);
        assertEquals(-Errno.EMFILE, resolve("a.example", RecordType.A).code);
    }

    @Test
    void noRandomNumbersNoQuery() {
        conf.timeoutNs(30 * MS).attempts(1);
        posix.failAlways(Syscall.GETRANDOM, Errno.ENOSYS);
        assertEquals(-Errno.ENOSYS, resolve("a.example", RecordType.A).code);
        assertEquals(List.of(), server.asked);
    }

    @Test
    void moreAtOnceThanTheLoopHasHandlesForIsNoFailure() {
        config.lookups(200);
        List<Result> results = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            results.add(start("n" + i + ".example", Resolver.ADDRESSES));
        }
        turnUntil(() -> results.stream().allMatch(r -> r.calls == 1));
        assertEquals(List.of(), results.stream().filter(r -> r.code != 1).map(Result::toString)
                .distinct().toList());
    }

    @Test
    void faultsAtRandomLoseNothing() {
        Random random = new Random(7);
        for (int number : new int[] {Syscall.SOCKET, Syscall.CONNECT, Syscall.SENDTO,
            Syscall.RECVMMSG}) {
            posix.failAtRandom(number, Errno.ENOBUFS, 5, random);
        }
        posix.interrupt(10, random);
        server.script = q -> {
            if (random.nextInt(4) > 0) {
                q.reply().a(q.name, 1, "192.0.2.1").send();
            }
        };
        conf.timeoutNs(40 * MS);
        open();
        for (int round = 0; round < 10; round++) {
            List<Result> results = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                results.add(start("n" + round + "-" + i % 10 + ".example", RecordType.A));
            }
            turnUntil(() -> results.stream().allMatch(r -> r.calls == 1));
        }
        posix.heal();
    }
}
