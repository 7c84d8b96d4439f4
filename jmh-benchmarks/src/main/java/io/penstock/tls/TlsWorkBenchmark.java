package io.penstock.tls;

import io.penstock.benchmarks.Measured;
import io.penstock.compare.EngineTls;
import io.penstock.compare.PenstockTls;
import io.penstock.compare.TlsWork;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;

/** Workloads of {@link TlsWork}, of Penstock and of the JDK, by the names that it has for them. */
public abstract class TlsWorkBenchmark extends Measured {
    private TlsWork penstock;
    private TlsWork jdk;

    /** A benchmark. */
    protected TlsWorkBenchmark() {
    }

    /**
     * Which workload.
     *
     * @return its name
     */
    protected abstract String kind();

    /**
     * Connects.
     *
     * @throws Exception if it does not work
     */
    @Setup
    public void open() throws Exception {
        penstock = PenstockTls.work(kind());
        jdk = EngineTls.work("jdk", kind());
    }

    /**
     * Penstock's.
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
