package io.penstock.pipes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import java.nio.file.Path;

/**
 * A blocking descriptor of some kind, as a process inherits it, and its far end, such as a
 * shell or another program of a pipeline has. Its bytes follow a pattern.
 */
final class Inherited {
    enum Kind { PIPE, FIFO, TERMINAL, SOCKET, FILE, APPEND, NULL }

    private static final Posix POSIX = Posix.system();
    private static final int TIOCGPTN = 0x8004_5430;
    private static final int TIOCSPTLCK = 0x4004_5431;
    private static final int TCSETS = 0x5402;
    private static final int CHUNK = 32 << 10;
    private static final NativeBuffer MEMORY = NativeBuffer.allocate(CHUNK + 4096);
    private static int names;

    final Kind kind;
    final int descriptor; // the stream's to close
    long moved; // through the far end
    private final int same; // the same open file description, as the shell has it
    private final int flags;
    private int far = -1;

    private Inherited(Kind kind, int descriptor, int far) {
        assertTrue(descriptor >= 0, () -> "errno " + -descriptor);
        this.kind = kind;
        this.descriptor = descriptor;
        this.far = far;
        same = POSIX.fcntl(descriptor, Linux.F_DUPFD_CLOEXEC, 3);
        flags = POSIX.fcntl(descriptor, Linux.F_GETFL, 0);
        assertEquals(0, flags & Linux.O_NONBLOCK);
        if (far >= 0) {
            POSIX.fcntl(far, Linux.F_SETFL,
                    POSIX.fcntl(far, Linux.F_GETFL, 0) | Linux.O_NONBLOCK);
        }
    }

    /** Makes one to read from; a file has the bytes already, for other kinds feed the far end. */
    static Inherited source(Kind kind, Path directory, int fileBytes) {
        return switch (kind) {
            case PIPE -> pipe(0, 1);
            case FIFO -> fifo(directory, true);
            case TERMINAL -> terminal();
            case SOCKET -> socket();
            case FILE, APPEND -> file(kind, directory, fileBytes);
            case NULL -> device("/dev/null");
        };
    }

    static Inherited sink(Kind kind, Path directory) {
        return switch (kind) {
            case PIPE -> pipe(1, 0);
            case FIFO -> fifo(directory, false);
            default -> source(kind, directory, 0);
        };
    }

    private static Inherited pipe(int near, int far) {
        assertEquals(0, POSIX.pipe2(MEMORY.addressOffset(), Linux.O_CLOEXEC));
        return new Inherited(Kind.PIPE, MEMORY.getInt(4 * near), MEMORY.getInt(4 * far));
    }

    private static Inherited socket() {
        assertEquals(0, POSIX.socketpair(Linux.AF_UNIX, Linux.SOCK_STREAM | Linux.SOCK_CLOEXEC, 0,
                MEMORY.addressOffset()));
        return new Inherited(Kind.SOCKET, MEMORY.getInt(0), MEMORY.getInt(4));
    }

    private static Inherited fifo(Path directory, boolean isSource) {
        String path = directory.resolve("fifo" + names++).toString();
        assertEquals(0, PipeStream.makeFifo(path, 0600));
        int out = openat(path, Linux.O_RDWR); // O_RDWR does not block
        int in = openat(path, Linux.O_RDONLY);
        int writer = openat(path, Linux.O_WRONLY);
        POSIX.close(out);
        return new Inherited(Kind.FIFO, isSource ? in : writer, isSource ? writer : in);
    }

    private static Inherited file(Kind kind, Path directory, int bytes) {
        String path = directory.resolve("file" + names++).toString();
        int append = kind == Kind.APPEND ? Linux.O_APPEND : 0;
        int fd = openat(path, Linux.O_RDWR | Linux.O_CREAT | append);
        int far = openat(path, Linux.O_RDWR);
        for (int done = 0; done < bytes; done += CHUNK) {
            int n = Math.min(CHUNK, bytes - done);
            POSIX.write(far, pattern(done, n), n);
        }
        return new Inherited(kind, fd, far);
    }

    static Inherited device(String path) {
        return new Inherited(Kind.NULL, openat(path, Linux.O_RDWR), -1);
    }

