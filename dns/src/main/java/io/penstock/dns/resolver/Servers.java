package io.penstock.dns.resolver;

import io.penstock.core.loop.EventLoop;
import io.penstock.core.net.StreamConnector;

/** The configured name servers, their connections, and the choice of the next server to ask. */
final class Servers {
    static final int NONE = -1;

    private final Server[] servers = new Server[ResolvConf.MAX_SERVERS];
    private final ServerConnection[] connections; // of all servers: TCP, then secure ones
    private final int securePort;
    private int count;
    private int first;
    private boolean isRotating;

    Servers(Resolver resolver, Responses responses, Retries retries, ResolverConfig config) {
        securePort = config.securePort;
        connections = new ServerConnection[config.connector == null ? servers.length
                : 2 * servers.length];
        for (int i = 0; i < servers.length; i++) {
            ServerConnection tcp = new ServerConnection(
                    resolver, responses, retries, StreamConnector.TCP, false, config.idleNs);
            ServerConnection secure = config.connector == null ? null : new ServerConnection(
                    resolver, responses, retries, config.connector, true, config.idleNs);
            servers[i] = new Server(tcp, secure);
            connections[i] = tcp;
            if (secure != null) {
                connections[servers.length + i] = secure;
            }
        }
    }

    int count() {
        return count;
    }

    Server server(int index) {
        return servers[index];
    }

    /**
     * Takes the servers of a configuration. A server that keeps its place keeps its state.
     *
     * @return whether any server has changed
     */
    boolean configure(ResolvConf conf) {
        isRotating = conf.isRotating();
        boolean isOther = count != conf.servers();
        for (int i = 0; i < conf.servers(); i++) {
            if (i >= count || !servers[i].endpoint.equals(conf.server(i))) {
                servers[i].become(conf.server(i), securePort);
                servers[i].closeConnections();
                isOther = true;
            }
        }
        for (int i = conf.servers(); i < count; i++) {
            servers[i].closeConnections();
        }
        count = conf.servers();
        return isOther;
    }

    /** Whether the server is still configured, and has been since it had this life. */
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

    /** A query begins: under {@code rotate} its first server is the next one. */
    void rotate() {
        if (isRotating && count > 0) {
            first = (first + 1) % count;
        }
    }

    /**
     * Chooses a server that has not failed for the query: the first one that is not isolated and
     * was not tried in this round; else the first one that is not isolated; else, if all are
     * isolated, the one whose isolation ends first.
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

    /** Handles what has been received over the connections since the last turn. */
    void drain() {
        for (ServerConnection connection : connections) {
            connection.drain();
        }
    }

    /** When the first idle connection is to be closed, or {@link EventLoop#NO_LIMIT}. */
    long idleUntilNs() {
        long first = EventLoop.NO_LIMIT;
        for (ServerConnection connection : connections) {
            first = Math.min(first, connection.idleUntilNs());
        }
        return first;
    }

    void closeIdle(long now) {
        for (ServerConnection connection : connections) {
            if (connection.isIdle() && connection.idleUntilNs() - now <= 0) {
                connection.close();
            }
        }
    }

    void close() {
        for (Server server : servers) {
            server.closeConnections();
        }
    }
}
