package io.penstock.udp;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.FaultyPosix;
import io.penstock.core.testing.FaultyPosix.Kernel;
import io.penstock.core.testing.FaultyPosix.Rule;

/** A kernel, or a device below it, that refuses to cut regions; it sends plain datagrams. */
final class GsoRefusal {
    private final NativeBuffer header = new NativeBuffer();
    private final int errno;
    private int refused;

    GsoRefusal(FaultyPosix posix, int errno) {
        this.errno = errno;
        posix.on(Syscall.SENDMSG, this::sendmsg);
        posix.on(Syscall.SENDMMSG, this::sendmmsg);
    }

    /** How many calls it refused. */
    int refused() {
        return refused;
    }

    private long sendmsg(Kernel kernel, long[] args) {
        return isSegmented(args[1]) ? refuse() : Rule.PASS;
    }

    /** As in the kernel, the messages before the one that fails are sent. */
    private long sendmmsg(Kernel kernel, long[] args) {
        int plain = 0;
        while (plain < args[2] && !isSegmented(args[1] + plain * Linux.MMSGHDR_BYTES)) {
            plain++;
        }
        if (plain == 0) {
            return refuse();
        }
        args[2] = plain;
        return kernel.call(args);
    }

    private long refuse() {
        refused++;
        return -errno;
    }

    private boolean isSegmented(long msghdr) {
        header.wrap(msghdr, Linux.MSGHDR_BYTES);
        long control = header.getLong(Linux.MSGHDR_CONTROL_OFFSET);
        int bytes = (int) header.getLong(Linux.MSGHDR_CONTROLLEN_OFFSET);
        for (int at = 0; at < bytes; at += (int) header.getLong(0) + 7 & ~7) {
            header.wrap(control + at, Linux.CMSGHDR_BYTES);
            if (header.getInt(8) == Linux.IPPROTO_UDP && header.getInt(12) == Linux.UDP_SEGMENT) {
                return true;
            }
        }
        return false;
    }
}
