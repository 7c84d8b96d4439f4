package io.penstock.compare;

import java.lang.management.ManagementFactory;

/** A workload of TLS or of hashing, run for a while: operations a processor-second, heap each. */
public interface TlsWork {
    /** The payload of a record. */
    int RECORD_BYTES = 16 << 10;
    /** The payload of a ping. */
    int PING_BYTES = 64;

    /**
     * One operation.
     *
     * @throws Exception if it does not work
     */
    void once() throws Exception;

    /**
     * Warms it up for twice as long as it is measured, and prints what came of it.
     *
     * @param work what is measured
     * @param seconds for how long
     * @throws Exception if it does not work
     */
    static void run(TlsWork work, double seconds) throws Exception {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        rounds(work, 2 * seconds);
        long allocated = threads.getCurrentThreadAllocatedBytes();
        long begin = threads.getCurrentThreadCpuTime(); // not the compiler's, nor others'
        long count = rounds(work, seconds);
        double took = (threads.getCurrentThreadCpuTime() - begin) / 1e9;
        double heap = threads.getCurrentThreadAllocatedBytes() - allocated;
        System.out.printf("%.0f %.1f%n", count / took, heap / count);
    }

    private static long rounds(TlsWork work, double seconds) throws Exception {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        long count = 0;
        do {
            for (int i = 0; i < 64; i++) {
                work.once();
            }
            count += 64;
        } while (System.nanoTime() < end);
        return count;
    }
}
