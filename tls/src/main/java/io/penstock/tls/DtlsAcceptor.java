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
 * The handler of a socket whose peers speak DTLS: it gives each datagram to the
 * {@link DtlsConnection} of who sent it. Those are objects made beforehand, reused oldest first.
 *
 * <pre>{@code
 *   DtlsAcceptor dtls = new DtlsAcceptor(context, handler, 10_000);
 *   UdpSocket socket = new UdpSocket(loop, dtls, new DatagramBatch(64, 2048));
 *   int rc = socket.bind(endpoint);
 *   if (rc == 0) rc = socket.resume();
 * }</pre>
 *
 * <p>Whoever says hello is given a cookie, and nothing of it is kept; only who brings the cookie
 * back, and so is where it says, gets a connection. When there is none left, that is counted, and
 * the peer asks again. A peer that begins anew, from the address of a connection that is open or in
 * its handshake, replaces that when it has brought a cookie newer than the one that began it; until
 * then the hello costs that connection nothing.
 *
 * <p>A hello must come whole, in one datagram, as RFC 6347 advises. Each connection takes a handle
 * of the loop. An acceptor has one socket. Where that is bound to no address in particular, and the
 * machine has several, the kernel chooses which one answers: bind to each.
 *
 * <p><b>Threading</b>: the loop's thread. <b>Allocation</b>: none after construction. <b>See</b>:
 * RFC 6347, section 4.2.1; its words are its context's, {@link TlsMetrics}.
 */
public final class DtlsAcceptor implements DatagramHandler {
    /** How long a connection may be idle, without a word. */
    public static final long DEFAULT_IDLE_TIMEOUT_NS = TimeUnit.MINUTES.toNanos(5);

    private final TlsContext context;
    private final Records records;
    private final DtlsConnection[] all;
    private final Queue<DtlsConnection> free; // has room for all: it does not grow
    private final PeerTable peers;
    private final Endpoint from = new Endpoint();
    private DtlsConnection waiting; // for room in the socket, linked by nextWaiting
    private UdpSocket socket;
    private long listening; // who says hello is heard by this one
    private long listeningOf; // made of that

    /**
     * An acceptor and its connections.
     *
     * @param context of {@link TlsContext#dtlsServer}
     * @param handler of every connection
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
     * The MTU of connections to come; {@link DtlsConnection#DEFAULT_MTU_BYTES} without a word.
     *
     * @param mtuBytes of a packet with its headers; the nearest to it that there can be
     * @return this
     */
    public DtlsAcceptor mtuBytes(int mtuBytes) {
        for (DtlsConnection connection : all) {
            connection.mtuBytes(mtuBytes);
        }
        return this;
    }

    /**
     * Closes connections that had no data either way for so long: peers vanish without a word.
     * {@link #DEFAULT_IDLE_TIMEOUT_NS} if nothing is said.
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
     * Closes every connection, tells their peers, and closes the socket.
     *
     * @return 0, {@link ReturnCode#NOT_OPEN} before the first datagram came; the socket is open
     *     then
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
                came(batch.buffer().addressOffset() + batch.segmentOffset(slot, i),
                        batch.segmentLength(slot, i));
            }
        }
    }

    private void came(long address, int length) {
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
        context.count(TlsMetrics.HELLOS_OFFSET, 1);
        context.count(TlsMetrics.CIPHER_IN_BYTES_OFFSET, length);
        if (!Cookies.isHello(address, length) || !context.isOpen() || !isListening()) {
            context.count(TlsMetrics.IGNORED_OFFSET, 1);
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
            context.count(
                    isAnswered ? TlsMetrics.COOKIES_OFFSET : TlsMetrics.IGNORED_OFFSET, 1);
        }
    }

    /** Whether there was something to be said. What the socket does not take is asked for again. */
    private boolean answer() {
        int n = records.takeOutput();
        if (n == 0) {
            return false;
        }
        int sent = socket.send(records.out, 0, n, from);
        context.count(sent < 0 ? TlsMetrics.LOST_OFFSET : TlsMetrics.CIPHER_OUT_BYTES_OFFSET,
                sent < 0 ? 1 : n);
        return true;
    }

    /** The peer has brought its cookie. */
    private void accept(DtlsConnection old, long hello) {
        if (old != null) {
            old.breakOff(-Errno.ECONNRESET);
        }
        int rc = free.isEmpty() ? ReturnCode.POOL_EXHAUSTED
                : free.element().open(socket, from, listening, hello,
                        context.cookies().broughtMadeNs());
        if (rc < 0) {
            context.count(TlsMetrics.EXHAUSTED_OFFSET, 1);
            return; // the next hello is heard by the same
        }
        DtlsConnection connection = free.remove();
        listening = 0;
        peers.add(connection);
        connection.begin();
    }

    private boolean isListening() {
        if (listening != 0 && listeningOf != context.handle()) {
            stopListening(); // the context was made anew
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

    /** It is told when there is room. */
    void await(DtlsConnection connection) {
        if (!connection.isWaiting) {
            connection.isWaiting = true;
            connection.nextWaiting = waiting;
            waiting = connection;
        }
    }

    /** With {@link io.penstock.core.net.SocketOption#IP_RECVERR}: the path carries less. */
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

    /** A connection has ended, and given everything back. */
    void returned(DtlsConnection connection) {
        free.add(connection);
    }
}
