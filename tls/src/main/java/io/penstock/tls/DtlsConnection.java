package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.Handle;
import io.penstock.core.loop.Timer;
import io.penstock.core.net.Endpoint;
import io.penstock.core.sys.Errno;
import io.penstock.udp.DatagramHandler;
import io.penstock.udp.UdpMetrics;
import io.penstock.udp.UdpSocket;
import java.lang.ref.Reference;
import java.util.Objects;
import org.agrona.DirectBuffer;

/**
 * DTLS 1.2 with one peer, over datagrams: a client over a connected socket of its own, or a
 * server's connection, which {@link DtlsAcceptor} opens. Each write goes as one datagram, which may
 * be lost or overtake another; nobody else can read it, alter it or repeat it.
 *
 * <pre>{@code
 *   DtlsConnection dtls = new DtlsConnection(context, handler).host("example.org");
 *   UdpSocket socket = new UdpSocket(loop, dtls.transport(), new DatagramBatch(16, 2048));
 *   int rc = socket.connect(endpoint);
 *   if (rc == 0) rc = dtls.open(socket);
 * }</pre>
 *
 * <p>Lost flights of the handshake are sent again, by a timer of the loop, until
 * {@link TlsConfig#handshakeTimeoutNs} is over. {@link #close} sends {@code close_notify} once. The
 * peer's {@code close_notify} is {@code onClose} with 0. Either may be lost, hence
 * {@link #idleTimeoutNs(long)}.
 *
 * <p><b>Closing.</b> {@code onClose} comes when this connection has given everything back and its
 * own socket has told its {@code onClose}, whatever the order and the turn in which the loop closes
 * them. So both may be opened again from inside it. <b>States</b>: see the page on DTLS.
 *
 * <p><b>Memory.</b> No datagram waits here: what the socket does not take is not sent. libssl takes
 * native memory for each connection, and keeps it while the connection is idle.
 *
 * <p><b>Threading</b>: the loop's thread. <b>Allocation</b>: none after construction, but for
 * strings. <b>Returns</b>: every method that answers an {@code int} code answers
 * {@link ReturnCode#NOT_OPEN} before it is open and {@link ReturnCode#CLOSED} after it was closed.
 * <b>See</b>: RFC 6347. Its counters: {@link UdpMetrics}, of the datagrams with data; and those of
 * its context, {@link TlsMetrics}.
 */
public final class DtlsConnection extends Handle {
    /** The MTU that it begins with by default: what every link of IPv6 carries. */
    public static final int DEFAULT_MTU_BYTES = 1280;
    /** The least MTU that there can be. */
    public static final int LEAST_MTU_BYTES = 576;
    /** The greatest MTU that there can be. */
    public static final int MOST_MTU_BYTES = 65_535;

    private final TlsContext context;
    private final Records records;
    private final SslConnection connection;
    private final DtlsAcceptor acceptor;
    private final DtlsCallbacks callbacks;
    private final DtlsTransport transport;
    private final Timer timer = ownTimer(timer -> timeout()); // the handshake's, then for idleness
    private final DtlsPath path;
    private final DtlsHandshake handshake;
    private final DtlsIdleness idleness = new DtlsIdleness(loop(), timer);
    private Life life = Life.CLOSED;
    private int result; // for onClose, which may have to wait for the socket
    private boolean isWritableDue; // onWritable follows when the socket has room

    // For the acceptor.
    final Endpoint peer = new Endpoint();
    final DtlsHello hello = new DtlsHello();
    boolean isWaiting; // is in its list of those that wait for room, also when closed since
    DtlsConnection nextWaiting;

    /**
     * A connection of a context, not open yet.
     *
     * @param context decides whether this is a client or a server, its identity and its trust; a
     *     context of datagrams
     * @param handler called by this connection
     */
    public DtlsConnection(TlsContext context, DtlsHandler handler) {
        this(context, handler, null);
    }

    DtlsConnection(TlsContext context, DtlsHandler handler, DtlsAcceptor acceptor) {
        super(context.loop(), UdpMetrics.TYPE, context.config().name);
        this.context = context;
        this.acceptor = acceptor;
        callbacks = new DtlsCallbacks(this, handler);
        transport = new DtlsTransport(this, acceptor != null);
        records = context.records();
        connection = new SslConnection(context);
        path = new DtlsPath(context, connection, peer, acceptor != null);
        handshake = new DtlsHandshake(context, connection, path, timer);
    }

