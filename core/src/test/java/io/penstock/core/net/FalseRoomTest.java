package io.penstock.core.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.Allocation;
import io.penstock.core.testing.Recorder;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A kernel that reports room and takes nothing, as Linux does for every TCP socket while its memory
 * for TCP is exhausted: the stream backs off by a timer, and does not spin.
 */
class FalseRoomTest extends NetFixture {
    private static final int TURNS = 100;
    private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);

    private long timeNs;
    private boolean isShort; // of memory
    private int attempts;
    private int peer;
    private SocketStream stream;
    private final Recorder writer = new Recorder() {
        @Override
        public void onWritable(Stream stream) {
            super.onWritable(stream);
            offer();
        }
    };

    @BeforeEach
    void inVirtualTime() {
        loop.close();
        loop = new EventLoop(new LoopConfig().handles(8).posix(posix).clock(() -> timeNs));
        assertEquals(0, loop.open());
        posix.on(Syscall.SENDTO, (kernel, args) -> {
            attempts++;
            return isShort ? -Errno.EAGAIN : kernel.call(args);
        });
    }

    @Override
    protected void beforeClosing() {
        system.close(peer);
    }

    private void open(BufferPool pool) {
        int[] pair = socketPair(Linux.SOCK_NONBLOCK);
        peer = pair[1];
        stream = new SocketStream(loop, writer);
        if (pool != null) {
            stream.queue(pool);
        }
        assertEquals(0, stream.adopt(pair[0]));
        turnUntil(() -> writer.count("open") == 1);
        isShort = true;
    }

    private int offer() {
        return stream.write(bytes, 0, 100);
    }

    /** How often the stream tried to send in turns in which no time passes. */
    private int attemptsAtOnce() {
        int before = attempts;
        turns(TURNS);
        assertEquals(0, loop.runOnce(0), "it backs off");
        return attempts - before;
    }

    private void assertBacksOff() {
        assertTrue(attemptsAtOnce() <= 2);
        assertEquals(0, attemptsAtOnce());
        int before = attempts;
        for (int ms = 0; ms < 10_000; ms++) {
            timeNs += MS;
            turns(2);
        }
        int tries = attempts - before;
        assertTrue(tries >= 10_000 / 200 && tries <= 2 * 10_000 / 100, () -> tries + " tries");
        isShort = false;
        timeNs += 200 * MS;
        turns(4);
    }

    private void arrived(int length) {
        assertEquals(length, system.read(peer, NativeBuffer.allocate(200).addressOffset(), 200));
        assertEquals(0, attemptsAtOnce());
    }

    @Test
    void aQueueBacksOffByATimer() {
        open(pool);
        assertEquals(100, offer());
        assertBacksOff();
        assertEquals(0, stream.queuedBytes());
        arrived(200); // onWritable offers once more
        assertTrue(word(stream, StreamMetrics.BACKOFFS_OFFSET) > 50);
        assertEquals(0, stream.close());
        turns(2);
        invariantsHold(stream);
    }

    @Test
    void onWritableComesByATimer() {
        open(null);
        assertEquals(0, offer());
        assertBacksOff();
        arrived(100);
        assertTrue(word(stream, StreamMetrics.BACKOFFS_OFFSET) > 50);
        assertEquals(writer.count("writable"), word(stream, StreamMetrics.DRAIN_OFFSET));
    }

    @Test
    void onWritableComesByATimerIfThePoolIsExhausted() {
        BufferPool small = new BufferPool(1, 4_096);
        open(small);
        int slab = small.take();
        posix.on(Syscall.PPOLL, (kernel, args) -> {
            attempts++;
            return isShort ? 0 : kernel.call(args);
        });
        assertEquals(ReturnCode.POOL_EXHAUSTED, offer());
        assertBacksOff();
        arrived(100);
        small.give(slab);
    }

    @Test
    void aShortBackoffEndsSoon() {
        open(pool);
        for (int i = 0; i < 10; i++) {
            isShort = true;
            assertTrue(offer() > 0);
            turns(2);
            isShort = false;
            timeNs += 10 * MS;
            turns(2);
            assertEquals(0, stream.queuedBytes(), "10 ms are enough each time");
            arrived(200);
        }
    }

    @Test
    void aStreamThatBacksOffCanClose() {
        open(pool);
        offer();
        turns(2);
        assertEquals(0, stream.close());
        turns(2);
        timeNs += 1_000 * MS;
        assertEquals(0, loop.run(), "nothing of it keeps the loop alive");
        assertEquals(1, writer.count("close"));
    }

    @Test
    void aReleasedStreamThatBacksOffKeepsNoLoopAlive() {
        open(pool);
        stream.release();
        offer();
        turns(2);
        assertEquals(0, loop.run());
    }

    /**
     * A kernel that is short of memory for good, and that allocates nothing, unlike
     * {@link FaultyPosix}.
     */
    private final class ShortPosix extends Posix {
        @Override
        protected long enter(int number, long a, long b, long c, long d, long e, long f) {
            return number == Syscall.SENDTO ? -Errno.EAGAIN
                    : call(system, number, a, b, c, d, e, f);
        }
    }

    @Test
    @Tag("allocation")
    void backingOffAllocatesNothing() {
        loop.close();
        loop = new EventLoop(
                new LoopConfig().handles(8).posix(new ShortPosix()).clock(() -> timeNs));
        assertEquals(0, loop.open());
        open(pool);
        assertEquals(100, offer());
        Allocation.assertNone("a stream that rests", 500, 500, () -> {
            timeNs += 200 * MS;
            loop.runOnce(0);
            loop.runOnce(0);
        });
        assertTrue(word(stream, StreamMetrics.BACKOFFS_OFFSET) >= 1_000);
    }
}
