package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.tls.openssl.Crypto;
import java.lang.ref.Reference;
import java.util.Objects;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * A function of bytes that are added piece by piece: a {@link Digest} or a {@link Mac}. It is
 * opened once and used any number of times.
 *
 * <p><b>Threading</b>: one thread at a time. <b>Allocation</b>: none but in {@code open}.
 * <b>Returns</b>: every method that answers an {@code int} answers {@link ReturnCode#NOT_OPEN}
 * unless it is open, and {@link ReturnCode#HEAP_BUFFER} to a buffer on the heap.
 */
public abstract sealed class HashFunction implements AutoCloseable permits Digest, Mac {
    final DigestAlgorithm algorithm;
    long context; // the library's; 0 while it is not open
    boolean isBegun;

    HashFunction(DigestAlgorithm algorithm) {
        this.algorithm = Objects.requireNonNull(algorithm);
    }

    /**
     * Adds bytes.
     *
     * @param buffer off the heap
     * @param offset of the first byte
     * @param length how many
     * @return 0, {@link ReturnCode#TLS_FAILED}
     */
    public final int update(DirectBuffer buffer, int offset, int length) {
        int rc = check(buffer, offset, length);
        if (rc < 0) {
            return rc;
        }
        rc = isBegun ? 1 : begin();
        isBegun = true;
        if (rc == 1) {
            rc = add(buffer.addressOffset() + offset, length);
            Reference.reachabilityFence(buffer);
        }
        return rc == 1 ? 0 : failed();
    }

    /**
     * Writes the result for the bytes that were added since the last result.
     *
     * @param buffer off the heap
     * @param offset where to put the result
     * @return its length, {@link ReturnCode#TLS_FAILED}
     */
    public final int finish(MutableDirectBuffer buffer, int offset) {
        int rc = check(buffer, offset, algorithm.lengthBytes());
        if (rc < 0) {
            return rc;
        }
        rc = isBegun ? 1 : begin();
        isBegun = false;
        if (rc == 1) {
            rc = end(buffer.addressOffset() + offset);
            Reference.reachabilityFence(buffer);
        }
        return rc == 1 ? algorithm.lengthBytes() : failed();
    }

    /** Drops the bytes that were added since the last result. */
    public final void reset() {
        isBegun = false;
    }

    /** Gives everything back to the library, which wipes the secrets. */
    @Override
    public abstract void close();

    /** Begins a result: 1 if the library could. */
    abstract int begin();

    abstract int add(long address, int length);

    abstract int end(long address);

    final int check(DirectBuffer buffer, int offset, int length) {
        if (context == 0) {
            return ReturnCode.NOT_OPEN;
        }
        if (NativeBuffer.isHeap(buffer)) {
            return ReturnCode.HEAP_BUFFER;
        }
        buffer.boundsCheck(offset, length);
        return 0;
    }

    final int failed() {
        isBegun = false;
        Crypto.ERR_clear_error();
        return ReturnCode.TLS_FAILED;
    }
}
