package io.penstock.proof;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Leaks something of everything that a soak looks at, so that it is seen to look. */
final class Leak {
    private static final int BYTES = 4 << 20;
    private static final int NATIVE_BYTES = 16 << 20; // more than a collector gives back meanwhile
    private static final int DESCRIPTORS = 50;

    private final List<Object> kept = new ArrayList<>();

    void more() {
        kept.add(new byte[BYTES]);
        NativeBuffer memory = NativeBuffer.allocate(NATIVE_BYTES);
        memory.setMemory(0, NATIVE_BYTES, (byte) 1);
        kept.add(memory);
        for (int i = 0; i < DESCRIPTORS; i++) {
            Posix.system().eventfd2(0, Linux.EFD_CLOEXEC);
        }
        Thread.ofPlatform().daemon().start(() -> {
            while (true) {
                LockSupport.park();
            }
        });
    }
}
