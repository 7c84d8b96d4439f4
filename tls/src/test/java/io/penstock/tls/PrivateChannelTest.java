package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.SocketStream;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Posix;
import io.penstock.pipes.PipeStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrivateChannelTest extends TlsFixture {
    private static SelfSigned generated() {
        SelfSigned identity = new SelfSigned();
        assertEquals(0, identity.generate());
        return identity;
    }

    @ParameterizedTest
    @ValueSource(strings = {"@penstock-private", "/tmp/penstock-private.sock", "127.0.0.1:0"})
    void twoSidesThatShareItTalk(String where) {
        SelfSigned identity = generated();
        Echo echo = new Echo();
        TlsContext server = server(new TlsConfig().privateChannel(identity));
        listen(where, server, echo);
        Recorder recorder = new Recorder();
        TlsContext context = client(new TlsConfig().privateChannel(identity));
        TlsStream client = new TlsStream(context, recorder);
        connect(client);
        turnUntil(() -> recorder.count("open") == 1);
        assertEquals(TlsConfig.TLS_1_3, client.outcome().protocol());
        assertEquals(5, client.write(bytes, 0, 5));
        turnUntil(() -> recorder.bytes == 5);
        assertEquals(bytes.getStringWithoutLengthAscii(0, 5), recorder.text.toString());
        assertEquals(0, client.shutdown());
        turnUntil(() -> recorder.count("end") == 1 && echo.count("close") == 1);
        assertEquals(0, echo.result);
        assertEquals(0, client.close());
        turnUntil(() -> recorder.count("close") == 1);
        assertEquals(0, recorder.result);
        assertEquals(List.of("open", "data", "end", "close"), recorder.calls);
        invariantsHold(client);
        assertEquals(1, context.counter(TlsMetrics.DONE_OFFSET));
        assertEquals(1, server.counter(TlsMetrics.DONE_OFFSET));
        identity.close();
    }

    @Test
    void nobodyWithoutItGetsPastTheHandshake() {
        Echo echo = new Echo();
        TlsContext server = server(new TlsConfig().privateChannel(generated()));
        listen("@penstock-private", server, echo);
        TlsConfig[] strangers = {
            new TlsConfig().acceptAnyPeer(),
            new TlsConfig().privateChannel(generated()),
            new TlsConfig().privateChannel(generated()).acceptAnyPeer(),
        };
        for (TlsConfig config : strangers) {
            Recorder recorder = new Recorder();
            TlsStream client = new TlsStream(client(config), recorder);
            connect(client);
            turnUntil(() -> recorder.count("close") == 1);
            assertNotEquals(0, recorder.result);
            assertEquals(0, recorder.bytes);
        }
        turnUntil(() -> echo.count("close") == strangers.length);
        assertEquals(0, echo.count("open"));
        assertEquals(strangers.length, server.counter(TlsMetrics.FAILED_OFFSET));
    }

    @Test
    void theClientKnowsItsServerToo() {
        listen("@penstock-private", server(new TlsConfig().privateChannel(generated())
                .requestClientCertificate()), new Echo());
        Recorder recorder = new Recorder();
        connect(new TlsStream(client(new TlsConfig().privateChannel(generated())), recorder));
        turnUntil(() -> recorder.count("close") == 1);
        assertCode(ReturnCode.TLS_CERTIFICATE_UNTRUSTED, recorder.result);
        assertEquals(List.of("close"), recorder.calls);
        assertEquals(48, recorder.tls().outcome().alertSent(), "unknown_ca");
        assertEquals(18, recorder.tls().outcome().verifyResult());
        assertTrue(recorder.tls().outcome().failureText().contains("certificate verify failed"));
    }

    /** Two processes, each with two lines of its own. */
    @Test
    void anotherProcessSharesItByAFile(@TempDir Path folder) throws IOException {
        String file = folder.resolve("channel.pem").toString();
        SelfSigned saved = generated();
        assertCode(0, saved.save(file));
        assertEquals("rw-------", PosixFilePermissions.toString(
                Files.getPosixFilePermissions(Path.of(file))));
        SelfSigned loaded = new SelfSigned();
        assertCode(0, loaded.load(file));
        assertCode(ReturnCode.ALREADY_OPEN, loaded.load(file));
        assertEquals(saved.key().getStringWithoutLengthAscii(0, saved.key().capacity()),
                loaded.key().getStringWithoutLengthAscii(0, loaded.key().capacity()));
        listen("@penstock-private", server(new TlsConfig().privateChannel(saved)), new Echo());
        Process other = Processes.start(folder, folder.resolve("log"), List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-Xmx64m", "-cp",
                System.getProperty("java.class.path"), Other.class.getName(), file));
        turnUntil(() -> !other.isAlive());
        assertEquals(0, other.exitValue(), () -> read(folder.resolve("log")));
        try (var files = Files.list(folder)) {
            assertEquals(2, files.count(), "the temporary file is gone");
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The other process: it says something, and waits until that comes back. */
    static final class Other {
        private Other() {
        }

        public static void main(String[] args) {
            EventLoop loop = new EventLoop(new LoopConfig());
            assertCode(0, loop.open());
            SelfSigned identity = new SelfSigned();
            assertCode(0, identity.load(args[0]));
            TlsContext context =
                    TlsContext.client(loop, new TlsConfig().privateChannel(identity));
            assertCode(0, context.open());
            Recorder recorder = new Recorder();
            TlsStream stream = new TlsStream(context, recorder);
            SocketStream below = new SocketStream(loop, stream.transport());
            Endpoint at = new Endpoint();
            assertCode(0, at.parse("@penstock-private"));
            assertCode(0, below.connect(at));
            assertCode(0, stream.open(below));
            NativeBuffer word = NativeBuffer.cString("word");
            Pump.until(loop, () -> recorder.count("open") == 1);
            assertEquals(4, stream.write(word, 0, 4));
            Pump.until(loop, () -> recorder.bytes == 4);
            assertTrue(recorder.text.toString().startsWith("word"));
            System.exit(0);
        }
    }

    @Test
    void whatIsSavedReplacesAndFollowsNoLink(@TempDir Path folder) throws IOException {
        Path aim = Files.writeString(folder.resolve("aim"), "as before");
        Path link = Files.createSymbolicLink(folder.resolve("link"), aim);
        SelfSigned identity = new SelfSigned();
        assertCode(ReturnCode.NOT_OPEN, identity.save(link.toString()));
        assertEquals(0, identity.generate());
        assertCode(0, identity.save(link.toString()));
        assertEquals("as before", Files.readString(aim));
        assertTrue(Files.isRegularFile(link, LinkOption.NOFOLLOW_LINKS));
        assertCode(0, identity.save(link.toString()));
        assertCode(0, new SelfSigned().load(link.toString()));
        assertCode(-Errno.ENOENT, identity.save(folder.resolve("none/at/all").toString()));
        assertCode(-Errno.EISDIR, identity.save(folder.toString()));
        assertCode(ReturnCode.BAD_ARGUMENT, identity.save(link + "\0"));
        try (var files = Files.list(folder)) {
            assertEquals(2, files.count());
        }
    }

    @Test
    void whatIsNoIdentityIsNotLoaded(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("channel.pem");
        SelfSigned identity = generated();
        assertCode(0, identity.save(file.toString()));
        for (String mode : List.of("rw-r-----", "rw----r--", "rw--w----", "rwx-----x")) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
            assertLoads(ReturnCode.TLS_KEY_EXPOSED, file);
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
        assertLoads(0, file);
        if (Posix.system().geteuid() == 0) { // nobody else can give a file away
            Files.setAttribute(file, "unix:uid", 65_534);
            assertLoads(ReturnCode.TLS_KEY_EXPOSED, file);
            Files.setAttribute(file, "unix:uid", 0);
        }
        assertLoads(-Errno.ELOOP, Files.createSymbolicLink(folder.resolve("link"), file));
        assertLoads(-Errno.EISDIR, folder);
        assertLoads(-Errno.ENOENT, folder.resolve("none"));
        assertLoads(ReturnCode.BAD_ARGUMENT, Path.of("none"), "\0");
        Path fifo = folder.resolve("fifo");
        assertEquals(0, PipeStream.makeFifo(fifo.toString(), 0600));
        assertLoads(ReturnCode.NOT_SUPPORTED, fifo);

        String whole = Files.readString(file);
        String certificate = whole.substring(whole.indexOf("-----BEGIN CERT"));
        String key = whole.substring(0, whole.indexOf("-----BEGIN CERT"));
        SelfSigned stranger = generated();
        String others = stranger.certificate()
                .getStringWithoutLengthAscii(0, stranger.certificate().capacity());
        Files.delete(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(
                PosixFilePermissions.fromString("rw-------")));
        assertLoads(0, Files.writeString(file, certificate + key));
        assertLoads(ReturnCode.TLS_KEY_MISMATCH, Files.writeString(file, key + others));
        assertLoads(ReturnCode.TLS_KEY_UNREADABLE, Files.writeString(file, ""));
        assertLoads(ReturnCode.TLS_KEY_UNREADABLE, Files.writeString(file, certificate));
        assertLoads(ReturnCode.TLS_KEY_UNREADABLE, Files.writeString(file, whole + whole));
        assertLoads(ReturnCode.TLS_CERTIFICATE_UNREADABLE, Files.writeString(file, key));
        for (int cut = 1; cut < whole.length() - 2; cut += 7) {
            Files.writeString(file, whole.substring(0, cut));
            SelfSigned loaded = new SelfSigned();
            assertTrue(loaded.load(file.toString()) <= ReturnCode.TLS_CERTIFICATE_UNREADABLE);
            assertNull(loaded.key());
            assertNull(loaded.certificate());
        }
    }

    private static void assertLoads(int code, Path file, String... more) {
        try (SelfSigned identity = new SelfSigned()) {
            assertCode(code, identity.load(file + String.join("", more)));
            assertEquals(code == 0, identity.key() != null);
        }
    }

    @Test
    void onceItIsClosedNothingBeginsWithIt() {
        SelfSigned identity = generated();
        TlsConfig config = new TlsConfig().privateChannel(identity);
        Echo echo = new Echo();
        TlsContext server = server(config);
        TlsContext client = client(config);
        listen("@penstock-private", server, echo);
        identity.close();
        assertCode(ReturnCode.TLS_CERTIFICATE_UNREADABLE, server.reload());
        assertTrue(server.failureText().contains("identity"), server.failureText());
        assertCode(ReturnCode.TLS_CERTIFICATE_UNREADABLE,
                TlsContext.client(loop, config).open());
        Recorder recorder = new Recorder();
        connect(new TlsStream(client, recorder)); // contexts that are open go on
        turnUntil(() -> recorder.count("open") == 1 && echo.count("open") == 1);
        assertEquals(0, identity.generate());
        assertCode(0, server.reload());
    }

    @Test
    void itMayBeGeneratedAfterItIsNamed() {
        SelfSigned identity = new SelfSigned();
        TlsConfig config = new TlsConfig().privateChannel(identity);
        assertCode(ReturnCode.TLS_CERTIFICATE_UNREADABLE,
                TlsContext.server(loop, config).open());
        assertEquals(0, identity.generate());
        server(config);
    }

    /** Looks for the key in all memory of the process that can be written. */
    @Test
    void noCopyOfTheKeyStays(@TempDir Path folder) throws IOException {
        SelfSigned identity = generated();
        byte[] key = MemorySearch.masked(identity.key());
        String file = folder.resolve("channel.pem").toString();
        assertCode(0, identity.save(file));
        SelfSigned again = new SelfSigned();
        assertCode(0, again.load(file));
        TlsConfig config = new TlsConfig().privateChannel(again);
        TlsContext server = server(config);
        listen("@penstock-private", server, new Echo());
        TlsContext client = client(config);
        Recorder recorder = new Recorder();
        TlsStream stream = new TlsStream(client, recorder);
        connect(stream);
        turnUntil(() -> recorder.count("open") == 1);
        assertCode(0, server.reload());
        assertTrue(MemorySearch.count(key) >= 2, "it is found where it is");
        stream.close();
        listener.close();
        turns(4);
        identity.close();
        again.close();
        assertEquals(0, MemorySearch.count(key));
    }

    @Test
    void itIsWiped() {
        SelfSigned identity = generated();
        assertCode(ReturnCode.ALREADY_OPEN, identity.generate());
        var key = identity.key();
        assertTrue(key.getStringWithoutLengthAscii(0, 27).startsWith("-----BEGIN PRIVATE KEY"));
        identity.close();
        assertNull(identity.key());
        assertEquals(0, key.getLong(0));
        assertEquals(0, identity.generate());
    }
}
