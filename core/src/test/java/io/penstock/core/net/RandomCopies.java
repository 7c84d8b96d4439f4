package io.penstock.core.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.HeldOperations;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.metrics.MetricsReader;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.FaultyPosix;
import io.penstock.core.testing.ImpatientClock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.agrona.DirectBuffer;

/**
 * Clients that send a pattern to an echo, and check that it comes back, while a schedule of one
 * seed writes, pauses, resumes, shuts down and closes on both sides, and the kernel fails.
 */
final class RandomCopies implements AutoCloseable {
    /** How many faults the kernel injects. */
    enum Faults { NONE, SHORT, FATAL }

    private static final int FIELDS = StreamMetrics.TYPE.fields();
    private static final int QUEUED_MAX = StreamMetrics.QUEUED_MAX_OFFSET / Long.BYTES;
    private static final int PATTERN_BYTES = 4 << 20;
    private static final int MAX_BYTES = 1 << 20;
    private static final int MAX_WRITE = 300 << 10;
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(20);
    private static final NativeBuffer PATTERN = pattern();
    // Made once, because many tries would burden the garbage collector.
    private static final BufferPool[] SERVER_POOLS = {
        new BufferPool(40_000, 24), new BufferPool(8_000, 100), new BufferPool(64, 64 << 10),
    };
    private static final BufferPool[] CLIENT_POOLS = {
        new BufferPool(5_000, 40), new BufferPool(100, 4_096), new BufferPool(16, 64 << 10),
    };

    private final Random random;
    private final FaultyPosix posix = new FaultyPosix();
    private final ImpatientClock clock = new ImpatientClock();
    private final EventLoop loop;
    private final Listener listener;
    private final int listenerAggregate; // still known after an error closed the listener
    private final Endpoint at = new Endpoint();
    private final BufferPool serverPool;
    private final BufferPool clientPool;
    private final Faults faults;
    private final List<Client> clients = new ArrayList<>();
    private final List<Server> servers = new ArrayList<>();
    private final List<long[]> closedClients = new ArrayList<>();
    private final List<long[]> closedServers = new ArrayList<>();
    private final MetricsReader reader = new MetricsReader();
    private final long deadlineNs = System.nanoTime() + PATIENCE_NS;
    private boolean isDisturbed; // a side closed before the end
    private int callDepth;
    private int failed;

    RandomCopies(long seed, boolean isUnix, Faults faults) {
        random = new Random(seed);
        this.faults = faults;
        serverPool = SERVER_POOLS[random.nextInt(SERVER_POOLS.length)];
        clientPool = CLIENT_POOLS[random.nextInt(CLIENT_POOLS.length)];
        LoopConfig config = new LoopConfig().handles(16).posix(posix)
                .clock(clock)
                .readBufferBytes(random.nextBoolean() ? 64 << 10 : 1 + random.nextInt(9_000));
        loop = new EventLoop(
                random.nextBoolean() ? config : HeldOperations.in(config, random));
        assertEquals(0, loop.open());
        assertEquals(0, reader.wrap(loop.region().buffer()));
        listener = new Listener(loop, new Accepted(), 1 + random.nextInt(4));
        if (random.nextInt(4) > 0) {
            listener.queue(serverPool);
        }
        assertEquals(0, at.parse(isUnix ? "@penstock-invariants" : "127.0.0.1:0"));
        assertEquals(0, listener.listen(at, 16));
        assertEquals(0, listener.localEndpoint(at));
        listenerAggregate = listener.connectionAggregate();
        breakTheKernel(new Random(seed + 1));
    }

    private static NativeBuffer pattern() {
        NativeBuffer pattern = NativeBuffer.allocate(PATTERN_BYTES);
        Random random = new Random(7);
        for (int i = 0; i < PATTERN_BYTES; i += Integer.BYTES) {
            pattern.putInt(i, random.nextInt());
        }
        return pattern;
    }

    private void breakTheKernel(Random chance) {
        if (faults == Faults.NONE) {
            return;
        }
        posix.interrupt(10, chance);
        posix.failAtRandom(Syscall.SENDTO, Errno.EAGAIN, 4, chance);
        posix.failAtRandom(Syscall.RECVFROM, Errno.EAGAIN, 4, chance);
        if (faults == Faults.FATAL) {
            posix.failAtRandom(Syscall.RECVFROM, Errno.ECONNRESET, 60, chance);
            posix.failAtRandom(Syscall.SENDTO, Errno.ENOBUFS, 120, chance);
            posix.failAtRandom(Syscall.SENDTO, Errno.EPIPE, 120, chance);
            posix.failAtRandom(Syscall.EPOLL_CTL, Errno.ENOMEM, 100, chance);
        }
        posix.shorten(Syscall.SENDTO, chance);
        posix.shorten(Syscall.RECVFROM, chance);
    }

