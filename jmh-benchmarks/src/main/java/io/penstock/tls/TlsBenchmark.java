package io.penstock.tls;

import io.penstock.benchmarks.AbsentException;
import io.penstock.compare.EngineTls;
import io.penstock.compare.TlsWork;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/**
 * Records and handshakes, both ends in one thread and joined in memory: Penstock, the JDK's
 * SSLEngine, and that of Netty's tcnative. {@code tls.c} does the same in C.
 */
public class TlsBenchmark extends TlsWorkBenchmark {
    /** Which: 16 KiB records of two suites, a round trip of 64 B, a full handshake. */
    @Param({"aes", "chacha", "ping", "full"})
    public String kind;

    private TlsWork tcnative;
    private IllegalStateException refused;

    @Override
    protected String kind() {
        return kind;
    }

    /**
     * Connects Netty's, which is refused if it negotiates something else than is asked for.
     *
     * @throws Exception if it does not work
     */
    @Setup
    public void openTcnative() throws Exception {
        try {
            tcnative = EngineTls.work("tcnative", kind);
        } catch (IllegalStateException e) {
            refused = e;
        }
    }

    /**
     * Netty's tcnative.
     *
     * @throws Exception if it does not work
     */
    @Benchmark
    public void tcnative() throws Exception {
        if (refused != null) {
            throw new AbsentException("tcnative", refused);
        }
        tcnative.once();
    }
}
