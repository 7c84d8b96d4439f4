package io.penstock.core.buffer;

import io.penstock.benchmarks.Measured;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;

/** A value, a scan and a copy of 4 KiB off the heap, by each kind of buffer. */
public class NativeBufferBenchmark extends Measured {
    private static final int BYTES = 4096;
    private static final int MASK = BYTES - Long.BYTES;

    private final NativeBuffer penstock = NativeBuffer.allocate(BYTES);
    private final NativeBuffer penstockTo = NativeBuffer.allocate(BYTES);
    private final UnsafeBuffer agrona = new UnsafeBuffer(direct());
    private final UnsafeBuffer agronaTo = new UnsafeBuffer(direct());
    private final ByteBuffer nio = direct();
    private final ByteBuffer nioTo = direct();
    private int next;

    private static ByteBuffer direct() {
        return ByteBuffer.allocateDirect(BYTES).order(ByteOrder.nativeOrder());
    }

    private int next() {
        next = next + Long.BYTES & MASK;
        return next;
    }

    /** A long is read and written again. */
    @Benchmark
    public void penstockValue() {
        int at = next();
        penstock.putLong(at, penstock.getLong(at) + 1);
    }

    /** The same by Agrona's buffer. */
    @Benchmark
    public void agronaValue() {
        int at = next();
        agrona.putLong(at, agrona.getLong(at) + 1);
    }

    /** The same by the JDK's. */
    @Benchmark
    public void nioValue() {
        int at = next();
        nio.putLong(at, nio.getLong(at) + 1);
    }

    /**
     * Adds up its bytes.
     *
     * @return their sum
     */
    @Benchmark
    public int penstockScan() {
        int sum = 0;
        for (int i = 0; i < BYTES; i++) {
            sum += penstock.getByte(i);
        }
        return sum;
    }

    /**
     * The same by Agrona's buffer.
     *
     * @return their sum
     */
    @Benchmark
    public int agronaScan() {
        int sum = 0;
        for (int i = 0; i < BYTES; i++) {
            sum += agrona.getByte(i);
        }
        return sum;
    }

    /**
     * The same by the JDK's.
     *
     * @return their sum
     */
    @Benchmark
    public int nioScan() {
        int sum = 0;
        for (int i = 0; i < BYTES; i++) {
            sum += nio.get(i);
        }
        return sum;
    }

    /**
     * Copies all of it.
     *
     * @return the copy
     */
    @Benchmark
    public AtomicBuffer penstockCopy() {
        penstockTo.putBytes(0, penstock, 0, BYTES);
        return penstockTo;
    }

    /**
     * The same by Agrona's buffer.
     *
     * @return the copy
     */
    @Benchmark
    public AtomicBuffer agronaCopy() {
        agronaTo.putBytes(0, agrona, 0, BYTES);
        return agronaTo;
    }

    /**
     * The same by the JDK's.
     *
     * @return the copy
     */
    @Benchmark
    public ByteBuffer nioCopy() {
        return nioTo.put(0, nio, 0, BYTES);
    }
}
