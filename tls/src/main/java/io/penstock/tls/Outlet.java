package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.SlabHolder;
import io.penstock.core.net.Stream;
import io.penstock.tls.openssl.Memory;

/**
 * A stream's way down: what is written is encrypted, what the library has for the peer is sent
 * below, and what there is no room for waits in a slab of the context, at most a record. A record
 * that is encrypted must have somewhere to wait: while every slab is taken, the stream that has
 * held one without progress for longest is closed, and its slab changes hands.
 */
final class Outlet extends SlabHolder {
    private static final int NONE = -1;

    private final TlsStream stream;
    private final TlsContext context;
    private final Records records;
    private final Connection connection;
    Stream sink; // null once it is closed, or the stream is
    private int slab = NONE;
    private int from;
    private int to;

    Outlet(TlsStream stream, TlsContext context, Connection connection) {
        this.stream = stream;
        this.context = context;
        this.connection = connection;
        records = context.records();
    }

    /** Whether nothing that was encrypted waits here. */
    boolean isEmpty() {
        return slab == NONE;
    }

    /** What waits, here and below. */
    int queuedBytes() {
        return (sink == null ? 0 : sink.queuedBytes()) + (slab == NONE ? 0 : to - from);
    }

    /** Encrypts and sends records until one must wait: how many bytes went into them, or a code. */
    int encrypt(long address, int length) {
        if (!isEmpty()) {
            return 0;
        }
        connection.enter();
        int done = 0;
        while (done < length && isEmpty()) {
            int n = connection.write(
                    address + done, Math.min(Records.MAX_PLAIN_BYTES, length - done));
            int sent = send();
            if (sent < 0 || Connection.isCode(n)) {
                return sent < 0 ? sent : n;
            }
            if (n > 0) {
                done += n;
                context.count(TlsMetrics.RECORDS_OUT_OFFSET, 1);
            }
        }
        context.count(TlsMetrics.PLAIN_OUT_BYTES_OFFSET, done);
        return done;
    }

    /** Sends what the library has for the peer; what there is no room for waits: 0 or a code. */
    int send() {
        int n = records.takeOutput();
        if (n == 0) {
            return 0;
        }
        int sent = sendNow(n);
        if (sent >= 0 && sent < n) {
            sent = hold(sent, n - sent);
        }
        return Math.min(0, sent);
    }

    /** The same for a stream's last words: what there is no room for is dropped. */
    int sendLast() {
        int n = records.takeOutput();
        return n == 0 || slab != NONE ? 0 : Math.min(0, sendNow(n));
    }

    private int sendNow(int n) {
        context.count(TlsMetrics.CIPHER_OUT_BYTES_OFFSET, n);
        int sent = sink == null ? ReturnCode.CLOSED
                : slab == NONE ? sink.write(records.out, 0, n) : 0;
        // If this stream was reclaimed for its own record, it has no sink any more.
        return sent == ReturnCode.POOL_EXHAUSTED && sink != null && sink.isOpen() ? 0 : sent;
    }

    private int hold(int offset, int length) {
        if (slab == NONE) {
            takeSlab();
        }
        if (length > Records.SLAB_BYTES - to) {
            return ReturnCode.POOL_EXHAUSTED; // the peer makes us answer, and does not read it
        }
        Memory.copy(records.out.addressOffset() + offset, records.slabs.address(slab) + to,
                length);
        to += length;
        return 0;
    }

    /** There is one for each, or somebody else has it, and who stalled first gives it up. */
    private void takeSlab() {
        long nowNs = stream.loop().nowNs();
        if (records.slabs.available() == 0) {
            context.count(TlsMetrics.EXHAUSTED_OFFSET, 1);
            records.slabs.reclaim(this, nowNs);
        }
        slab = records.slabs.take();
        records.slabs.progressed(this, nowNs);
        from = 0;
        to = 0;
        context.count(TlsMetrics.WAITS_OFFSET, 1);
    }

    @Override
    protected void reclaimed() {
        giveSlab();
        stream.failWith(ReturnCode.RECLAIMED);
    }

    /** There is room below: sends what waits. 1 when nothing is left, 0, or a code. */
    int flush() {
        if (slab == NONE) {
            return 1;
        }
        int n = sink.write(records.slabs.buffer(slab), records.slabs.offset(slab) + from,
                to - from);
        if (n == ReturnCode.POOL_EXHAUSTED && sink != null && sink.isOpen()) {
            return 0;
        }
        if (n < 0) {
            return n;
        }
        from += n;
        if (from < to) {
            if (n > 0) {
                records.slabs.progressed(this, stream.loop().nowNs());
            }
            return 0;
        }
        giveSlab();
        return 1;
    }

    private void giveSlab() {
        if (slab != NONE) {
            int given = slab;
            slab = NONE;
            records.slabs.released(this);
            records.slabs.give(given);
        }
    }

    /** Drops what waits. */
    void close() {
        giveSlab();
        sink = null;
    }
}
