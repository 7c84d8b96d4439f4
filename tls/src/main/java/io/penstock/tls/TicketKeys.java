package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.tls.openssl.Crypto;
import io.penstock.tls.openssl.Memory;
import io.penstock.tls.openssl.Parameters;
import java.lang.ref.Reference;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The keys of a server's session tickets: the newest seals tickets, and all of them open tickets.
 * Contexts with the same object, or with the same bytes, accept each other's tickets, between loops
 * and between machines, if their policies are the same. {@link #rotate} every few hours: a ticket
 * lasts for as many rotations as keys are kept, and no longer than {@link TlsConfig#sessionAgeNs}.
 *
 * <pre>
 *   0      16        48         80
 *   +------+---------+----------+
 *   | name | AES-256 | HMAC key |
 *   +------+---------+----------+
 * </pre>
 *
 * <p><b>Threading</b>: any. <b>Allocation</b>: set-up, {@link #rotate} included; sealing and
 * opening tickets allocates nothing. <b>See</b>: RFC 5077, section 4.
 */
public final class TicketKeys {
    /** The length of a key. */
    public static final int KEY_BYTES = 80;

    private static final int NAME_BYTES = 16;
    private static final int AES_OFFSET = 16;
    private static final int MAC_OFFSET = 48;
    private static final int SECRET_BYTES = 32;
    private static final int IV_BYTES = 16;
    private static final int NONE = 0;
    private static final int GOOD = 1;
    private static final int RENEW = 2;

    private final int capacity;
    // The newest first. A rotation replaces the buffer, so a callback in another thread sees all of
    // the old keys or all of the new ones.
    private volatile NativeBuffer keys = NativeBuffer.allocate(0);

    /**
     * No keys yet: see {@link #rotate}.
     *
     * @param capacity how many are kept, at least 1
     */
    public TicketKeys(int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException(capacity + " < 1");
        }
        this.capacity = capacity;
    }

    /**
     * Makes a random key, which seals tickets from now on.
     *
     * @return 0, {@link ReturnCode#TLS_FAILED}, a code of {@link OpenSsl#load}
     */
    public int rotate() {
        int rc = OpenSsl.load();
        if (rc < 0) {
            return rc;
        }
        NativeBuffer key = NativeBuffer.allocate(KEY_BYTES);
        return Crypto.RAND_bytes(key.addressOffset(), KEY_BYTES) == 1
                ? rotate(key, 0, KEY_BYTES) : ReturnCode.TLS_FAILED;
    }

    /**
     * Takes a key that other processes have too. It seals tickets from now on.
     *
     * @param buffer where it is
     * @param offset of its first byte
     * @param length {@link #KEY_BYTES}
     * @return 0, {@link ReturnCode#BAD_ARGUMENT} for another length
     */
    public synchronized int rotate(DirectBuffer buffer, int offset, int length) {
        if (length != KEY_BYTES) {
            return ReturnCode.BAD_ARGUMENT;
        }
        NativeBuffer old = keys;
        int kept = Math.min(old.capacity(), (capacity - 1) * KEY_BYTES);
        NativeBuffer next = NativeBuffer.allocate(kept + KEY_BYTES);
        next.putBytes(0, buffer, offset, KEY_BYTES);
        next.putBytes(KEY_BYTES, old, 0, kept);
        keys = next;
        return 0;
    }

    /**
     * Copies the newest key, for other processes.
     *
     * @param buffer where to put it
     * @param offset of its first byte there
     * @return {@link #KEY_BYTES}, or 0 if there is none
     */
    public int newest(MutableDirectBuffer buffer, int offset) {
        NativeBuffer now = keys;
        int length = Math.min(KEY_BYTES, now.capacity());
        buffer.putBytes(offset, now, 0, length);
        return length;
    }

    /** Sets the keys to seal or open a ticket with: what the library's callback answers. */
    int apply(long name, long iv, long cipher, long mac, boolean isNew, Parameters parameters) {
        NativeBuffer now = keys;
        int at = isNew ? 0 : find(now, name);
        if (at < 0 || now.capacity() == 0) {
            return NONE;
        }
        long key = now.addressOffset() + at;
        if (isNew) {
            Memory.copy(key, name, NAME_BYTES);
            if (Crypto.RAND_bytes(iv, IV_BYTES) != 1) {
                return NONE;
            }
        }
        parameters.bytesAt(1, key + MAC_OFFSET);
        boolean isKeyed = Crypto.EVP_MAC_CTX_set_params(mac, parameters.address()) == 1
                && (isNew
                ? Crypto.EVP_EncryptInit_ex(cipher, Crypto.EVP_aes_256_cbc(), 0,
                        key + AES_OFFSET, iv)
                : Crypto.EVP_DecryptInit_ex(cipher, Crypto.EVP_aes_256_cbc(), 0,
                        key + AES_OFFSET, iv)) == 1;
        Reference.reachabilityFence(now);
        return !isKeyed ? NONE : at == 0 ? GOOD : RENEW;
    }

    static Parameters parameters() {
        return new Parameters().text("digest", "SHA256").bytes("key", SECRET_BYTES);
    }

    private static int find(NativeBuffer keys, long name) {
        for (int at = 0; at < keys.capacity(); at += KEY_BYTES) {
            if (keys.getLong(at) == Memory.getLong(name)
                    && keys.getLong(at + Long.BYTES) == Memory.getLong(name + Long.BYTES)) {
                return at;
            }
        }
        return -1;
    }
}
