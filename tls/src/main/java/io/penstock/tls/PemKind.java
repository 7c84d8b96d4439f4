package io.penstock.tls;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.tls.openssl.Crypto;

/** The kinds of objects in blocks of PEM. */
enum PemKind {
    CERTIFICATE("certificate") {
        @Override
        boolean isOf(String label) {
            return label.equals("CERTIFICATE") || label.equals("X509 CERTIFICATE")
                    || label.equals("TRUSTED CERTIFICATE"); // with the purposes of the trust
        }

        @Override
        long parse(long bio, long passphrase) {
            return Crypto.PEM_read_bio_X509_AUX(bio, 0, 0, NO_PASSPHRASE.addressOffset());
        }

        @Override
        void free(long object) {
            Crypto.X509_free(object);
        }
    },
    KEY("private key") {
        @Override
        boolean isOf(String label) {
            return label.endsWith("PRIVATE KEY");
        }

        @Override
        long parse(long bio, long passphrase) {
            return Crypto.PEM_read_bio_PrivateKey(bio, 0, 0, passphrase);
        }

        @Override
        void free(long object) {
            Crypto.EVP_PKEY_free(object);
        }
    },
    REVOCATIONS("list of revoked certificates") {
        @Override
        boolean isOf(String label) {
            return label.equals("X509 CRL");
        }

        @Override
        long parse(long bio, long passphrase) {
            return Crypto.PEM_read_bio_X509_CRL(bio, 0, 0, NO_PASSPHRASE.addressOffset());
        }

        @Override
        void free(long object) {
            Crypto.X509_CRL_free(object);
        }
    };

    // Any block may say that it is encrypted. Without a passphrase the library would ask the
    // terminal or standard input, and the loop would wait for the answer.
    private static final NativeBuffer NO_PASSPHRASE = NativeBuffer.cString("");

    /** The name of the kind in a diagnosis. */
    final String noun;

    PemKind(String noun) {
        this.noun = noun;
    }

    abstract boolean isOf(String label);

    /** Parses a block: the library's object, or 0. */
    abstract long parse(long bio, long passphrase);

    abstract void free(long object);
}
