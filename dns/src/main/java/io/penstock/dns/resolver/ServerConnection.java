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
 * The connection to one server that queries go over, several at a time, in whatever order they are
 * answered. It is made for the first and kept for the next, until it has been idle for a while.
 *
 * <p>What comes is put together here, and taken apart in the resolver's turn of the ready list,
 * never while the stream is being read: who is told of an answer may close what it likes.
 */
final class ServerConnection implements StreamHandler {
    private static final int MAX_MESSAGE_BYTES = Query.PREFIX_BYTES + 0xffff;
    private static final int OUT_BYTES = 16 << 10;
    private static final int RECORD_BYTES = 16 << 10; // TLS brings as much at once

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
    private int begin; // of what came and was not taken
    private int end;
    private int outLength;
    private int users;
    private int reason; // for its closing, unless the stream knows better
    private long idleSinceNs;
    private long heardNs;
    private boolean hasHeard;
    private boolean mustDrain;

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

    /** Whether it is neither closed nor about to be. */
    boolean isUsable() {
        return state == CONNECTING || state == OPEN;
    }

    boolean isOpen() {
        return state == OPEN;
    }

    boolean isIdle() {
        return state == OPEN && users == 0;
    }

    /** Whether anything has come over it since it was made. */
    boolean hasHeard() {
        return hasHeard;
    }

    boolean isSilentSince(long ns) {
        return heardNs - ns < 0;
    }

    // Sending

    /** 0 or a code; {@code -EAGAIN} while the one before is closing. */
    int send(Query query, Endpoint server) {
        int rc = state == IDLE ? connect(server)
                : state == CLOSING || !stream.isOpen() ? -Errno.EAGAIN : 0; // by us or by itself
        if (rc < 0) {
            return rc;
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
        } catch (Throwable t) { // the caller's connector
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
        if (stream == null) { // at the first use of this server
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

    /** The query needs it no more. */
    void release(Query query, long nowNs) {
        query.connection = null;
        if (--users == 0) {
            idleSinceNs = nowNs;
            if (state == OPEN) {
                stream.release();
                resolver.schedule(idleUntilNs());
            } else {
                close(); // nobody waits for it to open
            }
        }
    }

    /** When it has been idle long enough, or never. */
    long idleUntilNs() {
        return isIdle() ? idleSinceNs + idleNs : EventLoop.NO_LIMIT;
    }

    void close() {
        close(ReturnCode.EOF);
    }

    /** Those who wait for an answer still are told why there is none. */
    void close(int code) {
        if (isUsable()) {
            state = CLOSING;
            reason = code;
            stream.close();
        }
    }

    // What comes

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
        stream.keepAlive(); // for its next life
        retries.connectionClosed(this, result < 0 ? result : reason);
    }
}
