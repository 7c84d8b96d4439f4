package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.tls.openssl.Crypto;
import io.penstock.tls.openssl.Parameters;
import java.lang.ref.Reference;
import org.agrona.DirectBuffer;

/**
 * The HMAC of bytes in buffers, under one key. It is opened once and used any number of times.
 *
 * <p><b>Threading</b>: one thread at a time. <b>Allocation</b>: none but in {@link #open}.
 * <b>Returns</b>: every method that answers an {@code int} answers {@link ReturnCode#NOT_OPEN}
 * unless it is open, and {@link ReturnCode#HEAP_BUFFER} to a buffer on the heap. <b>See</b>: RFC
 * 2104.
 */
public final class Mac extends HashFunction {
    private static final int MAX_BYTES = 64;

    private final NativeBuffer expected = NativeBuffer.allocate(MAX_BYTES);
    private long mac;

    /**
     * A MAC that is not open yet.
     *
     * @param algorithm the hash function of the HMAC
     */
    public Mac(DigestAlgorithm algorithm) {
        super(algorithm);
    }

    /**
     * Fetches the function, and sets the key, of which the library keeps a copy.
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
        if (length < 1) {
            return ReturnCode.BAD_ARGUMENT;
        }
        if (NativeBuffer.isHeap(key)) {
            return ReturnCode.HEAP_BUFFER;
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
     * Compares the MAC of the bytes added since the last result with a claimed one, in constant
     * time.
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

    /** Sets another key: 0 or {@link ReturnCode#TLS_FAILED}. */
    int rekey(DirectBuffer key, int offset, int length) {
        isBegun = Crypto.EVP_MAC_init(context, key.addressOffset() + offset, length, 0) == 1;
        Reference.reachabilityFence(key);
        return isBegun ? 0 : failed();
    }

    /** Under the same key. */
    @Override
    int begin() {
        return Crypto.EVP_MAC_init(context, 0, 0, 0);
    }

    @Override
    int add(long address, int length) {
        return Crypto.EVP_MAC_update(context, address, length);
    }

    @Override
    int end(long address) {
        return Crypto.EVP_MAC_final(context, address, 0, algorithm.lengthBytes());
    }
}
