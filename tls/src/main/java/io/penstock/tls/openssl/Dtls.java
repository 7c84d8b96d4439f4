package io.penstock.tls.openssl;

import static io.penstock.tls.openssl.Library.call;
import static io.penstock.tls.openssl.Live.gone;
import static io.penstock.tls.openssl.Live.made;

import java.lang.foreign.MemorySegment;

/**
 * libssl's functions for datagrams: C's names, C's order of arguments, pointers and lengths as
 * {@code long}.
 *
 * <p><b>See</b>: section 3ssl of the manual, under each function's name.
 */
public final class Dtls {
    private static final MemorySegment DTLS_CLIENT_METHOD =
            Library.inSsl("DTLS_client_method");
    private static final MemorySegment DTLS_SERVER_METHOD =
            Library.inSsl("DTLS_server_method");
    private static final MemorySegment DTLSV1_LISTEN =
            Library.inSsl("DTLSv1_listen");
    private static final MemorySegment DTLS_GET_DATA_MTU =
            Library.inSsl("DTLS_get_data_mtu");
    private static final MemorySegment DTLS_SET_TIMER_CB =
            Library.inSsl("DTLS_set_timer_cb");
    private static final MemorySegment SSL_CTX_SET_COOKIE_GENERATE_CB =
            Library.inSsl("SSL_CTX_set_cookie_generate_cb");
    private static final MemorySegment SSL_CTX_SET_COOKIE_VERIFY_CB =
            Library.inSsl("SSL_CTX_set_cookie_verify_cb");
    private static final MemorySegment BIO_ADDR_NEW =
            Library.inCrypto("BIO_ADDR_new");
    private static final MemorySegment BIO_ADDR_FREE =
            Library.inCrypto("BIO_ADDR_free");

    private Dtls() {
    }

    /** Looks every function up. */
    static void touch() {
    }

    public static long DTLS_client_method() {
        return call(DTLS_CLIENT_METHOD, 0);
    }

    public static long DTLS_server_method() {
        return call(DTLS_SERVER_METHOD, 0);
    }

    public static int DTLSv1_listen(long ssl, long peer) {
        return (int) call(DTLSV1_LISTEN, ssl, peer);
    }

    public static long DTLS_get_data_mtu(long ssl) {
        return call(DTLS_GET_DATA_MTU, ssl);
    }

    public static void DTLS_set_timer_cb(long ssl, long function) {
        call(DTLS_SET_TIMER_CB, ssl, function);
    }

    public static void SSL_CTX_set_cookie_generate_cb(long context, long function) {
        call(SSL_CTX_SET_COOKIE_GENERATE_CB, context, function);
    }

    public static void SSL_CTX_set_cookie_verify_cb(long context, long function) {
        call(SSL_CTX_SET_COOKIE_VERIFY_CB, context, function);
    }

    public static long BIO_ADDR_new() {
        return made(call(BIO_ADDR_NEW, 0));
    }

    public static void BIO_ADDR_free(long address) {
        call(BIO_ADDR_FREE, gone(address));
    }
}
