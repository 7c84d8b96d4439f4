package io.penstock.dns.resolver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.dns.iana.EdnsOption;
import io.penstock.dns.iana.HeaderFlag;
import io.penstock.dns.iana.Rcode;
import io.penstock.dns.iana.RecordType;
import io.penstock.dns.wire.Section;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Each known attack on resolvers, and what becomes of it. */
class AttackTest extends ResolverFixture {
    private static final String FORGED = "203.0.113.66";

    /** Something wrong comes first, then the truth: the truth is what is told. */
    private void truthWinsAfter(java.util.function.Consumer<ScriptedServer.Question> lie) {
        server.script = q -> {
            lie.accept(q);
            q.reply().a(q.name, 60, "192.0.2.1").send();
        };
        Result result = resolve("www.example.com", RecordType.A);
        assertEquals(List.of("192.0.2.1"), result.addresses);
        assertEquals(1, server.asked.size(), "the query went on waiting");
    }

    // Mismatch: RFC 5452, TuDoor

    @Test
    void anotherNumberIsDropped() {
        truthWinsAfter(q -> q.reply(q.id ^ 1, q.name, q.type).a(q.name, 60, FORGED).send());
        assertEquals(1, word(ResolverMetrics.MISMATCHED_OFFSET));
    }

    @Test
    void anotherNameIsDropped() {
        truthWinsAfter(q -> q.reply("evil.example.", q.type).a("evil.example.", 60, FORGED)
                .send());
        assertEquals(1, word(ResolverMetrics.MISMATCHED_OFFSET));
    }

    @Test
    void anotherTypeIsDropped() {
        truthWinsAfter(q -> q.reply(q.name, RecordType.AAAA).a(q.name, 60, FORGED).send());
        assertEquals(1, word(ResolverMetrics.MISMATCHED_OFFSET));
    }

    @Test
    void anotherCaseIsDropped() {
        truthWinsAfter(q -> {
            String other = q.name.substring(0, q.name.length() - 5)
                    + flip(q.name.substring(q.name.length() - 5));
            q.reply(other, q.type).a(other, 60, FORGED).send();
        });
        assertEquals(1, word(ResolverMetrics.MISMATCHED_OFFSET));
    }

    private static String flip(String text) {
        StringBuilder out = new StringBuilder();
        text.chars().forEach(c -> out.append((char) (Character.isLetter(c) ? c ^ 0x20 : c)));
        return out.toString();
    }

    @Test
    void aQuestionIsNoAnswer() {
        truthWinsAfter(q -> q.reply().flags(0, 0).sendRaw(bytesOf(q)));
        assertEquals(1, word(ResolverMetrics.MISMATCHED_OFFSET));
    }

    private static byte[] bytesOf(ScriptedServer.Question q) {
        byte[] bytes = new byte[q.query.capacity()];
        q.query.getBytes(0, bytes);
        return bytes;
    }

    @Test
    void twoQuestionsAreNone() {
        truthWinsAfter(q -> {
            byte[] one = bytesOf(q);
            int length = q.name.length() + 1 + 4; // the question's
            byte[] two = Arrays.copyOf(one, 12 + 2 * length);
            System.arraycopy(one, 12, two, 12 + length, length);
            two[2] |= (byte) 0x80;
            two[5] = 2;
            two[11] = 0; // no OPT
            q.sendRaw(two);
        });
        assertEquals(1, word(ResolverMetrics.MISMATCHED_OFFSET));
        assertEquals(0, word(ResolverMetrics.MALFORMED_OFFSET));
    }

    @Test
    void anotherOperationIsNoAnswer() {
        truthWinsAfter(q -> q.reply().flags(4 << 11, 0).a(q.name, 60, FORGED).send());
        assertEquals(1, word(ResolverMetrics.MISMATCHED_OFFSET));
    }

    @Test
    void anotherClassIsNoAnswer() {
        truthWinsAfter(q -> {
            byte[] chaos = bytesOf(q);
            chaos[2] |= (byte) 0x80;
            chaos[12 + q.name.length() + 1 + 3] = 3;
            q.sendRaw(chaos);
        });
        assertEquals(1, word(ResolverMetrics.MISMATCHED_OFFSET));
    }

