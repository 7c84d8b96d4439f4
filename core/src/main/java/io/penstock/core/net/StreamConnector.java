package io.penstock.core.net;

import io.penstock.core.loop.EventLoop;

/**
 * Makes streams and connects them, for code that works over any kind of connection: TCP, or TLS
 * over TCP. The stream's {@code onOpen} means that the peer is the intended one, so a connector
 * that promises privacy must have verified the peer by then.
 *
 * <p><b>Threading</b>: called in the loop's thread.
 */
public interface StreamConnector {
    /** Makes TCP and Unix sockets. */
    StreamConnector TCP = new StreamConnector() {
        @Override
        public Stream stream(EventLoop loop, StreamHandler handler) {
            return new SocketStream(loop, handler);
        }

        @Override
        public int connect(Stream stream, Endpoint peer) {
            return ((SocketStream) stream).connect(peer);
        }
    };

    /**
     * Makes a stream, which may be connected many times.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param loop the loop of the stream
     * @param handler receives the callbacks
     * @return the stream, not connected
     */
    Stream stream(EventLoop loop, StreamHandler handler);

    /**
     * Connects a stream that this connector made. The stream may have been connected and closed
     * before.
     *
     * @param stream the stream
     * @param peer the address
     * @return 0: {@code onOpen} or {@code onClose} follows; or a code: no callback follows
     */
    int connect(Stream stream, Endpoint peer);
}
