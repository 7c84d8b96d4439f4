package io.penstock.dns.resolver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.dns.iana.Rcode;
import io.penstock.dns.iana.RecordType;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the resolver remembers, and for how long. */
class CachedTest extends ResolverFixture {
    private final Lookup lookup = new Lookup();

    @Test
    void anAnswerIsKeptForItsTime() {
        resolve("www.example.com", RecordType.A);
        aheadNs += 100 * SECOND;
        Result again = resolve("WWW.example.com.", RecordType.A);
        assertEquals(List.of("192.0.2.1"), again.addresses);
        assertTrue(again.ttl <= 200 && again.ttl > 150, () -> again.ttl + " s left");
        assertEquals(1, server.asked.size());
        assertEquals(1, word(ResolverMetrics.CACHE_HITS_OFFSET));
        aheadNs += 201 * SECOND;
        resolve("www.example.com", RecordType.A);
        assertEquals(2, server.asked.size());
    }

    @Test
    void itCanBeAskedAtOnce() {
        open();
        assertEquals(ReturnCode.DNS_NOT_CACHED,
                resolver.cached("www.example.com", RecordType.A, lookup));
        resolve("www.example.com", RecordType.A);
        for (String name : List.of("www.example.com", "www.example.com.", "WWW.Example.com")) {
            assertEquals(1, resolver.cached(name, RecordType.A, lookup), name);
            assertEquals(1, lookup.addresses());
        }
        for (String name : List.of("www.example.co", "www.example.com..", "ww.example.com",
                "www.example.comm", "", ".", "www.example.com.x", "www")) {
            assertEquals(ReturnCode.DNS_NOT_CACHED,
                    resolver.cached(name, RecordType.A, lookup), name);
        }
        assertEquals(ReturnCode.DNS_NOT_CACHED,
                resolver.cached("www.example.com", RecordType.AAAA, lookup));
        aheadNs += 301 * SECOND;
        assertEquals(ReturnCode.DNS_NOT_CACHED,
                resolver.cached("www.example.com", RecordType.A, lookup));
    }

    @Test
    void bothFamiliesAreKeptAsOneAndEach() {
        server.script = q -> {
            if (q.type == RecordType.A) {
                q.reply().a(q.name, 60, "127.0.0.1").send();
            } else {
                q.reply().aaaa(q.name, 30, "::1").send();
            }
        };
        resolve("both.example", Resolver.ADDRESSES);
        assertEquals(2, resolver.cached("both.example", Resolver.ADDRESSES, lookup));
        assertEquals(1, resolver.cached("both.example", RecordType.A, lookup));
        aheadNs += 31 * SECOND;
        assertEquals(2, resolve("both.example", Resolver.ADDRESSES).code);
        assertEquals(List.of("both.example. A", "both.example. AAAA", "both.example. AAAA"),
                server.asked, "A was still known");
    }

    @Test
    void aNameThatIsNotThereIsNotThereForAnyType() {
        server.script = q -> q.reply().flags(0, Rcode.NXDOMAIN).soa("example.", 600, 60).send();
        assertEquals(ReturnCode.DNS_NXDOMAIN, resolve("no.example", RecordType.A).code);
        assertEquals(ReturnCode.DNS_NXDOMAIN, resolve("no.example", RecordType.MX).code);
        assertEquals(1, server.asked.size());
        assertEquals(ReturnCode.DNS_NXDOMAIN,
                resolver.cached("no.example", RecordType.TXT, lookup));
        aheadNs += 61 * SECOND; // the lesser of the SOA's TTL and its minimum
        resolve("no.example", RecordType.A);
        assertEquals(2, server.asked.size());
    }

    @Test
    void anAliasOfANameThatIsNotThereIsThereItself() {
        server.script = q -> {
            if (q.type == RecordType.CNAME) {
                q.reply().cname(q.name, 60, "no.example.").send();
            } else {
                q.reply().flags(0, Rcode.NXDOMAIN).cname(q.name, 60, "no.example.")
                        .soa("example.", 600, 60).send();
            }
        };
        assertEquals(ReturnCode.DNS_NXDOMAIN, resolve("alias.example", RecordType.A).code);
        assertEquals(ReturnCode.DNS_NXDOMAIN,
                resolver.cached("alias.example", RecordType.A, lookup));
        assertEquals(1, resolve("alias.example", RecordType.CNAME).code);
        assertEquals(2, server.asked.size());
    }

    /** There are servers that say so of a name that has no IPv6: RFC 4074 4.2. */
    @Test
    void aNameThatHasOneFamilyIsThereWhateverIsSaidOfTheOther() {
        server.script = q -> {
            if (q.type == RecordType.AAAA) {
                q.reply().flags(0, Rcode.NXDOMAIN).soa("example.", 600, 600).send();
            } else {
                q.reply().a(q.name, 30, "192.0.2.1").send();
            }
        };
        assertEquals(1, resolve("broken.example", Resolver.ADDRESSES).code);
        aheadNs += 31 * SECOND;
        assertEquals(1, resolve("broken.example", Resolver.ADDRESSES).code);
        aheadNs += 31 * SECOND;
        assertEquals(1, resolve("broken.example", RecordType.A).code);
    }

