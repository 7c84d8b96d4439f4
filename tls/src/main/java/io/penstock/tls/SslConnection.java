package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.tls.openssl.Crypto;
import io.penstock.tls.openssl.Dtls;
import io.penstock.tls.openssl.Memory;
import io.penstock.tls.openssl.Ssl;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;

/**
 * A connection of the library: its {@code SSL}, the ciphertext that it has not read yet, and the
 * outcome. It knows neither streams nor sockets; after each call the output for the peer lies in
 * {@link Records}.
 */
final class SslConnection {
    /** A call's answer: the library needs more input. */
    static final int WANT_READ = 0;
    /** A call's answer: the library needs room for its output. No code has this value. */
    static final int WANT_WRITE = Integer.MIN_VALUE;

    private static final int ERROR_WANT_READ = 2;
    private static final int ERROR_WANT_WRITE = 3;
    private static final int ERROR_ZERO_RETURN = 6;
    private static final int ALERT_NO_RENEGOTIATION = 100;
    private static final int CTRL_SET_SERVER_NAME = 55;
    // No partial wildcards, and no name from the subject: RFC 9525 has names in SAN alone.
    private static final int HOST_FLAGS = 4 | 0x20;
    private static final int CTRL_SET_MTU = 17;
    private static final int CTRL_GET_TIMEOUT = 73;
    private static final int CTRL_HANDLE_TIMEOUT = 74;
    // The library collects a flight in 4,096 bytes, and cuts a longer one anywhere.
    private static final int MAX_HANDSHAKE_DATAGRAM_BYTES = 4_000;

    private final TlsContext context;
    private final Records records;
    private final Callbacks callbacks;
    /** The outcome of the connection, also after it was closed. */
    final TlsOutcome outcome;
    private final Proof proof; // a session is offered if its proof is like this; null at a server
    private Policy policy; // of this opening
    private boolean isFresh; // no ciphertext has come yet
    private HostName host = HostName.NONE;
    private NativeBuffer session; // an imported one
    private int sessionBytes;
    private TlsSession held; // null for none
    private boolean renewsHeld; // the connection saves its session there when it closes

    private long ssl;
    private long cipher; // ciphertext that the library has not read
    private int cipherBytes;
    private long kept; // memory that it was copied to; 0 while it is where it came

    SslConnection(TlsContext context) {
        this.context = context;
        records = context.records();
        callbacks = context.callbacks();
        proof = context.isServer() ? null : new Proof();
        outcome = new TlsOutcome(context, proof);
    }

    Policy policy() {
        return policy;
    }

    void host(String name) {
        host = HostName.of(name, context.config().names);
        if (proof != null) {
            proof.peer(host);
        }
    }

    void importSession(DirectBuffer buffer, int offset, int length) {
        if (session == null || session.capacity() < length) {
            session = NativeBuffer.allocate(Math.max(length, Proof.BYTES));
        }
        session.putBytes(0, buffer, offset, length);
        sessionBytes = length;
        held = null;
        renewsHeld = false;
    }

    void session(TlsSession session, boolean isRenewed) {
        held = session;
        renewsHeld = isRenewed;
        sessionBytes = 0;
    }

    /** Makes the connection: 0 or a code. */
    int open() {
        int rc = context.isServer() || host == HostName.NONE && context.config().skipsHost
                ? 0 : host.code;
        if (rc < 0) {
            return rc;
        }
        ssl = context.newConnection();
        if (ssl == 0) {
            return ReturnCode.TLS_FAILED;
        }
        begin();
        rc = proof == null || proof.notePeer(context.sha256()) ? 0 : ReturnCode.TLS_FAILED;
        rc = rc < 0 || context.isServer() || !host.isGiven() ? rc : expectHost();
        rc = rc < 0 ? rc : offerSession();
        if (rc < 0) {
            Crypto.ERR_clear_error();
            close();
        }
        return rc;
    }

    /** Takes over a connection that the library has made, and that has read a hello. */
    void open(long accepted) {
        ssl = accepted;
        begin();
        isFresh = false;
    }

