package io.penstock.core.loop;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ends the loop's wait from another thread, by an eventfd that the loop waits for too. The eventfd
 * is written only while the loop waits. The loop first sets {@code isWaiting} and then looks for
 * tasks; another thread first offers its task and then reads {@code isWaiting}. So at least one of
 * them sees the other.
 *
 * <p><b>Threading</b>: {@link #wakeUp} and {@link #wakeUpIfWaiting}: any thread; the others: the
 * loop's.
 */
final class WakeUp {
    static final long TOKEN = -1;
    private static final NativeBuffer ONE = NativeBuffer.allocate(Long.BYTES);
    private static final int NONE_MAY = Integer.MIN_VALUE;

    static {
        ONE.putLong(0, 1);
    }

    private final Posix posix;
    private final NativeBuffer word = NativeBuffer.allocate(Long.BYTES);
    private int descriptor = -1;
    // How many threads are writing the eventfd now; negative while none may.
    private final AtomicInteger writers = new AtomicInteger(NONE_MAY);
    private volatile boolean isWaiting;
    private volatile boolean isEmbedded;

    WakeUp(Posix posix) {
        this.posix = posix;
    }

    /** Opens the eventfd, which no thread may write yet: 0 or a code. */
    int open(Backend backend) {
        descriptor = posix.eventfd2(0, Linux.EFD_CLOEXEC | Linux.EFD_NONBLOCK);
        return descriptor < 0 ? descriptor
                : backend.watch(descriptor, TOKEN);
    }

    /** Lets threads write the eventfd from now on. */
    void admit() {
        writers.addAndGet(NONE_MAY); // the sign alone: writers may change the count meanwhile
    }

    /** Whether the loop is about to wait, or waits. */
    void waits(boolean isWaiting) {
        this.isWaiting = isWaiting;
    }

    /** Another poller waits for the loop from now on: every task writes the eventfd. */
    void embed() {
        isEmbedded = true;
    }

    void wakeUpIfWaiting() {
        if (isWaiting || isEmbedded) {
            wakeUp();
        }
    }

    /** Writes the eventfd: 0, NOT_OPEN while no thread may write, or -errno. */
    int wakeUp() {
        if (writers.get() < 0) {
            return ReturnCode.NOT_OPEN;
        }
        try {
            if (writers.incrementAndGet() < 0) { // closed since the check
                return ReturnCode.NOT_OPEN;
            }
            isWaiting = false; // one write is enough
            long n = posix.write(descriptor, ONE.addressOffset(), Long.BYTES);
            return n < 0 && n != -Errno.EAGAIN ? (int) n : 0; // EAGAIN: it is readable already
        } finally {
            writers.decrementAndGet();
        }
    }

    /** Reads the eventfd, so that it is no longer readable. */
    void taken() {
        posix.read(descriptor, word.addressOffset(), Long.BYTES);
    }

    /** Lets no thread write any more: soon the descriptor's number may be another file's. */
    void shutOut() {
        writers.addAndGet(NONE_MAY);
        while (writers.get() != NONE_MAY) { // as long as a write takes
            Thread.yield();
        }
    }

    void close() {
        if (descriptor >= 0) {
            posix.close(descriptor);
            descriptor = -1;
        }
    }
}
