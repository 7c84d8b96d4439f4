package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.net.Close;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.Listener;
import io.penstock.core.net.SocketStream;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.Descriptors;
import io.penstock.core.testing.FaultyPosix;
import io.penstock.core.testing.ImpatientClock;
import io.penstock.tls.openssl.Live;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import org.agrona.DirectBuffer;

/** The invariants of plain streams over random schedules of writes, pauses, closes and faults. */
class InvariantsTest {
    /** How bad the kernel's day is. */
    enum Faults { NONE, SHORT, FATAL }

    private static final int MAX_BYTES = 300_000;
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(30);
    private static final NativeBuffer PATTERN = NativeBuffer.allocate(2 * MAX_BYTES);
    private static final SelfSigned IDENTITY = new SelfSigned();
    private static final AtomicLong BYTES = new AtomicLong();
    private static final AtomicLong CLEAN = new AtomicLong();
    private static final AtomicLong FAILED = new AtomicLong();

    static {
        Random random = new Random(9);
        for (int i = 0; i < PATTERN.capacity(); i++) {
            PATTERN.putByte(i, (byte) random.nextInt());
        }
        assertEquals(0, IDENTITY.generate());
    }

    @Property(tries = 200, shrinking = ShrinkingMode.OFF)
    void bytesArriveUnalteredAndTheInvariantsHold(
            @ForAll long seed, @ForAll boolean isUnix, @ForAll boolean isOld,
            @ForAll Faults faults) {
        long live = Live.count();
        int descriptors = Descriptors.open();
        try (Copies copies = new Copies(seed, isUnix, isOld, faults)) {
            copies.run();
        }
        assertEquals(live, Live.count());
        Descriptors.assertOpen(descriptors);
    }

    /** A test that looks at too little is one that cannot fail. */
    @AfterContainer
    static void itSawEnough() {
        assertTrue(BYTES.get() > 10 << 20, BYTES + " bytes came back");
        assertTrue(CLEAN.get() > 100, CLEAN + " copies from beginning to end");
        assertTrue(FAILED.get() > 20, FAILED + " streams failed");
    }

    private static final class Copies implements AutoCloseable {
        private final Random random;
        private final Faults faults;
        private final FaultyPosix posix = new FaultyPosix();
        private final ImpatientClock clock = new ImpatientClock();
        private final EventLoop loop;
        private final BufferPool serverPool = new BufferPool(200, 4_096);
        private final BufferPool clientPool = new BufferPool(40, 4_096);
        private final TlsContext server;
        private final TlsContext context;
        private final Endpoint at = new Endpoint();
        private final List<Client> clients = new ArrayList<>();
        private final long deadlineNs = System.nanoTime() + PATIENCE_NS;
        private final TlsAcceptor acceptor;
        private boolean isDisturbed;

        Copies(long seed, boolean isUnix, boolean isOld, Faults faults) {
            random = new Random(seed);
            this.faults = faults;
            loop = new EventLoop(new LoopConfig().handles(32).posix(posix).clock(clock)
                    .readBufferBytes(random.nextBoolean() ? 64 << 10 : 1 + random.nextInt(9_000)));
            assertEquals(0, loop.open());
            server = TlsContext.server(loop, config(isOld));
            context = TlsContext.client(loop, config(isOld));
            assertEquals(0, server.open());
            assertEquals(0, context.open());
            acceptor = new TlsAcceptor(server, new Echoes(), 4).queue(serverPool);
            Listener listener = new Listener(loop, acceptor, 4);
            assertEquals(0, at.parse(isUnix ? "@penstock-tls-invariants" : "127.0.0.1:0"));
            assertEquals(0, listener.listen(at, 16));
            assertEquals(0, listener.localEndpoint(at));
            breakTheKernel(new Random(seed + 1));
        }

        private TlsConfig config(boolean isOld) {
            TlsConfig config = new TlsConfig().privateChannel(IDENTITY)
                    .records(faults == Faults.FATAL ? 1 + random.nextInt(6) : 4);
            return isOld ? config.protocols(TlsConfig.TLS_1_2, TlsConfig.TLS_1_2) : config;
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
                posix.failAtRandom(Syscall.SENDTO, Errno.EPIPE, 120, chance);
                posix.failAtRandom(Syscall.EPOLL_CTL, Errno.ENOMEM, 100, chance);
            }
            posix.shorten(Syscall.SENDTO, chance);
            posix.shorten(Syscall.RECVFROM, chance);
        }

        private boolean isCalm() {
            return !isDisturbed && faults != Faults.FATAL;
        }

        void run() {
            int count = 1 + random.nextInt(3);
            for (int i = 0; i < count; i++) {
                clients.add(new Client(i * MAX_BYTES / 4));
            }
            boolean closesEarly = random.nextInt(4) == 0;
            while (acceptor.connections() > 0
                    || !clients.stream().allMatch(client -> client.isClosed)) {
                Client client = clients.get(random.nextInt(count));
                switch (random.nextInt(16)) {
                    case 0 -> client.pause();
                    case 1, 2, 3 -> client.resume();
                    case 4 -> {
                        if (closesEarly && random.nextInt(20) == 0) {
                            client.abandon();
                        }
                    }
                    default -> client.write();
                }
                client.finish();
                int work = loop.runOnce(random.nextInt(3) == 0 ? 100_000 : 0);
                assertTrue(work >= 0, () -> ReturnCode.describe(work));
                clock.turned(work);
                assertTrue(System.nanoTime() < deadlineNs, () -> "it stalled: " + clients);
            }
            for (Client client : clients) {
                client.verdict();
                BYTES.addAndGet(client.received);
            }
            CLEAN.addAndGet(isCalm() ? count : 0);
            assertEquals(serverPool.slabs(), serverPool.available());
            assertEquals(clientPool.slabs(), clientPool.available());
            for (TlsContext each : new TlsContext[] {server, context}) {
                assertEquals(each.records().slabs.slabs(), each.records().slabs.available());
                assertEquals(each.counter(TlsMetrics.BEGUN_OFFSET),
                        each.counter(TlsMetrics.DONE_OFFSET)
                        + each.counter(TlsMetrics.FAILED_OFFSET));
                assertEquals(0, each.counter(TlsMetrics.LIVE_OFFSET));
                assertEquals(0, each.counter(TlsMetrics.UPCALL_ERRORS_OFFSET));
            }
        }

