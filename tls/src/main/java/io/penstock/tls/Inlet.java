package io.penstock.tls;

import io.penstock.core.ReturnCode;

/**
 * The input of a TLS stream: ciphertext from the stream below goes in, and plaintext comes out, a
 * record a call. While the TLS stream is paused, ciphertext waits in the connection, at most that
 * of one read below.
 */
final class Inlet {
    private final TlsContext context;
    private final SslConnection connection;
    private final Outlet outlet; // for what the library answers
    private boolean hasMore; // another read may give plaintext with no further ciphertext

    Inlet(TlsContext context, SslConnection connection, Outlet outlet) {
        this.context = context;
        this.connection = connection;
        this.outlet = outlet;
    }

    void open() {
        hasMore = false;
    }

    /**
     * Adds ciphertext, which the library reads where it lies, until
     * {@link SslConnection#keepInput}: false if there is no memory for it.
     */
    boolean add(long address, int length) {
        context.add(TlsMetrics.CIPHER_IN_BYTES_OFFSET, length);
        return connection.addInput(address, length);
    }

    /** Whether {@link #read} may give plaintext with no further ciphertext. */
    boolean hasMore() {
        return hasMore;
    }

    /** Whether {@link #read} has something to begin with. */
    boolean isReadable() {
        return hasMore || connection.cipherBytes() > 0;
    }

    /**
     * Decrypts a record, and sends what the library answers to it: an alert, or new keys.
     *
     * @return how many bytes of plaintext, at least 1; {@link SslConnection#WANT_READ};
     *     {@link SslConnection#WANT_WRITE}; {@link ReturnCode#EOF} for close_notify; another code
     */
    int read(long address, int length) {
        connection.enter();
        int n = connection.read(address, length);
        boolean isFailure = SslConnection.isCode(n) && n != ReturnCode.EOF;
        int sent = isFailure ? outlet.sendLast() : outlet.send();
        if (sent < 0) {
            return sent;
        }
        if (n <= 0) {
            hasMore = n == SslConnection.WANT_WRITE;
            return n;
        }
        context.add(TlsMetrics.RECORDS_IN_OFFSET, 1);
        context.add(TlsMetrics.PLAIN_IN_BYTES_OFFSET, n);
        // The library reads a record a call, so without ciphertext nothing is left but the end of
        // a record that was longer than the caller's memory.
        hasMore = connection.cipherBytes() > 0
                || n == length && length < Records.MAX_PLAIN_BYTES;
        return n;
    }
}
