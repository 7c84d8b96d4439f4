package io.penstock.dns.resolver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.net.Endpoint;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.FaultyPosix;
import io.penstock.dns.iana.HeaderFlag;
import io.penstock.dns.iana.Rcode;
import io.penstock.dns.iana.RecordType;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Lookups that go as they should: names, types, aliases, search lists, joining, cancelling. */
class ResolverTest extends ResolverFixture {
    @Test
    void anAddress() {
        Result result = resolve("www.example.com", RecordType.A);
        assertEquals(1, result.code);
        assertEquals(List.of("192.0.2.1"), result.addresses);
        assertEquals(300, result.ttl);
        assertEquals(List.of("www.example.com. A"), server.asked);
        assertEquals(1, word(ResolverMetrics.UDP_OFFSET));
        assertEquals(1, word(ResolverMetrics.ANSWERS_OFFSET));
    }

    @Test
    void bothFamiliesAtOnceInOrder() {
        server.script = q -> {
            if (q.type == RecordType.A) {
                q.reply().a(q.name, 60, "127.0.0.1").send();
            } else {
                q.reply().aaaa(q.name, 30, "::1").aaaa(q.name, 30, "2001:db8::1").send();
            }
        };
        Result result = resolve("both.example", Resolver.ADDRESSES);
        assertEquals(3, result.code);
        // ::1 has the highest precedence; 2001:db8::1 is likely unreachable here, or last but one
        assertEquals("::1", result.addresses.get(0));
        assertTrue(result.addresses.contains("127.0.0.1"));
        assertEquals(30, result.ttl);
        assertEquals(List.of("both.example. A", "both.example. AAAA"), server.asked);
    }

    @Test
    void oneFamilyThatFailsDoesNotHideTheOther() {
        server.script = q -> {
            if (q.type == RecordType.A) {
                q.reply().a(q.name, 60, "127.0.0.1").send();
            } else {
                q.reply().flags(0, Rcode.SERVFAIL).send();
            }
        };
        assertEquals(List.of("127.0.0.1"), resolve("half.example", Resolver.ADDRESSES).addresses);
    }

    @Test
    void oneFamilyThatIsNotThereAndOneThatFailsIsAFailure() {
        server.script = q -> {
            if (q.type == RecordType.A) {
                q.nodata(60);
            } else {
                q.reply().flags(0, Rcode.SERVFAIL).send();
            }
        };
        assertEquals(ReturnCode.DNS_SERVFAIL, resolve("half.example", Resolver.ADDRESSES).code);
    }

    @Test
    void recordsInPlace() {
        server.script = q -> q.reply().srv(q.name, 60, 1, "a.example.")
                .srv(q.name, 60, 2, "b.example.").send();
        Result result = resolve("_http._tcp.example.com.", RecordType.SRV);
        assertEquals(2, result.code);
        assertEquals("_http._tcp.example.com. 60 IN SRV 1 0 80 a.example.",
                result.records.get(0).toLowerCase(java.util.Locale.ROOT)
                        .replace("in srv", "IN SRV"));
    }

    @Test
    void serviceBindings() {
        server.script = q -> q.reply().https(q.name, 60, ".").send();
        Result result = resolve("example.com", RecordType.HTTPS);
        assertTrue(result.records.get(0).endsWith("HTTPS 1 . port=8443")
                || result.records.get(0).contains("port"), result::toString);
    }

    @Test
    void namesOfAddresses() {
        server.script = q -> q.reply().name(RecordType.PTR, q.name, 60, "host.example.").send();
        open();
        Endpoint address = new Endpoint();
        for (String text : List.of("192.0.2.7:0", "[2001:db8::7]:0")) {
            address.parse(text);
            Result result = new Result();
            assertTrue(resolver.reverse(address, result, NO_DEADLINE) >= 0);
            turnUntil(() -> result.calls > 0);
            assertTrue(result.records.get(0).endsWith("host.example."), result::toString);
        }
        assertEquals("7.2.0.192.in-addr.arpa. PTR", server.asked.get(0));
        assertTrue(server.asked.get(1).endsWith("8.b.d.0.1.0.0.2.ip6.arpa. PTR"));
    }

    @Test
    void anAddressIsItsOwnAnswer() {
        assertEquals(List.of("192.0.2.9"), resolve("192.0.2.9", RecordType.A).addresses);
        assertEquals(List.of("2001:db8::9"), resolve("2001:db8::9", 0).addresses);
        assertEquals(ReturnCode.DNS_NODATA, resolve("192.0.2.9", RecordType.AAAA).code);
        assertEquals(List.of(), server.asked);
        assertEquals(3, word(ResolverMetrics.LOCAL_OFFSET));
    }

