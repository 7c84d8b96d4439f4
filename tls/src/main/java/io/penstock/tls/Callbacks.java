package io.penstock.tls;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import io.penstock.tls.openssl.Memory;
import io.penstock.tls.openssl.Parameters;
import io.penstock.tls.openssl.Ssl;
import io.penstock.tls.openssl.Upcalls;
import java.lang.ref.Reference;

/**
 * The answers of a context to the library's callbacks. An alert is noted by the connection that is
 * in the call.
 */
final class Callbacks implements Upcalls.Target {
    private static final int SSL_CB_READ_ALERT = 0x4004;
    private static final int SSL_CB_WRITE_ALERT = 0x4008;
    private static final int ALERT_MASK = 0xff;
    private static final int ALERT_UNRECOGNIZED_NAME = 112;
    private static final int NEGOTIATED = 1;
    private static final int TICKET_IS_GOOD = 5;
    private static final int TICKET_IS_OLD = 6; // sealed by a key that was rotated
    private static final int OUT_BYTES = 16;
    private static final int FILE_MODE = 0600;
    private static final int LEAST_RETRANSMIT_US = 20_000; // to the library 15 ms are none
    private static final int MAX_RETRANSMIT_US = 60_000_000; // RFC 6347, section 4.2.4.1
    private static final NativeBuffer NEW_LINE = NativeBuffer.cString("\n");

    private final TlsContext context;
    private final Posix posix;
    private final Proof made = new Proof();
    private final NativeBuffer found = new NativeBuffer(); // wraps the proof of a ticket
    private final NativeBuffer out = NativeBuffer.allocate(OUT_BYTES);
    private final long outAddress = out.addressOffset();
    private NativeBuffer alpn;
    private final Parameters ticketParameters = TicketKeys.parameters();
    private int keyLog = -1;
    private SslConnection active;
    private Thread entered; // the thread of the last enter
    private Upcalls.Active calls; // that thread's

    Callbacks(TlsContext context) {
        this.context = context;
        posix = context.loop().posix();
    }

    /** Answers by these settings from now on; they were checked. */
    void use(TlsConfig config) {
        alpn = config.alpn.length > 0 ? Alpn.encode(config.alpn) : null;
    }

    int open(TlsConfig config, Diagnosis diagnosis) {
        if (config.keyLog != null) {
            NativeBuffer path = NativeBuffer.cString(config.keyLog);
            // Without O_NONBLOCK a FIFO that nobody reads would hold the loop up.
            keyLog = posix.openat(Linux.AT_FDCWD, path.addressOffset(), Linux.O_WRONLY
                    | Linux.O_CREAT | Linux.O_APPEND | Linux.O_CLOEXEC | Linux.O_NOCTTY
                    | Linux.O_NONBLOCK, FILE_MODE);
            Reference.reachabilityFence(path);
            return keyLog < 0 ? diagnosis.of(keyLog, config.keyLog, keyLog) : 0;
        }
        return 0;
    }

    void close() {
        if (keyLog >= 0) {
            posix.close(keyLog);
            keyLog = -1;
        }
    }

    /** The callbacks that follow are that connection's; null for a hello without one. */
    void enter(SslConnection connection) {
        active = connection;
        Thread now = Thread.currentThread();
        if (now != entered) {
            entered = now;
            calls = Upcalls.active();
        }
        calls.target = this;
    }

    @Override
    public int onAlpn(long name, long length, long offered, int offeredBytes) {
        int rc = Ssl.SSL_select_next_proto(name, length, alpn.addressOffset(), alpn.capacity(),
                offered, offeredBytes);
        return rc == NEGOTIATED ? Upcalls.OK : Upcalls.ALERT_FATAL;
    }

    @Override
    public int onServerName(long ssl, long alert) {
        long name = Ssl.SSL_get_servername(ssl, 0);
        int host = name == 0 ? -1 : find(name);
        if (host >= 0) {
            // A hello that began before a reload and ends after it would mix two policies.
            return active.policy() == context.policy()
                    && Ssl.SSL_set_SSL_CTX(ssl, context.hostContext(host)) != 0
                    ? Upcalls.OK : Upcalls.ALERT_FATAL;
        }
        if (!context.config().refusesUnknownHosts) {
            return Upcalls.NO_ACK;
        }
        Memory.putInt(alert, ALERT_UNRECOGNIZED_NAME);
        return Upcalls.ALERT_FATAL;
    }

