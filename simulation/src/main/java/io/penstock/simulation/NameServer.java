package io.penstock.simulation;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.Listener;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import io.penstock.core.sys.Errno;
import io.penstock.udp.DatagramBatch;
import io.penstock.udp.DatagramHandler;
import io.penstock.udp.UdpSocket;
import org.agrona.DirectBuffer;

/**
 * A name server over UDP and TCP at one port, that tells the truth when it is asked, but is silent,
 * late, or wrong about all around it, by the seed; and a stranger beside it that lies.
 */
final class NameServer implements DatagramHandler, StreamHandler {
    private static final int CONNECTIONS = 4;
    private static final int MESSAGE_BYTES = 5_000;
    private static final long AGAIN_NS = 500_000_000;

    private final Lookups lookups;
    private final Faults faults;
    private final World world;
    private final EventLoop loop;
    private final Endpoint at = new Endpoint();
    private final UdpSocket udp;
    private final UdpSocket stranger;
    private final Listener listener;
    private final Reply reply;
    private boolean isRising; // it will be tried again
    int opened;
    int closed;

    NameServer(Lookups lookups, EventLoop loop, int port) {
        this.lookups = lookups;
        this.loop = loop;
        faults = lookups.faults;
        world = lookups.world;
        reply = new Reply(lookups);
        at.ipv4(Endpoint.IPV4_LOOPBACK, port);
        udp = new UdpSocket(loop, this, new DatagramBatch(8, 600));
        stranger = new UdpSocket(loop, this, new DatagramBatch(1, 600));
        listener = new Listener(loop, this, CONNECTIONS);
    }

    /** What is not open opens; what may not now, later. */
    void up() {
        isRising = false;
        boolean isUp = lookups.isOver()
                || (udp.isOpen() || udp.bind(at) == 0 && udp.resume() == 0)
                & (listener.isOpen() || listener.listen(at, 4) == 0);
        if (!isUp) {
            rise(AGAIN_NS);
        }
    }

    private void rise(long afterNs) {
        if (!isRising) {
            isRising = true;
            world.after(afterNs, this::up);
        }
    }

    private void down() {
        udp.close();
        listener.close();
        rise(faults.longNs());
    }

    // Over UDP

    @Override
    public void onDatagrams(UdpSocket socket, DatagramBatch batch, int count) {
        for (int slot = 0; slot < count; slot++) {
            Endpoint from = new Endpoint();
            batch.sender(slot, from);
            byte[] query = copy(batch.buffer(), batch.offset(slot), batch.length(slot));
            Scenario.check(!batch.isTruncated(slot), "a query of " + query.length + " bytes");
            if (!faults.happens(Fault.SILENT)) {
                world.after(delayNs(), () -> answer(query, from));
            }
        }
        if (faults.happens(Fault.SERVER_DOWN)) {
            down();
        }
    }

    private long delayNs() {
        return faults.happens(Fault.TARDY) ? faults.longNs() : faults.delayNs();
    }

    private void answer(byte[] query, Endpoint to) {
        if (faults.happens(Fault.STRANGER)) {
            send(stranger, reply.poisoned(query, 0, false), to);
        }
        if (faults.happens(Fault.WRONG_ID)) {
            send(udp, reply.poisoned(query, world.upTo(0xffff), false), to);
        }
        if (faults.happens(Fault.WRONG_QUESTION)) {
            send(udp, reply.poisoned(query, 0, true), to);
        }
        if (faults.happens(Fault.GARBAGE)) {
            NativeBuffer garbage = NativeBuffer.allocate(world.upTo(600));
            for (int i = 0; i < garbage.capacity(); i++) {
                garbage.putByte(i, (byte) world.random.nextInt(256));
            }
            send(udp, garbage, to);
        }
        NativeBuffer answer = reply.to(query, false);
        if (faults.happens(Fault.CUT_SHORT)) {
            send(udp, part(answer, world.random.nextInt(answer.capacity())), to);
        }
        send(udp, answer, to);
        if (faults.happens(Fault.TWICE)) {
            send(udp, reply.to(query, false), to);
        }
    }

    private static NativeBuffer part(NativeBuffer whole, int length) {
        NativeBuffer part = NativeBuffer.allocate(length);
        part.putBytes(0, whole, 0, length);
        return part;
    }

