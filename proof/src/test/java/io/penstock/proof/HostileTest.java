package io.penstock.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.loop.Timer;
import io.penstock.core.metrics.ListenerMetrics;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.Listener;
import io.penstock.core.net.SocketStream;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import io.penstock.core.testing.Descriptors;
import io.penstock.tls.OpenSsl;
import io.penstock.tls.SelfSigned;
import io.penstock.tls.TlsAcceptor;
import io.penstock.tls.TlsConfig;
import io.penstock.tls.TlsContext;
import io.penstock.tls.TlsMetrics;
import io.penstock.tls.TlsStream;
import io.penstock.tls.openssl.Live;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Crowds of clients that want to be a burden, against small pools, in a time that tests move on: no
 * more is taken than there is room for, whoever is honest is served in the end or refused with a
 * code, and everything is given back.
 */
class HostileTest {
    private static final int CAPACITY = 8;
    private static final int SLABS = 4;
    private static final long SWEEP_NS = 1_000_000_000L;
    private static final int MOST_TURNS = 20_000;

    private final BufferPool pool = new BufferPool(SLABS, 64 << 10);
    private final List<SocketChannel> crowd = new ArrayList<>();
    private final Endpoint at = new Endpoint();
    private final NativeBuffer bytes = NativeBuffer.allocate(1 << 16);
    private final Server server = new Server();
    private long timeNs;
    private EventLoop loop;
    private Listener listener;
    private int descriptors;
    private long live;

    /**
     * Echoes. Once a second it looks how far each connection has come, by the connection's own
     * words, and closes those that sent less than so many bytes since.
     */
    private static final class Server extends Echo {
        private static final int LEAST_BYTES = 64;

        final Stream[] streams = new Stream[CAPACITY];
        final long[] readBytes = new long[CAPACITY];
        final List<Integer> results = new ArrayList<>();
        int opened;
        int mostAtOnce;

        void sweep() {
            for (int i = 0; i < CAPACITY; i++) {
                if (streams[i] != null) {
                    long now = streams[i].counter(StreamMetrics.READ_BYTES_OFFSET);
                    if (now - readBytes[i] < LEAST_BYTES) {
                        streams[i].close();
                    }
                    readBytes[i] = now;
                }
            }
        }

        @Override
        public void onOpen(Stream s) {
            int free = 0;
            int open = 1;
            for (int i = 0; i < CAPACITY; i++) {
                free = streams[i] == null ? i : free;
                open += streams[i] == null ? 0 : 1;
            }
            mostAtOnce = Math.max(mostAtOnce, open);
            opened++;
            streams[free] = s;
            readBytes[free] = -LEAST_BYTES; // it has until the sweep after the next
            s.resume();
        }

        @Override
        public void onClose(Stream s, int result) {
            results.add(result);
            for (int i = 0; i < CAPACITY; i++) {
                streams[i] = streams[i] == s ? null : streams[i];
            }
        }
    }

    /** A client that is not one of them. */
    private final class Honest implements StreamHandler {
        boolean isOpen;
        long echoed;
        int result = 1;

        @Override
        public void onOpen(Stream s) {
            isOpen = true;
            s.resume();
            assertEquals(1_000, s.write(bytes, 0, 1_000));
        }

        @Override
        public void onData(Stream s, DirectBuffer buffer, int offset, int length) {
            echoed += length;
            if (echoed == 1_000) {
                s.close();
            }
        }

        @Override
        public void onWritable(Stream s) {
        }

        @Override
        public void onEnd(Stream s) {
            s.close();
        }

        @Override
        public void onClose(Stream s, int code) {
            result = code;
        }
    }

    /** What is opened once for good is open before anybody counts. */
    @BeforeAll
    static void warmUp() throws IOException {
        SocketChannel.open().close();
        assertEquals(0, OpenSsl.load(), OpenSsl::tried);
        try (SelfSigned identity = new SelfSigned()) {
            assertEquals(0, identity.generate());
        }
    }

    @BeforeEach
    void open() {
        descriptors = Descriptors.open();
        live = Live.count();
        loop = new EventLoop(new LoopConfig().handles(64).timers(16)
                .clock(() -> timeNs));
        assertEquals(0, loop.open());
        new Timer(loop, timer -> server.sweep()).start(SWEEP_NS, SWEEP_NS);
    }

    @AfterEach
    void everythingIsGivenBack() throws IOException {
        for (SocketChannel client : crowd) {
            client.close();
        }
        turnUntil(() -> listener.connections() == 0);
        loop.close();
        assertEquals(SLABS, pool.available());
        assertEquals(live, Live.count(), "the library's objects");
        assertEquals(listener.counter(ListenerMetrics.ACCEPTED_OFFSET),
                listener.counter(ListenerMetrics.CLOSED_OFFSET));
        assertTrue(server.mostAtOnce <= CAPACITY);
        assertEquals(server.opened, server.results.size() - failedHandshakes());
        Descriptors.assertOpen(descriptors);
    }

    private int failedHandshakes() {
        return (int) server.results.stream()
                .filter(code -> code == ReturnCode.TLS_HANDSHAKE_TIMED_OUT).count();
    }

    private void listen(StreamHandler handler) {
        listener = new Listener(loop, handler, CAPACITY).queue(pool);
        assertEquals(0, at.parse("127.0.0.1:0"));
        assertEquals(0, listener.listen(at, 1024));
        assertEquals(0, listener.localEndpoint(at));
    }

