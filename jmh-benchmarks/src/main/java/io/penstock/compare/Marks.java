package io.penstock.compare;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.management.ManagementFactory;

/**
 * What a server under test has done, told to the script that runs it. The server prints
 * {@code ready PORT} once it listens. For a line {@code mark} on stdin it prints
 * {@code bytes messages cpu_ns} since the one before: heap bytes that its loop's thread
 * allocated, messages that it counted, processor time of the whole process. For {@code heap} it
 * prints the bytes in use after a collection. The end of stdin ends it.
 */
final class Marks {
    private static final VarHandle MESSAGES;

    static {
        try {
            MESSAGES = MethodHandles.lookup().findVarHandle(Marks.class, "messages", long.class);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final OperatingSystemMXBean system =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private long messages;
    private long lastBytes;
    private long lastMessages;
    private long lastCpuNs;

    /** Counts one; the loop's thread calls it. */
    void count() {
        count(1);
    }

    /** Counts several. */
    void count(long n) {
        MESSAGES.setOpaque(this, messages + n);
    }

    /** Starts the thread of a loop; if the loop ends or throws, so does the process. */
    Thread start(Loop loop) {
        return Thread.ofPlatform().name("loop").start(() -> {
            try {
                loop.run();
                System.err.println("the loop ended");
            } catch (Exception e) {
                e.printStackTrace();
            }
            Runtime.getRuntime().halt(1);
        });
    }

    /** Says that the server is ready, and answers stdin until it ends. */
    void serve(Thread loop, int port) throws IOException {
        System.out.println("ready " + port);
        for (int c, first = -1; (c = System.in.read()) >= 0; ) {
            if (c != '\n') {
                first = first < 0 ? c : first;
                continue;
            }
            System.out.println(first == 'h' ? Long.toString(usedHeap()) : mark(loop));
            first = -1;
        }
        Runtime.getRuntime().halt(0);
    }

    private String mark(Thread loop) {
        long bytes = threads.getThreadAllocatedBytes(loop.threadId());
        long count = (long) MESSAGES.getOpaque(this);
        long cpuNs = system.getProcessCpuTime();
        String line = (bytes - lastBytes) + " " + (count - lastMessages) + " "
                + (cpuNs - lastCpuNs);
        lastBytes = bytes;
        lastMessages = count;
        lastCpuNs = cpuNs;
        return line;
    }

    private static long usedHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** A server's loop. */
    interface Loop {
        void run() throws Exception;
    }
}
