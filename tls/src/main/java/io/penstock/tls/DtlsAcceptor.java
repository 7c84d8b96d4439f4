package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.core.net.Endpoint;
import io.penstock.core.sys.Errno;
import io.penstock.tls.openssl.Crypto;
import io.penstock.udp.DatagramBatch;
import io.penstock.udp.DatagramHandler;
import io.penstock.udp.UdpSocket;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/**
 * The handler of a socket whose peers speak DTLS: it gives each datagram to the sender's
 * {@link DtlsConnection}. All connections are made by the constructor, and reused oldest first.
 *
 * <pre>{@code
 *   DtlsAcceptor dtls = new DtlsAcceptor(context, handler, 10_000);
 *   UdpSocket socket = new UdpSocket(loop, dtls, new DatagramBatch(64, 2048));
 *   int rc = socket.bind(endpoint);
 *   if (rc == 0) rc = socket.resume();
 * }</pre>
 *
 * <p>A hello without a cookie is answered with one, and nothing is kept of it. A peer gets a
 * connection when it sends the cookie back, which proves its address. When no connection is left,
 * that is counted, and the peer's next hello tries again. A peer may begin anew from the address of
 * a connection that is open or in its handshake. Its hello replaces that connection if it brings a
 * cookie newer than the connection's own; any other hello leaves the connection alone.
 *
 * <p>A hello must come whole, in one datagram, as RFC 6347 advises. Each connection takes a handle
 * of the loop. An acceptor has one socket. On a machine with several addresses bind a socket to
 * each: from a socket that is bound to none of them, the kernel chooses the address of an answer.
 *
 * <p><b>Threading</b>: the loop's thread. <b>Allocation</b>: none after construction. <b>See</b>:
 * RFC 6347, section 4.2.1. It counts in its context's {@link TlsMetrics}.
 */
public final class DtlsAcceptor implements DatagramHandler {
    /** How long a connection may be idle by default. */
    public static final long DEFAULT_IDLE_TIMEOUT_NS = TimeUnit.MINUTES.toNanos(5);

    private final TlsContext context;
    private final Records records;
    private final DtlsConnection[] all;
    private final Queue<DtlsConnection> free; // has room for all: it does not grow
    private final PeerTable peers;
    private final Endpoint from = new Endpoint();
    private DtlsConnection waiting; // the first that waits for room, linked by nextWaiting
    private UdpSocket socket; // null before the first datagram, and once closed
    private long listening; // the library's connection that reads hellos; 0 for none
    private long listeningOf; // the library's context that it was made of

    /**
     * An acceptor and its connections.
     *
     * @param context one of {@link TlsContext#dtlsServer}
     * @param handler the handler of every connection
     * @param capacity how many may be open at once, handshakes included
     */
    public DtlsAcceptor(TlsContext context, DtlsHandler handler, int capacity) {
        if (context.cookies() == null) {
            throw new IllegalArgumentException("not the context of a server of datagrams");
        }
        if (capacity < 1) {
            throw new IllegalArgumentException(capacity + " < 1");
        }
        this.context = context;
        records = context.records();
        all = new DtlsConnection[capacity];
        for (int i = 0; i < capacity; i++) {
            all[i] = new DtlsConnection(context, handler, this);
        }
        free = new ArrayDeque<>(List.of(all));
        peers = new PeerTable(capacity, context.cookies());
        idleTimeoutNs(DEFAULT_IDLE_TIMEOUT_NS);
    }

    /**
     * The MTU of later connections, as of {@link DtlsConnection#mtuBytes(int)}.
     *
     * @param mtuBytes of a packet with its headers
     * @return this
     */
    public DtlsAcceptor mtuBytes(int mtuBytes) {
        for (DtlsConnection connection : all) {
            connection.mtuBytes(mtuBytes);
        }
        return this;
    }

    /**
     * Closes a connection when no data went for so long, in either direction: its peer may have
     * vanished. The default is {@link #DEFAULT_IDLE_TIMEOUT_NS}.
     *
     * @param timeoutNs 0 for never
     * @return this
     */
    public DtlsAcceptor idleTimeoutNs(long timeoutNs) {
        for (DtlsConnection connection : all) {
            connection.idleTimeoutNs(timeoutNs);
        }
        return this;
    }

    /**
     * How many connections are open, handshakes included.
     *
     * @return 0 to its capacity
     */
    public int connections() {
        return all.length - free.size();
    }

    /**
     * The connection of a peer.
     *
     * @param peer its address
     * @return null if there is none
     */
    public DtlsConnection connection(Endpoint peer) {
        return peers.find(peer);
    }

    /**
     * Closes every connection with {@code close_notify}, and then the socket.
     *
     * @return 0; {@link ReturnCode#NOT_OPEN} before the first datagram came: the acceptor does not
     *     know its socket then, which stays open
     */
    public int close() {
        if (socket == null) {
            return ReturnCode.NOT_OPEN;
        }
        for (DtlsConnection connection : all) {
            if (connection.isOpen()) {
                connection.close();
            }
        }
        return socket.close();
    }

