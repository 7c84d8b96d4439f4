package io.penstock.core.metrics;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import java.lang.ref.Reference;

/**
 * The status of a file, as the kernel last reported it: kind, length and identity.
 *
 * <p><b>See</b>: statx(2).
 */
final class FileStatus {
    private final Posix posix;
    // A struct statx, and a NUL behind it.
    private final NativeBuffer memory = NativeBuffer.allocate(Linux.STATX_BYTES + 1);

    FileStatus(Posix posix) {
        this.posix = posix;
    }

    /** Asks about an open file: 0 or a code. */
    int ask(int descriptor) {
        memory.putByte(Linux.STATX_BYTES, (byte) 0); // the empty path means the descriptor itself
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

    /** The inode's number, which identifies the file together with {@link #device}. */
    long inode() {
        return memory.getLong(Linux.STATX_INO_OFFSET);
    }

    long device() {
        return memory.getLong(Linux.STATX_DEV_OFFSET);
    }
}
