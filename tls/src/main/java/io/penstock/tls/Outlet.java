package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.SlabHolder;
import io.penstock.core.net.Stream;
import io.penstock.tls.openssl.Memory;

/**
 * The output of a TLS stream: it encrypts records and sends them to the stream below, close_notify
 * as the last of them.
 *
 * <p>A record cannot be made twice, so each must be sent or wait. What the stream below does not
 * take waits in a slab of the context, at most a record; until that is sent, nothing more is
 * encrypted. While every slab is taken, the stream that has held one without progress for longest
 * is closed, and its slab changes hands.
 */
final class Outlet extends SlabHolder {
    private static final int NONE = -1;

    private final TlsWriter stream;
    private final TlsContext context;
    private final Records records;
    private final SslConnection connection;
    private Output output = Output.OPEN;
    private Stream sink; // null once nothing can be sent: either stream has closed, or is closing
    private int slab = NONE;
    private int from;
    private int to;

    Outlet(TlsWriter stream, TlsContext context, SslConnection connection) {
        this.stream = stream;
        this.context = context;
        this.connection = connection;
        records = context.records();
    }

    void open(Stream below) {
        sink = below;
        output = Output.OPEN;
    }

    /** Sends nothing from now on: the slab stays until {@link #close}. */
    void disconnect() {
        sink = null;
    }

    /** Drops the record that waits. */
    void close() {
        giveSlab();
        sink = null;
    }

    /** Whether records are sent to that stream. */
    boolean isOver(Stream below) {
        return sink == below;
    }

    Output output() {
        return output;
    }

    /** Whether no record waits here. */
    boolean isEmpty() {
        return slab == NONE;
    }

    /** Ciphertext that was not sent: in the slab, and what the stream below counts as queued. */
    int queuedBytes() {
        return (sink == null ? 0 : sink.queuedBytes()) + (slab == NONE ? 0 : to - from);
    }

    /** How much can be encrypted now for certain: at least a record's worth, which a slab takes. */
    int roomBytes() {
        return slab != NONE ? 0
                : Math.max(Records.MAX_PLAIN_BYTES, Records.plainBytes(sink.roomBytes()));
    }

    /** Has the stream below tell when it has room: 0 or a code. A full slab awaits that already. */
    int awaitRoom() {
        return slab == NONE && sink != null ? sink.awaitRoom() : 0;
    }

    // Records.

    /**
     * Encrypts and sends records, until one must wait.
     *
     * @return how many bytes of plaintext were encrypted, or a code
     */
    int encrypt(long address, int length) {
        if (slab != NONE) {
            return 0;
        }
        connection.enter();
        int done = 0;
        while (done < length && slab == NONE) {
            int n = connection.write(
                    address + done, Math.min(Records.MAX_PLAIN_BYTES, length - done));
            int sent = send();
            if (sent < 0) {
                return sent;
            }
            if (SslConnection.isCode(n)) {
                return n;
            }
            if (n > 0) {
                done += n;
                context.add(TlsMetrics.RECORDS_OUT_OFFSET, 1);
            }
        }
        context.add(TlsMetrics.PLAIN_OUT_BYTES_OFFSET, done);
        return done;
    }

    /** Sends the library's output; what the stream below does not take waits: 0 or a code. */
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

    /** As {@link #send}, before a close: what the stream below does not take is dropped. */
    int sendLast() {
        int n = records.takeOutput();
        return n == 0 || slab != NONE ? 0 : Math.min(0, sendNow(n));
    }

    private int sendNow(int n) {
        context.add(TlsMetrics.CIPHER_OUT_BYTES_OFFSET, n);
        if (sink == null) {
            return ReturnCode.CLOSED;
        }
        return slab == NONE ? unlessFull(sink.write(records.out, 0, n)) : 0;
    }

    /** A full queue below is no error: there it is 0 bytes that were taken. */
    private int unlessFull(int sent) {
        // If this stream was reclaimed by its own write, it has no sink any more.
        return sent == ReturnCode.POOL_EXHAUSTED && sink != null && sink.isOpen() ? 0 : sent;
    }

    // The record that waits.

    private int hold(int offset, int length) {
        if (slab == NONE) {
            takeSlab();
        }
        if (length > Records.SLAB_BYTES - to) {
            return ReturnCode.POOL_EXHAUSTED; // answers to a peer that does not read them
        }
        Memory.copy(records.out.addressOffset() + offset, records.slabs.address(slab) + to,
                length);
        to += length;
        return 0;
    }

    /** Takes a free slab, or that of the stream that has made no progress for longest. */
    private void takeSlab() {
        long nowNs = stream.loop().nowNs();
        if (records.slabs.available() == 0) {
            context.add(TlsMetrics.EXHAUSTED_OFFSET, 1);
            records.slabs.reclaim(this, nowNs);
        }
        slab = records.slabs.take();
        records.slabs.progressed(this, nowNs);
        from = 0;
        to = 0;
        context.add(TlsMetrics.WAITS_OFFSET, 1);
    }

    @Override
    protected void reclaimed() {
        giveSlab();
        stream.failWith(ReturnCode.RECLAIMED);
    }

    /** Sends the record that waits: 1 when none is left, 0 while one is, or a code. */
    int flush() {
        if (slab == NONE) {
            return 1;
        }
        int n = unlessFull(sink.write(records.slabs.buffer(slab),
                records.slabs.offset(slab) + from, to - from));
        if (n < 0) {
            return n;
        }
        from += n;
        if (from == to) {
            giveSlab();
            return 1;
        }
        if (n > 0) {
            records.slabs.progressed(this, stream.loop().nowNs());
        }
        return 0;
    }

    private void giveSlab() {
        if (slab != NONE) {
            int given = slab;
            slab = NONE;
            records.slabs.released(this);
            records.slabs.give(given);
        }
    }

    // The end.

    /** Accepts no more; {@link #end} follows when what was accepted is encrypted. */
    void beginEnd() {
        if (output == Output.OPEN) {
            output = Output.ENDING;
        }
    }

    /** Sends close_notify, once, and behind it ends the sending side below: 0 or a code. */
    int end() {
        int rc = 0;
        if (output != Output.ENDED) {
            notifyEnd();
            rc = send();
        }
        return rc == 0 && slab == NONE && sink != null ? sink.shutdown() : rc;
    }

    /** Sends close_notify if the stream below takes it now. */
    void endNow() {
        notifyEnd();
        sendLast();
    }

    private void notifyEnd() {
        output = Output.ENDED;
        connection.notifyEnd();
    }
}
