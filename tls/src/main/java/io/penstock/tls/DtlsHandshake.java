package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.Timer;

/**
 * A handshake over datagrams, any of which may be lost: what is said is said again when no answer
 * comes, until a deadline. It says how far it came, and its connection does what follows.
 */
final class DtlsHandshake {
    private final TlsContext context;
    private final EventLoop loop;
    private final Connection connection;
    private final DtlsPath path;
    private final Timer timer; // the connection's, until it is open
    private long deadlineNs;

    DtlsHandshake(TlsContext context, Connection connection, DtlsPath path, Timer timer) {
        this.context = context;
        loop = context.loop();
        this.connection = connection;
        this.path = path;
        this.timer = timer;
    }

    void begin() {
        context.count(TlsMetrics.BEGUN_OFFSET, 1);
        deadlineNs = loop.nowNs() + context.handshakeTimeoutNs();
    }

    /**
     * Lets the library go on with what came: 1 when the peer is verified, {@link
     * Connection#WANT_READ} if more must come, or the code that it has failed with.
     */
    int proceed() {
        int rc;
        int sent;
        do {
            rc = connection.handshake();
            sent = path.send(); // an alert too
        } while (rc == Connection.WANT_WRITE);
        if (rc > 0) {
            int verdict = connection.established();
            return verdict < 0 ? verdict : rc;
        }
        return rc == Connection.WANT_READ && path.isHopeless(sent) ? sent : rc;
    }

    /** Until the deadline, or until it is time to say it again. */
    void schedule() {
        long left = deadlineNs - loop.nowNs();
        long retransmit = connection.retransmitNs();
        timer.start(retransmit < 0 ? left : Math.min(left, retransmit));
    }

    /** The time is over: 0, and it was said again if it was time, or the code of its failure. */
    int timeout() {
        int rc = loop.nowNs() >= deadlineNs ? -1 : connection.retransmit();
        int sent = path.send();
        context.count(TlsMetrics.RETRANSMISSIONS_OFFSET, rc > 0 ? 1 : 0);
        if (rc < 0) {
            return ReturnCode.TLS_HANDSHAKE_TIMED_OUT;
        }
        return path.isHopeless(sent) ? sent : 0;
    }
}
