package io.penstock.core.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.FaultyPosix.Rule;
import io.penstock.core.testing.Recorder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The path of a Unix listener: its owner, its permissions, and replacing a stale path. */
class UnixPathTest extends NetFixture {
    @TempDir
    private Path folder;
    private final Echo echo = new Echo();
    private Path path;

    @BeforeEach
    void place() {
        path = folder.resolve("s");
        assertEquals(0, at.parse("unix:" + path));
    }

    private Listener listener() {
        return new Listener(loop, echo, 4);
    }

    private void connects() {
        int before = echo.opened;
        Recorder client = new Recorder();
        SocketStream stream = new SocketStream(loop, client);
        assertEquals(0, stream.connect(at));
        turnUntil(() -> client.count("open") == 1 && echo.opened == before + 1);
        stream.close();
        turnUntil(() -> client.count("close") == 1);
    }

    /** Makes a path stale: binds a socket, and closes it, which leaves the path. */
    private int boundSocket(int type) {
        int fd = system.socket(Linux.AF_UNIX, type | Linux.SOCK_CLOEXEC, 0);
        assertEquals(0, system.bind(fd, at.address(), at.length()));
        return fd;
    }

    private void makeStale() {
        system.close(boundSocket(Linux.SOCK_STREAM));
        assertTrue(Files.exists(path));
    }

    // Closing.

    @Test
    void theSuccessorsPathStays() throws IOException {
        Listener first = listener();
        assertEquals(0, first.listen(at, 4));
        Files.delete(path);
        Listener second = listener();
        assertEquals(0, second.listen(at, 4));
        first.close();
        turns(1);
        assertTrue(Files.exists(path), "the second's");
        connects();
        second.close();
        turns(1);
        assertFalse(Files.exists(path));
    }

    @Test
    void anotherFileInItsPlaceStays() throws IOException {
        Listener listener = listener();
        assertEquals(0, listener.listen(at, 4));
        Files.delete(path);
        Files.createFile(path);
        listener.close();
        turns(1);
        assertTrue(Files.exists(path));
    }

    @Test
    void aListeningThatFailsLeavesNoPath() {
        posix.fail(Syscall.LISTEN, Errno.ENOMEM, 0, 1);
        Listener listener = listener().replaceStalePath();
        assertEquals(-Errno.ENOMEM, listener.listen(at, 4));
        assertFalse(Files.exists(path));
        assertEquals(0, listener.listen(at, 4), "and no lock");
    }

    // Stale paths.

    @Test
    void aStalePathIsReplacedOnRequest() throws IOException {
        makeStale();
        assertEquals(-Errno.EADDRINUSE, listener().listen(at, 4));
        assertEquals(0, listener().replaceStalePath().listen(at, 4));
        connects();
        try (var files = Files.list(folder)) {
            assertEquals(1, files.count(), "nothing beside it");
        }
    }

    @Test
    void aListeningSocketKeepsItsPathAndDoesNotNotice() {
        Listener first = listener();
        assertEquals(0, first.listen(at, 1));
        assertEquals(-Errno.EADDRINUSE, listener().replaceStalePath().listen(at, 4));
        turns(3);
        assertEquals(0, echo.opened, "no connection of a probe");
        connects();
    }

    /** A socket that is bound and does not listen refuses connections. 5 is SOCK_SEQPACKET. */
    @Test
    void aBoundSocketThatDoesNotListenKeepsItsPath() {
        for (int type : new int[] {Linux.SOCK_STREAM, Linux.SOCK_DGRAM, 5}) {
            int fd = boundSocket(type);
            assertEquals(-Errno.EADDRINUSE, listener().replaceStalePath().listen(at, 4));
            system.close(fd);
            assertEquals(0, system.unlinkat(
                    Linux.AT_FDCWD, at.address() + Endpoint.UNIX_NAME_OFFSET, 0));
        }
    }

    @Test
    void aPathThatIsNoSocketIsKept() throws IOException {
        Files.createFile(path);
        assertEquals(-Errno.EADDRINUSE, listener().replaceStalePath().listen(at, 4));
        assertTrue(Files.isRegularFile(path));
        Files.delete(path);
        Path target = folder.resolve("target");
        Files.createFile(target);
        Files.createSymbolicLink(path, target);
        assertEquals(-Errno.EADDRINUSE, listener().replaceStalePath().listen(at, 4));
        assertTrue(Files.isSymbolicLink(path));
    }