    private void begin() {
        context.add(TlsMetrics.LIVE_OFFSET, 1);
        isFresh = true;
        policy = context.policy();
        outcome.begin(ssl, policy);
        if (proof != null) {
            proof.policy(policy);
        }
    }

    private int expectHost() {
        long name = host.address();
        if (!host.isAddress && Ssl.SSL_ctrl(ssl, CTRL_SET_SERVER_NAME, 0, name) != 1) {
            return ReturnCode.TLS_FAILED;
        }
        if (context.config().skipsHost) {
            return 0;
        }
        Ssl.SSL_set_hostflags(ssl, HOST_FLAGS);
        int rc = host.isAddress
                ? Crypto.X509_VERIFY_PARAM_set1_ip(
                        Ssl.SSL_get0_param(ssl), name, host.lengthBytes())
                : Ssl.SSL_set1_host(ssl, name);
        return rc == 1 ? 0 : ReturnCode.TLS_FAILED;
    }

    private int offerSession() {
        if (context.isServer()) {
            return 0;
        }
        if (sessionBytes > 0) {
            return importSession();
        }
        if (held == null || held.isEmpty() || !mayOffer(held.proof().buffer)) {
            return 0;
        }
        return setSession(held.handle());
    }

    /**
     * Whether a session may be offered: it was made under this policy, for this peer, and has not
     * ended. Else a full handshake follows.
     */
    private boolean mayOffer(NativeBuffer made) {
        if (proof.isAs(made) && policy.stands(made, context.nowMs())) {
            proof.copyTimes(made);
            return true;
        }
        context.add(TlsMetrics.SESSIONS_REFUSED_OFFSET, 1);
        outcome.sessionRefused();
        return false;
    }

    private int importSession() {
        if (!Proof.isOne(session, sessionBytes, Proof.BYTES)) {
            return ReturnCode.TLS_NO_SESSION;
        }
        if (!mayOffer(session)) {
            return 0;
        }
        records.scratch.putLong(0, session.addressOffset() + Proof.BYTES);
        long imported = Ssl.d2i_SSL_SESSION(
                0, records.scratchAddress, sessionBytes - Proof.BYTES);
        if (imported == 0) {
            return ReturnCode.TLS_NO_SESSION;
        }
        int rc = setSession(imported);
        Ssl.SSL_SESSION_free(imported);
        return rc;
    }

    private int setSession(long session) {
        return Ssl.SSL_set_session(ssl, session) == 1 ? 0 : ReturnCode.TLS_NO_SESSION;
    }

    /** Gives everything back; the outcome stays. */
    void close() {
        cipherBytes = 0;
        freeKept();
        if (ssl != 0) {
            if (renewsHeld) {
                outcome.saveSession(held);
            }
            outcome.end();
            context.add(TlsMetrics.LIVE_OFFSET, -1);
            context.freeConnection(ssl);
            ssl = 0;
        }
    }

    // Input.

    /**
     * Adds ciphertext behind what is here already. It stays where it lies until {@link #keepInput}.
     * False if there is no memory for both together, or for a connection of the new policy.
     */
    boolean addInput(long address, int length) {
        if (isFresh && !isCurrent()) {
            return false;
        }
        isFresh = false;
        if (cipherBytes == 0) {
            cipher = address;
            cipherBytes = length;
            return true;
        }
        long both = Crypto.CRYPTO_malloc(cipherBytes + (long) length);
        if (both == 0) {
            return false;
        }
        Memory.copy(cipher, both, cipherBytes);
        Memory.copy(address, both + cipherBytes, length);
        freeKept();
        kept = both;
        cipher = both;
        cipherBytes += length;
        return true;
    }

    /**
     * A hello that comes after the server has reloaded is judged by the new policy, also on a
     * stream that was accepted before: so the library's connection is made again. False without
     * memory.
     */
    private boolean isCurrent() {
        if (!context.isServer() || !context.isOpen() || policy == context.policy()) {
            return true;
        }
        long renewed = context.newConnection();
        if (renewed == 0) {
            return false;
        }
        context.freeConnection(ssl);
        ssl = renewed;
        policy = context.policy();
        outcome.begin(ssl, policy);
        return true;
    }

