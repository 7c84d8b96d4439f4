package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.net.Close;
import io.penstock.core.net.Gather;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import io.penstock.core.sys.Errno;
import io.penstock.tls.openssl.Live;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import org.agrona.DirectBuffer;

/**
 * A stream over {@link Wire}s, with random calls and events: its states follow each other as the
 * table of docs/tls.md says, and what a call answers, and what is told, follows from the state.
 */
class StatesTest {
    private static final int STEPS = 150;
    private static final int MAX_BYTES = 60_000;
    private static final int WIDE = 1 << 28; // a wire with room for everything
    private static final LifeTable TABLE = new LifeTable("tls.md");
    private static final SelfSigned IDENTITY = new SelfSigned();
    private static final SelfSigned STRANGER = new SelfSigned();
    private static final NativeBuffer PATTERN = NativeBuffer.allocate(1 << 20);

    static {
        assertEquals(0, IDENTITY.generate());
        assertEquals(0, STRANGER.generate());
        Random random = new Random(14);
        for (int i = 0; i < PATTERN.capacity(); i++) {
            PATTERN.putByte(i, (byte) random.nextInt());
        }
    }

    @Example
    void theTableIsWhatTheCodeAsserts() {
        for (Life from : Life.values()) {
            for (Life to : Life.values()) {
                assertEquals(TABLE.has(from, to), from.leadsTo(to), from + " to " + to);
            }
        }
    }

    @Property(tries = 600, shrinking = ShrinkingMode.OFF)
    void whateverIsCalledAndComes(@ForAll long seed) {
        long live = Live.count();
        try (World world = new World(new Random(seed))) {
            world.run();
        }
        assertEquals(live, Live.count());
    }

    @AfterContainer
    static void everyRowWasSeen() {
        TABLE.assertAllSeen();
    }

    /** A stream, what it goes over, and its peer. */
    private static final class World implements AutoCloseable, StreamHandler {
        private final Random random;
        private final boolean isTrusted;
        private final BufferPool pool = new BufferPool(12, 4_096);
        private final BufferPool farPool = new BufferPool(400, 4_096);
        private final EventLoop loop;
        private final TlsContext context;
        private final TlsContext peers;
        private final Gather gather = new Gather(2);
        private final boolean isQueued;
        private final TlsStream near;
        private final Wire source;
        private final Wire sink;
        private long nowNs;
        private boolean isFinishing;

        private TlsStream far;
        private Wire farWire;
        private boolean isFarPolite; // it closes in onEnd
        private int received; // by it
        private boolean isFarEnded;

        private Life seen = Life.CLOSED;
        private int lives;
        private int closes;
        private int opened; // of this life, as what follows
        private boolean isEnded;
        private boolean isClosed; // by the user: nothing but onClose may follow
        private boolean isCalling;
        private boolean mustArrive; // close(WHEN_DRAINED) promises that
        private int offered;
        private int accepted;

        World(Random random) {
            this.random = random;
            loop = new EventLoop(new LoopConfig().handles(64).clock(() -> nowNs));
            assertEquals(0, loop.open());
            isTrusted = random.nextInt(6) > 0;
            boolean isServer = random.nextBoolean();
            int version = random.nextBoolean() ? TlsConfig.TLS_1_2 : TlsConfig.TLS_1_3;
            context = context(isServer, version, IDENTITY);
            peers = context(!isServer, version, isTrusted ? IDENTITY : STRANGER);
            near = new TlsStream(context, this);
            isQueued = random.nextInt(3) > 0;
            if (isQueued) {
                near.queue(pool);
            }
            source = new Wire(loop, near.transport());
            sink = random.nextBoolean() ? source : new Wire(loop, near.transport());
        }

        private TlsContext context(boolean isServer, int version, SelfSigned identity) {
            TlsConfig config =
                    new TlsConfig().privateChannel(identity).protocols(version, version);
            TlsContext made = isServer ? TlsContext.server(loop, config)
                    : TlsContext.client(loop, config);
            assertEquals(0, made.open());
            return made;
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                step(random.nextInt(24));
                look();
            }
            isFinishing = true;
            sink.failsWith = 0;
            finish();
            assertEquals(lives, closes);
            assertEquals(context.counter(TlsMetrics.BEGUN_OFFSET),
                    context.counter(TlsMetrics.DONE_OFFSET)
                            + context.counter(TlsMetrics.FAILED_OFFSET));
            assertTrue(isTrusted || context.counter(TlsMetrics.PLAIN_OUT_BYTES_OFFSET) == 0);
        }

