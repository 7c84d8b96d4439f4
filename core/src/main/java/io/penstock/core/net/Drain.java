package io.penstock.core.net;

import io.penstock.core.ReturnCode;
import java.util.concurrent.TimeUnit;

/**
 * Rounds over the connections of a listener that drains. The first tells each that it should end;
 * one a second later, and so on, tells those that were idle in between; one at the deadline closes
 * who is left. A round goes on over several turns, for a turn serves a few connections alone.
 */
final class Drain {
    private static final int CONNECTIONS_A_TURN = 64;
    private static final long PAUSE_NS = TimeUnit.SECONDS.toNanos(1);

    private final SocketStream[] connections;
    private final long[] traffic; // of each place: bytes both ways, as of the round before
    private long deadlineNs;
    private long nextRoundNs;
    private int place; // where the round goes on
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

    /** 0, or that a connection had to be closed at the deadline. */
    int result() {
        return result;
    }

    /** This turn's part of the round; true if the round is over. */
    boolean goOn(long nowNs) {
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

    /** False if there was nothing to do for it. */
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

    /** There is no room behind what is queued either. */
    private static boolean onlyWaitsForItsPeer(SocketStream stream) {
        return stream.isReading() && !stream.isEnded() && stream.roomBytes() > 0;
    }
}
