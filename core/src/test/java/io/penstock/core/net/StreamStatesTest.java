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
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.FaultyPosix;
import io.penstock.core.testing.ImpatientClock;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import org.agrona.DirectBuffer;

/**
 * Checks the table of {@link DescriptorStream}'s states by random calls and events: the state
 * determines the result of each call, and changes as the table says.
 */
class StreamStatesTest {
    private static final String[] LIVES = {"made", "connecting", "opening", "open", "draining"};
    private static final String[] OUTPUTS = {"sending", "ending", "ended"};
    private static final int CLOSED = -1;
    private static final NativeBuffer BYTES = NativeBuffer.allocate(1 << 20);
    /** From each state, the states that one step may lead to. The last column is closed. */
    private static final boolean[][] LIFE_STEPS = {
        {true, true, true, false, false}, // made: connect
        {false, true, false, true, true}, // connecting: connected, or closes when drained
        {false, false, true, true, true}, // opening: onOpen, or closes when drained
        {false, false, false, true, true}, // open
        {false, false, false, false, true}, // draining
    };
    private static final boolean[][] OUTPUT_STEPS = {
        {true, true, true}, // sending: shutdown, with something queued or not
        {false, true, true}, // ending
        {false, false, true}, // ended
    };
    private static final Set<String> SEEN = new TreeSet<>();

    @Property(tries = 4_000, shrinking = ShrinkingMode.OFF)
    void theTableHolds(@ForAll long seed) {
        try (Machine machine = new Machine(new Random(seed))) {
            machine.run();
        }
    }

    /** A test that sees too little cannot fail. The rarest step occurs 17 times. */
    @AfterContainer
    static void everyStepWasSeen() {
        for (int from = 0; from < LIVES.length; from++) {
            for (int to = 0; to < LIVES.length; to++) {
                assertTrue(from == to || !LIFE_STEPS[from][to]
                        || SEEN.contains(LIVES[from] + " " + LIVES[to]),
                        LIVES[from] + " to " + LIVES[to] + " of " + SEEN);
            }
            assertTrue(SEEN.contains(LIVES[from] + " closed"), LIVES[from] + " to closed");
        }
        for (String step : List.of("sending ending", "sending ended", "ending ended")) {
            assertTrue(SEEN.contains(step), step + " of " + SEEN);
        }
    }

    private static final class Machine implements AutoCloseable, StreamHandler {
        private final Random random;
        private final FaultyPosix posix = new FaultyPosix();
        private final Posix system = Posix.system();
        private final ImpatientClock clock = new ImpatientClock();
        private final EventLoop loop;
        private final BufferPool pool = new BufferPool(8, 4_096);
        private final SocketStream stream;
        private final Endpoint at = new Endpoint();
        private final NativeBuffer taken = NativeBuffer.allocate(1 << 16);
        private final int listener;
        private final boolean hasQueue;
        private int peer = -1;
        private int life = CLOSED;
        private int output;
        private boolean isOpened;
        private int closes;
        private boolean isTold; // inside a callback

        Machine(Random random) {
            this.random = random;
            LoopConfig config = new LoopConfig().handles(4).posix(posix).clock(clock);
            loop = new EventLoop(
                    random.nextBoolean() ? config : HeldOperations.in(config, random));
            assertEquals(0, loop.open());
            stream = new SocketStream(loop, this);
            hasQueue = random.nextBoolean();
            if (hasQueue) {
                stream.queue(pool);
            }
            assertEquals(0, at.parse(random.nextInt(3) == 0
                    ? "@penstock-states-" + system.getpid() : "127.0.0.1:0"));
            listener = system.socket(at.family(),
                    Linux.SOCK_STREAM | Linux.SOCK_CLOEXEC | Linux.SOCK_NONBLOCK, 0);
            assertEquals(0, system.bind(listener, at.address(), at.length()));
            assertEquals(0, system.listen(listener, 4));
            assertEquals(0, at.localOf(system, listener));
            if (random.nextBoolean()) {
                posix.failAtRandom(
                        Syscall.SENDTO, Errno.EAGAIN, random.nextBoolean() ? 1 : 3, random);
                posix.failAtRandom(Syscall.SENDTO, Errno.ECONNRESET, 30, random);
                posix.failAtRandom(Syscall.RECVFROM, Errno.ECONNRESET, 30, random);
            }
            if (at.family() == Linux.AF_INET && random.nextInt(8) == 0) {
                assertEquals(0, at.parse("127.0.0.1:1")); // a port that refuses
            }
        }

