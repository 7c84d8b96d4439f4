package io.penstock.core.metrics;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import java.lang.ref.Reference;

/**
 * A region's file as a reader has it: mapped, and the kernel is asked whether it is still as long,
 * where its name leads by now, and whether its owner runs.
 */
final class RegionMapping {
    private static final int STATX_INODE_OFFSET = 32;
    private static final int STATX_DEVICE_OFFSET = 136;

    private final Posix posix;
    private final NativeBuffer status = NativeBuffer.allocate(Linux.STATX_BYTES + 1);
    private NativeBuffer path;
    private int fd = -1;
    private long mapped;
    private int mappedBytes;
    private long inode;
    private long device;

    RegionMapping(Posix posix) {
        this.posix = posix;
    }

    boolean isOpen() {
        return fd >= 0;
    }

    /** Maps a file: 0 or a code, and then there may be something to close. */
    int open(String file) {
        if (!NativeBuffer.isCString(file)) {
            return ReturnCode.BAD_ARGUMENT;
        }
        path = NativeBuffer.cString(file);
        // O_NONBLOCK: a FIFO of that name must not hold us up.
        int result = posix.openat(Linux.AT_FDCWD, path.addressOffset(),
                Linux.O_RDONLY | Linux.O_NONBLOCK | Linux.O_CLOEXEC, 0);
        if (result < 0) {
            return result;
        }
        fd = result;
        return map();
    }

    private int map() {
        int result = stat();
        if (result < 0) {
            return result;
        }
        long size = status.getLong(Linux.STATX_SIZE_OFFSET);
        int mode = status.getShort(Linux.STATX_MODE_OFFSET);
        if ((mode & Linux.S_IFMT) != Linux.S_IFREG || size == 0) {
            return ReturnCode.REGION_FOREIGN;
        }
        inode = status.getLong(STATX_INODE_OFFSET);
        device = status.getLong(STATX_DEVICE_OFFSET);
        int bytes = (int) Math.min(size, Integer.MAX_VALUE);
        long address = posix.mmap(0, bytes, Linux.PROT_READ, Linux.MAP_SHARED, fd, 0);
        if (address < 0) {
            return (int) address;
        }
        mapped = address;
        mappedBytes = bytes;
        return ReturnCode.OK;
    }

    /** What is mapped, until it is closed. */
    NativeBuffer memory() {
        NativeBuffer whole = new NativeBuffer();
        whole.wrap(mapped, mappedBytes);
        return whole;
    }

    /**
     * Answers a result once it is sure that it was read from a whole file. A fault in compiled code
     * becomes an InternalError only at some later poll, which may lie beyond our catch; a call into
     * the kernel is one, so the error is thrown here if anywhere.
     */
    int settled(int result) {
        if (fd < 0) {
            return result;
        }
        int known = stat();
        if (known < 0) {
            return known;
        }
        return status.getLong(Linux.STATX_SIZE_OFFSET) < mappedBytes
                ? ReturnCode.REGION_TRUNCATED : result;
    }

    private int stat() {
        status.putByte(Linux.STATX_BYTES, (byte) 0); // an empty path: the descriptor itself
        int result = posix.statx(fd, status.addressOffset() + Linux.STATX_BYTES,
                Linux.AT_EMPTY_PATH, Linux.STATX_BASIC_STATS, status.addressOffset());
        Reference.reachabilityFence(this);
        return result;
    }

    /** Whether the owner's lock is refused to others. */
    boolean isLocked() {
        int result = posix.flock(fd, Linux.LOCK_SH | Linux.LOCK_NB);
        if (result >= 0) {
            posix.flock(fd, Linux.LOCK_UN); // the mapping would keep it past close
        }
        return result == -Errno.EAGAIN;
    }

    /** 1 if its name leads to another file by now, 0 if not, or a code. */
    int replaced() {
        int result = posix.statx(Linux.AT_FDCWD, path.addressOffset(), 0,
                Linux.STATX_BASIC_STATS, status.addressOffset());
        Reference.reachabilityFence(this);
        if (result < 0) {
            return result;
        }
        return status.getLong(STATX_INODE_OFFSET) == inode
                && status.getLong(STATX_DEVICE_OFFSET) == device ? 0 : 1;
    }

    /** Lets go of it; it can be opened again. */
    void close() {
        if (mapped != 0) {
            posix.munmap(mapped, mappedBytes);
        }
        if (fd >= 0) {
            posix.close(fd);
        }
        path = null;
        mapped = 0;
        fd = -1;
    }
}