    /** The first process has bound, and a second one starts before the first listens. */
    @Test
    void ofTwoStartersOneListens() {
        makeStale();
        int[] second = new int[2];
        Listener other = listener().replaceStalePath();
        posix.on(Syscall.LISTEN, (kernel, args) -> {
            if (second[1]++ == 0) {
                second[0] = other.listen(at, 4);
            }
            return Rule.PASS;
        });
        assertEquals(0, listener().replaceStalePath().listen(at, 4));
        assertEquals(-Errno.EAGAIN, second[0], "again in a moment");
        assertEquals(-Errno.EADDRINUSE, other.listen(at, 4));
        connects();
    }

    /** A process that does not lock replaces the path after it was found stale. */
    @Test
    void aPathReplacedMeanwhileIsKept() {
        makeStale();
        Listener live = listener();
        posix.on(Syscall.RENAMEAT2, (kernel, args) -> {
            if (!live.isOpen()) {
                system.unlinkat(Linux.AT_FDCWD, at.address() + Endpoint.UNIX_NAME_OFFSET, 0);
                assertEquals(0, live.listen(at, 4));
            }
            return Rule.PASS;
        });
        assertEquals(-Errno.EADDRINUSE, listener().replaceStalePath().listen(at, 4));
        connects();
        live.close();
        turns(1);
        assertFalse(Files.exists(path), "its own still");
    }

    @Test
    void theFolderMayBeGone() {
        assertEquals(0, at.parse("unix:" + folder.resolve("none/s")));
        assertEquals(-Errno.ENOENT, listener().replaceStalePath().listen(at, 4));
    }

    // Modes.

    private String mode() throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void nobodyElseMayConnectFromTheFirstMoment() throws IOException {
        String[] first = new String[1];
        posix.on(Syscall.BIND, (kernel, args) -> {
            long rc = kernel.call(args);
            try {
                first[0] = mode();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            return rc;
        });
        assertEquals(0, listener().pathMode(0600).listen(at, 4));
        assertEquals("rw-------", mode());
        assertEquals("rw-------", first[0]);
        connects();
    }

    @Test
    void theUmaskDoesNotNarrowTheMode() throws IOException {
        assertEquals(0, listener().pathMode(0666).replaceStalePath().listen(at, 4));
        assertEquals("rw-rw-rw-", mode());
        assertThrows(IllegalArgumentException.class, () -> listener().pathMode(01000));
        assertThrows(IllegalArgumentException.class, () -> listener().pathMode(-1));
    }

    @Test
    void aModeThatIsRefusedLeavesNoPath() {
        for (int call : new int[] {Syscall.FCHMOD, Syscall.FCHMODAT}) {
            posix.heal().failAlways(call, Errno.EPERM);
            Listener listener = listener().pathMode(0600);
            assertEquals(-Errno.EPERM, listener.listen(at, 4));
            assertFalse(listener.isOpen());
            assertFalse(Files.exists(path));
        }
    }

    @Test
    void theLongestPathIsReplacedToo() {
        String longest = folder + "/" + "x".repeat(
                Endpoint.UNIX_NAME_MAX_BYTES - 1 - folder.toString().length());
        assertEquals(0, at.parse("unix:" + longest));
        system.close(boundSocket(Linux.SOCK_STREAM));
        assertEquals(0, listener().replaceStalePath().pathMode(0600).listen(at, 4));
        connects();
    }

    /** A path without a NUL behind it, which the kernel accepts too. */
    @Test
    void aPathWithoutItsNul() {
        String text = path.toString();
        NativeBuffer sockaddr = NativeBuffer.allocate(2 + text.length());
        sockaddr.putShort(0, (short) Linux.AF_UNIX);
        sockaddr.putStringWithoutLengthAscii(2, text);
        Endpoint bare = new Endpoint();
        assertEquals(0, bare.wrap(sockaddr, 0, sockaddr.capacity()));
        makeStale();
        Listener listener = listener().replaceStalePath();
        assertEquals(0, listener.listen(bare, 4));
        connects();
        listener.close();
        turns(1);
        assertFalse(Files.exists(path));
    }
}
