package io.penstock.core.net;

import java.io.IOException;

/** A connection to itself: one thread has both ends, and one of them echoes. */
interface EchoPair {
    /** Of a message. */
    int MESSAGE_BYTES = 64;

    /**
     * Sends a message and waits for its echo, again and again.
     *
     * @param count how often
     * @throws IOException if it does not work
     */
    void roundTrips(int count) throws IOException;

    /**
     * Closes both ends.
     *
     * @throws IOException if it does not work
     */
    void close() throws IOException;
}
