package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.net.Close;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * TLS over another stream, or over two: one that is read and one that is written. It is a stream
 * itself: its handler is told {@code onOpen} when the handshake is done and the peer is verified,
 * and {@code onClose} alone if either fails.
 *
 * <pre>{@code
 *   TlsStream tls = new TlsStream(context, handler).host("example.org");
 *   SocketStream tcp = new SocketStream(loop, tls.transport());
 *   int rc = tcp.connect(endpoint);
 *   if (rc == 0) rc = tls.open(tcp);
 * }</pre>
 *
 * <p>It closes the streams below. The peer's {@code close_notify} is {@code onEnd}; an end below
 * without it is {@code onClose} with {@link ReturnCode#TLS_TRUNCATED}. {@link #shutdown} sends
 * {@code close_notify} and then ends the sending side below. {@link #close} sends {@code
 * close_notify} unless data wait to be sent.
 *
 * <p><b>Before {@code onOpen}.</b> With a {@link #queue}, writes are accepted into it from
 * {@link #open} on, as far as its pool goes. They are sent when the peer is verified, before
 * {@code onOpen}, and dropped if the handshake fails: nothing is encrypted for a peer that is not
 * verified. If something is in the queue, {@code close(WHEN_DRAINED)} waits for the handshake, and
 * {@code onClose} follows without {@code onOpen}. Without a queue a write answers
 * {@link ReturnCode#NOT_OPEN}; {@link #shutdown} and {@link #updateKeys} do so in any case.
 *
 * <p><b>Memory.</b> A write is encrypted at once. At most one record waits for room below, in a
 * slab of the context that is taken for as long; meanwhile {@link #write} answers 0, and
 * {@code onWritable} follows. A paused stream holds at most the ciphertext of one read below.
 * libssl itself takes about 16 KB for a live connection. While the context's slabs are all taken,
 * the stream that has held one without progress for longest, because its peer does not read, is
 * closed with {@link ReturnCode#RECLAIMED}.
 *
 * <p><b>Closing.</b> {@code onClose} comes when this stream has given everything back and the
 * streams below have told their own {@code onClose}, whatever the order and the turn in which the
 * loop closes them. So all of them may be opened again from inside it. <b>States</b>: see the page
 * on TLS.
 *
 * <p><b>Threading</b>: the loop's thread. <b>Allocation</b>: none after construction, but for
 * strings; libssl allocates native memory of its own. <b>See</b>: RFC 8446, RFC 5246.
 */
public final class TlsStream extends TlsWriter {
    private final TlsAcceptor acceptor; // null if the user opens this
    private final Inlet inlet;
    private final TlsHandshake handshake;
    private final TlsTransport transport;
    private int result; // for onClose, which may have to wait for the streams below

    /**
     * A connection of a context, not open yet.
     *
     * @param context decides whether this is a client or a server, its identity and its trust
     * @param handler called by this stream
     */
    public TlsStream(TlsContext context, StreamHandler handler) {
        this(context, handler, null);
    }

    TlsStream(TlsContext context, StreamHandler handler, TlsAcceptor acceptor) {
        super(context, handler);
        this.acceptor = acceptor;
        inlet = new Inlet(context, connection, outlet);
        handshake = new TlsHandshake(context, connection, outlet,
                ownTimer(timer -> failWith(ReturnCode.TLS_HANDSHAKE_TIMED_OUT)));
        transport = new TlsTransport(this, outlet);
    }

    /**
     * The host that a client expects. The same name is sent to the server (SNI) and verified in
     * its certificate: in lower case, without a trailing dot, mapped by {@link TlsConfig#names} if
     * it is not ASCII. An IP address, without brackets and scope, is verified but not sent. Opening
     * answers {@link ReturnCode#TLS_HOST_INVALID} for a text that is not a host name, and
     * {@link ReturnCode#TLS_HOST_MISSING} for an empty one.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param name a host name, or an IP address
     * @return this
     */
    public TlsStream host(String name) {
        connection.host(name);
        return this;
    }

    /**
     * The session of a client's earlier connection to the same peer, for a shorter handshake; the
     * peer may decline it. It is read at every opening, and offered unless it is empty then. It has
     * no effect on a server.
     *
     * @param session by {@link TlsOutcome#saveSession}; null for none; it replaces an imported one
     * @return this
     */
    public TlsStream session(TlsSession session) {
        connection.session(session, false);
        return this;
    }

    /** As {@link #session}; and when this stream closes, its own session is saved there. */
    TlsStream renewing(TlsSession session) {
        connection.session(session, true);
        return this;
    }

    /**
     * The session of a client's earlier connection to the same peer, exported by {@link
     * TlsOutcome#exportSession}, for a shorter handshake; the peer may decline it. Every opening
     * offers it until it is replaced. It has no effect on a server.
     *
     * <p><b>Allocation</b>: set-up, for a session longer than those before.
     *
     * @param buffer where it is; copied
     * @param offset of its first byte
     * @param length of it; 0 for none
     * @return this
     */
    public TlsStream importSession(DirectBuffer buffer, int offset, int length) {
        connection.importSession(buffer, offset, length);
        return this;
    }

    /**
     * The handler for the streams below: either it is theirs, or theirs calls it for every event.
     *
     * @return the same at every call
     */
    public StreamHandler transport() {
        return transport;
    }

    /**
     * The stream below that is read.
     *
     * @return null while this is not open
     */
    public Stream below() {
        return isOpen() ? transport.source() : null;
    }

    /**
     * The outcome of the connection: protocol, peer, session, failure. Some of it can
     * be asked for after closing too, as each method says.
     *
     * @return the same at every call
     */
    public TlsOutcome outcome() {
        return connection.outcome;
    }

    // Opening, and the handshake.

    /**
     * Opens it over a stream for both directions.
     *
     * @param below a stream whose handler is {@link #transport}; the handshake begins when it is
     *     open. If it is open already, call {@code transport().onOpen(below)} next
     * @return as {@link #open(Stream, Stream)}
     */
    public int open(Stream below) {
        return open(below, below);
    }

    /**
     * Opens it over two streams, such as pipes. If that fails, both are as before.
     *
     * @param source the stream that is read; its handler is {@link #transport}
     * @param sink the stream that is written; its handler is {@link #transport} too
     * @return 0: {@code onOpen} or {@code onClose} follows; {@link ReturnCode#ALREADY_OPEN};
     *     {@link ReturnCode#NOT_OPEN} (the context, the loop, or a stream below);
     *     {@link ReturnCode#TLS_HOST_MISSING}; {@link ReturnCode#TLS_HOST_INVALID};
     *     {@link ReturnCode#BAD_NAME}; {@link ReturnCode#TLS_NO_SESSION};
     *     {@link ReturnCode#HANDLES_EXHAUSTED}; {@link ReturnCode#METRICS_EXHAUSTED};
     *     {@link ReturnCode#NOT_SUPPORTED} over a stream of the same context, with a
     *     context of datagrams, or for an acceptor's connection, which it opens itself;
     *     {@link ReturnCode#TLS_FAILED}
     */
    public int open(Stream source, Stream sink) {
        return acceptor != null ? ReturnCode.NOT_SUPPORTED : begin(source, sink);
    }

    /** As {@link #open(Stream, Stream)}, also for an acceptor's connection. */
    int begin(Stream source, Stream sink) {
        if (!context.isOpen()) {
            return ReturnCode.NOT_OPEN;
        }
        if (context.isDatagram()
                || sink instanceof TlsStream other && other.context == context) {
            return ReturnCode.NOT_SUPPORTED; // both would use the same ring for their output
        }
        if (life() != Life.CLOSED) {
            return ReturnCode.ALREADY_OPEN; // also while onClose waits for the streams below
        }
        int rc = attachPaused();
        if (rc < 0) {
            return rc;
        }
        rc = connection.open();
        if (rc == 0 && !(source.isOpen() && sink.isOpen())) {
            rc = ReturnCode.NOT_OPEN; // their onClose would never come
        }
        if (rc < 0) {
            connection.close();
            detach();
            return rc;
        }
        transport.open(source, sink);
        openOutput(sink);
        inlet.open();
        enter(Life.WAITING);
        return 0;
    }

    /** A stream below is open: the one that is read, the one that is written, or one for both. */
    void openedBelow(boolean isSource, boolean isSink) {
        if (life() == Life.WAITING && isSource != isSink) {
            enter(isSource ? Life.SOURCE_OPEN : Life.SINK_OPEN);
        } else if (life() == Life.WAITING || life() == Life.SOURCE_OPEN && isSink
                || life() == Life.SINK_OPEN && isSource) {
            enter(Life.HANDSHAKING);
            handshake.begin();
            makeReady(); // the handshake itself is not for another stream's callback
        }
    }

    private void shakeHands() {
        int rc = handshake.proceed();
        if (rc > 0) {
            established();
        } else if (SslConnection.isCode(rc)) {
            failWith(rc);
        }
    }

    private void established() {
        enter(output() == Output.OPEN ? Life.OPEN : Life.DRAINING);
        handshake.end();
        boolean wasWritableDue = isWritableDue(); // by an early write, not by one of onOpen
        sendQueue();
        if (life() == Life.OPEN) {
            callOnOpen();
        }
        if (wasWritableDue && life().isVerified()) {
            writable();
        }
    }

    @Override
    protected void onRun() {
        if (life().isBegun()) { // else an earlier opening was put on the ready list
            proceed();
        }
    }

    // Reading.

    /** Ciphertext came; it lies there until this returns. */
    void received(long address, int length) {
        if (inlet.add(address, length)) {
            proceed();
        } else {
            failWith(ReturnCode.TLS_FAILED);
        }
    }

    /** Has the library read the ciphertext, as far as this state allows, and keeps what is left. */
    private void proceed() {
        if (life() == Life.HANDSHAKING) {
            shakeHands();
        }
        if (life() == Life.OPEN) {
            readRecords();
        }
        if (isOpen()) {
            if (!connection.keepInput()) {
                failWith(ReturnCode.TLS_FAILED);
            }
            readBelow();
        }
    }

    private void readRecords() {
        DirectBuffer buffer = readBuffer == null ? context.records().plain : readBuffer;
        int length = readBuffer == null ? Records.MAX_PLAIN_BYTES : readLength;
        int offset = readBuffer == null ? 0 : readOffset;
        boolean isMore = true;
        while (isMore && mayRead()) {
            int n = inlet.read(buffer.addressOffset() + offset, length);
            if (n > 0) {
                add(StreamMetrics.READ_BYTES_OFFSET, n);
                add(StreamMetrics.DATA_OFFSET, 1);
                callOnData(buffer, offset, n);
                isMore = inlet.hasMore();
            } else if (n == SslConnection.WANT_WRITE) {
                isMore = outlet.isEmpty(); // else writable() goes on
            } else {
                readNothing(n);
                return;
            }
        }
    }

    /** The library waits for ciphertext, or the peer's data have ended, or it has failed. */
    private void readNothing(int rc) {
        if (rc == ReturnCode.EOF) {
            ended();
        } else if (SslConnection.isCode(rc)) {
            failWith(rc);
        }
    }

    /** Whether data may be given to the handler. */
    private boolean mayRead() {
        return life() == Life.OPEN && isReading() && !isEnded();
    }

    @Override
    protected void onReadingChanged() {
        if (mayRead() && inlet.isReadable()) {
            makeReady();
        }
        readBelow();
    }

    /** Reads the stream below during the handshake; afterwards only while this stream reads. */
    private void readBelow() {
        Stream source = transport.source();
        if (!life().isBegun() || source == null) {
            return;
        }
        if (life() == Life.HANDSHAKING || mayRead() && !inlet.hasMore()) {
            source.resume();
        } else if (!mayRead()) {
            source.pause();
        }
    }

    @Override
    public int read(MutableDirectBuffer buffer, int offset, int length) {
        return isOpen() ? ReturnCode.ATTACHED : closedCode();
    }

    /** The stream below has room. */
    void writable() {
        if (!sendSlab() || !sendQueue()) {
            return;
        }
        if (life() == Life.HANDSHAKING) {
            proceed();
        } else if (life().isVerified()) {
            allEncrypted();
        }
    }

    /** Everything accepted is encrypted, and no record waits here; below some may. */
    private void allEncrypted() {
        int rc = output() == Output.OPEN ? 0 : outlet.end();
        if (rc < 0) {
            failWith(rc);
            return;
        }
        if (!isDrained()) {
            return;
        }
        if (isLeaving()) {
            closeNow(0);
            return;
        }
        tellWritable();
        if (mayRead() && inlet.hasMore()) {
            makeReady(); // reading had stopped because the library's answer had no room
        }
    }

    // The end.

    @Override
    public int close(Close when) {
        assert isCalledInLoop();
        if (!isOpen()) {
            return closedCode();
        }
        if (when == Close.NOW || isDrained()) {
            return closeNow(0);
        }
        if (isLeaving()) {
            return ReturnCode.CLOSED;
        }
        closesWhenDrained();
        if (life() == Life.OPEN) {
            enter(Life.DRAINING);
        }
        outlet.beginEnd(); // before OPEN, DRAINING follows the handshake because of this
        readBelow();
        return 0;
    }

    /** Closes with close_notify, if nothing waits in its way. */
    private int closeNow(int code) {
        if (life().isVerified() && queuedBytes() == 0 && output() != Output.ENDED) {
            outlet.endNow();
        }
        closeBelow(code);
        return startClose(code);
    }

    /** Closes because of an error. The library's alert was sent before, if there is one. */
    @Override
    protected void failWith(int code) {
        if (isOpen()) {
            closeBelow(code);
            fail(code);
        }
    }

    private void closeBelow(int code) {
        if (!isOpen()) {
            return; // sending close_notify was short of slabs, and reclaimed those of this stream
        }
        if (life() == Life.HANDSHAKING) {
            connection.handshakeFailed(code);
        }
        enter(Life.CLOSING);
        outlet.disconnect();
        transport.close();
    }

    @Override
    protected void onThrew(int code) {
        failWith(code);
    }

    /** The loop closes handles without a descriptor first: the streams below are still open. */
    @Override
    protected void onLoopClosing() {
        closeNow(ReturnCode.CLOSED);
    }

    /** The loop drains: an idle stream closes, unless it is about to anyway. */
    void drain(boolean isIdle) {
        if (life() == Life.OPEN) {
            callOnDrain(isIdle);
        } else if (isIdle && life() != Life.DRAINING) {
            close();
        }
    }

    /** The stream that is read has ended, and close_notify did not come before. */
    void endedBelow() {
        if (!life().isVerified()) {
            failWith(ReturnCode.TLS_HANDSHAKE_CUT);
        } else if (context.config().acceptsTruncation) {
            ended();
        } else {
            context.add(TlsMetrics.TRUNCATED_OFFSET, 1);
            failWith(ReturnCode.TLS_TRUNCATED);
        }
    }

    /** A stream below has closed. The one that is written may do so after close_notify. */
    void closedBelow(boolean wasSource, int code) {
        if (isOpen() && (wasSource || output() != Output.ENDED)) {
            lostBelow(code);
        } else if (life() == Life.GIVEN_BACK && transport.isClosed()) {
            loop().release();
            callUsersOnClose();
        }
    }

    private void lostBelow(int code) {
        if (isEnded() && output() == Output.ENDED && code == 0) {
            closeNow(0);
        } else if (code < 0) {
            failWith(code);
        } else {
            failWith(life().isVerified()
                    ? ReturnCode.TLS_TRUNCATED : ReturnCode.TLS_HANDSHAKE_CUT);
        }
    }

    @Override
    protected void onClosed(int code) {
        handshake.end();
        clearQueue();
        outlet.close();
        connection.close();
        add(StreamMetrics.CLOSE_OFFSET, 1);
        releaseCounters();
    }

    /** Tells the user once the streams below have closed, before this call or after it. */
    @Override
    protected void callOnClose(int code) {
        result = code;
        if (transport.isClosed()) {
            callUsersOnClose();
        } else {
            enter(Life.GIVEN_BACK);
            loop().keepAlive(); // in place of the slot, which this stream has given back
        }
    }

    private void callUsersOnClose() {
        enter(Life.CLOSED);
        super.callOnClose(result);
        if (acceptor != null) {
            acceptor.returned(this);
        }
    }

    @Override
    protected int aggregate() {
        return context.aggregate();
    }
}
