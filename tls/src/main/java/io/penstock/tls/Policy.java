package io.penstock.tls;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.tls.openssl.Crypto;
import io.penstock.tls.openssl.Memory;
import io.penstock.tls.openssl.Ssl;
import java.io.File;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongBinaryOperator;
import org.agrona.DirectBuffer;

/**
 * The rules by which connections of a context accept a peer, as they were when the library's
 * context was made. The proof of a session counts only under the policy that it was made under. So
 * each policy has a digest, which is the id context of a server's sessions, and is kept with a
 * client's sessions. Machines with the same configuration and the same trust have the same digest.
 */
final class Policy {
    /** The length of SHA-256, and the most that the id context of a session can have. */
    static final int DIGEST_BYTES = 32;

    private static final long MOST_LIFETIME_S = 604_800; // RFC 8446, section 4.6.1
    private static final int HEADER_BYTES = DIGEST_BYTES; // room for a pointer, then for a digest
    private static final String FOLDER_VARIABLE = "SSL_CERT_DIR";
    private static final int HASH_CHARACTERS = 8; // of a file's name, before its dot
    private static final int KIND_CERTIFICATE = 1;
    private static final int KIND_LIST = 2;

    /** Whether the peer's certificate must be good, if there is one. */
    final boolean verifies;
    /** Whether the peer must have a certificate. */
    final boolean requires;
    /** Whether the certificate must be for the expected host. */
    final boolean names;
    /** The digest of the policy. */
    final NativeBuffer digest = NativeBuffer.allocate(DIGEST_BYTES);
    /** Whether the library could make the digest. */
    final boolean isMade;
    private final boolean isServer;
    private final long ageMs;
    private long listsExpireMs = Proof.NEVER_MS;
    private boolean isInPart; // the digest lacks an object that the library could not write

    /**
     * The policy of a context.
     *
     * @param context the library's context, with its trust loaded
     * @param sha256 open
     */
    Policy(TlsConfig config, boolean isServer, boolean isDatagram, long context, Digest sha256) {
        this.isServer = isServer;
        verifies = config.verifies(isServer);
        requires = verifies
                && (!isServer || config.clientCertificates == TlsConfig.CLIENT_CERTIFICATE);
        names = !isServer && !config.skipsHost;
        ageMs = TimeUnit.NANOSECONDS.toMillis(config.sessionAgeNs);
        List<String> lines = new ArrayList<>(List.of(
                "penstock policy 1", isServer ? "server" : "client",
                isDatagram ? "datagrams" : "stream", config.isPrivate ? "private" : "public",
                "certificates " + (isServer ? config.clientCertificates : 0),
                "verifies " + verifies + ", names " + names,
                "staple " + config.asksForStaple + ", " + config.requiresStaple,
                // These decide how strong a signature, or a session of TLS 1.2, must be.
                "broken " + config.acceptsBroken, "suites " + Arrays.toString(config.suites),
                "signatures " + Arrays.toString(config.signatures),
                "providers " + Arrays.toString(config.providers), "query " + config.properties));
        // A server takes a client's session in place of the certificate that the client has shown.
        lines.add("shows " + (isServer ? "" : sum(
                sha256, Crypto::i2d_X509, Ssl.SSL_CTX_get0_certificate(context))));
        lines.addAll(stored(context, sha256));
        if (config.takesSystemTrust(isServer)) {
            lines.addAll(folders());
        }
        StringBuilder text = new StringBuilder();
        for (String line : lines) {
            // The length in front tells one line from two that look like it.
            text.append(line.length()).append(':').append(line);
        }
        NativeBuffer whole = NativeBuffer.cString(text.toString());
        isMade = sha256.digest(whole, 0, whole.capacity(), digest, 0) == DIGEST_BYTES
                && !isInPart;
    }