    int bytes() {
        return clients.stream().mapToInt(client -> client.received).sum();
    }

    int clean() {
        return isCalm() ? clients.size() : 0;
    }

    int failed() {
        return failed;
    }

    private boolean isCalm() {
        return !isDisturbed && faults != Faults.FATAL;
    }

    void run() {
        int count = 1 + random.nextInt(4);
        for (int i = 0; i < count; i++) {
            clients.add(new Client(i));
        }
        int steps = 20 + random.nextInt(150);
        boolean closesEarly = random.nextInt(3) == 0;
        for (int i = 0; i < steps; i++) {
            act(closesEarly);
            turn(0);
            if (i % 16 == 0) {
                totalsAreAggregatesAndLiveBlocks();
            }
        }
        while (!isOver()) {
            clients.forEach(Client::finish);
            servers.forEach(Server::finish);
            turn(TimeUnit.MICROSECONDS.toNanos(100));
            assertTrue(System.nanoTime() < deadlineNs, () -> "it stalled: " + clients + servers);
        }
        totalsAreAggregatesAndLiveBlocks();
        clients.forEach(Client::verdict);
        close();
        assertEquals(serverPool.slabs(), serverPool.available(), "the server's slabs");
        assertEquals(clientPool.slabs(), clientPool.available(), "the clients' slabs");
    }

    @Override
    public void close() {
        posix.heal();
        loop.close();
    }

    private boolean isOver() {
        return servers.isEmpty() && clients.stream().allMatch(client -> client.isClosed);
    }

    private void turn(long timeoutNs) {
        int rc = loop.runOnce(timeoutNs);
        assertTrue(rc >= 0, () -> ReturnCode.describe(rc));
        clock.turned(rc);
    }

    private void act(boolean closesEarly) {
        Client client = clients.get(random.nextInt(clients.size()));
        Server server = servers.isEmpty() ? null : servers.get(random.nextInt(servers.size()));
        switch (random.nextInt(closesEarly ? 24 : 20)) {
            case 0, 1 -> client.pause();
            case 2, 3, 4 -> client.resume();
            case 5 -> {
                if (server != null) {
                    server.pause();
                }
            }
            case 6, 7 -> {
                if (server != null) {
                    server.finish();
                }
            }
            case 8 -> client.shutdownIfDone(random.nextInt(4) == 0);
            case 20 -> client.close(Close.NOW);
            case 21 -> client.close(Close.WHEN_DRAINED);
            case 22 -> {
                if (server != null) {
                    isDisturbed = true;
                    server.close(random.nextBoolean() ? Close.NOW : Close.WHEN_DRAINED);
                }
            }
            default -> client.write();
        }
    }

    /** Section 7, rule 7: totals are aggregates and live blocks, also while streams close. */
    private void totalsAreAggregatesAndLiveBlocks() {
        assertTotals(listenerAggregate, closedServers, servers);
        assertTotals(loop.aggregate(StreamMetrics.TYPE), closedClients, clients);
    }

    private void assertTotals(int aggregate, List<long[]> closed, List<? extends Side> sides) {
        long[] expected = new long[FIELDS];
        closed.forEach(words -> add(expected, words));
        sides.stream().filter(side -> side.hasWords && !side.isClosed)
                .forEach(side -> add(expected, words(side.stream)));
        long[] totals = new long[FIELDS];
        int type = loop.region().register(StreamMetrics.TYPE);
        assertTrue(reader.total(type, aggregate, totals) >= 0);
        for (int i = 0; i < FIELDS; i++) {
            assertEquals(expected[i], totals[i], StreamMetrics.TYPE.field(i));
        }
    }

    private static void add(long[] sum, long[] words) {
        for (int i = 0; i < FIELDS; i++) {
            sum[i] = i == QUEUED_MAX ? Math.max(sum[i], words[i]) : sum[i] + words[i];
        }
    }

    private static long[] words(Stream stream) {
        long[] words = new long[FIELDS];
        for (int i = 0; i < FIELDS; i++) {
            words[i] = stream.metrics().getLong(stream.metricsOffset() + i * Long.BYTES);
        }
        return words;
    }

    /** One side of a connection, which checks the order of its callbacks. */
    private abstract class Side {
        Stream stream;
        boolean hasWords;
        boolean isOpened;
        boolean isEnded;
        boolean isClosing;
        boolean isClosed;
        boolean isShort; // onWritable is due

        @Override
        public String toString() {
            return "%n%s%s%s%s%s%s queued %d %s".formatted(getClass().getSimpleName(),
                    isOpened ? " opened" : "", isEnded ? " ended" : "",
                    isClosing ? " closing" : "", isClosed ? " closed" : "",
                    isShort ? " short" : "", stream.queuedBytes(),
                    Arrays.toString(words(stream)));
        }