        private void finish() {
            for (int turn = 0; near.life() != Life.CLOSED; turn++) {
                if (near.life().isOpen() && turn == 20) {
                    close(Close.NOW);
                }
                turn();
                assertTrue(turn < 100, () -> "it stays " + near.life());
            }
        }

        private void step(int what) {
            switch (what) {
                case 0 -> open();
                case 1 -> belowOpens();
                case 2 -> shakeHands();
                case 3, 4, 5 -> carry(farWire, source);
                case 6, 7, 8 -> carry(sink, farWire);
                case 9, 10 -> write();
                case 11 -> mayClose(this::shutdown);
                case 12 -> mayClose(() -> close(Close.WHEN_DRAINED));
                case 13 -> mayClose(() -> close(random.nextBoolean() ? Close.NOW
                        : Close.WHEN_DRAINED));
                case 14 -> call(near::resume, near.life().isOpen() ? 0 : closedCode());
                case 15 -> call(near::pause, near.life().isOpen() ? 0 : closedCode());
                case 16 -> updateKeys();
                case 17 -> event(() -> sink.widen(
                        sink.room < WIDE ? 1 + random.nextInt(MAX_BYTES) : 0));
                case 18 -> sink.room = random.nextInt(3) > 0 ? WIDE : random.nextInt(2_000);
                case 19 -> mayClose(this::trouble);
                case 20 -> farDoes();
                case 21 -> call(near::awaitRoom, near.life().isOpen() ? 0 : closedCode());
                default -> turn();
            }
        }

        /** Rarely, so that something happens before. */
        private void mayClose(Runnable what) {
            if (random.nextInt(8) == 0) {
                what.run();
            }
        }

        private void open() {
            if (near.life() != Life.CLOSED) {
                call(() -> near.open(source, sink), ReturnCode.ALREADY_OPEN);
                return;
            }
            lives++;
            opened = 0;
            isEnded = false;
            isClosed = false;
            mustArrive = false;
            offered = 0;
            accepted = 0;
            begin(source);
            if (sink != source) {
                begin(sink);
            }
            openFar();
            call(() -> near.open(source, sink), 0);
            assertEquals(Life.WAITING, near.life());
            assertEquals(Output.OPEN, near.output());
        }

        private void begin(Wire wire) {
            wire.sentBytes = 0;
            wire.failsWith = 0;
            wire.isShutdown = false;
            wire.isShort = false;
            wire.room = WIDE;
            wire.closesAfterTurns = random.nextInt(4) - 1;
            assertEquals(0, wire.begin());
        }

        private void openFar() {
            if (far != null) {
                far.close();
            }
            received = 0;
            isFarEnded = false;
            isFarPolite = random.nextBoolean();
            far = new TlsStream(peers, new Far());
            far.queue(farPool);
            farWire = new Wire(loop, far.transport());
            begin(farWire);
            farWire.closesAfterTurns = -1;
            assertEquals(0, far.open(farWire));
            far.transport().onOpen(farWire);
        }

        private void turn() {
            nowNs += random.nextInt(200) == 0 ? TimeUnit.SECONDS.toNanos(11)
                    : TimeUnit.MILLISECONDS.toNanos(1);
            assertTrue(loop.runOnce(0) >= 0);
            look();
        }

        private void belowOpens() {
            event(() -> near.transport().onOpen(random.nextBoolean() ? source : sink));
        }

        /** Most of the time nothing is in its way. */
        private void shakeHands() {
            for (int i = 0; i < 12 && near.life().isOpen() && opened == 0; i++) {
                belowOpens();
                turn();
                carry(farWire, source);
                carry(sink, farWire);
            }
        }

        private void event(Runnable what) {
            what.run();
            look();
        }

        private void carry(Wire from, Wire to) {
            if (from == null || from.sentBytes == 0 || !to.isLive() || !to.isReading()) {
                return;
            }
            int n = random.nextInt(4) == 0 ? 1 + random.nextInt(from.sentBytes) : from.sentBytes;
            NativeBuffer bytes = NativeBuffer.allocate(n);
            bytes.putBytes(0, from.sent, 0, n);
            from.sentBytes -= n;
            NativeBuffer rest = NativeBuffer.allocate(Math.max(1, from.sentBytes));
            rest.putBytes(0, from.sent, n, from.sentBytes);
            from.sent.putBytes(0, rest, 0, from.sentBytes);
            event(() -> to.bring(bytes, 0, n));
        }

