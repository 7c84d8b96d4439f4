package io.penstock.dns.resolver;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Errno;
import io.penstock.dns.iana.HeaderFlag;
import io.penstock.dns.iana.Rcode;
import io.penstock.dns.iana.RecordType;
import io.penstock.dns.wire.Message;
import io.penstock.dns.wire.MessageWriter;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;

/**
 * The questions that are being asked: one for all lookups that have the same, asked of one server
 * after another until there is an answer that can be believed. What cannot is dropped and counted,
 * and the query waits on.
 *
 * <p>Nobody is told of an answer from inside {@link #ask}: what goes wrong there has its turn with
 * the timers.
 */
final class Queries {
    private static final long REST_NS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final int MAX_DOUBLINGS = 6;

    private final Resolver resolver;
    private final ResolverConfig config;
    private final ResolvConf conf;
    private final Cache cache;
    private final Query[] queries;
    private final int[] free;
    private int freeCount;
    private int used; // those from here on were never used
    private final Servers servers;
    private final UdpTransport udp;
    private final Entropy entropy;
    private final MessageWriter writer = new MessageWriter();
    private final Message message = new Message();
    private final AnswerReader reader = new AnswerReader();
    private final NativeBuffer answer =
            NativeBuffer.allocate(Answer.HEADER_BYTES + Message.MAX_BYTES);
    private boolean hasData;

    Queries(Resolver resolver, ResolverConfig config, ResolvConf conf, Cache cache) {
        this.resolver = resolver;
        this.config = config;
        this.conf = conf;
        this.cache = cache;
        // Two a lookup; two more while those that have ended are being told of.
        queries = new Query[Request.PARTS * config.lookups + Request.PARTS];
        free = new int[queries.length];
        for (int i = queries.length - 1; i >= 0; i--) {
            queries[i] = new Query(i);
            free[freeCount++] = i;
        }
        servers = new Servers(this, resolver.loop(), config);
        udp = new UdpTransport(resolver.loop(), this, 2 * queries.length);
        entropy = new Entropy(resolver.posix());
    }

    /** Questions that are on their way to servers that are no more go to those that are. */
    void configure() {
        if (!servers.configure(conf)) {
            return;
        }
        long now = now();
        for (int i = 0; i < used; i++) {
            Query query = queries[i];
            boolean isAsked = query.state == Query.WAITING || query.state == Query.RESTING;
            if (isAsked && !servers.isStill(query.server, query.serverLife)) {
                release(query);
                query.beginName();
                rest(query, now);
            } else {
                query.forgetServers();
            }
        }
    }

    // Asking

    /** Has a request wait for the answer to a question, which is asked unless it is already. */
    void ask(Request request, int part, NativeBuffer name, int offset, int length, int type) {
        int hash = Names.hash(name, offset);
        Query query = find(name, offset, length, type, hash);
        boolean isNew = query == null;
        if (isNew) {
            query = queries[free[--freeCount]];
            used = Math.max(used, query.index + 1);
            query.begin(name, offset, length, type, hash);
            servers.rotate();
        } else {
            resolver.tally(ResolverMetrics.JOINED_OFFSET, 1);
        }
        request.queries[part] = query;
        request.nextWaiter[part] = query.firstWaiter;
        query.firstWaiter = request.index * Request.PARTS + part;
        if (isNew) {
            attempt(query);
        }
    }

    private Query find(NativeBuffer name, int offset, int length, int type, int hash) {
        for (int i = 0; i < used; i++) {
            Query query = queries[i];
            if ((query.state == Query.WAITING || query.state == Query.RESTING)
                    && query.isFor(name, offset, length, type, hash)) {
                return query;
            }
        }
        return null;
    }

    /** A request waits no more; a query that nobody waits for ends. */
    void leave(Request request, int part) {
        Query query = request.queries[part];
        if (query == null) {
            return;
        }
        request.queries[part] = null;
        int waiter = request.index * Request.PARTS + part;
        if (query.firstWaiter == waiter) {
            query.firstWaiter = request.nextWaiter[part];
        } else {
            int at = query.firstWaiter;
            while (next(at) != waiter) {
                at = next(at);
            }
            resolver.request(at / Request.PARTS).nextWaiter[at % Request.PARTS] =
                    request.nextWaiter[part];
        }
        if (query.firstWaiter == Query.NONE && query.state != Query.ENDING) {
            release(query);
            giveBack(query);
        }
    }

