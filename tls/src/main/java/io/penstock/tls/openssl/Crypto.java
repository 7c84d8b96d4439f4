package io.penstock.tls.openssl;

import static io.penstock.tls.openssl.Library.call;
import static io.penstock.tls.openssl.Library.shortCall;
import static io.penstock.tls.openssl.Live.gone;
import static io.penstock.tls.openssl.Live.made;

import java.lang.foreign.MemorySegment;

/**
 * libcrypto's functions: C's names, C's order of arguments, pointers and lengths as {@code long}.
 * A function that makes an object counts it in {@link Live}, and one that frees an object
 * discounts it.
 *
 * <p><b>See</b>: section 3ssl of the manual, under each function's name.
 */
public final class Crypto {
    private static final MemorySegment ERR_CLEAR_ERROR =
            Library.inCrypto("ERR_clear_error");
    private static final MemorySegment ERR_PEEK_ERROR =
            Library.inCrypto("ERR_peek_error");
    private static final MemorySegment ERR_PEEK_LAST_ERROR =
            Library.inCrypto("ERR_peek_last_error");
    private static final MemorySegment ERR_ERROR_STRING_N =
            Library.inCrypto("ERR_error_string_n");
    private static final MemorySegment CRYPTO_MALLOC =
            Library.inCrypto("CRYPTO_malloc");
    private static final MemorySegment CRYPTO_FREE =
            Library.inCrypto("CRYPTO_free");
    private static final MemorySegment CRYPTO_MEMCMP =
            Library.inCrypto("CRYPTO_memcmp");
    private static final MemorySegment RAND_BYTES =
            Library.inCrypto("RAND_bytes");
    private static final MemorySegment OPENSSL_CLEANSE =
            Library.inCrypto("OPENSSL_cleanse");
    private static final MemorySegment OSSL_LIB_CTX_NEW =
            Library.inCrypto("OSSL_LIB_CTX_new");
    private static final MemorySegment OSSL_LIB_CTX_FREE =
            Library.inCrypto("OSSL_LIB_CTX_free");
    private static final MemorySegment OSSL_PROVIDER_LOAD =
            Library.inCrypto("OSSL_PROVIDER_load");
    private static final MemorySegment BIO_NEW_MEM_BUF =
            Library.inCrypto("BIO_new_mem_buf");
    private static final MemorySegment BIO_S_MEM =
            Library.inCrypto("BIO_s_mem");
    private static final MemorySegment BIO_NEW =
            Library.inCrypto("BIO_new");
    private static final MemorySegment BIO_READ =
            Library.inCrypto("BIO_read");
    private static final MemorySegment BIO_CTRL =
            Library.inCrypto("BIO_ctrl");
    private static final MemorySegment BIO_UP_REF =
            Library.inCrypto("BIO_up_ref");
    private static final MemorySegment BIO_FREE =
            Library.inCrypto("BIO_free");
    private static final MemorySegment BIO_NEW_BIO_PAIR =
            Library.inCrypto("BIO_new_bio_pair");
    private static final MemorySegment BIO_WRITE =
            Library.inCrypto("BIO_write");
    private static final MemorySegment BIO_GET_DATA =
            Library.inCrypto("BIO_get_data");
    private static final MemorySegment BIO_NREAD =
            Library.inCrypto("BIO_nread");
    private static final MemorySegment PEM_READ_BIO_X509_AUX =
            Library.inCrypto("PEM_read_bio_X509_AUX");
    private static final MemorySegment PEM_READ_BIO_X509_CRL =
            Library.inCrypto("PEM_read_bio_X509_CRL");
    private static final MemorySegment PEM_READ_BIO_PRIVATEKEY =
            Library.inCrypto("PEM_read_bio_PrivateKey");
    private static final MemorySegment PEM_WRITE_BIO_X509 =
            Library.inCrypto("PEM_write_bio_X509");
    private static final MemorySegment PEM_WRITE_BIO_PRIVATEKEY =
            Library.inCrypto("PEM_write_bio_PrivateKey");
    private static final MemorySegment EVP_PKEY_CTX_NEW_FROM_NAME =
            Library.inCrypto("EVP_PKEY_CTX_new_from_name");
    private static final MemorySegment EVP_PKEY_CTX_FREE =
            Library.inCrypto("EVP_PKEY_CTX_free");
    private static final MemorySegment EVP_PKEY_KEYGEN_INIT =
            Library.inCrypto("EVP_PKEY_keygen_init");
    private static final MemorySegment EVP_PKEY_CTX_SET_GROUP_NAME =
            Library.inCrypto("EVP_PKEY_CTX_set_group_name");
    private static final MemorySegment EVP_PKEY_GENERATE =
            Library.inCrypto("EVP_PKEY_generate");
    private static final MemorySegment EVP_PKEY_FREE =
            Library.inCrypto("EVP_PKEY_free");
    private static final MemorySegment X509_NEW =
            Library.inCrypto("X509_new");
    private static final MemorySegment X509_FREE =
            Library.inCrypto("X509_free");
    private static final MemorySegment X509_SET_VERSION =
            Library.inCrypto("X509_set_version");
    private static final MemorySegment X509_GET_SERIALNUMBER =
            Library.inCrypto("X509_get_serialNumber");
    private static final MemorySegment ASN1_INTEGER_SET_INT64 =
            Library.inCrypto("ASN1_INTEGER_set_int64");
    private static final MemorySegment X509_GETM_NOTBEFORE =
            Library.inCrypto("X509_getm_notBefore");
    private static final MemorySegment X509_GETM_NOTAFTER =
            Library.inCrypto("X509_getm_notAfter");
    private static final MemorySegment X509_GMTIME_ADJ =
            Library.inCrypto("X509_gmtime_adj");
    private static final MemorySegment X509_GET_SUBJECT_NAME =
            Library.inCrypto("X509_get_subject_name");
    private static final MemorySegment X509_NAME_ADD_ENTRY_BY_TXT =
            Library.inCrypto("X509_NAME_add_entry_by_txt");
    private static final MemorySegment X509_SET_ISSUER_NAME =
            Library.inCrypto("X509_set_issuer_name");
    private static final MemorySegment X509_SET_PUBKEY =
            Library.inCrypto("X509_set_pubkey");
    private static final MemorySegment X509_SIGN =
            Library.inCrypto("X509_sign");
    private static final MemorySegment X509_CHECK_PRIVATE_KEY =
            Library.inCrypto("X509_check_private_key");
    private static final MemorySegment X509_DIGEST =
            Library.inCrypto("X509_digest");
    private static final MemorySegment X509_CRL_FREE =
            Library.inCrypto("X509_CRL_free");
    private static final MemorySegment X509_STORE_ADD_CERT =
            Library.inCrypto("X509_STORE_add_cert");
    private static final MemorySegment X509_STORE_ADD_CRL =
            Library.inCrypto("X509_STORE_add_crl");
    private static final MemorySegment X509_STORE_SET_FLAGS =
            Library.inCrypto("X509_STORE_set_flags");
    private static final MemorySegment X509_STORE_GET0_OBJECTS =
            Library.inCrypto("X509_STORE_get0_objects");
    private static final MemorySegment X509_OBJECT_GET_TYPE =
            Library.inCrypto("X509_OBJECT_get_type");
    private static final MemorySegment X509_OBJECT_GET0_X509 =
            Library.inCrypto("X509_OBJECT_get0_X509");
    private static final MemorySegment X509_OBJECT_GET0_X509_CRL =
            Library.inCrypto("X509_OBJECT_get0_X509_CRL");
    private static final MemorySegment X509_CRL_GET0_NEXTUPDATE =
            Library.inCrypto("X509_CRL_get0_nextUpdate");
    private static final MemorySegment X509_GET_DEFAULT_CERT_DIR =
            Library.inCrypto("X509_get_default_cert_dir");
    private static final MemorySegment X509_CHECK_HOST =
            Library.inCrypto("X509_check_host");
    private static final MemorySegment X509_CHECK_IP =
            Library.inCrypto("X509_check_ip");
    private static final MemorySegment I2D_X509 =
            Library.inCrypto("i2d_X509");
    private static final MemorySegment I2D_X509_AUX =
            Library.inCrypto("i2d_X509_AUX");
    private static final MemorySegment I2D_X509_CRL =
            Library.inCrypto("i2d_X509_CRL");
    private static final MemorySegment ASN1_TIME_TO_TM =
            Library.inCrypto("ASN1_TIME_to_tm");
    private static final MemorySegment X509_VERIFY_PARAM_SET1_IP =
            Library.inCrypto("X509_VERIFY_PARAM_set1_ip");
    private static final MemorySegment X509_VERIFY_CERT_ERROR_STRING =
            Library.inCrypto("X509_verify_cert_error_string");
    private static final MemorySegment D2I_OCSP_RESPONSE =
            Library.inCrypto("d2i_OCSP_RESPONSE");
    private static final MemorySegment OCSP_RESPONSE_FREE =
            Library.inCrypto("OCSP_RESPONSE_free");
    private static final MemorySegment OCSP_RESPONSE_STATUS =
            Library.inCrypto("OCSP_response_status");
    private static final MemorySegment OCSP_RESPONSE_GET1_BASIC =
            Library.inCrypto("OCSP_response_get1_basic");
    private static final MemorySegment OCSP_BASICRESP_FREE =
            Library.inCrypto("OCSP_BASICRESP_free");
    private static final MemorySegment OCSP_BASIC_VERIFY =
            Library.inCrypto("OCSP_basic_verify");
    private static final MemorySegment OCSP_RESP_COUNT =
            Library.inCrypto("OCSP_resp_count");
    private static final MemorySegment OCSP_RESP_GET0 =
            Library.inCrypto("OCSP_resp_get0");
    private static final MemorySegment OCSP_SINGLE_GET0_STATUS =
            Library.inCrypto("OCSP_single_get0_status");
    private static final MemorySegment OCSP_SINGLERESP_GET0_ID =
            Library.inCrypto("OCSP_SINGLERESP_get0_id");
    private static final MemorySegment OCSP_CHECK_VALIDITY =
            Library.inCrypto("OCSP_check_validity");
    private static final MemorySegment OCSP_CERT_TO_ID =
            Library.inCrypto("OCSP_cert_to_id");
    private static final MemorySegment OCSP_CERTID_FREE =
            Library.inCrypto("OCSP_CERTID_free");
    private static final MemorySegment OCSP_ID_CMP =
            Library.inCrypto("OCSP_id_cmp");
    private static final MemorySegment OPENSSL_SK_NUM =
            Library.inCrypto("OPENSSL_sk_num");
    private static final MemorySegment OPENSSL_SK_VALUE =
            Library.inCrypto("OPENSSL_sk_value");
    private static final MemorySegment EVP_SHA256 =
            Library.inCrypto("EVP_sha256");
    private static final MemorySegment EVP_SHA1 =
            Library.inCrypto("EVP_sha1");
    private static final MemorySegment EVP_AES_256_CBC =
            Library.inCrypto("EVP_aes_256_cbc");
    private static final MemorySegment EVP_ENCRYPTINIT_EX =
            Library.inCrypto("EVP_EncryptInit_ex");
    private static final MemorySegment EVP_DECRYPTINIT_EX =
            Library.inCrypto("EVP_DecryptInit_ex");
    private static final MemorySegment EVP_MD_FETCH =
            Library.inCrypto("EVP_MD_fetch");
    private static final MemorySegment EVP_MD_FREE =
            Library.inCrypto("EVP_MD_free");
    private static final MemorySegment EVP_MD_CTX_NEW =
            Library.inCrypto("EVP_MD_CTX_new");
    private static final MemorySegment EVP_MD_CTX_FREE =
            Library.inCrypto("EVP_MD_CTX_free");
    private static final MemorySegment EVP_DIGESTINIT_EX2 =
            Library.inCrypto("EVP_DigestInit_ex2");
    private static final MemorySegment EVP_DIGESTUPDATE =
            Library.inCrypto("EVP_DigestUpdate");
    private static final MemorySegment EVP_DIGESTFINAL_EX =
            Library.inCrypto("EVP_DigestFinal_ex");
    private static final MemorySegment EVP_MAC_FETCH =
            Library.inCrypto("EVP_MAC_fetch");
    private static final MemorySegment EVP_MAC_FREE =
            Library.inCrypto("EVP_MAC_free");
    private static final MemorySegment EVP_MAC_CTX_NEW =
            Library.inCrypto("EVP_MAC_CTX_new");
    private static final MemorySegment EVP_MAC_CTX_FREE =
            Library.inCrypto("EVP_MAC_CTX_free");
    private static final MemorySegment EVP_MAC_CTX_SET_PARAMS =
            Library.inCrypto("EVP_MAC_CTX_set_params");
    private static final MemorySegment EVP_MAC_INIT =
            Library.inCrypto("EVP_MAC_init");
    private static final MemorySegment EVP_MAC_UPDATE =
            Library.inCrypto("EVP_MAC_update");
    private static final MemorySegment EVP_MAC_FINAL =
            Library.inCrypto("EVP_MAC_final");

