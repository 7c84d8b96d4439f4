package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.net.Gather;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import io.penstock.core.sys.Errno;
import java.lang.ref.Reference;
import org.agrona.DirectBuffer;

/**
 * The writing side of a TLS stream: a write goes through the queue, if there is one, to the outlet,
 * which encrypts and sends. The life of the stream and the state of its output decide what a call
 * answers. The queue and the counters of a write are protected in {@link Stream}, so this class
 * stands between it and {@link TlsStream}, which opens, reads and closes.
 */
abstract sealed class TlsWriter extends Stream permits TlsStream {
    final TlsContext context;
    final SslConnection connection;
    final Outlet outlet;
    private Life life = Life.CLOSED;
    // A promise of a write: neither the end of the handshake nor a shutdown takes it back.
    private boolean isWritableDue; // onWritable follows when everything is sent

    TlsWriter(TlsContext context, StreamHandler handler) {
        super(context.loop(), handler, context.config().name);
        this.context = context;
        connection = new SslConnection(context);
        outlet = new Outlet(this, context, connection);
    }

    void openOutput(Stream sink) {
        outlet.open(sink);
        isWritableDue = false;
    }

    /** Closes this and the streams below because of an error, if it is open. */
    @Override
    protected abstract void failWith(int code);

    final void enter(Life next) {
        assert life.leadsTo(next) : life + " to " + next;
        life = next;
    }

    final Life life() {
        return life;
    }

    final Output output() {
        return outlet.output();
    }

    @Override
    public int write(DirectBuffer buffer, int offset, int length) {
        int rc = refusal();
        if (rc < 0) {
            return rc;
        }
        if (NativeBuffer.isHeap(buffer)) {
            return ReturnCode.HEAP_BUFFER;
        }
        buffer.boundsCheck(offset, length);
        if (length == 0) {
            return 0;
        }
        rc = roomFor(length);
        int n = rc == 0 && mayEncrypt() ? encrypt(buffer.addressOffset() + offset, length) : 0;
        if (rc == 0 && mustKeep(n, length)) {
            rc = keep(buffer, offset + n, length - n, n);
        }
        Reference.reachabilityFence(buffer);
        return written(rc, n, length);
    }

    @Override
    public int write(Gather pieces) {
        int rc = refusal();
        if (rc < 0) {
            return rc;
        }
        int length = pieces.lengthBytes();
        if (length == 0) {
            return 0;
        }
        rc = roomFor(length);
        int n = rc == 0 && mayEncrypt() ? encrypt(pieces) : 0;
        if (rc == 0 && mustKeep(n, length)) {
            rc = keep(pieces, n);
        }
        return written(rc, n, length);
    }

    /** The code for a write while nothing is accepted; 0 if writes are. */
    private int refusal() {
        assert isCalledInLoop();
        if (!isOpen() || isLeaving()) {
            return closedCode();
        }
        if (output() != Output.OPEN) {
            return -Errno.EPIPE;
        }
        return life == Life.OPEN || queue != null ? 0 : ReturnCode.NOT_OPEN;
    }

    /** A queue accepts a message whole or not at all: 0 or a code. */
    private int roomFor(int length) {
        return queue == null ? 0 : queueRoom(length);
    }

    /** Whether a message goes to a verified peer now, and has none before it in the queue. */
    private boolean mayEncrypt() {
        return queue == null || life == Life.OPEN && queue.isEmpty();
    }

    /** Whether the queue takes what was not encrypted of a message. */
    private boolean mustKeep(int encrypted, int length) {
        return queue != null && encrypted >= 0 && encrypted < length;
    }

    /** The result of a write: a code of the queue, or one of encrypting, or the bytes accepted. */
    private int written(int rc, int encrypted, int length) {
        if (rc < 0) {
            if (rc == ReturnCode.POOL_EXHAUSTED) {
                awaitRoom();
            }
            return rc;
        }
        if (offered(encrypted, length) < 0) {
            return encrypted;
        }
        int accepted = queue == null ? encrypted : length;
        isWritableDue |= accepted < length || queuedBytes() > 0;
        return accepted;
    }

