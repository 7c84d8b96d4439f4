package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.tls.openssl.Ssl;

/**
 * What a client needs to shorten its next handshake with the same peer, as the library holds it:
 * {@link TlsOutcome#saveSession} fills it, {@link TlsStream#session} begins with it. It costs
 * neither encoding nor decoding, as {@link TlsOutcome#exportSession} does, and is good within the
 * process.
 *
 * <p>It is good for the peer that was expected, and under the policy that it was made under: the
 * same trust, the same verification, the same certificate of ours, until a reload changes one of
 * them, or a certificate expires, or {@link TlsConfig#sessionAgeNs} is over. Given to a stream that
 * it is not good for, it is not used, and {@link TlsOutcome#isSessionRefused} tells.
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

    /** One that holds nothing yet. */
    public TlsSession() {
    }

    /**
     * Whether it holds nothing.
     *
     * @return true before a session was saved to it, and after {@link #close}
     */
    public boolean isEmpty() {
        return session == 0;
    }

    /** Gives what it holds back to the library. It can be used again. */
    @Override
    public void close() {
        replace(0);
    }

    /** What it holds; 0 for nothing. */
    long handle() {
        return session;
    }

    /** What it was made for. */
    Proof proof() {
        return proof;
    }

    /** Takes a connection's in place of what it held: 0 or a code. */
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
