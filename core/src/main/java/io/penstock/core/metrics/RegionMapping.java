package io.penstock.core.metrics;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import java.lang.ref.Reference;

/**
 * A region from the reader's side: a mapping of the owner's memory, while the owner runs and its
 * permissions allow that, or else of the copy in the file. This class also asks the kernel whether
 * the mapped file was cut short, whether its name leads to another file by now, and whether the
 * owner runs.
 */
final class RegionMapping {
    // The identity of the owner and its memory: from here to the header's end.
    private static final int IDENTITY_OFFSET = MetricsRegion.PID_OFFSET;

    private final Posix posix;
    private final FileStatus status;
    private final NativeBuffer header = NativeBuffer.allocate(MetricsRegion.HEADER_BYTES);
    private final NativeBuffer other = NativeBuffer.allocate(MetricsRegion.HEADER_BYTES);
    private NativeBuffer path;
    private int fd = -1;
    private boolean isLive;
    private long mapped;
    private int mappedBytes;
    private long inode; // with the device: the file that the name led to
    private long device;

    RegionMapping(Posix posix) {
        this.posix = posix;
        status = new FileStatus(posix);
    }

    boolean isOpen() {
        return fd >= 0;
    }

    /** Whether the mapping is the owner's memory, not a copy. */
    boolean isLive() {
        return isLive;
    }

    /** Maps a file's region: 0, or a code; call {@link #close} in either case. */
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
        // O_NONBLOCK: opening a FIFO of that name must not block.
        int result = posix.openat(Linux.AT_FDCWD, path.addressOffset(),
                Linux.O_RDONLY | Linux.O_NONBLOCK | Linux.O_CLOEXEC, 0);
        Reference.reachabilityFence(this);
        return result;
    }

    /** Opens the memory that the file's header names, if the owner runs: descriptor, or code. */
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
            // The header may name any file, and opening a device can have effects: check first.
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

    /** Whether memory is sealed against shrinking, and its owner is the one that the file names. */
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

    /** The mapped memory; valid until {@link #close}. */
    NativeBuffer memory() {
        NativeBuffer whole = new NativeBuffer();
        whole.wrap(mapped, mappedBytes);
        return whole;
    }

    /**
     * Returns {@code result}, or a code if the file was cut short while it was read. In compiled
     * code such a fault becomes an InternalError only at a later safepoint poll, which may lie
     * beyond our catch. A system call has such a poll, so the error is thrown here at the latest.
     * The owner's memory is sealed and never faults.
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

    /** Whether the owner holds its lock. */
    boolean isLocked() {
        int result = posix.flock(fd, Linux.LOCK_SH | Linux.LOCK_NB);
        if (result >= 0) {
            posix.flock(fd, Linux.LOCK_UN); // the mapping would keep it past close
        }
        return result == -Errno.EAGAIN;
    }

    /** Whether the name leads to another region by now, or, for a copy, to a later copy. */
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

    /** Whether the file that has the name now is a later copy of the mapped memory. */
    private boolean isCopy() {
        int there = openFile();
        if (there < 0) {
            return false;
        }
        boolean isCopy = readHeader(there, other) && isSameOwner();
        posix.close(there);
        return isCopy;
    }

    /** Unmaps the region and closes its descriptor. It can be opened again. */
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