    private Crypto() {
    }

    /** Looks every function up. */
    static void touch() {
    }

    // Errors: the queue is the thread's own.

    public static void ERR_clear_error() {
        call(ERR_CLEAR_ERROR, 0);
    }

    public static long ERR_peek_error() {
        return shortCall(ERR_PEEK_ERROR, 0, 0, 0);
    }

    public static long ERR_peek_last_error() {
        return call(ERR_PEEK_LAST_ERROR, 0);
    }

    public static void ERR_error_string_n(long error, long text, long capacity) {
        call(ERR_ERROR_STRING_N, error, text, capacity);
    }

    // Memory and processes.

    public static long CRYPTO_malloc(long bytes) {
        return made(call(CRYPTO_MALLOC, bytes, 0, 0));
    }

    public static void CRYPTO_free(long memory) {
        call(CRYPTO_FREE, gone(memory), 0, 0);
    }

    public static int CRYPTO_memcmp(long a, long b, long bytes) {
        return (int) call(CRYPTO_MEMCMP, a, b, bytes);
    }

    public static int RAND_bytes(long memory, long bytes) {
        return (int) call(RAND_BYTES, memory, bytes);
    }

    public static void OPENSSL_cleanse(long memory, long bytes) {
        call(OPENSSL_CLEANSE, memory, bytes);
    }

