package io.penstock.core.metrics;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.time.Instant;
import org.agrona.DirectBuffer;

/**
 * The memory of a region that other processes read, from its owner's side: a memory file without a
 * path. It is sealed, so that nothing can shrink it, grow it, or write to it but the owner's
 * mapping; so no store into it can fault, even if the region's file is cut short or deleted. The
 * owner holds a lock on it while it runs, and readers open it as {@code /proc/pid/fd/descriptor}.
 */
final class RegionMemory {
    private static final String LABEL = "penstock-metrics";
    private static final String BOOT_ID_FILE = "/proc/sys/kernel/random/boot_id";
    private static final int SEALS = Linux.F_SEAL_SHRINK | Linux.F_SEAL_GROW
            | Linux.F_SEAL_FUTURE_WRITE | Linux.F_SEAL_SEAL;

    private final Posix posix;
    private NativeBuffer buffer;
    private int fd = -1;

    RegionMemory(Posix posix) {
        this.posix = posix;
    }

    /** The mapping, which lives as long as anything refers to the buffer. */
    NativeBuffer buffer() {
        return buffer;
    }

    /** Makes the memory and copies a region into it: 0, or a code and nothing left behind. */
    int open(DirectBuffer region) {
        int created = create();
        if (created < 0) {
            return created;
        }
        int bytes = region.capacity();
        long address = 0;
        // Reserve all pages now: a store to a page that cannot be allocated would fault.
        int result = posix.fallocate(created, 0, 0, bytes);
        if (result >= 0) {
            result = posix.flock(created, Linux.LOCK_EX | Linux.LOCK_NB);
        }
        if (result >= 0) {
            address = posix.mmap(0, bytes, Linux.PROT_READ | Linux.PROT_WRITE,
                    Linux.MAP_SHARED, created, 0);
            result = (int) Math.min(address, 0);
        }
        if (result >= 0) {
            result = posix.fcntl(created, Linux.F_ADD_SEALS, SEALS);
        }
        if (result >= 0) {
            result = fill(created, address, region);
        }
        if (result < 0) {
            if (address > 0) {
                posix.munmap(address, bytes);
            }
            posix.close(created);
            return result;
        }
        buffer = owned(address, bytes);
        fd = created;
        return ReturnCode.OK;
    }

    /** Releases the lock, so that readers see that the owner is gone. */
    void close() {
        // The mapping refers to the open file, so closing the descriptor would not unlock it.
        posix.flock(fd, Linux.LOCK_UN);
        posix.close(fd);
        fd = -1;
    }

    private int create() {
        NativeBuffer label = NativeBuffer.cString(LABEL);
        int flags = Linux.MFD_CLOEXEC | Linux.MFD_ALLOW_SEALING;
        int result = posix.memfd_create(label.addressOffset(), flags | Linux.MFD_NOEXEC_SEAL);
        if (result == -Errno.EINVAL) { // Linux before 6.3
            result = posix.memfd_create(label.addressOffset(), flags);
        }
        Reference.reachabilityFence(label);
        return result;
    }

    private int fill(int created, long address, DirectBuffer region) {
        FileStatus status = new FileStatus(posix);
        int result = status.ask(created);
        NativeBuffer memory = new NativeBuffer();
        memory.wrap(address, region.capacity());
        memory.putBytes(0, region, 0, region.capacity());
        ProcessHandle self = ProcessHandle.current();
        memory.putLong(MetricsRegion.PID_OFFSET, self.pid());
        memory.putLong(MetricsRegion.START_TIME_OFFSET,
                self.info().startInstant().map(Instant::toEpochMilli).orElse(0L));
        memory.putInt(MetricsRegion.DESCRIPTOR_OFFSET, created);
        memory.putLong(MetricsRegion.INODE_OFFSET, status.inode());
        fillBootId(address + MetricsRegion.BOOT_ID_OFFSET);
        return result;
    }

    private void fillBootId(long address) {
        NativeBuffer path = NativeBuffer.cString(BOOT_ID_FILE);
        int opened = posix.openat(Linux.AT_FDCWD, path.addressOffset(), Linux.O_CLOEXEC, 0);
        Reference.reachabilityFence(path);
        if (opened >= 0) {
            posix.read(opened, address, MetricsRegion.BOOT_ID_BYTES);
            posix.close(opened);
        }
    }

    @SuppressWarnings("restricted") // the mapping is ours, and has exactly that length
    private NativeBuffer owned(long address, int bytes) {
        Posix door = posix; // the cleaner must not hold the memory
        NativeBuffer owned = new NativeBuffer();
        owned.wrap(MemorySegment.ofAddress(address)
                .reinterpret(bytes, Arena.ofAuto(), mapped -> door.munmap(address, bytes)));
        return owned;
    }
}
