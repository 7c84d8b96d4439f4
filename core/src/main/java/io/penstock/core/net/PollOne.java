package io.penstock.core.net;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import java.util.concurrent.TimeUnit;

/** Waits for one descriptor, for streams with no loop. */
final class PollOne {
    private static final int EVENTS_OFFSET = 4;
    private static final int TIMESPEC_OFFSET = 8;

    private PollOne() {
    }

    /**
     * Returns what {@code ppoll} returns: 1, 0 when the time is up, or {@code -errno}. A signal
     * does not lengthen the wait.
     */
    static int await(Posix posix, int descriptor, boolean isForReading, int timeoutMs) {
        NativeBuffer memory = Scratch.get();
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        int n;
        do {
            long leftNs = Math.max(0, deadline - System.nanoTime());
            memory.putInt(0, descriptor);
            memory.putInt(EVENTS_OFFSET, isForReading ? Linux.EPOLLIN : Linux.EPOLLOUT);
            memory.putLong(TIMESPEC_OFFSET, leftNs / 1_000_000_000L);
            memory.putLong(TIMESPEC_OFFSET + 8, leftNs % 1_000_000_000L);
            long address = memory.addressOffset();
            n = posix.ppoll(address, 1, timeoutMs < 0 ? 0 : address + TIMESPEC_OFFSET, 0, 0);
        } while (n == -Errno.EINTR);
        return n;
    }
}