    // Providers.

    public static long OSSL_LIB_CTX_new() {
        return call(OSSL_LIB_CTX_NEW, 0);
    }

    public static void OSSL_LIB_CTX_free(long library) {
        call(OSSL_LIB_CTX_FREE, library);
    }

    public static long OSSL_PROVIDER_load(long library, long name) {
        return call(OSSL_PROVIDER_LOAD, library, name);
    }

    // BIOs.

    public static long BIO_new_mem_buf(long memory, long bytes) {
        return made(call(BIO_NEW_MEM_BUF, memory, bytes));
    }

    public static long BIO_s_mem() {
        return call(BIO_S_MEM, 0);
    }

    public static long BIO_new(long method) {
        return made(call(BIO_NEW, method));
    }

    public static int BIO_read(long bio, long memory, long bytes) {
        return (int) call(BIO_READ, bio, memory, bytes);
    }

    public static int BIO_write(long bio, long memory, long bytes) {
        return (int) call(BIO_WRITE, bio, memory, bytes);
    }

    public static long BIO_get_data(long bio) {
        return call(BIO_GET_DATA, bio);
    }

    public static long BIO_ctrl(long bio, long command, long number, long pointer) {
        return call(BIO_CTRL, bio, command, number, pointer);
    }

    public static int BIO_up_ref(long bio) {
        return (int) call(BIO_UP_REF, bio);
    }

