package io.penstock.udp;

import io.penstock.core.net.Endpoint;

/**
 * What happens to a datagram socket. One handler serves any number of them.
 *
 * <p><b>Threading</b>: called in the loop's thread, never from inside a call on the socket.
 */
public interface DatagramHandler {
    /**
     * Datagrams have come.
     *
     * @param socket which
     * @param batch the socket's own; its slots are valid until this returns
     * @param count how many of its slots hold one, from the first
     */
    void onDatagrams(UdpSocket socket, DatagramBatch batch, int count);

    /**
     * After a send that did not take everything: there is room again, or an error that the next
     * send tells. Of a Unix socket that is not connected the kernel does not know whose room it
     * waits for: it is called at once, and after each try in vain a millisecond later.
     *
     * @param socket which
     */
    default void onWritable(UdpSocket socket) {
    }

    /**
     * An error came back for what was sent before, such as {@code -ECONNREFUSED} (nobody listens
     * there) or {@code -EMSGSIZE} (see {@link UdpSocket#errorMtuBytes}); or receiving failed. The
     * socket goes on. A connected socket is told by itself; one that is not, after
     * {@link io.penstock.core.net.SocketOption#IP_RECVERR}.
     *
     * @param socket which
     * @param code {@code -errno}
     * @param destination whom the datagram was sent to; of length 0 if the kernel did not say;
     *     valid until this returns
     */
    default void onError(UdpSocket socket, int code, Endpoint destination) {
    }

    /**
     * The last call, exactly once. What the socket had is given back, and it may be opened again
     * from inside.
     *
     * @param socket which
     * @param result 0, or the code that it was closed for
     */
    void onClose(UdpSocket socket, int result);
}
