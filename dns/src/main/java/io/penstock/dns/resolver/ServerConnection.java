package io.penstock.dns.resolver;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamConnector;
import io.penstock.core.net.StreamHandler;
import io.penstock.core.sys.Errno;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;

/**
 * The connection to one server. It carries several queries at a time, and the server may answer
 * them in any order. The first query connects; the connection closes after it was idle for a while.
 *
 * <p>Received octets are collected here, and split into messages in the resolver's turn of the
 * ready list, never inside {@link #onData}: the handler of a lookup may close the stream.
 */
final class ServerConnection implements StreamHandler {
    private static final int MAX_MESSAGE_BYTES = Query.PREFIX_BYTES + 0xffff;
    private static final int OUT_BYTES = 16 << 10;
    private static final int RECORD_BYTES = 16 << 10; // the most that TLS delivers at once

    private static final int IDLE = 0;
    private static final int CONNECTING = 1;
    private static final int OPEN = 2;
    private static final int CLOSING = 3;

    private final Resolver resolver;
    private final EventLoop loop;
    private final Responses responses;
    private final Retries retries;
    private final StreamConnector connector;
    private final boolean isSecure;
    private final long idleNs;
    private Stream stream;
    private NativeBuffer in;
    private NativeBuffer out;
    private int state = IDLE;
    private int begin; // of the received octets that are not handled yet
    private int end;
    private int outLength;
    private int users; // queries that wait for an answer over this connection
    private int reason; // why this end closes; a code of the stream's has precedence
    private long idleSinceNs;
    private long heardNs; // when octets last came
    private boolean hasHeard;
    private boolean mustDrain; // in the next turn of the ready list

    ServerConnection(Resolver resolver, Responses responses, Retries retries,
            StreamConnector connector, boolean isSecure, long idleNs) {
        this.resolver = resolver;
        loop = resolver.loop();
        this.responses = responses;
        this.retries = retries;
        this.connector = connector;
        this.isSecure = isSecure;
        this.idleNs = idleNs;
    }

    boolean isSecure() {
        return isSecure;
    }

    private boolean isUsable() {
        return state == CONNECTING || state == OPEN;
    }

    boolean isOpen() {
        return state == OPEN;
    }

    boolean isIdle() {
        return state == OPEN && users == 0;
    }

    /** Whether octets have come since the connection was last made. */
    boolean hasHeard() {
        return hasHeard;
    }

    boolean isSilentSince(long ns) {
        return heardNs - ns < 0;
    }

    // Sending

    /** 0 or a code; {@code -EAGAIN} while the last stream is closing or the buffer is full. */
    int send(Query query, Endpoint server) {
        if (state == IDLE) {
            int rc = connect(server);
            if (rc < 0) {
                return rc;
            }
        } else if (state == CLOSING || !stream.isOpen()) { // closing, here or by itself
            return -Errno.EAGAIN;
        }
        int length = Query.PREFIX_BYTES + query.messageLength;
        if (outLength + length > OUT_BYTES) {
            return -Errno.EAGAIN;
        }
        out.putBytes(outLength, query.memory, Query.MESSAGE, length);
        outLength += length;
        query.connection = this;
        if (users++ == 0) {
            stream.keepAlive();
        }
        return state == OPEN ? flush() : 0;
    }

    private int connect(Endpoint server) {
        try {
            return tryToConnect(server);
        } catch (Throwable t) { // the application's connector threw
            resolver.connectorThrew(t);
            if (stream != null && stream.isOpen()) {
                state = CLOSING;
                stream.close();
            } else {
                state = IDLE;
            }
            return ReturnCode.CALLBACK_THREW;
        }
    }

    private int tryToConnect(Endpoint server) {
        if (stream == null) { // first use of this server
            Stream made = connector.stream(loop, this);
            made.name("dns");
            in = NativeBuffer.allocate(MAX_MESSAGE_BYTES
                    + Math.max(RECORD_BYTES, loop.readBuffer().capacity()));
            out = NativeBuffer.allocate(OUT_BYTES);
            stream = made;
        }
        begin = 0;
        end = 0;
        outLength = 0;
        heardNs = loop.nowNs() - 1;
        hasHeard = false;
        reason = ReturnCode.EOF;
        int rc = connector.connect(stream, server);
        state = rc < 0 ? IDLE : CONNECTING;
        return rc;
    }

    private int flush() {
        int n = outLength == 0 ? 0 : stream.write(out, 0, outLength);
        if (n > 0) {
            outLength -= n;
            out.putBytes(0, out, n, outLength);
        }
        return Math.min(0, n);
    }

    /** The query does not use this connection any more. */
    void release(Query query, long nowNs) {
        query.connection = null;
        if (--users == 0) {
            idleSinceNs = nowNs;
            if (state == OPEN) {
                stream.release();
                resolver.schedule(idleUntilNs());
            } else {
                close(); // no query waits for it to open
            }
        }
    }

    /** When the idle connection is to be closed, or {@link EventLoop#NO_LIMIT}. */
    long idleUntilNs() {
        return isIdle() ? idleSinceNs + idleNs : EventLoop.NO_LIMIT;
    }

    void close() {
        close(ReturnCode.EOF);
    }

    /** Closes. The code is the failure of the queries that still wait for an answer. */
    void close(int code) {
        if (isUsable()) {
            state = CLOSING;
            reason = code;
            stream.close();
        }
    }

    // Receiving

    @Override
    public void onOpen(Stream opened) {
        state = OPEN;
        opened.resume();
        int rc = flush();
        if (rc < 0) {
            close();
        }
    }

    @Override
    public void onData(Stream from, DirectBuffer buffer, int offset, int length) {
        if (begin > 0) {
            in.putBytes(0, in, begin, end - begin);
            end -= begin;
            begin = 0;
        }
        if (end + length > in.capacity()) {
            close();
            return;
        }
        heardNs = loop.nowNs();
        hasHeard = true;
        in.putBytes(end, buffer, offset, length);
        end += length;
        from.pause();
        drainSoon();
    }

    private void drainSoon() {
        mustDrain = true;
        resolver.ready();
    }

    /**
     * Splits the received octets into messages, in the resolver's turn of the ready list. A handler
     * that is called for one of them may close this connection.
     */
    void drain() {
        if (!mustDrain) {
            return;
        }
        mustDrain = false;
        while (state == OPEN && end - begin >= Query.PREFIX_BYTES) {
            int length = in.getShort(begin, ByteOrder.BIG_ENDIAN) & 0xffff;
            int at = begin + Query.PREFIX_BYTES;
            if (end - at < length) {
                break;
            }
            begin = at + length;
            responses.received(this, in, at, length);
        }
        if (state == OPEN && stream.isEnded()) {
            close();
        } else if (state == OPEN) {
            stream.resume();
        }
    }

    @Override
    public void onWritable(Stream to) {
        if (flush() < 0) {
            close();
        }
    }

    @Override
    public void onEnd(Stream from) {
        drainSoon(); // the last answers first
    }

    @Override
    public void onClose(Stream closed, int result) {
        state = IDLE;
        users = 0;
        stream.keepAlive(); // as a new stream does; see release
        retries.connectionClosed(this, result < 0 ? result : reason);
    }
}