    @Test
    void aLoopOfAliasesIsAFailureAndKeptAsLong() {
        config.failureTtl(5);
        server.script = q -> q.reply().cname(q.name, 60, q.name).send();
        assertEquals(ReturnCode.DNS_CHAIN_TOO_LONG, resolve("a.example", RecordType.A).code);
        assertEquals(ReturnCode.DNS_CHAIN_TOO_LONG, resolve("a.example", RecordType.A).code);
        assertEquals(1, server.asked.size());
        aheadNs += 6 * SECOND;
        resolve("a.example", RecordType.A);
        assertEquals(2, server.asked.size());
    }

    @Test
    void theRootIsKeptToo() {
        server.script = q -> q.reply().name(RecordType.NS, ".", 60, "a.root.").send();
        assertEquals(1, resolve(".", RecordType.NS).code);
        assertEquals(1, resolver.cached(".", RecordType.NS, lookup));
    }

    @Test
    void aNameThatHasGoneIsNotThereThoughItWas() {
        resolve("a.example", RecordType.A);
        aheadNs += 301 * SECOND;
        server.script = q -> q.nxdomain(60);
        assertEquals(ReturnCode.DNS_NXDOMAIN, resolve("a.example", RecordType.A).code);
        assertEquals(ReturnCode.DNS_NXDOMAIN, resolver.cached("a.example", RecordType.A, lookup));
    }

    @Test
    void aTypeThatIsNotThereIsKeptByType() {
        server.script = q -> q.nodata(60);
        resolve("a.example", RecordType.A);
        resolve("a.example", RecordType.A);
        assertEquals(1, server.asked.size());
        resolve("a.example", RecordType.AAAA);
        assertEquals(2, server.asked.size());
    }

    @Test
    void nothingWithoutASoaIsNotKept() {
        server.script = q -> q.reply().send();
        assertEquals(ReturnCode.DNS_NODATA, resolve("a.example", RecordType.A).code);
        resolve("a.example", RecordType.A);
        assertEquals(2, server.asked.size());
    }

    @Test
    void whatExpiredIsGivenIfNobodyAnswers() {
        config.serveStale(3600);
        conf.attempts(1).timeoutNs(200 * MS);
        resolve("a.example", RecordType.A);
        server.script = q -> q.reply().flags(0, Rcode.SERVFAIL).send();
        aheadNs += 400 * SECOND;
        Result stale = resolve("a.example", RecordType.A);
        assertTrue(stale.isStale);
        assertEquals(List.of("192.0.2.1"), stale.addresses);
        assertEquals(0, stale.ttl);
        assertTrue(resolve("a.example", RecordType.A).isStale, "also while that is remembered");
        server.script = q -> { };
        aheadNs += 5 * SECOND;
        assertTrue(resolve("a.example", RecordType.A).isStale);
        assertEquals(3, word(ResolverMetrics.STALE_OFFSET));
        aheadNs += 4000 * SECOND;
        assertEquals(ReturnCode.TIMED_OUT, resolve("a.example", RecordType.A).code);
    }

    @Test
    void whatExpiredMayBeGivenForEver() {
        config.serveStale(Long.MAX_VALUE);
        resolve("a.example", RecordType.A);
        server.script = q -> q.reply().flags(0, Rcode.SERVFAIL).send();
        aheadNs += 1_000_000 * SECOND;
        assertTrue(resolve("a.example", RecordType.A).isStale);
    }

    @Test
    void whatExpiredIsNotGivenUnlessAskedFor() {
        resolve("a.example", RecordType.A);
        server.script = q -> q.reply().flags(0, Rcode.SERVFAIL).send();
        aheadNs += 400 * SECOND;
        Result result = resolve("a.example", RecordType.A);
        assertEquals(ReturnCode.DNS_SERVFAIL, result.code);
        assertFalse(result.isStale);
    }

    @Test
    void aDeadlineGivesWhatExpired() {
        config.serveStale(3600);
        resolve("a.example", RecordType.A);
        aheadNs += 400 * SECOND;
        server.script = q -> { };
        Result result = start("a.example", RecordType.A, loop.nowNs() + 10 * MS);
        turnUntil(() -> result.calls > 0);
        assertTrue(result.isStale);
    }

    @Test
    void aCacheOfNothingKeepsNothing() {
        config.cache(0, 0);
        resolve("a.example", RecordType.A);
        resolve("a.example", RecordType.A);
        assertEquals(2, server.asked.size());
    }

    @Test
    void theOldestGoWhenItIsFull() {
        config.cache(8, 1 << 16);
        for (int i = 0; i < 20; i++) {
            resolve("n" + i + ".example", RecordType.A);
        }
        assertEquals(12, word(ResolverMetrics.EVICTED_OFFSET));
        assertEquals(ReturnCode.DNS_NOT_CACHED,
                resolver.cached("n11.example", RecordType.A, lookup));
        assertEquals(1, resolver.cached("n12.example", RecordType.A, lookup));
        resolver.clearCache();
        assertEquals(ReturnCode.DNS_NOT_CACHED,
                resolver.cached("n12.example", RecordType.A, lookup));
    }
}
