package io.penstock.benchmarks;

import io.penstock.core.ReturnCode;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How a benchmark is run: by one thread, in JVMs that are all started alike. Benchmarks whose names
 * begin with {@code penstock} declare that they allocate nothing.
 *
 * <p>The flags are what the peers' own documentation asks for on JDK 25: Agrona's buffers need the
 * export, Netty and JCTools the permission.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = {
    "--enable-native-access=ALL-UNNAMED", "-Xmx512m", "-XX:+UseSerialGC",
    "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow", "-Dio.netty.leakDetection.level=disabled"})
public abstract class Measured {
    /** A benchmark. */
    protected Measured() {
    }

    /**
     * Ends the benchmark if a call has failed.
     *
     * @param rc what it answered
     * @return the same
     */
    protected static int require(int rc) {
        if (rc < 0) {
            throw new IllegalStateException(ReturnCode.describe(rc));
        }
        return rc;
    }
}
