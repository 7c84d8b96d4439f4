package io.penstock.dns.resolver;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Posix;
import java.lang.ref.Reference;

/**
 * Unpredictable random numbers from the kernel, fetched 256 bytes at a time. No query is sent
 * without them.
 */
final class Entropy {
    private static final int BYTES = 256; // getrandom(2) returns up to 256 bytes in one piece
    private static final int NEEDED_BYTES = 128; // for a query: id, cookie, a bit for each letter

    private final Posix posix;
    private final NativeBuffer bytes = NativeBuffer.allocate(BYTES);
    private int at = BYTES;

    Entropy(Posix posix) {
        this.posix = posix;
    }

    /** Fetches bytes if there are too few for one query: 0 or {@code -errno}. */
    int prepare() {
        if (BYTES - at >= NEEDED_BYTES) {
            return 0;
        }
        long n = posix.getrandom(bytes.addressOffset(), BYTES, 0);
        Reference.reachabilityFence(bytes);
        if (n < BYTES) {
            return (int) Math.min(n, -1);
        }
        at = 0;
        return 0;
    }

    int bits16() {
        return next(2) & 0xffff;
    }

    int bits32() {
        return next(4);
    }

    private int next(int size) {
        int value = 0;
        for (int i = 0; i < size; i++) {
            value = value << 8 | bytes.getByte(at) & 0xff;
            bytes.putByte(at++, (byte) 0); // a used number is not left in memory
        }
        return value;
    }
}
