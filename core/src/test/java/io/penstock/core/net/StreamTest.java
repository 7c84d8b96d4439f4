package io.penstock.core.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.metrics.ListenerMetrics;
import io.penstock.core.metrics.MetricsReader;
import io.penstock.core.metrics.MetricsRegion;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.Allocation;
import io.penstock.core.testing.Descriptors;
import io.penstock.core.testing.FaultyPosix;
import io.penstock.core.testing.HeapBuffer;
import io.penstock.core.testing.Recorder;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamTest {
    private static final long STEP_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private final FaultyPosix posix = new FaultyPosix();
    private int descriptors;
    private EventLoop loop;
    private final BufferPool pool = new BufferPool(64, 64 << 10);
    private final Echo echo = new Echo();
    private final Endpoint at = new Endpoint();
    private final NativeBuffer bytes = NativeBuffer.allocate(1 << 20);

    @BeforeEach
    void open() {
        Posix.system().getpid(); // opens what stays open for good, before the count
        descriptors = Descriptors.open();
        loop = new EventLoop(new LoopConfig().handles(64).posix(posix));
        assertEquals(0, loop.open());
        bytes.putStringWithoutLengthAscii(0, "hello");
    }

    @AfterEach
    void everythingIsGivenBack() {
        loop.close();
        assertEquals(pool.slabs(), pool.available(), "slabs");
        Descriptors.assertOpen(descriptors);
    }

    private Listener listen(String where, StreamHandler handler, int capacity) {
        Listener listener = new Listener(loop, handler, capacity).queue(pool);
        assertEquals(0, at.parse(where));
        assertEquals(0, listener.listen(at, 128));
        assertEquals(0, listener.localEndpoint(at));
        return listener;
    }

    private SocketStream connect(StreamHandler handler) {
        SocketStream stream = new SocketStream(loop, handler);
        stream.queue(pool);
        assertEquals(0, stream.connect(at));
        return stream;
    }

    private void turnUntil(BooleanSupplier done) {
        for (int i = 0; i < 2_000 && !done.getAsBoolean(); i++) {
            assertTrue(loop.runOnce(STEP_NS) >= 0);
        }
        assertTrue(done.getAsBoolean(), "did not happen");
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:0", "[::1]:0", "@penstock-stream-test",
        "/tmp/penstock-stream-test.sock"})
    void echoesOverEveryFamily(String where) {
        Listener listener = listen(where, echo, 4);
        Recorder client = new Recorder();
        SocketStream stream = connect(client);
        turnUntil(() -> client.count("open") == 1);
        assertEquals(5, stream.write(bytes, 0, 5));
        turnUntil(() -> client.bytes == 5);
        assertEquals("hello", client.text.toString());
        assertEquals(0, stream.shutdown());
        assertEquals(-Errno.EPIPE, stream.write(bytes, 0, 5));
        turnUntil(() -> client.count("end") == 1 && echo.closed == 1);
        assertEquals(0, stream.close());
        assertEquals(ReturnCode.CLOSED, stream.close());
        assertEquals(ReturnCode.CLOSED, stream.write(bytes, 0, 5));
        assertEquals(List.of("open", "data", "end"), client.calls);
        turnUntil(() -> client.count("close") == 1);
        assertEquals(0, client.result);
        assertEquals(0, echo.lastResult);
        assertEquals(1, listener.metrics().getLong(
                listener.metricsOffset() + ListenerMetrics.ACCEPTED_OFFSET));
        invariantsHold(stream);
    }

    private static void invariantsHold(Stream stream) {
        StringBuilder out = new StringBuilder();
        assertEquals(0, StreamMetrics.brokenInvariants(
                stream.metrics(), stream.metricsOffset(), out), out::toString);
    }

    @Test
    void aMegabyteEachWayThroughSlabs() {
        listen("127.0.0.1:0", echo, 4);
        Recorder client = new Recorder();
        SocketStream stream = connect(client);
        turnUntil(() -> client.count("open") == 1);
        for (int i = 0; i < 4; i++) {
            assertEquals(1 << 18, stream.write(bytes, i << 18, 1 << 18));
        }
        turnUntil(() -> client.bytes == 1 << 20);
        stream.shutdown();
        turnUntil(() -> client.count("end") == 1);
        stream.close();
        turnUntil(() -> client.count("close") == 1 && echo.closed == 1);
        invariantsHold(stream);
    }

    @Test
    void aRefusedConnectionIsCloseWithoutOpen() {
        Listener listener = listen("127.0.0.1:0", echo, 1);
        listener.close();
        loop.runOnce(0);
        Recorder client = new Recorder();
        connect(client);
        turnUntil(() -> client.count("close") == 1);
        assertEquals(List.of("close"), client.calls);
        assertEquals(-Errno.ECONNREFUSED, client.result);
    }

    @Test
    void aMissingUnixPathIsAnsweredAtOnce() {
        assertEquals(0, at.parse("/tmp/penstock-is-not-there"));
        SocketStream stream = new SocketStream(loop, new Recorder());
        assertEquals(-Errno.ENOENT, stream.connect(at));
        assertEquals(ReturnCode.NOT_OPEN, stream.write(bytes, 0, 1));
        assertEquals(ReturnCode.NOT_OPEN, stream.resume());
    }

    @Test
    void misuseHasACodeEach() {
        Listener listener = listen("127.0.0.1:0", echo, 1);
        assertEquals(-Errno.EADDRINUSE, new Listener(loop, echo, 1).listen(at, 1));
        assertEquals(ReturnCode.ALREADY_OPEN, listener.open(Linux.AF_INET));
        SocketStream stream = new SocketStream(loop, new Recorder());
        assertEquals(0, stream.connect(at));
        assertEquals(ReturnCode.NOT_OPEN, stream.write(bytes, 0, 1), "before onOpen");
        assertEquals(ReturnCode.ALREADY_OPEN, stream.queue(pool));
        turnUntil(() -> echo.opened == 1 && stream.isReading());
        assertEquals(ReturnCode.ATTACHED, stream.read(bytes, 0, 1));
        assertEquals(ReturnCode.HEAP_BUFFER, stream.write(HeapBuffer.of(16), 0, 1));
        assertEquals(0, stream.write(bytes, 0, 0));
    }

    @Test
    void aResetIsOneCloseWithItsCode() {
        listen("127.0.0.1:0", echo, 4);
        Recorder client = new Recorder();
        SocketStream stream = connect(client);
        turnUntil(() -> echo.opened == 1 && client.count("open") == 1);
        stream.setOption(SocketOption.SO_LINGER, 0);
        stream.close();
        turnUntil(() -> echo.closed == 1);
        assertEquals(-Errno.ECONNRESET, echo.lastResult);
    }

    @Test
    void aFullPoolLeavesConnectionsInTheBacklog() {
        Listener listener = listen("127.0.0.1:0", echo, 1);
        Recorder first = new Recorder();
        Recorder second = new Recorder();
        SocketStream one = connect(first);
        SocketStream two = connect(second);
        turnUntil(() -> first.count("open") == 1 && second.count("open") == 1);
        two.write(bytes, 0, 5);
        one.write(bytes, 0, 5);
        turnUntil(() -> first.bytes == 5);
        for (int i = 0; i < 5; i++) {
            loop.runOnce(0);
        }
        assertEquals(0, second.bytes);
        assertEquals(1, listener.connections());
        one.close();
        turnUntil(() -> second.bytes == 5);
        assertTrue(listener.metrics().getLong(
                listener.metricsOffset() + ListenerMetrics.EXHAUSTED_OFFSET) >= 1);
    }

    @Test
    void aFullDescriptorTableBacksOffAndRecovers() {
        posix.fail(Syscall.ACCEPT4, Errno.EMFILE, 0, 3);
        Listener listener = listen("127.0.0.1:0", echo, 1);
        Recorder client = new Recorder();
        SocketStream stream = connect(client);
        long before = System.nanoTime();
        turnUntil(() -> echo.opened == 1);
        assertTrue(System.nanoTime() - before >= TimeUnit.MILLISECONDS.toNanos(30));
        assertEquals(3, listener.metrics().getLong(
                listener.metricsOffset() + ListenerMetrics.BACKOFFS_OFFSET));
        stream.close();
    }

    @Test
    void aTokenNamesOneLife() {
        listen("127.0.0.1:0", echo, 1);
        Recorder client = new Recorder();
        SocketStream stream = connect(client);
        long token = stream.token();
        assertSame(stream, Stream.of(loop, token));
        stream.close();
        assertNull(Stream.of(loop, token));
        turnUntil(() -> client.count("close") == 1);
        for (int i = 0; i < 200; i++) { // more openings than slots
            SocketStream other = new SocketStream(loop, new Recorder());
            assertEquals(0, other.open(Linux.AF_INET));
            assertNull(Stream.of(loop, token));
            other.close();
            loop.runOnce(0);
        }
    }

    @Test
    void slotsRunOutWithACode() {
        SocketStream[] streams = new SocketStream[65];
        for (int i = 0; i < 64; i++) {
            streams[i] = new SocketStream(loop, new Recorder());
            assertEquals(0, streams[i].open(Linux.AF_INET));
        }
        streams[64] = new SocketStream(loop, new Recorder());
        assertEquals(ReturnCode.HANDLES_EXHAUSTED, streams[64].open(Linux.AF_INET));
    }

    @Test
    void closingTheLoopClosesEverything() {
        listen("127.0.0.1:0", echo, 4);
        Recorder client = new Recorder();
        connect(client);
        turnUntil(() -> echo.opened == 1 && client.count("open") == 1);
        loop.close();
        assertEquals(1, client.count("close"));
        assertEquals(ReturnCode.CLOSED, client.result);
        assertEquals(1, echo.closed);
        assertEquals(ReturnCode.NOT_OPEN, loop.runOnce(0));
    }

    @Test
    void withNoLoopItReadsAndWritesWhenTold() {
        listen("127.0.0.1:0", echo, 1);
        SocketStream stream = new SocketStream();
        assertEquals(0, stream.connect(at));
        turnUntil(() -> echo.opened == 1);
        assertEquals(-Errno.EAGAIN, stream.read(bytes, 100, 10));
        assertEquals(5, stream.write(bytes, 0, 5));
        loop.runOnce(STEP_NS);
        assertEquals(1, stream.await(true, 1_000));
        assertEquals(5, stream.read(bytes, 100, 10));
        assertEquals("hello", bytes.getStringWithoutLengthAscii(100, 5));
        assertEquals(0, stream.shutdown());
        turnUntil(() -> echo.closed == 1);
        assertEquals(1, stream.await(true, 1_000));
        assertEquals(ReturnCode.EOF, stream.read(bytes, 100, 10));
        assertEquals(0, stream.close());
        assertEquals(ReturnCode.CLOSED, stream.read(bytes, 100, 10));
        invariantsHold(stream);
    }

    @Test
    @Tag("allocation")
    void aRoundTripAllocatesNothing() {
        listen("127.0.0.1:0", echo, 1);
        PingPong client = new PingPong(bytes);
        SocketStream stream = connect(client);
        turnUntil(() -> client.trips > 10);
        Allocation.assertNone("round trip", 2_000, 1_000, () -> loop.runOnce(STEP_NS));
        stream.close();
    }

    @Test
    @Tag("allocation")
    void connectingAndClosingAPooledConnectionAllocatesNothing() {
        listen("127.0.0.1:0", echo, 2);
        Churn client = new Churn();
        SocketStream stream = new SocketStream(loop, client);
        client.at = at;
        stream.attachment((Runnable) () -> {
            client.isClosed = false;
            stream.connect(at);
        });
        assertEquals(0, stream.connect(at));
        turnUntil(() -> echo.closed > 10);
        Allocation.assertNone("accept and close", 1_000, 500, () -> loop.runOnce(STEP_NS));
        client.at = null;
        turnUntil(() -> client.isClosed);
    }

    /** Sends back what it receives, for ever. */
    private static final class PingPong extends Recorder {
        private final DirectBuffer ping;
        int trips;

        PingPong(DirectBuffer ping) {
            this.ping = ping;
        }

        @Override
        public void onOpen(Stream stream) {
            stream.resume();
            stream.write(ping, 0, 64);
        }

        @Override
        public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
            trips++;
            stream.write(buffer, offset, length);
        }

        @Override
        public void onClose(Stream stream, int result) {
            this.result = result;
        }
    }

    /** Connects again whenever the stream has closed. */
    private static final class Churn implements StreamHandler {
        private Endpoint at;
        private boolean isClosed;

        @Override
        public void onOpen(Stream stream) {
            stream.close();
        }

        @Override
        public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
        }

        @Override
        public void onWritable(Stream stream) {
        }

        @Override
        public void onEnd(Stream stream) {
        }

        @Override
        public void onClose(Stream stream, int result) {
            isClosed = true;
            if (at != null) {
                stream.loop().execute((Runnable) stream.attachment());
            }
        }
    }

    /** A stream with no loop may have its counters in a region. */
    @Test
    void aStreamWithNoLoopCountsInARegion() {
        MetricsRegion region = new MetricsRegion(2);
        int type = region.register(StreamMetrics.TYPE);
        int sum = region.claimAggregate(type, "sum");
        MetricsReader reader = new MetricsReader();
        assertEquals(0, reader.wrap(region.buffer()));
        SocketStream stream = new SocketStream();
        stream.name("alone");
        assertEquals(0, stream.metrics(region, sum));
        assertEquals(0, stream.open(Linux.AF_UNIX));
        assertEquals(MetricsReader.LIVE, reader.read(1));
        assertEquals("alone", reader.appendLabel(new StringBuilder()).toString());
        SocketStream other = new SocketStream();
        assertEquals(0, other.metrics(region, sum));
        int before = Descriptors.open();
        assertEquals(ReturnCode.METRICS_EXHAUSTED, other.open(Linux.AF_UNIX));
        Descriptors.assertOpen(before);
        assertEquals(0, stream.close());
        assertEquals(1, stream.counter(StreamMetrics.CLOSE_OFFSET));
        assertEquals(MetricsReader.LIVE, reader.read(sum));
        assertEquals(1, reader.value(StreamMetrics.CLOSE_OFFSET / Long.BYTES));
        assertEquals(0, region.close());
        assertEquals(ReturnCode.CLOSED, new SocketStream().metrics(region, sum));
        SocketStream attached = new SocketStream(loop, new PingPong(bytes));
        assertEquals(ReturnCode.ATTACHED, attached.metrics(region, sum));
    }
}