        /** What a stream below may do by itself. */
        private void trouble() {
            switch (random.nextInt(5)) {
                case 0 -> sink.failsWith = -Errno.ECONNRESET;
                case 1, 2 -> {
                    if (source.isLive() && source.isReading() && !source.isEnded()) {
                        event(source::bringEnd);
                    }
                }
                case 3 -> source.close();
                default -> sink.close();
            }
            mustArrive &= sink.failsWith == 0 && sink.isLive() && source.isLive();
            look();
        }

        private void farDoes() {
            if (far == null || far.life() != Life.OPEN) {
                return;
            }
            switch (random.nextInt(8)) {
                case 0 -> far.shutdown();
                case 1 -> {
                    mustArrive = false;
                    far.close();
                }
                default -> far.write(PATTERN, 0, 1 + random.nextInt(20_000));
            }
        }

        // Calls, and what they answer.

        private int call(IntSupplier what, int expected) {
            int rc = call(what);
            assertEquals(ReturnCode.describe(expected), ReturnCode.describe(rc));
            return rc;
        }

        private int call(IntSupplier what) {
            assertFalse(isCalling);
            isCalling = true;
            int rc = what.getAsInt();
            isCalling = false;
            look();
            return rc;
        }

        private int closedCode() {
            return lives == 0 ? ReturnCode.NOT_OPEN : ReturnCode.CLOSED;
        }

        /** What a call that sends is refused with; 0 if it is not. */
        private int refusal() {
            Life life = near.life();
            if (!life.isOpen() || isLeaving()) {
                return closedCode();
            }
            return near.output() != Output.OPEN ? -Errno.EPIPE
                    : life == Life.OPEN || isQueued ? 0 : ReturnCode.NOT_OPEN;
        }

        private boolean isLeaving() {
            return near.life() != Life.OPEN && near.output() != Output.OPEN;
        }

        private void write() {
            int length = 1 + random.nextInt(1 << random.nextInt(16));
            if (accepted + length > PATTERN.capacity()) {
                return;
            }
            int refusal = refusal();
            assertTrue(near.roomBytes() == 0
                    || near.life() == Life.OPEN && near.output() == Output.OPEN);
            boolean isWhole = random.nextBoolean();
            int half = length / 2;
            gather.clear();
            gather.add(PATTERN, accepted, half);
            gather.add(PATTERN, accepted + half, length - half);
            int n = call(() -> isWhole || half == 0 ? near.write(PATTERN, accepted, length)
                    : near.write(gather));
            if (refusal != 0) {
                assertEquals(ReturnCode.describe(refusal), ReturnCode.describe(n));
                return;
            }
            offered = accepted + length;
            accepted += Math.max(0, n);
            if (n == ReturnCode.POOL_EXHAUSTED || n == ReturnCode.MESSAGE_TOO_LONG) {
                assertTrue(isQueued);
            } else if (n < 0) {
                assertTrue(sink.failsWith != 0 || !sink.isLive(), () -> ReturnCode.describe(n));
            } else {
                assertTrue(isQueued ? n == length : n <= length);
                if (random.nextInt(20) == 0) {
                    close(Close.WHEN_DRAINED);
                }
            }
        }

        private void shutdown() {
            int refusal = refusal();
            refusal = refusal == 0 && near.life() != Life.OPEN ? ReturnCode.NOT_OPEN : refusal;
            int rc = call(near::shutdown);
            if (refusal != 0 && refusal != -Errno.EPIPE) {
                assertEquals(ReturnCode.describe(refusal), ReturnCode.describe(rc));
            } else if (rc != 0) {
                assertTrue(sink.failsWith != 0 || !sink.isLive(), () -> ReturnCode.describe(rc));
            } else {
                assertNotEquals(Output.OPEN, near.output());
            }
        }

        private void close(Close when) {
            Life life = near.life();
            boolean isLeaving = life.isOpen() && isLeaving();
            boolean isVerified = life == Life.OPEN || life == Life.DRAINING;
            boolean isWaiting = isVerified ? near.queuedBytes() > 0 : accepted > 0;
            int rc = call(() -> near.close(when));
            if (!life.isOpen() || isLeaving && isWaiting && when == Close.WHEN_DRAINED) {
                assertEquals(ReturnCode.describe(closedCode()), ReturnCode.describe(rc));
                return;
            }
            assertEquals(0, rc);
            isClosed = true;
            mustArrive = when == Close.WHEN_DRAINED && sink.failsWith == 0 && sink.isLive()
                    && source.isLive() && far.isOpen();
            assertTrue(!near.isOpen() || when == Close.WHEN_DRAINED && isWaiting);
        }

