package io.penstock.core.loop;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How another thread ends the loop's wait: an eventfd that the loop waits for too. It is written
 * only while the loop waits. The loop says that it waits first, and looks for work after that; who
 * has work for it offers that first, and looks whether the loop waits after that.
 *
 * <p><b>Threading</b>: {@link #wakeUp} and {@link #wakeUpIfWaiting} any, the rest the loop's.
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
    // How many threads are writing the descriptor now; negative while none may.
    private final AtomicInteger writers = new AtomicInteger(NONE_MAY);
    private volatile boolean isWaiting;
    private volatile boolean isEmbedded;

    WakeUp(Posix posix) {
        this.posix = posix;
    }

    /** Makes the descriptor, which nobody writes yet: 0 or a code. */
    int open(Backend backend) {
        descriptor = posix.eventfd2(0, Linux.EFD_CLOEXEC | Linux.EFD_NONBLOCK);
        return descriptor < 0 ? descriptor
                : backend.watch(descriptor, TOKEN);
    }

    /** From now on others may write it. */
    void admit() {
        writers.addAndGet(NONE_MAY); // the sign alone: writers may come and go already
    }

    /** Whether the loop is about to wait, or waits. */
    void waits(boolean isWaiting) {
        this.isWaiting = isWaiting;
    }

    /** From now on somebody else waits, and is always told. */
    void embed() {
        isEmbedded = true;
    }

    void wakeUpIfWaiting() {
        if (isWaiting || isEmbedded) {
            wakeUp();
        }
    }

    /** 0, NOT_OPEN while nobody may write, or -errno. */
    int wakeUp() {
        if (writers.get() < 0) {
            return ReturnCode.NOT_OPEN;
        }
        try {
            if (writers.incrementAndGet() < 0) { // closed between the two
                return ReturnCode.NOT_OPEN;
            }
            isWaiting = false; // one is enough
            long n = posix.write(descriptor, ONE.addressOffset(), Long.BYTES);
            return n < 0 && n != -Errno.EAGAIN ? (int) n : 0; // EAGAIN: it has been told already
        } finally {
            writers.decrementAndGet();
        }
    }

    /** The descriptor was readable: it is not any more. */
    void taken() {
        posix.read(descriptor, word.addressOffset(), Long.BYTES);
    }

    /** Its number is another file's soon, which must not be written to. */
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
