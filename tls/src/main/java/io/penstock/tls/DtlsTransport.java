package io.penstock.tls;

import io.penstock.core.net.Endpoint;
import io.penstock.udp.DatagramBatch;
import io.penstock.udp.DatagramHandler;
import io.penstock.udp.UdpSocket;

/**
 * The socket that a DTLS connection goes over: its own, or its acceptor's, which other connections
 * use too. It is the handler of its own socket, and drops the events of any other, such as one of
 * an earlier opening. The connection decides what follows from an event.
 */
final class DtlsTransport implements DatagramHandler {
    private final DtlsConnection connection;
    private final boolean isShared;
    private UdpSocket socket; // null once the connection need not wait for its onClose

    DtlsTransport(DtlsConnection connection, boolean isShared) {
        this.connection = connection;
        this.isShared = isShared;
    }

    void open(UdpSocket over) {
        socket = over;
    }

    UdpSocket socket() {
        return socket;
    }

    /** Whether the connection has no socket whose onClose it must wait for. */
    boolean isClosed() {
        return socket == null;
    }

    /** Closes a socket of its own, whose onClose follows; an acceptor's stays as it is. */
    void close() {
        if (isShared) {
            socket = null;
        } else if (socket != null) {
            socket.close();
        }
    }

    @Override
    public void onDatagrams(UdpSocket from, DatagramBatch batch, int count) {
        for (int slot = 0; slot < count; slot++) {
            for (int i = 0; i < batch.segments(slot); i++) {
                if (isOfOpen(from)) {
                    connection.received(
                            batch.buffer().addressOffset() + batch.segmentOffset(slot, i),
                            batch.segmentLength(slot, i));
                }
            }
        }
    }

    @Override
    public void onWritable(UdpSocket from) {
        connection.writable();
    }

    @Override
    public void onError(UdpSocket from, int code, Endpoint destination) {
        if (isOfOpen(from)) {
            connection.failed(code, from.errorMtuBytes());
        }
    }

    @Override
    public void onClose(UdpSocket from, int result) {
        if (from == socket) {
            socket = null;
            connection.socketClosed(result);
        }
    }

    private boolean isOfOpen(UdpSocket from) {
        return connection.isOpen() && from == socket;
    }
}
