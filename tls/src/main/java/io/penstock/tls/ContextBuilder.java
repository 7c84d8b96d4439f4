package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.tls.openssl.Crypto;
import io.penstock.tls.openssl.Dtls;
import io.penstock.tls.openssl.Memory;
import io.penstock.tls.openssl.Ssl;
import io.penstock.tls.openssl.Upcalls;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;

/** Makes the library's context from a configuration. A failure is a code, and leaves nothing. */
final class ContextBuilder {
    private static final int CTRL_MODE = 33;
    private static final int CTRL_SESSION_CACHE_MODE = 44;
    private static final int CTRL_SERVER_NAME_CALLBACK = 53;
    private static final int CTRL_STAPLE_CALLBACK = 63;
    private static final int CTRL_STAPLE_TYPE = 65;
    private static final int CTRL_CHAIN_CERTIFICATE = 89;
    private static final int CTRL_GROUPS_LIST = 92;
    private static final int CTRL_SIGNATURES_LIST = 98;
    private static final int CTRL_LEAST_PROTOCOL = 123;
    private static final int CTRL_MOST_PROTOCOL = 124;
    private static final int STAPLE_OCSP = 1;
    private static final int MAX_PASSPHRASE_BYTES = 1_024; // the library cuts the rest off

    private static final int MODE_PARTIAL_WRITE = 1;
    private static final int MODE_MOVING_WRITE_BUFFER = 2;
    private static final int MODE_RELEASE_BUFFERS = 16;
    private static final long OP_NO_QUERY_MTU = 1L << 12;
    private static final long OP_NO_TICKET = 1L << 14;
    private static final long OP_NO_COMPRESSION = 1L << 17;
    private static final long OP_CIPHER_SERVER_PREFERENCE = 1L << 22;
    private static final long OP_NO_RENEGOTIATION = 1L << 30;
    private static final int DTLS_1_2 = 0xfefd;
    private static final int VERIFY_PEER = 1;
    private static final int FLAGS_CRL_CHECK_ALL = 4 | 8; // of the peer and of every issuer

