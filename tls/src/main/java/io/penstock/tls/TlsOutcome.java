package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.tls.openssl.Crypto;
import io.penstock.tls.openssl.Memory;
import io.penstock.tls.openssl.Ssl;
import java.lang.ref.Reference;
import org.agrona.MutableDirectBuffer;

/**
 * The outcome of a connection: the protocol, suite and group that were negotiated, the peer, the
 * session for a later handshake, and the failure. Alerts, the result of verification and the
 * library's message about a failure stay after the connection has closed, until it is opened again.
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
    private final Proof proof; // null at a server
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

    /** Begins anew, for another connection of the library. */
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

    /** Reads what was negotiated in a handshake that is done: 0, or the code of its staple. */
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

    /** The peer is verified: its session, if there is one, can be saved from now on. */
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
     * Whether the handshake resumed a session, and so was a short one.
     *
     * @return false before {@code onOpen}
     */
    public boolean isResumed() {
        return isResumed;
    }

    /**
     * Whether this side refused a session, so that the handshake was a full one: the session was
     * made for another peer or under another policy, or was too old. A client refuses to offer such
     * a session, a server refuses a ticket of one. Also after closing.
     *
     * @return false if there was no session, if it was resumed, or if the peer declined it
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
     * The cipher suite.
     *
     * <p><b>Allocation</b>: the string.
     *
     * @return its name of IANA; empty while there is none
     */
    public String suite() {
        long suite = ssl == 0 ? 0 : Ssl.SSL_get_current_cipher(ssl);
        return suite == 0 ? "" : Memory.string(Ssl.SSL_CIPHER_standard_name(suite));
    }

    /**
     * The group of the key exchange.
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
     * @return the string of the configuration; empty if none was negotiated
     */
    public String alpn() {
        return alpn < 0 ? "" : context.config().alpn[alpn];
    }

    /**
     * The host name that the client asks the server for (SNI).
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
     * @return 32; {@link ReturnCode#TLS_CERTIFICATE_MISSING} if the peer has shown none;
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
     * Saves the session of a client, for the next connection to the same peer. With TLS 1.3 the
     * server sends it after the handshake, and it comes while the stream is read.
     *
     * @param into holds the session from now on, in place of another
     * @return 0; {@link ReturnCode#TLS_NO_SESSION} if there is none yet, or this is a server
     */
    public int saveSession(TlsSession into) {
        return hasProof() ? into.take(ssl, proof) : ReturnCode.TLS_NO_SESSION;
    }

    /** Whether there is a proof for the session; the certificates' end is looked up only now. */
    private boolean hasProof() {
        boolean hasProof = ssl != 0 && isProved && proof != null;
        if (hasProof && !isResumed) {
            proof.expires(policy.expiresMs(ssl, context.records().scratchAddress));
        }
        return hasProof;
    }

    /**
     * Writes the session of a client as bytes, which another process can import. Within a process
     * {@link #saveSession} is faster. The bytes contain the session's keys, and in front of these
     * the peer and the policy that {@link TlsSession} describes.
     *
     * @param buffer off the heap
     * @param offset where to put it
     * @return its length, some 1 to 4 KiB; {@link ReturnCode#TLS_NO_SESSION} if there is none
     *     yet, or this is a server; {@link ReturnCode#MESSAGE_TOO_LONG} if it does not fit;
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
     * The result of verifying the peer's certificate, also after closing.
     *
     * @return 0 for a good one, or an {@code X509_V_ERR_…} of the library
     */
    public int verifyResult() {
        return ssl == 0 ? verifyResult : (int) Ssl.SSL_get_verify_result(ssl);
    }

    /**
     * The library's message for {@link #verifyResult}.
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
     * The last alert that was received, also after closing.
     *
     * @return its number in RFC 8446, section 6; -1 for none
     */
    public int alertReceived() {
        return alertReceived;
    }

    /**
     * The library's message about the failure of this connection, also after closing.
     *
     * <p><b>Allocation</b>: the string.
     *
     * @return a line; empty if nothing in the library has failed
     */
    public String failureText() {
        return Failure.text(error);
    }

    /**
     * Whether the kernel encrypts or decrypts for this connection, as the library says. Today no
     * connection uses that, see {@link OpenSsl#kernelTls}.
     *
     * @return true if the kernel does in either direction; false while this is not open
     */
    public boolean isKernelTls() {
        return ssl != 0
                && (Crypto.BIO_ctrl(Ssl.SSL_get_wbio(ssl), CTRL_GET_KTLS_SEND, 0, 0) > 0
                || Crypto.BIO_ctrl(Ssl.SSL_get_rbio(ssl), CTRL_GET_KTLS_RECEIVE, 0, 0) > 0);
    }
}
