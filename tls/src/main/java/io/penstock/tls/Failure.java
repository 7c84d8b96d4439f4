package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.tls.openssl.Crypto;
import io.penstock.tls.openssl.Memory;
import io.penstock.tls.openssl.Ssl;

/** Translates the library's errors to codes. */
final class Failure {
    private static final int LIBRARY_SHIFT = 23;
    private static final int LIBRARY_MASK = 0xff;
    private static final int REASON_MASK = 0x7fffff;
    private static final int SSL_LIBRARY = 20;
    private static final int CERTIFICATE_VERIFY_FAILED = 134;
    private static final int FIRST_ALERT = 1000; // from here on reasons are received alerts
    private static final int TEXT_BYTES = 256;

    // Reason of libssl, code. See <openssl/sslerr.h>.
    private static final int[] REASONS = {
        101, ReturnCode.TLS_NO_SHARED_SUITE, // NO_SUITABLE_KEY_SHARE
        118, ReturnCode.TLS_NO_SHARED_SUITE, // NO_SUITABLE_SIGNATURE_ALGORITHM
        146, ReturnCode.TLS_RECORD_TOO_LONG, // DATA_LENGTH_TOO_LONG
        147, ReturnCode.TLS_BAD_RECORD, // DECRYPTION_FAILED
        150, ReturnCode.TLS_RECORD_TOO_LONG, // ENCRYPTED_LENGTH_TOO_LONG
        152, ReturnCode.TLS_RECORD_TOO_LONG, // EXCESSIVE_MESSAGE_SIZE
        155, ReturnCode.TLS_NOT_TLS, // HTTPS_PROXY_REQUEST
        156, ReturnCode.TLS_NOT_TLS, // HTTP_REQUEST
        166, ReturnCode.TLS_NO_SHARED_PROTOCOL, // VERSION_TOO_HIGH
        181, ReturnCode.TLS_NO_SHARED_SUITE, // NO_CIPHERS_AVAILABLE
        191, ReturnCode.TLS_NO_SHARED_PROTOCOL, // NO_PROTOCOLS_AVAILABLE
        193, ReturnCode.TLS_NO_SHARED_SUITE, // NO_SHARED_CIPHER
        198, ReturnCode.TLS_RECORD_TOO_LONG, // PACKET_LENGTH_TOO_LONG
        199, ReturnCode.TLS_CERTIFICATE_MISSING, // PEER_DID_NOT_RETURN_A_CERTIFICATE
        235, ReturnCode.TLS_NO_SHARED_ALPN, // NO_APPLICATION_PROTOCOL
        252, ReturnCode.TLS_NOT_TLS, // UNKNOWN_PROTOCOL
        258, ReturnCode.TLS_NO_SHARED_PROTOCOL, // UNSUPPORTED_PROTOCOL
        266, ReturnCode.TLS_NO_SHARED_PROTOCOL, // WRONG_SSL_VERSION
        267, ReturnCode.TLS_NOT_TLS, // WRONG_VERSION_NUMBER
        281, ReturnCode.TLS_BAD_RECORD, // DECRYPTION_FAILED_OR_BAD_RECORD_MAC
        295, ReturnCode.TLS_NO_SHARED_SUITE, // NO_SUITABLE_GROUPS
        297, ReturnCode.TLS_NO_SHARED_SUITE, // NO_SUITABLE_DIGEST_ALGORITHM
        312, ReturnCode.TLS_HANDSHAKE_TIMED_OUT, // READ_TIMEOUT_EXPIRED, of datagrams
        338, ReturnCode.TLS_RENEGOTIATION, // UNSAFE_LEGACY_RENEGOTIATION_DISABLED
        339, ReturnCode.TLS_RENEGOTIATION, // NO_RENEGOTIATION
        376, ReturnCode.TLS_NO_SHARED_SUITE, // NO_SHARED_SIGNATURE_ALGORITHMS
        396, ReturnCode.TLS_NO_SHARED_PROTOCOL, // VERSION_TOO_LOW
        410, ReturnCode.TLS_NO_SHARED_SUITE, // NO_SHARED_GROUPS
    };

    // Result of verification, code. See <openssl/x509_vfy.h>.
    private static final int[] VERDICTS = {
        2, ReturnCode.TLS_CERTIFICATE_UNTRUSTED, // UNABLE_TO_GET_ISSUER_CERT
        9, ReturnCode.TLS_CERTIFICATE_NOT_YET_VALID,
        10, ReturnCode.TLS_CERTIFICATE_EXPIRED,
        18, ReturnCode.TLS_CERTIFICATE_UNTRUSTED, // DEPTH_ZERO_SELF_SIGNED_CERT
        19, ReturnCode.TLS_CERTIFICATE_UNTRUSTED, // SELF_SIGNED_CERT_IN_CHAIN
        20, ReturnCode.TLS_CERTIFICATE_UNTRUSTED, // UNABLE_TO_GET_ISSUER_CERT_LOCALLY
        21, ReturnCode.TLS_CERTIFICATE_UNTRUSTED, // UNABLE_TO_VERIFY_LEAF_SIGNATURE
        23, ReturnCode.TLS_CERTIFICATE_REVOKED,
        27, ReturnCode.TLS_CERTIFICATE_UNTRUSTED, // CERT_UNTRUSTED
        62, ReturnCode.TLS_WRONG_HOST, // HOSTNAME_MISMATCH
        64, ReturnCode.TLS_WRONG_HOST, // IP_ADDRESS_MISMATCH
    };

    private Failure() {
    }

    /** The error in the queue, one of libssl itself if there is one: 0 for an empty queue. */
    static long error() {
        long first = Crypto.ERR_peek_error();
        long last = Crypto.ERR_peek_last_error();
        return isOfSsl(first) || !isOfSsl(last) ? first : last;
    }

    /** The code of an error; the fault of a certificate is asked of the connection. */
    static int code(long error, long ssl) {
        int reason = (int) error & REASON_MASK;
        if (!isOfSsl(error)) {
            return ReturnCode.TLS_FAILED;
        }
        if (reason == CERTIFICATE_VERIFY_FAILED) {
            return verdict((int) Ssl.SSL_get_verify_result(ssl));
        }
        return reason >= FIRST_ALERT ? ReturnCode.TLS_ALERT
                : find(REASONS, reason, ReturnCode.TLS_PROTOCOL);
    }

    static int verdict(int verifyResult) {
        return find(VERDICTS, verifyResult, ReturnCode.TLS_CERTIFICATE_REJECTED);
    }

    /** The library's message. */
    static String text(long error) {
        if (error == 0) {
            return "";
        }
        NativeBuffer text = NativeBuffer.allocate(TEXT_BYTES);
        Crypto.ERR_error_string_n(error, text.addressOffset(), TEXT_BYTES);
        return Memory.string(text.addressOffset());
    }

    static boolean isOfSsl(long error) {
        return (error >>> LIBRARY_SHIFT & LIBRARY_MASK) == SSL_LIBRARY;
    }

    private static int find(int[] table, int key, int otherwise) {
        for (int i = 0; i < table.length; i += 2) {
            if (table[i] == key) {
                return table[i + 1];
            }
        }
        return otherwise;
    }
}
