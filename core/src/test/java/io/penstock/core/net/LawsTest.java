package io.penstock.core.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.metrics.MetricsReader;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Posix;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.Descriptors;
import io.penstock.core.testing.FaultyPosix;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.agrona.DirectBuffer;

/**
 * The laws of the metrics, and the promises of streams, under random schedules and a kernel that
 * cuts transfers short, interrupts, refuses and resets.
 */
class LawsTest {
    private static final int CLIENTS = 4;
    private static final int STEPS = 60;
    private static final int MAX_WRITE = 300 << 10;
    private static final String[] PLACES = {"127.0.0.1:0", "@penstock-laws-test"};

    @Property(tries = 60)
    void nothingIsLostAndEverythingIsCounted(
            @ForAll long seed, @ForAll boolean breaks, @ForAll boolean isUnix) {
        Posix.system().getpid();
        int descriptors = Descriptors.open();
        Run run = new Run(new Random(seed), breaks, PLACES[isUnix ? 1 : 0]);
        try {
            run.go();
        } finally {
            run.loop.close(); // also when it failed, for jqwik goes on to find a smaller case
        }
        Descriptors.assertOpen(descriptors);
    }

    /** One life of a loop, an echo server and some clients. */
    private static final class Run {
        private final Random random;
        private final boolean breaks;
        private final FaultyPosix posix = new FaultyPosix();
        private final EventLoop loop = new EventLoop(new LoopConfig().handles(64).posix(posix));
        private final BufferPool pool = new BufferPool(40, 64 << 10);
        private final NativeBuffer pattern = NativeBuffer.allocate(MAX_WRITE + 256);
        private final List<Side> sides = new ArrayList<>();
        private final List<Side> clients = new ArrayList<>();
        private final String place;

        Run(Random random, boolean breaks, String place) {
            this.random = random;
            this.breaks = breaks;
            this.place = place;
            for (int i = 0; i < pattern.capacity(); i++) {
                pattern.putByte(i, (byte) (i % 251));
            }
        }

        void go() {
            assertEquals(0, loop.open());
            Listener listener = new Listener(loop, new Accepting(), CLIENTS).queue(pool);
            Endpoint at = new Endpoint();
            assertEquals(0, at.parse(place));
            assertEquals(0, listener.listen(at, 16));
            assertEquals(0, listener.localEndpoint(at));
            for (int i = 0; i < CLIENTS; i++) {
                Side side = new Side(false);
                SocketStream stream = new SocketStream(loop, side);
                stream.queue(pool);
                side.stream = stream;
                assertEquals(0, stream.connect(at));
                sides.add(side);
                clients.add(side);
            }
            turns(20);
            faults();
            for (int step = 0; step < STEPS; step++) {
                act(clients.get(random.nextInt(CLIENTS)));
                turns(random.nextInt(3));
            }
            posix.heal();
            finish();
            check();
            loop.close();
            for (Side side : sides) {
                assertEquals(1, side.closes, "onClose");
            }
            assertEquals(pool.slabs(), pool.available(), "slabs");
        }

        private void faults() {
            posix.interrupt(5, random).shorten(Syscall.SENDTO, random)
                    .shorten(Syscall.RECVFROM, random);
            posix.failAtRandom(Syscall.SENDTO, Errno.EAGAIN, 4, random)
                    .failAtRandom(Syscall.RECVFROM, Errno.EAGAIN, 4, random);
            if (breaks) {
                posix.failAtRandom(Syscall.SENDTO, Errno.ENOBUFS, 40, random)
                        .failAtRandom(Syscall.RECVFROM, Errno.ECONNRESET, 60, random)
                        .failAtRandom(Syscall.EPOLL_CTL, Errno.ENOMEM, 80, random);
            }
        }

        private void act(Side side) {
            switch (random.nextInt(10)) {
                case 0 -> side.stream.pause();
                case 1, 2 -> side.stream.resume();
                case 3 -> {
                    if (random.nextInt(8) == 0) {
                        side.stream.shutdown();
                    }
                }
                case 4 -> {
                    if (breaks && random.nextInt(8) == 0) {
                        side.close();
                    }
                }
                default -> side.send(1 + random.nextInt(MAX_WRITE >> random.nextInt(12)));
            }
        }

        private void turns(int n) {
            for (int i = 0; i < n; i++) {
                assertTrue(loop.runOnce(0) >= 0);
            }
        }

        /** Lets what was written arrive, then ends every side in order. */
        private void finish() {
            for (Side side : clients) {
                side.stream.resume();
            }
            turnUntilQuiet();
            for (Side side : clients) {
                side.stream.shutdown();
            }
            turnUntilQuiet();
            for (Side side : clients) {
                side.stream.close();
            }
            turnUntilQuiet();
        }