    public static void BIO_free(long bio) {
        call(BIO_FREE, gone(bio));
    }

    public static int BIO_new_bio_pair(
            long first, long firstBytes, long second, long secondBytes) {
        int rc = (int) call(BIO_NEW_BIO_PAIR, first, firstBytes, second, secondBytes);
        made(rc);
        made(rc);
        return rc;
    }

    public static int BIO_nread(long bio, long memory, long bytes) {
        return (int) shortCall(BIO_NREAD, bio, memory, bytes);
    }

    // Keys and certificates.

    public static long PEM_read_bio_X509_AUX(
            long bio, long object, long callback, long passphrase) {
        return made(call(PEM_READ_BIO_X509_AUX, bio, object, callback, passphrase));
    }

    public static long PEM_read_bio_X509_CRL(
            long bio, long object, long callback, long passphrase) {
        return made(call(PEM_READ_BIO_X509_CRL, bio, object, callback, passphrase));
    }

    public static long PEM_read_bio_PrivateKey(
            long bio, long object, long callback, long passphrase) {
        return made(call(PEM_READ_BIO_PRIVATEKEY, bio, object, callback, passphrase));
    }

    public static int PEM_write_bio_X509(long bio, long certificate) {
        return (int) call(PEM_WRITE_BIO_X509, bio, certificate);
    }

