package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.tls.openssl.Crypto;
import io.penstock.tls.openssl.Live;
import io.penstock.tls.openssl.Memory;
import io.penstock.tls.openssl.Ssl;
import java.lang.ref.Reference;

/**
 * An OCSP response, stapled to a handshake: the issuer of a certificate says whether it is revoked.
 * A server staples its response while that is fresh; a client checks the one that came.
 */
final class Staple {
    private static final int CTRL_GET_RESPONSE = 70;
    private static final int CTRL_SET_RESPONSE = 71;
    private static final int STATUS_GOOD = 0;
    private static final int STATUS_REVOKED = 1;
    private static final long SKEW_S = 300; // how far two clocks may differ

    private final NativeBuffer response;
    private final int lengthBytes;
    private long basic;
    private final long thisUpdate;
    private final long nextUpdate;

    private Staple(NativeBuffer response, int lengthBytes, long basic, long times) {
        this.response = response;
        this.lengthBytes = lengthBytes;
        this.basic = basic;
        thisUpdate = Memory.getLong(times);
        nextUpdate = Memory.getLong(times + Long.BYTES);
    }

    /** A server's staple, which keeps these bytes; null if they are no response. */
    static Staple of(NativeBuffer response, int length, Records records) {
        long basic = basic(response.addressOffset(), length, records.scratch);
        long single = basic == 0 || Crypto.OCSP_resp_count(basic) < 1
                ? 0 : Crypto.OCSP_resp_get0(basic, 0);
        Reference.reachabilityFence(response);
        if (single == 0) {
            Crypto.OCSP_BASICRESP_free(basic);
            return null;
        }
        long times = records.scratchAddress;
        Crypto.OCSP_single_get0_status(single, 0, 0, times, times + Long.BYTES);
        return new Staple(response, length, basic, times);
    }

    boolean isFresh() {
        boolean isFresh = Crypto.OCSP_check_validity(thisUpdate, nextUpdate, SKEW_S, -1) == 1;
        if (!isFresh) {
            Crypto.ERR_clear_error();
        }
        return isFresh;
    }

    /** Staples it: the library gets a copy, and frees that. */
    boolean give(long ssl) {
        int length = lengthBytes;
        long copy = Crypto.CRYPTO_malloc(length);
        if (copy == 0) {
            return false;
        }
        Memory.copy(response.addressOffset(), copy, length);
        if (Ssl.SSL_ctrl(ssl, CTRL_SET_RESPONSE, length, copy) == 1) {
            Live.handedOver(copy);
            return true;
        }
        Crypto.CRYPTO_free(copy);
        return false;
    }

    void close() {
        Crypto.OCSP_BASICRESP_free(basic);
        basic = 0;
    }

    /** Checks at a client whether the staple says that the certificate is good: 0 or a code. */
    static int check(long ssl, long context, boolean isRequired, Records records) {
        NativeBuffer scratch = records.scratch;
        int length = (int) Ssl.SSL_ctrl(ssl, CTRL_GET_RESPONSE, 0, records.scratchAddress);
        if (length <= 0) {
            return isRequired ? ReturnCode.TLS_STAPLE_MISSING : 0;
        }
        long basic = basic(scratch.getLong(0), length, scratch);
        int rc = ReturnCode.TLS_STAPLE_BAD;
        if (basic != 0) {
            long store = Ssl.SSL_CTX_get_cert_store(context);
            if (Crypto.OCSP_basic_verify(basic, Ssl.SSL_get_peer_cert_chain(ssl), store, 0) == 1) {
                rc = verdict(ssl, basic, records);
            }
            Crypto.OCSP_BASICRESP_free(basic);
        }
        Crypto.ERR_clear_error();
        return rc;
    }

    /** The basic response inside, if the status is success; 0 if not. */
    private static long basic(long der, int length, NativeBuffer scratch) {
        scratch.putLong(0, der);
        long response = Crypto.d2i_OCSP_RESPONSE(0, scratch.addressOffset(), length);
        if (response == 0) {
            return 0;
        }
        long basic = Crypto.OCSP_response_status(response) == 0
                ? Crypto.OCSP_response_get1_basic(response) : 0;
        Crypto.OCSP_RESPONSE_free(response);
        return basic;
    }

    private static int verdict(long ssl, long basic, Records records) {
        long chain = Ssl.SSL_get0_verified_chain(ssl);
        if (Crypto.OPENSSL_sk_num(chain) < 2) {
            return ReturnCode.TLS_STAPLE_BAD;
        }
        long subject = Crypto.OPENSSL_sk_value(chain, 0);
        long issuer = Crypto.OPENSSL_sk_value(chain, 1);
        long single = find(basic, Crypto.OCSP_cert_to_id(Crypto.EVP_sha1(), subject, issuer));
        if (single == 0) {
            single = find(basic, Crypto.OCSP_cert_to_id(Crypto.EVP_sha256(), subject, issuer));
        }
        if (single == 0) {
            return ReturnCode.TLS_STAPLE_BAD;
        }
        long times = records.scratchAddress;
        int status = Crypto.OCSP_single_get0_status(single, 0, 0, times, times + Long.BYTES);
        if (status == STATUS_REVOKED) {
            return ReturnCode.TLS_CERTIFICATE_REVOKED;
        }
        return status == STATUS_GOOD && Crypto.OCSP_check_validity(Memory.getLong(times),
                Memory.getLong(times + Long.BYTES), SKEW_S, -1) == 1
                ? 0 : ReturnCode.TLS_STAPLE_BAD;
    }

    /** The part of a response about one certificate; 0 for none. */
    private static long find(long basic, long id) {
        long found = 0;
        for (int i = 0; i < Crypto.OCSP_resp_count(basic) && found == 0; i++) {
            long single = Crypto.OCSP_resp_get0(basic, i);
            if (Crypto.OCSP_id_cmp(Crypto.OCSP_SINGLERESP_get0_id(single), id) == 0) {
                found = single;
            }
        }
        Crypto.OCSP_CERTID_free(id);
        return found;
    }
}
