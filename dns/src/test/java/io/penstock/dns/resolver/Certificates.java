package io.penstock.dns.resolver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.tls.TlsConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Keys and certificates that sign themselves, made by the openssl program. */
final class Certificates {
    private Certificates() {
    }

    /** Makes NAME.key and NAME.pem in a folder, for a test that needs openssl. */
    static void make(Path folder, String name, String names) {
        try {
            Process process = new ProcessBuilder("openssl", "req", "-x509", "-newkey", "ec",
                    "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", name + ".key",
                    "-out", name + ".pem", "-subj", "/CN=" + name, "-days", "30",
                    "-addext", "subjectAltName=" + names).directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("openssl.log").toFile()).start();
            int status = process.waitFor();
            process.destroy(); // closes its pipes, which the JDK does a moment later
            assertEquals(0, status, () -> log(folder));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static String log(Path folder) {
        try {
            return Files.readString(folder.resolve("openssl.log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a server shows. */
    static TlsConfig identity(Path folder, String name) {
        return new TlsConfig().certificate(folder.resolve(name + ".pem").toString())
                .key(folder.resolve(name + ".key").toString()).alpn("dot");
    }

    /** Whom a client trusts. */
    static TlsConfig trust(Path folder, String name) {
        return new TlsConfig().trust(folder.resolve(name + ".pem").toString()).alpn("dot");
    }
}
