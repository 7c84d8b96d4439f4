package io.penstock.core.sys;

import io.penstock.benchmarks.Measured;
import java.lang.foreign.Arena;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** The way into the kernel: a call that does nothing, one that moves a byte, one that fails. */
public class PosixBenchmark extends Measured {
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
    public int penstockGetpid() {
        return posix.getpid();
    }

    /**
     * Reads a byte.
     *
     * @return its result
     */
    @Benchmark
    public long penstockRead() {
        return posix.read(zero, address, 1);
    }

    /**
     * Reads from no descriptor.
     *
     * @return its result
     */
    @Benchmark
    public long penstockFailingRead() {
        return posix.read(-1, address, 1);
    }
}
