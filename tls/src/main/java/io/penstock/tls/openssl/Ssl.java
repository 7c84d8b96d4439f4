package io.penstock.tls.openssl;

import static io.penstock.tls.openssl.Library.call;
import static io.penstock.tls.openssl.Live.gone;
import static io.penstock.tls.openssl.Live.made;

import java.lang.foreign.MemorySegment;

/**
 * libssl's functions: C's names, C's order of arguments, pointers and lengths as {@code long}.
 * A function that makes an object counts it in {@link Live}, and one that frees an object
 * discounts it.
 *
 * <p><b>See</b>: section 3ssl of the manual, under each function's name.
 */
public final class Ssl {
    private static final MemorySegment OPENSSL_INIT_SSL =
            Library.inSsl("OPENSSL_init_ssl");
    private static final MemorySegment TLS_CLIENT_METHOD =
            Library.inSsl("TLS_client_method");
    private static final MemorySegment TLS_SERVER_METHOD =
            Library.inSsl("TLS_server_method");
    private static final MemorySegment SSL_CTX_NEW_EX =
            Library.inSsl("SSL_CTX_new_ex");
    private static final MemorySegment SSL_CTX_FREE =
            Library.inSsl("SSL_CTX_free");
    private static final MemorySegment SSL_CTX_CTRL =
            Library.inSsl("SSL_CTX_ctrl");
    private static final MemorySegment SSL_CTX_CALLBACK_CTRL =
            Library.inSsl("SSL_CTX_callback_ctrl");
    private static final MemorySegment SSL_CTX_SET_OPTIONS =
            Library.inSsl("SSL_CTX_set_options");
    private static final MemorySegment SSL_CTX_SET_CIPHER_LIST =
            Library.inSsl("SSL_CTX_set_cipher_list");
    private static final MemorySegment SSL_CTX_SET_CIPHERSUITES =
            Library.inSsl("SSL_CTX_set_ciphersuites");
    private static final MemorySegment SSL_CTX_USE_CERTIFICATE =
            Library.inSsl("SSL_CTX_use_certificate");
    private static final MemorySegment SSL_CTX_USE_PRIVATEKEY =
            Library.inSsl("SSL_CTX_use_PrivateKey");
    private static final MemorySegment SSL_CTX_CHECK_PRIVATE_KEY =
            Library.inSsl("SSL_CTX_check_private_key");
    private static final MemorySegment SSL_CTX_SET_DEFAULT_VERIFY_PATHS =
            Library.inSsl("SSL_CTX_set_default_verify_paths");
    private static final MemorySegment SSL_CTX_GET_CERT_STORE =
            Library.inSsl("SSL_CTX_get_cert_store");
    private static final MemorySegment SSL_CTX_SET1_CERT_STORE =
            Library.inSsl("SSL_CTX_set1_cert_store");
    private static final MemorySegment SSL_CTX_GET_CLIENT_CA_LIST =
            Library.inSsl("SSL_CTX_get_client_CA_list");
    private static final MemorySegment SSL_CTX_SET_CLIENT_CA_LIST =
            Library.inSsl("SSL_CTX_set_client_CA_list");
    private static final MemorySegment SSL_DUP_CA_LIST =
            Library.inSsl("SSL_dup_CA_list");
    private static final MemorySegment SSL_CTX_SET_VERIFY =
            Library.inSsl("SSL_CTX_set_verify");
    private static final MemorySegment SSL_CTX_ADD_CLIENT_CA =
            Library.inSsl("SSL_CTX_add_client_CA");
    private static final MemorySegment SSL_CTX_SET_ALPN_PROTOS =
            Library.inSsl("SSL_CTX_set_alpn_protos");
    private static final MemorySegment SSL_CTX_SET_ALPN_SELECT_CB =
            Library.inSsl("SSL_CTX_set_alpn_select_cb");
    private static final MemorySegment SSL_CTX_SET_SESSION_ID_CONTEXT =
            Library.inSsl("SSL_CTX_set_session_id_context");
    private static final MemorySegment SSL_CTX_SET_TIMEOUT =
            Library.inSsl("SSL_CTX_set_timeout");
    private static final MemorySegment SSL_CTX_SET_SESSION_TICKET_CB =
            Library.inSsl("SSL_CTX_set_session_ticket_cb");
    private static final MemorySegment SSL_CTX_GET0_CERTIFICATE =
            Library.inSsl("SSL_CTX_get0_certificate");
    private static final MemorySegment SSL_CTX_SET_NUM_TICKETS =
            Library.inSsl("SSL_CTX_set_num_tickets");
    private static final MemorySegment SSL_CTX_SET_KEYLOG_CALLBACK =
            Library.inSsl("SSL_CTX_set_keylog_callback");
    private static final MemorySegment SSL_CTX_SET_INFO_CALLBACK =
            Library.inSsl("SSL_CTX_set_info_callback");
    private static final MemorySegment SSL_CTX_SET_TLSEXT_TICKET_KEY_EVP_CB =
            Library.inSsl("SSL_CTX_set_tlsext_ticket_key_evp_cb");
    private static final MemorySegment SSL_NEW =
            Library.inSsl("SSL_new");
    private static final MemorySegment SSL_FREE =
            Library.inSsl("SSL_free");
    private static final MemorySegment SSL_SET0_RBIO =
            Library.inSsl("SSL_set0_rbio");
    private static final MemorySegment SSL_SET0_WBIO =
            Library.inSsl("SSL_set0_wbio");
    private static final MemorySegment SSL_GET_RBIO =
            Library.inSsl("SSL_get_rbio");
    private static final MemorySegment SSL_GET_WBIO =
            Library.inSsl("SSL_get_wbio");
    private static final MemorySegment SSL_SET_CONNECT_STATE =
            Library.inSsl("SSL_set_connect_state");
    private static final MemorySegment SSL_SET_ACCEPT_STATE =
            Library.inSsl("SSL_set_accept_state");
    private static final MemorySegment SSL_CTRL =
            Library.inSsl("SSL_ctrl");
    private static final MemorySegment SSL_SET1_HOST =
            Library.inSsl("SSL_set1_host");
    private static final MemorySegment SSL_SET_HOSTFLAGS =
            Library.inSsl("SSL_set_hostflags");
    private static final MemorySegment SSL_GET0_PARAM =
            Library.inSsl("SSL_get0_param");
    private static final MemorySegment SSL_SET_SSL_CTX =
            Library.inSsl("SSL_set_SSL_CTX");
    private static final MemorySegment SSL_DO_HANDSHAKE =
            Library.inSsl("SSL_do_handshake");
    private static final MemorySegment SSL_READ =
            Library.inSsl("SSL_read");
    private static final MemorySegment SSL_WRITE =
            Library.inSsl("SSL_write");
    private static final MemorySegment SSL_SHUTDOWN =
            Library.inSsl("SSL_shutdown");
    private static final MemorySegment SSL_KEY_UPDATE =
            Library.inSsl("SSL_key_update");
    private static final MemorySegment SSL_GET_ERROR =
            Library.inSsl("SSL_get_error");
    private static final MemorySegment SSL_SESSION_REUSED =
            Library.inSsl("SSL_session_reused");
    private static final MemorySegment SSL_VERSION =
            Library.inSsl("SSL_version");
    private static final MemorySegment SSL_GET_CURRENT_CIPHER =
            Library.inSsl("SSL_get_current_cipher");
    private static final MemorySegment OPENSSL_CIPHER_NAME =
            Library.inSsl("OPENSSL_cipher_name");
    private static final MemorySegment SSL_CIPHER_STANDARD_NAME =
            Library.inSsl("SSL_CIPHER_standard_name");
    private static final MemorySegment SSL_GROUP_TO_NAME =
            Library.inSsl("SSL_group_to_name");
    private static final MemorySegment SSL_GET_VERIFY_RESULT =
            Library.inSsl("SSL_get_verify_result");
    private static final MemorySegment SSL_GET0_PEER_CERTIFICATE =
            Library.inSsl("SSL_get0_peer_certificate");
    private static final MemorySegment SSL_GET1_PEER_CERTIFICATE =
            Library.inSsl("SSL_get1_peer_certificate");
    private static final MemorySegment SSL_GET_PEER_CERT_CHAIN =
            Library.inSsl("SSL_get_peer_cert_chain");
    private static final MemorySegment SSL_GET0_VERIFIED_CHAIN =
            Library.inSsl("SSL_get0_verified_chain");
    private static final MemorySegment SSL_GET_SERVERNAME =
            Library.inSsl("SSL_get_servername");
    private static final MemorySegment SSL_GET0_ALPN_SELECTED =
            Library.inSsl("SSL_get0_alpn_selected");
    private static final MemorySegment SSL_SELECT_NEXT_PROTO =
            Library.inSsl("SSL_select_next_proto");
    private static final MemorySegment SSL_GET1_SESSION =
            Library.inSsl("SSL_get1_session");
    private static final MemorySegment SSL_GET_SESSION =
            Library.inSsl("SSL_get_session");
    private static final MemorySegment SSL_SESSION_SET_TIMEOUT =
            Library.inSsl("SSL_SESSION_set_timeout");
    private static final MemorySegment SSL_SESSION_GET0_ID_CONTEXT =
            Library.inSsl("SSL_SESSION_get0_id_context");
    private static final MemorySegment SSL_SESSION_GET0_TICKET_APPDATA =
            Library.inSsl("SSL_SESSION_get0_ticket_appdata");
    private static final MemorySegment SSL_SESSION_SET1_TICKET_APPDATA =
            Library.inSsl("SSL_SESSION_set1_ticket_appdata");
    private static final MemorySegment SSL_SET_SESSION =
            Library.inSsl("SSL_set_session");
    private static final MemorySegment SSL_SESSION_IS_RESUMABLE =
            Library.inSsl("SSL_SESSION_is_resumable");
    private static final MemorySegment SSL_SESSION_FREE =
            Library.inSsl("SSL_SESSION_free");
    private static final MemorySegment I2D_SSL_SESSION =
            Library.inSsl("i2d_SSL_SESSION");
    private static final MemorySegment D2I_SSL_SESSION =
            Library.inSsl("d2i_SSL_SESSION");

