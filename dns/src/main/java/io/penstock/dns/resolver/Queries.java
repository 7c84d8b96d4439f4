package io.penstock.dns.resolver;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;

/**
 * The questions that are being asked. Lookups with the same question share one query.
 *
 * <p>This class begins a query, wakes it at its deadline and drops it when no lookup waits for it
 * any more. {@link Attempts} sends it, {@link Responses} judges what the servers send back,
 * {@link Retries} decides what follows when there is no answer, and {@link Completion} gives the
 * answer to the lookups.
 *
 * <p>No handler is called from inside {@link #ask}: a query that fails there ends with the timer.
 */
final class Queries {
    final Servers servers;
    private final Resolver resolver;
    private final ResolverConfig config;
    private final ResolvConf conf;
    private final QueryTable table;
    private final Attempts attempts;
    private final Retries retries;
    private final Completion completion;

    Queries(Resolver resolver, ResolverConfig config, ResolvConf conf, Cache cache) {
        this.resolver = resolver;
        this.config = config;
        this.conf = conf;
        // Two for each lookup, and two more: a query that ends is not free yet while its lookups
        // ask for the next name of their search list.
        int size = Request.PARTS * config.lookups + Request.PARTS;
        table = new QueryTable(resolver, size);
        completion = new Completion(resolver, config, conf, cache, table);
        retries = new Retries(resolver, config, conf, table);
        Responses responses = new Responses(resolver, config, table, retries, completion);
        servers = new Servers(resolver, responses, retries, config);
        UdpTransport udp = new UdpTransport(resolver.loop(), responses, retries, 2 * size);
        attempts = new Attempts(resolver, config, conf, table, servers, udp, retries);
    }

    /** Re-sends the queries that are pending at servers that the new configuration removed. */
    void configure() {
        if (!servers.configure(conf)) {
            return;
        }
        long now = resolver.loop().nowNs();
        for (int i = 0; i < table.used(); i++) {
            Query query = table.query(i);
            if (query.isPending() && !servers.isStill(query.server, query.serverLife)) {
                retries.startOver(query, now);
            } else {
                query.clearTried();
            }
        }
    }

    /** Makes a request wait for the answer to a question, and asks it unless it is pending. */
    void ask(Request request, int part, NativeBuffer name, int offset, int length, int type) {
        int hash = NameKeys.hash(name, offset);
        Query pending = table.find(name, offset, length, type, hash);
        if (pending != null) {
            resolver.tally(ResolverMetrics.JOINED_OFFSET, 1);
            table.addWaiter(pending, request, part);
            return;
        }
        Query query = table.take();
        query.begin(name, offset, length, type, hash);
        servers.rotate();
        table.addWaiter(query, request, part);
        attempts.start(query);
    }

    /** Ends the wait of a request; a query for which no lookup waits is dropped. */
    void leave(Request request, int part) {
        Query query = request.queries[part];
        if (query == null) {
            return;
        }
        table.removeWaiter(query, request, part);
        if (query.firstWaiter == Query.NONE && query.state != Query.ENDING) {
            query.releaseTransport(resolver.loop().nowNs());
            table.giveBack(query);
        }
    }

    // Deadlines

    /** Handles the queries whose deadline has passed. */
    void onTime(long now) {
        for (int i = 0; i < table.used() && resolver.isOpen(); i++) {
            Query query = table.query(i);
            if (query.isPending() && query.deadlineNs - now <= 0) {
                wake(query, now);
            }
        }
    }

    private void wake(Query query, long now) {
        if (query.state == Query.WAITING) {
            retries.timedOut(query, now);
        } else if (query.verdict != 0) {
            completion.fail(query, query.verdict);
        } else if (isWithinQuota(query)) {
            attempts.start(query);
        }
    }

    /** Ends the lookups that have used up their queries. Returns whether the query goes on. */
    private boolean isWithinQuota(Query query) {
        int waiter = query.firstWaiter;
        while (waiter != Query.NONE) {
            int next = table.next(waiter);
            Request request = table.request(waiter);
            if (request.queriesSent >= config.queries) {
                resolver.finish(request, ReturnCode.DNS_QUOTA);
                // The handler may have cancelled other lookups: begin with the list again.
                next = query.state == Query.BACKING_OFF ? query.firstWaiter : Query.NONE;
            }
            waiter = next;
        }
        return query.state == Query.BACKING_OFF;
    }

    /** The earliest deadline of a pending query, or {@link Resolver#NO_DEADLINE}. */
    long nextDeadlineNs() {
        long next = Resolver.NO_DEADLINE;
        for (int i = 0; i < table.used(); i++) {
            if (table.query(i).isPending()) {
                next = Math.min(next, table.query(i).deadlineNs);
            }
        }
        return next;
    }
}
