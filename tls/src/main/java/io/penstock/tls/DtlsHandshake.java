package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.Timer;

/**
 * A handshake over datagrams, any of which may get lost: a flight is sent again when no answer
 * comes, until a deadline. Its methods return how far it came, and the connection decides what
 * follows.
 */
final class DtlsHandshake {
    private final TlsContext context;
    private final EventLoop loop;
    private final SslConnection connection;
    private final DtlsPath path;
    private final Timer timer; // the connection uses it when it is open
    private long deadlineNs;

    DtlsHandshake(TlsContext context, SslConnection connection, DtlsPath path, Timer timer) {
        this.context = context;
        loop = context.loop();
        this.connection = connection;
        this.path = path;
        this.timer = timer;
    }

    void begin() {
        context.add(TlsMetrics.BEGUN_OFFSET, 1);
        deadlineNs = loop.nowNs() + context.handshakeTimeoutNs();
    }

    /**
     * Has the library read what came, and sends its answer: 1 when the peer is verified, {@link
     * SslConnection#WANT_READ} if more must come, or the code of a failure.
     */
    int proceed() {
        int rc;
        int sent;
        do {
            rc = connection.handshake();
            sent = path.send(); // also an alert, after a failure
        } while (rc == SslConnection.WANT_WRITE);
        if (rc > 0) {
            int verdict = connection.established();
            return verdict < 0 ? verdict : rc;
        }
        return rc == SslConnection.WANT_READ && path.isHopeless(sent) ? sent : rc;
    }

    /** Starts the timer, until the next retransmission or the deadline. */
    void schedule() {
        long left = deadlineNs - loop.nowNs();
        long retransmit = connection.retransmitNs();
        timer.start(retransmit < 0 ? left : Math.min(left, retransmit));
    }

    /** The timer has fired: 0 after a retransmission that was due, or the code of a failure. */
    int timeout() {
        int rc = loop.nowNs() >= deadlineNs ? -1 : connection.retransmit();
        int sent = path.send();
        context.add(TlsMetrics.RETRANSMISSIONS_OFFSET, rc > 0 ? 1 : 0);
        if (rc < 0) {
            return ReturnCode.TLS_HANDSHAKE_TIMED_OUT;
        }
        return path.isHopeless(sent) ? sent : 0;
    }
}
