package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Posix;
import io.penstock.tls.openssl.Crypto;
import io.penstock.tls.openssl.Memory;
import java.lang.ref.Reference;
import java.util.function.LongToIntFunction;
import org.agrona.DirectBuffer;

/**
 * A key and its self-signed certificate, made in memory, for private channels. Two sides that share
 * them, by {@link TlsConfig#privateChannel}, trust each other and nobody else. Another process of
 * the same user shares them by a file:
 *
 * <pre>{@code
 *   int rc = identity.generate();                    // the one
 *   if (rc == 0) rc = identity.save("/run/app/channel.pem");
 *
 *   int rc = identity.load("/run/app/channel.pem");  // the other
 * }</pre>
 *
 * <p>The key is of the curve P-256. The certificate is good from a day ago, for ten years.
 *
 * <p><b>Threading</b>: any, once generated or loaded. <b>Allocation</b>: set-up.
 */
public final class SelfSigned implements AutoCloseable {
    private static final long DAY_S = 86_400;
    private static final long YEARS_S = 3_650 * DAY_S;
    private static final int SERIAL_BYTES = 8;
    private static final int MBSTRING_ASC = 0x1001;
    private static final int BIO_CTRL_INFO = 3;
    private static final int VERSION_3 = 2;

    private NativeBuffer certificate;
    private NativeBuffer key;

    /** An empty one: see {@link #generate} and {@link #load}. */
    public SelfSigned() {
    }

    /**
     * Makes the key and the certificate.
     *
     * @return 0, {@link ReturnCode#ALREADY_OPEN}, {@link ReturnCode#TLS_FAILED}, a code of
     *     {@link OpenSsl#load}
     */
    public int generate() {
        if (key != null) {
            return ReturnCode.ALREADY_OPEN;
        }
        int rc = OpenSsl.load();
        if (rc < 0) {
            return rc;
        }
        long pair = newKey();
        long signed = pair == 0 ? 0 : newCertificate(pair);
        if (signed != 0) {
            certificate = written(bio -> Crypto.PEM_write_bio_X509(bio, signed));
            key = written(bio -> Crypto.PEM_write_bio_PrivateKey(bio, pair, 0, 0, 0, 0, 0));
            Crypto.X509_free(signed);
        }
        if (pair != 0) {
            Crypto.EVP_PKEY_free(pair);
        }
        if (key == null || certificate == null) {
            close();
            Crypto.ERR_clear_error();
            return ReturnCode.TLS_FAILED;
        }
        return 0;
    }

    /**
     * Writes both to a file that its owner alone can read. The file gets its name when it is whole,
     * and replaces a file or link of that name. It is not synced: after a crash of the machine it
     * may be empty, and must be saved again.
     *
     * @param path of the file; beside it there is {@code path.tmp.pid} meanwhile
     * @return 0; {@link ReturnCode#NOT_OPEN} if there is nothing to be saved;
     *     {@link ReturnCode#BAD_ARGUMENT} for a path with a NUL in it; {@code -errno}. After a code
     *     nothing has changed
     */
    public int save(String path) {
        return key == null ? ReturnCode.NOT_OPEN
                : IdentityFile.save(Posix.system(), path, key, certificate);
    }

    /**
     * Reads both from a file of {@link #save}, or from another with one certificate and its key.
     *
     * @param path of the file; a link there is refused with {@code -ELOOP}
     * @return 0; {@link ReturnCode#ALREADY_OPEN}; {@link ReturnCode#TLS_KEY_EXPOSED} if the
     *     file is another user's, or if others can read or write it;
     *     {@link ReturnCode#TLS_KEY_UNREADABLE};
     *     {@link ReturnCode#TLS_CERTIFICATE_UNREADABLE}; {@link ReturnCode#TLS_KEY_MISMATCH};
     *     {@link ReturnCode#NOT_SUPPORTED} if it is no regular file;
     *     {@link ReturnCode#BAD_ARGUMENT} for a path with a NUL in it; {@code -errno}; a code of
     *     {@link OpenSsl#load}
     */
    public int load(String path) {
        if (key != null) {
            return ReturnCode.ALREADY_OPEN;
        }
        int rc = OpenSsl.load();
        if (rc < 0) {
            return rc;
        }
        IdentityFile file = new IdentityFile(Posix.system());
        rc = file.load(path);
        key = file.key();
        certificate = file.certificate();
        if (rc < 0) {
            close();
        }
        return rc;
    }

