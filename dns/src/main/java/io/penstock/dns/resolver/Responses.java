package io.penstock.dns.resolver;

import io.penstock.core.ReturnCode;
import io.penstock.dns.iana.HeaderFlag;
import io.penstock.dns.iana.Rcode;
import io.penstock.dns.wire.Message;
import org.agrona.DirectBuffer;

/**
 * The responses of servers: which query it belongs to, whether it can be believed, and what
 * follows from it. A message that cannot be believed is dropped and counted, and the query goes on
 * waiting.
 */
final class Responses {
    private final Resolver resolver;
    private final ResolverConfig config;
    private final QueryTable table;
    private final Retries retries;
    private final Completion completion;
    private final Message message = new Message();
    private final AnswerReader reader = new AnswerReader();

    Responses(Resolver resolver, ResolverConfig config, QueryTable table, Retries retries,
            Completion completion) {
        this.resolver = resolver;
        this.config = config;
        this.table = table;
        this.retries = retries;
        this.completion = completion;
    }

    /** A datagram has come on the query's socket. */
    void received(Query query, DirectBuffer buffer, int offset, int length) {
        if (wrap(buffer, offset, length)) {
            accept(query);
        }
    }

    /** A message has come over a connection, which carries several queries. */
    void received(ServerConnection connection, DirectBuffer buffer, int offset, int length) {
        if (!wrap(buffer, offset, length)) {
            return;
        }
        for (int i = 0; i < table.used(); i++) {
            Query query = table.query(i);
            if (query.connection == connection && query.id == message.id()
                    && (query.isAnsweredBy(message) || query.isRefusalOfEdns(message))) {
                accept(query);
                return;
            }
        }
        resolver.tally(ResolverMetrics.MISMATCHED_OFFSET, 1);
    }

    private boolean wrap(DirectBuffer buffer, int offset, int length) {
        boolean isMessage = message.wrap(buffer, offset, length) == 0;
        resolver.tally(ResolverMetrics.MALFORMED_OFFSET, isMessage ? 0 : 1);
        return isMessage;
    }

    private void accept(Query query) {
        if (!query.isRefusalOfEdns(message) && !query.isTrue(message)) {
            resolver.tally(ResolverMetrics.MISMATCHED_OFFSET, 1);
            return;
        }
        long now = resolver.loop().nowNs();
        if (query.transport == Query.UDP) {
            query.server.answered(now - query.sentNs);
        } else {
            query.server.works();
        }
        query.releaseTransport(now);
        if (query.transport == Query.UDP && message.has(HeaderFlag.TC)) {
            resolver.tally(ResolverMetrics.TRUNCATED_OFFSET, 1);
            query.needsTcp = true;
            retries.retrySameServer(query, now);
        } else {
            followRcode(query, now);
        }
    }

    private void followRcode(Query query, long now) {
        switch (message.rcode()) {
            case Rcode.NOERROR, Rcode.NXDOMAIN -> read(query, now);
            case Rcode.BADCOOKIE -> badCookie(query, now);
            case Rcode.FORMERR, Rcode.NOTIMP, Rcode.BADVERS -> notUnderstood(query, now);
            case Rcode.SERVFAIL -> retries.markFailed(query, ReturnCode.DNS_SERVFAIL, now);
            default -> retries.markFailed(query, ReturnCode.DNS_REFUSED, now);
        }
    }

    /** Sends the server's new cookie at first, then uses TCP; over TCP the server has failed. */
    private void badCookie(Query query, long now) {
        boolean isFirst = !query.hadBadCookie;
        query.needsTcp |= !isFirst;
        query.hadBadCookie = true;
        if (isFirst || query.transport == Query.UDP) {
            retries.retrySameServer(query, now);
        } else {
            retries.markFailed(query, ReturnCode.DNS_REFUSED, now);
        }
    }

    private void notUnderstood(Query query, long now) {
        if (query.hasEdns) {
            query.server.setNoEdns(now);
            retries.retrySameServer(query, now);
        } else {
            retries.markFailed(query, ReturnCode.DNS_REFUSED, now);
        }
    }

    private void read(Query query, long now) {
        int rc = reader.read(message, query.current, query.type, query.cnames, query.ttl,
                completion.answer);
        switch (rc) {
            case AnswerReader.LAME -> retries.markFailed(query, ReturnCode.DNS_REFUSED, now);
            case AnswerReader.GOES_ON -> retries.followAlias(query, reader, now);
            default -> {
                if (Answer.result(completion.answer, 0) == ReturnCode.DNS_CHAIN_TOO_LONG) {
                    // RFC 9520 2.3
                    completion.answer.putLong(Answer.TTL, config.failureTtlSeconds);
                }
                completion.finish(query, reader.cnames() > 0);
            }
        }
    }
}
