package io.penstock.core.net;

import io.penstock.core.ReturnCode;
import java.util.concurrent.TimeUnit;

/**
 * Rounds over the connections of a listener that drains. The first round calls {@code onDrain} of
 * every connection. Each later round, a second after the one before, calls it again for connections
 * that were idle in between. The round at the deadline closes all that are left. A turn serves a
 * limited number of connections, so a round may take several turns.
 */
final class Drain {
    private static final int CONNECTIONS_A_TURN = 64;
    private static final long PAUSE_NS = TimeUnit.SECONDS.toNanos(1);

    private final SocketStream[] connections;
    private final long[] traffic; // by place: bytes moved both ways, as of the round before
    private long deadlineNs;
    private long nextRoundNs;
    private int place; // the next place to serve
    private boolean isFirst;
    private boolean isLast;
    private int result;

    Drain(SocketStream[] connections) {
        this.connections = connections;
        traffic = new long[connections.length];
    }

    void begin() {
        place = 0;
        isFirst = true;
        isLast = false;
        result = 0;
    }

    void deadline(long deadlineNs) {
        this.deadlineNs = deadlineNs;
    }

    void beginRound(long nowNs) {
        place = 0;
        isFirst = false;
        isLast = deadlineNs - nowNs <= 0;
    }

    /** When the next round begins, once this one is over. */
    long nextRoundNs() {
        return deadlineNs - nextRoundNs < 0 ? deadlineNs : nextRoundNs;
    }

    /** 0, or TIMED_OUT if a connection was closed at the deadline. */
    int result() {
        return result;
    }

    /** Does this turn's part of the round; true if the round is over. */
    boolean continueRound(long nowNs) {
        int served = 0;
        while (place < connections.length && served < CONNECTIONS_A_TURN) {
            SocketStream stream = connections[place];
            if (stream.isOpen() && serve(stream)) {
                served++;
            }
            place++;
        }
        nextRoundNs = nowNs + PAUSE_NS;
        return place == connections.length;
    }

    /** Serves a connection; false if there was nothing to do. */
    private boolean serve(SocketStream stream) {
        if (isLast) {
            result = ReturnCode.TIMED_OUT;
            stream.fail(ReturnCode.TIMED_OUT);
            return true;
        }
        long before = traffic[place];
        traffic[place] = stream.movedBytes();
        boolean isIdle = !isFirst && traffic[place] == before && onlyWaitsForItsPeer(stream);
        if (isFirst || isIdle) {
            stream.callOnDrain(isIdle);
        }
        return isFirst || isIdle;
    }

    /** True if the stream reads, has room, and so has nothing queued. */
    private static boolean onlyWaitsForItsPeer(SocketStream stream) {
        return stream.isReading() && !stream.isEnded() && stream.roomBytes() > 0;
    }
}
