package io.penstock.dns.resolver;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.dns.iana.RecordType;
import io.penstock.dns.wire.Message;
import java.util.concurrent.TimeUnit;

/**
 * The end of a query: its answer goes into the cache, for as long as the configuration allows, and
 * to every lookup that waits for it.
 */
final class Completion {
    /** The {@link Answer} of the query that ends. */
    final NativeBuffer answer = NativeBuffer.allocate(Answer.HEADER_BYTES + Message.MAX_BYTES);

    private final Resolver resolver;
    private final ResolverConfig config;
    private final ResolvConf conf;
    private final Cache cache;
    private final QueryTable table;

    Completion(Resolver resolver, ResolverConfig config, ResolvConf conf, Cache cache,
            QueryTable table) {
        this.resolver = resolver;
        this.config = config;
        this.conf = conf;
        this.cache = cache;
        this.table = table;
    }

    /** Ends a query without an answer. Failures of the servers are cached for a short time. */
    void fail(Query query, int code) {
        query.releaseTransport(resolver.loop().nowNs());
        Answer.begin(answer, 0, code);
        boolean isCached = code == ReturnCode.DNS_SERVFAIL || code == ReturnCode.DNS_REFUSED
                || code == ReturnCode.TIMED_OUT;
        answer.putLong(Answer.TTL, isCached ? config.failureTtlSeconds : 0);
        finish(query, false);
    }

    /** Ends a query with {@link #answer}, which was found at the end of aliases or without any. */
    void finish(Query query, boolean isAliased) {
        query.state = Query.ENDING;
        int result = answer.getInt(Answer.RESULT);
        long maxTtl = result == ReturnCode.DNS_NXDOMAIN || result == ReturnCode.DNS_NODATA
                ? config.maxNegativeTtlSeconds : config.maxTtlSeconds;
        long ttl = Math.min(answer.getLong(Answer.TTL), maxTtl);
        answer.putLong(Answer.TTL, ttl);
        if (!conf.isAdTrusted()) {
            answer.putInt(Answer.FLAGS, answer.getInt(Answer.FLAGS) & ~Answer.AUTHENTIC);
        }
        if (ttl > 0) {
            cache(query, result, isAliased, ttl);
        }
        tellWaiters(query, ttl);
        table.giveBack(query);
    }

    /**
     * A failure is cached beside an older answer, which may still be served stale. NXDOMAIN after
     * an alias is about the last name of the chain (RFC 2308 2.1), so it is cached for the type
     * alone: the name that was asked for exists.
     */
    private void cache(Query query, int result, boolean isAliased, long ttl) {
        boolean isForAnyType = result == ReturnCode.DNS_NXDOMAIN && !isAliased
                && query.type != RecordType.DS;
        int type = isForAnyType ? Cache.ANY_TYPE : query.type;
        if (Answer.isFailure(result)) {
            type |= Cache.FAILURE;
        }
        cache.put(query.memory, Query.NAME, query.nameLength, type,
                resolver.loop().nowNs() + TimeUnit.SECONDS.toNanos(ttl), answer, 0);
        resolver.tally(ResolverMetrics.EVICTED_OFFSET, cache.takeEvicted());
    }

    private void tellWaiters(Query query, long ttl) {
        int waiter;
        while ((waiter = query.firstWaiter) != Query.NONE) {
            query.firstWaiter = table.next(waiter);
            Request request = table.request(waiter);
            int part = QueryTable.part(waiter);
            request.queries[part] = null;
            resolver.answered(request, part, answer, 0, 0, ttl);
        }
    }
}
