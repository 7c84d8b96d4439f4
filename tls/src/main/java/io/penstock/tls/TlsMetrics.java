package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.core.metrics.MetricsType;

/**
 * The counters of a {@link TlsContext}: all of its connections count in them, and each of them has
 * counters of its own besides, as a stream or a socket has. An offset is from the first counter.
 *
 * <pre>
 *     0 +--------------------+
 *       | begun              |  handshakes begun
 *     8 +--------------------+
 *       | done               |  of those, done
 *    16 +--------------------+
 *       | resumed            |  of those, with a ticket
 *    24 +--------------------+
 *       | failed             |  of those begun, failed: when none goes on, the sum of the next six
 *    32 +--------------------+
 *       | failed_certificate |  failed for a certificate, or its staple
 *    40 +--------------------+
 *       | failed_negotiation |  failed: the sides have no protocol, suite or ALPN in common
 *    48 +--------------------+
 *       | failed_protocol    |  failed: no TLS, or a handshake that is broken or cut off
 *    56 +--------------------+
 *       | failed_alert       |  failed: the peer sent an alert
 *    64 +--------------------+
 *       | failed_timeout     |  failed: not done in time
 *    72 +--------------------+
 *       | failed_other       |  failed: the stream below, the library, or closed meanwhile
 *    80 +--------------------+
 *       | records_in         |  records of data read
 *    88 +--------------------+
 *       | plain_in_bytes     |  bytes read, decrypted
 *    96 +--------------------+
 *       | cipher_in_bytes    |  bytes read from the stream below, or from the socket
 *   104 +--------------------+
 *       | records_out        |  records of data written
 *   112 +--------------------+
 *       | plain_out_bytes    |  bytes written, not yet encrypted
 *   120 +--------------------+
 *       | cipher_out_bytes   |  bytes for the stream below, or for the socket
 *   128 +--------------------+
 *       | waits              |  times that a record had to wait for room below
 *   136 +--------------------+
 *       | exhausted          |  slabs taken from another stream; hellos with no connection left
 *   144 +--------------------+
 *       | truncated          |  connections that ended without close_notify
 *   152 +--------------------+
 *       | renegotiations     |  times that a peer asked for renegotiation, in vain
 *   160 +--------------------+
 *       | reloads            |  reloads that succeeded
 *   168 +--------------------+
 *       | upcall_errors      |  exceptions in callbacks of the library: bugs
 *   176 +--------------------+
 *       | live               |  streams and connections over datagrams that are open
 *   184 +--------------------+
 *       | hellos             |  datagrams of peers with no connection, and hellos that begin anew
 *   192 +--------------------+
 *       | cookies            |  of those, answered with a cookie
 *   200 +--------------------+
 *       | ignored            |  datagrams that the library ignored: garbage, replays
 *   208 +--------------------+
 *       | retransmissions    |  flights sent again, because no answer came
 *   216 +--------------------+
 *       | lost               |  datagrams that the socket did not take
 *   224 +--------------------+
 *       | sessions_refused   |  sessions not used: of another policy or peer, or too old
 *   232 +--------------------+
 * </pre>
 *
 * <p><b>Threading</b>: one writer a block, readers of any thread or process. <b>Allocation</b>:
 * none.
 */
