package io.penstock.core.net;

/** How a stream is closed. */
public enum Close {
    /** At once: accepted bytes that are not sent yet are dropped. */
    NOW,
    /**
     * Once the accepted bytes are sent, or sending fails. Meanwhile the stream does not read. A
     * peer that does not read keeps the stream open for ever; for a peer that is not trusted, set a
     * deadline ({@link Stream#deadlines}).
     */
    WHEN_DRAINED
}