    /** Copies the ciphertext that is left, for it will not stay there: false without memory. */
    boolean keepInput() {
        if (cipherBytes == 0) {
            freeKept();
        } else if (kept == 0) {
            kept = Crypto.CRYPTO_malloc(cipherBytes);
            if (kept == 0) {
                return false;
            }
            Memory.copy(cipher, kept, cipherBytes);
            cipher = kept;
        }
        return true;
    }

    /** Drops what the library did not read of a datagram: it could not read that later either. */
    void dropInput() {
        cipherBytes = 0;
    }

    private void freeKept() {
        if (kept != 0) {
            Crypto.CRYPTO_free(kept);
            kept = 0;
        }
    }

    int cipherBytes() {
        return cipherBytes;
    }

    // Calls of the library.

    /** Whether a call's answer is a code: neither a count nor a wish. */
    static boolean isCode(int answer) {
        return answer < 0 && answer != WANT_WRITE;
    }

    /** Makes the library's callbacks this connection's, for the calls that follow. */
    void enter() {
        callbacks.enter(this);
    }

    /** Clears the error queue, so that what is reported belongs to the call that follows. */
    private void enterAfresh() {
        enter();
        clearErrors();
    }

    private static void clearErrors() {
        if (Crypto.ERR_peek_error() != 0) { // clearing takes longer than looking
            Crypto.ERR_clear_error();
        }
    }

    /** Goes on with the handshake: 1 when it is done, WANT_READ, WANT_WRITE, or a code. */
    int handshake() {
        enterAfresh();
        records.exposeInput(cipher, cipherBytes);
        int rc = Ssl.SSL_do_handshake(ssl);
        rc = rc == 1 ? rc : failed(rc);
        endExposure();
        if (rc > 0) {
            clearErrors(); // of attempts on the way
        }
        return rc;
    }

    /** The library's handshake is done: 0, or the code of what the peer has not proved. */
    int established() {
        int rc = outcome.established();
        rc = rc < 0 ? rc : checkPeer();
        if (rc == 0) {
            outcome.proved();
            context.add(TlsMetrics.DONE_OFFSET, 1);
            context.add(TlsMetrics.RESUMED_OFFSET, outcome.isResumed() ? 1 : 0);
        }
        return rc;
    }

    /**
     * Checks the peer of every connection, over streams and datagrams, after full handshakes and
     * resumed ones: 0, or the code of what the peer has not proved. The library has checked all of
     * this in a full handshake; but a session may come from a handshake under other rules.
     */
    private int checkPeer() {
        if (!policy.verifies) {
            return 0;
        }
        long certificate = Ssl.SSL_get0_peer_certificate(ssl);
        if (certificate == 0) {
            return policy.requires ? ReturnCode.TLS_CERTIFICATE_MISSING : 0;
        }
        int verdict = outcome.verifyResult();
        if (verdict != 0) {
            return Failure.verdict(verdict);
        }
        return policy.names && !isNamed(certificate) ? ReturnCode.TLS_WRONG_HOST : 0;
    }

    private boolean isNamed(long certificate) {
        return host.isGiven() && (host.isAddress
                ? Crypto.X509_check_ip(certificate, host.address(), host.lengthBytes(), 0)
                : Crypto.X509_check_host(certificate, host.address(), 0, HOST_FLAGS)) == 1;
    }

    /** Counts a handshake that has failed, or was given up. */
    void handshakeFailed(int code) {
        context.add(TlsMetrics.FAILED_OFFSET, 1);
        context.add(TlsMetrics.failure(code), 1);
    }

    /** Decrypts: bytes, at least 1; WANT_READ, WANT_WRITE, {@link ReturnCode#EOF}, or a code. */
    int read(long address, int length) {
        records.exposeInput(cipher, cipherBytes);
        int rc = Ssl.SSL_read(ssl, address, length);
        rc = rc > 0 ? rc : failed(rc);
        endExposure();
        if (!isCode(rc) && outcome.alertSent() == ALERT_NO_RENEGOTIATION) {
            rc = ReturnCode.TLS_RENEGOTIATION;
        }
        if (rc == ReturnCode.TLS_RENEGOTIATION) {
            context.add(TlsMetrics.RENEGOTIATIONS_OFFSET, 1);
        }
        return rc;
    }