    private Ssl() {
    }

    /** Looks every function up. */
    static void touch() {
    }

    // The library.

    public static int OPENSSL_init_ssl(long options) {
        return (int) call(OPENSSL_INIT_SSL, options);
    }

    public static long TLS_client_method() {
        return call(TLS_CLIENT_METHOD, 0);
    }

    public static long TLS_server_method() {
        return call(TLS_SERVER_METHOD, 0);
    }

    // Contexts.

    public static long SSL_CTX_new_ex(long library, long properties, long method) {
        return made(call(SSL_CTX_NEW_EX, library, properties, method));
    }

    public static void SSL_CTX_free(long context) {
        call(SSL_CTX_FREE, gone(context));
    }

    public static long SSL_CTX_ctrl(long context, long command, long number, long pointer) {
        return call(SSL_CTX_CTRL, context, command, number, pointer);
    }

    public static long SSL_CTX_callback_ctrl(long context, long command, long function) {
        return call(SSL_CTX_CALLBACK_CTRL, context, command, function);
    }

    public static long SSL_CTX_set_options(long context, long options) {
        return call(SSL_CTX_SET_OPTIONS, context, options);
    }

    public static int SSL_CTX_set_cipher_list(long context, long names) {
        return (int) call(SSL_CTX_SET_CIPHER_LIST, context, names);
    }

