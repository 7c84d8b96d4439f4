package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.tls.openssl.Crypto;
import io.penstock.tls.openssl.Memory;
import io.penstock.tls.openssl.Ssl;
import java.lang.ref.Reference;
import org.agrona.MutableDirectBuffer;

/**
 * What a connection came to: what was agreed on, who the peer is, the session that may be resumed,
 * and what went wrong. Alerts, the result of verification and the library's words about a failure
 * stay after it is closed, until it is opened again.
 *
 * <p><b>Threading</b>: the loop's thread. <b>Allocation</b>: none, but for strings where a method
 * says so. <b>See</b>: {@link TlsStream#outcome}, {@link DtlsConnection#outcome}.
 */
public final class TlsOutcome {
    private static final int NONE = -1;
    private static final int CTRL_GET_KTLS_SEND = 73;
    private static final int CTRL_GET_KTLS_RECEIVE = 76;
    private static final int CTRL_GET_GROUP = 134;

    private final TlsContext context;
    private final Proof proof; // of a client
    private Policy policy;
    private long ssl; // 0 while it is not open
    private long error;
    private int alertSent = NONE;
    private int alertReceived = NONE;
    private int verifyResult;
    private int alpn = NONE;
    private boolean isResumed;
    private boolean isSessionRefused;
    private boolean isProved;

    TlsOutcome(TlsContext context, Proof proof) {
        this.context = context;
        this.proof = proof;
    }

    /** Nothing is known of this connection yet. */
    void begin(long connection, Policy of) {
        ssl = connection;
        policy = of;
        error = 0;
        alertSent = NONE;
        alertReceived = NONE;
        verifyResult = 0;
        alpn = NONE;
        isResumed = false;
        isSessionRefused = false;
        isProved = false;
    }

    /** The connection is about to be freed. */
    void end() {
        verifyResult = verifyResult();
        ssl = 0;
    }

    /** The handshake is done: 0, or the code of what is wrong with the peer all the same. */
    int established() {
        Records records = context.records();
        isResumed = Ssl.SSL_session_reused(ssl) == 1;
        long out = records.scratchAddress;
        Ssl.SSL_get0_alpn_selected(ssl, out, out + Long.BYTES);
        alpn = records.scratch.getLong(0) == 0 ? NONE : Alpn.find(context.config().alpn,
                records.scratch.getLong(0), records.scratch.getInt(Long.BYTES));
        TlsConfig config = context.config();
        return context.isServer() || !config.asksForStaple || isResumed ? 0
                : Staple.check(ssl, context.handle(), config.requiresStaple, records);
    }

    /** The peer has come in: its session, if there is one, can be saved from now on. */
    void proved() {
        isProved = true;
        if (proof != null && !isResumed) {
            Proof.write(proof.buffer, context.nowMs(), Proof.NEVER_MS);
        }
    }

    void sessionRefused() {
        isSessionRefused = true;
    }

    void failed(long error) {
        this.error = error;
    }

    void alertSent(int alert) {
        alertSent = alert;
    }

    void alertReceived(int alert) {
        alertReceived = alert;
    }

    /**
     * Whether the handshake was shortened by a session.
     *
     * @return false before {@code onOpen}
     */
    public boolean isResumed() {
        return isResumed;
    }

    /**
     * Whether a session was refused, so that the handshake was a full one: a client had one that
     * was made for another peer or under another policy, or whose time was over; a server was
     * shown a ticket like that. Also after closing.
     *
     * @return false if there was none, or it was offered and taken, or the other side declined
     */
    public boolean isSessionRefused() {
        return isSessionRefused;
    }

    /**
     * The protocol version.
     *
     * @return such as {@link TlsConfig#TLS_1_3}, or the library's number of another; 0 while it is
     *     not open
     */
    public int protocol() {
        return ssl == 0 ? 0 : Ssl.SSL_version(ssl);
    }

    /**
     * The suite.
     *
     * <p><b>Allocation</b>: the string.
     *
     * @return its standard name; empty while there is none
     */
    public String suite() {
        long suite = ssl == 0 ? 0 : Ssl.SSL_get_current_cipher(ssl);
        return suite == 0 ? "" : Memory.string(Ssl.SSL_CIPHER_standard_name(suite));
    }

    /**
     * The group that keys were agreed on in.
     *
     * <p><b>Allocation</b>: the string.
     *
     * @return the library's name of it, such as {@code x25519}; empty if none was needed
     */
    public String group() {
        long group = ssl == 0 ? 0 : Ssl.SSL_ctrl(ssl, CTRL_GET_GROUP, 0, 0);
        return group == 0 ? "" : Memory.string(Ssl.SSL_group_to_name(ssl, group));
    }

    /**
     * The application protocol.
     *
     * @return its name, the configuration's own string; empty if none was agreed on
     */
    public String alpn() {
        return alpn < 0 ? "" : context.config().alpn[alpn];
    }

    /**
     * The name that a client asked a server for, or asks for.
     *
     * <p><b>Allocation</b>: the string.
     *
     * @return the name; empty if there is none
     */
    public String serverName() {
        return ssl == 0 ? "" : Memory.string(Ssl.SSL_get_servername(ssl, 0));
    }

