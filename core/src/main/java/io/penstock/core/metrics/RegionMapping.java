package io.penstock.core.metrics;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import java.lang.ref.Reference;

/**
 * A region as a reader has it: the owner's memory while the owner runs and lets us open it, or else
 * the copy in the file. It is mapped, and the kernel is asked whether it is still as long, where
 * its name leads by now, and whether its owner runs.
 */
final class RegionMapping {
    private static final int IDENTITY_OFFSET = MetricsRegion.PID_OFFSET; // to the header's end

    private final Posix posix;
    private final FileStatus status;
    private final NativeBuffer header = NativeBuffer.allocate(MetricsRegion.HEADER_BYTES);
    private final NativeBuffer other = NativeBuffer.allocate(MetricsRegion.HEADER_BYTES);
    private NativeBuffer path;
    private int fd = -1;
    private boolean isLive;
    private long mapped;
    private int mappedBytes;
    private long inode; // of the file
    private long device;

    RegionMapping(Posix posix) {
        this.posix = posix;
        status = new FileStatus(posix);
    }

    boolean isOpen() {
        return fd >= 0;
    }

    /** Whether it is the owner's memory. */
    boolean isLive() {
        return isLive;
    }

    /** Maps a file's region: 0 or a code, and then there may be something to close. */
    int open(String file) {
        if (!NativeBuffer.isCString(file)) {
            return ReturnCode.BAD_ARGUMENT;
        }
        path = NativeBuffer.cString(file);
        int result = openFile();
        if (result < 0) {
            return result;
        }
        fd = result;
        result = status.ask(fd);
        if (result < 0) {
            return result;
        }
        if (!status.isRegular() || status.sizeBytes() == 0) {
            return ReturnCode.REGION_FOREIGN;
        }
        inode = status.inode();
        device = status.device();
        int memory = openMemory();
        if (memory >= 0) {
            posix.close(fd);
            fd = memory;
            isLive = true;
        }
        return map();
    }

    private int openFile() {
        // O_NONBLOCK: a FIFO of that name must not hold us up.
        int result = posix.openat(Linux.AT_FDCWD, path.addressOffset(),
                Linux.O_RDONLY | Linux.O_NONBLOCK | Linux.O_CLOEXEC, 0);
        Reference.reachabilityFence(this);
        return result;
    }

    /** The memory that the file's header tells of, if the owner runs: a descriptor, or a code. */
    private int openMemory() {
        boolean isTold = readHeader(fd, header) && MetricsRegion.isMagic(header)
                && header.getInt(MetricsRegion.ENDIAN_OFFSET) == MetricsRegion.ENDIAN_MARK;
        if (!isTold || !isLocked()) {
            return -Errno.ENOENT;
        }
        int found = openLink(header.getLong(MetricsRegion.PID_OFFSET) + "/fd/"
                + header.getInt(MetricsRegion.DESCRIPTOR_OFFSET), Linux.O_PATH);
        if (found < 0) {
            return found;
        }
        int result = status.ask(found);
        if (result >= 0) {
            // The header may say anything, and to open a device may do something: not that.
            boolean isIt = status.isRegular()
                    && status.inode() == header.getLong(MetricsRegion.INODE_OFFSET);
            result = isIt ? openLink("self/fd/" + found, Linux.O_RDONLY) : -Errno.ENOENT;
        }
        posix.close(found);
        if (result >= 0 && !isOwners(result)) {
            posix.close(result);
            return -Errno.ENOENT;
        }
        return result;
    }

    private int openLink(String of, int flags) {
        NativeBuffer link = NativeBuffer.cString("/proc/" + of);
        int result = posix.openat(
                Linux.AT_FDCWD, link.addressOffset(), flags | Linux.O_CLOEXEC, 0);
        Reference.reachabilityFence(link);
        return result;
    }

    /** Whether it can never be cut, and is of the owner that the file tells of. */
    private boolean isOwners(int memory) {
        int seals = posix.fcntl(memory, Linux.F_GET_SEALS, 0);
        return seals >= 0 && (seals & Linux.F_SEAL_SHRINK) != 0
                && readHeader(memory, other) && isSameOwner();
    }

    private boolean readHeader(int file, NativeBuffer into) {
        int bytes = MetricsRegion.HEADER_BYTES;
        boolean isRead = posix.read(file, into.addressOffset(), bytes) == bytes;
        Reference.reachabilityFence(this);
        return isRead;
    }

    private boolean isSameOwner() {
        boolean isSame = true;
        for (int at = IDENTITY_OFFSET; at < MetricsRegion.HEADER_BYTES; at += Long.BYTES) {
            isSame &= header.getLong(at) == other.getLong(at);
        }
        return isSame;
    }

    private int map() {
        int result = status.ask(fd);
        if (result < 0) {
            return result;
        }
        int bytes = (int) Math.min(status.sizeBytes(), Integer.MAX_VALUE);
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
     * the kernel is one, so the error is thrown here if anywhere. The owner's memory is sealed, and
     * never faults.
     */
    int settled(int result) {
        if (fd < 0 || isLive) {
            return result;
        }
        int known = status.ask(fd);
        if (known < 0) {
            return known;
        }
        return status.sizeBytes() < mappedBytes
                ? ReturnCode.REGION_TRUNCATED : result;
    }

    /** Whether the owner's lock is refused to others. */
    boolean isLocked() {
        int result = posix.flock(fd, Linux.LOCK_SH | Linux.LOCK_NB);
        if (result >= 0) {
            posix.flock(fd, Linux.LOCK_UN); // the mapping would keep it past close
        }
        return result == -Errno.EAGAIN;
    }

    /** Whether its name leads to another region by now, or to a later copy of a copy. */
    boolean isReplaced() {
        if (status.ask(path, 0) < 0) {
            return false;
        }
        long thereInode = status.inode();
        long thereDevice = status.device();
        if (thereInode == inode && thereDevice == device) {
            return false;
        }
        if (!isLive || !status.isRegular() || !isCopy()) {
            return true;
        }
        inode = thereInode;
        device = thereDevice;
        return false;
    }

    /** Whether what has the name now is a later copy of the memory that is mapped. */
    private boolean isCopy() {
        int there = openFile();
        if (there < 0) {
            return false;
        }
        boolean isCopy = readHeader(there, other) && isSameOwner();
        posix.close(there);
        return isCopy;
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
        isLive = false;
    }
}
