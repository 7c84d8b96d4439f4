package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.Handle;
import io.penstock.core.loop.Timer;
import io.penstock.core.net.Endpoint;
import io.penstock.core.sys.Errno;
import io.penstock.udp.DatagramBatch;
import io.penstock.udp.DatagramHandler;
import io.penstock.udp.UdpMetrics;
import io.penstock.udp.UdpSocket;
import java.lang.ref.Reference;
import java.util.Objects;
import org.agrona.DirectBuffer;

/**
 * DTLS 1.2 over datagrams, with one peer: a client over a connected socket of its own, or one of a
 * server's, which {@link DtlsAcceptor} opens. What is written goes as one datagram, and may be
 * lost, or overtake another, as a datagram may; nobody else can read it, alter it or repeat it.
 *
 * <pre>{@code
 *   DtlsConnection dtls = new DtlsConnection(context, handler).host("example.org");
 *   UdpSocket socket = new UdpSocket(loop, dtls.transport(), new DatagramBatch(16, 2048));
 *   int rc = socket.connect(endpoint);
 *   if (rc == 0) rc = dtls.open(socket);
 * }</pre>
 *
 * <p>Flights of the handshake that get lost are sent again, by the loop's timers, until
 * {@link TlsConfig#handshakeTimeoutNs} is over. {@link #close} sends {@code close_notify}, once,
 * and the peer's is {@code onClose} with 0; neither is sure to arrive, hence
 * {@link #idleTimeoutNs(long)}.
 *
 * <p><b>Closing.</b> {@code onClose} comes when this has nothing left and a socket of its own has
 * told its {@code onClose}, in whichever order and in whichever turn the loop does that. So both
 * may be opened again from inside it. <b>States</b>: see the page on DTLS.
 *
 * <p><b>Memory.</b> Nothing waits here: what the socket does not take is not sent. libssl takes
 * native memory for each connection, and its buffers are not given back while it is idle.
 *
 * <p><b>Threading</b>: the loop's thread. <b>Allocation</b>: none after construction, but for
 * strings. <b>Returns</b>: every method that answers an {@code int} code answers
 * {@link ReturnCode#NOT_OPEN} before it is open and {@link ReturnCode#CLOSED} after it was closed.
 * <b>See</b>: RFC 6347; its words: {@link UdpMetrics}, of the datagrams with data, and
 * {@link TlsMetrics}, of its context.
 */
public final class DtlsConnection extends Handle {
    /** The MTU that it begins with: what every link of IPv6 carries. */
    public static final int DEFAULT_MTU_BYTES = 1280;
    /** The least MTU that there can be. */
    public static final int LEAST_MTU_BYTES = 576;
    /** The greatest MTU that there can be. */
    public static final int MOST_MTU_BYTES = 65_535;

    private final TlsContext context;
    private final DtlsHandler handler;
    private final Records records;
    private final Connection connection;
    private final DtlsAcceptor acceptor;
    private final Transport transport = new Transport();
    private final Timer timer = ownTimer(timer -> timeout());
    final Endpoint peer = new Endpoint();
    private final DtlsPath path;
    private final DtlsHandshake handshake;
    private long idleTimeoutNs;

    private UdpSocket socket; // one of its own: null once its onClose came
    private Life life = Life.CLOSED; // whose table says which follows which
    private int result; // what onClose is told
    private boolean isShort; // onWritable is due: a promise by a write in OPEN, which stays OPEN
    boolean isWaiting; // is in its acceptor's list, which it stays in when it closes
    DtlsConnection nextWaiting;
    private long helloRandom0;
    private long helloRandom1;
    private long cookieNs;
    private long lastNs; // when data went either way

    /**
     * A connection of a context, not open yet.
     *
     * @param context its other side, its identity and its trust; of datagrams
     * @param handler who is told
     */
    public DtlsConnection(TlsContext context, DtlsHandler handler) {
        this(context, handler, null);
    }