        private void turnUntilQuiet() {
            int quiet = 0;
            for (int i = 0; i < 20_000 && quiet < 5; i++) {
                int work = loop.runOnce(1_000_000);
                quiet = work == 0 ? quiet + 1 : 0;
            }
            assertEquals(5, quiet, "never at rest");
        }

        private void check() {
            long closedWrites = 0;
            for (Side side : sides) {
                assertEquals(1, side.closes, "onClose");
                assertEquals(0, side.after, "callbacks after close");
                closedWrites += side.stream == null ? 0 : side.finalWrites;
                if (side.isClean()) {
                    assertEquals("", side.brokenLaws);
                    if (!side.isServer) {
                        assertEquals(side.sent, side.received, "echoed");
                    }
                }
            }
            long[] totals = new long[StreamMetrics.TYPE.fields()];
            MetricsReader reader = new MetricsReader();
            assertEquals(0, reader.wrap(loop.region().buffer()));
            assertTrue(reader.total(loop.streamType(), -1, totals) >= 0);
            assertEquals(closedWrites, totals[StreamMetrics.WRITES_OFFSET / Long.BYTES], "totals");
            assertEquals(sides.size(), totals[StreamMetrics.CLOSE_OFFSET / Long.BYTES], "closes");
        }

        /** Gives each accepted connection a side of its own. */
        private final class Accepting implements StreamHandler {
            private Side of(Stream stream) {
                return (Side) stream.attachment();
            }

            @Override
            public void onOpen(Stream stream) {
                Side side = new Side(true);
                side.stream = (SocketStream) stream;
                stream.attachment(side);
                sides.add(side);
                side.onOpen(stream);
            }

            @Override
            public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
                of(stream).onData(stream, buffer, offset, length);
            }

            @Override
            public void onWritable(Stream stream) {
                of(stream).onWritable(stream);
            }

            @Override
            public void onEnd(Stream stream) {
                of(stream).onEnd(stream);
            }

            @Override
            public void onClose(Stream stream, int result) {
                of(stream).onClose(stream, result);
            }
        }

        /** A client that checks what comes back, or the server's echo. */
        private final class Side implements StreamHandler {
            private final boolean isServer;
            private SocketStream stream;
            private boolean isClosing;
            private boolean isRefused;
            private int closes;
            private int after;
            private int result;
            private long sent;
            private long received;
            private long finalWrites;
            private String brokenLaws = "";

            Side(boolean isServer) {
                this.isServer = isServer;
            }

            /** Bytes of a pattern that says where in the stream they belong. */
            void send(int length) {
                int n = stream.write(pattern, (int) (sent % 251), length);
                if (n > 0) {
                    assertEquals(length, n);
                    sent += n;
                } else if (n < 0 && n != ReturnCode.POOL_EXHAUSTED && n != -Errno.EPIPE
                        && n != ReturnCode.CLOSED) {
                    isRefused = true;
                    close();
                }
            }

            void close() {
                isClosing = true;
                stream.close();
            }

            boolean isClean() {
                return !breaks && !isRefused && result == 0;
            }

            private void told() {
                after += isClosing || closes > 0 ? 1 : 0;
            }

            @Override
            public void onOpen(Stream s) {
                told();
                s.resume();
            }

            @Override
            public void onData(Stream s, DirectBuffer buffer, int offset, int length) {
                told();
                if (isServer) {
                    echo(s, buffer, offset, length);
                    return;
                }
                for (int i = 0; i < length; i++) {
                    if (buffer.getByte(offset + i) != (byte) ((received + i) % 251)) {
                        throw new AssertionError("altered at " + (received + i));
                    }
                }
                received += length;
            }

            private void echo(Stream s, DirectBuffer buffer, int offset, int length) {
                int n = s.write(buffer, offset, length);
                if (n < 0) {
                    isRefused = true;
                    clients.forEach(side -> side.isRefused = true); // whose echo it was is lost
                    close();
                } else if (s.queuedBytes() > 0) {
                    s.pause();
                }
            }

            @Override
            public void onWritable(Stream s) {
                told();
                if (isServer) {
                    s.resume();
                }
            }

            @Override
            public void onEnd(Stream s) {
                told();
                if (isServer) {
                    isClosing = true;
                    s.close(Close.WHEN_DRAINED);
                }
            }

            @Override
            public void onClose(Stream s, int code) {
                closes++;
                result = code;
                finalWrites = s.count(StreamMetrics.WRITES_OFFSET);
                StringBuilder out = new StringBuilder();
                StreamMetrics.brokenLaws(s.metrics(), s.metricsOffset(), out);
                // A client may end while it is paused: that it was not reading is no broken law.
                brokenLaws = isServer || s.isReading() ? out.toString() : "";
            }
        }
    }
}
