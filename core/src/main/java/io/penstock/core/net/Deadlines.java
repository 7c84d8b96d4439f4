package io.penstock.core.net;

import io.penstock.core.ReturnCode;
import io.penstock.core.loop.Timer;

/**
 * How long a stream may take to open, be idle, and close. What moves bytes knows nothing of it:
 * the stream's counters are looked at four times in the idle time.
 */
final class Deadlines {
    /** What the timer is for. */
    private enum Phase { OPENING, IDLING, CLOSING }

    private static final int LOOKS = 4;

    private final Stream stream;
    private final Timer timer;
    private final long openNs; // 0 for no deadline
    private final long idleNs;
    private final long closeNs;
    private Phase phase = Phase.OPENING;
    private long movedBytes;
    private int quietLooks;

    Deadlines(Stream stream, Timer timer, long openNs, long idleNs, long closeNs) {
        this.stream = stream;
        this.timer = timer;
        this.openNs = openNs;
        this.idleNs = idleNs;
        this.closeNs = closeNs;
        timer.release(); // the stream itself keeps the loop alive, or does not
    }

    /** The stream's life begins. */
    void begun() {
        begin(Phase.OPENING, openNs);
    }

    void opened() {
        quietLooks = 0;
        movedBytes = stream.movedBytes();
        begin(Phase.IDLING, lookNs());
    }

    /** The stream closes once what it accepted has gone. */
    void closing() {
        begin(Phase.CLOSING, closeNs);
    }

    void closed() {
        timer.cancel();
    }

    private void begin(Phase next, long delayNs) {
        phase = next;
        if (delayNs > 0) {
            timer.start(delayNs);
        } else {
            timer.cancel();
        }
    }

    private long lookNs() {
        return (idleNs + LOOKS - 1) / LOOKS;
    }

    /** The timer's. */
    void passed() {
        if (!stream.isOpen()) {
            return; // it has closed, and waits for what is below it
        }
        if (phase != Phase.IDLING) {
            stream.failWith(ReturnCode.TIMED_OUT);
            return;
        }
        long moved = stream.movedBytes();
        quietLooks = moved == movedBytes ? quietLooks + 1 : 0;
        movedBytes = moved;
        if (quietLooks == LOOKS) {
            stream.failWith(ReturnCode.IDLE);
        } else {
            timer.start(lookNs());
        }
    }
}
