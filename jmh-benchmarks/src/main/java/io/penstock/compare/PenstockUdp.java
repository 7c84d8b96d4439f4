package io.penstock.compare;

import static io.penstock.compare.PenstockEcho.check;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.SocketOption;
import io.penstock.core.sys.Linux;
import io.penstock.udp.DatagramBatch;
import io.penstock.udp.DatagramHandler;
import io.penstock.udp.UdpSocket;
import org.agrona.concurrent.BusySpinIdleStrategy;

/**
 * Datagrams over Penstock: {@code PenstockUdp send gso|mmsg|one SIZE PORT [BATCH]},
 * {@code receive gro|mmsg SIZE PORT [BATCH]} or {@code echo [busy] PORT}, as the C program
 * {@code udp} does.
 */
final class PenstockUdp implements DatagramHandler {
    static final int BATCH = 64;
    static final int SLOT_BYTES = 2048;
    static final int RECEIVE_BUFFER_BYTES = 4 << 20;

    private static final int MAX_BYTES = 65_536;
    private static final int MAX_PAYLOAD = 65_507;
    private static final int SURELY = 1_000; // some of so many are joined, if any ever are

    private final Marks marks;
    private final boolean answers;
    private final boolean joins;
    private long receivedDatagrams;
    private long receivedRegions;

    private PenstockUdp(Marks marks, boolean answers, boolean joins) {
        this.marks = marks;
        this.answers = answers;
        this.joins = joins;
    }

    public static void main(String[] args) throws Exception {
        Marks marks = new Marks();
        if (args[0].equals("send")) {
            marks.serve(marks.start(() -> send(marks, args)), 0);
            return;
        }
        boolean gro = args[1].equals("gro");
        EventLoop loop = new EventLoop(new LoopConfig());
        UdpSocket socket = new UdpSocket(loop,
                new PenstockUdp(marks, args[0].equals("echo"), gro),
                new DatagramBatch(batch(args), gro ? MAX_BYTES : SLOT_BYTES));
        Endpoint at = new Endpoint();
        check(loop.open());
        check(at.parse("127.0.0.1:" + args[args[0].equals("echo") ? args.length - 1 : 3]));
        check(socket.open(Linux.AF_INET));
        check(socket.setOption(SocketOption.SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES));
        check(socket.setOption(SocketOption.UDP_GRO, gro ? 1 : 0));
        check(socket.bind(at));
        check(socket.localEndpoint(at));
        check(socket.resume());
        marks.serve(marks.start(() -> check(args[1].equals("busy")
                ? loop.run(BusySpinIdleStrategy.INSTANCE) : loop.run())), at.port());
    }

    /** How many datagrams a system call moves. */
    static int batch(String[] args) {
        return args.length > 4 ? Integer.parseInt(args[4]) : BATCH;
    }

    private static void send(Marks marks, String[] args) {
        int size = Integer.parseInt(args[2]);
        Endpoint at = new Endpoint();
        UdpSocket socket = new UdpSocket();
        check(at.parse("127.0.0.1:" + args[3]));
        check(socket.connect(at));
        switch (args[1]) {
            case "gso" -> sendSegments(marks, socket, size);
            case "mmsg" -> sendBatches(marks, socket, size, batch(args));
            default -> sendSingly(marks, socket, size);
        }
    }

    private static void sendSegments(Marks marks, UdpSocket socket, int size) {
        int segments = Math.min(DatagramBatch.MAX_SEGMENTS, MAX_PAYLOAD / size);
        NativeBuffer region = NativeBuffer.allocate(MAX_BYTES);
        while (true) {
            if (socket.send(region, 0, segments * size, size, null) > 0) {
                marks.count(segments);
            }
            if (socket.isGsoRefused()) {
                throw new IllegalStateException("the kernel cuts no segments");
            }
        }
    }

    private static void sendBatches(Marks marks, UdpSocket socket, int size, int count) {
        DatagramBatch batch = new DatagramBatch(count, SLOT_BYTES);
        for (int slot = 0; slot < count; slot++) {
            batch.length(slot, size);
        }
        while (true) {
            marks.count(Math.max(0, socket.send(batch, 0, count)));
        }
    }

    private static void sendSingly(Marks marks, UdpSocket socket, int size) {
        NativeBuffer region = NativeBuffer.allocate(size);
        while (true) {
            marks.count(socket.send(region, 0, size) > 0 ? 1 : 0);
        }
    }

    @Override
    public void onDatagrams(UdpSocket socket, DatagramBatch batch, int count) {
        int datagrams = 0;
        for (int slot = 0; slot < count; slot++) {
            datagrams += batch.segments(slot);
        }
        marks.count(datagrams);
        receivedDatagrams += datagrams;
        receivedRegions += count;
        if (joins && receivedDatagrams > SURELY && receivedRegions == receivedDatagrams) {
            throw new IllegalStateException("the kernel joins no segments");
        }
        if (answers) {
            socket.send(batch, 0, count);
        }
    }

    @Override
    public void onClose(UdpSocket socket, int result) {
    }
}
