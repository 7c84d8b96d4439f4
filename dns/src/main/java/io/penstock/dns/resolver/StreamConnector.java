package io.penstock.dns.resolver;

import io.penstock.core.loop.EventLoop;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;

/**
 * Makes the streams that DNS over TLS goes over, so that this module need not know of TLS. The
 * stream's {@code onOpen} says that the peer is the server that it should be: under strict privacy
 * the connector must verify it (RFC 8310).
 *
 * <p><b>Threading</b>: called in the loop's thread.
 */
public interface StreamConnector {
    /**
     * Makes a stream for one server, once; it is connected again and again.
     *
     * @param loop whose it is
     * @param handler who is told
     * @return the stream, not connected
     */
    Stream stream(EventLoop loop, StreamHandler handler);

    /**
     * Connects a stream that this made. It may have been connected and closed before.
     *
     * @param stream which
     * @param server the address, with the port of DNS over TLS
     * @return 0, and {@code onOpen} or {@code onClose} follows; or a code, and nothing does
     */
    int connect(Stream stream, Endpoint server);
}