    public static int SSL_CTX_set_ciphersuites(long context, long names) {
        return (int) call(SSL_CTX_SET_CIPHERSUITES, context, names);
    }

    public static int SSL_CTX_use_certificate(long context, long certificate) {
        return (int) call(SSL_CTX_USE_CERTIFICATE, context, certificate);
    }

    public static int SSL_CTX_use_PrivateKey(long context, long key) {
        return (int) call(SSL_CTX_USE_PRIVATEKEY, context, key);
    }

    public static int SSL_CTX_check_private_key(long context) {
        return (int) call(SSL_CTX_CHECK_PRIVATE_KEY, context);
    }

    public static int SSL_CTX_set_default_verify_paths(long context) {
        return (int) call(SSL_CTX_SET_DEFAULT_VERIFY_PATHS, context);
    }

    public static long SSL_CTX_get_cert_store(long context) {
        return call(SSL_CTX_GET_CERT_STORE, context);
    }

    public static void SSL_CTX_set1_cert_store(long context, long store) {
        call(SSL_CTX_SET1_CERT_STORE, context, store);
    }

    public static long SSL_CTX_get_client_CA_list(long context) {
        return call(SSL_CTX_GET_CLIENT_CA_LIST, context);
    }

    public static void SSL_CTX_set_client_CA_list(long context, long names) {
        call(SSL_CTX_SET_CLIENT_CA_LIST, context, names);
    }