    /** Encrypts: bytes accepted, at least 1; WANT_READ, WANT_WRITE, or a code. */
    int write(long address, int length) {
        int rc = Ssl.SSL_write(ssl, address, length);
        return rc > 0 ? rc : failed(rc);
    }

    /** Makes close_notify. */
    void notifyEnd() {
        enterAfresh();
        Ssl.SSL_shutdown(ssl); // its result says nothing that a read would not say
        Crypto.ERR_clear_error();
    }

    /** Encrypts with new keys from the next record on: 1, WANT_WRITE, or a code. */
    int updateKeys(boolean isOfBoth) {
        enterAfresh();
        if (Ssl.SSL_version(ssl) < TlsConfig.TLS_1_3
                || Ssl.SSL_key_update(ssl, isOfBoth ? 1 : 0) != 1) {
            Crypto.ERR_clear_error();
            return ReturnCode.NOT_SUPPORTED;
        }
        int rc = Ssl.SSL_do_handshake(ssl);
        return rc == 1 ? rc : failed(rc);
    }

    // Datagrams.

    /** Sets how long the datagrams of a handshake may be from now on. */
    void datagramBytes(int bytes) {
        Ssl.SSL_ctrl(ssl, CTRL_SET_MTU, Math.min(bytes, MAX_HANDSHAKE_DATAGRAM_BYTES), 0);
    }

    /** The bytes of a record in a datagram besides its data. */
    int overheadBytes() {
        datagramBytes(MAX_HANDSHAKE_DATAGRAM_BYTES); // until the caller sets another length
        return MAX_HANDSHAKE_DATAGRAM_BYTES - (int) Dtls.DTLS_get_data_mtu(ssl);
    }

    /** The time left until {@link #retransmit}; negative if the library awaits no answer. */
    long retransmitNs() {
        if (Ssl.SSL_ctrl(ssl, CTRL_GET_TIMEOUT, 0, records.scratchAddress) != 1) {
            return -1;
        }
        return TimeUnit.SECONDS.toNanos(records.scratch.getLong(0))
                + TimeUnit.MICROSECONDS.toNanos(records.scratch.getLong(Long.BYTES));
    }

    /** Makes the last flight again: 1 if so, 0 if it is not time yet, negative after too many. */
    int retransmit() {
        enterAfresh();
        int rc = (int) Ssl.SSL_ctrl(ssl, CTRL_HANDLE_TIMEOUT, 0, 0);
        Crypto.ERR_clear_error();
        return rc;
    }

    /** The reason why a call failed. The library must be asked before the next call. */
    private int failed(int rc) {
        int kind = Ssl.SSL_get_error(ssl, rc);
        if (kind == ERROR_WANT_WRITE) {
            return WANT_WRITE;
        }
        if (kind == ERROR_WANT_READ || kind == ERROR_ZERO_RETURN) {
            return withoutError(kind);
        }
        long told = Failure.error();
        int code = Failure.code(told, ssl);
        Crypto.ERR_clear_error();
        // Another user of the thread may have left errors in its queue. With the queue empty the
        // library answers by the state of the connection alone.
        kind = Ssl.SSL_get_error(ssl, rc);
        if (kind == ERROR_WANT_READ || kind == ERROR_ZERO_RETURN && !Failure.isOfSsl(told)) {
            return withoutError(kind); // else a fatal alert, which looks like an end too
        }
        outcome.failed(told);
        return code;
    }

    private static int withoutError(int kind) {
        return kind == ERROR_WANT_READ ? WANT_READ : ReturnCode.EOF;
    }

    private void endExposure() {
        int left = records.endExposure();
        cipher += cipherBytes - left;
        cipherBytes = left;
    }
}