public final class TlsMetrics {
    /** Where {@code begun} is: handshakes begun. */
    public static final int BEGUN_OFFSET = 0;
    /** Where {@code done} is: handshakes done. */
    public static final int DONE_OFFSET = 8;
    /** Where {@code resumed} is: handshakes done with a ticket. */
    public static final int RESUMED_OFFSET = 16;
    /** Where {@code failed} is: handshakes failed. */
    public static final int FAILED_OFFSET = 24;
    /** Where {@code failed_certificate} is: failed for a certificate, or its staple. */
    public static final int FAILED_CERTIFICATE_OFFSET = 32;
    /** Where {@code failed_negotiation} is: failed because the sides have nothing in common. */
    public static final int FAILED_NEGOTIATION_OFFSET = 40;
    /** Where {@code failed_protocol} is: failed because it was no TLS, broken, or cut off. */
    public static final int FAILED_PROTOCOL_OFFSET = 48;
    /** Where {@code failed_alert} is: failed because the peer sent an alert. */
    public static final int FAILED_ALERT_OFFSET = 56;
    /** Where {@code failed_timeout} is: failed because they were not done in time. */
    public static final int FAILED_TIMEOUT_OFFSET = 64;
    /** Where {@code failed_other} is: failed for another reason. */
    public static final int FAILED_OTHER_OFFSET = 72;
    /** Where {@code records_in} is: records of data read. */
    public static final int RECORDS_IN_OFFSET = 80;
    /** Where {@code plain_in_bytes} is: bytes read, decrypted. */
    public static final int PLAIN_IN_BYTES_OFFSET = 88;
    /** Where {@code cipher_in_bytes} is: bytes read from the stream below, or the socket. */
    public static final int CIPHER_IN_BYTES_OFFSET = 96;
    /** Where {@code records_out} is: records of data written. */
    public static final int RECORDS_OUT_OFFSET = 104;
    /** Where {@code plain_out_bytes} is: bytes written, before encryption. */
    public static final int PLAIN_OUT_BYTES_OFFSET = 112;
    /** Where {@code cipher_out_bytes} is: bytes for the stream below, or the socket. */
    public static final int CIPHER_OUT_BYTES_OFFSET = 120;
    /** Where {@code waits} is: times that a record had to wait for room below. */
    public static final int WAITS_OFFSET = 128;
    /** Where {@code exhausted} is: slabs taken from another stream; hellos with no place left. */
    public static final int EXHAUSTED_OFFSET = 136;
    /** Where {@code truncated} is: connections that ended without close_notify. */
    public static final int TRUNCATED_OFFSET = 144;
    /** Where {@code renegotiations} is: times that a peer asked for renegotiation. */
    public static final int RENEGOTIATIONS_OFFSET = 152;
    /** Where {@code reloads} is: reloads that succeeded. */
    public static final int RELOADS_OFFSET = 160;
    /** Where {@code upcall_errors} is: exceptions in callbacks of the library: bugs. */
    public static final int UPCALL_ERRORS_OFFSET = 168;
    /** Where {@code live} is: streams and connections over datagrams that are open. */
    public static final int LIVE_OFFSET = 176;
    /** Where {@code hellos} is: datagrams of peers with no connection, hellos that begin anew. */
    public static final int HELLOS_OFFSET = 184;
    /** Where {@code cookies} is: hellos that were answered with a cookie. */
    public static final int COOKIES_OFFSET = 192;
    /** Where {@code ignored} is: datagrams that the library ignored: garbage, replays. */
    public static final int IGNORED_OFFSET = 200;
    /** Where {@code retransmissions} is: flights sent again, because no answer came. */
    public static final int RETRANSMISSIONS_OFFSET = 208;
    /** Where {@code lost} is: datagrams that the socket did not take. */
    public static final int LOST_OFFSET = 216;
    /** Where {@code sessions_refused} is: sessions not used: of another policy, or too old. */
    public static final int SESSIONS_REFUSED_OFFSET = 224;

    /** The type. */
    public static final MetricsType TYPE = MetricsType.named("tls")
            .counter("begun", "{handshake}")
            .counter("done", "{handshake}")
            .counter("resumed", "{handshake}")
            .counter("failed", "{handshake}")
            .counter("failed_certificate", "{handshake}")
            .counter("failed_negotiation", "{handshake}")
            .counter("failed_protocol", "{handshake}")
            .counter("failed_alert", "{handshake}")
            .counter("failed_timeout", "{handshake}")
            .counter("failed_other", "{handshake}")
            .counter("records_in", "{record}")
            .counter("plain_in_bytes", "By")
            .counter("cipher_in_bytes", "By")
            .counter("records_out", "{record}")
            .counter("plain_out_bytes", "By")
            .counter("cipher_out_bytes", "By")
            .counter("waits", "{slab}")
            .counter("exhausted", "{call}")
            .counter("truncated", "{stream}")
            .counter("renegotiations", "{call}")
            .counter("reloads", "{call}")
            .counter("upcall_errors", "{error}")
            .gauge("live", "{stream}")
            .counter("hellos", "{datagram}")
            .counter("cookies", "{datagram}")
            .counter("ignored", "{datagram}")
            .counter("retransmissions", "{flight}")
            .counter("lost", "{datagram}")
            .counter("sessions_refused", "{session}")
            .build();

    private TlsMetrics() {
    }

    /** The counter of the kind of failure that a code is, beside {@code failed}. */
    static int failure(int code) {
        return switch (code) {
            case ReturnCode.TLS_CERTIFICATE_MISSING, ReturnCode.TLS_CERTIFICATE_EXPIRED,
                    ReturnCode.TLS_CERTIFICATE_NOT_YET_VALID,
                    ReturnCode.TLS_CERTIFICATE_UNTRUSTED, ReturnCode.TLS_CERTIFICATE_REVOKED,
                    ReturnCode.TLS_CERTIFICATE_REJECTED, ReturnCode.TLS_WRONG_HOST,
                    ReturnCode.TLS_STAPLE_MISSING, ReturnCode.TLS_STAPLE_BAD ->
                    FAILED_CERTIFICATE_OFFSET;
            case ReturnCode.TLS_NO_SHARED_PROTOCOL, ReturnCode.TLS_NO_SHARED_SUITE,
                    ReturnCode.TLS_NO_SHARED_ALPN -> FAILED_NEGOTIATION_OFFSET;
            case ReturnCode.TLS_NOT_TLS, ReturnCode.TLS_BAD_RECORD,
                    ReturnCode.TLS_RECORD_TOO_LONG, ReturnCode.TLS_PROTOCOL,
                    ReturnCode.TLS_RENEGOTIATION, ReturnCode.TLS_HANDSHAKE_CUT ->
                    FAILED_PROTOCOL_OFFSET;
            case ReturnCode.TLS_ALERT -> FAILED_ALERT_OFFSET;
            case ReturnCode.TLS_HANDSHAKE_TIMED_OUT -> FAILED_TIMEOUT_OFFSET;
            default -> FAILED_OTHER_OFFSET;
        };
    }
}
