package io.penstock.core.sys;

import java.lang.foreign.Arena;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The way into the kernel: a call that does nothing, one that moves a byte, one that fails. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class PosixBenchmark {
    private final Posix posix = Posix.system();
    private Arena arena;
    private long address;
    private int zero;

    /** Opens /dev/zero. */
    @Setup
    public void open() {
        arena = Arena.ofShared();
        address = arena.allocateFrom("/dev/zero").address();
        zero = posix.openat(Linux.AT_FDCWD, address, Linux.O_RDONLY | Linux.O_CLOEXEC, 0);
        if (zero < 0) {
            throw new IllegalStateException("/dev/zero: " + zero);
        }
    }

    /** Closes it. */
    @TearDown
    public void close() {
        posix.close(zero);
        arena.close();
    }

    /**
     * Enters the kernel for nothing.
     *
     * @return its result
     */
    @Benchmark
    public int getpid() {
        return posix.getpid();
    }

    /**
     * Reads a byte.
     *
     * @return its result
     */
    @Benchmark
    public long readOneByte() {
        return posix.read(zero, address, 1);
    }

    /**
     * Reads from no descriptor.
     *
     * @return its result
     */
    @Benchmark
    public long failingRead() {
        return posix.read(-1, address, 1);
    }
}