        @Override
        public void close() {
            posix.heal();
            server.close();
            context.close();
            loop.close();
        }

        private void closed(Stream stream, int result) {
            FAILED.addAndGet(result < 0 ? 1 : 0);
            assertEquals(0, stream.queuedBytes());
            if (isCalm()) {
                assertEquals(0, result, () -> ReturnCode.describe(result)
                        + ((TlsStream) stream).outcome().failureText());
            }
            if (result == 0 && stream.counter(StreamMetrics.ERROR_OFFSET) == 0) {
                TlsFixture.invariantsHold(stream);
            }
            assertEquals(stream.counter(StreamMetrics.ALLOC_OFFSET),
                    stream.counter(StreamMetrics.FREE_OFFSET));
            assertEquals(1, stream.counter(StreamMetrics.CLOSE_OFFSET));
        }

        private final class Client implements StreamHandler {
            private final TlsStream stream = new TlsStream(context, this);
            private final int base;
            private final int goal = 1 + random.nextInt(MAX_BYTES);
            private int sent;
            private int received;
            private boolean isOpened;
            private boolean isShort;
            private boolean isShutdown;
            private boolean isEnded;
            private boolean isClosing;
            private boolean isClosed;
            private int depth;

            Client(int base) {
                this.base = base;
                if (random.nextBoolean()) {
                    stream.queue(clientPool);
                }
                SocketStream below = new SocketStream(loop, stream.transport());
                assertEquals(0, below.connect(at));
                assertEquals(0, stream.open(below));
            }

            @Override
            public String toString() {
                return "sent " + sent + " of " + goal + " received " + received + " short "
                        + isShort + " shut " + isShutdown + " ended " + isEnded + " closed "
                        + isClosed + " reading " + stream.isReading() + " queued "
                        + stream.queuedBytes();
            }

            private boolean isLive() {
                return isOpened && !isClosing && !isClosed && stream.isOpen();
            }

            void write() {
                if (!isLive() || isShort || isShutdown || sent == goal) {
                    return;
                }
                int length = Math.min(goal - sent, 1 + random.nextInt(1 << random.nextInt(17)));
                depth++;
                int n = stream.write(PATTERN, base + sent, length);
                depth--;
                if (n == ReturnCode.POOL_EXHAUSTED || n == ReturnCode.MESSAGE_TOO_LONG) {
                    return;
                }
                if (n < 0) {
                    assertFalse(isCalm(), () -> ReturnCode.describe(n));
                    close();
                    return;
                }
                sent += n;
                isShort |= n < length || stream.queuedBytes() > 0;
            }

            void pause() {
                if (isLive()) {
                    assertEquals(0, stream.pause());
                }
            }

            void resume() {
                if (isLive()) {
                    depth++;
                    assertEquals(0, stream.resume());
                    depth--;
                }
            }

            void close() {
                isClosing = true;
                isDisturbed |= !isEnded;
                stream.close(random.nextBoolean() ? Close.NOW : Close.WHEN_DRAINED);
            }

            void abandon() {
                if (isLive()) {
                    close();
                }
            }

            void finish() {
                if (isClosing && !isClosed && random.nextInt(50) == 0) {
                    stream.close();
                }
                if (isLive() && sent == goal && !isShutdown) {
                    isShutdown = true;
                    int rc = stream.shutdown();
                    assertTrue(rc == 0 || !isCalm(), () -> ReturnCode.describe(rc));
                }
            }

            void verdict() {
                if (isCalm()) {
                    assertEquals(goal, received);
                    assertTrue(isEnded);
                }
            }

            private void told() {
                assertEquals(0, depth, "told from inside a call");
                assertFalse(isClosing || isClosed, "told after close");
            }

            @Override
            public void onOpen(Stream s) {
                told();
                assertFalse(isOpened);
                isOpened = true;
                resume();
            }

            @Override
            public void onData(Stream s, DirectBuffer buffer, int offset, int length) {
                told();
                assertTrue(isOpened && !isEnded && s.isReading());
                for (int i = 0; i < length; i++) {
                    if (buffer.getByte(offset + i) != PATTERN.getByte(base + received + i)) {
                        throw new AssertionError("byte " + (received + i));
                    }
                }
                received += length;
                assertTrue(received <= sent);
                switch (random.nextInt(20)) {
                    case 0 -> pause();
                    case 1, 2 -> write();
                    default -> { }
                }
            }

            @Override
            public void onWritable(Stream s) {
                told();
                assertEquals(0, s.queuedBytes());
                isShort = false;
                write();
            }

            @Override
            public void onEnd(Stream s) {
                told();
                assertFalse(isEnded);
                isEnded = true;
                close();
            }

            @Override
            public void onClose(Stream s, int result) {
                assertFalse(isClosed);
                isClosed = true;
                closed(s, result);
            }
        }

        private final class Echoes extends Echo {
            @Override
            void refused(Stream s, int code) {
                assertFalse(isCalm(), () -> ReturnCode.describe(code));
                isDisturbed = true;
                super.refused(s, code);
            }

            @Override
            public void onClose(Stream s, int result) {
                closed(s, result);
            }
        }
    }
}
