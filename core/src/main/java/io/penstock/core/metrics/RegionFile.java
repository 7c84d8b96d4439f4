package io.penstock.core.metrics;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import org.agrona.DirectBuffer;

/**
 * The file of a region, from its owner's side: a copy of the region's memory, with a header that
 * says where that memory is. A copy is written as {@code file.tmp.pid}, and renamed once it is
 * whole. The owner holds a lock on the copy that has the file's name, which shows that the owner
 * runs. To replace a dead owner's copy, a process first takes that copy's lock.
 */
final class RegionFile {
    private static final int FILE_MODE = 0644;
    private static final int TRIES = 100;

    private final Posix posix;
    private final RegionMemory memory;
    private final FileStatus status;
    private final NativeBuffer magic = NativeBuffer.allocate(Long.BYTES);
    private NativeBuffer name;
    private NativeBuffer temporary;
    private int fd = -1;

    RegionFile(Posix posix) {
        this.posix = posix;
        memory = new RegionMemory(posix);
        status = new FileStatus(posix);
    }

    boolean isOpen() {
        return fd >= 0;
    }

    /** The memory that the region lives in once it is open. */
    NativeBuffer memory() {
        return memory.buffer();
    }

    /** Moves a region to memory that others find by a file: 0, or a code; then nothing is left. */
    int open(String file, DirectBuffer region) {
        if (!NativeBuffer.isCString(file)) {
            return ReturnCode.BAD_ARGUMENT;
        }
        name = NativeBuffer.cString(file);
        temporary = NativeBuffer.cString(file + ".tmp." + posix.getpid());
        int result = memory.open(region);
        if (result >= 0) {
            result = save();
            if (result < 0) {
                memory.close();
            }
        }
        return result;
    }

    /** Writes a copy of the memory, as it is now, to the file: 0 or a code. */
    int save() {
        int created = create();
        if (created < 0) {
            return created;
        }
        int result = write(created);
        if (result >= 0) {
            result = publish();
        }
        if (result < 0) {
            unlinkTemporary();
            posix.close(created);
            return result;
        }
        if (fd >= 0) {
            posix.close(fd);
        }
        fd = created;
        return ReturnCode.OK;
    }

    /** Leaves a last copy, unless the name leads elsewhere by now, and releases the locks. */
    int close() {
        int result = leadsTo(name, fd) == 1 ? save() : ReturnCode.OK;
        memory.close();
        int closed = posix.close(fd);
        return result < 0 ? result : closed;
    }

    /** Makes a file under the temporary name and locks it: its descriptor, or a code. */
    private int create() {
        int created = createNew();
        for (int i = 0; i < TRIES && created == -Errno.EEXIST; i++) {
            int left = seize(temporary, false); // left by a dead process that had the same pid
            if (left >= 0) {
                unlinkTemporary();
                posix.close(left);
            } else if (left != -Errno.ENOENT) {
                return left;
            }
            created = createNew();
        }
        if (created < 0) {
            return created == -Errno.EEXIST ? ReturnCode.REGION_OWNED : created;
        }
        int result = lock(created);
        if (result >= 0) { // until it was locked, others may have taken it for a dead process's
            result = leadsTo(temporary, created);
            boolean isTaken = result == 0 || result == -Errno.ENOENT;
            result = isTaken ? ReturnCode.REGION_OWNED : Math.min(result, 0);
        } else if (result != ReturnCode.REGION_OWNED) {
            unlinkTemporary();
        }
        if (result < 0) {
            posix.close(created);
        }
        return result < 0 ? result : created;
    }

    private int createNew() {
        int flags = Linux.O_RDWR | Linux.O_CREAT | Linux.O_EXCL | Linux.O_CLOEXEC;
        return posix.openat(Linux.AT_FDCWD, temporary.addressOffset(), flags, FILE_MODE);
    }

