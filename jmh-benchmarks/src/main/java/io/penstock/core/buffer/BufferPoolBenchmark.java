package io.penstock.core.buffer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.penstock.benchmarks.Measured;
import java.nio.ByteBuffer;
import org.jctools.queues.varhandle.SpscVarHandleArrayQueue;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;

/** A slab of 4 KiB is taken, written to and given back, by the thread that owns the pool. */
public class BufferPoolBenchmark extends Measured {
    private static final int SLABS = 64;
    private static final int SLAB_BYTES = 4096;

    private final BufferPool penstock = new BufferPool(SLABS, SLAB_BYTES);
    private final SpscVarHandleArrayQueue<ByteBuffer> jctools =
            new SpscVarHandleArrayQueue<>(SLABS);

    /** Fills the queue that serves as a pool. */
    @Setup
    public void fill() {
        for (int i = 0; i < SLABS; i++) {
            jctools.offer(ByteBuffer.allocateDirect(SLAB_BYTES));
        }
    }

    /** Penstock's pool. */
    @Benchmark
    public void penstock() {
        int slab = penstock.take();
        penstock.buffer(slab).putLong(penstock.offset(slab), 1);
        penstock.give(slab);
    }

    /** Netty's, from its cache of the thread. */
    @Benchmark
    public void netty() {
        ByteBuf slab = PooledByteBufAllocator.DEFAULT.directBuffer(SLAB_BYTES);
        slab.setLong(0, 1);
        slab.release();
    }

    /** Buffers of the JDK in a queue of JCTools. */
    @Benchmark
    public void jctools() {
        ByteBuffer slab = jctools.poll();
        slab.putLong(0, 1);
        jctools.offer(slab);
    }
}
