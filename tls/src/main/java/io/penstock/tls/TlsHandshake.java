package io.penstock.tls;

import io.penstock.core.loop.Timer;

/**
 * The handshake of a stream, until its deadline. Its methods return how far it came, and the stream
 * decides what follows.
 */
final class TlsHandshake {
    private final TlsContext context;
    private final SslConnection connection;
    private final Outlet outlet;
    private final Timer deadline;

    TlsHandshake(TlsContext context, SslConnection connection, Outlet outlet, Timer deadline) {
        this.context = context;
        this.connection = connection;
        this.outlet = outlet;
        this.deadline = deadline;
    }

    void begin() {
        context.add(TlsMetrics.BEGUN_OFFSET, 1);
        deadline.start(context.handshakeTimeoutNs());
    }

    /**
     * Has the library read what came, and sends its answer: 1 when the peer is verified,
     * {@link SslConnection#WANT_READ} if more must come, {@link SslConnection#WANT_WRITE} while a
     * record waits for room, or the code of a failure.
     */
    int proceed() {
        int rc;
        int sent;
        do {
            rc = connection.handshake();
            sent = SslConnection.isCode(rc) ? outlet.sendLast() : outlet.send(); // last: an alert
        } while (sent == 0 && rc == SslConnection.WANT_WRITE && outlet.isEmpty());
        if (sent < 0) {
            return SslConnection.isCode(rc) ? rc : sent;
        }
        int verdict = rc > 0 ? connection.established() : 0;
        return verdict < 0 ? verdict : rc;
    }

    /** Stops the deadline: the handshake is done, or has failed. */
    void end() {
        deadline.cancel();
    }
}
