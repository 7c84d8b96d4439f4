package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import java.lang.ref.Reference;

/**
 * Reads a whole file into memory that can be wiped, for it may hold a key. A FIFO, a device or an
 * endless file does not hold the loop up. A file that is written meanwhile is refused, so that the
 * result is never half of the old contents and half of the new.
 */
final class WholeFile {
    private static final int MAX_BYTES = 64 << 20; // twice the longest revocation lists
    private static final int SEEN_BYTES = 48; // of statx: size and times
    private static final int TIME_BYTES = 16;

    private final Posix posix;
    private final NativeBuffer status = NativeBuffer.allocate(Linux.STATX_BYTES + 1);
    private final NativeBuffer seen = NativeBuffer.allocate(SEEN_BYTES);
    private NativeBuffer contents;
    private int lengthBytes;
    private int mode;
    private int owner;

    WholeFile(Posix posix) {
        this.posix = posix;
    }

    /** The contents, and at least one byte of 0 behind them, until they are wiped. */
    NativeBuffer contents() {
        return contents;
    }

    int lengthBytes() {
        return lengthBytes;
    }

    /** The permissions of the file when it was read. */
    int mode() {
        return mode;
    }

    /** The user that the file belonged to when it was read. */
    int owner() {
        return owner;
    }

    /**
     * Reads a regular file: 0; {@link ReturnCode#BAD_ARGUMENT} for a path with a NUL in it;
     * {@link ReturnCode#NOT_SUPPORTED} for any other kind of file; {@code -EFBIG};
     * {@code -ETXTBSY} if it was written meanwhile; or another {@code -errno}.
     */
    int read(String path, int flags) {
        contents = null; // earlier contents belong to their reader
        lengthBytes = 0;
        if (!NativeBuffer.isCString(path)) {
            return ReturnCode.BAD_ARGUMENT;
        }
        NativeBuffer name = NativeBuffer.cString(path);
        int fd = posix.openat(Linux.AT_FDCWD, name.addressOffset(), Linux.O_RDONLY
                | Linux.O_NONBLOCK | Linux.O_CLOEXEC | Linux.O_NOCTTY | flags, 0);
        Reference.reachabilityFence(name);
        if (fd < 0) {
            return fd;
        }
        int rc = readAll(fd);
        posix.close(fd);
        if (rc < 0) {
            wipe();
        }
        return rc;
    }

    void wipe() {
        if (contents != null) {
            contents.setMemory(0, contents.capacity(), (byte) 0);
            contents = null;
        }
        lengthBytes = 0;
    }

    private int readAll(int fd) {
        int rc = stat(fd);
        if (rc < 0) {
            return rc;
        }
        mode = status.getShort(Linux.STATX_MODE_OFFSET);
        owner = status.getInt(Linux.STATX_UID_OFFSET);
        long size = status.getLong(Linux.STATX_SIZE_OFFSET);
        if ((mode & Linux.S_IFMT) != Linux.S_IFREG) {
            return (mode & Linux.S_IFMT) == Linux.S_IFDIR ? -Errno.EISDIR
                    : ReturnCode.NOT_SUPPORTED;
        }
        if (size > MAX_BYTES) {
            return -Errno.EFBIG;
        }
        look(seen);
        contents = NativeBuffer.allocate((int) size + 1); // with a byte to see that it has grown
        long n = 1;
        while (n > 0 && lengthBytes <= size) {
            n = posix.read(fd, contents.addressOffset() + lengthBytes, size + 1 - lengthBytes);
            lengthBytes += (int) Math.max(0, n);
        }
        rc = n < 0 ? (int) n : stat(fd);
        return rc < 0 ? rc : lengthBytes == size && isAsSeen() ? 0 : -Errno.ETXTBSY;
    }

    private int stat(int fd) {
        status.putByte(Linux.STATX_BYTES, (byte) 0); // an empty path: the descriptor itself
        int rc = posix.statx(fd, status.addressOffset() + Linux.STATX_BYTES,
                Linux.AT_EMPTY_PATH, Linux.STATX_BASIC_STATS, status.addressOffset());
        Reference.reachabilityFence(this);
        return rc;
    }

    private void look(NativeBuffer to) {
        to.putLong(0, status.getLong(Linux.STATX_SIZE_OFFSET));
        to.putBytes(TIME_BYTES, status, Linux.STATX_MTIME_OFFSET, TIME_BYTES);
        to.putBytes(2 * TIME_BYTES, status, Linux.STATX_CTIME_OFFSET, TIME_BYTES);
    }

    private boolean isAsSeen() {
        NativeBuffer now = NativeBuffer.allocate(SEEN_BYTES);
        look(now);
        return now.compareTo(seen) == 0;
    }
}