    private int write(int created) {
        NativeBuffer from = memory.buffer();
        int written = 0;
        while (written < from.capacity()) {
            long result = posix.write(
                    created, from.addressOffset() + written, from.capacity() - written);
            if (result < 0) {
                return (int) result;
            }
            written += (int) result;
        }
        return ReturnCode.OK;
    }

    /** Renames the copy: onto nothing, onto the owner's former copy, or onto a dead owner's. */
    private int publish() {
        for (int i = 0; i < TRIES; i++) {
            int result = rename(Linux.RENAME_NOREPLACE);
            if (result != -Errno.EEXIST) {
                return result;
            }
            if (fd >= 0 && leadsTo(name, fd) == 1) {
                return rename(0);
            }
            int former = seize(name, true);
            if (former >= 0) {
                result = rename(0);
                posix.close(former);
                return result;
            }
            if (former != -Errno.ENOENT) {
                return former;
            }
        }
        return ReturnCode.REGION_OWNED; // other owners replaced the file at each try
    }

    /**
     * Locks the file that has a name, so that no other process replaces it: its descriptor, or a
     * code; {@code -ENOENT} if the name leads elsewhere by now.
     */
    private int seize(NativeBuffer path, boolean isToBeRegion) {
        int result = status.ask(path, Linux.AT_SYMLINK_NOFOLLOW);
        if (result < 0) {
            return result;
        }
        if (!status.isRegular()) { // opening a device can have effects
            return ReturnCode.REGION_PATH_TAKEN;
        }
        int found = posix.openat(Linux.AT_FDCWD, path.addressOffset(),
                Linux.O_RDONLY | Linux.O_NOFOLLOW | Linux.O_NONBLOCK | Linux.O_CLOEXEC, 0);
        if (found < 0) {
            return found;
        }
        result = isToBeRegion && !isRegion(found) ? ReturnCode.REGION_PATH_TAKEN : lock(found);
        if (result >= 0) {
            result = leadsTo(path, found);
            result = result == 0 ? -Errno.ENOENT : Math.min(result, 0);
        }
        if (result < 0) {
            posix.close(found);
        }
        return result < 0 ? result : found;
    }

    private boolean isRegion(int found) {
        magic.putLong(0, 0);
        posix.read(found, magic.addressOffset(), Long.BYTES);
        return MetricsRegion.isMagic(magic);
    }

    /** Locks a file until its descriptor is closed; a reader's short lock does not count. */
    private int lock(int file) {
        int result = posix.flock(file, Linux.LOCK_EX | Linux.LOCK_NB);
        for (int i = 0; i < TRIES && result == -Errno.EAGAIN; i++) {
            int shared = posix.flock(file, Linux.LOCK_SH | Linux.LOCK_NB);
            if (shared < 0) {
                return shared == -Errno.EAGAIN ? ReturnCode.REGION_OWNED : shared;
            }
            Thread.yield(); // a reader takes its lock only to test the owner's, and releases it
            result = posix.flock(file, Linux.LOCK_EX | Linux.LOCK_NB);
        }
        return result == -Errno.EAGAIN ? ReturnCode.REGION_OWNED : result;
    }

    /** 1 if a name leads to an open file, 0 if to another, or a code. */
    private int leadsTo(NativeBuffer path, int file) {
        int result = status.ask(file);
        if (result < 0) {
            return result;
        }
        long inode = status.inode();
        long device = status.device();
        result = status.ask(path, Linux.AT_SYMLINK_NOFOLLOW);
        if (result < 0) {
            return result;
        }
        return status.inode() == inode && status.device() == device ? 1 : 0;
    }

    private int rename(int flags) {
        return posix.renameat2(Linux.AT_FDCWD, temporary.addressOffset(),
                Linux.AT_FDCWD, name.addressOffset(), flags);
    }

    private void unlinkTemporary() {
        posix.unlinkat(Linux.AT_FDCWD, temporary.addressOffset(), 0);
    }
}
