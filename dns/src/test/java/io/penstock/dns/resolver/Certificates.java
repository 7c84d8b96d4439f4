package io.penstock.dns.resolver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.penstock.tls.TlsConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Keys and certificates that sign themselves, made by the openssl program. */
final class Certificates {
    private Certificates() {
    }

    /** Makes NAME.key and NAME.pem in a folder, or skips the test. */
    static void make(Path folder, String name, String names) {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/openssl")), "openssl is not installed");
        try {
            Process process = new ProcessBuilder("openssl", "req", "-x509", "-newkey", "ec",
                    "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", name + ".key",
                    "-out", name + ".pem", "-subj", "/CN=" + name, "-days", "30",
                    "-addext", "subjectAltName=" + names).directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("openssl.log").toFile()).start();
            assertEquals(0, process.waitFor(), () -> log(folder));
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