    /** The first host of that name, else the first pattern that the name matches; or -1. */
    private int find(long name) {
        int length = Memory.length(name);
        if (length > 0 && Memory.getByte(name + length - 1) == '.') {
            length--; // RFC 6066 forbids the last dot, but there are clients that send it
        }
        int rest = 0;
        while (rest < length && Memory.getByte(name + rest) != '.') {
            rest++;
        }
        int fallback = -1;
        String[] hosts = context.hostNames();
        for (int i = 0; i < hosts.length; i++) {
            String host = hosts[i];
            if (host.startsWith("*.")) {
                fallback = fallback < 0 && rest > 0 && isEqual(host, 1, name + rest, length - rest)
                        ? i : fallback;
            } else if (isEqual(host, 0, name, length)) {
                return i;
            }
        }
        return fallback;
    }

    private static boolean isEqual(String host, int from, long name, int length) {
        if (host.length() - from != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (lower(host.charAt(from + i)) != lower((char) Memory.getByte(name + i))) {
                return false;
            }
        }
        return true;
    }

    private static char lower(char c) {
        return c >= 'A' && c <= 'Z' ? (char) (c | 0x20) : c;
    }

    @Override
    public int onStaple(long ssl) {
        Staple staple = context.staple();
        return staple != null && staple.isFresh() && staple.give(ssl)
                ? Upcalls.OK : Upcalls.NO_ACK;
    }

    @Override
    public void onKeyLog(long line) {
        // A line and its end in one write would be better, but there is no room behind the line.
        posix.write(keyLog, line, Memory.length(line));
        posix.write(keyLog, NEW_LINE.addressOffset(), 1);
    }

    @Override
    public int onTicketKey(long name, long iv, long cipher, long mac, boolean isNew) {
        return context.config().ticketKeys.apply(name, iv, cipher, mac, isNew, ticketParameters);
    }

    /**
     * Seals the proof of the full handshake into a ticket. A renewed ticket has the proof already.
     * The client is told how long the ticket is good for; with TLS 1.2 that counts from the first
     * ticket on.
     */
    @Override
    public void onTicketMade(long ssl) {
        long session = Ssl.SSL_get_session(ssl);
        long nowMs = context.nowMs();
        Policy policy = active.policy();
        boolean isRenewed = findProof(session);
        if (!isRenewed) {
            Proof.write(made.buffer, nowMs,
                    policy.expiresMs(ssl, context.records().scratchAddress));
            Ssl.SSL_SESSION_set1_ticket_appdata(
                    session, made.buffer.addressOffset(), Proof.TIMES_BYTES);
        }
        if (!isRenewed || Ssl.SSL_version(ssl) == TlsConfig.TLS_1_3) {
            Ssl.SSL_SESSION_set_timeout(
                    session, policy.lifetimeS(isRenewed ? found : made.buffer, nowMs));
        }
    }

    @Override
    public int onTicketOpened(long session, int status) {
        if (status != TICKET_IS_GOOD && status != TICKET_IS_OLD) {
            return Upcalls.TICKET_IGNORE_RENEW;
        }
        if (!stands(session)) {
            context.add(TlsMetrics.SESSIONS_REFUSED_OFFSET, 1);
            active.outcome.sessionRefused();
            return Upcalls.TICKET_IGNORE_RENEW;
        }
        return status == TICKET_IS_GOOD ? Upcalls.TICKET_USE : Upcalls.TICKET_USE_RENEW;
    }

    /** Whether the proof of a ticket is of the connection's policy, and still counts. */
    private boolean stands(long session) {
        Policy policy = active.policy();
        long id = Ssl.SSL_SESSION_get0_id_context(session, outAddress);
        return policy.isAt(id, out.getInt(0)) && findProof(session)
                && policy.stands(found, context.nowMs());
    }

    private boolean findProof(long session) {
        Ssl.SSL_SESSION_get0_ticket_appdata(session, outAddress, outAddress + Long.BYTES);
        int length = (int) out.getLong(Long.BYTES);
        found.wrap(out.getLong(0), length);
        return Proof.isOne(found, length, Proof.TIMES_BYTES);
    }

    @Override
    public void onInfo(int where, int value) {
        if (active == null) {
            return; // a hello without a connection
        }
        if (where == SSL_CB_WRITE_ALERT) {
            active.outcome.alertSent(value & ALERT_MASK);
        } else if (where == SSL_CB_READ_ALERT) {
            active.outcome.alertReceived(value & ALERT_MASK);
        }
    }

    @Override
    public int onCookieMake(long cookie, long length) {
        return context.cookies().make(cookie, length);
    }

    @Override
    public int onCookieCheck(long cookie, int bytes) {
        return context.cookies().check(cookie, bytes);
    }

    @Override
    public int onRetransmit(int waitedUs) {
        return waitedUs == 0 ? Math.clamp(context.config().retransmitTimeoutNs / 1_000,
                LEAST_RETRANSMIT_US, MAX_RETRANSMIT_US) : Math.min(2 * waitedUs, MAX_RETRANSMIT_US);
    }

    @Override
    public void onThrown(Throwable thrown) {
        context.add(TlsMetrics.UPCALL_ERRORS_OFFSET, 1);
    }
}
