package io.penstock.udp;

import io.penstock.benchmarks.Measured;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.SocketOption;
import io.penstock.core.sys.Linux;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Datagrams of 64 B from one socket to another and out of it, {@value #MANY} at a time: what each
 * takes, one call each, one call for all of them, or as one region. NIO has one call each, and an
 * address only if the channel is not connected; Netty's native transport has batches too, of which
 * {@value #BATCHES} are sent each time that its thread is woken.
 */
public class UdpBenchmark extends Measured {
    private static final int MANY = 64;
    private static final int DATAGRAM_BYTES = 64;
    private static final int BATCHES = 16;

    private final UdpSocket sender = new UdpSocket();
    private final UdpSocket receiver = new UdpSocket();
    private final UdpSocket mergingReceiver = new UdpSocket();
    private final Endpoint to = new Endpoint();
    private final Endpoint toMerging = new Endpoint();
    private final Endpoint from = new Endpoint();
    private final NativeBuffer buffer = NativeBuffer.allocate(MANY * DATAGRAM_BYTES);
    private final DatagramBatch sent = new DatagramBatch(MANY, DATAGRAM_BYTES);
    private final DatagramBatch received = new DatagramBatch(MANY, DATAGRAM_BYTES);
    private final DatagramBatch merged = new DatagramBatch(1, 1 << 16);
    private final ByteBuffer nioBuffer = ByteBuffer.allocateDirect(DATAGRAM_BYTES);
    private DatagramChannel nioSender;
    private DatagramChannel nioReceiver;
    private DatagramChannel nioConnected;
    private InetSocketAddress nioAddress;
    private NettyDatagrams netty;

    /**
     * Opens them.
     *
     * @throws Exception if there is no descriptor
     */
    @Setup
    public void open() throws Exception {
        bind(receiver, to);
        bind(mergingReceiver, toMerging);
        require(mergingReceiver.setOption(SocketOption.UDP_GRO, 1));
        require(sender.open(Linux.AF_INET));
        for (int slot = 0; slot < MANY; slot++) {
            require(sent.length(slot, DATAGRAM_BYTES));
            require(sent.destination(slot, to));
        }
        nioReceiver = bound();
        nioSender = bound();
        nioConnected = bound();
        nioAddress = (InetSocketAddress) nioReceiver.getLocalAddress();
        nioConnected.connect(nioAddress);
        netty = new NettyDatagrams(MANY, DATAGRAM_BYTES);
    }

    private static void bind(UdpSocket socket, Endpoint at) {
        require(at.parse("127.0.0.1:0"));
        require(socket.open(Linux.AF_INET));
        require(socket.bind(at));
        require(socket.localEndpoint(at));
    }

    private static DatagramChannel bound() throws IOException {
        DatagramChannel channel = DatagramChannel.open();
        channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        channel.configureBlocking(false);
        return channel;
    }

    /**
     * Closes them.
     *
     * @throws IOException never
     */
    @TearDown
    public void close() throws IOException {
        sender.close();
        receiver.close();
        mergingReceiver.close();
        nioSender.close();
        nioReceiver.close();
        nioConnected.close();
        netty.close();
    }

    /** A call for each. */
    @Benchmark
    @OperationsPerInvocation(MANY)
    public void penstockSingle() {
        for (int i = 0; i < MANY; i++) {
            require(sender.send(buffer, 0, DATAGRAM_BYTES, to));
        }
        for (int i = 0; i < MANY; i++) {
            require(receiver.receive(buffer, 0, DATAGRAM_BYTES, from));
        }
    }

    /** A call for all of them. */
    @Benchmark
    @OperationsPerInvocation(MANY)
    public void penstockBatch() {
        require(sender.send(sent, 0, MANY));
        expect(MANY, receiver.receive(received));
    }

    /** A region, that the kernel cuts up and puts together again. */
    @Benchmark
    @OperationsPerInvocation(MANY)
    public void penstockSegments() {
        require(sender.send(buffer, 0, MANY * DATAGRAM_BYTES, DATAGRAM_BYTES, toMerging));
        int segments = 0;
        while (segments < MANY) {
            expect(1, mergingReceiver.receive(merged));
            segments += merged.segments(0);
        }
    }

    private static void expect(int expected, int rc) {
        if (require(rc) != expected) {
            throw new IllegalStateException(rc + " of " + expected);
        }
    }

    /**
     * NIO, with addresses.
     *
     * @throws IOException never
     */
    @Benchmark
    @OperationsPerInvocation(MANY)
    public void nioSingle() throws IOException {
        for (int i = 0; i < MANY; i++) {
            nioSender.send(nioBuffer.clear(), nioAddress);
        }
        for (int i = 0; i < MANY; i++) {
            nioReceiver.receive(nioBuffer.clear());
        }
    }

    /**
     * NIO, to a fixed address.
     *
     * @throws IOException never
     */
    @Benchmark
    @OperationsPerInvocation(MANY)
    public void nioConnected() throws IOException {
        for (int i = 0; i < MANY; i++) {
            nioConnected.write(nioBuffer.clear());
        }
        for (int i = 0; i < MANY; i++) {
            nioReceiver.receive(nioBuffer.clear());
        }
    }

    /** Netty, in batches to a fixed address. */
    @Benchmark
    @OperationsPerInvocation(BATCHES * MANY)
    public void nettyBatch() {
        netty.carry(BATCHES);
    }
}
