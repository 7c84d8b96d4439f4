package io.penstock.tls;

/**
 * The life of a connection over another stream, or over datagrams. It is open from {@link #WAITING}
 * to {@link #DRAINING}; data are read and written in {@link #OPEN}. Each change of the state
 * asserts {@link #leadsTo}.
 *
 * <pre>
 *   from          to             when
 *   CLOSED        WAITING        it is opened
 *   WAITING       SOURCE_OPEN    the stream that is read is open, the other one is not
 *   WAITING       SINK_OPEN      the stream that is written is open, the other one is not
 *   WAITING       HANDSHAKING    the stream below is open; over datagrams, it begins
 *   SOURCE_OPEN   HANDSHAKING    the other one is open, too
 *   SINK_OPEN     HANDSHAKING    the other one is open, too
 *   HANDSHAKING   OPEN           the peer is verified: onOpen
 *   HANDSHAKING   DRAINING       the peer is verified, after close(WHEN_DRAINED): no onOpen
 *   OPEN          DRAINING       close(WHEN_DRAINED), and something waits
 *   (open)        CLOSING        close, an error, or it has drained
 *   CLOSING       CLOSED         it has given all back, and what is below has closed: onClose
 *   CLOSING       GIVEN_BACK     it has given all back, and what is below has not closed
 *   GIVEN_BACK    CLOSED         what is below has closed: onClose
 * </pre>
 *
 * <p>Datagrams have one socket below and no end to drain to: they know neither SOURCE_OPEN nor
 * SINK_OPEN nor DRAINING.
 */
enum Life {
    CLOSED, WAITING, SOURCE_OPEN, SINK_OPEN, HANDSHAKING, OPEN, DRAINING, CLOSING, GIVEN_BACK;

    boolean isOpen() {
        return this != CLOSED && this != CLOSING && this != GIVEN_BACK;
    }

    /** Whether the handshake has begun, or is done, and the connection is open. */
    boolean isBegun() {
        return this == HANDSHAKING || isVerified();
    }

    /** Whether the peer is verified, and the connection is open. */
    boolean isVerified() {
        return this == OPEN || this == DRAINING;
    }

    /** Whether the table has this. */
    boolean leadsTo(Life next) {
        return next == CLOSING ? isOpen() : switch (this) {
            case CLOSED -> next == WAITING;
            case WAITING -> next == SOURCE_OPEN || next == SINK_OPEN || next == HANDSHAKING;
            case SOURCE_OPEN, SINK_OPEN -> next == HANDSHAKING;
            case HANDSHAKING -> next == OPEN || next == DRAINING;
            case OPEN -> next == DRAINING;
            case DRAINING -> false;
            case CLOSING -> next == CLOSED || next == GIVEN_BACK;
            case GIVEN_BACK -> next == CLOSED;
        };
    }
}