    @Test
    void specialNamesAskNobody() {
        assertEquals(List.of("::1", "127.0.0.1"), resolve("localhost", 0).addresses);
        assertEquals(List.of("127.0.0.1"), resolve("a.LOCALHOST.", RecordType.A).addresses);
        for (String name : List.of("x.invalid", "x.onion", "printer.local", "x.alt",
                "1.1.254.169.in-addr.arpa")) {
            assertEquals(ReturnCode.DNS_NXDOMAIN, resolve(name, RecordType.A).code, name);
        }
        assertEquals(List.of(), server.asked);
    }

    /** RFC 6724: where there is no IPv6, its loopback is no address to begin with. */
    @Test
    void theLoopbackThatCanBeReachedComesFirst() {
        open();
        posix.on(Syscall.SOCKET, (kernel, args) ->
                args[0] == Linux.AF_INET6 ? -Errno.EAFNOSUPPORT : FaultyPosix.Rule.PASS);
        assertEquals(List.of("127.0.0.1", "::1"), resolve("localhost", 0).addresses);
    }

    @Test
    void aClusterBelowLocalIsServedByDns() {
        conf.search("default.svc.cluster.local").ndots(5);
        resolve("api", RecordType.A);
        assertEquals(List.of("api.default.svc.cluster.local. A"), server.asked);
    }

    @Test
    void badNamesAreRefusedAtOnce() {
        open();
        assertEquals(ReturnCode.DNS_EMPTY_LABEL,
                resolver.resolve("a..b", RecordType.A, new Result(), NO_DEADLINE));
        assertEquals(ReturnCode.DNS_CHARACTER,
                resolver.resolve("a\0b", RecordType.A, new Result(), NO_DEADLINE));
        assertEquals(ReturnCode.DNS_LABEL_TOO_LONG,
                resolver.resolve("a".repeat(64), RecordType.A, new Result(), NO_DEADLINE));
        assertEquals(ReturnCode.DNS_EMPTY_LABEL,
                resolver.resolve("", RecordType.A, new Result(), NO_DEADLINE));
        assertEquals(ReturnCode.BAD_ARGUMENT,
                resolver.resolve("a", 70_000, new Result(), NO_DEADLINE));
    }

    // Aliases

    @Test
    void aliasesInOneAnswerAreFollowed() {
        server.script = q -> q.reply().cname(q.name, 60, "b.example.")
                .cname("B.example.", 20, "c.example.").a("c.example.", 40, "192.0.2.3").send();
        Result result = resolve("a.example", RecordType.A);
        assertEquals(List.of("192.0.2.3"), result.addresses);
        assertEquals(20, result.ttl);
    }

    @Test
    void anAliasThatLeadsOutOfTheAnswerIsAskedFor() {
        server.script = q -> {
            if (q.lower().equals("a.example.")) {
                q.reply().cname(q.name, 60, "b.example.").send();
            } else {
                q.reply().a(q.name, 90, "192.0.2.3").send();
            }
        };
        Result result = resolve("a.example", RecordType.A);
        assertEquals(List.of("192.0.2.3"), result.addresses);
        assertEquals(60, result.ttl);
        assertEquals(List.of("a.example. A", "b.example. A"), server.asked);
    }

    @Test
    void anAliasItselfCanBeAskedFor() {
        server.script = q -> q.reply().cname(q.name, 60, "b.example.").send();
        assertTrue(resolve("a.example", RecordType.CNAME).records.get(0).endsWith("b.example."));
    }

    // Search lists

    private void only(String name) {
        server.script = q -> {
            if (q.lower().equals(name) && q.type == RecordType.A) {
                q.reply().a(q.name, 60, "192.0.2.5").send();
            } else {
                q.reply().flags(0, Rcode.NXDOMAIN).soa(".", 60, 60).send();
            }
        };
    }

    @Test
    void fewDotsAreSearchedFirst() {
        conf.search("ns.svc.example").search("svc.example").search("example").ndots(5);
        only("db.other.svc.example.");
        assertEquals(1, resolve("db.other", RecordType.A).code);
        assertEquals(List.of("db.other.ns.svc.example. A", "db.other.svc.example. A"),
                server.asked);
    }

