package io.penstock.tls;

import org.agrona.DirectBuffer;

/**
 * What happens to a connection over datagrams. One handler serves any number of them.
 *
 * <p><b>Threading</b>: called in the loop's thread, never from inside a call on the connection.
 */
public interface DtlsHandler {
    /**
     * The handshake is done, and the peer verified.
     *
     * @param connection which
     */
    void onOpen(DtlsConnection connection);

    /**
     * What one {@link DtlsConnection#write} of the peer's carried. It may be missing, or come in
     * another order; it does not come twice, nor altered.
     *
     * @param connection which
     * @param buffer where it is, until this returns
     * @param offset of its first byte
     * @param length of it
     */
    void onData(DtlsConnection connection, DirectBuffer buffer, int offset, int length);

    /**
     * After a write that found no room: there is room again.
     *
     * @param connection which
     */
    default void onWritable(DtlsConnection connection) {
    }

    /**
     * The last call, exactly once; also if the handshake failed, and {@code onOpen} never came.
     * What the connection had is given back, and it may be opened again from inside, unless an
     * acceptor made it.
     *
     * @param connection which
     * @param result 0 if this side or the peer closed it; {@code -ETIMEDOUT} if nothing went
     *     either way for the idle time; {@code -ECONNRESET} if the peer began anew; or the code of
     *     what went wrong
     */
    void onClose(DtlsConnection connection, int result);
}
