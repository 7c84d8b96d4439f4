package io.penstock.proof;

import io.penstock.core.ReturnCode;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.Timer;
import io.penstock.core.net.Endpoint;
import io.penstock.udp.DatagramBatch;
import io.penstock.udp.DatagramHandler;
import io.penstock.udp.UdpMetrics;
import io.penstock.udp.UdpSocket;

/** The datagrams beside the streams: one side sends batches all the time, the other echoes. */
final class Datagrams implements DatagramHandler {
    private static final int SLOTS = 32;
    private static final int SLOT_BYTES = 2048;
    private static final long PERIOD_NS = 5_000_000;

    private final Invariants invariants;
    private final UdpSocket socket;
    private final DatagramBatch out = new DatagramBatch(SLOTS, SLOT_BYTES);
    private final boolean isEcho;
    private final Timer timer;
    private long number;
    private long foreign;

    Datagrams(EventLoop loop, Invariants invariants, boolean isEcho) {
        this.invariants = invariants;
        this.isEcho = isEcho;
        socket = new UdpSocket(loop, this, new DatagramBatch(SLOTS, SLOT_BYTES));
        timer = new Timer(loop, t -> send());
    }

    int open(Endpoint at) {
        int rc = isEcho ? socket.bind(at) : socket.connect(at);
        if (rc >= 0) {
            rc = isEcho ? socket.localEndpoint(at) : timer.start(0, PERIOD_NS);
        }
        return rc < 0 ? rc : socket.resume();
    }

    void close() {
        timer.cancel();
        socket.close();
    }

    long sent() {
        return socket.counter(UdpMetrics.SENT_DATAGRAMS_OFFSET);
    }

    long received() {
        return socket.counter(UdpMetrics.RECEIVED_DATAGRAMS_OFFSET);
    }

    private void send() {
        for (int slot = 0; slot < SLOTS; slot++) {
            int length = 16 + (int) (number % 1_400);
            out.buffer().putLong(out.offset(slot), number);
            out.buffer().putLong(out.offset(slot) + length - 8, number++);
            out.length(slot, length);
            out.destination(slot, null);
        }
        int n = socket.send(out, 0, SLOTS);
        if (n < 0) {
            invariants.broken("datagrams: " + ReturnCode.describe(n));
        }
    }

    @Override
    public void onDatagrams(UdpSocket s, DatagramBatch batch, int count) {
        if (isEcho) {
            s.send(batch, 0, count); // what there is no room for is lost, as on any network
            return;
        }
        for (int slot = 0; slot < count; slot++) {
            int at = batch.offset(slot);
            int length = batch.length(slot);
            long of = batch.buffer().getLong(at);
            if (of >= number || length != 16 + of % 1_400
                    || batch.buffer().getLong(at + length - 8) != of) {
                foreign++;
            }
        }
    }

    @Override
    public void onClose(UdpSocket s, int result) {
        StringBuilder lines = new StringBuilder();
        if (UdpMetrics.brokenInvariants(s.metrics(), s.metricsOffset(), lines) > 0) {
            invariants.broken("udp: " + lines.toString().strip());
        }
        invariants.equal("datagrams altered", foreign, "0", 0);
    }
}
