package io.penstock.tls;

import io.penstock.core.buffer.BufferPool;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import org.agrona.DirectBuffer;

/**
 * The handler of a listener whose connections speak TLS: it puts a {@link TlsStream} over each.
 * Those are objects made beforehand, reused oldest first.
 *
 * <pre>{@code
 *   TlsAcceptor tls = new TlsAcceptor(context, handler, 10_000);
 *   Listener listener = new Listener(loop, tls, 10_000);
 * }</pre>
 *
 * <p>It keeps the TLS stream as the attachment of the one below. Each connection takes two handles
 * of the loop.
 *
 * <p><b>Threading</b>: the loop's thread. <b>Allocation</b>: none after construction.
 */
public final class TlsAcceptor implements StreamHandler {
    private final TlsStream[] free;
    private int freeHead;
    private int freeCount;
    private final Stream[] waiting; // for one that is about to be free
    private int waitingHead;
    private int waitingCount;
    private int leaving; // whose connection below has closed

    /**
     * An acceptor and its connections.
     *
     * @param context of a server
     * @param handler of every connection
     * @param capacity how many may be open at once; as many as the listener's
     */
    public TlsAcceptor(TlsContext context, StreamHandler handler, int capacity) {
        free = new TlsStream[capacity];
        waiting = new Stream[capacity];
        for (int i = 0; i < capacity; i++) {
            free[i] = new TlsStream(context, handler, this);
        }
        freeCount = capacity;
    }

    /**
     * Gives every connection a write queue, before the first is open.
     *
     * @param pool whose slabs they share
     * @return this
     */
    public TlsAcceptor queue(BufferPool pool) {
        for (TlsStream stream : free) {
            stream.queue(pool);
        }
        return this;
    }

    /**
     * How many connections are open, handshakes included.
     *
     * @return 0 to its capacity
     */
    public int connections() {
        return free.length - freeCount;
    }

    @Override
    public void onOpen(Stream below) {
        if (freeCount > 0) {
            begin(below);
        } else if (waitingCount < leaving) {
            waiting[wrap(waitingHead + waitingCount++)] = below;
        } else {
            below.close();
        }
    }

    private void begin(Stream below) {
        TlsStream stream = free[freeHead];
        int rc = stream.open(below);
        if (rc < 0) {
            below.close(); // out of handles or blocks, or the context is closed
            return;
        }
        freeHead = wrap(freeHead + 1);
        freeCount--;
        below.attachment(stream);
        stream.transport().onOpen(below);
    }

    @Override
    public void onData(Stream below, DirectBuffer buffer, int offset, int length) {
        ((TlsStream) below.attachment()).transport().onData(below, buffer, offset, length);
    }

    @Override
    public void onWritable(Stream below) {
        ((TlsStream) below.attachment()).transport().onWritable(below);
    }

    @Override
    public void onEnd(Stream below) {
        ((TlsStream) below.attachment()).transport().onEnd(below);
    }

    @Override
    public void onClose(Stream below, int result) {
        TlsStream stream = (TlsStream) below.attachment();
        if (stream != null) {
            below.attachment(null);
            leaving++; // it closes in a later turn, and the listener may accept before
            stream.transport().onClose(below, result);
        }
    }

    /** A connection has ended, and given everything back. */
    void returned(TlsStream stream) {
        free[wrap(freeHead + freeCount++)] = stream;
        leaving--;
        while (waitingCount > 0 && freeCount > 0) {
            Stream below = waiting[waitingHead];
            waitingHead = wrap(waitingHead + 1);
            waitingCount--;
            if (below.isOpen() && below.attachment() == null) { // it may have gone again
                begin(below);
            }
        }
    }

    private int wrap(int index) {
        return index >= free.length ? index - free.length : index;
    }
}
