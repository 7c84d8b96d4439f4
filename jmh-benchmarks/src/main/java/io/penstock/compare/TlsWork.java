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
     * The suite that a workload is about.
     *
     * @param work its name
     * @return the suite's standard name
     */
    static String suite(String work) {
        return work.equals("chacha") ? "TLS_CHACHA20_POLY1305_SHA256" : "TLS_AES_128_GCM_SHA256";
    }

    /**
     * Whether a workload is one of TLS, and not of hashing.
     *
     * @param work its name
     * @return whether something is negotiated for it
     */
    static boolean isTls(String work) {
        return !work.startsWith("sha") && !work.startsWith("hmac");
    }

    /**
     * What a workload's name says of its connections: what {@code compare/tls.sh} wants to be told.
     *
     * @param work its name
     * @return protocol, suite, group, and whether they are resumed
     */
    static String wanted(String work) {
        return "TLSv1.3 " + suite(work) + " x25519 " + (work.equals("resumed") ? work : "full");
    }

    /**
     * Refuses one who does something else than the workload's name says.
     *
     * @param work its name
     * @param did what was negotiated, and after a semicolon what else is to be known
     */
    static void require(String work, String did) {
        if (isTls(work) && !did.replaceFirst(";.*", "").equals(wanted(work))) {
            throw new IllegalStateException("did " + did + ", for " + wanted(work));
        }
    }

    /**
     * Tells what was negotiated, for compare/run, which judges it.
     *
     * @param work the workload's name
     * @param did as above
     */
    static void tell(String work, String did) {
        if (isTls(work)) {
            System.out.println("did " + did);
        }
    }

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
