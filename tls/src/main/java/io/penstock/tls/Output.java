package io.penstock.tls;

/**
 * The state of the sending side of a TLS stream. Each opening begins with {@link #OPEN}; the others
 * follow in their order, and {@link #ENDING} may be skipped.
 */
enum Output {
    /** It accepts writes. */
    OPEN,
    /** After {@link TlsStream#shutdown}: it sends what was accepted, then close_notify. */
    ENDING,
    /** It sends no record more: close_notify was the last that the library made. */
    ENDED
}