    DtlsConnection(TlsContext context, DtlsHandler handler, DtlsAcceptor acceptor) {
        super(context.loop(), UdpMetrics.TYPE, context.config().name);
        this.context = context;
        this.handler = Objects.requireNonNull(handler);
        this.acceptor = acceptor;
        records = context.records();
        connection = new Connection(context);
        path = new DtlsPath(context, connection, peer, acceptor != null);
        handshake = new DtlsHandshake(context, connection, path, timer);
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
    public DtlsConnection host(String name) {
        connection.host(name);
        return this;
    }

    /**
     * The MTU to begin with at the next opening; {@link #DEFAULT_MTU_BYTES} without a word.
     *
     * @param mtuBytes of a packet with its headers; the nearest to it that there can be
     * @return this
     */
    public DtlsConnection mtuBytes(int mtuBytes) {
        path.firstMtuBytes = Math.clamp(mtuBytes, LEAST_MTU_BYTES, MOST_MTU_BYTES);
        return this;
    }

    /**
     * Closes it when no data went either way for so long. Without a word, never.
     *
     * @param timeoutNs 0 for never
     * @return this
     */
    public DtlsConnection idleTimeoutNs(long timeoutNs) {
        idleTimeoutNs = timeoutNs;
        return this;
    }

    /**
     * What a client's socket must have as its handler.
     *
     * @return the same at every call
     */
    public DatagramHandler transport() {
        return transport;
    }

    /**
     * Opens it over a socket, which it resumes, and closes when it is closed. With a server's
     * context it waits for the peer's hello, and asks it for no cookie: the socket knows one peer.
     *
     * @param socket connected; its handler is {@link #transport}
     * @return 0: {@code onOpen} or {@code onClose} follows; {@link ReturnCode#ALREADY_OPEN};
     *     {@link ReturnCode#NOT_OPEN} (the context, the loop, or the socket);
     *     {@link ReturnCode#NOT_SUPPORTED}: the context is not of datagrams, or it is an acceptor's
     *     connection; {@code -ENOTCONN}; {@link ReturnCode#TLS_HOST_MISSING};
     *     {@link ReturnCode#TLS_HOST_INVALID}; {@link ReturnCode#BAD_NAME};
     *     {@link ReturnCode#TLS_NO_SESSION}; {@link ReturnCode#HANDLES_EXHAUSTED};
     *     {@link ReturnCode#METRICS_EXHAUSTED}; {@link ReturnCode#TLS_FAILED}
     */
    public int open(UdpSocket socket) {
        if (!context.isOpen()) {
            return ReturnCode.NOT_OPEN;
        }
        if (!context.isDatagram() || acceptor != null) {
            return ReturnCode.NOT_SUPPORTED;
        }
        int rc = life != Life.CLOSED ? ReturnCode.ALREADY_OPEN : socket.peerEndpoint(peer);
        rc = rc < 0 ? rc : attach(-1, true);
        if (rc < 0) {
            return rc;
        }
        rc = connection.open();
        rc = rc < 0 ? rc : socket.resume();
        if (rc < 0) {
            connection.close();
            detach();
            return rc;
        }
        start(socket);
        makeReady();
        return 0;
    }

    /** An acceptor's: the peer has proved where it is. */
    int open(UdpSocket socket, Endpoint from, long ssl, long hello, long cookieNs) {
        int rc = attach(-1, true);
        if (rc < 0) {
            return rc;
        }
        connection.open(ssl);
        peer.copyFrom(from);
        helloRandom0 = Cookies.random(hello, 0);
        helloRandom1 = Cookies.random(hello, 1);
        this.cookieNs = cookieNs;
        start(socket);
        return 0;
    }

    private void start(UdpSocket socket) {
        this.socket = socket;
        isShort = false;
        enter(Life.WAITING);
        path.open(socket);
    }

    private void enter(Life next) {
        assert life.leadsTo(next) : life + " to " + next;
        life = next;
    }

    Life life() {
        return life;
    }

    /** Begins the handshake. */
    void begin() {
        enter(Life.HANDSHAKING);
        handshake.begin();
        shakeHands();
    }

    // Writing.

    /**
     * Sends data, in one datagram.
     *
     * @param buffer off the heap
     * @param offset of the first byte
     * @param length how many, at most {@link #maxDataBytes}; 0 sends nothing
     * @return {@code length}; or it was not sent: {@link ReturnCode#NOT_OPEN} before
     *     {@code onOpen}; {@link ReturnCode#HEAP_BUFFER}; {@link ReturnCode#MESSAGE_TOO_LONG};
     *     {@code -EAGAIN}, and {@code onWritable} follows; {@code -EMSGSIZE}: the path carries
     *     less, and {@link #maxDataBytes} is less from now on; {@code -ECONNREFUSED} and others of
     *     send(2); {@link ReturnCode#TLS_FAILED}, and it is closed
     */
    public int write(DirectBuffer buffer, int offset, int length) {
        assert isCalledInLoop();
        if (!isOpen()) {
            return closedCode();
        }
        if (life != Life.OPEN) {
            return ReturnCode.NOT_OPEN;
        }
        if (NativeBuffer.isHeap(buffer)) {
            return ReturnCode.HEAP_BUFFER;
        }
        buffer.boundsCheck(offset, length);
        if (length == 0 || length > maxDataBytes()) {
            return length == 0 ? 0 : ReturnCode.MESSAGE_TOO_LONG;
        }
        connection.enter();
        int n = connection.write(buffer.addressOffset() + offset, length);
        Reference.reachabilityFence(buffer);
        int rc = path.send();
        if (n != length) {
            int code = Connection.isCode(n) ? n : ReturnCode.TLS_FAILED;
            breakOff(code);
            return code;
        }
        return rc < 0 ? notSent(rc) : sent(length);
    }

    private int notSent(int code) {
        if (code == -Errno.EAGAIN) {
            count(UdpMetrics.EAGAIN_OFFSET, 1);
            isShort = true;
            if (acceptor != null) {
                acceptor.await(this);
            }
        } else {
            count(UdpMetrics.ERROR_OFFSET, 1);
        }
        return code;
    }

    private int sent(int length) {
        lastNs = loop().nowNs();
        count(UdpMetrics.SENT_DATAGRAMS_OFFSET, 1);
        count(UdpMetrics.SENT_BYTES_OFFSET, length);
        context.count(TlsMetrics.RECORDS_OUT_OFFSET, 1);
        context.count(TlsMetrics.PLAIN_OUT_BYTES_OFFSET, length);
        return length;
    }

    /** There is room in the socket. */
    void writable() {
        if (life == Life.OPEN && isShort) {
            isShort = false;
            callOnWritable();
        }
    }

    // The path.

    /**
     * The MTU that it goes by now: what was given to {@link #mtuBytes(int)}, or less since the path
     * turned out to carry less.
     *
     * @return bytes of a packet with its headers
     */
    public int mtuBytes() {
        return path.mtuBytes;
    }

    /**
     * The most that {@link #write} takes.
     *
     * @return bytes; 0 before {@code onOpen}
     */
    public int maxDataBytes() {
        return life == Life.OPEN ? path.maxDataBytes() : 0;
    }

    void shrinkPath(int bytes) {
        path.shrink(bytes);
    }

    // What comes.

    private final class Transport implements DatagramHandler {
        @Override
        public void onDatagrams(UdpSocket from, DatagramBatch batch, int count) {
            for (int slot = 0; slot < count; slot++) {
                for (int i = 0; i < batch.segments(slot); i++) {
                    if (isOpen() && from == socket) {
                        came(batch.buffer().addressOffset() + batch.segmentOffset(slot, i),
                                batch.segmentLength(slot, i));
                    }
                }
            }
        }

        @Override
        public void onWritable(UdpSocket from) {
            writable();
        }

        @Override
        public void onError(UdpSocket from, int code, Endpoint destination) {
            if (isOpen() && from == socket) {
                failed(code, from.errorMtuBytes());
            }
        }

        @Override
        public void onClose(UdpSocket from, int result) {
            if (from == socket) {
                socketClosed(result);
            }
        }
    }

    /** An error came back: it ends a handshake alone, since anybody could have sent it. */
    private void failed(int code, int pathBytes) {
        count(UdpMetrics.ERROR_OFFSET, 1);
        if (code == -Errno.EMSGSIZE) {
            path.shrink(pathBytes);
        } else if (life != Life.OPEN) {
            breakOff(code);
        }
    }

    void socketClosed(int result) {
        socket = null;
        if (isOpen()) {
            breakOff(result < 0 ? result : ReturnCode.CLOSED);
        } else if (life == Life.GIVEN_BACK) {
            loop().release();
            callUsersOnClose();
        }
    }

    /** A datagram of the peer's, as far as anybody knows. */
    void came(long address, int length) {
        context.count(TlsMetrics.CIPHER_IN_BYTES_OFFSET, length);
        connection.addInput(address, length);
        boolean isForHandshake = life != Life.OPEN;
        if (life == Life.WAITING) {
            begin();
        } else if (life == Life.HANDSHAKING) {
            shakeHands();
        }
        if (life == Life.OPEN) {
            readRecords(isForHandshake);
        }
        connection.dropInput();
    }

    private void shakeHands() {
        int rc = handshake.proceed();
        if (rc > 0) {
            established();
        } else if (Connection.isCode(rc)) {
            breakOff(rc);
        } else {
            handshake.schedule();
        }
    }

    private void established() {
        enter(Life.OPEN);
        path.established();
        timer.cancel();
        lastNs = loop().nowNs();
        if (idleTimeoutNs > 0) {
            timer.start(idleTimeoutNs);
        }
        callOnOpen();
    }

    private void readRecords(boolean wasRead) {
        boolean isNothing = !wasRead;
        while (life == Life.OPEN) {
            connection.enter();
            int n = connection.read(records.plain.addressOffset(), Records.MAX_PLAIN_BYTES);
            int out = records.takeOutput();
            isNothing &= n == Connection.WANT_READ && out == 0;
            path.send(out); // an alert, the last flight again
            if (n > 0) {
                delivered(n);
            } else if (n != Connection.WANT_WRITE) {
                context.count(TlsMetrics.IGNORED_OFFSET, isNothing ? 1 : 0);
                ended(n);
                return;
            }
        }
    }

    private void delivered(int n) {
        lastNs = loop().nowNs();
        count(UdpMetrics.RECEIVED_DATAGRAMS_OFFSET, 1);
        count(UdpMetrics.RECEIVED_BYTES_OFFSET, n);
        context.count(TlsMetrics.RECORDS_IN_OFFSET, 1);
        context.count(TlsMetrics.PLAIN_IN_BYTES_OFFSET, n);
        callOnData(n);
    }

    private void ended(int code) {
        if (code == ReturnCode.EOF) {
            close();
        } else if (Connection.isCode(code)) {
            breakOff(code);
        }
    }

    @Override
    protected void onRun() {
        if (life == Life.WAITING && !context.isServer()) {
            begin();
        }
    }

    @Override
    protected void onReady(int readiness) {
        // Its socket is a handle of its own.
    }

    // Time.

    private void timeout() {
        if (life == Life.HANDSHAKING) {
            handshakeTimeout();
            return;
        }
        long nowNs = loop().nowNs();
        if (nowNs - lastNs >= idleTimeoutNs) {
            closeNow(-Errno.ETIMEDOUT);
        } else {
            timer.start(lastNs + idleTimeoutNs - nowNs);
        }
    }

    private void handshakeTimeout() {
        int rc = handshake.timeout();
        if (rc < 0) {
            breakOff(rc);
        } else {
            handshake.schedule();
        }
    }

    // Closing.

    /**
     * Tells the peer, once, and closes; a client's socket too. {@code onClose} follows.
     *
     * @return 0
     */
    public int close() {
        assert isCalledInLoop();
        return isOpen() ? closeNow(0) : closedCode();
    }

    private int closeNow(int code) {
        if (life == Life.OPEN) {
            connection.notifyEnd();
            path.send();
        }
        return breakOff(code);
    }

    /** Closes without a word. */
    int breakOff(int code) {
        if (!isOpen()) {
            return closedCode();
        }
        if (life == Life.HANDSHAKING) {
            connection.handshakeFailed(code);
        }
        enter(Life.CLOSING);
        timer.cancel();
        if (acceptor != null) {
            acceptor.forget(this);
            socket = null; // which is the others', too: nobody waits for it
        } else if (socket != null) {
            socket.close(); // whose onClose this one's waits for
        }
        return startClose(code);
    }

    /** The loop closes what has no descriptor first: the socket is still open. */
    @Override
    protected void onLoopClosing() {
        closeNow(ReturnCode.CLOSED);
    }

    /** Closes without a word; an acceptor's socket is the other connections' too, and stays. */
    @Override
    protected void onThrew(int code) {
        count(UdpMetrics.ERROR_OFFSET, 1);
        breakOff(code);
    }

    // The callbacks. One that throws harms this connection alone: who calls it goes on as if it had
    // returned, and looks whether the connection is still open.

    private void callOnOpen() {
        try {
            handler.onOpen(this);
        } catch (Throwable t) {
            threw(t);
        }
    }

    private void callOnData(int length) {
        try {
            handler.onData(this, records.plain, 0, length);
        } catch (Throwable t) {
            threw(t);
        }
    }

    private void callOnWritable() {
        try {
            handler.onWritable(this);
        } catch (Throwable t) {
            threw(t);
        }
    }

    private void callUsersOnClose() {
        enter(Life.CLOSED);
        try {
            handler.onClose(this, result);
        } catch (Throwable t) {
            threw(t);
        }
        if (acceptor != null) {
            acceptor.returned(this);
        }
    }

    @Override
    protected void onClosed(int code) {
        connection.close();
        count(UdpMetrics.CLOSE_OFFSET, 1);
        releaseWords();
    }

    /**
     * All that it had itself is given back. Its user is told when its socket has gone, too, and can
     * be opened again: that may be in this turn, before or after, or in another.
     */
    @Override
    protected void callOnClose(int code) {
        result = code;
        if (socket == null) {
            callUsersOnClose();
        } else {
            enter(Life.GIVEN_BACK);
            loop().keepAlive(); // it has no slot any more that would
        }
    }

    @Override
    protected int aggregate() {
        return context.aggregate();
    }

    /** An acceptor's: when the cookie was made that it began with. */
    long cookieNs() {
        return cookieNs;
    }

    /** Whether a hello is the one that it was opened by, come once more. */
    boolean knows(long hello) {
        return Cookies.random(hello, 0) == helloRandom0
                && Cookies.random(hello, 1) == helloRandom1;
    }

    // Whose it is, and what it came to.

    /**
     * Who the peer is.
     *
     * @param endpoint becomes its address
     * @return 0
     */
    public int peerEndpoint(Endpoint endpoint) {
        return isOpen() ? endpoint.copyFrom(peer) : closedCode();
    }

    /**
     * The socket that it goes over; a server's has many connections.
     *
     * @return null while it is not open
     */
    public UdpSocket below() {
        return isOpen() ? socket : null;
    }

    /**
     * What it came to: also after closing, as far as that says so.
     *
     * @return the same at every call
     */
    public TlsOutcome outcome() {
        return connection.outcome;
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
    public DtlsConnection importSession(DirectBuffer buffer, int offset, int length) {
        connection.importSession(Objects.requireNonNull(buffer), offset, length);
        return this;
    }
}
