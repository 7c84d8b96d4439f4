package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.net.Close;
import io.penstock.core.net.Gather;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import io.penstock.core.sys.Errno;
import java.lang.ref.Reference;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * TLS over another stream, or over one for each direction. It is a stream itself: its handler is
 * told {@code onOpen} when the handshake is done and the peer verified, and {@code onClose} alone
 * if that fails.
 *
 * <pre>{@code
 *   TlsStream tls = new TlsStream(context, handler).host("example.org");
 *   SocketStream tcp = new SocketStream(loop, tls.transport());
 *   int rc = tcp.connect(endpoint);
 *   if (rc == 0) rc = tls.open(tcp);
 * }</pre>
 *
 * <p>It closes what it goes over. {@code close_notify} is {@code onEnd}; an end without it is
 * {@code onClose} with {@link ReturnCode#TLS_TRUNCATED}. {@link #shutdown} sends
 * {@code close_notify} and ends the sending side below; {@link #close} sends it unless something
 * else waits to be sent.
 *
 * <p><b>Before {@code onOpen}.</b> With a {@link #queue} a write is accepted into it from
 * {@link #open} on, as far as its pool goes. It is sent as soon as the peer is verified, before
 * {@code onOpen} is told, and dropped if that fails: nothing is encrypted for a peer that is not
 * verified. {@code close(WHEN_DRAINED)} waits for the handshake if something is in the queue, and
 * {@code onOpen} does not come then. Without a queue a write is {@link ReturnCode#NOT_OPEN}; so are
 * {@link #shutdown} and {@link #updateKeys} in any case.
 *
 * <p><b>Memory.</b> What is written is encrypted at once; of that, at most a record waits for room
 * below, in a slab of the context that is taken for as long. Meanwhile {@link #write} answers 0
 * and {@code onWritable} follows. While it is paused the stream holds at most what one read below
 * has brought. libssl itself takes about 16 KB for a live connection. While the context's slabs are
 * all taken, the stream that has held one without progress for longest, because its peer does not
 * read, is closed with {@link ReturnCode#RECLAIMED}.
 *
 * <p><b>Closing.</b> {@code onClose} comes when this has nothing left and what it goes over has
 * told its own {@code onClose}, in whichever order and in whichever turn the loop does that. So
 * both may be opened again from inside it. <b>States</b>: see the page on TLS.
 *
 * <p><b>Threading</b>: the loop's thread. <b>Allocation</b>: none after construction, but for
 * strings; libssl allocates native memory of its own. <b>See</b>: RFC 8446, RFC 5246.
 */
public final class TlsStream extends Stream {
    /**
     * What this side sends. It begins with OPEN at each opening, and each state follows the one
     * before it: ENDING by {@link #shutdown} or when it drains, ENDED when all accepted has gone.
     */
    enum Output {
        /** What is written. */
        OPEN,
        /** What was accepted, and then close_notify; no more is accepted. */
        ENDING,
        /** Nothing more: close_notify was the last record that was made. */
        ENDED
    }

    private static final int NO_DESCRIPTOR = -1;

    private final TlsContext context;
    private final Records records;
    private final Connection connection;
    private final Outlet outlet;
    private final TlsAcceptor acceptor;
    private final Transport transport = new Transport();
    private final TlsHandshake handshake;
    private Stream source; // null once its onClose came
    private Stream sink; // the same; the outlet forgets it when this closes
    private Life life = Life.CLOSED; // whose table says which follows which
    private Output output = Output.OPEN;
    private int result; // what onClose is told
    // A fact about the library's memory: in OPEN it comes and goes with each record, and a pause
    // does not change it.
    private boolean hasMore; // the library may have data that were not asked for
    // A promise to the user: by a write, which neither a handshake nor a shutdown takes back.
    private boolean isShort; // onWritable is due

    /**
     * A connection of a context, not open yet.
     *
     * @param context its other side, its identity and its trust
     * @param handler who is told
     */
    public TlsStream(TlsContext context, StreamHandler handler) {
        this(context, handler, null);
    }

    TlsStream(TlsContext context, StreamHandler handler, TlsAcceptor acceptor) {
        super(context.loop(), handler, context.config().name);
        this.context = context;
        this.acceptor = acceptor;
        records = context.records();
        connection = new Connection(context);
        outlet = new Outlet(this, context, connection);
        handshake = new TlsHandshake(context, connection, outlet,
                ownTimer(timer -> breakOff(ReturnCode.TLS_HANDSHAKE_TIMED_OUT)));
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
     * What the stream below must have as its handler, or hand everything on to.
     *
     * @return the same at every call
     */
    public StreamHandler transport() {
        return transport;
    }

    /**
     * Opens it over a stream for both directions.
     *
     * @param below whose handler is {@link #transport}; the handshake begins when it is open. If
     *     it is open already, call {@code transport().onOpen(below)} next
     * @return as {@link #open(Stream, Stream)}
     */
    public int open(Stream below) {
        return open(below, below);
    }

    /**
     * Opens it over two streams, such as pipes. If it fails they are as before.
     *
     * @param source which is read; its handler is {@link #transport}
     * @param sink which is written; the same
     * @return 0: {@code onOpen} or {@code onClose} follows; {@link ReturnCode#ALREADY_OPEN};
     *     {@link ReturnCode#NOT_OPEN} (the context, the loop, or what it goes over);
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

    /** As {@link #open(Stream, Stream)}, also for its acceptor. */
    int begin(Stream source, Stream sink) {
        if (!context.isOpen()) {
            return ReturnCode.NOT_OPEN;
        }
        if (context.isDatagram()
                || sink instanceof TlsStream other && other.context == context) {
            return ReturnCode.NOT_SUPPORTED; // they would share one way out
        }
        if (life != Life.CLOSED) {
            return ReturnCode.ALREADY_OPEN; // also while onClose waits for what is below
        }
        int rc = attachPaused(NO_DESCRIPTOR, true);
        if (rc < 0) {
            return rc;
        }
        rc = connection.open();
        if (rc == 0 && !(source.isOpen() && sink.isOpen())) {
            rc = ReturnCode.NOT_OPEN; // no onClose of theirs would follow
        }
        if (rc < 0) {
            connection.close();
            detach();
            return rc;
        }
        reset(source, sink);
        enter(Life.WAITING);
        return 0;
    }

    private void reset(Stream source, Stream sink) {
        this.source = source;
        this.sink = sink;
        outlet.sink = sink;
        output = Output.OPEN;
        hasMore = false;
        isShort = false;
    }

    private void enter(Life next) {
        assert life.leadsTo(next) : life + " to " + next;
        life = next;
    }

    Life life() {
        return life;
    }

    Output output() {
        return output;
    }

    /** Whether the peer was verified, and this has not closed since. */
    private boolean isVerified() {
        return life == Life.OPEN || life == Life.DRAINING;
    }

    /**
     * Of one that is open: whether it closes when what was accepted has gone. Before OPEN the
     * output ends by that alone, since nobody can shut it down then.
     */
    private boolean isLeaving() {
        return life != Life.OPEN && output != Output.OPEN;
    }

    /** Whether data may be given to the handler. */
    private boolean mayRead() {
        return life == Life.OPEN && isReading() && !isEnded();
    }

    /** Bytes as they were written in the queue, and as they are sent in the slab and below. */
    @Override
    public int queuedBytes() {
        return super.queuedBytes() + outlet.queuedBytes();
    }

    @Override
    public int read(MutableDirectBuffer buffer, int offset, int length) {
        return isOpen() ? ReturnCode.ATTACHED : closedCode();
    }

    @Override
    public int write(DirectBuffer buffer, int offset, int length) {
        int rc = refusal();
        if (rc < 0) {
            return rc;
        }
        if (buffer.byteArray() != null) {
            return ReturnCode.HEAP_BUFFER;
        }
        buffer.boundsCheck(offset, length);
        if (length == 0) {
            return 0;
        }
        int n = queue == null ? offered(encrypt(buffer.addressOffset() + offset, length), length)
                : writeOrKeep(buffer, offset, length);
        Reference.reachabilityFence(buffer);
        return wrote(n, length);
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
        int n = queue == null ? offered(encrypt(pieces), length) : writeOrKeep(pieces);
        return wrote(n, length);
    }

    private int wrote(int n, int length) {
        isShort |= n >= 0 && (n < length || queuedBytes() > 0);
        return n;
    }

    /** A record at least, which a slab takes; or what goes into records that have room below. */
    @Override
    public int roomBytes() {
        boolean mayWrite = life == Life.OPEN && output == Output.OPEN;
        return !mayWrite || !outlet.isEmpty() || super.queuedBytes() > 0 ? 0
                : Math.max(Records.MAX_PLAIN_BYTES, Records.plainBytes(outlet.sink.roomBytes()));
    }

    @Override
    public int awaitRoom() {
        if (!isOpen()) {
            return closedCode();
        }
        isShort = true;
        return isVerified() && outlet.isEmpty() && outlet.sink != null
                ? outlet.sink.awaitRoom() : 0;
    }

    /** Why this side accepts nothing, or nothing any more; 0 if it does. */
    private int refusal() {
        assert isCalledInLoop();
        if (!isOpen() || isLeaving()) {
            return closedCode();
        }
        if (output != Output.OPEN) {
            return -Errno.EPIPE;
        }
        return life == Life.OPEN || queue != null ? 0 : ReturnCode.NOT_OPEN;
    }

    /** With a queue: whether a message need not wait in it, which it does for a verified peer. */
    private boolean mayPassQueue() {
        return life == Life.OPEN && queue.isEmpty();
    }

    private int writeOrKeep(DirectBuffer buffer, int offset, int length) {
        int rc = queueRoom(length);
        int n = rc < 0 || !mayPassQueue() ? 0
                : encrypt(buffer.addressOffset() + offset, length);
        if (rc == 0 && n >= 0 && n < length) {
            rc = keep(buffer, offset + n, length - n, n);
        }
        return wroteOrKept(rc, n, length);
    }

    private int writeOrKeep(Gather pieces) {
        int length = pieces.lengthBytes();
        int rc = queueRoom(length);
        int n = rc < 0 || !mayPassQueue() ? 0 : encrypt(pieces);
        if (rc == 0 && n >= 0 && n < length) {
            rc = keep(pieces, n);
        }
        return wroteOrKept(rc, n, length);
    }

    private int wroteOrKept(int rc, int n, int length) {
        if (rc < 0) {
            if (rc == ReturnCode.POOL_EXHAUSTED) {
                awaitRoom();
            }
            return rc;
        }
        return offered(n, length) < 0 ? n : length;
    }

    /** Copies pieces together, a record's worth at a time, so that they share records. */
    private int encrypt(Gather pieces) {
        int done = 0;
        while (done < pieces.lengthBytes()) {
            int n = pieces.copyTo(done, records.gathered, 0, Records.MAX_PLAIN_BYTES);
            int taken = encrypt(records.gathered.addressOffset(), n);
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
            count(StreamMetrics.WRITTEN_BYTES_OFFSET, n);
        }
        return n;
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
        if (output == Output.OPEN) {
            output = Output.ENDING;
            if (queue == null || queue.isEmpty()) {
                return endOutput();
            }
        }
        return 0;
    }

    /** Sends close_notify, and then ends what is below. */
    private int endOutput() {
        int rc = notifyEnd();
        return rc == 0 && outlet.isEmpty() && outlet.sink != null ? outlet.sink.shutdown() : rc;
    }

    private int notifyEnd() {
        if (output == Output.ENDED) {
            return 0;
        }
        output = Output.ENDED;
        connection.notifyEnd();
        return outlet.send();
    }

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
        if (life == Life.OPEN) {
            enter(Life.DRAINING);
        }
        if (output == Output.OPEN) {
            output = Output.ENDING; // before OPEN, that DRAINING follows the handshake
        }
        follow();
        return 0;
    }

    /** Whether nothing that was accepted waits; what the handshake has to say is nobody's. */
    private boolean isDrained() {
        return isVerified() ? queuedBytes() == 0 && output != Output.ENDING
                : super.queuedBytes() == 0;
    }

    private int closeNow(int code) {
        if (isVerified() && queuedBytes() == 0 && output != Output.ENDED) {
            output = Output.ENDED;
            connection.notifyEnd();
            outlet.sendLast();
        }
        closeBelow(code);
        return startClose(code);
    }

    /** Whose onClose this one's waits for. */
    private void closeBelow(int code) {
        if (!isOpen()) {
            return; // for want of slabs below, in the middle of saying goodbye
        }
        if (life == Life.HANDSHAKING) {
            connection.handshakeFailed(code);
        }
        enter(Life.CLOSING);
        outlet.sink = null;
        if (source != null) {
            source.close();
        }
        if (sink != null && sink != source) {
            sink.close();
        }
    }

    @Override
    protected void failWith(int code) {
        breakOff(code);
    }

    /**
     * Closes because of an error. An alert was sent if the library had one.
     *
     * @param code what onClose is told
     */
    private void breakOff(int code) {
        if (isOpen()) {
            closeBelow(code);
            fail(code);
        }
    }

    /** What it goes over has no end of its own to tell, so it goes as well, without a word. */
    @Override
    protected void onThrew(int code) {
        breakOff(code);
    }

    /** The loop closes what has no descriptor first: what this goes over is still open. */
    @Override
    protected void onLoopClosing() {
        closeNow(ReturnCode.CLOSED);
    }

    /**
     * Encrypts with other keys from now on, as after a great many records; TLS 1.3 alone can.
     *
     * @param isOfBoth whether the peer is asked to do the same
     * @return 0; {@link ReturnCode#NOT_SUPPORTED} with TLS 1.2; {@code -EAGAIN} while a record
     *     waits for room: again after {@code onWritable}
     */
    public int updateKeys(boolean isOfBoth) {
        int rc = refusal();
        if (rc < 0 || life != Life.OPEN) {
            return rc < 0 ? rc : ReturnCode.NOT_OPEN;
        }
        if (!outlet.isEmpty()) {
            isShort = true;
            return -Errno.EAGAIN;
        }
        rc = connection.updateKeys(isOfBoth);
        int sent = outlet.send();
        return sent < 0 ? sent : Connection.isCode(rc) ? rc : 0;
    }

    // What comes from below.

    private final class Transport implements StreamHandler {
        @Override
        public void onOpen(Stream stream) {
            boolean isSource = stream == source;
            boolean isSink = stream == sink;
            if (isSource && life == Life.SINK_OPEN || isSink && life == Life.SOURCE_OPEN
                    || isSource && isSink && life == Life.WAITING) {
                bothOpen();
            } else if (life == Life.WAITING && (isSource || isSink)) {
                enter(isSource ? Life.SOURCE_OPEN : Life.SINK_OPEN);
            }
        }

        @Override
        public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
            if (!isOpen() || stream != source) {
                return;
            }
            context.count(TlsMetrics.CIPHER_IN_BYTES_OFFSET, length);
            if (connection.addInput(buffer.addressOffset() + offset, length)) {
                proceed();
            } else {
                breakOff(ReturnCode.TLS_FAILED);
            }
            Reference.reachabilityFence(buffer);
        }

        @Override
        public void onWritable(Stream stream) {
            if (isOpen() && stream == outlet.sink) {
                writable();
            }
        }

        @Override
        public void onEnd(Stream stream) {
            if (isOpen() && stream == source && !isEnded()) {
                sourceEnded();
            }
        }

        @Override
        public void onDrain(Stream stream, boolean isIdle) {
            if (life == Life.OPEN) {
                callOnDrain(isIdle);
            } else if (isIdle && life != Life.DRAINING) {
                TlsStream.this.close();
            }
        }

        @Override
        public void onClose(Stream stream, int result) {
            boolean wasSource = stream == source;
            boolean wasSink = stream == sink;
            if (wasSource) {
                source = null;
            }
            if (wasSink) {
                sink = null;
                outlet.sink = null;
            }
            if (isOpen() && (wasSource || wasSink && output != Output.ENDED)) {
                closedBelow(result);
            } else if (life == Life.GIVEN_BACK && isAlone()) {
                loop().release();
                callUsersOnClose();
            }
        }
    }

    private void bothOpen() {
        enter(Life.HANDSHAKING);
        handshake.begin();
        makeReady(); // not from within another stream's call
    }

    private void sourceEnded() {
        if (!isVerified()) {
            breakOff(ReturnCode.TLS_HANDSHAKE_CUT);
        } else if (context.config().acceptsTruncation) {
            ended();
        } else {
            context.count(TlsMetrics.TRUNCATED_OFFSET, 1);
            breakOff(ReturnCode.TLS_TRUNCATED);
        }
    }

    private void closedBelow(int result) {
        if (isEnded() && output == Output.ENDED && result == 0) {
            closeNow(0);
        } else {
            breakOff(result < 0 ? result
                    : isVerified() ? ReturnCode.TLS_TRUNCATED : ReturnCode.TLS_HANDSHAKE_CUT);
        }
    }

    @Override
    protected void onRun() {
        if (isBegun()) { // else it was meant for the life before
            proceed();
        }
    }

    @Override
    protected void onReady(int readiness) {
        // It has no descriptor to be ready.
    }

    private boolean isBegun() {
        return life == Life.HANDSHAKING || isVerified();
    }

    @Override
    protected void onReadingChanged() {
        if (mayRead() && (hasMore || connection.cipherBytes() > 0)) {
            makeReady();
        }
        follow();
    }

    /** Below is read while the handshake goes on, and then as long as this is. */
    private void follow() {
        if (!isBegun() || source == null) {
            return;
        }
        if (life == Life.HANDSHAKING || mayRead() && !hasMore) {
            source.resume();
        } else if (!mayRead()) {
            source.pause();
        }
    }

    /** Lets the library go on with what came, and keeps what it did not take. */
    private void proceed() {
        if (life == Life.HANDSHAKING) {
            shakeHands();
        }
        if (life == Life.OPEN) {
            readRecords();
        }
        if (isOpen()) {
            if (!connection.keepInput()) {
                breakOff(ReturnCode.TLS_FAILED);
            }
            follow();
        }
    }

    private void shakeHands() {
        int rc = handshake.proceed();
        if (rc > 0) {
            established();
        } else if (Connection.isCode(rc)) {
            breakOff(rc);
        }
    }

    private void established() {
        enter(output == Output.OPEN ? Life.OPEN : Life.DRAINING);
        handshake.end();
        boolean isRoomDue = isShort; // by what was written before
        sendQueue();
        if (life == Life.OPEN) {
            callOnOpen();
        }
        if (isRoomDue && isVerified()) {
            writable();
        }
    }

    private void readRecords() {
        DirectBuffer buffer = readBuffer == null ? records.plain : readBuffer;
        int length = readBuffer == null ? Records.MAX_PLAIN_BYTES : readLength;
        int offset = readBuffer == null ? 0 : readOffset;
        while (mayRead()) {
            hasMore = true;
            connection.enter();
            int n = connection.read(buffer.addressOffset() + offset, length);
            int sent = Connection.isCode(n) && n != ReturnCode.EOF
                    ? outlet.sendLast() : outlet.send(); // an alert; an answer to new keys
            if (sent < 0) {
                breakOff(sent);
            } else if (n > 0) {
                count(StreamMetrics.READ_BYTES_OFFSET, n);
                count(StreamMetrics.DATA_OFFSET, 1);
                context.count(TlsMetrics.RECORDS_IN_OFFSET, 1);
                context.count(TlsMetrics.PLAIN_IN_BYTES_OFFSET, n);
                // The library gives a record at a time: with no ciphertext left there is no more.
                hasMore = connection.cipherBytes() > 0
                        || n == length && length < Records.MAX_PLAIN_BYTES;
                callOnData(buffer, offset, n);
                if (!hasMore) {
                    return;
                }
            } else if (n == Connection.WANT_READ) {
                hasMore = false;
                return;
            } else if (n == Connection.WANT_WRITE) {
                if (!outlet.isEmpty()) {
                    return; // writable() goes on
                }
            } else {
                notData(n);
                return;
            }
        }
    }

    private void notData(int code) {
        if (code == ReturnCode.EOF) {
            hasMore = false;
            ended();
        } else {
            breakOff(code);
        }
    }

    /** There is room below. */
    private void writable() {
        if (!sendSlab() || !sendQueue()) {
            return;
        }
        if (life == Life.HANDSHAKING) {
            proceed();
        } else if (isVerified()) {
            drained();
        }
    }

    /** Nothing that was accepted waits here. */
    private void drained() {
        int rc = output == Output.OPEN ? 0 : endOutput();
        if (rc < 0) {
            breakOff(rc);
            return;
        }
        if (!isDrained()) {
            return;
        }
        if (isLeaving()) {
            closeNow(0);
            return;
        }
        if (isShort) {
            isShort = false;
            count(StreamMetrics.DRAIN_OFFSET, 1);
            callOnWritable();
        }
        if (mayRead() && hasMore) {
            makeReady(); // an answer had no room
        }
    }

    /** Whether nothing is left in it. */
    private boolean sendSlab() {
        int rc = outlet.flush();
        if (rc < 0) {
            breakOff(rc);
        }
        return rc == 1;
    }

    /** Whether nothing is left in it, and no record waits. */
    private boolean sendQueue() {
        while (isVerified() && queue != null && !queue.isEmpty() && outlet.isEmpty()) {
            int n = encrypt(queue.address(), queue.contiguousBytes());
            if (n < 0) {
                breakOff(n);
            }
            if (n <= 0 || !isOpen()) { // a stream below may have reclaimed this one's slabs
                return false;
            }
            sentFromQueue(n);
        }
        return outlet.isEmpty();
    }

    @Override
    protected void onClosed(int code) {
        handshake.end();
        clearQueue();
        outlet.close();
        connection.close();
        count(StreamMetrics.CLOSE_OFFSET, 1);
        releaseWords();
    }

    /**
     * All that it had itself is given back. Its user is told when what is below has gone, too, and
     * can be opened again: that may be in this turn, before or after, or in another.
     */
    @Override
    protected void callOnClose(int code) {
        result = code;
        if (isAlone()) {
            callUsersOnClose();
        } else {
            enter(Life.GIVEN_BACK);
            loop().keepAlive(); // it has no slot any more that would
        }
    }

    private boolean isAlone() {
        return source == null && sink == null;
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

    // What the connection came to.

    /**
     * What it came to: also after closing, as far as that says so.
     *
     * @return the same at every call
     */
    public TlsOutcome outcome() {
        return connection.outcome;
    }

    /**
     * Begins with a session of an earlier connection to the same peer, which may decline. Every
     * opening uses what is held then, if anything is.
     *
     * @param session by {@link TlsOutcome#saveSession}; null for none, or for an imported one
     * @return this
     */
    public TlsStream session(TlsSession session) {
        connection.session(session, false);
        return this;
    }

    /** As {@link #session}, and when it closes its own session is in there. */
    TlsStream renewing(TlsSession session) {
        connection.session(session, true);
        return this;
    }

    /**
     * A session of an earlier connection to the same peer, by {@link TlsOutcome#exportSession}, to
     * begin with. The peer may decline. Every opening uses it until it is replaced.
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
     * What this goes over.
     *
     * @return the stream that is read; null while it is not open
     */
    public Stream below() {
        return isOpen() ? source : null;
    }
}