    /**
     * The host that a client expects, as of {@link TlsStream#host}.
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
     * The MTU to begin with at the next opening. The default is {@link #DEFAULT_MTU_BYTES}.
     *
     * @param mtuBytes of a packet with its headers; values out of {@link #LEAST_MTU_BYTES} to
     *     {@link #MOST_MTU_BYTES} become the nearer of the two
     * @return this
     */
    public DtlsConnection mtuBytes(int mtuBytes) {
        path.firstMtuBytes = Math.clamp(mtuBytes, LEAST_MTU_BYTES, MOST_MTU_BYTES);
        return this;
    }

    /**
     * Closes the connection when no data went for so long, in either direction; {@code onClose} is
     * told {@code -ETIMEDOUT}. The default is never.
     *
     * @param timeoutNs 0 for never
     * @return this
     */
    public DtlsConnection idleTimeoutNs(long timeoutNs) {
        idleness.timeoutNs = timeoutNs;
        return this;
    }

    /**
     * The handler that a client's socket must have.
     *
     * @return the same at every call
     */
    public DatagramHandler transport() {
        return transport;
    }

    /**
     * Opens it over a socket. It resumes the socket, and closes it when it closes itself. With a
     * server's context it waits for the peer's hello, and asks for no cookie: a connected socket
     * has one peer.
     *
     * @param socket a connected one whose handler is {@link #transport}
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

    /**
     * Opens an acceptor's connection: the peer has sent a cookie, which proves its address.
     *
     * @param ssl the library's connection, which has read the hello
     * @param helloAddress where the hello lies
     * @param cookieNs when the cookie was made
     */
    int open(UdpSocket socket, Endpoint from, long ssl, long helloAddress, long cookieNs) {
        int rc = attach(-1, true);
        if (rc < 0) {
            return rc;
        }
        connection.open(ssl);
        peer.copyFrom(from);
        hello.note(helloAddress, cookieNs);
        start(socket);
        return 0;
    }