        void run() {
            boolean isAdopted = random.nextInt(3) == 0;
            if (isAdopted) {
                adopt();
            } else {
                assertEquals(0, stream.open(at.family()));
            }
            stepped(false);
            int steps = random.nextInt(60);
            for (int i = 0; i < steps && life != CLOSED; i++) {
                act();
                if (random.nextInt(3) == 0) {
                    world();
                }
                if (output == DescriptorStream.ENDING && random.nextInt(4) == 0) {
                    posix.heal(); // otherwise the stream would hardly ever end
                }
                if (random.nextBoolean()) {
                    turn();
                }
            }
            if (life != CLOSED) {
                assertEquals(0, stream.close());
                stepped(false);
            }
            for (int i = 0; i < 8; i++) { // at once, or when none of its operations is in flight
                turn();
            }
            assertEquals(1, closes, "onClose, once");
            assertEquals(pool.slabs(), pool.available());
        }

        private void adopt() {
            NativeBuffer two = NativeBuffer.allocate(8);
            assertEquals(0, system.socketpair(Linux.AF_UNIX,
                    Linux.SOCK_STREAM | Linux.SOCK_CLOEXEC | Linux.SOCK_NONBLOCK, 0,
                    two.addressOffset()));
            peer = two.getInt(4);
            assertEquals(0, stream.adopt(two.getInt(0)));
        }

        @Override
        public void close() {
            posix.heal();
            loop.close();
            system.close(listener);
            if (peer >= 0) {
                system.close(peer);
            }
        }

        private void turn() {
            int work = loop.runOnce(random.nextInt(4) == 0 ? 200_000 : 0);
            assertTrue(work >= 0, () -> ReturnCode.describe(work));
            clock.turned(work);
            stepped(true);
        }

        /** Asserts that the table leads to the state: by one step, or in a turn by several. */
        private void stepped(boolean isTurn) {
            int next = stream.isOpen() ? stream.life() : CLOSED;
            int nextOutput = stream.output();
            if (life != CLOSED && next != CLOSED) {
                assertTrue(isTurn ? leads(LIFE_STEPS, life, next) : LIFE_STEPS[life][next],
                        LIVES[life] + " to " + LIVES[next]);
                assertTrue(isTurn ? leads(OUTPUT_STEPS, output, nextOutput)
                        : OUTPUT_STEPS[output][nextOutput],
                        OUTPUTS[output] + " to " + OUTPUTS[nextOutput]);
                SEEN.add(OUTPUTS[output] + " " + OUTPUTS[nextOutput]);
            }
            if (life != CLOSED) {
                SEEN.add(LIVES[life] + " " + (next == CLOSED ? "closed" : LIVES[next]));
            }
            life = next;
            output = nextOutput;
        }

        private static boolean leads(boolean[][] steps, int from, int to) {
            if (steps[from][to]) {
                return true;
            }
            for (int via = from + 1; via < to; via++) {
                if (steps[from][via] && leads(steps, via, to)) {
                    return true;
                }
            }
            return false;
        }

        private void act() {
            switch (random.nextInt(12)) {
                case 0, 1 -> write();
                case 2, 3 -> { // more often than other calls
                    write();
                    stepped(false);
                    close(Close.WHEN_DRAINED);
                }
                case 4 -> {
                    write();
                    shutdown();
                }
                case 5 -> shutdown();
                case 6 -> close(random.nextInt(4) == 0 ? Close.NOW : Close.WHEN_DRAINED);
                case 7 -> assertEquals(life == CLOSED ? ReturnCode.CLOSED : 0, stream.pause());
                case 8, 9 -> assertEquals(life == CLOSED ? ReturnCode.CLOSED : 0, stream.resume());
                default -> connect();
            }
            stepped(false);
        }