    // Mozilla's intermediate list, 6.0.
    private static final String[] SUITES = {
        "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    };
    private static final String[] GROUPS = {
        "X25519MLKEM768", "X25519", "prime256v1", "secp384r1",
    };
    private static final String POST_QUANTUM = "MLKEM";
    private static final String WITH_KEY_SHARE = "*";
    private static final String BROKEN_SUITES = "ALL:!aNULL:@SECLEVEL=0";
    private static final String TLS_1_2_SUITE = "_WITH_";

    private final TlsConfig config;
    private final boolean isServer;
    private final boolean isDatagram;
    private final PemReader reader;
    private final Diagnosis diagnosis;
    private long context;

    private ContextBuilder(TlsConfig config, boolean isServer, boolean isDatagram,
            PemReader reader, Diagnosis diagnosis) {
        this.config = config;
        this.isServer = isServer;
        this.isDatagram = isDatagram;
        this.reader = reader;
        this.diagnosis = diagnosis;
    }

    /**
     * Makes a context.
     *
     * @param identity has the certificate and the key to show
     * @param first the context to share the trust with, which is read once; 0 to read it
     * @param reader reads the files of the configuration
     * @param diagnosis takes the reason of a failure; the reader writes to it too
     * @return the context, or a code
     */
    static long build(TlsConfig config, TlsConfig identity, long first, boolean isServer,
            boolean isDatagram, PemReader reader, Diagnosis diagnosis) {
        ContextBuilder builder =
                new ContextBuilder(config, isServer, isDatagram, reader, diagnosis);
        int rc = builder.make(identity, first);
        Crypto.ERR_clear_error();
        if (rc < 0) {
            Ssl.SSL_CTX_free(builder.context);
            return rc;
        }
        return builder.context;
    }

    private int make(TlsConfig identity, long first) {
        long library = Providers.library(config.providers, diagnosis);
        if (library < 0) {
            return (int) library;
        }
        NativeBuffer query =
                config.properties == null ? null : NativeBuffer.cString(config.properties);
        context = Ssl.SSL_CTX_new_ex(library, query == null ? 0 : query.addressOffset(), method());
        Reference.reachabilityFence(query);
        if (context == 0) {
            return diagnosis.ofLibrary(ReturnCode.TLS_FAILED, "a context");
        }
        int rc = setModes();
        rc = rc < 0 ? rc : setAlgorithms();
        rc = rc < 0 ? rc : setIdentity(identity);
        rc = rc < 0 ? rc : first == 0 ? setTrust() : shareTrust(first);
        rc = rc < 0 ? rc : setCallbacks();
        return rc;
    }

    private long method() {
        if (isDatagram) {
            return isServer ? Dtls.DTLS_server_method() : Dtls.DTLS_client_method();
        }
        return isServer ? Ssl.TLS_server_method() : Ssl.TLS_client_method();
    }

    private int setModes() {
        Ssl.SSL_CTX_ctrl(context, CTRL_MODE, MODE_PARTIAL_WRITE | MODE_MOVING_WRITE_BUFFER
                | (config.keepsBuffers ? 0 : MODE_RELEASE_BUFFERS), 0);
        Ssl.SSL_CTX_set_options(context, OP_NO_COMPRESSION | OP_NO_RENEGOTIATION
                | (config.tickets == 0 ? OP_NO_TICKET : 0) | (isDatagram ? OP_NO_QUERY_MTU : 0)
                | (isServer && config.suites != null ? OP_CIPHER_SERVER_PREFERENCE : 0));
        // Sessions are in tickets: the library keeps none, so its memory does not grow with them.
        Ssl.SSL_CTX_ctrl(context, CTRL_SESSION_CACHE_MODE, 0, 0);
        if (isServer) {
            Ssl.SSL_CTX_set_num_tickets(context, config.tickets);
        }
        return isDatagram ? setProtocols(DTLS_1_2, DTLS_1_2)
                : setProtocols(config.leastProtocol, config.mostProtocol);
    }

    private int setProtocols(int least, int most) {
        return Ssl.SSL_CTX_ctrl(context, CTRL_LEAST_PROTOCOL, least, 0) == 1
                && Ssl.SSL_CTX_ctrl(context, CTRL_MOST_PROTOCOL, most, 0) == 1
                ? 0 : ReturnCode.TLS_BAD_SETTING;
    }

    private int setAlgorithms() {
        int rc = setSuites(config.suites == null ? SUITES : config.suites);
        if (rc == 0) {
            rc = setGroups(config.groups == null ? known(GROUPS) : config.groups);
        }
        if (rc == 0 && config.signatures != null) {
            rc = list(CTRL_SIGNATURES_LIST, config.signatures);
        }
        return rc;
    }

    /** The library takes suites of TLS 1.3 by their standard names, others by names of its own. */
    private int setSuites(String[] names) {
        List<String> newer = new ArrayList<>();
        List<String> older = new ArrayList<>();
        for (String name : names) {
            NativeBuffer text = NativeBuffer.cString(name);
            String own = Memory.string(Ssl.OPENSSL_cipher_name(text.addressOffset()));
            Reference.reachabilityFence(text);
            if ("(NONE)".equals(own)) {
                return diagnosis.of(ReturnCode.TLS_BAD_SETTING, "suite " + name);
            }
            (name.contains(TLS_1_2_SUITE) ? older : newer).add(own);
        }
        if (config.acceptsBroken) {
            older = List.of(BROKEN_SUITES);
        }
        if (isDatagram && (older.isEmpty() || config.acceptsBroken)) {
            return diagnosis.of(ReturnCode.TLS_BAD_SETTING, "not with datagrams");
        }
        // The library would offer a protocol without suites, and then fail.
        if (older.isEmpty()) {
            Ssl.SSL_CTX_ctrl(context, CTRL_LEAST_PROTOCOL, TlsConfig.TLS_1_3, 0);
        } else if (newer.isEmpty() && !isDatagram) {
            Ssl.SSL_CTX_ctrl(context, CTRL_MOST_PROTOCOL, TlsConfig.TLS_1_2, 0);
        }
        NativeBuffer tls13 = NativeBuffer.cString(String.join(":", newer));
        NativeBuffer tls12 = NativeBuffer.cString(String.join(":", older));
        boolean isSet = Ssl.SSL_CTX_set_ciphersuites(context, tls13.addressOffset()) == 1
                && (older.isEmpty()
                || Ssl.SSL_CTX_set_cipher_list(context, tls12.addressOffset()) == 1);
        Reference.reachabilityFence(tls12);
        Reference.reachabilityFence(tls13);
        return isSet ? 0 : diagnosis.ofLibrary(ReturnCode.TLS_BAD_SETTING, "suites");
    }

    private String[] known(String[] groups) {
        List<String> known = new ArrayList<>();
        for (String group : groups) {
            if (list(CTRL_GROUPS_LIST, group) == 0) {
                known.add(group);
            }
        }
        return known.toArray(new String[0]);
    }

    /**
     * By default the library sends a key share for the first group alone, and a server without that
     * group has to ask for another. Many servers lack the groups of ML-KEM, so after one of those
     * the second group has a key share too.
     */
    private int setGroups(String[] groups) {
        if (!isServer && groups.length > 1 && groups[0].contains(POST_QUANTUM)) {
            String[] two = groups.clone();
            two[0] = WITH_KEY_SHARE + two[0];
            two[1] = WITH_KEY_SHARE + two[1];
            if (list(CTRL_GROUPS_LIST, two) == 0) {
                return 0;
            }
        }
        return list(CTRL_GROUPS_LIST, groups);
    }

    private int list(int command, String... names) {
        NativeBuffer text = NativeBuffer.cString(String.join(":", names));
        long rc = Ssl.SSL_CTX_ctrl(context, command, 0, text.addressOffset());
        Reference.reachabilityFence(text);
        return rc == 1 ? 0 : diagnosis.ofLibrary(
                ReturnCode.TLS_BAD_SETTING, String.join(":", names));
    }

    private int setIdentity(TlsConfig identity) {
        if (identity.certificate == null) {
            return isServer ? diagnosis.of(
                    ReturnCode.TLS_CERTIFICATE_UNREADABLE, "a server without certificate") : 0;
        }
        int rc = reader.read(identity.certificate, PemKind.CERTIFICATE, 0,
                ReturnCode.TLS_CERTIFICATE_UNREADABLE, this::useCertificate);
        if (rc < 0) {
            return rc;
        }
        if (identity.key == null) {
            return diagnosis.of(ReturnCode.TLS_KEY_UNREADABLE, "a certificate without key");
        }
        // An empty passphrase is given too: without any the library would ask the terminal.
        NativeBuffer passphrase = NativeBuffer.cString(identity.passphrase);
        rc = Memory.length(passphrase.addressOffset()) > MAX_PASSPHRASE_BYTES
                ? diagnosis.of(ReturnCode.TLS_BAD_SETTING, "a passphrase that is too long")
                : reader.read(identity.key, PemKind.KEY, passphrase.addressOffset(),
                        ReturnCode.TLS_KEY_UNREADABLE, this::useKey);
        passphrase.setMemory(0, passphrase.capacity(), (byte) 0);
        return rc < 0 || Ssl.SSL_CTX_check_private_key(context) == 1 ? rc
                : diagnosis.ofLibrary(ReturnCode.TLS_KEY_MISMATCH, "the key");
    }

    private int useCertificate(long certificate, int before) {
        boolean isUsed = before == 0
                ? Ssl.SSL_CTX_use_certificate(context, certificate) == 1
                : Ssl.SSL_CTX_ctrl(context, CTRL_CHAIN_CERTIFICATE, 1, certificate) == 1;
        return isUsed ? 0 : ReturnCode.TLS_CERTIFICATE_UNREADABLE;
    }

    /** Uses the first key. */
    private int useKey(long key, int before) {
        return before > 0 || Ssl.SSL_CTX_use_PrivateKey(context, key) == 1
                ? 0 : ReturnCode.TLS_KEY_MISMATCH;
    }

    private void setVerification() {
        Ssl.SSL_CTX_set_verify(context, !config.verifies(isServer) ? 0
                : isServer ? config.clientCertificates : VERIFY_PEER, 0);
    }

    private int shareTrust(long first) {
        setVerification();
        Ssl.SSL_CTX_set1_cert_store(context, Ssl.SSL_CTX_get_cert_store(first));
        long names = Ssl.SSL_CTX_get_client_CA_list(first);
        if (names != 0) {
            Ssl.SSL_CTX_set_client_CA_list(context, Ssl.SSL_dup_CA_list(names));
        }
        return 0;
    }

    private int setTrust() {
        setVerification();
        if (config.takesSystemTrust(isServer)
                && Ssl.SSL_CTX_set_default_verify_paths(context) != 1) {
            return ReturnCode.TLS_TRUST_UNREADABLE;
        }
        long store = Ssl.SSL_CTX_get_cert_store(context);
        for (Pem pem : config.trusted) {
            int rc = reader.read(pem, PemKind.CERTIFICATE, 0, ReturnCode.TLS_TRUST_UNREADABLE,
                    (certificate, before) -> trust(certificate, store));
            if (rc < 0) {
                return rc;
            }
        }
        for (Pem pem : config.revocations) {
            int rc = reader.read(pem, PemKind.REVOCATIONS, 0,
                    ReturnCode.TLS_REVOCATIONS_UNREADABLE, (list, before) -> revoke(list, store));
            if (rc < 0) {
                return rc;
            }
        }
        if (!config.revocations.isEmpty()) {
            Crypto.X509_STORE_set_flags(store, FLAGS_CRL_CHECK_ALL);
        }
        return 0;
    }

    private int trust(long certificate, long store) {
        if (Crypto.X509_STORE_add_cert(store, certificate) != 1) {
            return ReturnCode.TLS_TRUST_UNREADABLE;
        }
        if (isServer) {
            Ssl.SSL_CTX_add_client_CA(context, certificate); // tells clients which to show
        }
        return 0;
    }

    private static int revoke(long list, long store) {
        return Crypto.X509_STORE_add_crl(store, list) == 1
                ? 0 : ReturnCode.TLS_REVOCATIONS_UNREADABLE;
    }

    private int setCallbacks() {
        Ssl.SSL_CTX_set_info_callback(context, Upcalls.stub(Upcalls.INFO));
        if (config.keyLog != null) {
            Ssl.SSL_CTX_set_keylog_callback(context, Upcalls.stub(Upcalls.KEY_LOG));
        }
        if (!isServer) {
            if (config.asksForStaple) {
                Ssl.SSL_CTX_ctrl(context, CTRL_STAPLE_TYPE, STAPLE_OCSP, 0);
            }
            return config.alpn.length == 0 ? 0 : offerAlpn();
        }
        if (config.alpn.length > 0) {
            Ssl.SSL_CTX_set_alpn_select_cb(context, Upcalls.stub(Upcalls.ALPN), 0);
        }
        if (!config.hosts.isEmpty() || config.refusesUnknownHosts) {
            Ssl.SSL_CTX_callback_ctrl(context, CTRL_SERVER_NAME_CALLBACK,
                    Upcalls.stub(Upcalls.SERVER_NAME));
        }
        if (config.staple != null) {
            Ssl.SSL_CTX_callback_ctrl(
                    context, CTRL_STAPLE_CALLBACK, Upcalls.stub(Upcalls.STAPLE));
        }
        if (isDatagram) {
            Dtls.SSL_CTX_set_cookie_generate_cb(context, Upcalls.stub(Upcalls.COOKIE_MAKE));
            Dtls.SSL_CTX_set_cookie_verify_cb(context, Upcalls.stub(Upcalls.COOKIE_CHECK));
        }
        Ssl.SSL_CTX_set_session_ticket_cb(context, Upcalls.stub(Upcalls.TICKET_MADE),
                Upcalls.stub(Upcalls.TICKET_OPENED), 0);
        if (config.ticketKeys != null) {
            Ssl.SSL_CTX_set_tlsext_ticket_key_evp_cb(context, Upcalls.stub(Upcalls.TICKET_KEY));
        }
        return 0;
    }

    private int offerAlpn() {
        NativeBuffer names = Alpn.encode(config.alpn);
        int rc = names == null ? 1 : Ssl.SSL_CTX_set_alpn_protos(
                context, names.addressOffset(), names.capacity());
        Reference.reachabilityFence(names);
        return rc == 0 ? 0 : ReturnCode.TLS_BAD_SETTING;
    }
}
