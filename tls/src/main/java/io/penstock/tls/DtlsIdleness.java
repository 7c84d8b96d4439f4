package io.penstock.tls;

import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.Timer;

/**
 * How long no data went over a DTLS connection, either way: its peer may vanish, and no datagram
 * tells. A datagram costs one store here; the timer starts again only when it has fired.
 */
final class DtlsIdleness {
    private final EventLoop loop;
    private final Timer timer; // the handshake's until the connection is open
    long timeoutNs; // 0 for none
    private long movedNs;

    DtlsIdleness(EventLoop loop, Timer timer) {
        this.loop = loop;
        this.timer = timer;
    }

    /** The connection is open. */
    void begin() {
        moved();
        if (timeoutNs > 0) {
            timer.start(timeoutNs);
        }
    }

    /** Data went, either way. */
    void moved() {
        movedNs = loop.nowNs();
    }

    /** The timer has fired: true if the timeout is over, else the timer runs for the time left. */
    boolean isOver() {
        long idleNs = loop.nowNs() - movedNs;
        if (idleNs >= timeoutNs) {
            return true;
        }
        timer.start(timeoutNs - idleNs);
        return false;
    }
}
