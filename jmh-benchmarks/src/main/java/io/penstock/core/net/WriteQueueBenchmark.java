package io.penstock.core.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.penstock.benchmarks.Measured;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.buffer.NativeBuffer;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;

/**
 * Messages of 256 B are kept until the socket has room, and leave in their order: what each of
 * {@value #MESSAGES} takes. Netty and NIO programs keep a buffer a message in a queue.
 */
public class WriteQueueBenchmark extends Measured {
    private static final int MESSAGES = 64;
    private static final int MESSAGE_BYTES = 256;

    private final WriteQueue penstock = new WriteQueue(new BufferPool(MESSAGES, 4096), null);
    private final NativeBuffer message = NativeBuffer.allocate(MESSAGE_BYTES);
    private final ByteBuffer direct = ByteBuffer.allocateDirect(MESSAGE_BYTES);
    private final ArrayDeque<ByteBuf> netty = new ArrayDeque<>();
    private final ArrayDeque<ByteBuffer> nio = new ArrayDeque<>();

    /**
     * Penstock's queue.
     *
     * @return how many slabs' addresses were looked at
     */
    @Benchmark
    @OperationsPerInvocation(MESSAGES)
    public long penstock() {
        for (int i = 0; i < MESSAGES; i++) {
            penstock.append(message, 0, MESSAGE_BYTES, 0);
        }
        long sum = 0;
        while (!penstock.isEmpty()) {
            sum += penstock.address();
            penstock.sent(penstock.contiguousBytes(), 0);
        }
        return sum;
    }

    /**
     * Pooled buffers of Netty.
     *
     * @return a sum
     */
    @Benchmark
    @OperationsPerInvocation(MESSAGES)
    public long netty() {
        for (int i = 0; i < MESSAGES; i++) {
            netty.add(PooledByteBufAllocator.DEFAULT.directBuffer(MESSAGE_BYTES)
                    .writeBytes(direct.duplicate()));
        }
        long sum = 0;
        for (ByteBuf next = netty.poll(); next != null; next = netty.poll()) {
            sum += next.readableBytes();
            next.release();
        }
        return sum;
    }

    /**
     * A buffer of the heap for each.
     *
     * @return a sum
     */
    @Benchmark
    @OperationsPerInvocation(MESSAGES)
    public long nio() {
        for (int i = 0; i < MESSAGES; i++) {
            nio.add(ByteBuffer.allocate(MESSAGE_BYTES).put(direct.duplicate()).flip());
        }
        long sum = 0;
        for (ByteBuffer next = nio.poll(); next != null; next = nio.poll()) {
            sum += next.remaining();
        }
        return sum;
    }
}
