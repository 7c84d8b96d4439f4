package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.tls.openssl.Ssl;

/**
 * The session of a client, which shortens the next handshake with the same peer. It is saved by
 * {@link TlsOutcome#saveSession} and used by {@link TlsStream#session}. The library holds it as an
 * object of this process, so it is neither encoded nor decoded, as an exported session is.
 *
 * <p>A session is good for the peer that was expected when it was made, and under the same policy:
 * the same trust, the same verification, the same certificate of this side. It ends when a reload
 * changes one of these, when a certificate of the peer expires, or after
 * {@link TlsConfig#sessionAgeNs}. A stream does not use a session that is not good for it;
 * {@link TlsOutcome#isSessionRefused} tells.
 *
 * <pre>{@code
 *   TlsSession session = new TlsSession();
 *   tls.session(session);                       // every opening begins with what it holds then
 *   int rc = tls.outcome().saveSession(session);       // once data have come
 * }</pre>
 *
 * <p><b>Threading</b>: the loop's thread. <b>Allocation</b>: none after construction.
 */
public final class TlsSession implements AutoCloseable {
    private final Proof proof = new Proof();
    private long session;

    /** An empty one. */
    public TlsSession() {
    }

    /**
     * Whether it holds no session.
     *
     * @return true before a session was saved to it, and after {@link #close}
     */
    public boolean isEmpty() {
        return session == 0;
    }

    /** Gives the session back to the library. This can be used again. */
    @Override
    public void close() {
        replace(0);
    }

    /** The library's session; 0 for none. */
    long handle() {
        return session;
    }

    /** The peer, the policy and the times that the session is good for. */
    Proof proof() {
        return proof;
    }

    /** Holds the session of a connection, in place of another: 0 or a code. */
    int take(long ssl, Proof made) {
        long last = Ssl.SSL_get1_session(ssl);
        if (last == 0) {
            return ReturnCode.TLS_NO_SESSION;
        }
        if (Ssl.SSL_SESSION_is_resumable(last) != 1) {
            Ssl.SSL_SESSION_free(last);
            return ReturnCode.TLS_NO_SESSION;
        }
        replace(last);
        proof.copyFrom(made);
        return 0;
    }

    private void replace(long by) {
        if (session != 0) {
            Ssl.SSL_SESSION_free(session);
        }
        session = by;
    }
}