    NativeBuffer certificateMemory() {
        return certificate;
    }

    NativeBuffer keyMemory() {
        return key;
    }

    /**
     * The certificate.
     *
     * @return PEM; null before {@link #generate} and after {@link #close}
     */
    public DirectBuffer certificate() {
        return certificate;
    }

    /**
     * The private key. Anybody who has it can pose as either side.
     *
     * @return PEM; null before {@link #generate} and after {@link #close}
     */
    public DirectBuffer key() {
        return key;
    }

    /**
     * Wipes the key. The only other copies are the library's, in contexts that are open. These
     * contexts go on, and the library wipes its copies with the last of their connections; they
     * cannot be reloaded, and no other can be opened with this.
     */
    @Override
    public void close() {
        if (key != null) {
            key.setMemory(0, key.capacity(), (byte) 0);
            key = null;
        }
        certificate = null;
    }

    private static long newKey() {
        NativeBuffer type = NativeBuffer.cString("EC");
        NativeBuffer curve = NativeBuffer.cString("P-256");
        NativeBuffer out = NativeBuffer.allocate(Long.BYTES);
        long context = Crypto.EVP_PKEY_CTX_new_from_name(0, type.addressOffset(), 0);
        if (context == 0) {
            return 0;
        }
        boolean isMade = Crypto.EVP_PKEY_keygen_init(context) == 1
                && Crypto.EVP_PKEY_CTX_set_group_name(context, curve.addressOffset()) == 1
                && Crypto.EVP_PKEY_generate(context, out.addressOffset()) == 1;
        Crypto.EVP_PKEY_CTX_free(context);
        Reference.reachabilityFence(type);
        Reference.reachabilityFence(curve);
        return isMade ? out.getLong(0) : 0;
    }

    private static long newCertificate(long key) {
        NativeBuffer field = NativeBuffer.cString("CN");
        NativeBuffer name = NativeBuffer.cString("penstock private channel");
        NativeBuffer serial = NativeBuffer.allocate(SERIAL_BYTES);
        Crypto.RAND_bytes(serial.addressOffset(), SERIAL_BYTES);
        long certificate = Crypto.X509_new();
        long subject = Crypto.X509_get_subject_name(certificate);
        Crypto.X509_set_version(certificate, VERSION_3);
        Crypto.ASN1_INTEGER_set_int64(
                Crypto.X509_get_serialNumber(certificate), serial.getLong(0) >>> 1);
        Crypto.X509_gmtime_adj(Crypto.X509_getm_notBefore(certificate), -DAY_S);
        Crypto.X509_gmtime_adj(Crypto.X509_getm_notAfter(certificate), YEARS_S);
        Crypto.X509_NAME_add_entry_by_txt(subject, field.addressOffset(), MBSTRING_ASC,
                name.addressOffset(), -1, -1, 0);
        Crypto.X509_set_issuer_name(certificate, subject);
        Crypto.X509_set_pubkey(certificate, key);
        Reference.reachabilityFence(field);
        Reference.reachabilityFence(name);
        if (Crypto.X509_sign(certificate, key, Crypto.EVP_sha256()) > 0) {
            return certificate;
        }
        Crypto.X509_free(certificate);
        return 0;
    }

    private static NativeBuffer written(LongToIntFunction writer) {
        NativeBuffer out = NativeBuffer.allocate(Long.BYTES);
        long bio = Crypto.BIO_new(Crypto.BIO_s_mem());
        NativeBuffer text = null;
        if (writer.applyAsInt(bio) == 1) {
            int length = (int) Crypto.BIO_ctrl(bio, BIO_CTRL_INFO, 0, out.addressOffset());
            text = NativeBuffer.allocate(length);
            Memory.copy(out.getLong(0), text.addressOffset(), length);
            Crypto.OPENSSL_cleanse(out.getLong(0), length);
        }
        Crypto.BIO_free(bio);
        return text;
    }
}
