package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.tls.openssl.Crypto;
import java.lang.ref.Reference;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The hash of bytes in buffers. It is opened once and used any number of times: the library's
 * function is fetched in {@link #open} alone.
 *
 * <p><b>Threading</b>: one thread at a time. <b>Allocation</b>: none but in {@link #open}.
 * <b>Returns</b>: every method that answers an {@code int} answers {@link ReturnCode#NOT_OPEN}
 * unless it is open, and {@link ReturnCode#HEAP_BUFFER} to a buffer on the heap. <b>See</b>: FIPS
 * 180-4, FIPS 202, RFC 7693.
 */
public final class Digest extends HashFunction {
    private long digest;

    /**
     * A digest that is not open yet.
     *
     * @param algorithm which
     */
    public Digest(DigestAlgorithm algorithm) {
        super(algorithm);
    }

    /**
     * Fetches the function.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @return 0, {@link ReturnCode#ALREADY_OPEN}, {@link ReturnCode#TLS_ALGORITHM_MISSING}, a code
     *     of {@link OpenSsl#load}
     */
    public int open() {
        if (digest != 0) {
            return ReturnCode.ALREADY_OPEN;
        }
        int rc = OpenSsl.load();
        if (rc < 0) {
            return rc;
        }
        NativeBuffer name = NativeBuffer.cString(algorithm.libraryName);
        digest = Crypto.EVP_MD_fetch(0, name.addressOffset(), 0);
        Reference.reachabilityFence(name);
        context = digest == 0 ? 0 : Crypto.EVP_MD_CTX_new();
        if (context == 0) {
            close();
            Crypto.ERR_clear_error();
            return ReturnCode.TLS_ALGORITHM_MISSING;
        }
        isBegun = false;
        return 0;
    }

    /**
     * The hash of one region; bytes that were added before are dropped.
     *
     * @param buffer off the heap
     * @param offset of the first byte
     * @param length how many
     * @param result off the heap
     * @param resultOffset where to put it
     * @return its length, {@link ReturnCode#TLS_FAILED}
     */
    public int digest(DirectBuffer buffer, int offset, int length,
            MutableDirectBuffer result, int resultOffset) {
        reset();
        int rc = update(buffer, offset, length);
        return rc < 0 ? rc : finish(result, resultOffset);
    }

    /** Gives everything back to the library. */
    @Override
    public void close() {
        if (context != 0) {
            Crypto.EVP_MD_CTX_free(context);
            context = 0;
        }
        if (digest != 0) {
            Crypto.EVP_MD_free(digest);
            digest = 0;
        }
    }

    /**
     * Whether two regions are equal, in constant time: it does not depend on where they differ.
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: none.
     *
     * @param a off the heap
     * @param aOffset of its first byte
     * @param b off the heap
     * @param bOffset of its first byte
     * @param length of both
     * @return 1 if they are, 0 if not, {@link ReturnCode#HEAP_BUFFER}, a code of
     *     {@link OpenSsl#load}
     */
    public static int areEqual(
            DirectBuffer a, int aOffset, DirectBuffer b, int bOffset, int length) {
        if (NativeBuffer.isHeap(a) || NativeBuffer.isHeap(b)) {
            return ReturnCode.HEAP_BUFFER;
        }
        a.boundsCheck(aOffset, length);
        b.boundsCheck(bOffset, length);
        int rc = OpenSsl.load();
        if (rc == 0) {
            rc = Crypto.CRYPTO_memcmp(a.addressOffset() + aOffset, b.addressOffset() + bOffset,
                    length) == 0 ? 1 : 0;
            Reference.reachabilityFence(a);
            Reference.reachabilityFence(b);
        }
        return rc;
    }

    @Override
    int begin() {
        return Crypto.EVP_DigestInit_ex2(context, digest, 0);
    }

    @Override
    int add(long address, int length) {
        return Crypto.EVP_DigestUpdate(context, address, length);
    }

    @Override
    int end(long address) {
        return Crypto.EVP_DigestFinal_ex(context, address, 0);
    }
}
