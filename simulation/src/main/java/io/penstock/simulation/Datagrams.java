package io.penstock.simulation;

import io.penstock.core.loop.EventLoop;
import io.penstock.core.net.Endpoint;
import io.penstock.core.sys.Errno;
import io.penstock.udp.DatagramBatch;
import io.penstock.udp.DatagramHandler;
import io.penstock.udp.UdpMetrics;
import io.penstock.udp.UdpSocket;
import org.agrona.MutableDirectBuffer;

/**
 * Batches to a collector, over a network that loses, doubles and reorders. Every datagram is
 * received as it was sent, or accounted for.
 */
final class Datagrams extends Scenario implements DatagramHandler {
    private static final int LEAST_BYTES = Integer.BYTES;

    private final EventLoop senderLoop = machine().loop;
    private final EventLoop receiverLoop = machine().loop;
    private final int wanted = world.upTo(2_000);
    private final DatagramBatch out = new DatagramBatch(world.upTo(64), 1_024);
    private final DatagramBatch in = new DatagramBatch(world.upTo(64), 32 + world.upTo(1_000));
    private final Endpoint at = new Endpoint();
    private final UdpSocket receiver = new UdpSocket(receiverLoop, this, in);
    private final UdpSocket sender = new UdpSocket(senderLoop, this, out);
    private int sent;
    private int filled; // slots of out that are to be sent
    private int next; // the first of those that is not
    private int closes;

    Datagrams(long seed) {
        super(seed);
    }

    @Override
    void begin() {
        check(at.parse("127.0.0.1:9") == 0, "parse");
        while (receiver.bind(at) < 0) {
            // no descriptor: once more
        }
        while (sender.connect(at) < 0) {
            // no descriptor: once more
        }
        receiver.resume();
        send();
    }

    private void send() {
        while (sent < wanted && sender.isOpen()) {
            if (next == filled) {
                fill();
            }
            int n = sender.send(out, next, filled - next);
            if (n < 0) {
                // No room: onWritable follows. Another fault: the datagram is still to be sent.
                if (n == -Errno.EAGAIN) {
                    return;
                }
                continue;
            }
            next += n;
            sent += n;
        }
    }

    private void fill() {
        filled = world.upTo(out.slots());
        next = 0;
        for (int slot = 0; slot < filled; slot++) {
            int length = LEAST_BYTES + world.random.nextInt(out.slotBytes() - LEAST_BYTES);
            int segment = world.oneIn(3) ? 16 + world.random.nextInt(200) : length;
            out.segments(slot, length, segment);
            for (int i = 0; i < out.segments(slot); i++) {
                write(out.buffer(), out.segmentOffset(slot, i), out.segmentLength(slot, i));
            }
        }
    }

    /** Each byte follows from the length, and from where it is. */
    private static void write(MutableDirectBuffer buffer, int offset, int length) {
        for (int i = 0; i < length; i++) {
            buffer.putByte(offset + i, (byte) (length * 31 + i));
        }
    }

    @Override
    public void onDatagrams(UdpSocket socket, DatagramBatch batch, int count) {
        check(socket == receiver && socket.isOpen(), "datagrams for nobody");
        for (int slot = 0; slot < count; slot++) {
            int length = batch.length(slot);
            for (int i = 0; i < length && !batch.isTruncated(slot); i++) {
                byte expected = (byte) (length * 31 + i);
                check(batch.buffer().getByte(batch.offset(slot) + i) == expected, "changed");
            }
        }
        if (faults.happens(Fault.STALL)) {
            socket.pause();
            world.after(faults.longNs(), socket::resume);
        }
    }

    @Override
    public void onWritable(UdpSocket socket) {
        send();
    }

    @Override
    public void onClose(UdpSocket socket, int result) {
        closes++;
    }

    @Override
    boolean isDone() {
        SimulatedDatagrams there = kernel.datagrams(address());
        return (sent >= wanted || !sender.isOpen()) && world.nextNs() == Long.MAX_VALUE
                && (there == null || there.waiting() == 0);
    }

    private Address address() {
        return new Memory().address(at.address(), at.length());
    }

    @Override
    void end() {
        check(closes == 2, closes + " onClose of 2 sockets");
        long received = receiver.counter(UdpMetrics.RECEIVED_DATAGRAMS_OFFSET);
        long dropped = receiver.counter(UdpMetrics.DROPPED_OFFSET);
        check(sender.counter(UdpMetrics.SENT_DATAGRAMS_OFFSET) == kernel.sentDatagrams,
                "sent " + kernel.sentDatagrams + ", counted "
                + sender.counter(UdpMetrics.SENT_DATAGRAMS_OFFSET));
        long arrived = kernel.sentDatagrams - kernel.lostDatagrams;
        // How many were dropped may not have been told when it was asked last.
        check(arrived == received + dropped
                || faults.has(Fault.NO_MEMORY) && arrived > received + dropped,
                kernel.sentDatagrams + " sent, " + kernel.lostDatagrams + " lost, " + received
                + " received, " + dropped + " dropped");
    }
}
