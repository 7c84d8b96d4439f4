package io.penstock.dns.resolver;

import io.penstock.core.ReturnCode;
import io.penstock.core.sys.Errno;
import java.util.concurrent.TimeUnit;

/**
 * The steps after a query without an answer: timeouts, failures of transports and servers, backoff,
 * and the code that ends a query when no attempt is left.
 *
 * <p>Nothing is sent here. The query backs off until a deadline, which may be now;
 * {@link Queries#onTime} then starts the next attempt or ends the query.
 */
final class Retries {
    private static final long SHORTAGE_BACKOFF_NS = TimeUnit.MILLISECONDS.toNanos(10);

    private final Resolver resolver;
    private final ResolverConfig config;
    private final ResolvConf conf;
    private final QueryTable table;

    Retries(Resolver resolver, ResolverConfig config, ResolvConf conf, QueryTable table) {
        this.resolver = resolver;
        this.config = config;
        this.conf = conf;
        this.table = table;
    }

    // No answer

    /** The server has not answered within the timeout. */
    void timedOut(Query query, long now) {
        resolver.tally(ResolverMetrics.TIMEOUTS_OFFSET, 1);
        if (query.transport == Query.SECURE && !query.server.secure.isOpen()) {
            query.server.setNoSecure(now);
        }
        if (query.distrusts) { // the same server over TCP, where an answer is hard to forge
            query.needsTcp = true;
            query.pinned = query.server;
            query.distrusts = false;
        }
        ServerConnection connection = query.connection;
        if (connection != null) {
            query.releaseTransport(now);
            if (connection.isSilentSince(query.sentNs)) {
                connection.close(ReturnCode.TIMED_OUT); // or the next query would time out too
            }
        }
        serverFailed(query, ReturnCode.TIMED_OUT, now);
    }

    /** The query could not be sent, or its socket has failed. */
    void failed(Query query, int code) {
        long now = resolver.loop().nowNs();
        query.releaseTransport(now);
        if (isShortage(code)) {
            backOffForShortage(query, code, now);
        } else {
            serverFailed(query, code, now);
        }
    }

    /**
     * A connection has closed. If anything ever came over it, its queries go to the same server
     * over a new connection: a server may close a connection at any time. If nothing ever came over
     * a secure connection, the server is taken not to support secure transport for a while.
     */
    void connectionClosed(ServerConnection connection, int code) {
        long now = resolver.loop().nowNs();
        boolean isUnsupported = connection.isSecure() && !connection.hasHeard();
        boolean mayUseClearText = config.privacy == ResolverConfig.Privacy.OPPORTUNISTIC;
        for (int i = 0; i < table.used(); i++) {
            Query query = table.query(i);
            if (query.connection == connection) {
                query.connection = null;
                if (isUnsupported) {
                    query.server.setNoSecure(now);
                }
                if (connection.hasHeard() || isUnsupported && mayUseClearText) {
                    query.pinned = query.server;
                }
                serverFailed(query, code, now);
            }
        }
    }

    private void serverFailed(Query query, int code, long now) {
        if (query.server.failed(now)) {
            resolver.tally(ResolverMetrics.ISOLATED_OFFSET, 1);
        }
        query.tried |= 1 << query.serverIndex;
        query.failure = query.failure == 0 || query.failure == ReturnCode.TIMED_OUT
                ? code : query.failure;
        if (++query.attempts >= conf.maxAttempts()) {
            giveUp(query, query.failure, now);
        } else {
            backOff(query, now);
        }
    }

    // A shortage on this machine

    /** Backs off after a local resource shortage, without blaming the server. */
    void backOffForShortage(Query query, int code, long now) {
        if (++query.shortages > conf.timeoutNs() * conf.attempts() / SHORTAGE_BACKOFF_NS + 1) {
            giveUp(query, code, now);
        } else {
            backOff(query, now + SHORTAGE_BACKOFF_NS);
        }
    }

    private static boolean isShortage(int code) {
        return switch (code) {
            case -Errno.EMFILE, -Errno.ENFILE, -Errno.ENOMEM, -Errno.ENOBUFS, -Errno.EAGAIN,
                    -Errno.EADDRNOTAVAIL, -Errno.ENOSPC, ReturnCode.HANDLES_EXHAUSTED,
                    ReturnCode.METRICS_EXHAUSTED -> true;
            default -> false;
        };
    }

    // After a response that is no answer

    /** Asks the same server again, in another way: over TCP, without EDNS, with a new cookie. */
    void retrySameServer(Query query, long now) {
        query.pinned = query.server;
        backOff(query, now);
    }

    /** Does not ask this server again: it has said that it has no answer to the question. */
    void markFailed(Query query, int code, long now) {
        query.failed |= 1 << query.serverIndex;
        query.failure = query.failure == ReturnCode.DNS_SERVFAIL ? query.failure : code;
        backOff(query, now);
    }

    /** Asks for the name at which the chain of aliases in the response ends. */
    void followAlias(Query query, AnswerReader response, long now) {
        query.followAlias(response.target(), response.cnames(), response.ttl());
        backOff(query, now);
    }

    /** Asks as if the query had just begun. */
    void startOver(Query query, long now) {
        query.releaseTransport(now);
        query.beginName();
        backOff(query, now);
    }

    // Backoff

    /** Ends the query with a code when the timer fires next. */
    void giveUp(Query query, int code, long now) {
        query.verdict = code == 0 ? ReturnCode.TIMED_OUT : code;
        backOff(query, now);
    }

    private void backOff(Query query, long untilNs) {
        query.state = Query.BACKING_OFF;
        query.deadlineNs = untilNs;
        resolver.schedule(untilNs);
    }
}
