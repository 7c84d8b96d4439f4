package io.penstock.dns.resolver;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import java.lang.ref.Reference;

/**
 * A file that is read again when its inode number, length or times have changed. The file is looked
 * at once in an interval at most. A file that does not exist counts as empty.
 */
final class WatchedFile {
    private static final long UNKNOWN = -1;

    private final Posix posix;
    private final NativeBuffer path;
    private final NativeBuffer status = NativeBuffer.allocate(Linux.STATX_BYTES);
    private final NativeBuffer contents;
    private final long everyNs;
    private long checkedNs;
    private boolean wasChecked;
    private long seen = UNKNOWN;
    private int length;

    WatchedFile(Posix posix, String path, int maxBytes, long everyNs) {
        this.posix = posix;
        this.path = NativeBuffer.cString(path);
        this.everyNs = everyNs;
        contents = NativeBuffer.allocate(maxBytes);
    }

    /** Makes the next check look at the file, even within the interval. */
    void lookAgain() {
        wasChecked = false;
    }

    /** 1 if the file was read, 0 if it has not changed, or a code: then the last contents stay. */
    int check(long nowNs) {
        if (wasChecked && nowNs - checkedNs < everyNs) {
            return 0;
        }
        wasChecked = true;
        checkedNs = nowNs;
        int rc = posix.statx(Linux.AT_FDCWD, path.addressOffset(), 0, Linux.STATX_BASIC_STATS,
                status.addressOffset());
        Reference.reachabilityFence(this);
        if (rc == -Errno.ENOENT || rc == -Errno.ENOTDIR) {
            return changedTo(0, 0);
        }
        if (rc < 0) {
            return rc;
        }
        long now = fingerprint();
        if (now == seen) {
            return 0;
        }
        int n = read();
        return n < 0 ? n : changedTo(now, n);
    }

    private int changedTo(long fingerprint, int bytes) {
        boolean isNew = seen != fingerprint;
        seen = fingerprint;
        length = bytes;
        return isNew ? 1 : 0;
    }

    /** Never {@link #UNKNOWN} and hardly ever 0. */
    private long fingerprint() {
        long hash = status.getLong(Linux.STATX_INO_OFFSET);
        hash = mix(hash, status.getLong(Linux.STATX_SIZE_OFFSET));
        hash = mix(hash, status.getLong(Linux.STATX_MTIME_OFFSET));
        hash = mix(hash, status.getInt(Linux.STATX_MTIME_OFFSET + Long.BYTES));
        hash = mix(hash, status.getLong(Linux.STATX_CTIME_OFFSET));
        hash = mix(hash, status.getInt(Linux.STATX_CTIME_OFFSET + Long.BYTES));
        return hash & Long.MAX_VALUE;
    }

    private static long mix(long hash, long value) {
        long h = (hash ^ value) * 0x9e37_79b9_7f4a_7c15L;
        return h ^ h >>> 29;
    }

    private int read() {
        int fd = posix.openat(Linux.AT_FDCWD, path.addressOffset(),
                Linux.O_RDONLY | Linux.O_CLOEXEC | Linux.O_NONBLOCK, 0);
        if (fd < 0) {
            return fd;
        }
        int n = 0;
        long got = 1;
        while (got > 0 && n < contents.capacity()) {
            got = posix.read(fd, contents.addressOffset() + n, contents.capacity() - n);
            n += (int) Math.max(0, got);
        }
        posix.close(fd);
        return got < 0 ? (int) got : wholeLines(n);
    }

    /** Cuts a file that is too long at the end of its last whole line. */
    private int wholeLines(int bytes) {
        int n = bytes;
        if (n == contents.capacity()) {
            while (n > 0 && contents.getByte(n - 1) != '\n') {
                n--;
            }
        }
        return n;
    }

    /** The contents as they were read last. */
    Text text(Text out) {
        return out.wrap(contents, 0, length);
    }
}