    /** The certificates and lists in the store of a context, sorted. */
    private List<String> stored(long context, Digest sha256) {
        List<String> lines = new ArrayList<>();
        NativeBuffer time = NativeBuffer.allocate(Chain.TIME_BYTES);
        long all = Crypto.X509_STORE_get0_objects(Ssl.SSL_CTX_get_cert_store(context));
        for (int i = 0; i < Crypto.OPENSSL_sk_num(all); i++) {
            long object = Crypto.OPENSSL_sk_value(all, i);
            int kind = Crypto.X509_OBJECT_get_type(object);
            if (kind == KIND_CERTIFICATE) {
                // With the purposes that its file names.
                lines.add(sum(sha256, Crypto::i2d_X509_AUX, Crypto.X509_OBJECT_get0_X509(object)));
            } else if (kind == KIND_LIST) {
                long list = Crypto.X509_OBJECT_get0_X509_CRL(object);
                lines.add(sum(sha256, Crypto::i2d_X509_CRL, list));
                long next = Crypto.X509_CRL_get0_nextUpdate(list);
                listsExpireMs = next == 0 ? listsExpireMs
                        : Math.min(listsExpireMs, Chain.ms(next, time.addressOffset()));
            }
        }
        Reference.reachabilityFence(time);
        Collections.sort(lines);
        return lines;
    }

    /** The digest of an object as the library encodes it; empty for no object. */
    private String sum(Digest sha256, LongBinaryOperator writer, long object) {
        int length = object == 0 ? 0 : (int) writer.applyAsLong(object, 0);
        if (length <= 0) {
            isInPart |= object != 0;
            return "";
        }
        NativeBuffer text = NativeBuffer.allocate(HEADER_BYTES + length);
        text.putLong(0, text.addressOffset() + HEADER_BYTES); // the library advances this pointer
        writer.applyAsLong(object, text.addressOffset());
        isInPart |= sha256.digest(text, HEADER_BYTES, length, text, 0) != DIGEST_BYTES;
        StringBuilder sum = new StringBuilder();
        for (int at = 0; at < DIGEST_BYTES; at += Long.BYTES) {
            sum.append(Long.toHexString(text.getLong(at))).append(' ');
        }
        return sum.toString();
    }

    /** The system's files of trust: the library stores one only when it needs it. */
    private static List<String> folders() {
        String places = System.getenv(FOLDER_VARIABLE);
        List<String> lines = new ArrayList<>();
        for (String place : (places != null ? places
                : Memory.string(Crypto.X509_get_default_cert_dir())).split(":")) {
            String[] names = new File(place).list();
            for (String name : names == null ? new String[0] : names) {
                if (name.indexOf('.') == HASH_CHARACTERS) {
                    lines.add(name + ' ' + new File(place, name).lastModified());
                }
            }
        }
        Collections.sort(lines);
        return lines;
    }

    /** Makes the sessions of one of the library's contexts sessions of this policy. */
    void bind(long context) {
        Ssl.SSL_CTX_set_timeout(context, lifetimeS(ageMs));
        if (isServer) {
            Ssl.SSL_CTX_set_session_id_context(context, digest.addressOffset(), DIGEST_BYTES);
        }
    }

    /** Whether the id context of a session is this policy's. */
    boolean isAt(long address, int length) {
        boolean isEqual = length == DIGEST_BYTES;
        for (int at = 0; at < DIGEST_BYTES && isEqual; at += Long.BYTES) {
            isEqual = Memory.getLong(address + at) == digest.getLong(at);
        }
        return isEqual;
    }

    /** Whether a proof of this policy still counts: see {@link Proof}. */
    boolean stands(DirectBuffer proof, long nowMs) {
        return ageMs > 0 && nowMs < endsMs(proof) && !Proof.isFromTheFuture(proof, nowMs);
    }

    private long endsMs(DirectBuffer proof) {
        return Math.min(listsExpireMs, Proof.endsMs(proof, ageMs));
    }

    /** How long a ticket is good for, as the client is told. */
    long lifetimeS(DirectBuffer proof, long nowMs) {
        return lifetimeS(endsMs(proof) - nowMs);
    }

    private static long lifetimeS(long ms) {
        return Math.clamp(TimeUnit.MILLISECONDS.toSeconds(ms), 1, MOST_LIFETIME_S);
    }

    /** When the first certificate of a full handshake that is just done expires. */
    long expiresMs(long ssl, long scratch) {
        return verifies ? Chain.expiresMs(ssl, scratch) : Proof.NEVER_MS;
    }
}
