package io.penstock.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Endpoint;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.Descriptors;
import io.penstock.core.testing.FaultyPosix;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;

/**
 * Random calls and events check the tables of transitions of {@code UdpSocket} and {@code Sender}:
 * what a send returns, and when {@code onWritable} and {@code onDatagrams} are called. Datagrams
 * go to a simulated kernel, which takes as many as it has room for. The real kernel
 * reports room, and does so whenever it is asked, as for a Unix socket whose
 * receiver is full.
 */
class UdpStatesTest {
    private static final int STEPS = 200;
    private static final int SLOTS = 8;
    private static final int BYTES = 10; // of a datagram
    private static final long BACKOFF_NS = 1_000_000;
    private static final Set<String> SEEN = new TreeSet<>();

    private enum Output { IDLE, WAITING, TOLD, BACKING_OFF }

    @Property(tries = 300, shrinking = ShrinkingMode.OFF)
    void theTableHolds(@ForAll long seed, @ForAll boolean isUnix) {
        Posix.system().getpid();
        int before = Descriptors.open();
        try (Run run = new Run(seed, isUnix)) {
            for (int i = 0; i < STEPS; i++) {
                run.step();
            }
        }
        Descriptors.assertOpen(before);
    }

    /** A socket, and its expected states. */
    private static final class Run implements AutoCloseable {
        private final Random random;
        private final boolean isUnix;
        private final FaultyPosix posix = new FaultyPosix();
        private final EventLoop loop;
        private final UdpSocket socket;
        private final UdpSocket peer = new UdpSocket();
        private final DatagramBatch batch = new DatagramBatch(SLOTS, 100);
        private final NativeBuffer bytes = NativeBuffer.allocate(100);
        private final Recorder recorder = new Recorder();
        private final Endpoint at = new Endpoint();
        private long nowNs;

        // The simulated kernel.
        private final NativeBuffer header = new NativeBuffer();
        private int room; // datagrams
        private int errno; // when there is none
        private boolean refusesOffload;

        // The expected states.
        private Output output;
        private boolean isOffloaded;
        private boolean isReceiving;
        private int waiting; // datagrams
        private int received;
        private long backoffEndsNs;
        private long sent; // datagrams

        Run(long seed, boolean isUnix) {
            random = new Random(seed);
            this.isUnix = isUnix;
            posix.on(Syscall.SENDTO, (kernel, args) -> takesOne() ? args[2] : -errno)
                    .on(Syscall.SENDMSG, (kernel, args) -> sendmsg(args[1]))
                    .on(Syscall.SENDMMSG, (kernel, args) -> sendmmsg((int) args[2]));
            loop = new EventLoop(new LoopConfig().handles(4).posix(posix).clock(() -> nowNs));
            assertEquals(0, loop.open());
            socket = new UdpSocket(loop, recorder, batch);
            recorder.onWritable = this::writable;
            recorder.onDatagrams = this::datagrams;
            begin();
        }

        private boolean takesOne() {
            boolean takes = room > 0;
            room -= takes ? 1 : 0;
            return takes;
        }

        private long sendmsg(long address) {
            header.wrap(address, Linux.MSGHDR_BYTES);
            boolean isSegmented = header.getLong(Linux.MSGHDR_CONTROLLEN_OFFSET) > 0;
            header.wrap(header.getLong(Linux.MSGHDR_IOV_OFFSET), 2 * Long.BYTES);
            return isSegmented && refusesOffload ? -Errno.EIO
                    : takesOne() ? header.getLong(Long.BYTES) : -errno;
        }

        private long sendmmsg(int count) {
            int n = Math.min(count, room);
            room -= n;
            return n > 0 ? n : -errno;
        }

        private void begin() {
            assertEquals(0, at.parse(
                    isUnix ? "unix:@penstock-states-" + System.nanoTime() : "127.0.0.1:0"));
            assertEquals(0, socket.bind(at));
            assertEquals(0, socket.localEndpoint(at));
            output = Output.IDLE;
            isOffloaded = !isUnix;
            isReceiving = false;
            waiting = 0;
            sent = 0;
            turn(); // nothing is wanted yet
        }

        void step() {
            switch (random.nextInt(16)) {
                case 0 -> receives(false);
                case 1, 2 -> receives(true);
                case 3, 4 -> datagramComes();
                case 5, 6 -> nowNs += random.nextLong(BACKOFF_NS);
                case 7 -> reopen();
                case 8, 9, 10, 11 -> send();
                default -> turn();
            }
            assertEquals(!isOffloaded, socket.isGsoRefused());
            assertEquals(sent, socket.counter(UdpMetrics.SENT_DATAGRAMS_OFFSET));
        }

