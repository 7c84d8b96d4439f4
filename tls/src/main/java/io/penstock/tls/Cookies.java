package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.net.Endpoint;
import io.penstock.tls.openssl.Crypto;
import io.penstock.tls.openssl.Dtls;
import io.penstock.tls.openssl.Memory;
import java.util.concurrent.TimeUnit;

/**
 * The cookies of a server of datagrams. The server answers a hello with a cookie, and keeps nothing
 * until the cookie comes back from the same address. A cookie is the age that the key had when the
 * cookie was made, and a MAC over that age, the address, and the hello's random bytes. A key makes
 * cookies for a minute, and they are good for a minute more.
 *
 * <p>The age protects peers that have a connection. A cookie older than the one that began the
 * connection belongs to an earlier hello, which an attacker repeats, and must not end it.
 *
 * <pre>
 *   a hello      0        13          25        27       59
 *                +--------+-----------+---------+--------+- -
 *                | record | handshake | version | random |
 *                +--------+-----------+---------+--------+- -
 * </pre>
 *
 * <p><b>See</b>: RFC 6347, section 4.2.1.
 */
final class Cookies {
    private static final int TYPE_HANDSHAKE = 22;
    private static final int TYPE_CLIENT_HELLO = 1;
    private static final int EPOCH_OFFSET = 3;
    private static final int HANDSHAKE_OFFSET = 13;
    private static final int RANDOM_OFFSET = 27;
    private static final int RANDOM_BYTES = 32;
    private static final int HELLO_LEAST_BYTES = RANDOM_OFFSET + RANDOM_BYTES;

    private static final int KEY_BYTES = 32;
    private static final int MAC_BYTES = 24; // of 32
    private static final int COOKIE_BYTES = Long.BYTES + MAC_BYTES;
    private static final long KEY_NS = TimeUnit.MINUTES.toNanos(1);

    private static final int HIGH_OFFSET = 0;
    private static final int LOW_OFFSET = 8;
    private static final int PORT_OFFSET = 16;
    private static final int SCOPE_OFFSET = 20;
    private static final int IP_BYTES = 24;

    private final EventLoop loop;
    private final NativeBuffer claim = NativeBuffer.allocate(
            Endpoint.MAX_BYTES + RANDOM_BYTES + Long.BYTES);
    private final NativeBuffer answer = NativeBuffer.allocate(KEY_BYTES);
    private final NativeBuffer key = NativeBuffer.allocate(KEY_BYTES);
    private Mac mac = new Mac(DigestAlgorithm.SHA_256);
    private Mac last = new Mac(DigestAlgorithm.SHA_256);
    private long secret;
    private long madeNs;
    private long lastMadeNs;
    private long sinceNs;
    private long broughtMadeNs;
    private int claimBytes;
    private long bioAddress; // the library requires one, and nobody reads it

    Cookies(EventLoop loop) {
        this.loop = loop;
    }

    int open() {
        bioAddress = Dtls.BIO_ADDR_new();
        int rc = bioAddress == 0 ? ReturnCode.TLS_FAILED : 0;
        rc = rc < 0 ? rc : mac.open(key, 0, KEY_BYTES);
        rc = rc < 0 ? rc : last.open(key, 0, KEY_BYTES);
        rc = rc < 0 ? rc : renew();
        rc = rc < 0 ? rc : renew(); // after two renewals no key is the zeros of above
        if (rc == 0 && Crypto.RAND_bytes(answer.addressOffset(), Long.BYTES) != 1) {
            rc = ReturnCode.TLS_FAILED;
        }
        secret = answer.getLong(0);
        return rc;
    }

    /** A random number, the same while this is open. */
    long secret() {
        return secret;
    }

    void close() {
        mac.close();
        last.close();
        if (bioAddress != 0) {
            Dtls.BIO_ADDR_free(bioAddress);
            bioAddress = 0;
        }
    }