    private int next(int waiter) {
        return resolver.request(waiter / Request.PARTS).nextWaiter[waiter % Request.PARTS];
    }

    // One attempt

    private void attempt(Query query) {
        long now = now();
        int rc = entropy.prepare();
        if (rc < 0) {
            restFor(query, rc, now);
            return;
        }
        int index = query.pinned == null ? Servers.NONE : servers.indexOf(query.pinned);
        query.pinned = null;
        index = index == Servers.NONE ? servers.choose(query, now) : index;
        if (index == Servers.NONE) {
            end(query, query.failure, now);
            return;
        }
        rc = send(query, index, now);
        if (rc < 0) {
            failed(query, rc);
            return;
        }
        count(query);
        query.rests = 0;
        query.state = Query.WAITING;
        query.deadlineNs = now + timeoutNs(query);
        resolver.schedule(query.deadlineNs);
    }

    /**
     * To the same server it goes once more as it was, so that an answer which is late is one all
     * the same; how long that took is counted from the first.
     */
    private int send(Query query, int index, long now) {
        Server server = servers.server(index);
        query.serverIndex = index;
        if (query.socket != null && query.server == server
                && transport(query, server, now) == Query.UDP) {
            return udp.resend(query);
        }
        release(query);
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
        for (int at = query.firstWaiter; at != Query.NONE; at = next(at)) {
            resolver.request(at / Request.PARTS).queriesSent++;
        }
    }

    private long timeoutNs(Query query) {
        long most = conf.timeoutNs();
        boolean isLast = query.attempts + 1 >= maxAttempts();
        if (isLast || query.transport != Query.UDP) {
            return most;
        }
        long least = Math.min(config.minTimeoutNs, most);
        long base = Math.max(least, query.server.timeoutNs(config.firstTimeoutNs));
        return Math.min(most, base << Math.min(MAX_DOUBLINGS, query.round));
    }

    private int maxAttempts() {
        return conf.attempts() * servers.count();
    }

    // What happens to it

    void onTime(long now) {
        for (int i = 0; i < used && resolver.isOpen(); i++) {
            Query query = queries[i];
            if (query.state == Query.FREE || query.state == Query.ENDING
                    || query.deadlineNs - now > 0) {
                continue;
            }
            if (query.state == Query.WAITING) {
                timedOut(query, now);
            } else if (query.verdict != 0) {
                finish(query, query.verdict);
            } else if (isWithinQuota(query)) {
                attempt(query);
            }
        }
    }

    /** Those who have sent too many leave; whether anybody is left. */
    private boolean isWithinQuota(Query query) {
        int at = query.firstWaiter;
        while (at != Query.NONE) {
            int following = next(at);
            Request request = resolver.request(at / Request.PARTS);
            if (request.queriesSent >= config.queries) {
                resolver.finish(request, ReturnCode.DNS_QUOTA);
                at = query.state == Query.RESTING ? query.firstWaiter : Query.NONE;
            } else {
                at = following;
            }
        }
        return query.state == Query.RESTING;
    }

    private void timedOut(Query query, long now) {
        resolver.tally(ResolverMetrics.TIMEOUTS_OFFSET, 1);
        if (query.transport == Query.SECURE && !query.server.secure.isOpen()) {
            query.server.hasNoSecure(now);
        }
        if (query.distrusts) { // who answered almost right is asked where nobody can forge
            query.needsTcp = true;
            query.pinned = query.server;
            query.distrusts = false;
        }
        Connection connection = query.connection;
        if (connection != null) {
            release(query);
            if (connection.isSilentSince(query.sentNs)) {
                connection.close(ReturnCode.TIMED_OUT); // or the next query would wait too
            }
        }
        serverFailed(query, ReturnCode.TIMED_OUT, now);
    }

    /** What carries the query has failed. */
    void failed(Query query, int code) {
        long now = now();
        release(query);
        if (isOurs(code)) {
            restFor(query, code, now);
        } else {
            serverFailed(query, code, now);
        }
    }