        private void receives(boolean wanted) {
            assertEquals(0, wanted ? socket.resume() : socket.pause());
            isReceiving = wanted;
        }

        private void datagramComes() {
            if (waiting == SLOTS) {
                return; // more than one receive takes
            }
            if (!peer.isOpen()) {
                assertEquals(0, peer.open(at.family()));
            }
            assertEquals(1, peer.send(bytes, 0, 1, at));
            waiting++;
        }

        private void reopen() {
            assertEquals(0, socket.close());
            int before = recorder.closes;
            assertTrue(loop.runOnce(0) >= 0);
            assertEquals(before + 1, recorder.closes);
            if (peer.isOpen()) {
                peer.close();
            }
            begin();
        }

        // Sending, and its expected results

        private void send() {
            room = Math.max(0, random.nextInt(8) - 3);
            errno = random.nextInt(3) == 0 ? Errno.ENOBUFS : Errno.EAGAIN;
            refusesOffload = random.nextBoolean();
            switch (random.nextInt(3)) {
                case 0 -> sendOne();
                case 1 -> sendBatch(random.nextInt(1, 5));
                default -> sendRegion(random.nextInt(1, 5));
            }
        }

        private void sendOne() {
            int n = taken(Math.min(1, room), 1);
            assertEquals(n < 0 ? n : BYTES, socket.send(bytes, 0, BYTES, at));
        }

        private void sendBatch(int count) {
            for (int slot = 0; slot < count; slot++) {
                batch.length(slot, BYTES);
                batch.destination(slot, at);
            }
            int n = taken(Math.min(count, room), count);
            assertEquals(n, socket.send(batch, 0, count));
        }

        private void sendRegion(int segments) {
            boolean goesSingly = segments > 1 && (!isOffloaded || refusesOffload);
            int took = goesSingly ? Math.min(segments, room) : room > 0 ? segments : 0;
            if (goesSingly && isOffloaded && (took > 0 || errno == Errno.EAGAIN)) {
                isOffloaded = false;
                SEEN.add("OFFLOADED SINGLE");
            }
            int n = taken(took, segments);
            assertEquals(n < 0 ? n : n * BYTES,
                    socket.send(bytes, 0, segments * BYTES, BYTES, at));
        }

        /** The expected result of a send, in datagrams, of which the kernel takes some. */
        private int taken(int took, int wanted) {
            sent += took;
            if (took > 0 && output == Output.TOLD) {
                becomes(Output.IDLE, "taken");
            }
            if (took < wanted && (took > 0 || errno == Errno.EAGAIN)) {
                if (output == Output.IDLE) {
                    becomes(Output.WAITING, "not all");
                } else if (output == Output.TOLD) {
                    becomes(Output.BACKING_OFF, "nothing");
                    backoffEndsNs = nowNs + BACKOFF_NS;
                }
            }
            return took > 0 ? took : -errno;
        }

        private void becomes(Output next, String event) {
            SEEN.add(output + " " + event + " " + next);
            output = next;
        }

        // Turns

        /** Asserts that exactly the expected callbacks were made. */
        private void turn() {
            boolean isOwed = output == Output.WAITING || isBackoffOver();
            boolean receives = isReceiving;
            int before = recorder.writables;
            assertTrue(loop.runOnce(0) >= 0);
            assertTrue(!isOwed || recorder.writables > before, "onWritable is owed");
            assertTrue(!receives || waiting == 0, "datagrams are owed");
        }

        private boolean isBackoffOver() {
            return output == Output.BACKING_OFF && nowNs >= backoffEndsNs;
        }

        private void writable() {
            if (isBackoffOver()) {
                becomes(Output.TOLD, "clock");
            } else {
                assertEquals(Output.WAITING, output, "nobody waits for room");
                becomes(isUnix ? Output.TOLD : Output.IDLE, "room");
            }
            if (random.nextBoolean()) {
                send();
            }
        }

        private void datagrams() {
            assertTrue(isReceiving);
            waiting -= recorder.datagrams - received;
            received = recorder.datagrams;
            if (random.nextInt(3) == 0) {
                receives(false);
            }
        }

        @Override
        public void close() {
            loop.close();
            if (peer.isOpen()) {
                peer.close();
            }
        }
    }

    /** Every transition of the tables. */
    @AfterContainer
    static void itSawEverything() {
        assertEquals(new TreeSet<>(Set.of("IDLE not all WAITING", "WAITING room IDLE",
                "WAITING room TOLD", "TOLD taken IDLE", "TOLD nothing BACKING_OFF",
                "BACKING_OFF clock TOLD", "OFFLOADED SINGLE")), SEEN);
    }
}