    private int renew() {
        Mac oldest = last;
        last = mac;
        mac = oldest;
        lastMadeNs = madeNs;
        madeNs = loop.nowNs();
        int rc = Crypto.RAND_bytes(key.addressOffset(), KEY_BYTES) == 1
                ? mac.rekey(key, 0, KEY_BYTES) : ReturnCode.TLS_FAILED;
        key.setMemory(0, KEY_BYTES, (byte) 0);
        return rc;
    }

    /** Whether a datagram is a hello outside of any connection. */
    static boolean isHello(long datagram, int length) {
        return length >= HELLO_LEAST_BYTES
                && Memory.getByte(datagram) == TYPE_HANDSHAKE
                && Memory.getByte(datagram + EPOCH_OFFSET) == 0
                && Memory.getByte(datagram + EPOCH_OFFSET + 1) == 0
                && Memory.getByte(datagram + HANDSHAKE_OFFSET) == TYPE_CLIENT_HELLO;
    }

    /** The first half of a hello's random bytes: enough to know it again. */
    static long random(long hello, int half) {
        return Memory.getLong(hello + RANDOM_OFFSET + (long) half * Long.BYTES);
    }

    /**
     * Makes and checks cookies for a hello and its sender from now on.
     *
     * @param sinceNs cookies that were made before this time are too old
     */
    void hears(Endpoint peer, long hello, long sinceNs) {
        this.sinceNs = sinceNs;
        int address = IP_BYTES;
        if (peer.isUnix()) {
            address = peer.length();
            Memory.copy(peer.address(), claim.addressOffset(), address);
        } else {
            claim.putLong(HIGH_OFFSET, peer.ipHigh());
            claim.putLong(LOW_OFFSET, peer.ipLow());
            claim.putInt(PORT_OFFSET, peer.port());
            claim.putInt(SCOPE_OFFSET, peer.scope());
        }
        Memory.copy(hello + RANDOM_OFFSET, claim.addressOffset() + address, RANDOM_BYTES);
        claimBytes = address + RANDOM_BYTES;
        long ageNs = loop.nowNs() - madeNs;
        if (ageNs > 2 * KEY_NS) {
            renew(); // the other key is too old as well
        }
        if (ageNs > KEY_NS) {
            renew();
        }
    }

    /** When the cookie was made that was checked last; it counts if the cookie was good. */
    long broughtMadeNs() {
        return broughtMadeNs;
    }

    /** Has the library read the hello: 1 with a good cookie; else it may have made an answer. */
    int listen(long ssl) {
        return Dtls.DTLSv1_listen(ssl, bioAddress);
    }

    /** The library's callback: writes a cookie, and its length. */
    int make(long cookie, long length) {
        long ageNs = loop.nowNs() - madeNs;
        if (compute(mac, ageNs) < 0) {
            return 0;
        }
        Memory.putLong(cookie, ageNs);
        Memory.copy(answer.addressOffset(), cookie + Long.BYTES, MAC_BYTES);
        Memory.putInt(length, COOKIE_BYTES);
        return 1;
    }

    /** The library's callback: whether a cookie was made here, for this hello, not long ago. */
    int check(long cookie, int length) {
        return length == COOKIE_BYTES
                && (isOf(mac, madeNs, cookie) || isOf(last, lastMadeNs, cookie)) ? 1 : 0;
    }

    private boolean isOf(Mac mac, long keyMadeNs, long cookie) {
        long ageNs = Memory.getLong(cookie);
        broughtMadeNs = keyMadeNs + ageNs;
        return compute(mac, ageNs) > 0 && Crypto.CRYPTO_memcmp(
                answer.addressOffset(), cookie + Long.BYTES, MAC_BYTES) == 0
                && broughtMadeNs >= sinceNs
                && loop.nowNs() - broughtMadeNs <= 2 * KEY_NS; // the key itself may be older
    }

    private int compute(Mac mac, long ageNs) {
        claim.putLong(claimBytes, ageNs);
        int rc = mac.update(claim, 0, claimBytes + Long.BYTES);
        return rc < 0 ? rc : mac.finish(answer, 0);
    }
}