        private void updateKeys() {
            int refusal = refusal();
            refusal = refusal == 0 && near.life() != Life.OPEN ? ReturnCode.NOT_OPEN : refusal;
            int rc = call(() -> near.updateKeys(random.nextBoolean()));
            if (refusal != 0) {
                assertEquals(ReturnCode.describe(refusal), ReturnCode.describe(rc));
            } else {
                assertTrue(rc == 0 || rc == -Errno.EAGAIN || rc == ReturnCode.NOT_SUPPORTED
                        || sink.failsWith != 0 || !sink.isLive(), () -> ReturnCode.describe(rc));
            }
        }

        // What is seen, and told.

        private void look() {
            Life now = near.life();
            if (now != seen) {
                Life before = seen;
                seen = now;
                TABLE.saw(before, now);
            }
            assertEquals(now.isOpen(), near.isOpen());
            assertEquals(now.isOpen() ? source : null, near.below());
            assertEquals(now.isOpen() ? near : null, loop.handle(near.token()));
            assertTrue(now != Life.DRAINING || near.output() != Output.OPEN);
        }

        private void told(Stream stream) {
            look();
            assertEquals(near, stream);
            assertFalse(isCalling, "told from inside a call");
            assertFalse(isClosed, "told after close");
            assertEquals(Life.OPEN, near.life());
            assertTrue(isTrusted, "told of a stranger");
        }

        @Override
        public void onOpen(Stream stream) {
            told(stream);
            assertEquals(1, ++opened);
            if (random.nextInt(3) > 0) {
                call(near::resume, 0);
            }
        }

        @Override
        public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
            told(stream);
            assertTrue(opened == 1 && stream.isReading() && !isEnded);
            inCallback();
        }

        @Override
        public void onWritable(Stream stream) {
            told(stream);
            assertEquals(1, opened);
            assertEquals(0, stream.queuedBytes());
            inCallback();
        }

        @Override
        public void onEnd(Stream stream) {
            told(stream);
            assertTrue(opened == 1 && !isEnded);
            isEnded = true;
            inCallback();
        }

        private void inCallback() {
            int[] calls = {9, 11, 12, 13, 14, 15, 16};
            if (random.nextInt(3) == 0) {
                step(calls[random.nextInt(calls.length)]);
            }
        }

        @Override
        public void onClose(Stream stream, int result) {
            look();
            assertEquals(Life.CLOSED, near.life());
            assertFalse(isCalling);
            assertEquals(lives, ++closes);
            assertTrue(source.isGone && sink.isGone, "what is below is there");
            assertEquals(0, near.queuedBytes());
            assertEquals(pool.slabs(), pool.available());
            assertEquals(near.counter(StreamMetrics.ALLOC_OFFSET),
                    near.counter(StreamMetrics.FREE_OFFSET));
            assertEquals(1, near.counter(StreamMetrics.CLOSE_OFFSET));
            assertTrue(opened == 0 || isTrusted);
            if (result == 0 && near.counter(StreamMetrics.ERROR_OFFSET) == 0) {
                TlsFixture.invariantsHold(near);
            }
            if (mustArrive && result == 0 && far.isOpen()) {
                while (sink.sentBytes > 0 && farWire.isLive() && farWire.isReading()) {
                    carry(sink, farWire);
                }
                assertEquals(accepted, received);
            }
            if (!isFinishing && random.nextInt(4) == 0) {
                open();
            }
        }

        @Override
        public void close() {
            context.close();
            peers.close();
            loop.close();
            assertEquals(lives, closes);
        }

        /** The peer's handler. */
        private final class Far implements StreamHandler {
            @Override
            public void onOpen(Stream stream) {
                stream.resume();
            }

            @Override
            public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
                if (stream != far) {
                    return;
                }
                for (int i = 0; i < length; i++) {
                    assertEquals(PATTERN.getByte(received++), buffer.getByte(offset + i));
                }
                assertTrue(received <= Math.max(offered, accepted));
            }

            @Override
            public void onWritable(Stream stream) {
            }

            @Override
            public void onEnd(Stream stream) {
                if (isFarPolite) {
                    stream.close();
                }
            }

            @Override
            public void onClose(Stream stream, int result) {
            }
        }
    }
}
