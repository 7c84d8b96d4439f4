package io.penstock.core.net;

import io.penstock.core.loop.EventLoop;

/**
 * Makes streams and connects them, for those who need connections of whatever kind they are
 * given: TCP, or TLS over it. The stream's {@code onOpen} says that the peer is who it should be,
 * so a connector that promises privacy must have verified it by then.
 *
 * <p><b>Threading</b>: called in the loop's thread.
 */
public interface StreamConnector {
    /** TCP, or Unix sockets. */
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
     * Makes a stream, which is connected again and again.
     *
     * <p><b>Allocation</b>: set-up.
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
     * @param peer the address
     * @return 0, and {@code onOpen} or {@code onClose} follows; or a code, and nothing does
     */
    int connect(Stream stream, Endpoint peer);
}
