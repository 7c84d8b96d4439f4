package io.penstock.udp;

import io.penstock.core.net.Endpoint;

/**
 * Takes the events of datagram sockets. One handler serves any number of sockets.
 *
 * <p><b>Threading</b>: called in the loop's thread, never from inside a call on the socket.
 */
public interface DatagramHandler {
    /**
     * Datagrams were received.
     *
     * @param socket which
     * @param batch the socket's batch; its slots are valid until this returns
     * @param count how many slots were filled, from the first on
     */
    void onDatagrams(UdpSocket socket, DatagramBatch batch, int count);

    /**
     * After a send that did not send everything: the kernel has room again, or it has an error that
     * the next send returns. For a Unix socket that is not connected the kernel cannot tell which
     * receiver must have room: this is called at once, and again 1 ms after each send that finds no
     * room.
     *
     * @param socket which
     */
    default void onWritable(UdpSocket socket) {
    }

    /**
     * An error came back for a datagram that was sent before, such as {@code -ECONNREFUSED} (nobody
     * listens there) or {@code -EMSGSIZE} (see {@link UdpSocket#errorMtuBytes}); or receiving
     * failed. The socket goes on. The kernel reports such errors to a connected socket always, and
     * to any other once {@link io.penstock.core.net.SocketOption#IP_RECVERR} is set.
     *
     * @param socket which
     * @param code {@code -errno}
     * @param destination the address that the datagram was sent to; of length 0 if the kernel did
     *     not report it; valid until this returns
     */
    default void onError(UdpSocket socket, int code, Endpoint destination) {
    }

    /**
     * The socket is closed: the last call, made exactly once. Its resources are released, so it may
     * be opened again from inside this method.
     *
     * @param socket which
     * @param result 0, or the code that the socket was closed for
     */
    void onClose(UdpSocket socket, int result);
}
