package io.penstock.simulation;

import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Syscall;

/**
 * How bad a day the kernel and the network have, by the seed: one time in so many; 0 is never.
 *
 * <p>A {@code calm} world only delays, and cuts transfers short: there every law must hold. In
 * another one connections break, and then nothing may be leaked and everybody be told.
 */
final class Faults {
    final int interrupt;
    final int shortTransfer;
    final int again;
    final int spurious;
    final int late; // readiness that is told in a later turn
    final int reset;
    final int sendFailure;
    final int descriptors;
    final int refusedWatch;
    final int loss;
    final int duplication;
    final int reordering;
    final int clockJump;
    final long latencyNs;
    private final World world;

    Faults(World world, boolean isCalm) {
        this.world = world;
        interrupt = rate(5);
        shortTransfer = rate(2);
        again = rate(4);
        spurious = rate(6);
        late = rate(4);
        loss = rate(10);
        duplication = rate(20);
        reordering = rate(5);
        clockJump = rate(50);
        latencyNs = 1 + world.random.nextInt(20_000_000);
        reset = isCalm ? 0 : rate(200);
        sendFailure = isCalm ? 0 : rate(200);
        descriptors = isCalm ? 0 : rate(20);
        refusedWatch = isCalm ? 0 : rate(100);
    }

    /** Never, or one time in {@code often} to ten times that many. */
    private int rate(int often) {
        return world.random.nextInt(3) == 0 ? 0 : often * world.upTo(10);
    }

    /** What a call fails with before it begins, or 0. */
    int of(int number) {
        if (number == Syscall.SENDTO || number == Syscall.RECVFROM) {
            return world.oneIn(interrupt) ? Errno.EINTR
                    : world.oneIn(again) ? Errno.EAGAIN
                    : world.oneIn(reset) ? Errno.ECONNRESET
                    : number == Syscall.SENDTO && world.oneIn(sendFailure) ? Errno.ENOBUFS : 0;
        }
        if (number == Syscall.RECVMMSG || number == Syscall.SENDMMSG) {
            return world.oneIn(interrupt) ? Errno.EINTR
                    : world.oneIn(again) ? Errno.EAGAIN
                    : world.oneIn(sendFailure) ? Errno.ENOBUFS : 0;
        }
        if (number == Syscall.ACCEPT4) {
            return world.oneIn(interrupt) ? Errno.EINTR
                    : world.oneIn(descriptors) ? Errno.EMFILE : 0;
        }
        if (number == Syscall.SOCKET) {
            return world.oneIn(descriptors) ? Errno.EMFILE : 0;
        }
        if (number == Syscall.EPOLL_CTL) {
            return world.oneIn(refusedWatch) ? Errno.ENOMEM : 0;
        }
        if (number == Syscall.EPOLL_PWAIT || number == Syscall.EPOLL_PWAIT2) {
            return world.oneIn(interrupt) ? Errno.EINTR : 0;
        }
        return 0;
    }

    /** As many of {@code n} as are moved this time. */
    int some(int n) {
        return n > 1 && world.oneIn(shortTransfer) ? world.upTo(n) : n;
    }

    long delayNs() {
        return 1 + (long) (world.random.nextDouble() * latencyNs);
    }
}
