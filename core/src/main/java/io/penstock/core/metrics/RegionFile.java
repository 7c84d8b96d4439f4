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
 * The file that a region becomes, from its owner's side. It has its name once it is whole: until
 * then it is {@code file.tmp.pid}. Its lock says that the owner runs.
 */
final class RegionFile {
    private static final int FILE_MODE = 0644;
    private static final String BOOT_ID_FILE = "/proc/sys/kernel/random/boot_id";

    private final Posix posix;
    private NativeBuffer memory;
    private int fd = -1;

    RegionFile(Posix posix) {
        this.posix = posix;
    }

    boolean isOpen() {
        return fd >= 0;
    }

    /** Where it is mapped, for as long as anything refers to that. */
    NativeBuffer memory() {
        return memory;
    }

    /** Makes the file of what a region holds: 0 or a code, and then nothing is left behind. */
    int open(String file, DirectBuffer region) {
        if (!NativeBuffer.isCString(file)) {
            return ReturnCode.BAD_ARGUMENT;
        }
        NativeBuffer name = NativeBuffer.cString(file);
        NativeBuffer temporary = NativeBuffer.cString(file + ".tmp." + posix.getpid());
        int result = create(temporary);
        if (result >= 0) {
            result = publish(result, region, temporary, name);
        }
        Reference.reachabilityFence(name);
        Reference.reachabilityFence(temporary);
        return result;
    }

    private int create(NativeBuffer temporary) {
        int flags = Linux.O_RDWR | Linux.O_CREAT | Linux.O_EXCL | Linux.O_CLOEXEC;
        long path = temporary.addressOffset();
        int result = posix.openat(Linux.AT_FDCWD, path, flags, FILE_MODE);
        if (result == -Errno.EEXIST) { // left by a process that died, and had the same pid
            posix.unlinkat(Linux.AT_FDCWD, path, 0);
            result = posix.openat(Linux.AT_FDCWD, path, flags, FILE_MODE);
        }
        return result;
    }

    private int publish(
            int created, DirectBuffer region, NativeBuffer temporary, NativeBuffer name) {
        int bytes = region.capacity();
        long address = 0;
        // A sparse file on a full disk would be SIGBUS at some later store: reserve it first.
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
            fill(address, region);
            result = posix.renameat2(Linux.AT_FDCWD, temporary.addressOffset(),
                    Linux.AT_FDCWD, name.addressOffset(), 0);
        }
        if (result < 0) {
            abandon(created, temporary, address, bytes);
            return result;
        }
        memory = owned(address, bytes);
        fd = created;
        return ReturnCode.OK;
    }

    private void abandon(int created, NativeBuffer temporary, long address, int bytes) {
        if (address > 0) {
            posix.munmap(address, bytes);
        }
        posix.unlinkat(Linux.AT_FDCWD, temporary.addressOffset(), 0);
        posix.close(created);
    }

    private void fill(long address, DirectBuffer region) {
        NativeBuffer file = new NativeBuffer();
        file.wrap(address, region.capacity());
        file.putBytes(0, region, 0, region.capacity());
        ProcessHandle self = ProcessHandle.current();
        file.putLong(MetricsRegion.PID_OFFSET, self.pid());
        file.putLong(MetricsRegion.START_TIME_OFFSET,
                self.info().startInstant().map(Instant::toEpochMilli).orElse(0L));
        NativeBuffer bootId = NativeBuffer.cString(BOOT_ID_FILE);
        int opened = posix.openat(Linux.AT_FDCWD, bootId.addressOffset(), Linux.O_CLOEXEC, 0);
        Reference.reachabilityFence(bootId);
        if (opened >= 0) {
            posix.read(opened, address + MetricsRegion.BOOT_ID_OFFSET,
                    MetricsRegion.BOOT_ID_BYTES);
            posix.close(opened);
        }
    }

    @SuppressWarnings("restricted") // the mapping is ours, and just that long
    private NativeBuffer owned(long address, int bytes) {
        Posix door = posix; // the cleaner must not hold the file
        NativeBuffer owned = new NativeBuffer();
        owned.wrap(MemorySegment.ofAddress(address)
                .reinterpret(bytes, Arena.ofAuto(), mapped -> door.munmap(address, bytes)));
        return owned;
    }

    /** Gives the lock back, so that readers see that the owner is gone; the file stays. */
    int close() {
        // The mapping refers to the open file, so closing the descriptor would not unlock it.
        posix.flock(fd, Linux.LOCK_UN);
        return posix.close(fd);
    }
}
