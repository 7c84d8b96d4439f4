package io.penstock.tls;

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

    @Override
    protected String kind() {
        return kind;
    }

    /**
     * Connects Netty's.
     *
     * @throws Exception if it does not work
     */
    @Setup
    public void openTcnative() throws Exception {
        tcnative = EngineTls.work("tcnative", kind);
    }

    /**
     * Netty's tcnative.
     *
     * @throws Exception if it does not work
     */
    @Benchmark
    public void tcnative() throws Exception {
        tcnative.once();
    }
}
