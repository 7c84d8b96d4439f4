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

/** SHA-256 and HMAC of 16 KiB and of 64 B, beside those of the JDK; tcnative has none. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = {
    "--enable-native-access=ALL-UNNAMED", "-Xmx256m", "-XX:+UseSerialGC",
    "-Dio.netty.leakDetection.level=disabled"})
public class DigestBenchmark {
    /** Which: see {@code tls.c}. */
    @Param({"sha16k", "sha64", "hmac16k", "hmac64"})
    public String kind;

    private TlsWork penstock;
    private TlsWork jdk;

    /**
     * Fetches the functions.
     *
     * @throws Exception if it does not work
     */
    @Setup
    public void open() throws Exception {
        penstock = PenstockTls.work(kind);
        jdk = EngineTls.work("jdk", kind);
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
     * The JDK's.
     *
     * @throws Exception if it does not work
     */
    @Benchmark
    public void jdk() throws Exception {
        jdk.once();
    }
}
