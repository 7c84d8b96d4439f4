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

/** Makes the library's context from a configuration. What fails is a code, and leaves nothing. */
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
    private static final int FLAG_CRL_CHECK = 4;

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
    private long context;

    private ContextBuilder(TlsConfig config, boolean isServer, boolean isDatagram) {
        this.config = config;
        this.isServer = isServer;
        this.isDatagram = isDatagram;
    }

    /**
     * Makes one.
     *
     * @param identity whose certificate and key it shows
     * @return the context, or a code
     */
    static long build(
            TlsConfig config, TlsConfig identity, boolean isServer, boolean isDatagram) {
        ContextBuilder builder = new ContextBuilder(config, isServer, isDatagram);
        int rc = builder.make(identity);
        Crypto.ERR_clear_error();
        if (rc < 0) {
            Ssl.SSL_CTX_free(builder.context);
            return rc;
        }
        return builder.context;
    }

    private int make(TlsConfig identity) {
        long library = Providers.library(config.providers);
        if (library < 0) {
            return (int) library;
        }
        NativeBuffer query =
                config.properties == null ? null : NativeBuffer.cString(config.properties);
        context = Ssl.SSL_CTX_new_ex(library, query == null ? 0 : query.addressOffset(), method());
        Reference.reachabilityFence(query);
        if (context == 0) {
            return ReturnCode.TLS_FAILED;
        }
        int rc = setModes();
        rc = rc < 0 ? rc : setAlgorithms();
        rc = rc < 0 ? rc : setIdentity(identity);
        rc = rc < 0 ? rc : setTrust();
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
        // Sessions live in tickets: the library keeps none, and so never grows.
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

    /** The library takes those of TLS 1.3 by their standard names, others by names of its own. */
    private int setSuites(String[] names) {
        List<String> newer = new ArrayList<>();
        List<String> older = new ArrayList<>();
        for (String name : names) {
            NativeBuffer text = NativeBuffer.cString(name);
            String own = Memory.string(Ssl.OPENSSL_cipher_name(text.addressOffset()));
            Reference.reachabilityFence(text);
            if ("(NONE)".equals(own)) {
                return ReturnCode.TLS_BAD_SETTING;
            }
            (name.contains(TLS_1_2_SUITE) ? older : newer).add(own);
        }
        if (config.acceptsBroken) {
            older = List.of(BROKEN_SUITES);
        }
        if (isDatagram && (older.isEmpty() || config.acceptsBroken)) {
            return ReturnCode.TLS_BAD_SETTING;
        }
        // A protocol without suites would be offered, and then fail.
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
        return isSet ? 0 : ReturnCode.TLS_BAD_SETTING;
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
     * Without a word the library sends a key share for the first group alone, and a server without
     * that group has to ask for another: many lack those of ML-KEM, so the second one's goes along.
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
        return rc == 1 ? 0 : ReturnCode.TLS_BAD_SETTING;
    }

    private int setIdentity(TlsConfig identity) {
        if (identity.certificate == null) {
            return isServer ? ReturnCode.TLS_CERTIFICATE_UNREADABLE : 0;
        }
        int rc = identity.certificate.read(
                this::useChain, ReturnCode.TLS_CERTIFICATE_UNREADABLE);
        if (rc <= 0) {
            return ReturnCode.TLS_CERTIFICATE_UNREADABLE;
        }
        if (identity.key == null) {
            return ReturnCode.TLS_KEY_UNREADABLE;
        }
        NativeBuffer passphrase = NativeBuffer.cString(identity.passphrase);
        rc = identity.key.read(
                bio -> useKey(bio, passphrase.addressOffset()), ReturnCode.TLS_KEY_UNREADABLE);
        passphrase.setMemory(0, passphrase.capacity(), (byte) 0);
        if (rc <= 0) {
            return rc == 0 ? ReturnCode.TLS_KEY_UNREADABLE : rc;
        }
        return Ssl.SSL_CTX_check_private_key(context) == 1 ? 0 : ReturnCode.TLS_KEY_MISMATCH;
    }

    private int useChain(long bio) {
        int count = 0;
        long certificate;
        while ((certificate = Crypto.PEM_read_bio_X509(bio, 0, 0, 0)) != 0) {
            boolean isUsed = count == 0
                    ? Ssl.SSL_CTX_use_certificate(context, certificate) == 1
                    : Ssl.SSL_CTX_ctrl(context, CTRL_CHAIN_CERTIFICATE, 1, certificate) == 1;
            Crypto.X509_free(certificate);
            if (!isUsed) {
                return ReturnCode.TLS_CERTIFICATE_UNREADABLE;
            }
            count++;
        }
        return count;
    }

    /** The passphrase is there even if it is empty: without one the library asks the terminal. */
    private int useKey(long bio, long passphrase) {
        long key = Crypto.PEM_read_bio_PrivateKey(bio, 0, 0, passphrase);
        if (key == 0) {
            return ReturnCode.TLS_KEY_UNREADABLE;
        }
        int rc = Ssl.SSL_CTX_use_PrivateKey(context, key);
        Crypto.EVP_PKEY_free(key);
        return rc == 1 ? 1 : ReturnCode.TLS_KEY_MISMATCH;
    }

    private int setTrust() {
        Ssl.SSL_CTX_set_verify(context, !config.verifies(isServer) ? 0
                : isServer ? config.clientCertificates : VERIFY_PEER, 0);
        if (config.takesSystemTrust(isServer)
                && Ssl.SSL_CTX_set_default_verify_paths(context) != 1) {
            return ReturnCode.TLS_TRUST_UNREADABLE;
        }
        long store = Ssl.SSL_CTX_get_cert_store(context);
        for (Pem pem : config.trusted) {
            if (pem.read(bio -> trust(bio, store), ReturnCode.TLS_TRUST_UNREADABLE) <= 0) {
                return ReturnCode.TLS_TRUST_UNREADABLE;
            }
        }
        for (Pem pem : config.revocations) {
            if (pem.read(bio -> revoke(bio, store),
                    ReturnCode.TLS_REVOCATIONS_UNREADABLE) <= 0) {
                return ReturnCode.TLS_REVOCATIONS_UNREADABLE;
            }
        }
        if (!config.revocations.isEmpty()) {
            Crypto.X509_STORE_set_flags(store, FLAG_CRL_CHECK);
        }
        return 0;
    }

    private int trust(long bio, long store) {
        int count = 0;
        long certificate;
        while ((certificate = Crypto.PEM_read_bio_X509(bio, 0, 0, 0)) != 0) {
            count += Crypto.X509_STORE_add_cert(store, certificate);
            if (isServer) {
                Ssl.SSL_CTX_add_client_CA(context, certificate); // tells clients which to show
            }
            Crypto.X509_free(certificate);
        }
        return count;
    }

    private int revoke(long bio, long store) {
        int count = 0;
        long list;
        while ((list = Crypto.PEM_read_bio_X509_CRL(bio, 0, 0, 0)) != 0) {
            count += Crypto.X509_STORE_add_crl(store, list);
            Crypto.X509_CRL_free(list);
        }
        return count;
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
