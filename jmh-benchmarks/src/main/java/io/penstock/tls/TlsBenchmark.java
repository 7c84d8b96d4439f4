package io.penstock.tls;

import io.penstock.compare.EngineTls;
import io.penstock.compare.PenstockTls;
import io.penstock.compare.TlsWork;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Records and handshakes, both ends in one thread and joined in memory: Penstock, the JDK's
 * SSLEngine, and that of Netty's tcnative. {@code tls.c} does the same in C.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = {
    "--enable-native-access=ALL-UNNAMED", "-Xmx256m", "-XX:+UseSerialGC",
    "-Dio.netty.leakDetection.level=disabled"})
public class TlsBenchmark {
    /** Which: 16 KiB records of two suites, a round trip of 64 B, a full handshake. */
    @Param({"aes", "chacha", "ping", "full"})
    public String kind;

    private TlsWork penstock;
    private TlsWork jdk;
    private TlsWork tcnative;

    /**
     * Connects.
     *
     * @throws Exception if it does not work
     */
    @Setup
    public void open() throws Exception {
        penstock = PenstockTls.work(kind);
        jdk = EngineTls.work("jdk", kind);
        tcnative = EngineTls.work("tcnative", kind);
    }

    /**
     * Penstock.
     *
     * @throws Exception never
     */
    @Benchmark
    public void penstock() throws Exception {
        penstock.once();
    }

    /**
     * The JDK's SSLEngine.
     *
     * @throws Exception if it does not work
     */
    @Benchmark
    public void jdk() throws Exception {
        jdk.once();
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
