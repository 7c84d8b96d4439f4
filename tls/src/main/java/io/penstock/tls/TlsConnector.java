package io.penstock.tls;

import io.penstock.core.loop.EventLoop;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.SocketStream;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamConnector;
import io.penstock.core.net.StreamHandler;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Connects TLS streams over TCP, for a user of {@link StreamConnector} such as the resolver, with
 * DNS over TLS. The host that a stream expects depends on the address that it connects to: it is
 * the name given for that address, or the name given for all, or else the address itself, which
 * the peer's certificate must then have.
 *
 * <p>A stream that connects again to the same address resumes its last session, so that the
 * handshake is shorter.
 *
 * <pre>{@code
 *   TlsContext context = TlsContext.client(loop, new TlsConfig().alpn("dot"));
 *   TlsConnector connector = new TlsConnector(context).host(server, "dns.example");
 * }</pre>
 *
 * <p><b>Threading</b>: the loop's thread. <b>Allocation</b>: set-up; {@link #connect} allocates
 * when the address is not that of the last time. The connector keeps all streams that it made.
 * <b>See</b>: RFC 8310.
 */
public final class TlsConnector implements StreamConnector, AutoCloseable {
    private final TlsContext context;
    private final List<Expected> expected = new ArrayList<>();
    private final Map<Stream, Leg> legs = new IdentityHashMap<>();
    private String host;

    /** The host that is expected at an address. */
    private record Expected(Endpoint at, String host) {
    }

    /**
     * A connector whose streams are of a context.
     *
     * @param context a client's, open before a stream connects
     */
    public TlsConnector(TlsContext context) {
        this.context = Objects.requireNonNull(context);
    }

    /**
     * The host to expect at addresses that have no host of their own.
     *
     * @param name as of {@link TlsStream#host}
     * @return this
     */
    public TlsConnector host(String name) {
        host = name;
        return this;
    }

    /**
     * The host to expect at an address.
     *
     * @param address the peer's; its port does not matter
     * @param name as of {@link TlsStream#host}
     * @return this
     */
    public TlsConnector host(Endpoint address, String name) {
        Endpoint at = new Endpoint();
        at.copyFrom(address);
        at.port(0);
        expected.addFirst(new Expected(at, name));
        return this;
    }

    @Override
    public Stream stream(EventLoop loop, StreamHandler handler) {
        if (loop != context.loop()) {
            throw new IllegalArgumentException("the context is of another loop");
        }
        TlsStream stream = new TlsStream(context, handler);
        legs.put(stream, new Leg(loop, stream));
        return stream;
    }

    /**
     * Connects a stream of this connector. It may have been connected and closed before.
     *
     * @param stream one of {@link #stream}
     * @param peer the address
     * @return 0, and {@code onOpen} or {@code onClose} follows; or a code of
     *     {@link SocketStream#connect} or {@link TlsStream#open(Stream)}, and no callback follows
     */
    @Override
    public int connect(Stream stream, Endpoint peer) {
        return legs.get(stream).connect(peer);
    }

    /** Gives its sessions back to the library. The connector can be used again. */
    @Override
    public void close() {
        legs.values().forEach(leg -> leg.session.close());
    }

    private String hostAt(Endpoint peer, Endpoint address) {
        address.copyFrom(peer);
        address.port(0);
        for (Expected one : expected) {
            if (one.at.equals(address)) {
                return one.host;
            }
        }
        return host != null ? host : text(peer);
    }

    private static String text(Endpoint peer) {
        if (peer.isUnix()) {
            return "localhost";
        }
        String text = peer.toString();
        return text.substring(0, text.lastIndexOf(':'));
    }

    /** A TLS stream, the socket below it, and its last session. */
    private final class Leg {
        private final TlsStream tls;
        private final SocketStream socket;
        private final TlsSession session = new TlsSession();
        private final Endpoint last = new Endpoint();

        Leg(EventLoop loop, TlsStream tls) {
            this.tls = tls;
            socket = new SocketStream(loop, tls.transport());
            socket.release(); // the TLS stream alone decides whether the loop goes on
        }

        int connect(Endpoint peer) {
            if (!peer.equals(last)) {
                session.close(); // it is another peer's
                tls.renewing(session).host(hostAt(peer, last));
                last.copyFrom(peer);
            }
            int rc = StreamConnector.TCP.connect(socket, peer);
            if (rc < 0) {
                return rc;
            }
            rc = tls.open(socket);
            if (rc < 0) {
                socket.close();
            }
            return rc;
        }
    }
}
