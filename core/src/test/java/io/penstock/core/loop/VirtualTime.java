package io.penstock.core.loop;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.FaultyPosix;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.NanoClock;

/** A clock that the test moves, and a kernel whose waits move the clock and take no time. */
final class VirtualTime implements NanoClock {
    /** The record of a wait without a limit. */
    static final long FOR_EVER = -1;

    final FaultyPosix posix = new FaultyPosix();
    /** The requested length of each wait. */
    final List<Long> waits = new ArrayList<>();
    long nowNs = 1_000;
    /** The time after which a signal interrupts each wait; 0 for no signals. */
    long signalEveryNs;
    /** Runs when the loop would otherwise wait for ever. */
    Runnable onForEver = () -> {
        throw new AssertionError("waits for ever");
    };

    VirtualTime() {
        posix.on(Syscall.EPOLL_PWAIT2, (kernel, args) -> {
            NativeBuffer timespec = new NativeBuffer();
            timespec.wrap(args[3], 2 * Long.BYTES);
            long ns = timespec.getLong(0) * 1_000_000_000L + timespec.getLong(Long.BYTES);
            timespec.putLong(0, 0);
            timespec.putLong(Long.BYTES, 0);
            return answer(kernel.call(args), ns);
        });
        posix.on(Syscall.EPOLL_PWAIT, (kernel, args) -> {
            long ns = args[3] < 0 ? FOR_EVER : args[3] * 1_000_000L;
            args[3] = 0;
            return answer(kernel.call(args), ns);
        });
    }

    @Override
    public long nanoTime() {
        return nowNs;
    }

    private long answer(long events, long ns) {
        waits.add(ns);
        if (events != 0 || ns == 0) {
            return events;
        }
        if (signalEveryNs > 0 && (ns > signalEveryNs || ns == FOR_EVER)) {
            nowNs += signalEveryNs;
            return -Errno.EINTR;
        }
        if (ns == FOR_EVER) {
            onForEver.run();
        } else {
            nowNs += ns;
        }
        return 0;
    }
}
