package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.tls.openssl.Crypto;
import io.penstock.tls.openssl.Memory;

/**
 * The library's input and output of ciphertext, one of each for all connections of a context. Both
 * are empty between two calls of the library, so that a connection costs nothing here.
 *
 * <p>Input: a read-only memory BIO. For the length of one call its public {@code BUF_MEM} points at
 * the ciphertext where it lies, so that only the library copies.
 *
 * <pre>
 *   BUF_MEM   0        8      16    24
 *             +--------+------+-----+-------+
 *             | length | data | max | flags |
 *             +--------+------+-----+-------+
 * </pre>
 *
 * <p>Output: a BIO pair, which is a ring with room for a slab's bytes, or for a flight over
 * datagrams. It is read where it lies; the library waits while it is full. The library's fields
 * of the ring say how many bytes are in it, and are written when these were taken: that is cheaper
 * than a call. Every version so far has the fields in the places below; if a library has not, its
 * functions are called.
 *
 * <pre>
 *   ring      16       24       32     40
 *             +--------+--------+------+------+
 *             | length | offset | size | data |
 *             +--------+--------+------+------+
 * </pre>
 */
final class Records {
    /** The ring for datagrams: longer than any flight, whose end would get lost in a full ring. */
    static final int FLIGHT_BYTES = 256 << 10;
    /** A slab, and the ring for streams: longer than the longest record. */
    static final int SLAB_BYTES = 20 << 10;
    /** The most plaintext of a record. */
    static final int MAX_PLAIN_BYTES = 16 << 10;
    /** The most bytes of a record besides its plaintext: RFC 5246, section 6.2.3. */
    private static final int MAX_OVERHEAD_BYTES = 5 + 2048;

    private static final int BIO_C_GET_BUF_MEM_PTR = 115;
    private static final int BIO_C_SET_BUF_MEM_EOF_RETURN = 130;
    private static final int LENGTH_OFFSET = 0;
    private static final int DATA_OFFSET = 8;
    private static final int MAX_OFFSET = 16;
    private static final int RING_LENGTH_OFFSET = 16;
    private static final int RING_OFFSET_OFFSET = 24;
    private static final int RING_SIZE_OFFSET = 32;
    private static final int RING_DATA_OFFSET = 40;
    private static final int SCRATCH_BYTES = 64;

    final BufferPool slabs;
    /** Decrypted data, for streams without memory of their own. */
    final NativeBuffer plain = NativeBuffer.allocate(MAX_PLAIN_BYTES);
    /** Pieces of a message, copied together to share a record. */
    final NativeBuffer gathered = NativeBuffer.allocate(MAX_PLAIN_BYTES);
    /** Memory for results that the library's functions return by pointer. */
    final NativeBuffer scratch = NativeBuffer.allocate(SCRATCH_BYTES);
    final long scratchAddress = scratch.addressOffset();
    /** The output that {@link #takeOutput} took last, where it lies. */
    final NativeBuffer out = new NativeBuffer();
    private final int ringBytes;
    private long input;
    private long window; // the BUF_MEM
    private long output;
    private long outlet;
    long ring; // the library's fields of it, or 0 if their places are not known

    Records(int slabs, int ringBytes) {
        this.ringBytes = ringBytes;
        this.slabs = new BufferPool(slabs, SLAB_BYTES);
    }

    int open() {
        input = Crypto.BIO_new_mem_buf(scratchAddress, SCRATCH_BYTES);
        if (input == 0 || Crypto.BIO_new_bio_pair(
                scratchAddress, ringBytes, scratchAddress + Long.BYTES, SLAB_BYTES) != 1) {
            close();
            return ReturnCode.TLS_FAILED;
        }
        output = scratch.getLong(0);
        outlet = scratch.getLong(Long.BYTES);
        Crypto.BIO_ctrl(input, BIO_C_SET_BUF_MEM_EOF_RETURN, -1, 0);
        Crypto.BIO_ctrl(input, BIO_C_GET_BUF_MEM_PTR, 0, scratchAddress);
        window = scratch.getLong(0);
        if (!isWindow()) {
            close();
            return ReturnCode.TLS_LIBRARY_UNFIT;
        }
        ring = 0;
        ring = findRing();
        return 0;
    }