    private void crowd(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            SocketChannel client = SocketChannel.open(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), at.port()));
            client.configureBlocking(false);
            crowd.add(client);
        }
    }

    /** Each of them sends so much, if it still can: how many bytes went. */
    private long send(int from, int length) {
        long sent = 0;
        byte[] part = new byte[length];
        bytes.getBytes(from, part);
        for (SocketChannel client : crowd) {
            try {
                sent += client.write(ByteBuffer.wrap(part));
            } catch (IOException closed) {
                continue; // by the server
            }
        }
        return sent;
    }

    private void turns(int count) {
        for (int i = 0; i < count; i++) {
            assertTrue(loop.runOnce(0) >= 0);
            assertTrue(listener.connections() <= CAPACITY);
        }
    }

    private void turnUntil(BooleanSupplier done) {
        for (int i = 0; i < MOST_TURNS && !done.getAsBoolean(); i++) {
            assertTrue(loop.runOnce(1_000_000) >= 0);
            assertTrue(listener.connections() <= CAPACITY);
        }
        assertTrue(done.getAsBoolean(), "did not happen");
    }

    private Honest connect() {
        Honest honest = new Honest();
        assertEquals(0, new SocketStream(loop, honest).connect(at));
        return honest;
    }

    @Test
    void aFloodOfTheSilent() throws IOException {
        int many = 50 * CAPACITY;
        listen(server);
        crowd(many);
        Honest honest = connect();
        turnUntil(() -> listener.connections() == CAPACITY);
        turns(50);
        assertEquals(CAPACITY, server.opened, "the others wait in the kernel");
        assertEquals(1, listener.counter(ListenerMetrics.EXHAUSTED_OFFSET), "and cost no turns");
        for (int sweep = 0; sweep < 2 * (many / CAPACITY + 1); sweep++) {
            timeNs += SWEEP_NS;
            turns(30);
        }
        turnUntil(() -> honest.result == 0);
        assertEquals(1_000, honest.echoed);
        assertEquals(many + 1, server.opened);
    }

    @Test
    void aByteNowAndThen() throws IOException {
        listen(server);
        crowd(CAPACITY);
        turnUntil(() -> server.opened == CAPACITY);
        Honest honest = connect();
        for (int i = 0; i < 40 && honest.result > 0; i++) {
            send(i, 1);
            timeNs += SWEEP_NS / 10;
            turns(30);
        }
        assertEquals(0, honest.result);
        assertEquals(1_000, honest.echoed);
        assertEquals(CAPACITY + 1, server.opened);
    }

    @Test
    void whoNeverReadsItsEchoes() throws IOException {
        listen(server);
        crowd(CAPACITY - 1);
        turnUntil(() -> server.opened == CAPACITY - 1);
        for (int i = 0; i < MOST_TURNS && server.refused == 0; i++) {
            send(0, 16 << 10);
            turns(1);
        }
        assertTrue(server.refused > 0, "what there is no slab for is refused with a code");
        long before = server.refused;
        Honest unlucky = connect();
        turnUntil(() -> unlucky.result <= 0);
        assertTrue(unlucky.echoed == 1_000 || server.refused == before + 1);
        while (send(0, 16 << 10) > 0) { // until nothing moves
            turns(30);
        }
        timeNs += SWEEP_NS; // who filled its slab has stopped since
        turns(30);
        timeNs += SWEEP_NS;
        turns(30);
        assertEquals(SLABS, pool.available());
        Honest honest = connect();
        turnUntil(() -> honest.result <= 0);
        assertEquals(1_000, honest.echoed);
    }

    @Test
    void aHandshakeThatNeverEnds() throws IOException {
        SelfSigned identity = new SelfSigned();
        assertEquals(0, identity.generate());
        TlsContext context = TlsContext.server(loop, new TlsConfig().privateChannel(identity)
                .handshakeTimeoutNs(2 * SWEEP_NS));
        TlsContext clients = TlsContext.client(loop, new TlsConfig().privateChannel(identity)
                .handshakeTimeoutNs(100 * SWEEP_NS));
        assertEquals(0, context.open());
        assertEquals(0, clients.open());
        listen(new TlsAcceptor(context, server, CAPACITY).queue(pool));
        crowd(CAPACITY);
        // The header of a record that is a ClientHello of 4 KiB, of which a byte comes at a time.
        byte[] hello = {22, 3, 1, 16, 0, 1, 0, 15, (byte) 252, 3, 3};
        bytes.putBytes(0, hello);
        turnUntil(() -> listener.connections() == CAPACITY);
        turns(30); // all have begun
        Honest honest = new Honest();
        TlsStream tls = new TlsStream(clients, honest);
        SocketStream below = new SocketStream(loop, tls.transport());
        assertEquals(0, below.connect(at));
        assertEquals(0, tls.open(below));
        for (int i = 0; i < 100 && !honest.isOpen; i++) {
            send(i, 1);
            timeNs += SWEEP_NS / 10;
            turns(30);
            assertTrue(i < 19 || server.results.size() >= CAPACITY,
                    () -> "the deadline is for all of it: " + server.results);
        }
        turnUntil(() -> honest.result == 0);
        assertEquals(1_000, honest.echoed);
        assertEquals(CAPACITY, context.counter(TlsMetrics.FAILED_TIMEOUT_OFFSET));
        assertEquals(1, context.counter(TlsMetrics.DONE_OFFSET));
        context.close();
        clients.close();
    }
}
