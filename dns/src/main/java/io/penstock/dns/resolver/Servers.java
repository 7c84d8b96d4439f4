package io.penstock.dns.resolver;

import io.penstock.core.loop.EventLoop;
import io.penstock.core.net.StreamConnector;

/** The name servers, and which of them is asked next. */
final class Servers {
    static final int NONE = -1;

    private final Server[] servers = new Server[ResolvConf.MAX_SERVERS];
    private final int securePort;
    private int count;
    private int first;
    private boolean isRotating;

    Servers(Resolver resolver, Responses responses, Retries retries, ResolverConfig config) {
        securePort = config.securePort;
        for (int i = 0; i < servers.length; i++) {
            ServerConnection tcp = new ServerConnection(
                    resolver, responses, retries, StreamConnector.TCP, false, config.idleNs);
            ServerConnection secure = config.connector == null ? null : new ServerConnection(
                    resolver, responses, retries, config.connector, true, config.idleNs);
            servers[i] = new Server(tcp, secure);
        }
    }

    int count() {
        return count;
    }

    Server server(int index) {
        return servers[index];
    }

    /**
     * Takes those of the file; what is known of one that keeps its place is kept.
     *
     * @return whether any is another
     */
    boolean configure(ResolvConf conf) {
        isRotating = conf.isRotating();
        boolean isOther = count != conf.servers();
        for (int i = 0; i < conf.servers(); i++) {
            if (i >= count || !servers[i].endpoint.equals(conf.server(i))) {
                servers[i].become(conf.server(i), securePort);
                close(servers[i]);
                isOther = true;
            }
        }
        for (int i = conf.servers(); i < count; i++) {
            close(servers[i]);
        }
        count = conf.servers();
        return isOther;
    }

    /** Whether that is one of the servers, and the same that it was. */
    boolean isStill(Server server, int life) {
        return indexOf(server) != NONE && server.life() == life;
    }

    int indexOf(Server server) {
        for (int i = 0; i < count; i++) {
            if (servers[i] == server) {
                return i;
            }
        }
        return NONE;
    }

    /** A question begins: with the next server, if they take turns. */
    void rotate() {
        if (isRotating && count > 0) {
            first = (first + 1) % count;
        }
    }

    /**
     * Chooses for a query: of those that it has not tried in this round and that are not isolated,
     * the first; if there is none, one that it has tried; if all are isolated, the one that is so
     * for the shortest time.
     */
    int choose(Query query, long nowNs) {
        int able = (1 << count) - 1 & ~query.failed;
        if (able == 0) {
            return NONE;
        }
        if ((able & ~query.tried) == 0) {
            query.tried = 0;
            query.round++;
        }
        int chosen = choose(able & ~query.tried, nowNs);
        if (chosen == NONE) {
            chosen = choose(able, nowNs);
            query.round += chosen == NONE ? 0 : 1;
        }
        return chosen == NONE ? soonest(able) : chosen;
    }

    private int choose(int mask, long nowNs) {
        for (int i = 0; i < count; i++) {
            int index = (first + i) % count;
            if ((mask >> index & 1) != 0 && !servers[index].isIsolated(nowNs)) {
                servers[index].probe(nowNs);
                return index;
            }
        }
        return NONE;
    }

    private int soonest(int mask) {
        int best = NONE;
        for (int i = 0; i < count; i++) {
            if ((mask >> i & 1) != 0 && (best == NONE || servers[i].isolatedUntilNs()
                    - servers[best].isolatedUntilNs() < 0)) {
                best = i;
            }
        }
        return best;
    }

    // Their connections

    /** Takes apart what has come over them. */
    void drain() {
        for (int i = 0; i < count; i++) {
            servers[i].tcp.drain();
            if (servers[i].secure != null) {
                servers[i].secure.drain();
            }
        }
    }

    /** When the first of them has been idle long enough, or never. */
    long idleUntilNs() {
        long first = EventLoop.NO_LIMIT;
        for (int i = 0; i < count; i++) {
            first = Math.min(first, servers[i].tcp.idleUntilNs());
            if (servers[i].secure != null) {
                first = Math.min(first, servers[i].secure.idleUntilNs());
            }
        }
        return first;
    }

    void closeIdle(long now) {
        for (int i = 0; i < count; i++) {
            closeIdle(servers[i].tcp, now);
            closeIdle(servers[i].secure, now);
        }
    }

    private static void closeIdle(ServerConnection connection, long now) {
        if (connection != null && connection.isIdle() && connection.idleUntilNs() - now <= 0) {
            connection.close();
        }
    }

    private static void close(Server server) {
        server.tcp.close();
        if (server.secure != null) {
            server.secure.close();
        }
    }

    void close() {
        for (Server server : servers) {
            close(server);
        }
    }
}