    @Test
    void theNameAsItIsComesLastThen() {
        conf.search("one.example").search("two.example").ndots(5);
        only("www.example.com.");
        assertEquals(1, resolve("www.example.com", RecordType.A).code);
        assertEquals(List.of("www.example.com.one.example. A", "www.example.com.two.example. A",
                "www.example.com. A"), server.asked);
    }

    @Test
    void enoughDotsAreTriedAsTheyAreFirst() {
        conf.search("example");
        only("a.b.example.");
        assertEquals(1, resolve("a.b", RecordType.A).code);
        assertEquals(List.of("a.b. A", "a.b.example. A"), server.asked);
    }

    @Test
    void aLastDotIsTheEnd() {
        conf.search("example").ndots(5);
        only("nowhere.");
        assertEquals(ReturnCode.DNS_NXDOMAIN, resolve("a.b.", RecordType.A).code);
        assertEquals(List.of("a.b. A"), server.asked);
    }

    @Test
    void aTypeThatIsNotThereLeadsOnButIsRemembered() {
        conf.search("example").ndots(2);
        server.script = q -> {
            if (q.lower().equals("a.example.")) {
                q.nodata(60);
            } else {
                q.reply().flags(0, Rcode.NXDOMAIN).soa(".", 60, 60).send();
            }
        };
        assertEquals(ReturnCode.DNS_NODATA, resolve("a", RecordType.A).code);
        assertEquals(List.of("a.example. A", "a. A"), server.asked);
    }

    @Test
    void aFailureEndsTheSearch() {
        conf.search("one.example").search("two.example").ndots(5);
        server.script = q -> q.reply().flags(0, Rcode.SERVFAIL).send();
        assertEquals(ReturnCode.DNS_SERVFAIL, resolve("db", RecordType.A).code);
        assertEquals(List.of("db.one.example. A"), server.asked);
    }

    @Test
    void whatWouldBeTooLongIsPassedOver() {
        conf.search("x".repeat(60) + ".example").ndots(15);
        String name = ("y".repeat(63) + ".").repeat(3) + "z".repeat(30);
        only(name + ".");
        assertEquals(1, resolve(name, RecordType.A).code);
        assertEquals(List.of(name + ". A"), server.asked);
    }

    // Joining, cancelling, deadlines

    @Test
    void beginningAndCancellingOverAndOverLosesNoLookup() {
        config.lookups(3);
        Result first = start("first.example", RecordType.A);
        for (int i = 0; i < 10; i++) {
            long token = resolver.resolve("b.example", RecordType.A, new Result(), NO_DEADLINE);
            assertEquals(0, resolver.cancel(token));
        }
        Result last = start("last.example", RecordType.A);
        turnUntil(() -> first.calls + last.calls == 2);
        assertEquals(1, first.code);
        assertEquals(1, last.code);
    }

    @Test
    void equalQuestionsAreJoined() {
        Result one = start("www.example.com", RecordType.A);
        Result two = start("WWW.example.com", RecordType.A);
        Result three = start("www.example.com.", Resolver.ADDRESSES);
        turnUntil(() -> one.calls + two.calls + three.calls == 3);
        assertEquals(2, server.asked.size());
        assertEquals(2, word(ResolverMetrics.JOINED_OFFSET));
        assertEquals(one.addresses, two.addresses);
    }

    @Test
    void aCancelledLookupIsNotTold() {
        open();
        Result result = new Result();
        long token = resolver.resolve("a.example", RecordType.A, result, NO_DEADLINE);
        assertEquals(0, resolver.cancel(token));
        assertEquals(ReturnCode.CLOSED, resolver.cancel(token));
        turns(5);
        assertEquals(0, result.calls);
        assertEquals(List.of(), server.asked);
        long other = resolver.resolve("b.example", RecordType.A, result, NO_DEADLINE);
        assertFalse(token == other);
        turns(1);
        assertEquals(0, resolver.cancel(other));
        turnFor(20 * MS);
        assertEquals(0, result.calls);
        assertEquals(2, word(ResolverMetrics.CANCELLED_OFFSET));
    }

    @Test
    void oneOfTwoThatAreJoinedMayGo() {
        open();
        Result kept = new Result();
        Result gone = new Result();
        resolver.resolve("a.example", RecordType.A, kept, NO_DEADLINE);
        long token = resolver.resolve("a.example", RecordType.A, gone, NO_DEADLINE);
        turns(1);
        assertEquals(0, resolver.cancel(token));
        turnUntil(() -> kept.calls > 0);
        assertEquals(0, gone.calls);
    }