    /**
     * The connection has closed that queries went over. One that has worked is made again, for a
     * server may close when it likes; one that has not is no way to ask.
     */
    void closed(Connection connection, int code) {
        long now = now();
        boolean isNoWay = connection.isSecure() && !connection.hasHeard();
        boolean mayAskInTheClear = config.privacy == ResolverConfig.Privacy.OPPORTUNISTIC;
        for (int i = 0; i < used; i++) {
            Query query = queries[i];
            if (query.connection == connection) {
                query.connection = null;
                if (isNoWay) {
                    query.server.hasNoSecure(now);
                }
                if (connection.hasHeard() || isNoWay && mayAskInTheClear) {
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
        if (++query.attempts >= maxAttempts()) {
            end(query, query.failure, now);
        } else {
            rest(query, now);
        }
    }

    /** For want of what this machine may have again in a moment, which is nobody's failure. */
    private void restFor(Query query, int code, long now) {
        if (++query.rests > conf.timeoutNs() * conf.attempts() / REST_NS + 1) {
            end(query, code, now);
        } else {
            rest(query, now + REST_NS);
        }
    }

    private static boolean isOurs(int code) {
        return switch (code) {
            case -Errno.EMFILE, -Errno.ENFILE, -Errno.ENOMEM, -Errno.ENOBUFS, -Errno.EAGAIN,
                    -Errno.EADDRNOTAVAIL, -Errno.ENOSPC, ReturnCode.HANDLES_EXHAUSTED,
                    ReturnCode.METRICS_EXHAUSTED -> true;
            default -> false;
        };
    }

    private void rest(Query query, long untilNs) {
        query.state = Query.RESTING;
        query.deadlineNs = untilNs;
        resolver.schedule(untilNs);
    }

    private void end(Query query, int code, long now) {
        query.verdict = code == 0 ? ReturnCode.TIMED_OUT : code;
        rest(query, now);
    }

    private void release(Query query) {
        udp.release(query);
        if (query.connection != null) {
            Connection connection = query.connection;
            connection.release(query, now());
            resolver.schedule(connection.idleUntilNs());
        }
    }

    private void giveBack(Query query) {
        query.state = Query.FREE;
        query.server = null;
        free[freeCount++] = query.index;
    }

    // Answers

    /** A datagram has come on the query's socket. */
    void received(Query query, DirectBuffer buffer, int offset, int length) {
        if (message.wrap(buffer, offset, length) < 0) {
            resolver.tally(ResolverMetrics.MALFORMED_OFFSET, 1);
        } else {
            accept(query);
        }
    }

    /** A message has come over a connection. */
    void received(Connection connection, DirectBuffer buffer, int offset, int length) {
        if (message.wrap(buffer, offset, length) < 0) {
            resolver.tally(ResolverMetrics.MALFORMED_OFFSET, 1);
            return;
        }
        for (int i = 0; i < used; i++) {
            Query query = queries[i];
            if (query.connection == connection && query.id == message.id()
                    && (query.isAnsweredBy(message) || query.isRefusalOfEdns(message))) {
                accept(query);
                return;
            }
        }
        resolver.tally(ResolverMetrics.MISMATCHED_OFFSET, 1);
    }

    private void accept(Query query) {
        boolean isRefusal = query.isRefusalOfEdns(message);
        if (!isRefusal && !query.isTrue(message)) {
            resolver.tally(ResolverMetrics.MISMATCHED_OFFSET, 1);
            return;
        }
        long now = now();
        if (query.transport == Query.UDP) {
            query.server.answered(now - query.sentNs);
        } else {
            query.server.works();
        }
        release(query);
        if (query.transport == Query.UDP && message.has(HeaderFlag.TC)) {
            resolver.tally(ResolverMetrics.TRUNCATED_OFFSET, 1);
            query.needsTcp = true;
            again(query, now);
        } else {
            take(query, now);
        }
    }

    private void take(Query query, long now) {
        switch (message.rcode()) {
            case Rcode.NOERROR, Rcode.NXDOMAIN -> read(query, now);
            case Rcode.BADCOOKIE -> {
                query.needsTcp |= query.hadBadCookie;
                if (query.hadBadCookie && query.transport != Query.UDP) {
                    cannot(query, ReturnCode.DNS_REFUSED, now);
                } else {
                    query.hadBadCookie = true;
                    again(query, now);
                }
            }
            case Rcode.FORMERR, Rcode.NOTIMP, Rcode.BADVERS -> {
                if (query.hasEdns) {
                    query.server.hasNoEdns(now);
                    again(query, now);
                } else {
                    cannot(query, ReturnCode.DNS_REFUSED, now);
                }
            }
            case Rcode.SERVFAIL -> cannot(query, ReturnCode.DNS_SERVFAIL, now);
            default -> cannot(query, ReturnCode.DNS_REFUSED, now);
        }
    }

    /** The same server, in another way. */
    private void again(Query query, long now) {
        query.pinned = query.server;
        rest(query, now);
    }

    private void cannot(Query query, int code, long now) {
        query.failed |= 1 << query.serverIndex;
        query.failure = query.failure == ReturnCode.DNS_SERVFAIL ? query.failure : code;
        rest(query, now);
    }

    private void read(Query query, long now) {
        int rc = reader.read(message, query.current, query.type, query.cnames, query.ttl,
                answer, answer.capacity());
        if (rc == AnswerReader.LAME) {
            cannot(query, ReturnCode.DNS_REFUSED, now);
        } else if (rc == AnswerReader.GOES_ON) {
            query.goOn(reader.target(), reader.cnames(), reader.ttl());
            rest(query, now);
        } else {
            if (answer.getInt(Answer.RESULT) == ReturnCode.DNS_CHAIN_TOO_LONG) {
                answer.putLong(Answer.TTL, config.failureTtlSeconds); // RFC 9520 2.3
            }
            finish(query);
        }
    }

    private void finish(Query query, int code) {
        release(query);
        Answer.begin(answer, 0, code);
        boolean isKept = code == ReturnCode.DNS_SERVFAIL || code == ReturnCode.DNS_REFUSED
                || code == ReturnCode.TIMED_OUT;
        answer.putLong(Answer.TTL, isKept ? config.failureTtlSeconds : 0);
        finish(query);
    }

    private void finish(Query query) {
        query.state = Query.ENDING;
        int result = answer.getInt(Answer.RESULT);
        long most = result == ReturnCode.DNS_NXDOMAIN || result == ReturnCode.DNS_NODATA
                ? config.maxNegativeTtlSeconds : config.maxTtlSeconds;
        long ttl = Math.min(answer.getLong(Answer.TTL), most);
        answer.putLong(Answer.TTL, ttl);
        if (!conf.isAdTrusted()) {
            answer.putInt(Answer.FLAGS, answer.getInt(Answer.FLAGS) & ~Answer.AUTHENTIC);
        }
        if (ttl > 0) {
            keep(query, result, ttl);
        }
        int waiter;
        while ((waiter = query.firstWaiter) != Query.NONE) {
            query.firstWaiter = next(waiter);
            Request request = resolver.request(waiter / Request.PARTS);
            request.queries[waiter % Request.PARTS] = null;
            resolver.answered(request, waiter % Request.PARTS, answer, 0, 0, ttl);
        }
        giveBack(query);
    }

    /**
     * A failure does not take the place of what may be given as stale. Of aliases it is the last
     * name that is not there (RFC 2308 2.1): those before it are.
     */
    private void keep(Query query, int result, long ttl) {
        boolean isNameItself = result == ReturnCode.DNS_NXDOMAIN && reader.cnames() == 0;
        int type = isNameItself && query.type != RecordType.DS ? Cache.ANY_TYPE : query.type;
        if (isFailure(result)) {
            type |= Cache.FAILURE;
        }
        cache.put(query.memory, Query.NAME, query.nameLength, type,
                now() + TimeUnit.SECONDS.toNanos(ttl), answer, 0);
        resolver.tally(ResolverMetrics.EVICTED_OFFSET, cache.takeEvicted());
    }

    static boolean isFailure(int result) {
        return result < 0 && result != ReturnCode.DNS_NXDOMAIN && result != ReturnCode.DNS_NODATA;
    }

    // Connections

    /** The caller's connector has thrown. */
    void connectorThrew(Throwable t) {
        resolver.connectorThrew(t);
    }

    /** Something has come over one: taken apart with the ready list. */
    void hasData() {
        hasData = true;
        resolver.ready();
    }

    void drain() {
        if (hasData) {
            hasData = false;
            servers.drain();
        }
    }

    void closeIdle(long now) {
        servers.closeIdle(now);
    }

    /** When there is something to do by the time alone. */
    long nextDeadlineNs() {
        long next = servers.idleUntilNs();
        for (int i = 0; i < used; i++) {
            if (queries[i].state == Query.WAITING || queries[i].state == Query.RESTING) {
                next = Math.min(next, queries[i].deadlineNs);
            }
        }
        return next;
    }

    void close() {
        servers.close();
    }

    private long now() {
        return resolver.loop().nowNs();
    }
}
