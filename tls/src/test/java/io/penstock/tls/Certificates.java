package io.penstock.tls;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;

/** Certificates with any names, also such as no program would write: signed by their own key. */
final class Certificates {
    private static final int SEQUENCE = 0x30;
    private static final int DNS = 0x82;
    private static final int IP = 0x87;
    private static final byte[] ECDSA_WITH_SHA256 =
            der(SEQUENCE, der(6, bytes(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2)));

    final KeyPair pair;
    final X509Certificate certificate;

    private Certificates(KeyPair pair, X509Certificate certificate) {
        this.pair = pair;
        this.certificate = certificate;
    }

    /** One whose subject is a name, for hosts and for addresses. */
    static Certificates of(String subject, String[] hosts, byte[]... addresses) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            KeyPair pair = generator.generateKeyPair();
            byte[] name = der(SEQUENCE, der(0x31, der(SEQUENCE,
                    der(6, bytes(0x55, 4, 3)), der(12, ascii(subject)))));
            byte[] tbs = der(SEQUENCE, der(0xa0, der(2, bytes(2))), der(2, bytes(1)),
                    ECDSA_WITH_SHA256, name, der(SEQUENCE, der(23, ascii("200101000000Z")),
                    der(23, ascii("490101000000Z"))), name, pair.getPublic().getEncoded(),
                    extensions(hosts, addresses));
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(pair.getPrivate());
            signature.update(tbs);
            byte[] whole = der(SEQUENCE, tbs, ECDSA_WITH_SHA256,
                    der(3, bytes(0), signature.sign()));
            return new Certificates(pair, (X509Certificate) CertificateFactory
                    .getInstance("X.509").generateCertificate(new ByteArrayInputStream(whole)));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** The key and the certificate in PEM. */
    String pem() {
        try {
            return block("PRIVATE KEY", pair.getPrivate().getEncoded())
                    + block("CERTIFICATE", certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static String block(String label, byte[] bytes) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, bytes('\n')).encodeToString(bytes)
                + "\n-----END " + label + "-----\n";
    }

    private static byte[] extensions(String[] hosts, byte[][] addresses) {
        if (hosts.length + addresses.length == 0) {
            return new byte[0];
        }
        ByteArrayOutputStream names = new ByteArrayOutputStream();
        for (String host : hosts) {
            names.writeBytes(der(DNS, ascii(host)));
        }
        for (byte[] address : addresses) {
            names.writeBytes(der(IP, address));
        }
        return der(0xa3, der(SEQUENCE, der(SEQUENCE, der(6, bytes(0x55, 0x1d, 0x11)),
                der(4, der(SEQUENCE, names.toByteArray())))));
    }

    private static byte[] der(int tag, byte[]... parts) {
        ByteArrayOutputStream contents = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            contents.writeBytes(part);
        }
        int length = contents.size();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else {
            out.writeBytes(bytes(0x82, length >> 8, length));
        }
        out.writeBytes(contents.toByteArray());
        return out.toByteArray();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
