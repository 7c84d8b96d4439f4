package io.penstock.core.net;

/** How a stream is closed. */
public enum Close {
    /** At once: what was accepted and is not sent yet is dropped. */
    NOW,
    /** When what was accepted has been sent, or cannot be. */
    WHEN_DRAINED
}