        private void connect() {
            int rc = stream.connect(at);
            if (life != DescriptorStream.MADE) {
                assertTrue(rc == ReturnCode.ALREADY_OPEN || life == CLOSED, LIVES[life]);
                return;
            }
            assertEquals(0, rc, () -> ReturnCode.describe(rc));
        }

        private void write() {
            int length = random.nextInt(4) == 0 ? 20_000 : 1 + random.nextInt(2_000);
            boolean isBare = life == DescriptorStream.CONNECTING && !hasQueue;
            int rc = stream.write(BYTES, 0, length);
            if (life == CLOSED || life == DescriptorStream.DRAINING) {
                assertEquals(ReturnCode.CLOSED, rc);
            } else if (output != DescriptorStream.SENDING) {
                assertEquals(-Errno.EPIPE, rc);
            } else if (life == DescriptorStream.MADE || isBare) {
                assertEquals(ReturnCode.NOT_OPEN, rc);
            } else {
                assertTrue(rc >= 0 || rc == ReturnCode.POOL_EXHAUSTED || rc > -4_096,
                        () -> ReturnCode.describe(rc));
                assertTrue(!hasQueue || rc < 0 || rc == length, "all or a code");
                assertTrue(hasQueue || stream.queuedBytes() == 0);
            }
        }

        private void shutdown() {
            int rc = stream.shutdown();
            if (life == CLOSED || life == DescriptorStream.DRAINING) {
                assertEquals(ReturnCode.CLOSED, rc);
            } else if (output != DescriptorStream.SENDING) {
                assertEquals(0, rc, "again");
            } else if (life < DescriptorStream.OPENING) {
                assertEquals(ReturnCode.NOT_OPEN, rc);
            } else {
                assertTrue(rc == 0 || rc > -4_096, () -> ReturnCode.describe(rc));
            }
        }

        private void close(Close when) {
            boolean waits = when == Close.WHEN_DRAINED && stream.queuedBytes() > 0;
            int rc = stream.close(when);
            assertEquals(life == CLOSED || waits && life == DescriptorStream.DRAINING
                    ? ReturnCode.CLOSED : 0, rc);
            assertEquals(waits && life != CLOSED, stream.isOpen());
        }

        /** What the peer does. */
        private void world() {
            if (peer < 0) {
                peer = system.accept4(listener, 0, 0, Linux.SOCK_NONBLOCK | Linux.SOCK_CLOEXEC);
                return;
            }
            switch (random.nextInt(8)) {
                case 0 -> system.shutdown(peer, Linux.SHUT_WR);
                case 1 -> {
                    if (random.nextInt(4) == 0) {
                        system.close(peer);
                        peer = -1;
                    }
                }
                case 2, 3 -> system.write(peer, BYTES.addressOffset(), random.nextInt(3_000));
                default -> {
                    for (int i = 0; i < 8; i++) {
                        system.read(peer, taken.addressOffset(), taken.capacity());
                    }
                }
            }
        }

        private void told() {
            assertFalse(isTold, "from inside a callback");
            assertEquals(0, closes, "told after onClose");
            assertTrue(stream.isOpen(), "told after it closed");
            stepped(true);
        }

        private void actInside() {
            isTold = true;
            if (random.nextInt(4) == 0) {
                act();
            }
            isTold = false;
        }

        @Override
        public void onOpen(Stream s) {
            told();
            assertFalse(isOpened);
            assertEquals(DescriptorStream.OPEN, life);
            isOpened = true;
            actInside();
        }

        @Override
        public void onData(Stream s, DirectBuffer buffer, int offset, int length) {
            told();
            assertTrue(isOpened && stream.isReading() && !stream.isEnded());
            assertEquals(DescriptorStream.OPEN, life, () -> LIVES[life]);
            actInside();
        }

        @Override
        public void onWritable(Stream s) {
            told();
            assertTrue(isOpened);
            assertEquals(0, stream.queuedBytes());
            actInside();
        }

        @Override
        public void onEnd(Stream s) {
            told();
            assertTrue(isOpened);
            assertEquals(DescriptorStream.OPEN, life);
            actInside();
        }

        @Override
        public void onClose(Stream s, int result) {
            assertFalse(stream.isOpen());
            closes++;
        }
    }
}
