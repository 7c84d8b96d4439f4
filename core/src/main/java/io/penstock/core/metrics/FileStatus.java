package io.penstock.core.metrics;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import java.lang.ref.Reference;

/**
 * What the kernel last told of a file: its kind, its length, and which file it is.
 *
 * <p><b>See</b>: statx(2).
 */
final class FileStatus {
    private final Posix posix;
    private final NativeBuffer memory = NativeBuffer.allocate(Linux.STATX_BYTES + 1); // and a NUL

    FileStatus(Posix posix) {
        this.posix = posix;
    }

    /** Asks about an open file: 0 or a code. */
    int ask(int descriptor) {
        memory.putByte(Linux.STATX_BYTES, (byte) 0); // an empty path: the descriptor itself
        return ask(descriptor, memory.addressOffset() + Linux.STATX_BYTES, Linux.AT_EMPTY_PATH);
    }

    /** Asks about the file that a name leads to: 0 or a code. */
    int ask(NativeBuffer path, int flags) {
        int result = ask(Linux.AT_FDCWD, path.addressOffset(), flags);
        Reference.reachabilityFence(path);
        return result;
    }

    private int ask(int directory, long path, int flags) {
        int result = posix.statx(
                directory, path, flags, Linux.STATX_BASIC_STATS, memory.addressOffset());
        Reference.reachabilityFence(this);
        return result;
    }

    boolean isRegular() {
        return (memory.getShort(Linux.STATX_MODE_OFFSET) & Linux.S_IFMT) == Linux.S_IFREG;
    }

    long sizeBytes() {
        return memory.getLong(Linux.STATX_SIZE_OFFSET);
    }

    /** With {@link #device}, which file it is. */
    long inode() {
        return memory.getLong(Linux.STATX_INO_OFFSET);
    }

    long device() {
        return memory.getLong(Linux.STATX_DEV_OFFSET);
    }
}
