package io.penstock.tls;

import io.penstock.core.buffer.NativeBuffer;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * What is remembered of a full handshake as long as sessions go back to it: when it was, when the
 * first certificate that it rests on expires, and, for a client, the policy and the peer that it
 * was for. A server seals the times into its tickets; a client has all of it before an exported
 * session. The times are milliseconds of the wall clock since 1970, and all is little-endian, for
 * other machines read it.
 *
 * <pre>
 *   0      8        16        24       56     88
 *   +------+--------+---------+--------+------+
 *   | form | proved | expires | policy | peer |
 *   +------+--------+---------+--------+------+
 * </pre>
 */
final class Proof {
    /** What a server keeps of it. */
    static final int TIMES_BYTES = 24;
    /** All of it. */
    static final int BYTES = 88;
    /** An expiry that never comes: nobody was verified. */
    static final long NEVER_MS = Long.MAX_VALUE;

    private static final long FORM = 0x01_666f_6f72_7053_50L; // "PSproof", and a version
    private static final int PROVED_OFFSET = 8;
    private static final int EXPIRES_OFFSET = 16;
    private static final int POLICY_OFFSET = 24;
    private static final int PEER_OFFSET = 56;
    private static final NativeBuffer NOBODY = NativeBuffer.allocate(1); // in particular
    private static final long SKEW_MS = 300_000; // that clocks may be apart, or be set back

    /** Where it is. */
    final NativeBuffer buffer = NativeBuffer.allocate(BYTES);
    private NativeBuffer peer = NOBODY;
    private boolean isPeerNoted;

    /** Notes the times of a full handshake. */
    static void write(MutableDirectBuffer buffer, long provedMs, long expiresMs) {
        buffer.putLong(0, FORM, ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(PROVED_OFFSET, provedMs, ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(EXPIRES_OFFSET, expiresMs, ByteOrder.LITTLE_ENDIAN);
    }

    /** Whether bytes begin with one of this form, and of so many bytes. */
    static boolean isOne(DirectBuffer buffer, int length, int bytes) {
        return length >= bytes && buffer.getLong(0, ByteOrder.LITTLE_ENDIAN) == FORM;
    }

    /** When it ends, by its certificates and by an age limit. */
    static long endsMs(DirectBuffer buffer, long ageMs) {
        long provedMs = buffer.getLong(PROVED_OFFSET, ByteOrder.LITTLE_ENDIAN);
        long agedMs = provedMs > NEVER_MS - ageMs ? NEVER_MS : provedMs + ageMs;
        return Math.min(agedMs, buffer.getLong(EXPIRES_OFFSET, ByteOrder.LITTLE_ENDIAN));
    }

    /** Whether it is of a time to come, and so of a clock that was wrong then or is now. */
    static boolean isFromTheFuture(DirectBuffer buffer, long nowMs) {
        return buffer.getLong(PROVED_OFFSET, ByteOrder.LITTLE_ENDIAN) > nowMs + SKEW_MS;
    }

    /** Whom a client expects. */
    void peer(HostName host) {
        peer = !host.isGiven() ? NOBODY
                : NativeBuffer.cString((host.isAddress ? "address " : "name ") + host.text);
        isPeerNoted = false;
    }

    /** Notes whom, by the digest: false if the library could not make it. */
    boolean notePeer(Digest sha256) {
        if (!isPeerNoted) {
            isPeerNoted = sha256.digest(peer, 0, peer.capacity(), buffer, PEER_OFFSET)
                    == Policy.DIGEST_BYTES;
        }
        return isPeerNoted;
    }

    void policy(Policy policy) {
        buffer.putBytes(POLICY_OFFSET, policy.digest, 0, Policy.DIGEST_BYTES);
    }

    void expires(long expiresMs) {
        buffer.putLong(EXPIRES_OFFSET, expiresMs, ByteOrder.LITTLE_ENDIAN);
    }

    /** Takes the times of the handshake that a session goes back to. */
    void copyTimes(DirectBuffer from) {
        buffer.putBytes(0, from, 0, TIMES_BYTES);
    }

    void copyFrom(Proof other) {
        buffer.putBytes(0, other.buffer, 0, BYTES);
    }

    /** Whether another is of the same policy and the same peer. */
    boolean isAs(DirectBuffer other) {
        for (int at = POLICY_OFFSET; at < BYTES; at += Long.BYTES) {
            if (buffer.getLong(at) != other.getLong(at)) {
                return false;
            }
        }
        return true;
    }
}
