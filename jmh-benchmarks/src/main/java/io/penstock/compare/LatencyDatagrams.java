package io.penstock.compare;

import static io.penstock.compare.PenstockEcho.check;
import static java.nio.ByteOrder.BIG_ENDIAN;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.SocketOption;
import io.penstock.core.sys.Linux;
import io.penstock.udp.DatagramBatch;
import io.penstock.udp.DatagramHandler;
import io.penstock.udp.UdpSocket;
import java.util.Arrays;

/** Datagrams to a server that answers with the first two bytes of each: an echo, or DNS. */
final class LatencyDatagrams implements Latency.Server, DatagramHandler {
    private static final int NUMBERS = 1 << 16;
    private static final int BUFFER_BYTES = 4 << 20;

    private final long[] dueNs = new long[NUMBERS]; // by number; 0 if it is not under way
    private final Latency latency;
    private final NativeBuffer message;
    private final UdpSocket socket;
    private int next;

    LatencyDatagrams(Latency latency, EventLoop loop, Endpoint at, NativeBuffer message) {
        this.latency = latency;
        this.message = message;
        socket = new UdpSocket(loop, this,
                new DatagramBatch(PenstockUdp.BATCH, PenstockUdp.SLOT_BYTES));
        check(socket.open(Linux.AF_INET));
        check(socket.setOption(SocketOption.SO_RCVBUFFORCE, BUFFER_BYTES));
        check(socket.connect(at));
        check(socket.resume());
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void send(long due) {
        if (dueNs[next] != 0) {
            throw new IllegalStateException("the server does not keep up");
        }
        dueNs[next] = due;
        message.putShort(0, (short) next, BIG_ENDIAN);
        check(socket.send(message, 0, message.capacity()));
        next = next + 1 & NUMBERS - 1;
    }

    @Override
    public void abandon() {
        Arrays.fill(dueNs, 0);
    }

    @Override
    public void onDatagrams(UdpSocket from, DatagramBatch batch, int count) {
        for (int slot = 0; slot < count; slot++) {
            int number = batch.buffer().getShort(batch.offset(slot), BIG_ENDIAN) & NUMBERS - 1;
            if (dueNs[number] != 0) { // it is, for one that is waited for no longer
                latency.received(dueNs[number]);
                dueNs[number] = 0;
            }
        }
    }

    @Override
    public void onClose(UdpSocket from, int result) {
        throw new IllegalStateException("closed: " + ReturnCode.describe(result));
    }
}
