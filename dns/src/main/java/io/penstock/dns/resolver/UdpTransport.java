package io.penstock.dns.resolver;

import io.penstock.core.ReturnCode;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.net.Endpoint;
import io.penstock.udp.DatagramBatch;
import io.penstock.udp.DatagramHandler;
import io.penstock.udp.UdpSocket;

/**
 * Sends queries over UDP. Each query has a socket of its own, which is closed when the attempt
 * ends. The socket is connected, so the kernel drops datagrams from other addresses; the kernel
 * chooses its port at random.
 */
final class UdpTransport implements DatagramHandler {
    private static final int SLOTS = 4;
    private static final int SLOT_BYTES = 4096; // more than Query.PAYLOAD_BYTES

    private final Responses responses;
    private final Retries retries;
    private final UdpSocket[] free;
    private int freeCount;

    UdpTransport(EventLoop loop, Responses responses, Retries retries, int sockets) {
        this.responses = responses;
        this.retries = retries;
        DatagramBatch batch = new DatagramBatch(SLOTS, SLOT_BYTES);
        free = new UdpSocket[sockets];
        for (int i = 0; i < sockets; i++) {
            free[freeCount++] = new UdpSocket(loop, this, batch);
        }
    }

    /** 0 or a code. */
    int send(Query query) {
        if (freeCount == 0) {
            return ReturnCode.HANDLES_EXHAUSTED; // until closing sockets have closed
        }
        UdpSocket socket = free[--freeCount];
        int rc = socket.connect(query.server.endpoint);
        if (rc < 0) {
            free[freeCount++] = socket;
            return rc;
        }
        socket.attachment(query);
        query.socket = socket;
        rc = resend(query);
        return rc < 0 ? rc : socket.resume();
    }

    /** Sends the same packet again from the same port: 0 or a code. */
    int resend(Query query) {
        int n = query.socket.send(
                query.memory, Query.MESSAGE + Query.PREFIX_BYTES, query.messageLength);
        return Math.min(0, n);
    }

    static void release(Query query) {
        UdpSocket socket = query.socket;
        if (socket != null) {
            query.socket = null;
            socket.attachment(null);
            socket.close();
        }
    }

    /** The query that waits for an answer on the socket, or null. */
    private static Query queryOf(UdpSocket socket) {
        Query query = (Query) socket.attachment();
        return query != null && query.socket == socket ? query : null;
    }

    @Override
    public void onDatagrams(UdpSocket socket, DatagramBatch batch, int count) {
        for (int slot = 0; slot < count; slot++) {
            // An answer releases the socket: the datagrams behind it belong to no query.
            Query query = queryOf(socket);
            if (query != null) {
                responses.received(
                        query, batch.buffer(), batch.offset(slot), batch.length(slot));
            }
        }
    }

    @Override
    public void onError(UdpSocket socket, int code, Endpoint destination) {
        Query query = queryOf(socket);
        if (query != null) {
            retries.failed(query, code);
        }
    }

    @Override
    public void onClose(UdpSocket socket, int result) {
        free[freeCount++] = socket;
        Query query = queryOf(socket);
        if (query != null) {
            query.socket = null;
            socket.attachment(null);
            retries.failed(query, result);
        }
    }
}
