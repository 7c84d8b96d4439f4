package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.tls.openssl.Crypto;
import io.penstock.tls.openssl.Memory;

/**
 * The way of ciphertext into the library and out of it, one for all streams of a context: between
 * two calls it is empty, so that a connection costs nothing here.
 *
 * <p>In: a read-only memory BIO, whose public {@code BUF_MEM} is laid over the bytes where they
 * came, for the length of one call of the library. Nothing is copied but by the library itself.
 *
 * <pre>
 *   BUF_MEM   0        8      16    24
 *             +--------+------+-----+-------+
 *             | length | data | max | flags |
 *             +--------+------+-----+-------+
 * </pre>
 *
 * <p>Out: a BIO pair, a ring of as many bytes as a slab, or for datagrams as a flight, read where
 * they are; the library makes no more when it is full, but waits. Its own words tell what lies in
 * it, and are told that it was taken, at less than the cost of a call: in every version so far
 * they lie as below, and where they do not, calls it is.
 *
 * <pre>
 *   ring      16       24       32     40
 *             +--------+--------+------+------+
 *             | length | offset | size | data |
 *             +--------+--------+------+------+
 * </pre>
 */
final class Records {
    /** Of datagrams: more than any flight of a handshake, whose end would be lost. */
    static final int FLIGHT_BYTES = 256 << 10;
    /** A slab, and the ring: more than the longest record. */
    static final int SLAB_BYTES = 20 << 10;
    /** The most that goes into a record. */
    static final int MAX_PLAIN_BYTES = 16 << 10;
    /** The most that a record takes besides: RFC 5246, section 6.2.3. */
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
    /** What was decrypted, for streams without memory of their own. */
    final NativeBuffer plain = NativeBuffer.allocate(MAX_PLAIN_BYTES);
    /** Pieces that are written as one record, together. */
    final NativeBuffer gathered = NativeBuffer.allocate(MAX_PLAIN_BYTES);
    /** Where functions put what they answer by pointer. */
    final NativeBuffer scratch = NativeBuffer.allocate(SCRATCH_BYTES);
    final long scratchAddress = scratch.addressOffset();
    /** What came out, where it is. */
    final NativeBuffer out = new NativeBuffer();
    private final int ringBytes;
    private long input;
    private long window; // the BUF_MEM
    private long output;
    private long outlet;
    long ring; // its words, or 0 if they lie otherwise

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

    /** Whether this version of the library reads where it is shown. */
    private boolean isWindow() {
        int at = 16;
        scratch.putStringWithoutLengthAscii(at, "shown");
        exposeInput(scratchAddress + at, 5);
        boolean reads = Crypto.BIO_read(input, plain.addressOffset(), 3) == 3
                && "sho".equals(plain.getStringWithoutLengthAscii(0, 3)) && endExposure() == 2;
        return reads && Crypto.BIO_read(input, plain.addressOffset(), 3) == -1;
    }

    /** Follows some bytes through the ring: do its words tell what the library's calls tell? */
    private long findRing() {
        long words = Crypto.BIO_get_data(output);
        boolean isFound = words != 0 && isRing(words, 0, 0)
                && Crypto.BIO_write(output, scratchAddress, 5) == 5 && isRing(words, 5, 0)
                && Crypto.BIO_nread(outlet, scratchAddress, 2) == 2 && isRing(words, 3, 2)
                && scratch.getLong(0) == Memory.getLong(words + RING_DATA_OFFSET);
        return takeOutput() == 3 && isFound && isRing(words, 0, 0) ? words : 0;
    }

    private boolean isRing(long words, long length, long offset) {
        return Memory.getLong(words + RING_LENGTH_OFFSET) == length
                && Memory.getLong(words + RING_OFFSET_OFFSET) == offset
                && Memory.getLong(words + RING_SIZE_OFFSET) == ringBytes;
    }

    /** How much goes into records that take so many bytes. */
    static int plainBytes(int cipherBytes) {
        int overheadBytes = (cipherBytes / MAX_PLAIN_BYTES + 1) * MAX_OVERHEAD_BYTES;
        return Math.max(0, cipherBytes - overheadBytes);
    }

    /** References of its own, which a connection takes over. */
    long newInput() {
        Crypto.BIO_up_ref(input);
        return input;
    }

    long newOutput() {
        Crypto.BIO_up_ref(output);
        return output;
    }

    /** Lets the library read this, until it is hidden. */
    void exposeInput(long address, int length) {
        Memory.putLong(window + LENGTH_OFFSET, length);
        Memory.putLong(window + DATA_OFFSET, address);
        Memory.putLong(window + MAX_OFFSET, length);
    }

    /** Ends that: how much of it the library did not read. */
    int endExposure() {
        int left = (int) Memory.getLong(window + LENGTH_OFFSET);
        Memory.putLong(window + LENGTH_OFFSET, 0);
        return left;
    }

    /**
     * Takes what came out from the ring, and lays {@link #out} over it: how much that is. It stays
     * there until the library is called again.
     */
    int takeOutput() {
        int n;
        if (ring == 0) {
            n = Math.max(0, Crypto.BIO_nread(outlet, scratchAddress, ringBytes));
            out.wrap(scratch.getLong(0), n);
            return n;
        }
        n = (int) Memory.getLong(ring + RING_LENGTH_OFFSET);
        if (n > 0) { // from its beginning: it is emptied each time
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