    @Test
    void whatComesFromAnotherPortNeverArrives() {
        truthWinsAfter(q -> q.reply().a(q.name, 60, FORGED).sendFromStranger());
        assertEquals(0, word(ResolverMetrics.MISMATCHED_OFFSET), "the kernel drops it");
    }

    @Test
    void malformedIsDroppedAndTheQueryWaitsOn() {
        truthWinsAfter(q -> {
            q.sendRaw(); // empty
            q.sendRaw((byte) 1, (byte) 2, (byte) 3);
            q.reply().a(q.name, 60, FORGED).sendCut(3);
            byte[] loop = bytesOf(q);
            loop[2] |= (byte) 0x80;
            loop[12] = (byte) 0xc0; // a pointer to itself
            loop[13] = 12;
            q.sendRaw(loop);
        });
        assertEquals(4, word(ResolverMetrics.MALFORMED_OFFSET));
    }

    @Test
    void twoOptRecordsAreMalformed() {
        truthWinsAfter(q -> q.reply().a(q.name, 60, FORGED).cookie(new byte[8])
                .cookie(new byte[8]).send());
        assertEquals(1, word(ResolverMetrics.MALFORMED_OFFSET));
    }

    @Test
    void aCookieThatIsNotOursIsDropped() {
        truthWinsAfter(q -> {
            byte[] cookie = Arrays.copyOf(q.option(EdnsOption.COOKIE), 16);
            cookie[0] ^= 1;
            q.reply().a(q.name, 60, FORGED).cookie(cookie).send();
        });
        assertEquals(1, word(ResolverMetrics.MISMATCHED_OFFSET));
    }

    @Test
    void whoHadACookieAndComesWithoutOneIsDropped() {
        server.script = q -> q.reply().a(q.name, 1, "192.0.2.1")
                .cookie(Arrays.copyOf(q.option(EdnsOption.COOKIE), 16)).send();
        resolve("first.example", RecordType.A);
        server.script = q -> {
            byte[] cookie = q.option(EdnsOption.COOKIE);
            assertEquals(16, cookie.length, "the server's half comes back to it");
            q.reply().a(q.name, 60, FORGED).send();
            q.reply().a(q.name, 60, "192.0.2.2").cookie(cookie).send();
        };
        Result result = resolve("second.example", RecordType.A);
        assertEquals(List.of("192.0.2.2"), result.addresses);
        assertEquals(1, word(ResolverMetrics.MISMATCHED_OFFSET));
    }

    @Test
    void aServerThatLosesItsCookiesIsAskedOverTcp() {
        server.script = q -> q.reply().a(q.name, 1, "192.0.2.1")
                .cookie(Arrays.copyOf(q.option(EdnsOption.COOKIE), 16)).send();
        resolve("first.example", RecordType.A);
        server.script = q -> q.reply().a(q.name, 60, "192.0.2.2").send();
        assertEquals(List.of("192.0.2.2"), resolve("second.example", RecordType.A).addresses);
        assertEquals(1, word(ResolverMetrics.TCP_OFFSET));
        assertEquals(List.of("192.0.2.2"), resolve("third.example", RecordType.A).addresses);
        assertEquals(1, word(ResolverMetrics.TCP_OFFSET), "it is known by now");
    }

    @Test
    void aServerThatFoldsCaseIsAskedOverTcp() {
        server.script = q -> q.reply(q.lower(), q.type).a(q.lower(), 60, "192.0.2.2").send();
        String name = "a-rather-long-name-with-many-letters.example";
        assertEquals(List.of("192.0.2.2"), resolve(name, RecordType.A).addresses);
        assertEquals(1, word(ResolverMetrics.TCP_OFFSET));
        assertEquals(List.of("192.0.2.2"), resolve("b" + name, RecordType.A).addresses);
        assertEquals(1, word(ResolverMetrics.TCP_OFFSET));
        assertEquals("b" + name + ".", server.asked.getLast().split(" ")[0]);
    }

    // Guessing