    /**
     * SHA-256 of the peer's certificate, while the connection is open.
     *
     * @param buffer off the heap
     * @param offset where to put its 32 bytes
     * @return 32; {@link ReturnCode#TLS_CERTIFICATE_MISSING} if it has shown none;
     *     {@link ReturnCode#HEAP_BUFFER}; {@link ReturnCode#TLS_FAILED}
     */
    public int peerFingerprint(MutableDirectBuffer buffer, int offset) {
        if (NativeBuffer.isHeap(buffer)) {
            return ReturnCode.HEAP_BUFFER;
        }
        buffer.boundsCheck(offset, DigestAlgorithm.SHA_256.lengthBytes());
        long certificate = ssl == 0 ? 0 : Ssl.SSL_get1_peer_certificate(ssl);
        if (certificate == 0) {
            return ReturnCode.TLS_CERTIFICATE_MISSING;
        }
        int rc = Crypto.X509_digest(
                certificate, Crypto.EVP_sha256(), buffer.addressOffset() + offset, 0);
        Reference.reachabilityFence(buffer);
        Crypto.X509_free(certificate);
        return rc == 1 ? DigestAlgorithm.SHA_256.lengthBytes() : ReturnCode.TLS_FAILED;
    }

    /**
     * Saves the session, to resume at the next connection to the same peer. With TLS 1.3 it comes
     * after the handshake, while the stream is read.
     *
     * @param into what holds it from now on, in place of another
     * @return 0; {@link ReturnCode#TLS_NO_SESSION} if there is none yet, or it is a server's
     */
    public int saveSession(TlsSession into) {
        return hasProof() ? into.take(ssl, proof) : ReturnCode.TLS_NO_SESSION;
    }

    /** Whether there is one, complete: how long the certificates last is looked up for savers. */
    private boolean hasProof() {
        boolean hasProof = ssl != 0 && isProved && proof != null;
        if (hasProof && !isResumed) {
            proof.expires(policy.expiresMs(ssl, context.records().scratchAddress));
        }
        return hasProof;
    }

    /**
     * The session as bytes, which another process can import: {@link #saveSession} is faster.
     * They have the session's keys in them, and before it what it is good for, as
     * {@link TlsSession} says.
     *
     * @param buffer off the heap
     * @param offset where to put it
     * @return its length, some 1 to 4 KiB; {@link ReturnCode#TLS_NO_SESSION} if there is none
     *     yet, or it is a server's; {@link ReturnCode#MESSAGE_TOO_LONG} if it does not fit;
     *     {@link ReturnCode#HEAP_BUFFER}
     */
    public int exportSession(MutableDirectBuffer buffer, int offset) {
        if (NativeBuffer.isHeap(buffer)) {
            return ReturnCode.HEAP_BUFFER;
        }
        long last = hasProof() ? Ssl.SSL_get1_session(ssl) : 0;
        if (last == 0) {
            return ReturnCode.TLS_NO_SESSION;
        }
        int length = Ssl.SSL_SESSION_is_resumable(last) == 1
                ? Proof.BYTES + Ssl.i2d_SSL_SESSION(last, 0) : ReturnCode.TLS_NO_SESSION;
        if (length > buffer.capacity() - offset) {
            length = ReturnCode.MESSAGE_TOO_LONG;
        } else if (length > 0) {
            Records records = context.records();
            buffer.putBytes(offset, proof.buffer, 0, Proof.BYTES);
            records.scratch.putLong(0, buffer.addressOffset() + offset + Proof.BYTES);
            Ssl.i2d_SSL_SESSION(last, records.scratchAddress);
            Reference.reachabilityFence(buffer);
        }
        Ssl.SSL_SESSION_free(last);
        return length;
    }

    /**
     * What came of verifying the peer's certificate, also after closing.
     *
     * @return 0, or an {@code X509_V_ERR_…} of the library
     */
    public int verifyResult() {
        return ssl == 0 ? verifyResult : (int) Ssl.SSL_get_verify_result(ssl);
    }

    /**
     * {@link #verifyResult} in the library's words.
     *
     * <p><b>Allocation</b>: the string.
     *
     * @return a line
     */
    public String verifyText() {
        return Memory.string(Crypto.X509_verify_cert_error_string(verifyResult()));
    }

    /**
     * The last alert that was sent, also after closing.
     *
     * @return its number in RFC 8446, section 6; -1 for none
     */
    public int alertSent() {
        return alertSent;
    }

    /**
     * The last alert that came, also after closing.
     *
     * @return its number in RFC 8446, section 6; -1 for none
     */
    public int alertReceived() {
        return alertReceived;
    }

    /**
     * What the library said when it failed, also after closing.
     *
     * <p><b>Allocation</b>: the string.
     *
     * @return a line; empty if it did not
     */
    public String failureText() {
        return Failure.text(error);
    }

    /**
     * Whether the kernel encrypts or decrypts for this connection, asked of the library. It does
     * not today, see {@link OpenSsl#kernelTls}.
     *
     * @return true if it does in either direction; false while it is not open
     */
    public boolean isKernelTls() {
        return ssl != 0
                && (Crypto.BIO_ctrl(Ssl.SSL_get_wbio(ssl), CTRL_GET_KTLS_SEND, 0, 0) > 0
                || Crypto.BIO_ctrl(Ssl.SSL_get_rbio(ssl), CTRL_GET_KTLS_RECEIVE, 0, 0) > 0);
    }
}
