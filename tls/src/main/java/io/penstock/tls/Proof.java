package io.penstock.tls;

import io.penstock.core.buffer.NativeBuffer;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The record of a full handshake that goes along with its sessions: its time, when the first of its
 * certificates expires, and, at a client, its policy and its peer. A server seals the two times
 * into its tickets; a client writes the whole record in front of an exported session. The times are
 * milliseconds of the wall clock since 1970. All is little-endian, for other machines read it.
 *
 * <pre>
 *   0      8        16        24       56     88
 *   +------+--------+---------+--------+------+
 *   | form | proved | expires | policy | peer |
 *   +------+--------+---------+--------+------+
 * </pre>
 */
final class Proof {
    /** The length of the part that a server seals: the form and the times. */
    static final int TIMES_BYTES = 24;
    /** The length of the whole record. */
    static final int BYTES = 88;
    /** An expiry that never comes: nobody was verified. */
    static final long NEVER_MS = Long.MAX_VALUE;

    private static final long FORM = 0x01_666f_6f72_7053_50L; // "PSproof", and a version
    private static final int PROVED_OFFSET = 8;
    private static final int EXPIRES_OFFSET = 16;
    private static final int POLICY_OFFSET = 24;
    private static final int PEER_OFFSET = 56;
    private static final NativeBuffer NOBODY = NativeBuffer.allocate(1); // no peer in particular
    private static final long SKEW_MS = 300_000; // how far clocks may differ, or be set back

    /** The record. */
    final NativeBuffer buffer = NativeBuffer.allocate(BYTES);
    private NativeBuffer peer = NOBODY;
    private boolean isPeerNoted;

    /** Writes the times of a full handshake. */
    static void write(MutableDirectBuffer buffer, long provedMs, long expiresMs) {
        buffer.putLong(0, FORM, ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(PROVED_OFFSET, provedMs, ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(EXPIRES_OFFSET, expiresMs, ByteOrder.LITTLE_ENDIAN);
    }

    /** Whether bytes begin with a record of this form, and are long enough for it. */
    static boolean isOne(DirectBuffer buffer, int length, int bytes) {
        return length >= bytes && buffer.getLong(0, ByteOrder.LITTLE_ENDIAN) == FORM;
    }

    /** When the sessions of a record end, by its certificates and by an age limit. */
    static long endsMs(DirectBuffer buffer, long ageMs) {
        long provedMs = buffer.getLong(PROVED_OFFSET, ByteOrder.LITTLE_ENDIAN);
        long agedMs = provedMs > NEVER_MS - ageMs ? NEVER_MS : provedMs + ageMs;
        return Math.min(agedMs, buffer.getLong(EXPIRES_OFFSET, ByteOrder.LITTLE_ENDIAN));
    }

    /** Whether the handshake lies in the future: a clock was wrong then, or is wrong now. */
    static boolean isFromTheFuture(DirectBuffer buffer, long nowMs) {
        return buffer.getLong(PROVED_OFFSET, ByteOrder.LITTLE_ENDIAN) > nowMs + SKEW_MS;
    }

    /** Sets the host that a client expects. */
    void peer(HostName host) {
        peer = !host.isGiven() ? NOBODY
                : NativeBuffer.cString((host.isAddress ? "address " : "name ") + host.text);
        isPeerNoted = false;
    }

    /** Writes the digest of the expected host: false if the library could not make it. */
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

    /** Copies the times of another record. */
    void copyTimes(DirectBuffer from) {
        buffer.putBytes(0, from, 0, TIMES_BYTES);
    }

    void copyFrom(Proof other) {
        buffer.putBytes(0, other.buffer, 0, BYTES);
    }

    /** Whether another record is of the same policy and the same peer. */
    boolean isAs(DirectBuffer other) {
        for (int at = POLICY_OFFSET; at < BYTES; at += Long.BYTES) {
            if (buffer.getLong(at) != other.getLong(at)) {
                return false;
            }
        }
        return true;
    }
}