    /** What fails is lost. */
    private static void send(UdpSocket socket, NativeBuffer message, Endpoint to) {
        boolean isOpen = socket.isOpen() || socket.open(to.family()) == 0;
        while (isOpen && socket.send(message, 0, message.capacity(), to) == -Errno.EAGAIN) {
            // there is room, the simulation only says that there is none
        }
    }

    private static byte[] copy(DirectBuffer from, int offset, int length) {
        byte[] copy = new byte[length];
        from.getBytes(offset, copy);
        return copy;
    }

    @Override
    public void onClose(UdpSocket socket, int result) {
        if (socket == udp && result < 0) {
            rise(AGAIN_NS);
        }
    }

    // Over TCP

    /** What has come over a connection, and what is to go. */
    private static final class Conversation {
        final NativeBuffer in = NativeBuffer.allocate(20_000);
        final NativeBuffer out = NativeBuffer.allocate(200_000);
        int inLength;
        int outLength;
        boolean isClosed;
    }

    @Override
    public void onOpen(Stream stream) {
        opened++;
        stream.attachment(new Conversation());
        stream.resume();
    }

    @Override
    public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
        Conversation talk = (Conversation) stream.attachment();
        if (talk.inLength + length > talk.in.capacity()) {
            stream.close();
            return;
        }
        talk.in.putBytes(talk.inLength, buffer, offset, length);
        talk.inLength += length;
        int at = 0;
        while (talk.inLength - at >= 2
                && talk.inLength - at - 2 >= (talk.in.getShort(at, BIG_ENDIAN) & 0xffff)) {
            int n = talk.in.getShort(at, BIG_ENDIAN) & 0xffff;
            byte[] query = copy(talk.in, at + 2, n);
            at += 2 + n;
            if (!faults.happens(Fault.SILENT)) {
                world.after(delayNs(), () -> answer(query, stream, talk));
            }
        }
        talk.in.putBytes(0, talk.in, at, talk.inLength - at);
        talk.inLength -= at;
        if (faults.happens(Fault.HANGS_UP)) {
            stream.close();
        }
    }

    private void answer(byte[] query, Stream stream, Conversation talk) {
        if (talk.isClosed || talk.outLength > talk.out.capacity() - 4 * MESSAGE_BYTES) {
            return;
        }
        if (faults.happens(Fault.WRONG_ID)) {
            put(talk, reply.poisoned(query, world.upTo(0xffff), false), 0);
        }
        if (faults.happens(Fault.WRONG_QUESTION)) {
            put(talk, reply.poisoned(query, 0, true), 0);
        }
        NativeBuffer answer = reply.to(query, true);
        boolean isHalf = faults.happens(Fault.HALF_AN_ANSWER);
        put(talk, answer, isHalf ? world.random.nextInt(answer.capacity()) : 0);
        if (isHalf) {
            flush(stream, talk);
            talk.isClosed = true; // nothing more will come
        } else if (faults.happens(Fault.IN_PIECES)) {
            int kept = talk.outLength;
            talk.outLength = world.random.nextInt(kept);
            int first = talk.outLength;
            flush(stream, talk);
            int left = talk.outLength;
            talk.out.putBytes(left, talk.out, first, kept - first);
            talk.outLength = left + kept - first;
            world.after(faults.delayNs(), () -> flush(stream, talk));
        } else {
            flush(stream, talk);
        }
    }

    private static void put(Conversation talk, NativeBuffer message, int missing) {
        int length = message.capacity();
        talk.out.putShort(talk.outLength, (short) length, BIG_ENDIAN);
        talk.out.putBytes(talk.outLength + 2, message, 0, length - missing);
        talk.outLength += 2 + length - missing;
    }

    private static void flush(Stream stream, Conversation talk) {
        if (talk.isClosed || talk.outLength == 0) {
            return;
        }
        int n = stream.write(talk.out, 0, talk.outLength);
        if (n < 0) {
            stream.close();
        } else {
            talk.outLength -= n;
            talk.out.putBytes(0, talk.out, n, talk.outLength);
        }
    }

    @Override
    public void onWritable(Stream stream) {
        flush(stream, (Conversation) stream.attachment());
    }

    @Override
    public void onEnd(Stream stream) {
        stream.close();
    }

    @Override
    public void onClose(Stream stream, int result) {
        closed++;
        ((Conversation) stream.attachment()).isClosed = true;
    }
}
