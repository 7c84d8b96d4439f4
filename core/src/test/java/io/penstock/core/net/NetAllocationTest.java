package io.penstock.core.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.sys.Linux;
import io.penstock.core.testing.Allocation;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("allocation")
class NetAllocationTest extends NetFixture {
    private static final int WARM_UP = 1_000;
    private static final int COUNT = 400;

    private final Quiet handler = new Quiet();
    private final NativeBuffer sink = NativeBuffer.allocate(1 << 16);
    private SocketStream stream;
    private int peer;

    private void open(boolean hasQueue) {
        int[] pair = socketPair(Linux.SOCK_NONBLOCK);
        stream = new SocketStream(loop, handler);
        stream.ancillary(handler);
        if (hasQueue) {
            stream.queue(pool);
        }
        assertEquals(0, stream.adopt(pair[0]));
        assertEquals(0, stream.setOption(SocketOption.SO_SNDBUF, 4_096));
        peer = pair[1];
        turns(2);
    }

    private void closeBoth() {
        stream.close();
        turns(1);
        system.close(peer);
    }

    private static void assertNone(String name, Runnable operation) {
        Allocation.assertNone(name, WARM_UP, COUNT, operation);
    }

    private void readPeer() {
        while (system.read(peer, sink.addressOffset(), sink.capacity()) > 0) {
        }
    }

    @Test
    void writing() {
        open(false);
        assertNone("write", () -> {
            stream.write(bytes, 0, 100);
            stream.write(bytes, 0, 60_000);
            readPeer();
            loop.runOnce(0);
        });
        assertTrue(word(stream, StreamMetrics.FULL_OFFSET) > COUNT);
        assertTrue(word(stream, StreamMetrics.INCOMPLETE_OFFSET) > COUNT);
        assertTrue(handler.writable > COUNT);
        closeBoth();
    }

    @Test
    void writingThroughAQueue() {
        open(true);
        assertNone("queued write", () -> {
            stream.write(bytes, 0, 40_000);
            stream.write(bytes, 0, 10);
            while (stream.queuedBytes() > 0) {
                readPeer();
                loop.runOnce(0);
            }
            readPeer();
        });
        assertTrue(word(stream, StreamMetrics.EAGAIN_OFFSET) > COUNT);
        assertTrue(word(stream, StreamMetrics.FREE_OFFSET) > 2 * COUNT);
        closeBoth();
    }

    @Test
    void aQueueThatIsFull() {
        open(true);
        while (stream.write(bytes, 0, 20_000) > 0) {
        }
        assertNone("refused write", () -> {
            stream.write(bytes, 0, 20_000);
            stream.write(bytes, 0, 1 << 20);
        });
        closeBoth();
    }

    @Test
    void pausingAndResuming() {
        open(false);
        assertNone("pause and resume", () -> {
            stream.pause();
            loop.runOnce(0);
            stream.resume();
            loop.runOnce(0);
        });
        assertTrue(word(stream, StreamMetrics.PAUSE_OFFSET) > COUNT);
        closeBoth();
    }

    @Test
    void reading() {
        open(false);
        assertNone("read", () -> {
            system.write(peer, bytes.addressOffset(), 1_000);
            loop.runOnce(0);
        });
        assertTrue(handler.bytes >= 1_000L * (WARM_UP + COUNT));
        closeBoth();
    }

    @Test
    void optionsAndAddresses() {
        open(false);
        Endpoint endpoint = new Endpoint();
        assertNone("options", () -> {
            stream.setOption(SocketOption.SO_KEEPALIVE, 1);
            stream.option(SocketOption.SO_KEEPALIVE);
            stream.setOption(SocketOption.SO_LINGER, 1);
            stream.option(SocketOption.SO_LINGER);
            stream.option(SocketOption.TCP_NODELAY);
            stream.peerEndpoint(endpoint);
            stream.localEndpoint(endpoint);
            stream.peerPid();
            stream.peerUid();
            stream.peerGid();
        });
        closeBoth();
    }

    @Test
    void descriptorsAndCredentials() {
        open(false);
        SocketStream out = new SocketStream(loop, handler);
        out.ancillary(handler);
        assertEquals(0, out.adopt(peer));
        turns(2);
        stream.setOption(SocketOption.SO_PASSCRED, 1);
        int[] sent = {peer, peer, peer};
        assertNone("descriptors", () -> {
            out.sendDescriptors(bytes, 0, 4, sent, 3);
            loop.runOnce(0);
        });
        assertTrue(handler.descriptors >= 3 * (WARM_UP + COUNT));
        assertTrue(handler.senders >= WARM_UP + COUNT);
        out.close();
        stream.close();
        turns(1);
    }

    @Test
    void withNoLoop() {
        int[] pair = socketPair(Linux.SOCK_NONBLOCK);
        SocketStream one = new SocketStream();
        SocketStream other = new SocketStream();
        one.adopt(pair[0]);
        other.adopt(pair[1]);
        assertNone("read, write, await", () -> {
            one.write(bytes, 0, 500);
            other.await(true, 1_000);
            other.read(sink, 0, 1_000);
            other.read(sink, 0, 1_000);
            other.await(true, 0);
        });
        assertTrue(word(other, StreamMetrics.READ_BYTES_OFFSET) >= 500L * (WARM_UP + COUNT));
        one.close();
        other.close();
    }

    /** A connection from connecting to closing: it is shut down, and closes when drained. */
    @Test
    void comingAndGoing() {
        Echo echo = new Echo();
        Listener listener = new Listener(loop, echo, 1).queue(pool);
        at.ipv4(Endpoint.IPV4_LOOPBACK, 0);
        assertEquals(0, listener.listen(at, 16));
        listener.localEndpoint(at);
        SocketStream client = new SocketStream(loop, handler);
        Allocation.assertNone("a connection", 300, 100, () -> {
            int closed = handler.closed;
            client.connect(at);
            while (!client.isReading()) {
                loop.runOnce(STEP_NS);
            }
            client.write(bytes, 0, 5_000);
            client.shutdown();
            while (handler.closed == closed) {
                loop.runOnce(STEP_NS);
            }
        });
        assertTrue(echo.opened >= 400);
        assertTrue(handler.bytes >= 5_000L * 400);
    }

    /** A handler that counts bytes, and closes the descriptors that come. */
    private final class Quiet implements StreamHandler, AncillaryHandler {
        private long bytes;
        private int writable;
        private int descriptors;
        private int senders;
        private int closed;

        @Override
        public void onOpen(Stream s) {
            s.resume();
        }

        @Override
        public void onData(Stream s, DirectBuffer buffer, int offset, int length) {
            bytes += length;
        }

        @Override
        public void onWritable(Stream s) {
            writable++;
        }

        @Override
        public void onEnd(Stream s) {
            s.close();
        }

        @Override
        public void onClose(Stream s, int result) {
            closed++;
        }

        @Override
        public void onDescriptors(SocketStream s, int[] numbers, int count) {
            for (int i = 0; i < count; i++) {
                system.close(numbers[i]);
            }
            descriptors += Math.max(0, count);
        }

        @Override
        public void onCredentials(SocketStream s, int pid, int uid, int gid) {
            senders++;
        }
    }
}
