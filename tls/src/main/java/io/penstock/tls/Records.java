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
 * they are; the library makes no more when it is full, but waits.
 */
final class Records {
    /** Of datagrams: more than any flight of a handshake, whose end would be lost. */
    static final int FLIGHT_BYTES = 256 << 10;
    /** A slab, and the ring: more than the longest record. */
    static final int SLAB_BYTES = 20 << 10;
    /** The most that goes into a record. */
    static final int MAX_PLAIN_BYTES = 16 << 10;

    private static final int BIO_C_GET_BUF_MEM_PTR = 115;
    private static final int BIO_C_SET_BUF_MEM_EOF_RETURN = 130;
    private static final int LENGTH_OFFSET = 0;
    private static final int DATA_OFFSET = 8;
    private static final int MAX_OFFSET = 16;
    private static final int PENDING_OFFSET = 16; // of a word in the library's own ring
    private static final int SCRATCH_BYTES = 64;

    final BufferPool slabs;
    /** What was decrypted, for streams without memory of their own. */
    final NativeBuffer plain = NativeBuffer.allocate(MAX_PLAIN_BYTES);
    /** Where functions put what they answer by pointer. */
    final NativeBuffer scratch = NativeBuffer.allocate(SCRATCH_BYTES);
    final long scratchAddress = scratch.addressOffset();
    /** What came out, where it is. */
    final NativeBuffer out = new NativeBuffer();
    private final int ringBytes;
    private TlsStream waiting; // for a slab, linked by nextWaiting
    private long input;
    private long window; // the BUF_MEM
    private long output;
    private long outlet;
    private long pending; // where it says how much lies in the ring

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
        pending = Crypto.BIO_get_data(output) + PENDING_OFFSET;
        if (!isWindow() || !isPending()) {
            close();
            return ReturnCode.TLS_LIBRARY_UNFIT;
        }
        return 0;
    }

    /** Whether this version of the library reads where it is shown. */
    private boolean isWindow() {
        int at = 16;
        scratch.putStringWithoutLengthAscii(at, "shown");
        show(scratchAddress + at, 5);
        boolean reads = Crypto.BIO_read(input, plain.addressOffset(), 3) == 3
                && "sho".equals(plain.getStringWithoutLengthAscii(0, 3)) && hidden() == 2;
        return reads && Crypto.BIO_read(input, plain.addressOffset(), 3) == -1;
    }

    /** Whether the word counts what is in the ring. */
    private boolean isPending() {
        boolean isEmpty = Memory.getLong(pending) == 0;
        boolean isCounted = Crypto.BIO_write(output, scratchAddress, 5) == 5
                && Memory.getLong(pending) == 5 && Crypto.BIO_nread(outlet, scratchAddress, 2) == 2
                && Memory.getLong(pending) == 3;
        return isEmpty && isCounted && came() == 3 && Memory.getLong(pending) == 0;
    }

    /** The stream goes on when somebody has given a slab back. */
    void await(TlsStream stream) {
        stream.nextWaiting = waiting;
        waiting = stream;
    }

    /** A slab is free again: all who wait for one may try. */
    void give(int slab) {
        slabs.give(slab);
        TlsStream first = waiting;
        waiting = null;
        while (first != null) {
            TlsStream next = first.nextWaiting;
            first.nextWaiting = null;
            first.slabIsFree();
            first = next;
        }
    }

    /** The stream waits no more. */
    void forget(TlsStream stream) {
        TlsStream before = null;
        for (TlsStream at = waiting; at != null; at = at.nextWaiting) {
            if (at == stream && before == null) {
                waiting = at.nextWaiting;
            } else if (at == stream) {
                before.nextWaiting = at.nextWaiting;
            }
            before = at;
        }
        stream.nextWaiting = null;
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
    void show(long address, int length) {
        Memory.putLong(window + LENGTH_OFFSET, length);
        Memory.putLong(window + DATA_OFFSET, address);
        Memory.putLong(window + MAX_OFFSET, length);
    }

    /** Ends that: how much of it the library did not read. */
    int hidden() {
        int left = (int) Memory.getLong(window + LENGTH_OFFSET);
        Memory.putLong(window + LENGTH_OFFSET, 0);
        return left;
    }

    /**
     * Takes what came out from the ring, and lays {@link #out} over it: how much that is. It stays
     * there until the library is called again.
     */
    int came() {
        if (Memory.getLong(pending) == 0) {
            return 0; // asking the library takes longer
        }
        int n = Crypto.BIO_nread(outlet, scratchAddress, ringBytes);
        if (n <= 0) {
            return 0;
        }
        out.wrap(scratch.getLong(0), n);
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
