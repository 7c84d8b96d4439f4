package io.penstock.core.buffer;

import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Zeroed memory outside the heap. The segment owns its memory, which is released some time after
 * the segment becomes unreachable. Large regions are mappings of their own: a page uses no memory
 * before it is touched, and does not count towards the JVM's limit of direct memory.
 */
final class Region {
    /** The least size of a region that is a mapping of its own. */
    static final int MAPPED_FROM_BYTES = 64 << 10;
    /** A cache line: no region shares one with another. */
    static final int ALIGNMENT_BYTES = 64;

    private Region() {
    }

    static MemorySegment allocate(Posix posix, long bytes) {
        if (bytes >= MAPPED_FROM_BYTES) {
            long address = posix.mmap(0, bytes, Linux.PROT_READ | Linux.PROT_WRITE,
                    Linux.MAP_PRIVATE | Linux.MAP_ANONYMOUS, -1, 0);
            if (address > 0) {
                return owned(posix, address, bytes);
            }
        }
        return Arena.ofAuto().allocate(bytes, ALIGNMENT_BYTES);
    }

    @SuppressWarnings("restricted") // the mapping is ours, and has exactly that length
    private static MemorySegment owned(Posix posix, long address, long bytes) {
        return MemorySegment.ofAddress(address)
                .reinterpret(bytes, Arena.ofAuto(), mapped -> posix.munmap(address, bytes));
    }
}
