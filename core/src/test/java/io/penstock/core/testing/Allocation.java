package io.penstock.core.testing;

import java.lang.management.ManagementFactory;

/** Asserts that something allocates nothing on the Java heap, once warm. */
public final class Allocation {
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int ATTEMPTS = 40; // of a tenth of a second: a busy machine compiles late

    private Allocation() {
    }

    /** The bytes that this thread allocated since it began. */
    public static long bytes() {
        return THREADS.getCurrentThreadAllocatedBytes();
    }

    /**
     * Runs the operation {@code warmUp} times, then {@code count} times, and fails if those moved
     * the thread's allocated bytes. A class or call site that is linked late allocates once, so it
     * may take a few attempts; something that allocates a call fails them all.
     */
    public static void assertNone(String name, int warmUp, int count, Runnable operation) {
        for (int i = 0; i < warmUp; i++) {
            operation.run();
        }
        bytes();
        long moved = 0;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            long before = bytes();
            for (int i = 0; i < count; i++) {
                operation.run();
            }
            moved = bytes() - before;
            if (moved == 0) {
                return;
            }
            waitForTheCompiler();
        }
        throw new AssertionError(name + " allocated " + moved + " bytes in " + count + " calls");
    }

    private static void waitForTheCompiler() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