    public static int PEM_write_bio_PrivateKey(
            long bio, long key, long cipher, long phrase, long phraseBytes, long callback,
            long passphrase) {
        return (int) call(PEM_WRITE_BIO_PRIVATEKEY,
                bio, key, cipher, phrase, phraseBytes, callback, passphrase);
    }

    public static long EVP_PKEY_CTX_new_from_name(long library, long name, long properties) {
        return made(call(EVP_PKEY_CTX_NEW_FROM_NAME, library, name, properties));
    }

    public static void EVP_PKEY_CTX_free(long context) {
        call(EVP_PKEY_CTX_FREE, gone(context));
    }

    public static int EVP_PKEY_keygen_init(long context) {
        return (int) call(EVP_PKEY_KEYGEN_INIT, context);
    }

    public static int EVP_PKEY_CTX_set_group_name(long context, long name) {
        return (int) call(EVP_PKEY_CTX_SET_GROUP_NAME, context, name);
    }

    public static int EVP_PKEY_generate(long context, long key) {
        return (int) made(Math.max(0, (int) call(EVP_PKEY_GENERATE, context, key)));
    }

    public static void EVP_PKEY_free(long key) {
        call(EVP_PKEY_FREE, gone(key));
    }

    public static long X509_new() {
        return made(call(X509_NEW, 0));
    }

    public static void X509_free(long certificate) {
        call(X509_FREE, gone(certificate));
    }

    public static int X509_set_version(long certificate, long version) {
        return (int) call(X509_SET_VERSION, certificate, version);
    }

    public static long X509_get_serialNumber(long certificate) {
        return call(X509_GET_SERIALNUMBER, certificate);
    }

    public static int ASN1_INTEGER_set_int64(long integer, long value) {
        return (int) call(ASN1_INTEGER_SET_INT64, integer, value);
    }

    public static long X509_getm_notBefore(long certificate) {
        return call(X509_GETM_NOTBEFORE, certificate);
    }

    public static long X509_getm_notAfter(long certificate) {
        return call(X509_GETM_NOTAFTER, certificate);
    }

    public static long X509_gmtime_adj(long time, long seconds) {
        return call(X509_GMTIME_ADJ, time, seconds);
    }

    public static long X509_get_subject_name(long certificate) {
        return call(X509_GET_SUBJECT_NAME, certificate);
    }

    public static int X509_NAME_add_entry_by_txt(
            long name, long field, long type, long bytes, long length, long location, long set) {
        return (int) call(X509_NAME_ADD_ENTRY_BY_TXT,
                name, field, type, bytes, length, location, set);
    }

    public static int X509_set_issuer_name(long certificate, long name) {
        return (int) call(X509_SET_ISSUER_NAME, certificate, name);
    }

    public static int X509_set_pubkey(long certificate, long key) {
        return (int) call(X509_SET_PUBKEY, certificate, key);
    }

    public static int X509_sign(long certificate, long key, long digest) {
        return (int) call(X509_SIGN, certificate, key, digest);
    }

    public static int X509_check_private_key(long certificate, long key) {
        return (int) call(X509_CHECK_PRIVATE_KEY, certificate, key);
    }