        int call(IntSupplier method) {
            callDepth++;
            int rc = method.getAsInt();
            callDepth--;
            return rc;
        }

        void told() {
            assertEquals(0, callDepth, "told from inside a call");
            assertFalse(isClosing, "told something after close");
            assertFalse(isClosed, "told something after onClose");
        }

        void opened() {
            told();
            assertFalse(isOpened, "opened twice");
            isOpened = true;
        }

        void data(DirectBuffer buffer, int offset, int length) {
            told();
            assertTrue(isOpened && !isEnded, "data before the beginning or after the end");
            assertTrue(stream.isReading(), "data while it is paused");
            assertTrue(length > 0);
            buffer.boundsCheck(offset, length);
        }

        void writable() {
            told();
            assertTrue(isShort, "there was no short write");
            assertEquals(0, stream.queuedBytes(), "the queue is not empty");
            isShort = false;
        }

        void ended() {
            told();
            assertTrue(isOpened && stream.isReading());
            assertFalse(isEnded, "ended twice");
            isEnded = true;
        }

        void closed(int result, List<long[]> words) {
            assertEquals(0, callDepth, "told from inside a call");
            assertFalse(isClosed, "closed twice");
            isClosed = true;
            words.add(words(stream));
            assertEquals(0, stream.queuedBytes());
            assertEquals(ReturnCode.CLOSED, stream.write(PATTERN, 0, 1));
            assertEquals(ReturnCode.CLOSED, stream.close());
            failed += result < 0 ? 1 : 0;
            isDisturbed |= result == ReturnCode.RECLAIMED; // the machine of the test stalled
            if (isCalm()) {
                assertEquals(0, result, () -> ReturnCode.describe(result));
            }
            if (result == 0 && stream.counter(StreamMetrics.ERROR_OFFSET) == 0) {
                NetFixture.invariantsHold(stream);
            }
            assertEquals(stream.counter(StreamMetrics.ALLOC_OFFSET),
                    stream.counter(StreamMetrics.FREE_OFFSET), "also after an error");
            assertEquals(1, stream.counter(StreamMetrics.CLOSE_OFFSET));
        }

        void pause() {
            if (isOpened && !isEnded && !isClosing && !isClosed) {
                int expected = stream.isOpen() ? 0 : ReturnCode.CLOSED; // the loop is closing it
                assertEquals(expected, call(stream::pause));
            }
        }

        void resume() {
            if (isOpened && !isEnded && !isClosing && !isClosed) {
                int expected = stream.isOpen() ? 0 : ReturnCode.CLOSED; // the loop is closing it
                assertEquals(expected, call(stream::resume));
            }
        }

        void close(Close when) {
            if (!isClosing && !isClosed) {
                boolean isRefused = !stream.isOpen(); // the loop is closing it already
                assertEquals(isRefused ? ReturnCode.CLOSED : 0, call(() -> stream.close(when)));
                isClosing = true;
            }
        }
    }

    private final class Client extends Side implements StreamHandler {
        private final int base;
        private final int goal = 1 + random.nextInt(MAX_BYTES);
        private int sent;
        private int received;
        private boolean isShutdown;
        private boolean isAbandoned;

        Client(int number) {
            base = number * (PATTERN_BYTES - MAX_BYTES) / 4;
            SocketStream socket = new SocketStream(loop, this);
            stream = socket;
            if (random.nextBoolean()) {
                socket.queue(clientPool);
            }
            assertEquals(0, call(() -> socket.connect(at)));
            hasWords = true;
        }

        void write() {
            if (!isOpened || isShort && stream.queuedBytes() == 0 || isShutdown || isClosing
                    || isClosed || !stream.isOpen() || sent == goal) {
                return;
            }
            int length = Math.min(goal - sent, 1 + random.nextInt(1 << random.nextInt(19)));
            length = Math.min(length, MAX_WRITE);
            int offered = length;
            int n = call(() -> stream.write(PATTERN, base + sent, offered));
            if (n == ReturnCode.POOL_EXHAUSTED || n == ReturnCode.MESSAGE_TOO_LONG) {
                isShort |= n == ReturnCode.POOL_EXHAUSTED;
                return; // and took no byte: otherwise the pattern would break
            }
            if (n < 0) {
                assertFalse(isCalm(), () -> ReturnCode.describe(n));
                close(Close.NOW);
                return;
            }
            assertTrue(n <= offered);
            sent += n;
            isShort |= n < offered || stream.queuedBytes() > 0;
        }