    public static long SSL_dup_CA_list(long names) {
        return call(SSL_DUP_CA_LIST, names);
    }

    public static void SSL_CTX_set_verify(long context, long mode, long callback) {
        call(SSL_CTX_SET_VERIFY, context, mode, callback);
    }

    public static int SSL_CTX_add_client_CA(long context, long certificate) {
        return (int) call(SSL_CTX_ADD_CLIENT_CA, context, certificate);
    }

    public static int SSL_CTX_set_alpn_protos(long context, long names, long bytes) {
        return (int) call(SSL_CTX_SET_ALPN_PROTOS, context, names, bytes);
    }

    public static void SSL_CTX_set_alpn_select_cb(long context, long function, long argument) {
        call(SSL_CTX_SET_ALPN_SELECT_CB, context, function, argument);
    }

    public static int SSL_CTX_set_session_id_context(long context, long id, long bytes) {
        return (int) call(SSL_CTX_SET_SESSION_ID_CONTEXT, context, id, bytes);
    }

    public static long SSL_CTX_set_timeout(long context, long seconds) {
        return call(SSL_CTX_SET_TIMEOUT, context, seconds);
    }

    public static int SSL_CTX_set_session_ticket_cb(
            long context, long made, long opened, long argument) {
        return (int) call(SSL_CTX_SET_SESSION_TICKET_CB, context, made, opened, argument);
    }

    public static long SSL_CTX_get0_certificate(long context) {
        return call(SSL_CTX_GET0_CERTIFICATE, context);
    }

    public static int SSL_CTX_set_num_tickets(long context, long count) {
        return (int) call(SSL_CTX_SET_NUM_TICKETS, context, count);
    }

    public static void SSL_CTX_set_keylog_callback(long context, long function) {
        call(SSL_CTX_SET_KEYLOG_CALLBACK, context, function);
    }

    public static void SSL_CTX_set_info_callback(long context, long function) {
        call(SSL_CTX_SET_INFO_CALLBACK, context, function);
    }

    public static int SSL_CTX_set_tlsext_ticket_key_evp_cb(long context, long function) {
        return (int) call(SSL_CTX_SET_TLSEXT_TICKET_KEY_EVP_CB, context, function);
    }

    // Connections.

    public static long SSL_new(long context) {
        return made(call(SSL_NEW, context));
    }

    public static void SSL_free(long ssl) {
        call(SSL_FREE, gone(ssl));
    }

    public static void SSL_set0_rbio(long ssl, long bio) {
        call(SSL_SET0_RBIO, ssl, bio);
    }

    public static void SSL_set0_wbio(long ssl, long bio) {
        call(SSL_SET0_WBIO, ssl, bio);
    }

    public static long SSL_get_rbio(long ssl) {
        return call(SSL_GET_RBIO, ssl);
    }

    public static long SSL_get_wbio(long ssl) {
        return call(SSL_GET_WBIO, ssl);
    }

    public static void SSL_set_connect_state(long ssl) {
        call(SSL_SET_CONNECT_STATE, ssl);
    }

    public static void SSL_set_accept_state(long ssl) {
        call(SSL_SET_ACCEPT_STATE, ssl);
    }

    public static long SSL_ctrl(long ssl, long command, long number, long pointer) {
        return call(SSL_CTRL, ssl, command, number, pointer);
    }

    public static int SSL_set1_host(long ssl, long name) {
        return (int) call(SSL_SET1_HOST, ssl, name);
    }

    public static void SSL_set_hostflags(long ssl, long flags) {
        call(SSL_SET_HOSTFLAGS, ssl, flags);
    }

    public static long SSL_get0_param(long ssl) {
        return call(SSL_GET0_PARAM, ssl);
    }

    public static long SSL_set_SSL_CTX(long ssl, long context) {
        return call(SSL_SET_SSL_CTX, ssl, context);
    }

    public static int SSL_do_handshake(long ssl) {
        return (int) call(SSL_DO_HANDSHAKE, ssl);
    }