    @Test
    void numbersPortsAndCaseAreDifferentEachTime() {
        Set<Integer> ids = new HashSet<>();
        Set<Integer> ports = new HashSet<>();
        Set<String> names = new HashSet<>();
        server.script = q -> {
            ids.add(q.id);
            ports.add(q.from.port());
            names.add(q.name);
            q.reply().a(q.name, 0, "192.0.2.1").send();
        };
        for (int i = 0; i < 64; i++) {
            resolve("some-name-with-letters.example", RecordType.A);
        }
        assertTrue(ids.size() > 60, () -> ids.size() + " numbers");
        assertTrue(ports.size() > 55, () -> ports.size() + " ports");
        assertTrue(names.size() > 60, () -> names.size() + " cases");
    }

    @Test
    void cookiesAreOnesOwn() {
        byte[][] cookies = new byte[2][];
        server.script = q -> {
            cookies[q.number % 2] = q.option(EdnsOption.COOKIE);
            q.reply().a(q.name, 0, "192.0.2.1").send();
        };
        resolve("a.example", RecordType.A);
        resolver.close();
        turns(2);
        open();
        resolve("a.example", RecordType.A);
        assertEquals(8, cookies[0].length);
        assertFalse(Arrays.equals(cookies[0], cookies[1]));
        assertNotEquals(0, cookies[0][0] | cookies[0][1] | cookies[0][2] | cookies[0][3]);
    }

    // Bailiwick

    @Test
    void onlyTheChainOfTheQuestionCounts() {
        server.script = q -> q.reply().a("victim.example.", 300, FORGED)
                .a(q.name, 60, "192.0.2.1")
                .a(Section.AUTHORITY, "victim.example.", 300, FORGED)
                .a(Section.ADDITIONAL, "victim.example.", 300, FORGED).send();
        assertEquals(List.of("192.0.2.1"), resolve("www.example.com", RecordType.A).addresses);
        assertEquals(ReturnCode.DNS_NOT_CACHED,
                resolver.cached("victim.example", RecordType.A, new Lookup()));
        server.script = q -> q.reply().a(q.name, 60, "192.0.2.8").send();
        assertEquals(List.of("192.0.2.8"), resolve("victim.example", RecordType.A).addresses);
    }

    @Test
    void anAliasesTargetIsKeptForTheAliasAlone() {
        server.script = q -> q.reply().cname(q.name, 60, "victim.example.")
                .a("victim.example.", 300, FORGED).send();
        resolve("www.evil.example", RecordType.A);
        assertEquals(ReturnCode.DNS_NOT_CACHED,
                resolver.cached("victim.example", RecordType.A, new Lookup()));
    }

    @Test
    void onlyTheZonesOwnSoaSaysHowLongNothingIsThere() {
        server.script = q -> q.reply().flags(0, Rcode.NXDOMAIN)
                .soa("elsewhere.test.", 9999, 9999).send();
        assertEquals(ReturnCode.DNS_NXDOMAIN, resolve("a.example", RecordType.A).code);
        assertEquals(ReturnCode.DNS_NOT_CACHED,
                resolver.cached("a.example", RecordType.A, new Lookup()));
    }

    // Chains and loops

    @Test
    void aLoopOfAliasesEnds() {
        server.script = q -> q.reply().cname("a.example.", 60, "b.example.")
                .cname("b.example.", 60, "a.example.").send();
        assertEquals(ReturnCode.DNS_CHAIN_TOO_LONG, resolve("a.example", RecordType.A).code);
        assertEquals(1, server.asked.size());
    }

    @Test
    void aChainOfQuestionsEndsAfterElevenAliases() {
        server.script = q -> q.reply().cname(q.name, 60, "x" + q.lower()).send();
        assertEquals(ReturnCode.DNS_CHAIN_TOO_LONG, resolve("a.example", RecordType.A).code);
        assertEquals(12, server.asked.size());
    }

    @Test
    void elevenAliasesAreAllowed() {
        server.script = q -> {
            if (q.number < 11) {
                q.reply().cname(q.name, 60, "x" + q.lower()).send();
            } else {
                q.reply().a(q.name, 60, "192.0.2.11").send();
            }
        };
        assertEquals(1, resolve("a.example", RecordType.A).code);
    }

