package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Syscall;
import io.penstock.pipes.PipeStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are not what they should be: each is a code, told by name, and changes nothing. */
class PemTest extends TlsFixture {
    @TempDir
    private Path folder;

    /** What a file is read for. */
    enum Use {
        CERTIFICATE(ReturnCode.TLS_CERTIFICATE_UNREADABLE, "server.pem", "root.pem"),
        KEY(ReturnCode.TLS_KEY_UNREADABLE, "server.key", "other.pem"),
        TRUST(ReturnCode.TLS_TRUST_UNREADABLE, "root.pem", "stranger.pem"),
        REVOCATIONS(ReturnCode.TLS_REVOCATIONS_UNREADABLE, "revoked.pem", "revoked.pem");

        final int code;
        final String first;
        final String second;

        Use(int code, String first, String second) {
            this.code = code;
            this.first = first;
            this.second = second;
        }

        TlsConfig config(Path file) {
            TlsConfig config = Pki.server("server");
            return switch (this) {
                case CERTIFICATE -> config.certificate(file.toString());
                case KEY -> config.key(file.toString());
                case TRUST -> config.trust(file.toString()).requireClientCertificate();
                case REVOCATIONS -> config.trust(Pki.file("root.pem"))
                        .revoked(file.toString()).requireClientCertificate();
            };
        }
    }

    private static String text(String name) {
        try {
            return Files.readString(Path.of(Pki.file(name)));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("file.pem"), text, StandardCharsets.ISO_8859_1);
    }

    private void assertRefused(Use use, Path file, String why) {
        TlsContext context = TlsContext.server(loop, use.config(file));
        assertCode(use.code, context.open());
        String text = context.failureText();
        assertTrue(text.startsWith(file.toString()), text);
        assertTrue(text.contains(why), text);
    }

    /** What can happen to the second of two blocks, and what is said then. */
    static Stream<Arguments> damage() {
        return Stream.of(Use.values()).flatMap(use -> {
            String first = text(use.first);
            String second = text(use.second);
            int middle = second.length() / 2;
            String begin = second.substring(0, second.indexOf('\n'));
            return Stream.of(
                    Arguments.of(use, first + second.substring(0, middle), "block 2"),
                    Arguments.of(use, first + begin, "block 2"),
                    Arguments.of(use, first + begin.substring(0, 14), "after block 1"),
                    Arguments.of(use, first + "-----BE", "after block 1"),
                    Arguments.of(use, first + second.replaceFirst("-----BEGIN", "----BEGIN"),
                            "after block 1"),
                    Arguments.of(use, first + second.replaceFirst("-----END", "-----ENDE"),
                            "block 2"),
                    Arguments.of(use, first + second.replaceFirst("\n-----END", "\n----END"),
                            "block 2"),
                    Arguments.of(use, first.stripTrailing() + second, "block 1"),
                    Arguments.of(use, "\ufeff".replace("\ufeff", "\u00ef\u00bb\u00bf") + first,
                            "after block 0"),
                    Arguments.of(use, (first + second).replace("\n", "\r"), "after block 0"));
        });
    }

    @ParameterizedTest
    @MethodSource("damage")
    void aBlockThatIsDamagedOrCutIsNotTheEnd(Use use, String text, String why)
            throws IOException {
        assertRefused(use, write(text), why);
    }

    @ParameterizedTest
    @EnumSource(Use.class)
    void whatIsInABlockIsReadToo(Use use) throws IOException {
        String again = use == Use.KEY ? text("other.key") : text(use.second);
        String second = again.replaceFirst("([A-Za-z0-9+/]{20}\n)", "#$1");
        assertRefused(use, write(text(use.first) + second), "block 2: error:");
        int line = again.indexOf('\n', again.indexOf('\n') + 1);
        String shorter = again.substring(0, line) + again.substring(again.indexOf('\n', line + 1));
        assertRefused(use, write(text(use.first) + shorter), "block 2: error:");
    }

    @ParameterizedTest
    @EnumSource(Use.class)
    void whatIsNoFileOfTheKind(Use use) throws IOException {
        assertRefused(use, write(""), "in PEM");
        assertRefused(use, write("no PEM at all"), "in PEM");
        String body = text(use.first).replaceAll("-----[A-Z0-9 ]+-----|\n", "");
        Path der = Files.write(folder.resolve("file.der"), Base64.getDecoder().decode(body));
        assertRefused(use, der, "it may be DER");
        String other = use == Use.KEY ? text("server.pem") : text("server.key");
        assertRefused(use, write(other), "in PEM");
        assertRefused(use, folder.resolve("none"), "ENOENT");
        assertRefused(use, folder.resolve("file.pem").resolve("none"), "ENOTDIR");
    }

