package io.penstock.pipes;

import io.penstock.core.buffer.NativeBuffer;

/** One {@code iovec} a thread, for system calls that take an array of {@code iovec}s. */
final class Iovec {
    private static final ThreadLocal<NativeBuffer> MEMORY =
            ThreadLocal.withInitial(() -> NativeBuffer.allocate(16));

    private Iovec() {
    }

    static NativeBuffer of(long address, long length) {
        NativeBuffer iovec = MEMORY.get();
        iovec.putLong(0, address);
        iovec.putLong(Long.BYTES, length);
        return iovec;
    }
}
