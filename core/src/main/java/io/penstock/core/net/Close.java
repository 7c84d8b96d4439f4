package io.penstock.core.net;

/** How a stream is closed. */
public enum Close {
    /** At once: what was accepted and is not sent yet is dropped. */
    NOW,
    /**
     * When what was accepted has been sent, or cannot be. It reads no more meanwhile, and a peer
     * that does not read either keeps it open for ever: whoever cannot trust the peer sets a timer
     * that closes it now.
     */
    WHEN_DRAINED
}