    /** Lines that were joined on the way: what is said of them goes into logs. */
    @ParameterizedTest
    @ValueSource(strings = {"(-----BEGIN .*)\n", "\n(-----END)", "\n()"})
    void whatIsSaidOfAKeyHasNothingOfIt(String end) throws IOException {
        String key = text("server.key");
        String secret = key.split("\n")[1].substring(0, 12);
        String last = key.replaceFirst("\n-----END.*\n", "");
        last = last.substring(last.length() - 12);
        Path file = write(key.replaceAll(end, "$1"));
        TlsContext context = TlsContext.server(loop, Use.KEY.config(file));
        assertCode(ReturnCode.TLS_KEY_UNREADABLE, context.open());
        String text = context.failureText();
        assertFalse(text.contains(secret) || text.contains(last), text);
    }

    /** The library would ask the terminal for a passphrase, and the loop would wait for that. */
    @ParameterizedTest
    @EnumSource(Use.class)
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void nobodyIsAskedForAPassphrase(Use use) throws IOException {
        Path file = write(text(use.first).replaceFirst("(-----BEGIN .*\n)", "$1"
                + "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,000102030405060708090A0B0C0D0E0F"
                + "\n\n"));
        assertRefused(use, file, "block 1: error:");
    }

    /** None of these may hold the loop up, or take all of its memory. */
    @ParameterizedTest
    @EnumSource(Use.class)
    void whatIsNoRegularFileOrHasNoEnd(Use use) throws IOException {
        Path fifo = folder.resolve("fifo");
        assertEquals(0, PipeStream.makeFifo(fifo.toString(), 0600));
        assertRefused(use, fifo, "NOT_SUPPORTED");
        assertRefused(use, Path.of("/dev/zero"), "NOT_SUPPORTED");
        Path huge = folder.resolve("huge.pem");
        try (RandomAccessFile file = new RandomAccessFile(huge.toFile(), "rw")) {
            file.setLength(1L << 30);
        }
        assertRefused(use, huge, "EFBIG");
        if (use == Use.CERTIFICATE || use == Use.KEY) {
            assertRefused(use, folder, "EISDIR");
        }
    }

    @ParameterizedTest
    @EnumSource(Use.class)
    void whatTheKernelDoes(Use use) throws IOException {
        Path file = write(text(use.first));
        int before = use == Use.KEY || use == Use.TRUST ? 1 : use == Use.REVOCATIONS ? 2 : 0;
        before += use == Use.TRUST || use == Use.REVOCATIONS ? 1 : 0;
        posix.fail(Syscall.READ, Errno.EIO, before * 2, 1);
        assertRefused(use, file, "EIO");
        posix.heal();
        posix.fail(Syscall.OPENAT, Errno.EMFILE, before, 1);
        assertRefused(use, file, "EMFILE");
    }

