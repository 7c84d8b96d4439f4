package io.penstock.dns.resolver;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.Endpoint;
import io.penstock.dns.iana.EdnsOption;
import io.penstock.dns.wire.Edns;
import java.util.concurrent.TimeUnit;

/**
 * What is known of a name server: how long it takes to answer, whether it is to be left alone for
 * a while, its cookie, and what it cannot do.
 *
 * <p>Its time to answer is smoothed as TCP does it (RFC 6298). After three failures in a row it is
 * isolated, for twice as long each time; then one query finds out.
 */
final class Server {
    private static final long UNKNOWN = -1;
    private static final int FAILURES = 3;
    private static final long MIN_ISOLATION_NS = TimeUnit.SECONDS.toNanos(1);
    private static final int MAX_DOUBLINGS = 6;
    private static final long FORGET_NS = TimeUnit.MINUTES.toNanos(5); // what it cannot do
    private static final int MAX_COOKIE_BYTES = 40;

    final Endpoint endpoint = new Endpoint();
    final Endpoint secureEndpoint = new Endpoint();
    final ServerConnection tcp;
    final ServerConnection secure; // null: none
    private final NativeBuffer cookie = NativeBuffer.allocate(MAX_COOKIE_BYTES);
    private int cookieLength; // 0: none yet, 8: the client's, more: with the server's
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

    /** Becomes another server, of which nothing is known. */
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

    /** Another number for another server. */
    int life() {
        return life;
    }

    void closeConnections() {
        tcp.close();
        if (secure != null) {
            secure.close();
        }
    }

    // Time

    void works() {
        failures = 0;
        isIsolated = false;
    }

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

    /** How long to wait for it, or what is given if that is not known. */
    long timeoutNs(long unknownNs) {
        return smoothedNs == UNKNOWN ? unknownNs : smoothedNs + 4 * variationNs;
    }

    /** Whether it is isolated from now on, and was not before. */
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

    /** The time is over and one query is on its way to find out: others wait for that one. */
    void probe(long nowNs) {
        if (isIsolated) {
            isolatedUntilNs = nowNs + MIN_ISOLATION_NS;
        }
    }

    long isolatedUntilNs() {
        return isIsolated ? isolatedUntilNs : Long.MIN_VALUE;
    }

    // What it can do

    boolean hasEdns(long nowNs) {
        hasNoEdns &= nowNs - noEdnsUntilNs < 0;
        return !hasNoEdns;
    }

    void setNoEdns(long nowNs) {
        hasNoEdns = true;
        noEdnsUntilNs = nowNs + FORGET_NS;
    }

    boolean hasSecure(long nowNs) {
        hasNoSecure &= nowNs - noSecureUntilNs < 0;
        return secure != null && !hasNoSecure;
    }

    void setNoSecure(long nowNs) {
        hasNoSecure = true;
        noSecureUntilNs = nowNs + FORGET_NS;
    }

    boolean foldsCase() {
        return foldsCase;
    }

    /** Its answers over TCP do not have the case of the question. */
    void setFoldsCase() {
        foldsCase = true;
    }

    // Cookies: RFC 7873

    NativeBuffer cookie() {
        return cookie;
    }

    /** The cookie to send, the client's half made if there is none. */
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

    /** It has lost its half: known from an answer over TCP. */
    void forgetServerCookie() {
        cookieLength = Math.min(cookieLength, Edns.CLIENT_COOKIE_BYTES);
    }

    /** Whether an answer brings back the client's half, or none at all; takes the server's. */
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
