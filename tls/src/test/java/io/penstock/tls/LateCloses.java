package io.penstock.tls;

import io.penstock.core.net.Endpoint;
import io.penstock.udp.DatagramBatch;
import io.penstock.udp.DatagramHandler;
import io.penstock.udp.UdpSocket;

/** Hands everything on that a socket tells; its onClose as late as a test wants it. */
final class LateCloses implements DatagramHandler {
    private final DatagramHandler to;
    /** How many calls of {@link #turned} pass between the socket's onClose and when it is told. */
    int turns;
    private UdpSocket closed;
    private int result;

    LateCloses(DatagramHandler to) {
        this.to = to;
    }

    @Override
    public void onDatagrams(UdpSocket socket, DatagramBatch batch, int count) {
        to.onDatagrams(socket, batch, count);
    }

    @Override
    public void onWritable(UdpSocket socket) {
        to.onWritable(socket);
    }

    @Override
    public void onError(UdpSocket socket, int code, Endpoint destination) {
        to.onError(socket, code, destination);
    }

    @Override
    public void onClose(UdpSocket socket, int result) {
        closed = socket;
        this.result = result;
        if (turns == 0) {
            tell();
        }
    }

    /** A turn is over. */
    void turned() {
        if (closed != null && --turns == 0) {
            tell();
        }
    }

    void tell() {
        UdpSocket socket = closed;
        closed = null;
        to.onClose(socket, result);
    }

    /** Whether the socket has closed, and nobody was told. */
    boolean isOwed() {
        return closed != null;
    }
}
