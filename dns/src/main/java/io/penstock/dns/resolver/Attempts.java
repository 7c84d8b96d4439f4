package io.penstock.dns.resolver;

import io.penstock.core.ReturnCode;
import io.penstock.dns.wire.MessageWriter;

/**
 * One attempt of a query: which server is asked next, over which transport, and how long the query
 * waits for the answer.
 */
final class Attempts {
    private static final int MAX_DOUBLINGS = 6;

    private final Resolver resolver;
    private final ResolverConfig config;
    private final ResolvConf conf;
    private final QueryTable table;
    private final Servers servers;
    private final UdpTransport udp;
    private final Retries retries;
    private final Entropy entropy;
    private final MessageWriter writer = new MessageWriter();

    Attempts(Resolver resolver, ResolverConfig config, ResolvConf conf, QueryTable table,
            Servers servers, UdpTransport udp, Retries retries) {
        this.resolver = resolver;
        this.config = config;
        this.conf = conf;
        this.table = table;
        this.servers = servers;
        this.udp = udp;
        this.retries = retries;
        entropy = new Entropy(resolver.posix());
    }

    /** Sends the query to its next server, or gives it up if no server is left. */
    void start(Query query) {
        long now = resolver.loop().nowNs();
        int rc = entropy.prepare();
        if (rc < 0) {
            retries.backOffForShortage(query, rc, now);
            return;
        }
        int index = nextServer(query, now);
        if (index == Servers.NONE) {
            retries.giveUp(query, query.failure, now);
            return;
        }
        rc = send(query, index, now);
        if (rc < 0) {
            retries.failed(query, rc);
            return;
        }
        count(query);
        query.shortages = 0;
        query.state = Query.WAITING;
        query.deadlineNs = now + timeoutNs(query);
        resolver.schedule(query.deadlineNs);
    }

    private int nextServer(Query query, long now) {
        int pinned = query.pinned == null ? Servers.NONE : servers.indexOf(query.pinned);
        query.pinned = null;
        return pinned == Servers.NONE ? servers.choose(query, now) : pinned;
    }

    /**
     * A retry at the same server re-sends the same packet, so a late answer still matches; the
     * round-trip time counts from the first copy.
     */
    private int send(Query query, int index, long now) {
        Server server = servers.server(index);
        query.serverIndex = index;
        if (query.socket != null && query.server == server
                && transport(query, server, now) == Query.UDP) {
            return udp.resend(query);
        }
        query.releaseTransport(now);
        query.server = server;
        query.serverLife = server.life();
        query.transport = transport(query, server, now);
        query.sentNs = now;
        int rc = query.write(writer, entropy, config, conf.isAdTrusted(), now);
        return rc < 0 ? rc : send(query);
    }

    private int transport(Query query, Server server, long now) {
        if (config.privacy == ResolverConfig.Privacy.STRICT
                || config.privacy == ResolverConfig.Privacy.OPPORTUNISTIC
                && server.hasSecure(now)) {
            return Query.SECURE;
        }
        return query.needsTcp || conf.isTcpOnly() ? Query.TCP : Query.UDP;
    }

    private int send(Query query) {
        Server server = query.server;
        return switch (query.transport) {
            case Query.UDP -> udp.send(query);
            case Query.TCP -> server.tcp.send(query, server.endpoint);
            default -> server.secure == null ? ReturnCode.NOT_SUPPORTED
                    : server.secure.send(query, server.secureEndpoint);
        };
    }

    private void count(Query query) {
        resolver.tally(ResolverMetrics.QUERIES_OFFSET, 1);
        resolver.tally(query.transport == Query.UDP ? ResolverMetrics.UDP_OFFSET
                : query.transport == Query.TCP ? ResolverMetrics.TCP_OFFSET
                : ResolverMetrics.SECURE_OFFSET, 1);
        resolver.tally(ResolverMetrics.RETRIES_OFFSET, query.sent++ > 0 ? 1 : 0);
        for (int w = query.firstWaiter; w != Query.NONE; w = table.next(w)) {
            table.request(w).queriesSent++;
        }
    }

    /**
     * The timeout of an attempt over UDP doubles with each round of servers. The last attempt, and
     * any over a connection, waits as long as {@code resolv.conf} allows.
     */
    private long timeoutNs(Query query) {
        long max = conf.timeoutNs();
        boolean isLast = query.attempts + 1 >= conf.maxAttempts();
        if (isLast || query.transport != Query.UDP) {
            return max;
        }
        long min = Math.min(config.minTimeoutNs, max);
        long base = Math.max(min, query.server.timeoutNs(config.firstTimeoutNs));
        return Math.min(max, base << Math.min(MAX_DOUBLINGS, query.round));
    }
}
