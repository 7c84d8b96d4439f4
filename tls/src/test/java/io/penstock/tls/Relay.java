package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.net.Endpoint;
import io.penstock.udp.DatagramBatch;
import io.penstock.udp.DatagramHandler;
import io.penstock.udp.UdpSocket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** A path between one client and a server that loses, doubles and reorders datagrams by seed. */
final class Relay implements DatagramHandler {
    final Endpoint at = new Endpoint();
    final List<byte[]> up = new ArrayList<>(); // all that the client sent
    final List<byte[]> down = new ArrayList<>();
    int lossPercent;
    int doublePercent;
    int reorderPercent;
    int alterPercent;
    int dropped;
    private final Random random;
    private final NativeBuffer bytes = NativeBuffer.allocate(65_536);
    private final UdpSocket front;
    private final UdpSocket back;
    private final Endpoint client = new Endpoint();
    private byte[] heldUp; // until the next one has gone
    private byte[] heldDown;

    Relay(EventLoop loop, Endpoint server, long seed) {
        random = new Random(seed);
        front = new UdpSocket(loop, this, new DatagramBatch(8, 20_000));
        back = new UdpSocket(loop, this, new DatagramBatch(8, 20_000));
        assertEquals(0, at.parse("127.0.0.1:0"));
        assertEquals(0, front.bind(at));
        assertEquals(0, front.localEndpoint(at));
        assertEquals(0, back.connect(server));
        assertEquals(0, front.resume());
        assertEquals(0, back.resume());
    }

    void badly(int lossPercent, int doublePercent, int reorderPercent) {
        this.lossPercent = lossPercent;
        this.doublePercent = doublePercent;
        this.reorderPercent = reorderPercent;
    }

    @Override
    public void onDatagrams(UdpSocket socket, DatagramBatch batch, int count) {
        for (int slot = 0; slot < count; slot++) {
            byte[] datagram = new byte[batch.length(slot)];
            batch.buffer().getBytes(batch.offset(slot), datagram);
            if (socket == front) {
                batch.sender(slot, client);
            }
            (socket == front ? up : down).add(datagram);
            pass(altered(datagram), socket == front);
        }
    }

    private byte[] altered(byte[] datagram) {
        if (random.nextInt(100) >= alterPercent || datagram.length == 0) {
            return datagram;
        }
        byte[] altered = Arrays.copyOf(datagram, random.nextInt(4) > 0 ? datagram.length
                : random.nextInt(datagram.length) + 1);
        altered[random.nextInt(altered.length)] ^= (byte) (1 << random.nextInt(8));
        return altered;
    }

    private void pass(byte[] datagram, boolean isUp) {
        if (random.nextInt(100) < lossPercent) {
            dropped++;
            return;
        }
        byte[] held = isUp ? heldUp : heldDown;
        if (held == null && random.nextInt(100) < reorderPercent) {
            held(datagram, isUp);
            return;
        }
        send(datagram, isUp);
        if (random.nextInt(100) < doublePercent) {
            send(datagram, isUp);
        }
        if (held != null) {
            held(null, isUp);
            send(held, isUp);
        }
    }

    private void held(byte[] datagram, boolean isUp) {
        if (isUp) {
            heldUp = datagram;
        } else {
            heldDown = datagram;
        }
    }

    void send(byte[] datagram, boolean isUp) {
        bytes.putBytes(0, datagram);
        if (isUp) {
            back.send(bytes, 0, datagram.length);
        } else {
            front.send(bytes, 0, datagram.length, client);
        }
    }

    @Override
    public void onClose(UdpSocket socket, int result) {
    }
}
