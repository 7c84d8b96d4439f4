package io.penstock.tls;

import io.penstock.core.net.Endpoint;

/**
 * The connections of an acceptor by the addresses of their peers: an open-addressed table, at most
 * half full. Its hash has a secret, so that no peer can choose addresses that make it slow.
 */
final class PeerTable {
    private static final long MULTIPLIER = 0x9e37_79b9_7f4a_7c15L;

    private final Cookies cookies; // has the secret
    private final DtlsConnection[] places;
    private final int mask;

    PeerTable(int capacity, Cookies cookies) {
        this.cookies = cookies;
        places = new DtlsConnection[Integer.highestOneBit(Math.max(1, capacity)) * 4];
        mask = places.length - 1;
    }

    /** The connection of a peer, or null. */
    DtlsConnection find(Endpoint peer) {
        int at = home(peer);
        while (places[at] != null && !places[at].peer.equals(peer)) {
            at = at + 1 & mask;
        }
        return places[at];
    }

    void add(DtlsConnection connection) {
        int at = home(connection.peer);
        while (places[at] != null) {
            at = at + 1 & mask;
        }
        places[at] = connection;
    }

    void remove(DtlsConnection connection) {
        int hole = home(connection.peer);
        while (places[hole] != connection) {
            hole = hole + 1 & mask;
        }
        // A connection that found this place taken moves up into it.
        for (int at = hole + 1 & mask; places[at] != null; at = at + 1 & mask) {
            int distance = at - home(places[at].peer) & mask;
            if (distance >= (at - hole & mask)) {
                places[hole] = places[at];
                hole = at;
            }
        }
        places[hole] = null;
    }

    private int home(Endpoint peer) {
        long secret = cookies.secret();
        long hash = peer.isUnix() ? mix(secret ^ peer.hashCode())
                : mix(mix(mix(secret ^ peer.ipHigh()) ^ peer.ipLow())
                        ^ (long) peer.scope() << 32 ^ peer.port());
        return (int) hash & mask;
    }

    private static long mix(long value) {
        long product = (value ^ value >>> 32) * MULTIPLIER;
        return (product ^ product >>> 29) * MULTIPLIER ^ product >>> 32;
    }
}