    @Test
    void aFileThatIsWrittenMeanwhileIsNotRead() throws Exception {
        Path file = write(text("server.pem"));
        String chain = text("server.pem") + text("root.pem");
        TlsContext context = server(Use.CERTIFICATE.config(file));
        boolean[] isOver = {false};
        Thread writer = new Thread(() -> {
            while (!isOver[0]) {
                try {
                    Files.writeString(file, chain);
                    Files.writeString(file, text("server.pem"));
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }
        });
        writer.start();
        int refused = 0;
        for (int i = 0; i < 20_000 && refused < 20; i++) {
            int rc = context.reload();
            if (rc < 0) {
                assertCode(ReturnCode.TLS_CERTIFICATE_UNREADABLE, rc);
                refused++;
            }
        }
        isOver[0] = true;
        writer.join();
        assertEquals(20, refused);
        assertCode(0, context.reload());
    }

    static Stream<Arguments> good() {
        return Stream.of(Use.values()).flatMap(use -> {
            String first = text(use.first);
            String other = use == Use.KEY ? text("server.pem") : text("other.key");
            return Stream.of(
                    Arguments.of(use, "for people\n" + first + "and\n---\nmore\n\n"),
                    Arguments.of(use, first.replace("\n", "\r\n")),
                    Arguments.of(use, first.replace("\n", "  \n")),
                    Arguments.of(use, first.stripTrailing()),
                    Arguments.of(use, other + first),
                    Arguments.of(use, first + other),
                    Arguments.of(use, first + first));
        });
    }

    @ParameterizedTest
    @MethodSource("good")
    void whatIsGoodIsTaken(Use use, String text) throws IOException {
        server(use.config(write(text)));
    }

    @Test
    void aChainIsServedWhole() throws IOException {
        Path file = write(text("server.key") + text("server.pem") + text("root.pem"));
        server(new TlsConfig().certificate(file.toString()).key(file.toString()));
    }

    @ParameterizedTest
    @EnumSource(Use.class)
    void aReloadChangesNothingThen(Use use) throws IOException {
        Path file = write(text(use.first));
        TlsContext context = server(use.config(file));
        long handle = context.handle();
        write(text(use.first) + "-----BEGIN CERTIFICATE-----\n");
        assertCode(use.code, context.reload());
        assertEquals(handle, context.handle());
        assertEquals(0, context.counter(TlsMetrics.RELOADS_OFFSET));
        assertTrue(context.failureText().startsWith(file + ", block 2"), context.failureText());
        write(text(use.first));
        assertCode(0, context.reload());
        assertEquals("", context.failureText());
    }

    @Test
    void everyFileOfAFolderCounts() throws IOException {
        Files.writeString(folder.resolve("a.pem"), text("root.pem"));
        Files.writeString(folder.resolve(".hidden"), "nothing");
        Files.createDirectory(folder.resolve("deeper"));
        server(Use.TRUST.config(folder));
        Files.writeString(folder.resolve("b.pem"), "no PEM");
        assertRefused(Use.TRUST, folder, "b.pem: no certificate in PEM");
        Files.createSymbolicLink(folder.resolve("0.pem"), Path.of("/none"));
        assertRefused(Use.TRUST, folder, "0.pem: ENOENT");
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertRefused(Use.TRUST, empty, "without files");
    }

    /** A block that says what it is to be trusted for, or not. */
    @ParameterizedTest
    @org.junit.jupiter.params.provider.CsvSource({
        "-addtrust,serverAuth,true", "-addreject,serverAuth,false", "-addtrust,clientAuth,false",
    })
    void trustSettingsCount(String option, String purpose, boolean isTrusted) {
        Path trusted = folder.resolve("trusted.pem");
        Processes.run(folder, "openssl", "x509", "-in", Pki.file("root.pem"), "-trustout",
                option, purpose, "-out", trusted.toString());
        Echo echo = new Echo();
        Recorder recorder = new Recorder();
        listen("127.0.0.1:0", server(Pki.server("server")), echo);
        connect(new TlsStream(client(new TlsConfig().trust(trusted.toString())), recorder)
                .host("localhost"));
        turnUntil(() -> !recorder.calls.isEmpty());
        assertEquals(isTrusted, recorder.count("open") == 1);
    }

    @Test
    void aStapleIsReadLikeThem() throws IOException {
        Path fifo = folder.resolve("fifo");
        assertEquals(0, PipeStream.makeFifo(fifo.toString(), 0600));
        for (Path file : new Path[] {fifo, folder, folder.resolve("none"), write("")}) {
            TlsContext context = TlsContext.server(loop,
                    Pki.server("server").staple(file.toString()));
            assertCode(ReturnCode.TLS_STAPLE_BAD, context.open());
            assertTrue(context.failureText().startsWith(file.toString()), context.failureText());
        }
    }

    /** Of a host's certificate, too. */
    @Test
    void whatIsMissingIsTold() {
        TlsContext none = TlsContext.server(loop, new TlsConfig());
        assertCode(ReturnCode.TLS_CERTIFICATE_UNREADABLE, none.open());
        assertEquals("a server without certificate", none.failureText());
        TlsContext keyless = TlsContext.server(loop, Pki.server("server").host("a.example",
                new TlsConfig().certificate(Pki.file("other.pem"))));
        assertCode(ReturnCode.TLS_KEY_UNREADABLE, keyless.open());
        assertEquals("a certificate without key", keyless.failureText());
        TlsContext mixed = TlsContext.server(loop,
                Pki.server("server").key(Pki.file("other.key")));
        assertCode(ReturnCode.TLS_KEY_MISMATCH, mixed.open());
        assertTrue(mixed.failureText().startsWith(Pki.file("other.key") + ", block 1: error:"),
                mixed.failureText());
        TlsContext sealed = TlsContext.server(loop,
                Pki.server("server").key(Pki.file("sealed.key")).passphrase("open"));
        assertCode(ReturnCode.TLS_KEY_UNREADABLE, sealed.open());
        assertTrue(sealed.failureText().contains("bad decrypt"), sealed.failureText());
        TlsContext provider = TlsContext.client(loop, new TlsConfig().providers("none"));
        assertCode(ReturnCode.TLS_PROVIDER_MISSING, provider.open());
        assertTrue(provider.failureText().startsWith("provider none: error:"),
                provider.failureText());
    }
}
