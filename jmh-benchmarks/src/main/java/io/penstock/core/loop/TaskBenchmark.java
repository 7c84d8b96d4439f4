package io.penstock.core.loop;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.penstock.benchmarks.Measured;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Tasks for a loop from another thread, which waits busily until the last of them has run: one that
 * has to wake the loop up, and many in a row. JCTools has the queue alone, and no thread.
 */
public class TaskBenchmark extends Measured {
    private static final int MANY = 512;

    private final EventLoop loop = new EventLoop(new LoopConfig().tasks(2 * MANY));
    private final Thread thread = new Thread(loop::run, "loop");
    private final EventLoopGroup nettyEpoll = group(EpollIoHandler.newFactory());
    private final EventLoopGroup nettyNio = group(NioIoHandler.newFactory());
    private final ExecutorService jdk = Executors.newSingleThreadExecutor();
    private final MpscVarHandleArrayQueue<Runnable> jctools =
            new MpscVarHandleArrayQueue<>(2 * MANY);
    private final Runnable task = this::ran;
    private volatile long ran;
    private long given;

    private static EventLoopGroup group(IoHandlerFactory factory) {
        return new MultiThreadIoEventLoopGroup(1, factory);
    }

    private void ran() { // one thread runs them at a time
        ran = ran + 1;
    }

    /** Starts the loop. */
    @Setup
    public void open() {
        require(loop.open());
        loop.keepAlive();
        thread.start();
    }

    /**
     * Ends the threads.
     *
     * @throws InterruptedException never
     */
    @TearDown
    public void close() throws InterruptedException {
        loop.stop();
        thread.join();
        loop.close();
        nettyEpoll.shutdownGracefully();
        nettyNio.shutdownGracefully();
        jdk.shutdown();
    }

    private void give(int count, Executor executor) {
        for (int i = 0; i < count; i++) {
            executor.execute(task);
        }
        awaitAll(count);
    }

    private void givePenstock(int count) {
        for (int i = 0; i < count; i++) {
            require(loop.execute(task));
        }
        awaitAll(count);
    }

    private void awaitAll(int count) {
        given += count;
        while (ran != given) {
            Thread.onSpinWait();
        }
    }

    /** Penstock's loop, asleep. */
    @Benchmark
    public void penstockOne() {
        givePenstock(1);
    }

    /** Netty's, over epoll. */
    @Benchmark
    public void nettyEpollOne() {
        give(1, nettyEpoll);
    }

    /** Netty's, over NIO. */
    @Benchmark
    public void nettyNioOne() {
        give(1, nettyNio);
    }

    /** The JDK's, which has no I/O. */
    @Benchmark
    public void jdkOne() {
        give(1, jdk);
    }

    /** Penstock's loop, while it runs them. */
    @Benchmark
    @OperationsPerInvocation(MANY)
    public void penstockMany() {
        givePenstock(MANY);
    }

    /** Netty's, over epoll. */
    @Benchmark
    @OperationsPerInvocation(MANY)
    public void nettyEpollMany() {
        give(MANY, nettyEpoll);
    }

    /** The JDK's. */
    @Benchmark
    @OperationsPerInvocation(MANY)
    public void jdkMany() {
        give(MANY, jdk);
    }

    /** The queue alone, by one thread. */
    @Benchmark
    @OperationsPerInvocation(MANY)
    public void jctoolsMany() {
        for (int i = 0; i < MANY; i++) {
            jctools.offer(task);
        }
        given += MANY;
        for (Runnable next = jctools.poll(); next != null; next = jctools.poll()) {
            next.run();
        }
    }
}
