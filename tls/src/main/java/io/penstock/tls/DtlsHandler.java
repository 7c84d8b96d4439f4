package io.penstock.tls;

import org.agrona.DirectBuffer;

/**
 * The callbacks of a {@link DtlsConnection}. One handler serves any number of connections.
 *
 * <p><b>Threading</b>: called in the loop's thread, never from inside a call on the connection.
 */
public interface DtlsHandler {
    /**
     * The handshake is done, and the peer is verified.
     *
     * @param connection the connection
     */
    void onOpen(DtlsConnection connection);

    /**
     * A message came: the bytes of one {@link DtlsConnection#write} of the peer. Messages may get
     * lost, or come in another order; none comes twice or altered.
     *
     * @param connection the connection
     * @param buffer where the message is, until this returns
     * @param offset of its first byte
     * @param length of it
     */
    void onData(DtlsConnection connection, DirectBuffer buffer, int offset, int length);

    /**
     * The socket has room again, after a write that answered {@code -EAGAIN}.
     *
     * @param connection the connection
     */
    default void onWritable(DtlsConnection connection) {
    }

    /**
     * The connection has closed, and has given everything back. This is the last call, and comes
     * exactly once, also after a handshake that failed, without {@code onOpen}. The connection may
     * be opened again from inside, unless it is an acceptor's.
     *
     * @param connection the connection
     * @param result 0 if this side or the peer closed it; {@code -ETIMEDOUT} if no data went in
     *     either direction for the idle time; {@code -ECONNRESET} if the peer began anew; or the
     *     code of an error
     */
    void onClose(DtlsConnection connection, int result);
}
