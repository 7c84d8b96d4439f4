package io.penstock.core.net;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringDomainSocketChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerDomainSocketChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.penstock.benchmarks.AbsentException;
import io.penstock.benchmarks.Measured;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * A message of 64 B to the other end of a connection and back, with a thread that has both: two
 * reads, two writes and two waits of the loop, which each of them makes. Pipes are in
 * {@code io.penstock.pipes}.
 */
public class StreamBenchmark extends Measured {
    private static final int TRIPS = 256;

    /** What kind of socket. */
    @Param({"tcp", "unix"})
    public String kind;

    private Path folder;
    private EchoPair pair; // whichever is measured

    /**
     * Connects the one that is measured.
     *
     * @param params its name
     * @throws Exception if it does not work
     */
    @Setup
    public void open(BenchmarkParams params) throws Exception {
        String benchmark = params.getBenchmark();
        pair = switch (benchmark.substring(benchmark.lastIndexOf('.') + 1)) {
            case "penstock" -> new PenstockPair(isTcp() ? "127.0.0.1:0" : "unix:" + path());
            case "nio" -> isTcp() ? new NioPair(StandardProtocolFamily.INET, loopback())
                    : new NioPair(StandardProtocolFamily.UNIX, UnixDomainSocketAddress.of(path()));
            case "nettyEpoll" -> nettyEpoll(nettyAddress());
            default -> nettyUring(nettyAddress());
        };
    }

    private EchoPair nettyEpoll(SocketAddress address) throws InterruptedException {
        IoHandlerFactory factory = EpollIoHandler.newFactory();
        return isTcp() ? new NettyPair(
                factory, EpollServerSocketChannel.class, EpollSocketChannel.class, address)
                : new NettyPair(factory, EpollServerDomainSocketChannel.class,
                        EpollDomainSocketChannel.class, address);
    }

    private EchoPair nettyUring(SocketAddress address) throws InterruptedException {
        if (!IoUring.isAvailable()) {
            throw new AbsentException("io_uring", IoUring.unavailabilityCause());
        }
        IoHandlerFactory factory = IoUringIoHandler.newFactory();
        return isTcp() ? new NettyPair(
                factory, IoUringServerSocketChannel.class, IoUringSocketChannel.class, address)
                : new NettyPair(factory, IoUringServerDomainSocketChannel.class,
                        IoUringDomainSocketChannel.class, address);
    }

    /**
     * Closes it.
     *
     * @throws IOException if it does not work
     */
    @TearDown
    public void close() throws IOException {
        pair.close();
        if (folder != null) {
            Files.deleteIfExists(folder.resolve("socket"));
            Files.delete(folder);
        }
    }

    private boolean isTcp() {
        return kind.equals("tcp");
    }

    private String path() throws IOException {
        folder = Files.createTempDirectory("penstock");
        return folder.resolve("socket").toString();
    }

    private SocketAddress nettyAddress() throws IOException {
        return isTcp() ? loopback() : new DomainSocketAddress(path());
    }

    private static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    /**
     * Penstock.
     *
     * @throws IOException if it does not work
     */
    @Benchmark
    @OperationsPerInvocation(TRIPS)
    public void penstock() throws IOException {
        pair.roundTrips(TRIPS);
    }

    /**
     * NIO.
     *
     * @throws IOException if it does not work
     */
    @Benchmark
    @OperationsPerInvocation(TRIPS)
    public void nio() throws IOException {
        pair.roundTrips(TRIPS);
    }

    /**
     * Netty over epoll.
     *
     * @throws IOException if it does not work
     */
    @Benchmark
    @OperationsPerInvocation(TRIPS)
    public void nettyEpoll() throws IOException {
        pair.roundTrips(TRIPS);
    }

    /**
     * Netty over io_uring.
     *
     * @throws IOException if it does not work
     */
    @Benchmark
    @OperationsPerInvocation(TRIPS)
    public void nettyUring() throws IOException {
        pair.roundTrips(TRIPS);
    }
}
