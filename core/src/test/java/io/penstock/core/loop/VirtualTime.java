package io.penstock.core.loop;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.FaultyPosix;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.NanoClock;

/** A clock that moves when told, and a kernel whose waits move it instead of taking time. */
final class VirtualTime implements NanoClock {
    /** What a wait without end is written down as. */
    static final long FOR_EVER = -1;

    final FaultyPosix posix = new FaultyPosix();
    /** How long each wait was asked to be. */
    final List<Long> waits = new ArrayList<>();
    long nowNs = 1_000;
    /** No wait lasts longer: a signal comes. 0: none does. */
    long signalEveryNs;
    /** What happens when the loop would never wake up again. */
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