    private void start(UdpSocket socket) {
        transport.open(socket);
        isWritableDue = false;
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
     * @return {@code length}, or a code, and nothing was sent: {@link ReturnCode#NOT_OPEN} before
     *     {@code onOpen}; {@link ReturnCode#HEAP_BUFFER}; {@link ReturnCode#MESSAGE_TOO_LONG};
     *     {@code -EAGAIN}, and {@code onWritable} follows; {@code -EMSGSIZE}: the path carries
     *     less, and {@link #maxDataBytes} is less from now on; {@code -ECONNREFUSED} and others of
     *     send(2); {@link ReturnCode#TLS_FAILED}, and the connection closes
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
        if (length == 0) {
            return 0;
        }
        if (length > maxDataBytes()) {
            return ReturnCode.MESSAGE_TOO_LONG;
        }
        connection.enter();
        int n = connection.write(buffer.addressOffset() + offset, length);
        Reference.reachabilityFence(buffer);
        int rc = path.send();
        if (n != length) {
            int code = SslConnection.isCode(n) ? n : ReturnCode.TLS_FAILED;
            breakOff(code);
            return code;
        }
        return rc < 0 ? notSent(rc) : sent(length);
    }

    private int notSent(int code) {
        if (code == -Errno.EAGAIN) {
            add(UdpMetrics.EAGAIN_OFFSET, 1);
            isWritableDue = true;
            if (acceptor != null) {
                acceptor.await(this);
            }
        } else {
            add(UdpMetrics.ERROR_OFFSET, 1);
        }
        return code;
    }

    private int sent(int length) {
        idleness.moved();
        add(UdpMetrics.SENT_DATAGRAMS_OFFSET, 1);
        add(UdpMetrics.SENT_BYTES_OFFSET, length);
        context.add(TlsMetrics.RECORDS_OUT_OFFSET, 1);
        context.add(TlsMetrics.PLAIN_OUT_BYTES_OFFSET, length);
        return length;
    }

    /** The socket has room. */
    void writable() {
        if (life == Life.OPEN && isWritableDue) {
            isWritableDue = false;
            callbacks.onWritable();
        }
    }

    // The path.

    /**
     * The MTU in use: that of {@link #mtuBytes(int)}, or less once the path has refused a datagram.
     *
     * @return bytes of a packet with its headers
     */
    public int mtuBytes() {
        return path.mtuBytes;
    }

    /**
     * The longest message that {@link #write} takes.
     *
     * @return bytes; 0 before {@code onOpen}
     */
    public int maxDataBytes() {
        return life == Life.OPEN ? path.maxDataBytes() : 0;
    }

    void shrinkPath(int bytes) {
        path.shrink(bytes);
    }

    // Reading.

    /**
     * The socket has reported an error. It ends a handshake, but not an open connection: the ICMP
     * message that causes it could be forged by anybody.
     */
    void failed(int code, int pathBytes) {
        add(UdpMetrics.ERROR_OFFSET, 1);
        if (code == -Errno.EMSGSIZE) {
            path.shrink(pathBytes);
        } else if (life != Life.OPEN) {
            breakOff(code);
        }
    }

    void socketClosed(int result) {
        if (isOpen()) {
            breakOff(result < 0 ? result : ReturnCode.CLOSED);
        } else if (life == Life.GIVEN_BACK) {
            loop().release();
            callUsersOnClose();
        }
    }

    /** A datagram came from the peer's address, which may be forged. */
    void received(long address, int length) {
        context.add(TlsMetrics.CIPHER_IN_BYTES_OFFSET, length);
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
        } else if (SslConnection.isCode(rc)) {
            breakOff(rc);
        } else {
            handshake.schedule();
        }
    }

    private void established() {
        enter(Life.OPEN);
        path.established();
        timer.cancel();
        idleness.begin();
        callbacks.onOpen();
    }

    /** Reads a datagram; one that means nothing to the library is counted as ignored. */
    private void readRecords(boolean isForHandshake) {
        boolean isIgnored = !isForHandshake;
        while (life == Life.OPEN) {
            connection.enter();
            int n = connection.read(records.plain.addressOffset(), Records.MAX_PLAIN_BYTES);
            int answerBytes = records.takeOutput(); // an alert, or the last flight once more
            isIgnored &= n == SslConnection.WANT_READ && answerBytes == 0;
            path.send(answerBytes);
            if (n > 0) {
                delivered(n);
            } else if (n != SslConnection.WANT_WRITE) {
                context.add(TlsMetrics.IGNORED_OFFSET, isIgnored ? 1 : 0);
                ended(n);
                return;
            }
        }
    }

    private void delivered(int n) {
        idleness.moved();
        add(UdpMetrics.RECEIVED_DATAGRAMS_OFFSET, 1);
        add(UdpMetrics.RECEIVED_BYTES_OFFSET, n);
        context.add(TlsMetrics.RECORDS_IN_OFFSET, 1);
        context.add(TlsMetrics.PLAIN_IN_BYTES_OFFSET, n);
        callbacks.onData(records.plain, n);
    }

    private void ended(int code) {
        if (code == ReturnCode.EOF) {
            close();
        } else if (SslConnection.isCode(code)) {
            breakOff(code);
        }
    }

    @Override
    protected void onRun() {
        if (life == Life.WAITING && !context.isServer()) {
            begin();
        }
    }

    // Time.

    private void timeout() {
        if (life == Life.HANDSHAKING) {
            handshakeTimeout();
            return;
        }
        if (idleness.isOver()) {
            closeNow(-Errno.ETIMEDOUT);
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
     * Sends {@code close_notify}, once, and closes; so does a client's socket. {@code onClose}
     * follows.
     *
     * @return 0, or a code if it is not open
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

    /** Closes without close_notify. */
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
            acceptor.removePeer(this);
        }
        transport.close();
        return startClose(code);
    }

    /** The loop closes handles without a descriptor first: the socket is still open. */
    @Override
    protected void onLoopClosing() {
        closeNow(ReturnCode.CLOSED);
    }

    /** Closes without close_notify. An acceptor's socket stays, for its other connections. */
    @Override
    protected void onThrew(int code) {
        add(UdpMetrics.ERROR_OFFSET, 1);
        breakOff(code);
    }

    private void callUsersOnClose() {
        enter(Life.CLOSED);
        callbacks.onClose(result);
        if (acceptor != null) {
            acceptor.returned(this);
        }
    }

    @Override
    protected void onClosed(int code) {
        connection.close();
        add(UdpMetrics.CLOSE_OFFSET, 1);
        releaseCounters();
    }

    /** Tells the user once the socket has closed, before this call or after it. */
    @Override
    protected void callOnClose(int code) {
        result = code;
        if (transport.isClosed()) {
            callUsersOnClose();
        } else {
            enter(Life.GIVEN_BACK);
            loop().keepAlive(); // in place of the slot, which this connection has given back
        }
    }

    @Override
    protected int aggregate() {
        return context.aggregate();
    }

    // The peer, and the outcome.

    /**
     * The peer's address.
     *
     * @param endpoint becomes a copy of it
     * @return 0, or a code if the connection is not open
     */
    public int peerEndpoint(Endpoint endpoint) {
        return isOpen() ? endpoint.copyFrom(peer) : closedCode();
    }

    /**
     * The socket that it goes over: its own, or the acceptor's.
     *
     * @return null while this is not open
     */
    public UdpSocket below() {
        return isOpen() ? transport.socket() : null;
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

    /**
     * The session of an earlier connection to the same peer, as of {@link TlsStream#importSession}.
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