    public static int SSL_read(long ssl, long memory, long bytes) {
        return (int) call(SSL_READ, ssl, memory, bytes);
    }

    public static int SSL_write(long ssl, long memory, long bytes) {
        return (int) call(SSL_WRITE, ssl, memory, bytes);
    }

    public static int SSL_shutdown(long ssl) {
        return (int) call(SSL_SHUTDOWN, ssl);
    }

    public static int SSL_key_update(long ssl, long type) {
        return (int) call(SSL_KEY_UPDATE, ssl, type);
    }

    public static int SSL_get_error(long ssl, long result) {
        return (int) call(SSL_GET_ERROR, ssl, result);
    }

    // The outcome of a connection.

    public static int SSL_session_reused(long ssl) {
        return (int) call(SSL_SESSION_REUSED, ssl);
    }

    public static int SSL_version(long ssl) {
        return (int) call(SSL_VERSION, ssl);
    }

    public static long SSL_get_current_cipher(long ssl) {
        return call(SSL_GET_CURRENT_CIPHER, ssl);
    }

    public static long OPENSSL_cipher_name(long standardName) {
        return call(OPENSSL_CIPHER_NAME, standardName);
    }

    public static long SSL_CIPHER_standard_name(long cipher) {
        return call(SSL_CIPHER_STANDARD_NAME, cipher);
    }

    public static long SSL_group_to_name(long ssl, long group) {
        return call(SSL_GROUP_TO_NAME, ssl, group);
    }

    public static long SSL_get_verify_result(long ssl) {
        return call(SSL_GET_VERIFY_RESULT, ssl);
    }

    public static long SSL_get0_peer_certificate(long ssl) {
        return call(SSL_GET0_PEER_CERTIFICATE, ssl);
    }

    public static long SSL_get1_peer_certificate(long ssl) {
        return made(call(SSL_GET1_PEER_CERTIFICATE, ssl));
    }

    public static long SSL_get_peer_cert_chain(long ssl) {
        return call(SSL_GET_PEER_CERT_CHAIN, ssl);
    }

    public static long SSL_get0_verified_chain(long ssl) {
        return call(SSL_GET0_VERIFIED_CHAIN, ssl);
    }

    public static long SSL_get_servername(long ssl, long type) {
        return call(SSL_GET_SERVERNAME, ssl, type);
    }

    public static void SSL_get0_alpn_selected(long ssl, long name, long length) {
        call(SSL_GET0_ALPN_SELECTED, ssl, name, length);
    }

    public static int SSL_select_next_proto(
            long name, long length, long server, long serverBytes, long client, long clientBytes) {
        return (int) call(SSL_SELECT_NEXT_PROTO,
                name, length, server, serverBytes, client, clientBytes, 0);
    }

    public static long SSL_get1_session(long ssl) {
        return made(call(SSL_GET1_SESSION, ssl));
    }

    public static long SSL_get_session(long ssl) {
        return call(SSL_GET_SESSION, ssl);
    }

    public static long SSL_SESSION_set_timeout(long session, long seconds) {
        return call(SSL_SESSION_SET_TIMEOUT, session, seconds);
    }

    public static long SSL_SESSION_get0_id_context(long session, long length) {
        return call(SSL_SESSION_GET0_ID_CONTEXT, session, length);
    }

    public static int SSL_SESSION_get0_ticket_appdata(long session, long data, long length) {
        return (int) call(SSL_SESSION_GET0_TICKET_APPDATA, session, data, length);
    }

    public static int SSL_SESSION_set1_ticket_appdata(long session, long data, long length) {
        return (int) call(SSL_SESSION_SET1_TICKET_APPDATA, session, data, length);
    }

    public static int SSL_set_session(long ssl, long session) {
        return (int) call(SSL_SET_SESSION, ssl, session);
    }

    public static int SSL_SESSION_is_resumable(long session) {
        return (int) call(SSL_SESSION_IS_RESUMABLE, session);
    }

    public static void SSL_SESSION_free(long session) {
        call(SSL_SESSION_FREE, gone(session));
    }

    public static int i2d_SSL_SESSION(long session, long memory) {
        return (int) call(I2D_SSL_SESSION, session, memory);
    }

    public static long d2i_SSL_SESSION(long object, long memory, long bytes) {
        return made(call(D2I_SSL_SESSION, object, memory, bytes));
    }
}