    public static int X509_digest(long certificate, long digest, long memory, long length) {
        return (int) call(X509_DIGEST, certificate, digest, memory, length);
    }

    public static void X509_CRL_free(long list) {
        call(X509_CRL_FREE, gone(list));
    }

    public static int X509_STORE_add_cert(long store, long certificate) {
        return (int) call(X509_STORE_ADD_CERT, store, certificate);
    }

    public static int X509_STORE_add_crl(long store, long list) {
        return (int) call(X509_STORE_ADD_CRL, store, list);
    }

    public static int X509_STORE_set_flags(long store, long flags) {
        return (int) call(X509_STORE_SET_FLAGS, store, flags);
    }

    public static long X509_STORE_get0_objects(long store) {
        return call(X509_STORE_GET0_OBJECTS, store);
    }

    public static int X509_OBJECT_get_type(long object) {
        return (int) call(X509_OBJECT_GET_TYPE, object);
    }

    public static long X509_OBJECT_get0_X509(long object) {
        return call(X509_OBJECT_GET0_X509, object);
    }

    public static long X509_OBJECT_get0_X509_CRL(long object) {
        return call(X509_OBJECT_GET0_X509_CRL, object);
    }

    public static long X509_CRL_get0_nextUpdate(long list) {
        return call(X509_CRL_GET0_NEXTUPDATE, list);
    }

    public static long X509_get_default_cert_dir() {
        return call(X509_GET_DEFAULT_CERT_DIR, 0);
    }

    public static int X509_check_host(long certificate, long name, long bytes, long flags) {
        return (int) call(X509_CHECK_HOST, certificate, name, bytes, flags);
    }

    public static int X509_check_ip(long certificate, long address, long bytes, long flags) {
        return (int) call(X509_CHECK_IP, certificate, address, bytes, flags);
    }

    public static int i2d_X509(long certificate, long memory) {
        return (int) call(I2D_X509, certificate, memory);
    }

    public static int i2d_X509_AUX(long certificate, long memory) {
        return (int) call(I2D_X509_AUX, certificate, memory);
    }

    public static int i2d_X509_CRL(long list, long memory) {
        return (int) call(I2D_X509_CRL, list, memory);
    }

    public static int ASN1_TIME_to_tm(long time, long memory) {
        return (int) call(ASN1_TIME_TO_TM, time, memory);
    }

    public static int X509_VERIFY_PARAM_set1_ip(long parameters, long address, long length) {
        return (int) call(X509_VERIFY_PARAM_SET1_IP, parameters, address, length);
    }

    public static long X509_verify_cert_error_string(long result) {
        return call(X509_VERIFY_CERT_ERROR_STRING, result);
    }

    // OCSP.

    public static long d2i_OCSP_RESPONSE(long object, long memory, long bytes) {
        return made(call(D2I_OCSP_RESPONSE, object, memory, bytes));
    }

    public static void OCSP_RESPONSE_free(long response) {
        call(OCSP_RESPONSE_FREE, gone(response));
    }

    public static int OCSP_response_status(long response) {
        return (int) call(OCSP_RESPONSE_STATUS, response);
    }

    public static long OCSP_response_get1_basic(long response) {
        return made(call(OCSP_RESPONSE_GET1_BASIC, response));
    }

    public static void OCSP_BASICRESP_free(long basic) {
        call(OCSP_BASICRESP_FREE, gone(basic));
    }

    public static int OCSP_basic_verify(long basic, long certificates, long store, long flags) {
        return (int) call(OCSP_BASIC_VERIFY, basic, certificates, store, flags);
    }

    public static int OCSP_resp_count(long basic) {
        return (int) call(OCSP_RESP_COUNT, basic);
    }

    public static long OCSP_resp_get0(long basic, long index) {
        return call(OCSP_RESP_GET0, basic, index);
    }

    public static int OCSP_single_get0_status(
            long single, long reason, long revoked, long thisUpdate, long nextUpdate) {
        return (int) call(OCSP_SINGLE_GET0_STATUS,
                single, reason, revoked, thisUpdate, nextUpdate, 0, 0);
    }

