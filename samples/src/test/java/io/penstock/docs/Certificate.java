package io.penstock.docs;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;

/**
 * A certificate of localhost and www.example.test that signs itself.
 *
 * @param store of both, for Java
 * @param chain the certificate, PEM
 * @param key its key, PEM
 */
record Certificate(Path store, Path chain, Path key) {
    static final String PASSWORD = "changeit";

    static Certificate make(Path folder) throws Exception {
        Path store = folder.resolve("store.p12");
        int status = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair", "-alias", "peer", "-keyalg", "EC", "-groupname", "secp256r1",
                "-dname", "CN=localhost", "-ext", "san=dns:localhost,dns:www.example.test",
                "-ext", "bc=ca:true", "-validity", "2", "-startdate", "-1d",
                "-storetype", "PKCS12", "-keystore", store.toString(), "-storepass", PASSWORD)
                .inheritIO().start().waitFor();
        if (status != 0) {
            throw new AssertionError("keytool: " + status);
        }
        KeyStore both = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            both.load(in, PASSWORD.toCharArray());
        }
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("ca", both.getCertificate("peer"));
        trusted.setKeyEntry("peer", both.getKey("peer", PASSWORD.toCharArray()),
                PASSWORD.toCharArray(), both.getCertificateChain("peer"));
        try (var out = Files.newOutputStream(store)) {
            trusted.store(out, PASSWORD.toCharArray());
        }
        return new Certificate(store,
                pem(folder.resolve("chain.pem"), "CERTIFICATE",
                        both.getCertificate("peer").getEncoded()),
                pem(folder.resolve("key.pem"), "PRIVATE KEY",
                        both.getKey("peer", PASSWORD.toCharArray()).getEncoded()));
    }

    private static Path pem(Path file, String kind, byte[] bytes) throws Exception {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        return Files.writeString(file,
                "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n");
    }
}
