package io.penstock.core.net;

import io.penstock.core.ReturnCode;
import io.penstock.core.loop.Timer;

/**
 * How long a stream may take to open, be idle, and close. Reading and writing do nothing for it: a
 * timer compares the stream's counters four times in the idle time.
 */
final class Deadlines {
    /** The purpose of the timer. */
    private enum Phase { OPENING, IDLING, CLOSING }

    private static final int CHECKS = 4;

    private final Stream stream;
    private final Timer timer;
    private final long openNs; // 0 for no deadline
    private final long idleNs;
    private final long closeNs;
    private Phase phase = Phase.OPENING;
    private long movedBytes;
    private int quietChecks;

    Deadlines(Stream stream, Timer timer, long openNs, long idleNs, long closeNs) {
        this.stream = stream;
        this.timer = timer;
        this.openNs = openNs;
        this.idleNs = idleNs;
        this.closeNs = closeNs;
        timer.release(); // whether the loop stays alive is the stream's choice
    }

    /** The stream begins to open. */
    void begun() {
        begin(Phase.OPENING, openNs);
    }

    void opened() {
        quietChecks = 0;
        movedBytes = stream.movedBytes();
        begin(Phase.IDLING, checkNs());
    }

    /** The stream closes once the accepted bytes are sent. */
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

    private long checkNs() {
        return (idleNs + CHECKS - 1) / CHECKS;
    }

    /** The timer has fired. */
    void passed() {
        if (!stream.isOpen()) {
            return; // it is closing, and waits for the stream below it
        }
        if (phase != Phase.IDLING) {
            stream.failWith(ReturnCode.TIMED_OUT);
            return;
        }
        long moved = stream.movedBytes();
        quietChecks = moved == movedBytes ? quietChecks + 1 : 0;
        movedBytes = moved;
        if (quietChecks == CHECKS) {
            stream.failWith(ReturnCode.IDLE);
        } else {
            timer.start(checkNs());
        }
    }
}