    public static long OCSP_SINGLERESP_get0_id(long single) {
        return call(OCSP_SINGLERESP_GET0_ID, single);
    }

    public static int OCSP_check_validity(
            long thisUpdate, long nextUpdate, long seconds, long mostSeconds) {
        return (int) call(OCSP_CHECK_VALIDITY, thisUpdate, nextUpdate, seconds, mostSeconds);
    }

    public static long OCSP_cert_to_id(long digest, long subject, long issuer) {
        return made(call(OCSP_CERT_TO_ID, digest, subject, issuer));
    }

    public static void OCSP_CERTID_free(long id) {
        call(OCSP_CERTID_FREE, gone(id));
    }

    public static int OCSP_id_cmp(long a, long b) {
        return (int) call(OCSP_ID_CMP, a, b);
    }

    public static int OPENSSL_sk_num(long stack) {
        return (int) call(OPENSSL_SK_NUM, stack);
    }

    public static long OPENSSL_sk_value(long stack, long index) {
        return call(OPENSSL_SK_VALUE, stack, index);
    }

    // Digests, MACs, and the cipher of tickets.

    public static long EVP_sha256() {
        return call(EVP_SHA256, 0);
    }

    public static long EVP_sha1() {
        return call(EVP_SHA1, 0);
    }

    public static long EVP_aes_256_cbc() {
        return call(EVP_AES_256_CBC, 0);
    }

    public static int EVP_EncryptInit_ex(
            long context, long cipher, long engine, long key, long iv) {
        return (int) call(EVP_ENCRYPTINIT_EX, context, cipher, engine, key, iv, 0, 0);
    }

    public static int EVP_DecryptInit_ex(
            long context, long cipher, long engine, long key, long iv) {
        return (int) call(EVP_DECRYPTINIT_EX, context, cipher, engine, key, iv, 0, 0);
    }

    public static long EVP_MD_fetch(long library, long name, long properties) {
        return made(call(EVP_MD_FETCH, library, name, properties));
    }

    public static void EVP_MD_free(long digest) {
        call(EVP_MD_FREE, gone(digest));
    }

    public static long EVP_MD_CTX_new() {
        return made(call(EVP_MD_CTX_NEW, 0));
    }

    public static void EVP_MD_CTX_free(long context) {
        call(EVP_MD_CTX_FREE, gone(context));
    }

    public static int EVP_DigestInit_ex2(long context, long digest, long parameters) {
        return (int) call(EVP_DIGESTINIT_EX2, context, digest, parameters);
    }

    public static int EVP_DigestUpdate(long context, long memory, long bytes) {
        return (int) call(EVP_DIGESTUPDATE, context, memory, bytes);
    }

    public static int EVP_DigestFinal_ex(long context, long memory, long length) {
        return (int) call(EVP_DIGESTFINAL_EX, context, memory, length);
    }

    public static long EVP_MAC_fetch(long library, long name, long properties) {
        return made(call(EVP_MAC_FETCH, library, name, properties));
    }

    public static void EVP_MAC_free(long mac) {
        call(EVP_MAC_FREE, gone(mac));
    }

    public static long EVP_MAC_CTX_new(long mac) {
        return made(call(EVP_MAC_CTX_NEW, mac));
    }

    public static void EVP_MAC_CTX_free(long context) {
        call(EVP_MAC_CTX_FREE, gone(context));
    }

    public static int EVP_MAC_CTX_set_params(long context, long parameters) {
        return (int) call(EVP_MAC_CTX_SET_PARAMS, context, parameters);
    }

    public static int EVP_MAC_init(long context, long key, long keyBytes, long parameters) {
        return (int) call(EVP_MAC_INIT, context, key, keyBytes, parameters);
    }

    public static int EVP_MAC_update(long context, long memory, long bytes) {
        return (int) call(EVP_MAC_UPDATE, context, memory, bytes);
    }

    public static int EVP_MAC_final(long context, long memory, long length, long capacity) {
        return (int) call(EVP_MAC_FINAL, context, memory, length, capacity);
    }
}