    // Amplification

    @Test
    void aLookupHasAQuota() {
        config.queriesPerLookup(3);
        conf.attempts(5).timeoutNs(5 * MS);
        server.script = q -> { };
        assertEquals(ReturnCode.DNS_QUOTA, resolve("a.example", RecordType.A).code);
        assertEquals(3, server.asked.size());
    }

    @Test
    void aFloodOfLiesIsNotAnswered() {
        truthWinsAfter(q -> {
            for (int i = 1; i < 50; i++) {
                q.reply(q.id + i & 0xffff, q.name, q.type).a(q.name, 60, FORGED).send();
            }
        });
        assertEquals(49, word(ResolverMetrics.MISMATCHED_OFFSET));
    }

    // Names that come back

    @Test
    void namesThatNoHostMayHaveAreNotReturned() {
        server.script = q -> q.reply().name(RecordType.PTR, q.name, 60, "a\\.b.example.").send();
        assertEquals(ReturnCode.DNS_HOST_NAME,
                resolve("1.2.0.192.in-addr.arpa.", RecordType.PTR).code);
        server.script = q -> q.reply().name(RecordType.PTR, q.name, 60, "<script>.example.")
                .name(RecordType.PTR, q.name, 60, "good.example.").send();
        Result result = resolve("2.2.0.192.in-addr.arpa.", RecordType.PTR);
        assertEquals(1, result.records.size());
        server.script = q -> q.reply().srv(q.name, 60, 1, "\\032.example.").send();
        assertEquals(ReturnCode.DNS_HOST_NAME, resolve("_a._tcp.example.", RecordType.SRV).code);
    }

    /** Hosts have underscores in their names; and what a service is called is no host: RFC 6763. */
    @Test
    void namesThatAreInUseAreReturned() {
        server.script = q -> q.reply().srv(q.name, 60, 1, "db_1.example.").send();
        assertEquals(1, resolve("_db._tcp.example.", RecordType.SRV).code);
        server.script = q -> q.reply()
                .name(RecordType.PTR, q.name, 60, "My\\032Printer\\.2._ipp._tcp.example.").send();
        assertEquals(1, resolve("_ipp._tcp.example.", RecordType.PTR).code);
    }

    // Times

    @Test
    void timesThatAreTooLongAreCutAndThoseWithASignAreNone() {
        config.maxTtl(1000, 100);
        server.script = q -> q.reply().a(q.name, Integer.MAX_VALUE, "192.0.2.1").send();
        assertEquals(1000, resolve("long.example", RecordType.A).ttl);
        server.script = q -> q.reply().a(q.name, -1, "192.0.2.1").send();
        assertEquals(0, resolve("negative.example", RecordType.A).ttl);
        assertEquals(ReturnCode.DNS_NOT_CACHED,
                resolver.cached("negative.example", RecordType.A, new Lookup()));
        server.script = q -> q.nodata(5000);
        resolve("nothing.example", RecordType.A);
        Lookup lookup = new Lookup();
        assertEquals(ReturnCode.DNS_NODATA,
                resolver.cached("nothing.example", RecordType.A, lookup));
        assertTrue(lookup.ttlSeconds() <= 100);
    }

    // Fragments

    @Test
    void answersOverUdpMayHave1232Octets() {
        int[] size = new int[1];
        server.script = q -> {
            size[0] = q.message().edns().payloadSize();
            q.reply().a(q.name, 60, "192.0.2.1").send();
        };
        resolve("a.example", RecordType.A);
        assertEquals(1232, size[0]);
    }

    @Test
    void whoIsToldWhileAConnectionIsReadMayCloseEverything() {
        server.script = q -> {
            if (q.isTcp()) {
                q.reply().a(q.name, 60, "192.0.2.1").send();
            } else {
                q.reply().flags(HeaderFlag.TC, 0).send();
            }
        };
        Result a = start("a.example", RecordType.A);
        Result b = start("b.example", RecordType.A);
        a.then = () -> resolver.close();
        b.then = () -> resolver.close();
        turnUntil(() -> a.calls + b.calls == 2);
    }
}