    @Override
    public void onDatagrams(UdpSocket socket, DatagramBatch batch, int count) {
        this.socket = socket;
        for (int slot = 0; slot < count && socket.isOpen(); slot++) {
            batch.sender(slot, from);
            for (int i = 0; i < batch.segments(slot); i++) {
                received(batch.buffer().addressOffset() + batch.segmentOffset(slot, i),
                        batch.segmentLength(slot, i));
            }
        }
    }

    private void received(long address, int length) {
        DtlsConnection connection = peers.find(from);
        if (connection == null || beginsAnew(connection, address, length)) {
            hello(connection, address, length);
        } else {
            connection.received(address, length);
        }
    }

    private static boolean beginsAnew(DtlsConnection connection, long address, int length) {
        return Cookies.isHello(address, length) && !connection.hello.isCopiedBy(address);
    }

    private void hello(DtlsConnection old, long address, int length) {
        context.add(TlsMetrics.HELLOS_OFFSET, 1);
        context.add(TlsMetrics.CIPHER_IN_BYTES_OFFSET, length);
        if (!Cookies.isHello(address, length) || !context.isOpen() || !isListening()) {
            context.add(TlsMetrics.IGNORED_OFFSET, 1);
            return;
        }
        context.callbacks().enter(null);
        Crypto.ERR_clear_error();
        context.cookies().hears(from, address, old == null ? Long.MIN_VALUE : old.hello.cookieNs());
        records.exposeInput(address, length);
        int rc = context.cookies().listen(listening);
        records.endExposure();
        Crypto.ERR_clear_error();
        boolean isAnswered = answer();
        if (rc == 1) {
            accept(old, address);
        } else {
            context.add(
                    isAnswered ? TlsMetrics.COOKIES_OFFSET : TlsMetrics.IGNORED_OFFSET, 1);
        }
    }

    /** Sends the library's answer, if there is one. If it is lost, the peer asks again. */
    private boolean answer() {
        int n = records.takeOutput();
        if (n == 0) {
            return false;
        }
        int sent = socket.send(records.out, 0, n, from);
        if (sent < 0) {
            context.add(TlsMetrics.LOST_OFFSET, 1);
        } else {
            context.add(TlsMetrics.CIPHER_OUT_BYTES_OFFSET, n);
        }
        return true;
    }

    /** Opens a connection for a peer that has sent its cookie back. */
    private void accept(DtlsConnection old, long hello) {
        if (old != null) {
            old.breakOff(-Errno.ECONNRESET);
        }
        int rc = free.isEmpty() ? ReturnCode.POOL_EXHAUSTED
                : free.element().open(socket, from, listening, hello,
                        context.cookies().broughtMadeNs());
        if (rc < 0) {
            context.add(TlsMetrics.EXHAUSTED_OFFSET, 1);
            return; // the next hello is read by the same connection of the library
        }
        DtlsConnection connection = free.remove();
        listening = 0;
        peers.add(connection);
        connection.begin();
    }

    private boolean isListening() {
        if (listening != 0 && listeningOf != context.handle()) {
            stopListening(); // the context was reloaded
        }
        if (listening == 0) {
            listening = context.newConnection();
            listeningOf = context.handle();
        }
        return listening != 0;
    }

    private void stopListening() {
        if (listening != 0) {
            long ssl = listening;
            listening = 0;
            context.freeConnection(ssl);
        }
    }

    @Override
    public void onWritable(UdpSocket socket) {
        DtlsConnection first = waiting;
        waiting = null;
        while (first != null) {
            DtlsConnection next = first.nextWaiting;
            first.nextWaiting = null;
            first.isWaiting = false;
            first.writable();
            first = next;
        }
    }

    /** Tells a connection when the socket has room. */
    void await(DtlsConnection connection) {
        if (!connection.isWaiting) {
            connection.isWaiting = true;
            connection.nextWaiting = waiting;
            waiting = connection;
        }
    }

    /** The path carries less; with {@link io.penstock.core.net.SocketOption#IP_RECVERR}. */
    @Override
    public void onError(UdpSocket socket, int code, Endpoint destination) {
        DtlsConnection connection = code == -Errno.EMSGSIZE && destination.length() > 0
                ? peers.find(destination) : null;
        if (connection != null) {
            connection.shrinkPath(socket.errorMtuBytes());
        }
    }

    @Override
    public void onClose(UdpSocket socket, int result) {
        for (DtlsConnection connection : all) {
            if (connection.isOpen()) {
                connection.transport().onClose(socket, result);
            }
        }
        stopListening();
        this.socket = null;
    }

    /** A connection is closing: its peer has none any more. */
    void removePeer(DtlsConnection connection) {
        peers.remove(connection);
    }

    /** A connection has told its onClose, and is free. */
    void returned(DtlsConnection connection) {
        free.add(connection);
    }
}