    @Test
    void aHandlerMayCancelAndStart() {
        open();
        Result other = new Result();
        Result next = new Result();
        Result first = new Result();
        resolver.resolve("a.example", RecordType.A, first, NO_DEADLINE);
        long token = resolver.resolve("a.example", RecordType.A, other, NO_DEADLINE);
        Result[] order = {first, other};
        long[] tokens = {token};
        other.then = () -> resolver.resolve("b.example", RecordType.A, next, NO_DEADLINE);
        first.then = () -> resolver.cancel(tokens[0]);
        turnUntil(() -> next.calls > 0 || order[0].calls > 0 && resolver.counter(
                ResolverMetrics.UNDER_WAY_OFFSET) == 0);
        assertEquals(1, first.calls);
    }

    @Test
    void aHandlerMayCloseWhileOthersWaitForTheSameAnswer() {
        open();
        List<Result> all = new ArrayList<>();
        for (String name : List.of("a.example", "a.example", "a.example", "b.example")) {
            all.add(start(name, Resolver.ADDRESSES));
        }
        all.forEach(one -> one.then = () -> {
            resolver.close();
            resolver.resolve("c.example", RecordType.A, one, NO_DEADLINE);
        });
        turnUntil(() -> all.stream().allMatch(one -> one.calls > 0));
        turns(5);
        all.forEach(one -> assertEquals(1, one.calls));
        assertTrue(all.stream().anyMatch(one -> one.code == ReturnCode.CLOSED));
    }

    /** All of them move on to the next name at once, from where they are told of the last. */
    @Test
    void asManyAsThereIsRoomForMaySearchTogether() {
        conf.search("one.example").search("two.example").search("three.example");
        config.queriesPerLookup(1000);
        server.script = q -> q.nxdomain(60);
        List<Result> all = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            all.add(start(i % 2 == 0 ? "same" : "other" + i, Resolver.ADDRESSES));
        }
        turnUntil(() -> all.stream().allMatch(one -> one.calls > 0));
        all.forEach(one -> assertEquals(ReturnCode.DNS_NXDOMAIN, one.code));
        assertEquals(9 * 4 * 2, server.asked.size());
    }

    @Test
    void aDeadlineIsKept() {
        server.script = q -> { };
        open();
        Result result = start("a.example", RecordType.A, loop.nowNs() + 15 * MS);
        long began = System.nanoTime();
        turnUntil(() -> result.calls > 0);
        assertEquals(ReturnCode.TIMED_OUT, result.code);
        long took = System.nanoTime() - began;
        assertTrue(took >= 10 * MS && took < 500 * MS, () -> took + " ns");
    }

    @Test
    void noMoreLookupsThanThereIsRoomFor() {
        config.lookups(2);
        open();
        start("a.example", RecordType.A);
        start("b.example", RecordType.A);
        assertEquals(ReturnCode.DNS_LOOKUPS_EXHAUSTED,
                resolver.resolve("c.example", RecordType.A, new Result(), NO_DEADLINE));
        turnUntil(() -> word(ResolverMetrics.UNDER_WAY_OFFSET) == 0);
        assertEquals(1, resolve("c.example", RecordType.A).code);
    }

    @Test
    void closingTellsEverybody() {
        server.script = q -> { };
        Result result = start("a.example", RecordType.A);
        turns(3);
        Result notBegun = start("b.example", RecordType.A);
        assertEquals(0, resolver.close());
        turns(2);
        assertEquals(ReturnCode.CLOSED, result.code);
        assertEquals(ReturnCode.CLOSED, notBegun.code);
        assertEquals(ReturnCode.CLOSED,
                resolver.resolve("c.example", RecordType.A, result, NO_DEADLINE));
    }

    @Test
    void theLoopGoesOnForLookupsAlone() {
        open();
        assertEquals(0, loop.run());
        Result result = start("a.example", RecordType.A);
        assertEquals(0, loop.run());
        assertEquals(1, result.calls);
    }

    @Test
    void authenticityIsBelievedIfSaidSo() {
        server.script = q -> q.reply().flags(HeaderFlag.AD, 0).a(q.name, 60, "192.0.2.1").send();
        assertFalse(resolve("a.example", RecordType.A).isAuthentic);
        resolver.close();
        turns(2);
        conf.trustAd(true);
        open();
        assertTrue(resolve("a.example", RecordType.A).isAuthentic);
    }
}