    /** Copies pieces together, a record's worth at a time, so that they share records. */
    private int encrypt(Gather pieces) {
        NativeBuffer gathered = context.records().gathered;
        int done = 0;
        while (done < pieces.lengthBytes()) {
            int n = pieces.copyTo(done, gathered, 0, Records.MAX_PLAIN_BYTES);
            int taken = encrypt(gathered.addressOffset(), n);
            if (taken < 0) {
                return taken;
            }
            done += taken;
            if (taken < n) {
                break;
            }
        }
        return done;
    }

    private int encrypt(long address, int length) {
        int n = outlet.encrypt(address, length);
        if (n > 0) {
            add(StreamMetrics.WRITTEN_BYTES_OFFSET, n);
        }
        return n;
    }

    /** Plaintext in the queue, plus ciphertext in the slab and in the stream below. */
    @Override
    public int queuedBytes() {
        return super.queuedBytes() + outlet.queuedBytes();
    }

    @Override
    public int roomBytes() {
        boolean mayWrite = life == Life.OPEN && output() == Output.OPEN;
        return mayWrite && super.queuedBytes() == 0 ? outlet.roomBytes() : 0;
    }

    @Override
    public int awaitRoom() {
        if (!isOpen()) {
            return closedCode();
        }
        isWritableDue = true;
        return life.isVerified() ? outlet.awaitRoom() : 0;
    }

    /** Sends the record that waits: whether none is left. */
    final boolean sendSlab() {
        int rc = outlet.flush();
        if (rc < 0) {
            failWith(rc);
        }
        return rc == 1;
    }

    /** Sends the queue: whether it is empty, and no record waits. */
    final boolean sendQueue() {
        while (life.isVerified() && queue != null && !queue.isEmpty() && outlet.isEmpty()) {
            int n = encrypt(queue.address(), queue.contiguousBytes());
            if (n < 0) {
                failWith(n);
            }
            if (n <= 0 || !isOpen()) { // writing below may have reclaimed the slabs of this stream
                return false;
            }
            sentFromQueue(n);
        }
        return outlet.isEmpty();
    }

    final boolean isWritableDue() {
        return isWritableDue;
    }

    /** Calls onWritable if that is due: everything is sent. */
    final void tellWritable() {
        if (isWritableDue) {
            isWritableDue = false;
            add(StreamMetrics.DRAIN_OFFSET, 1);
            callOnWritable();
        }
    }

    /**
     * Encrypts with new keys from now on, for a connection that sends a great many records. TLS 1.3
     * has that; TLS 1.2 does not.
     *
     * @param isOfBoth whether the peer is asked to do the same
     * @return 0; {@link ReturnCode#NOT_SUPPORTED} with TLS 1.2; {@code -EAGAIN} while a record
     *     waits for room: try again in {@code onWritable}
     */
    public final int updateKeys(boolean isOfBoth) {
        int rc = refusal();
        if (rc < 0) {
            return rc;
        }
        if (life != Life.OPEN) {
            return ReturnCode.NOT_OPEN;
        }
        if (!outlet.isEmpty()) {
            isWritableDue = true;
            return -Errno.EAGAIN;
        }
        rc = connection.updateKeys(isOfBoth);
        int sent = outlet.send();
        if (sent < 0) {
            return sent;
        }
        return SslConnection.isCode(rc) ? rc : 0;
    }

    @Override
    public int shutdown() {
        assert isCalledInLoop();
        if (!isOpen() || isLeaving()) {
            return closedCode();
        }
        if (life != Life.OPEN) {
            return ReturnCode.NOT_OPEN;
        }
        if (output() != Output.OPEN) {
            return 0;
        }
        outlet.beginEnd();
        return queue == null || queue.isEmpty() ? outlet.end() : 0;
    }

    /**
     * Whether an open stream closes when everything accepted is sent. Before OPEN the output is
     * ending for that reason alone: nothing can be shut down then.
     */
    final boolean isLeaving() {
        return life != Life.OPEN && output() != Output.OPEN;
    }

    /** Whether everything accepted is sent. Records of a handshake were accepted from nobody. */
    final boolean isDrained() {
        return life.isVerified() ? queuedBytes() == 0 && output() != Output.ENDING
                : super.queuedBytes() == 0;
    }
}
