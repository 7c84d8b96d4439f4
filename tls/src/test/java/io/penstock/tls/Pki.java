package io.penstock.tls;

import io.penstock.core.testing.Peer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Keys and certificates of every kind that tests need, made once by the openssl program: a root,
 * what it signed, and what it should not have.
 */
final class Pki {
    private static Path folder;

    private Pki() {
    }

    /** The path of a file; makes them all at the first time, or skips the test. */
    static synchronized String file(String name) {
        Peer.require("openssl");
        if (folder == null) {
            try {
                Path made = Files.createTempDirectory("penstock-pki");
                make(made);
                folder = made;
                Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(made)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return folder.resolve(name).toString();
    }

    /** A server's configuration with one of the certificates. */
    static TlsConfig server(String name) {
        return new TlsConfig().certificate(file(name + ".pem")).key(file(name + ".key"));
    }

    /** A client's that trusts the root. */
    static TlsConfig client() {
        return new TlsConfig().trust(file("root.pem"));
    }

    private static void delete(Path made) {
        try (var files = Files.walk(made)) {
            files.sorted(Collections.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void make(Path at) throws IOException {
        Files.writeString(at.resolve("ca.cnf"), """
                [ca]
                default_ca = root
                [root]
                database = index.txt
                new_certs_dir = .
                certificate = root.pem
                private_key = root.key
                serial = serial
                crlnumber = crlnumber
                default_md = sha256
                default_days = 30
                default_crl_days = 30
                policy = any
                unique_subject = no
                copy_extensions = copy
                [any]
                commonName = supplied
                """);
        Files.writeString(at.resolve("index.txt"), "");
        Files.writeString(at.resolve("serial"), "1000");
        Files.writeString(at.resolve("crlnumber"), "01");
        root(at, "root");
        root(at, "stranger");
        signed(at, "server", "DNS:localhost,DNS:*.example.org,IP:127.0.0.1,IP:::1");
        signed(at, "other", "DNS:other.example.net");
        signed(at, "mallory", "DNS:localhost");
        signed(at, "client", "DNS:client");
        signed(at, "expired", "DNS:localhost",
                "-startdate", "20200101000000Z", "-enddate", "20210101000000Z");
        signed(at, "future", "DNS:localhost",
                "-startdate", "20900101000000Z", "-enddate", "20910101000000Z");
        openssl(at, "ca", "-config", "ca.cnf", "-gencrl", "-out", "unrevoked.pem");
        openssl(at, "ca", "-config", "ca.cnf", "-gencrl", "-crldays", "2", "-out", "brief.pem");
        openssl(at, "ca", "-config", "ca.cnf", "-revoke", "mallory.pem");
        openssl(at, "ca", "-config", "ca.cnf", "-gencrl", "-out", "revoked.pem");
        staple(at, "server", "staple.der", "-ndays", "5");
        staple(at, "mallory", "mallory.der", "-ndays", "5");
        staple(at, "other", "others.der", "-ndays", "5");
        makeStale(at.resolve("staple.der"), at.resolve("stale.der"));
        openssl(at, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "rsa.key",
                "-out", "rsa.pem", "-subj", "/CN=localhost", "-days", "30",
                "-addext", "subjectAltName=DNS:localhost");
        openssl(at, "pkey", "-in", "server.key", "-aes256", "-passout", "pass:sesame",
                "-out", "sealed.key");
        Files.writeString(at.resolve("garbage.pem"), "this is no PEM\n");
    }

    private static void root(Path at, String name) {
        openssl(at, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                "-nodes", "-keyout", name + ".key", "-out", name + ".pem",
                "-subj", "/CN=" + name, "-days", "30");
    }

    private static void signed(Path at, String name, String names, String... options) {
        openssl(at, "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                "-nodes", "-keyout", name + ".key", "-out", name + ".csr", "-subj", "/CN=" + name,
                "-addext", "subjectAltName=" + names);
        List<String> command = new ArrayList<>(List.of("ca", "-config", "ca.cnf", "-batch",
                "-notext", "-in", name + ".csr", "-out", name + ".pem"));
        command.addAll(List.of(options));
        openssl(at, command.toArray(new String[0]));
    }

    private static void staple(Path at, String name, String out, String... validity) {
        List<String> command = new ArrayList<>(List.of("ocsp", "-index", "index.txt",
                "-rsigner", "root.pem", "-rkey", "root.key", "-CA", "root.pem",
                "-issuer", "root.pem", "-cert", name + ".pem", "-respout", out));
        command.addAll(List.of(validity));
        openssl(at, command.toArray(new String[0]));
    }

    /** Moves every time in it, such as 20261121093000Z, to the year 2020. */
    private static void makeStale(Path from, Path to) throws IOException {
        byte[] bytes = Files.readAllBytes(from);
        for (int i = 2; i + 15 <= bytes.length; i++) {
            if (bytes[i - 2] == 0x18 && bytes[i - 1] == 15 && bytes[i + 14] == 'Z') {
                bytes[i + 2] = '2';
                bytes[i + 3] = '0';
            }
        }
        Files.write(to, bytes);
    }

    private static void openssl(Path at, String... arguments) {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        Processes.run(at, command.toArray(new String[0]));
    }
}
