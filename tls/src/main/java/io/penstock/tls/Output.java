package io.penstock.tls;

/**
 * What the sending side of a TLS stream does. An opening begins with {@link #OPEN}, and no state
 * follows a later one.
 */
enum Output {
    /** It accepts writes. */
    OPEN,
    /** After {@link TlsStream#shutdown}: it sends what was accepted, then close_notify. */
    ENDING,
    /** It sends no record more: close_notify was the last that the library made. */
    ENDED
}
