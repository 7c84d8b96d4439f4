package io.penstock.core.loop;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import java.util.concurrent.TimeUnit;

/**
 * Level-triggered epoll: if a handle left bytes behind, the next wait reports the handle again.
 * Timeouts are in nanoseconds where the kernel has {@code epoll_pwait2} (Linux 5.11), else in
 * milliseconds, rounded up.
 */
final class EpollBackend extends Backend {
    private static final int TIMESPEC_BYTES = 16;
    private static final int EVENTS_OFFSET = 2 * TIMESPEC_BYTES;

    private final Posix posix;
    private final int maxEvents;
    private final NativeBuffer memory;
    private final long events;
    private int epfd = -1;
    private boolean hasNanoseconds = true;

    /** The memory holds a timespec, one event for epoll_ctl, and the events of a wait. */
    EpollBackend(Posix posix, NativeBuffer received, int maxEvents) {
        super(received);
        this.posix = posix;
        this.maxEvents = maxEvents;
        memory = NativeBuffer.allocate(EVENTS_OFFSET + maxEvents * Linux.EPOLL_EVENT_BYTES);
        events = memory.addressOffset() + EVENTS_OFFSET;
    }

    @Override
    int open() {
        epfd = posix.epoll_create1(Linux.EPOLL_CLOEXEC);
        return Math.min(0, epfd);
    }

    @Override
    int watch(int descriptor, long token) {
        return control(Linux.EPOLL_CTL_ADD, descriptor, token, Linux.EPOLLIN);
    }

    /** Operations that wait for the same readiness are one to the kernel. */
    @Override
    int change(Handle handle, int from, int to) {
        int before = events(from);
        int after = events(to);
        if (before == after) {
            return 0;
        }
        int operation = before == 0 ? Linux.EPOLL_CTL_ADD
                : after == 0 ? Linux.EPOLL_CTL_DEL : Linux.EPOLL_CTL_MOD;
        return control(operation, handle.descriptor, handle.token(), after);
    }

    private static int events(int operations) {
        return ((operations & (Handle.READABLE | Handle.RECEIVE | Handle.ACCEPT)) != 0
                ? Linux.EPOLLIN : 0)
                | ((operations & (Handle.WRITABLE | Handle.SEND)) != 0 ? Linux.EPOLLOUT : 0);
    }

    private int control(int operation, int descriptor, long token, int mask) {
        memory.putInt(TIMESPEC_BYTES, mask);
        memory.putLong(TIMESPEC_BYTES + Linux.EPOLL_EVENT_DATA_OFFSET, token);
        return posix.epoll_ctl(epfd, operation, descriptor,
                memory.addressOffset() + TIMESPEC_BYTES);
    }

    /**
     * Epoll has no operations in flight. Closing the only descriptor of a file removes the file
     * from the epoll set, so an exclusive descriptor needs no call.
     */
    @Override
    void cancel(Handle handle, int operations) {
        if (!handle.isExclusive) {
            change(handle, operations, 0);
        }
    }

    @Override
    int await(long timeoutNs) {
        if (timeoutNs == 0 || timeoutNs == Long.MAX_VALUE || !hasNanoseconds) {
            return posix.epoll_pwait(epfd, events, maxEvents, milliseconds(timeoutNs), 0, 0);
        }
        memory.putLong(0, timeoutNs / 1_000_000_000L);
        memory.putLong(8, timeoutNs % 1_000_000_000L);
        int n = posix.epoll_pwait2(epfd, events, maxEvents, memory.addressOffset(), 0, 0);
        if (n == -Errno.ENOSYS || n == -Errno.EPERM) { // an old kernel, or an old seccomp filter
            hasNanoseconds = false;
            return await(timeoutNs);
        }
        return n;
    }

    private static int milliseconds(long timeoutNs) {
        if (timeoutNs == Long.MAX_VALUE) {
            return -1;
        }
        return timeoutNs == 0 ? 0 : (int) Math.min(Integer.MAX_VALUE,
                TimeUnit.NANOSECONDS.toMillis(timeoutNs - 1) + 1);
    }

    @Override
    long token(int event) {
        return memory.getLong(EVENTS_OFFSET + event * Linux.EPOLL_EVENT_BYTES
                + Linux.EPOLL_EVENT_DATA_OFFSET);
    }

    @Override
    void complete(int event, Handle handle) {
        perform(handle, readiness(event));
    }

    private int readiness(int event) {
        int mask = memory.getInt(EVENTS_OFFSET + event * Linux.EPOLL_EVENT_BYTES);
        int broken = mask & (Linux.EPOLLERR | Linux.EPOLLHUP); // the next call returns the error
        return ((mask & Linux.EPOLLIN) != 0 || broken != 0 ? Handle.READABLE : 0)
                | ((mask & Linux.EPOLLOUT) != 0 || broken != 0 ? Handle.WRITABLE : 0);
    }

    @Override
    int descriptor() {
        return epfd;
    }

    @Override
    void close() {
        posix.close(epfd);
        epfd = -1;
    }
}
