package io.penstock.dns.resolver;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.Endpoint;
import io.penstock.dns.iana.EdnsOption;
import io.penstock.dns.wire.Edns;
import java.util.concurrent.TimeUnit;

/**
 * The state of a name server: its round-trip time, its isolation after failures, its cookie, and
 * the features that it does not support.
 *
 * <p>The round-trip time is smoothed as in TCP (RFC 6298). After three failures in a row the server
 * is isolated, for twice as long after each further failure; then one query probes it.
 */
final class Server {
    private static final long UNKNOWN = -1;
    private static final int FAILURES = 3;
    private static final long MIN_ISOLATION_NS = TimeUnit.SECONDS.toNanos(1);
    private static final int MAX_DOUBLINGS = 6;
    private static final long UNSUPPORTED_NS = TimeUnit.MINUTES.toNanos(5); // until tried again
    private static final int MAX_COOKIE_BYTES = 40;

    final Endpoint endpoint = new Endpoint();
    final Endpoint secureEndpoint = new Endpoint();
    final ServerConnection tcp;
    final ServerConnection secure; // or null
    private final NativeBuffer cookie = NativeBuffer.allocate(MAX_COOKIE_BYTES);
    private int cookieLength; // 0: no cookie yet, 8: the client's half, more: both halves
    private long smoothedNs = UNKNOWN;
    private long variationNs;
    private int failures;
    private long isolatedUntilNs;
    private boolean isIsolated;
    private long noEdnsUntilNs;
    private boolean hasNoEdns;
    private long noSecureUntilNs;
    private boolean hasNoSecure;
    private boolean foldsCase;
    private int life;

    Server(ServerConnection tcp, ServerConnection secure) {
        this.tcp = tcp;
        this.secure = secure;
    }

    /** Makes this another server, of which nothing is known. */
    void become(Endpoint other, int securePort) {
        life++;
        endpoint.copyFrom(other);
        secureEndpoint.copyFrom(other);
        secureEndpoint.port(securePort);
        cookieLength = 0;
        smoothedNs = UNKNOWN;
        variationNs = 0;
        failures = 0;
        isIsolated = false;
        hasNoEdns = false;
        hasNoSecure = false;
        foldsCase = false;
    }

    /** The number of servers that this object has been: it tells a server from its successor. */
    int life() {
        return life;
    }

    void closeConnections() {
        tcp.close();
        if (secure != null) {
            secure.close();
        }
    }

    // Round-trip time and isolation

    /** A response has come: the server is not isolated any more. */
    void works() {
        failures = 0;
        isIsolated = false;
    }

    /** A response has come as a datagram, which gives a round-trip time. */
    void answered(long roundTripNs) {
        works();
        if (smoothedNs == UNKNOWN) {
            smoothedNs = roundTripNs;
            variationNs = roundTripNs / 2;
        } else {
            variationNs += (Math.abs(smoothedNs - roundTripNs) - variationNs) / 4;
            smoothedNs += (roundTripNs - smoothedNs) / 8;
        }
    }

    /** The retransmission timeout of RFC 6298, or the argument before the first answer. */
    long timeoutNs(long unknownNs) {
        return smoothedNs == UNKNOWN ? unknownNs : smoothedNs + 4 * variationNs;
    }

    /** Counts a failure. Returns whether the failure has begun an isolation. */
    boolean failed(long nowNs) {
        failures++;
        if (failures < FAILURES) {
            return false;
        }
        boolean isNew = !isIsolated;
        int doublings = Math.min(MAX_DOUBLINGS, failures - FAILURES);
        isIsolated = true;
        isolatedUntilNs = nowNs + (MIN_ISOLATION_NS << doublings);
        return isNew;
    }

    boolean isIsolated(long nowNs) {
        return isIsolated && nowNs - isolatedUntilNs < 0;
    }

    /** Isolation expired: one query probes the server; others wait for its result. */
    void probe(long nowNs) {
        if (isIsolated) {
            isolatedUntilNs = nowNs + MIN_ISOLATION_NS;
        }
    }

    long isolatedUntilNs() {
        return isIsolated ? isolatedUntilNs : Long.MIN_VALUE;
    }

    // Features

    boolean hasEdns(long nowNs) {
        hasNoEdns &= nowNs - noEdnsUntilNs < 0;
        return !hasNoEdns;
    }

    void setNoEdns(long nowNs) {
        hasNoEdns = true;
        noEdnsUntilNs = nowNs + UNSUPPORTED_NS;
    }

    boolean hasSecure(long nowNs) {
        hasNoSecure &= nowNs - noSecureUntilNs < 0;
        return secure != null && !hasNoSecure;
    }

    void setNoSecure(long nowNs) {
        hasNoSecure = true;
        noSecureUntilNs = nowNs + UNSUPPORTED_NS;
    }

    boolean foldsCase() {
        return foldsCase;
    }

    /** The server does not keep the letter case of a question, as an answer over TCP shows. */
    void setFoldsCase() {
        foldsCase = true;
    }

    // Cookies: RFC 7873

    NativeBuffer cookie() {
        return cookie;
    }

    /** The length of the cookie to send. The client's half is made at first use. */
    int cookieLength(Entropy entropy) {
        if (cookieLength == 0) {
            cookie.putInt(0, entropy.bits32());
            cookie.putInt(4, entropy.bits32());
            cookieLength = Edns.CLIENT_COOKIE_BYTES;
        }
        return cookieLength;
    }

    boolean hasServerCookie() {
        return cookieLength > Edns.CLIENT_COOKIE_BYTES;
    }

    /** The server does not send its half any more, as an answer over TCP shows. */
    void discardServerCookie() {
        cookieLength = Math.min(cookieLength, Edns.CLIENT_COOKIE_BYTES);
    }

    /** Whether a response has no cookie or our client half; stores the server's half. */
    boolean isCookieGood(Edns edns, NativeBuffer message) {
        if (!hasCookie(edns)) {
            return true;
        }
        int at = edns.optionOffset();
        int length = edns.optionLength();
        if (cookieLength == 0 || length > MAX_COOKIE_BYTES
                || !NameKeys.equal(cookie, 0, message, at, Edns.CLIENT_COOKIE_BYTES)) {
            return false;
        }
        if (length > Edns.CLIENT_COOKIE_BYTES) {
            cookie.putBytes(0, message, at, length);
            cookieLength = length;
        }
        return true;
    }

    static boolean hasCookie(Edns edns) {
        return edns != null && edns.find(EdnsOption.COOKIE);
    }
}