    private static Inherited terminal() {
        int master = openat("/dev/ptmx", Linux.O_RDWR | Linux.O_NOCTTY);
        MEMORY.putInt(0, 0);
        assertEquals(0, POSIX.ioctl(master, TIOCSPTLCK, MEMORY.addressOffset()));
        assertEquals(0, POSIX.ioctl(master, TIOCGPTN, MEMORY.addressOffset()));
        int slave = openat("/dev/pts/" + MEMORY.getInt(0), Linux.O_RDWR | Linux.O_NOCTTY);
        assertEquals(0, POSIX.ioctl(slave, Linux.TCGETS, MEMORY.addressOffset()));
        MEMORY.putInt(0, 0); // raw: no translation, no echo, no lines
        MEMORY.putInt(4, 0);
        MEMORY.putInt(12, 0);
        assertEquals(0, POSIX.ioctl(slave, TCSETS, MEMORY.addressOffset()));
        return new Inherited(Kind.TERMINAL, slave, master);
    }

    /** Has the terminal write CR LF for each LF. */
    void translateLines() {
        assertEquals(0, POSIX.ioctl(descriptor, Linux.TCGETS, MEMORY.addressOffset()));
        MEMORY.putInt(4, 1 | 4); // OPOST, ONLCR
        assertEquals(0, POSIX.ioctl(descriptor, TCSETS, MEMORY.addressOffset()));
    }

    /** Makes one whose inherited descriptor is the controlling side. */
    Inherited master() {
        POSIX.fcntl(far, Linux.F_SETFL, Linux.O_RDWR);
        POSIX.close(same);
        return new Inherited(Kind.TERMINAL, far, descriptor);
    }

    private static int openat(String path, int mode) {
        NativeBuffer name = NativeBuffer.cString(path);
        int fd = POSIX.openat(
                Linux.AT_FDCWD, name.addressOffset(), mode | Linux.O_CLOEXEC, 0600);
        assertTrue(fd >= 0, () -> path + " errno " + -fd);
        return fd;
    }

    private static byte patternAt(long index) {
        return (byte) (index * 31 + (index >>> 8) * 7 + (index >>> 16));
    }

    private static long pattern(long from, int length) {
        for (int i = 0; i < length; i++) {
            MEMORY.putByte(i, patternAt(from + i));
        }
        return MEMORY.addressOffset();
    }

    /** Writes to the far end as much as it takes. */
    void feed(long total) {
        while (kind.compareTo(Kind.FILE) < 0 && moved < total) {
            int length = (int) Math.min(CHUNK, total - moved);
            long n = POSIX.write(far, pattern(moved, length), length);
            if (n < 0) {
                assertEquals(-Errno.EAGAIN, n);
                return;
            }
            moved += n;
        }
    }

    /** Reads the available bytes at the far end, and compares them with the pattern. */
    void drain() {
        while (kind != Kind.NULL && far >= 0) {
            int n = (int) POSIX.read(far, MEMORY.addressOffset(), CHUNK);
            // The master returns EIO after the last slave has closed.
            if (n <= 0) {
                assertTrue(n == 0 || n == -Errno.EAGAIN
                        || n == -Errno.EIO && kind == Kind.TERMINAL, () -> "errno " + -n);
                return;
            }
            for (int i = 0; i < n; i++) {
                if (MEMORY.getByte(i) != patternAt(moved + i)) {
                    assertEquals(patternAt(moved + i), MEMORY.getByte(i), "byte " + (moved + i));
                }
            }
            moved += n;
        }
    }

    /** Reads from the far end, of whatever kind. */
    void drop(NativeBuffer memory) {
        POSIX.read(far, memory.addressOffset(), memory.capacity());
    }

    /** Closes the far end. */
    void hangUp() {
        if (far >= 0) {
            POSIX.close(far);
            far = -1;
        }
    }

    /** Asserts that the flags are unchanged, and closes everything. */
    void leave() {
        assertEquals(flags, POSIX.fcntl(same, Linux.F_GETFL, 0), kind + " has other flags");
        POSIX.close(same);
        hangUp();
    }
}
