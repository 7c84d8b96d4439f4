package io.penstock.races;

import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Posix;
import io.penstock.core.sys.Syscall;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A kernel with one event descriptor and nothing else to wait for: who sleeps does so until it is
 * woken, or there is nobody left who could. So a wake-up that is lost is seen, and nobody hangs.
 */
final class CountingPosix extends Posix {
    private static final int WAKE_DESCRIPTOR = 4;

    final AtomicInteger wakeUps = new AtomicInteger();
    volatile int others; // threads that may wake it still
    volatile int writtenToClosed; // which may be somebody else's by then
    private volatile boolean isClosed;
    boolean sleeps; // for ever

    @Override
    protected long enter(int number, long a, long b, long c, long d, long e, long f) {
        if (number == Syscall.WRITE) {
            wakeUps.incrementAndGet();
            writtenToClosed += isClosed ? 1 : 0;
            return Long.BYTES;
        }
        isClosed |= number == Syscall.CLOSE;
        if (number == Syscall.EPOLL_PWAIT2) {
            while (wakeUps.get() == 0 && others > 0) {
                Thread.onSpinWait();
            }
            sleeps = wakeUps.get() == 0;
        }
        return number == Syscall.EPOLL_CREATE1 || number == Syscall.EVENTFD2 ? WAKE_DESCRIPTOR
                : number == Syscall.READ ? -Errno.EAGAIN : 0;
    }
}
