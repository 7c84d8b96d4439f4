package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.tls.openssl.Crypto;
import io.penstock.tls.openssl.Parameters;
import java.lang.ref.Reference;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The HMAC of bytes in buffers, under one key. Opened once, used any number of times.
 *
 * <p><b>Threading</b>: one thread at a time. <b>Allocation</b>: none but in {@link #open}.
 * <b>Returns</b>: every method that answers an {@code int} answers {@link ReturnCode#NOT_OPEN}
 * unless it is open, and {@link ReturnCode#HEAP_BUFFER} to a buffer on the heap. <b>See</b>: RFC
 * 2104.
 */
public final class Mac implements AutoCloseable {
    private static final int MAX_BYTES = 64;

    private final DigestAlgorithm algorithm;
    private final NativeBuffer expected = NativeBuffer.allocate(MAX_BYTES);
    private long mac;
    private long context;
    private boolean isBegun;

    /**
     * A MAC that is not open yet.
     *
     * @param algorithm of the hash beneath
     */
    public Mac(DigestAlgorithm algorithm) {
        this.algorithm = algorithm;
    }

    /**
     * Fetches the function, and takes a key; the library keeps its own copy of it.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param key off the heap
     * @param offset of its first byte
     * @param length of it, at least 1
     * @return 0, {@link ReturnCode#ALREADY_OPEN}, {@link ReturnCode#BAD_ARGUMENT},
     *     {@link ReturnCode#TLS_ALGORITHM_MISSING}, a code of {@link OpenSsl#load}
     */
    public int open(DirectBuffer key, int offset, int length) {
        if (mac != 0) {
            return ReturnCode.ALREADY_OPEN;
        }
        if (key.byteArray() != null || length < 1) {
            return length < 1 ? ReturnCode.BAD_ARGUMENT : ReturnCode.HEAP_BUFFER;
        }
        key.boundsCheck(offset, length);
        int rc = OpenSsl.load();
        if (rc < 0) {
            return rc;
        }
        NativeBuffer name = NativeBuffer.cString("HMAC");
        mac = Crypto.EVP_MAC_fetch(0, name.addressOffset(), 0);
        Reference.reachabilityFence(name);
        context = mac == 0 ? 0 : Crypto.EVP_MAC_CTX_new(mac);
        Parameters parameters = new Parameters().text("digest", algorithm.libraryName);
        rc = context == 0 ? 0
                : Crypto.EVP_MAC_init(context, key.addressOffset() + offset, length,
                        parameters.address());
        Reference.reachabilityFence(key);
        Reference.reachabilityFence(parameters);
        if (rc != 1) {
            close();
            Crypto.ERR_clear_error();
            return ReturnCode.TLS_ALGORITHM_MISSING;
        }
        isBegun = true;
        return 0;
    }

    /**
     * Adds bytes to what is authenticated.
     *
     * @param buffer off the heap
     * @param offset of the first byte
     * @param length how many
     * @return 0, {@link ReturnCode#TLS_FAILED}
     */
    public int update(DirectBuffer buffer, int offset, int length) {
        int rc = check(buffer, offset, length);
        if (rc < 0) {
            return rc;
        }
        rc = isBegun ? 1 : begin();
        if (rc == 1) {
            rc = Crypto.EVP_MAC_update(context, buffer.addressOffset() + offset, length);
            Reference.reachabilityFence(buffer);
        }
        return rc == 1 ? 0 : failed();
    }

    /**
     * Ends with the MAC of all that was added since the last one.
     *
     * @param buffer off the heap
     * @param offset where to put it
     * @return its length, {@link ReturnCode#TLS_FAILED}
     */
    public int finish(MutableDirectBuffer buffer, int offset) {
        int rc = check(buffer, offset, algorithm.lengthBytes());
        if (rc < 0) {
            return rc;
        }
        rc = isBegun ? 1 : begin();
        isBegun = false;
        if (rc == 1) {
            rc = Crypto.EVP_MAC_final(
                    context, buffer.addressOffset() + offset, 0, algorithm.lengthBytes());
            Reference.reachabilityFence(buffer);
        }
        return rc == 1 ? algorithm.lengthBytes() : failed();
    }

    /**
     * Ends, and compares the MAC with one that is claimed, in constant time.
     *
     * @param claimed off the heap
     * @param offset of its first byte
     * @return 1 if it is the same, 0 if not, {@link ReturnCode#TLS_FAILED}
     */
    public int verify(DirectBuffer claimed, int offset) {
        int rc = check(claimed, offset, algorithm.lengthBytes());
        if (rc == 0) {
            rc = finish(expected, 0);
        }
        return rc < 0 ? rc : Digest.areEqual(expected, 0, claimed, offset, rc);
    }

    /** Forgets what was added since the last result. */
    public void reset() {
        isBegun = false;
    }

    /** Gives everything back to the library, which wipes the key. */
    @Override
    public void close() {
        if (context != 0) {
            Crypto.EVP_MAC_CTX_free(context);
            context = 0;
        }
        if (mac != 0) {
            Crypto.EVP_MAC_free(mac);
            mac = 0;
        }
    }

    private int check(DirectBuffer buffer, int offset, int length) {
        if (context == 0) {
            return ReturnCode.NOT_OPEN;
        }
        if (buffer.byteArray() != null) {
            return ReturnCode.HEAP_BUFFER;
        }
        buffer.boundsCheck(offset, length);
        return 0;
    }

    /** Takes another key: 0 or {@link ReturnCode#TLS_FAILED}. */
    int rekey(DirectBuffer key, int offset, int length) {
        isBegun = Crypto.EVP_MAC_init(context, key.addressOffset() + offset, length, 0) == 1;
        Reference.reachabilityFence(key);
        return isBegun ? 0 : failed();
    }

    /** Under the same key. */
    private int begin() {
        isBegun = true;
        return Crypto.EVP_MAC_init(context, 0, 0, 0);
    }

    private int failed() {
        isBegun = false;
        Crypto.ERR_clear_error();
        return ReturnCode.TLS_FAILED;
    }
}
