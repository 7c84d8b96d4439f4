package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import java.util.ArrayDeque;
import java.util.Queue;
import org.agrona.DirectBuffer;

/**
 * The handler of a listener whose connections speak TLS: it puts a {@link TlsStream} over each. All
 * streams are made by the constructor, and reused oldest first.
 *
 * <pre>{@code
 *   TlsAcceptor tls = new TlsAcceptor(context, handler, 10_000);
 *   Listener listener = new Listener(loop, tls, 10_000);
 * }</pre>
 *
 * <p>The attachment of the stream below is its TLS stream. Each connection takes two handles of the
 * loop.
 *
 * <p><b>Threading</b>: the loop's thread. <b>Allocation</b>: none after construction.
 */
public final class TlsAcceptor implements StreamHandler {
    private final TlsStream[] connections; // each at its place, open or not
    // Both queues have room for as many as there are connections, so they do not grow.
    private final Queue<TlsStream> free;
    private final Queue<Stream> waiting; // streams below that get the next free TLS stream
    private int leaving; // TLS streams that will be free soon: the stream below has closed

    /**
     * An acceptor and its connections.
     *
     * @param context a server's
     * @param handler the handler of every connection
     * @param capacity how many may be open at once; the listener's capacity
     */
    public TlsAcceptor(TlsContext context, StreamHandler handler, int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException(capacity + " < 1");
        }
        connections = new TlsStream[capacity];
        free = new ArrayDeque<>(capacity);
        waiting = new ArrayDeque<>(capacity);
        for (int i = 0; i < capacity; i++) {
            connections[i] = new TlsStream(context, handler, this);
            free.add(connections[i]);
        }
    }

    /**
     * Gives every connection a write queue, before the first is open.
     *
     * @param pool the pool of all their slabs
     * @return this
     */
    public TlsAcceptor queue(BufferPool pool) {
        for (TlsStream stream : free) {
            stream.queue(pool);
        }
        return this;
    }

    /**
     * Gives every connection deadlines, before the first is open: {@link Stream#deadlines}. The
     * handshake has {@link TlsConfig#handshakeTimeoutNs}.
     *
     * @param idleNs how long one may move no byte; 0 for no deadline
     * @param closeNs how long one may take to close when drained; 0 for no deadline
     * @return this
     */
    public TlsAcceptor deadlines(long idleNs, long closeNs) {
        for (TlsStream stream : free) {
            if (stream.deadlines(0, idleNs, closeNs) == ReturnCode.BAD_ARGUMENT) {
                throw new IllegalArgumentException("negative: " + idleNs + ", " + closeNs);
            }
        }
        return this;
    }

    /**
     * How many connections are open, handshakes included.
     *
     * @return 0 to its capacity
     */
    public int connections() {
        return connections.length - free.size();
    }

    /**
     * How many connections may be open at once.
     *
     * @return as constructed
     */
    public int capacity() {
        return connections.length;
    }

    /**
     * The open connection at a place, to walk all of them: see {@link
     * io.penstock.core.net.Listener#connection}.
     *
     * @param place 0 to {@link #capacity}, less one
     * @return null if the connection at that place is not open
     */
    public TlsStream connection(int place) {
        TlsStream stream = connections[place];
        return stream.isOpen() ? stream : null;
    }

    @Override
    public void onOpen(Stream below) {
        if (!free.isEmpty()) {
            begin(below);
        } else if (waiting.size() < leaving) {
            waiting.add(below);
        } else {
            below.close();
        }
    }

    private void begin(Stream below) {
        TlsStream stream = free.element();
        int rc = stream.begin(below, below);
        if (rc < 0) {
            below.close(); // no handles or blocks are left, or the context is closed
            return;
        }
        free.remove();
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
    public void onDrain(Stream below, boolean isIdle) {
        TlsStream stream = (TlsStream) below.attachment();
        if (stream != null) {
            stream.transport().onDrain(below, isIdle);
        } else {
            StreamHandler.super.onDrain(below, isIdle); // it waits for a free TLS stream
        }
    }

    @Override
    public void onClose(Stream below, int result) {
        TlsStream stream = (TlsStream) below.attachment();
        if (stream != null) {
            below.attachment(null);
            leaving++; // the TLS stream closes in a later turn; the listener may accept before that
            stream.transport().onClose(below, result);
        }
    }

    /** A connection has told its onClose, and is free. */
    void returned(TlsStream stream) {
        free.add(stream);
        leaving--;
        while (!waiting.isEmpty() && !free.isEmpty()) {
            Stream below = waiting.remove();
            if (below.isOpen() && below.attachment() == null) { // it may have closed since
                begin(below);
            }
        }
    }
}