        void shutdownIfDone(boolean isHasty) {
            if (isOpened && !isShutdown && !isClosing && !isClosed && stream.isOpen()
                    && (isHasty || sent == goal)) {
                int rc = call(stream::shutdown);
                assertTrue(rc == 0 || !isCalm(), () -> ReturnCode.describe(rc));
                isShutdown = true;
            }
        }

        @Override
        void close(Close when) {
            isAbandoned |= !isClosed && !isClosing && !isEnded;
            isDisturbed |= isAbandoned;
            super.close(when);
        }

        void finish() {
            if (isAbandoned && !isClosed && random.nextInt(50) == 0) {
                stream.close(); // two draining sides may wait for each other to read
            }
            write();
            resume();
            shutdownIfDone(random.nextInt(30) == 0);
        }

        void verdict() {
            assertTrue(received <= sent);
            if (isCalm()) {
                assertEquals(sent, received);
                assertTrue(isEnded);
            }
        }

        @Override
        public void onOpen(Stream s) {
            opened();
            if (random.nextInt(4) > 0) {
                resume();
            }
        }

        @Override
        public void onData(Stream s, DirectBuffer buffer, int offset, int length) {
            data(buffer, offset, length);
            assertTrue(received + length <= sent, "more than was sent");
            for (int i = 0; i < length; i++) {
                if (buffer.getByte(offset + i) != PATTERN.getByte(base + received + i)) {
                    throw new AssertionError("byte " + (received + i) + " of " + sent);
                }
            }
            received += length;
            switch (random.nextInt(40)) {
                case 0 -> pause();
                case 1, 2, 3, 4 -> write();
                default -> { }
            }
        }

        @Override
        public void onWritable(Stream s) {
            writable();
            write();
        }

        @Override
        public void onEnd(Stream s) {
            ended();
            close(Close.NOW);
        }

        @Override
        public void onClose(Stream s, int result) {
            closed(result, closedClients);
        }
    }

    /** An echo's connection; without a queue it keeps the tail of a short write itself. */
    private final class Server extends Side {
        private NativeBuffer tail;
        private int tailOffset;
        private int tailLength;
        private boolean isQueued;

        void echo(DirectBuffer buffer, int offset, int length) {
            int n = call(() -> stream.write(buffer, offset, length));
            if (n < 0) {
                assertFalse(isCalm(), () -> ReturnCode.describe(n));
                isDisturbed = true;
                close(Close.NOW);
                return;
            }
            isQueued |= stream.queuedBytes() > 0;
            isShort |= n < length || stream.queuedBytes() > 0;
            if (n < length) {
                keep(buffer, offset + n, length - n);
            }
            if (isShort) {
                pause();
            }
        }

        private void keep(DirectBuffer buffer, int offset, int length) {
            if (tail == null) {
                tail = NativeBuffer.allocate(64 << 10);
            }
            tail.putBytes(0, buffer, offset, length);
            tailOffset = 0;
            tailLength = length;
        }

        void sendTail() {
            int n = call(() -> stream.write(tail, tailOffset, tailLength));
            if (n < 0) {
                isDisturbed = true;
                close(Close.NOW);
                return;
            }
            tailOffset += n;
            tailLength -= n;
            isShort = tailLength > 0;
        }

        void finish() {
            if (tailLength == 0 && !isShort) {
                resume();
            }
        }
    }

    private final class Accepted implements StreamHandler {
        private Server server(Stream s) {
            return (Server) s.attachment();
        }

        @Override
        public void onOpen(Stream s) {
            Server server = new Server();
            server.stream = s;
            server.hasWords = true;
            s.attachment(server);
            servers.add(server);
            server.opened();
            server.resume();
        }

        @Override
        public void onData(Stream s, DirectBuffer buffer, int offset, int length) {
            server(s).data(buffer, offset, length);
            server(s).echo(buffer, offset, length);
        }

        @Override
        public void onWritable(Stream s) {
            Server server = server(s);
            server.writable();
            if (server.tailLength > 0) {
                server.sendTail();
            }
            server.finish();
        }

        @Override
        public void onEnd(Stream s) {
            Server server = server(s);
            server.ended();
            int rc = server.call(s::shutdown);
            assertTrue(rc == 0 || !isCalm(), () -> ReturnCode.describe(rc));
            server.close(Close.WHEN_DRAINED);
        }

        @Override
        public void onClose(Stream s, int result) {
            Server server = server(s);
            server.closed(result, closedServers);
            servers.remove(server);
            if (isCalm() && server.tail == null) {
                StringBuilder out = new StringBuilder();
                assertEquals(0, StreamMetrics.brokenCopyInvariants(s.metrics(), s.metricsOffset(),
                        s.metrics(), s.metricsOffset(), out), out::toString);
            }
        }
    }
}