    /** Whether this version of the library reads from the memory that is exposed to it. */
    private boolean isWindow() {
        int at = 16;
        scratch.putStringWithoutLengthAscii(at, "shown");
        exposeInput(scratchAddress + at, 5);
        boolean reads = Crypto.BIO_read(input, plain.addressOffset(), 3) == 3
                && "sho".equals(plain.getStringWithoutLengthAscii(0, 3)) && endExposure() == 2;
        return reads && Crypto.BIO_read(input, plain.addressOffset(), 3) == -1;
    }

    /** Passes bytes through the ring: do its fields say what the library's functions say? */
    private long findRing() {
        long fields = Crypto.BIO_get_data(output);
        boolean isFound = fields != 0 && isRing(fields, 0, 0)
                && Crypto.BIO_write(output, scratchAddress, 5) == 5 && isRing(fields, 5, 0)
                && Crypto.BIO_nread(outlet, scratchAddress, 2) == 2 && isRing(fields, 3, 2)
                && scratch.getLong(0) == Memory.getLong(fields + RING_DATA_OFFSET);
        return takeOutput() == 3 && isFound && isRing(fields, 0, 0) ? fields : 0;
    }

    private boolean isRing(long fields, long length, long offset) {
        return Memory.getLong(fields + RING_LENGTH_OFFSET) == length
                && Memory.getLong(fields + RING_OFFSET_OFFSET) == offset
                && Memory.getLong(fields + RING_SIZE_OFFSET) == ringBytes;
    }

    /** How much plaintext fits into so many bytes of records. */
    static int plainBytes(int cipherBytes) {
        int overheadBytes = (cipherBytes / MAX_PLAIN_BYTES + 1) * MAX_OVERHEAD_BYTES;
        return Math.max(0, cipherBytes - overheadBytes);
    }

    /** The input, with a reference that the connection takes over. */
    long newInput() {
        Crypto.BIO_up_ref(input);
        return input;
    }

    /** The output, with a reference that the connection takes over. */
    long newOutput() {
        Crypto.BIO_up_ref(output);
        return output;
    }

    /** Lets the library read bytes where they lie, until {@link #endExposure}. */
    void exposeInput(long address, int length) {
        Memory.putLong(window + LENGTH_OFFSET, length);
        Memory.putLong(window + DATA_OFFSET, address);
        Memory.putLong(window + MAX_OFFSET, length);
    }

    /** Ends the exposure: how many of the bytes the library did not read. */
    int endExposure() {
        int left = (int) Memory.getLong(window + LENGTH_OFFSET);
        Memory.putLong(window + LENGTH_OFFSET, 0);
        return left;
    }

    /**
     * Takes the library's output from the ring, and wraps it with {@link #out}: how many bytes.
     * They stay there until the next call of the library.
     */
    int takeOutput() {
        int n;
        if (ring == 0) {
            n = Math.max(0, Crypto.BIO_nread(outlet, scratchAddress, ringBytes));
            out.wrap(scratch.getLong(0), n);
            return n;
        }
        n = (int) Memory.getLong(ring + RING_LENGTH_OFFSET);
        if (n > 0) { // it begins at the ring's first byte, for the ring was emptied before
            out.wrap(Memory.getLong(ring + RING_DATA_OFFSET), n);
            Memory.putLong(ring + RING_LENGTH_OFFSET, 0);
        }
        return n;
    }

    void close() {
        long[] bios = {input, output, outlet};
        for (long bio : bios) {
            if (bio != 0) {
                Crypto.BIO_free(bio);
            }
        }
        input = 0;
        output = 0;
        outlet = 0;
    }
}
