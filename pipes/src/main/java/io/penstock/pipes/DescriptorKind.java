package io.penstock.pipes;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import java.lang.ref.Reference;

/**
 * The kind of an inherited descriptor, which decides the calls that never block on it. Other
 * processes share the open file description, so its flags must stay as they are.
 *
 * <pre>
 *              polls  splice from  splice to           read and write by
 *   PIPE       yes    yes          yes                 preadv2, pwritev2 with RWF_NOWAIT
 *   FIFO       yes    yes          yes                 splice; steps of PIPE_BUF
 *   SOCKET     yes    yes          if O_NONBLOCK       MSG_DONTWAIT
 *   TERMINAL   yes    no           no                  an open file description of our own
 *   FILE       no     yes          unless O_APPEND     plain calls
 *   NULL       no     no           yes                 plain calls
 *   DEVICE     no     no           no                  plain calls
 * </pre>
 */
enum DescriptorKind {
    /** A pipe; or a FIFO, which refuses RWF_NOWAIT. */
    PIPE(true, true, true),
    SOCKET(true, true, true),
    TERMINAL(true, false, false),
    FILE(false, true, true),
    NULL(false, false, true),
    DEVICE(false, false, false);

    private static final int EMPTY_PATH_OFFSET = Linux.STATX_BYTES;
    private static final int STATX_RDEV_MAJOR_OFFSET = 128;
    private static final int STATX_RDEV_MINOR_OFFSET = 132;

    final boolean isPollable;
    final boolean splicesFrom;
    final boolean splicesTo;

    DescriptorKind(boolean isPollable, boolean splicesFrom, boolean splicesTo) {
        this.isPollable = isPollable;
        this.splicesFrom = splicesFrom;
        this.splicesTo = splicesTo;
    }

    /** The kind, as its ordinal, or {@code -errno}. */
    static int of(Posix posix, int fd) {
        NativeBuffer stat = NativeBuffer.allocate(Linux.STATX_BYTES + 64);
        int rc = posix.statx(fd, stat.addressOffset() + EMPTY_PATH_OFFSET, Linux.AT_EMPTY_PATH,
                Linux.STATX_BASIC_STATS, stat.addressOffset());
        if (rc < 0) {
            return rc;
        }
        DescriptorKind kind = switch (stat.getShort(Linux.STATX_MODE_OFFSET) & Linux.S_IFMT) {
            case Linux.S_IFIFO -> PIPE;
            case Linux.S_IFSOCK -> SOCKET;
            case Linux.S_IFCHR -> device(posix, fd, stat);
            default -> FILE;
        };
        Reference.reachabilityFence(stat);
        return kind.ordinal();
    }

    private static DescriptorKind device(Posix posix, int fd, NativeBuffer stat) {
        boolean isNull = stat.getInt(STATX_RDEV_MAJOR_OFFSET) == 1
                && stat.getInt(STATX_RDEV_MINOR_OFFSET) == 3;
        return isNull ? NULL
                : posix.ioctl(fd, Linux.TCGETS, stat.addressOffset()) == 0 ? TERMINAL : DEVICE;
    }
}
