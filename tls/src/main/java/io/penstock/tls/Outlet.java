package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.core.net.Stream;
import io.penstock.tls.openssl.Memory;

/**
 * A stream's way down: what the library has for the peer is sent below, and what there is no room
 * for waits in a slab of the context, at most a record. One that is made must have somewhere to
 * wait: who finds no slab is told when another stream has given one back.
 */
final class Outlet {
    private static final int NONE = -1;

    private final TlsStream stream;
    private final TlsContext context;
    private final Records records;
    Stream sink; // null once it is closed
    Outlet nextWaiting;
    private boolean isWaiting; // for a slab
    private int slab = NONE;
    private int from;
    private int to;

    Outlet(TlsStream stream, TlsContext context) {
        this.stream = stream;
        this.context = context;
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

    boolean isWaiting() {
        return isWaiting;
    }

    /** Whether a record could wait; if not, the stream is told when one can. */
    boolean hasSlab() {
        if (records.slabs.available() > 0) {
            return true;
        }
        context.count(TlsMetrics.EXHAUSTED_OFFSET, 1);
        if (!isWaiting) {
            isWaiting = true;
            records.await(this);
        }
        return false;
    }

    /** Another stream has given a slab back. */
    void slabIsFree() {
        isWaiting = false;
        stream.slabIsFree();
    }

    /** Sends what the library has for the peer; what there is no room for waits: 0 or a code. */
    int send() {
        int n = records.came();
        if (n == 0) {
            return 0;
        }
        context.count(TlsMetrics.CIPHER_OUT_BYTES_OFFSET, n);
        int sent = sink == null ? ReturnCode.CLOSED
                : slab == NONE ? sink.write(records.out, 0, n) : 0;
        if (sent == ReturnCode.POOL_EXHAUSTED && sink.queuedBytes() > 0) {
            sent = 0; // its queue will be empty some time
        }
        if (sent >= 0 && sent < n) {
            sent = hold(sent, n - sent);
        }
        return Math.min(0, sent);
    }

    private int hold(int offset, int length) {
        if (slab == NONE) {
            slab = records.slabs.take();
            if (slab < 0) {
                slab = NONE;
                context.count(TlsMetrics.EXHAUSTED_OFFSET, 1);
                return ReturnCode.POOL_EXHAUSTED;
            }
            from = 0;
            to = 0;
            context.count(TlsMetrics.WAITS_OFFSET, 1);
        }
        if (length > Records.SLAB_BYTES - to) {
            return ReturnCode.POOL_EXHAUSTED; // the peer makes us answer, and does not read it
        }
        Memory.copy(records.out.addressOffset() + offset, records.slabs.address(slab) + to,
                length);
        to += length;
        return 0;
    }

    /** There is room below: sends what waits. 1 when nothing is left, 0, or a code. */
    int flush() {
        if (slab == NONE) {
            return 1;
        }
        int n = sink.write(records.slabs.buffer(slab), records.slabs.offset(slab) + from,
                to - from);
        if (n == ReturnCode.POOL_EXHAUSTED && sink.queuedBytes() > 0) {
            return 0;
        }
        if (n < 0) {
            return n;
        }
        from += n;
        if (from < to) {
            return 0;
        }
        giveSlab();
        return 1;
    }

    private void giveSlab() {
        if (slab != NONE) {
            int given = slab;
            slab = NONE;
            records.give(given);
        }
    }

    /** Drops what waits. */
    void close() {
        if (isWaiting) {
            isWaiting = false;
            records.forget(this);
        }
        giveSlab();
        sink = null;
    }
}
