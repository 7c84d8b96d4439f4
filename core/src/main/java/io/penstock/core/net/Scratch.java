package io.penstock.core.net;

import io.penstock.core.buffer.NativeBuffer;

/** A few bytes a thread, for the arguments of calls that are not on a hot path. */
final class Scratch {
    private static final ThreadLocal<NativeBuffer> MEMORY =
            ThreadLocal.withInitial(() -> NativeBuffer.allocate(64));

    private Scratch() {
    }

    static NativeBuffer get() {
        return MEMORY.get();
    }
}
