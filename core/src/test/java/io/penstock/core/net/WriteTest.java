package io.penstock.core.net;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.FaultyPosix.Rule;
import io.penstock.core.testing.Recorder;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Writing with and without a queue, to a peer that reads when the test does. */
class WriteTest extends NetFixture {
    private static final int SLAB = 256;
    private static final int HEADER = 16;

    private final Recorder handler = new Recorder();
    private final NativeBuffer taken = NativeBuffer.allocate(1 << 20);
    private boolean isBlocked;
    private int peer;
    private int total; // bytes that the peer has read

    @BeforeEach
    void faults() {
        pool = new BufferPool(4, SLAB);
        posix.on(Syscall.SENDTO, (kernel, args) -> isBlocked ? -Errno.EAGAIN : Rule.PASS);
    }

    private SocketStream open(boolean hasQueue) {
        int[] pair = socketPair(Linux.SOCK_NONBLOCK);
        SocketStream stream = new SocketStream(loop, handler);
        if (hasQueue) {
            stream.queue(pool);
        }
        assertEquals(0, stream.adopt(pair[0]));
        assertEquals(ReturnCode.ALREADY_OPEN, stream.adopt(pair[1]));
        peer = pair[1];
        turnUntil(() -> handler.count("open") == 1);
        return stream;
    }

    /** Reads what has come to the peer, and compares it with the bytes that were written. */
    private int take() {
        int n;
        while ((n = (int) system.read(peer, taken.addressOffset(), 1 << 16)) > 0) {
            for (int i = 0; i < n; i++) {
                assertEquals(bytes.getByte(total + i), taken.getByte(i), "byte " + (total + i));
            }
            total += n;
        }
        return total;
    }

    private void closeBoth(SocketStream stream) {
        stream.close();
        turnUntil(() -> handler.count("close") == 1);
        system.close(peer);
    }

    @Test
    void aQueueTakesAllOrNothing() {
        SocketStream stream = open(true);
        isBlocked = true;
        int room = 4 * (SLAB - HEADER);
        assertEquals(ReturnCode.MESSAGE_TOO_LONG, stream.write(bytes, 0, room + 1));
        assertEquals(0, stream.queuedBytes());
        assertEquals(4, pool.available());
        assertEquals(room - 10, stream.write(bytes, 0, room - 10));
        assertEquals(ReturnCode.POOL_EXHAUSTED, stream.write(bytes, 0, 11));
        assertEquals(room - 10, stream.queuedBytes());
        assertEquals(ReturnCode.MESSAGE_TOO_LONG, stream.write(bytes, 0, room + 1));
        assertEquals(10, stream.write(bytes, room - 10, 10));
        assertEquals(ReturnCode.POOL_EXHAUSTED, stream.write(bytes, 0, 1));
        assertEquals(0, pool.available());
        assertEquals(2, word(stream, StreamMetrics.WRITES_OFFSET), "what was refused is no write");
        isBlocked = false;
        turnUntil(() -> stream.queuedBytes() == 0);
        assertEquals(List.of("open", "writable"), handler.calls);
        assertEquals(4, pool.available());
        assertEquals(room, take());
        assertEquals(room, word(stream, StreamMetrics.QUEUED_MAX_OFFSET));
        assertEquals(1, word(stream, StreamMetrics.DRAIN_OFFSET));
        closeBoth(stream);
        invariantsHold(stream);
    }

    @Test
    void aPoolEmptiedElsewhereRefusesWrites() {
        SocketStream stream = open(true);
        isBlocked = true;
        for (int i = 0; i < 4; i++) {
            pool.take();
        }
        assertEquals(ReturnCode.POOL_EXHAUSTED, stream.write(bytes, 0, 1));
        assertEquals(0, word(stream, StreamMetrics.WRITES_OFFSET));
        for (int i = 0; i < 4; i++) {
            pool.give(i);
        }
        assertEquals(1, stream.write(bytes, 0, 1));
        closeBoth(stream);
    }

    @Test
    void smallMessagesShareASlab() {
        SocketStream stream = open(true);
        isBlocked = true;
        for (int i = 0; i < SLAB - HEADER; i++) {
            assertEquals(1, stream.write(bytes, i, 1));
            assertEquals(3, pool.available());
        }
        assertEquals(1, stream.write(bytes, SLAB - HEADER, 1));
        assertEquals(2, pool.available());
        assertEquals(SLAB - HEADER + 1, word(stream, StreamMetrics.ALLOC_OFFSET));
        isBlocked = false;
        turnUntil(() -> stream.queuedBytes() == 0);
        assertEquals(SLAB - HEADER + 1, take());
        assertEquals(SLAB - HEADER + 1, word(stream, StreamMetrics.EAGAIN_OFFSET));
        closeBoth(stream);
        invariantsHold(stream);
    }

    @Test
    void aQueueThatIsSentBytewiseKeepsItsOrder() {
        SocketStream stream = open(true);
        posix.heal().shorten(Syscall.SENDTO, new Random(3));
        int written = 0;
        Random random = new Random(4);
        while (written < 20_000) {
            int n = stream.write(bytes, written, 1 + random.nextInt(300));
            written += Math.max(0, n);
            loop.runOnce(0);
            take();
        }
        turnUntil(() -> stream.queuedBytes() == 0);
        assertEquals(written, take());
        closeBoth(stream);
        invariantsHold(stream);
        assertTrue(word(stream, StreamMetrics.INCOMPLETE_OFFSET) > 0);
    }

    @Test
    void shutdownFollowsWhatWasAccepted() {
        SocketStream stream = open(true);
        isBlocked = true;
        assertEquals(500, stream.write(bytes, 0, 500));
        assertEquals(0, stream.shutdown());
        assertEquals(0, stream.shutdown());
        assertEquals(-Errno.EPIPE, stream.write(bytes, 0, 1));
        turns(3);
        assertEquals(-Errno.EAGAIN, system.read(peer, taken.addressOffset(), 1));
        isBlocked = false;
        turnUntil(() -> stream.queuedBytes() == 0);
        assertEquals(500, take());
        assertEquals(0, system.read(peer, taken.addressOffset(), 1), "and the end");
        closeBoth(stream);
        invariantsHold(stream);
    }

    @Test
    void shutdownAndCloseWhenDrained() {
        SocketStream stream = open(true);
        isBlocked = true;
        assertEquals(700, stream.write(bytes, 0, 700));
        assertEquals(0, stream.shutdown());
        assertEquals(0, stream.close(Close.WHEN_DRAINED));
        assertEquals(ReturnCode.CLOSED, stream.close(Close.WHEN_DRAINED));
        assertEquals(ReturnCode.CLOSED, stream.write(bytes, 0, 1));
        assertEquals(ReturnCode.CLOSED, stream.shutdown());
        system.write(peer, bytes.addressOffset(), 1); // no callback follows
        turns(3);
        assertEquals(List.of("open"), handler.calls);
        isBlocked = false;
        turnUntil(() -> handler.count("close") == 1);
        assertEquals(List.of("open", "close"), handler.calls);
        assertEquals(0, handler.result);
        assertEquals(700, take());
        invariantsHold(stream);
        system.close(peer);
    }

    @Test
    void closeWhenDrainedWithNothingQueuedIsClose() {
        SocketStream stream = open(true);
        assertEquals(0, stream.close(Close.WHEN_DRAINED));
        assertEquals(ReturnCode.CLOSED, stream.close());
        loop.runOnce(0);
        assertEquals(List.of("open", "close"), handler.calls);
        system.close(peer);
    }

    @Test
    void closeNowDropsWhatIsQueued() {
        SocketStream stream = open(true);
        isBlocked = true;
        assertEquals(700, stream.write(bytes, 0, 700));
        assertEquals(0, stream.close(Close.WHEN_DRAINED));
        assertEquals(0, stream.close(Close.NOW), "not so gently after all");
        assertEquals(1, pool.available(), "not before the close phase");
        loop.runOnce(0);
        assertEquals(List.of("open", "close"), handler.calls);
        assertEquals(4, pool.available());
        assertEquals(0, take());
        assertEquals(1, word(stream, StreamMetrics.FREE_OFFSET));
        invariantsHold(stream);
        system.close(peer);
    }

    @Test
    void anErrorWhileDrainingIsTheResult() {
        SocketStream stream = open(true);
        isBlocked = true;
        stream.write(bytes, 0, 700);
        stream.close(Close.WHEN_DRAINED);
        posix.heal().failAlways(Syscall.SENDTO, Errno.ENOBUFS);
        turnUntil(() -> handler.count("close") == 1);
        assertEquals(-Errno.ENOBUFS, handler.result);
        assertEquals(1, word(stream, StreamMetrics.ERROR_OFFSET));
        assertEquals(4, pool.available());
        system.close(peer);
    }

    @Test
    void aWriteThatFailsAcceptsNothing() {
        SocketStream stream = open(true);
        system.close(peer);
        assertEquals(-Errno.EPIPE, stream.write(bytes, 0, 100));
        assertEquals(1, word(stream, StreamMetrics.ERROR_OFFSET));
        assertEquals(0, word(stream, StreamMetrics.WRITES_OFFSET));
        assertEquals(0, stream.queuedBytes());
        assertEquals(4, pool.available());
        turnUntil(() -> handler.count("end") == 1);
        stream.close();
        turnUntil(() -> handler.count("close") == 1);
    }

    @Test
    void withoutAQueueOnWritableFollowsAShortWrite() {
        SocketStream stream = open(false);
        assertEquals(0, stream.queuedBytes());
        int written = 0;
        int n;
        while ((n = stream.write(bytes, written, bytes.capacity() - written)) > 0) {
            written += n;
        }
        assertEquals(0, n);
        assertTrue(written < bytes.capacity());
        turns(3);
        assertEquals(0, handler.count("writable"), "there is no room");
        assertEquals(written, take());
        turnUntil(() -> handler.count("writable") == 1);
        turns(3);
        assertEquals(1, handler.count("writable"), "and not again");
        assertEquals(1, stream.write(bytes, 0, 1));
        turns(3);
        assertEquals(1, handler.count("writable"), "nor after a whole write");
        assertTrue(word(stream, StreamMetrics.INCOMPLETE_OFFSET) >= 1);
        assertEquals(1, word(stream, StreamMetrics.EAGAIN_OFFSET));
        assertEquals(1, word(stream, StreamMetrics.DRAIN_OFFSET));
        assertEquals(written + 1, word(stream, StreamMetrics.WRITTEN_BYTES_OFFSET));
        assertEquals(0, word(stream, StreamMetrics.ALLOC_OFFSET));
        closeBoth(stream);
        invariantsHold(stream);
    }

    @Test
    void aWriteOfNothingIsNothing() {
        SocketStream stream = open(true);
        assertEquals(0, stream.write(bytes, 0, 0));
        assertEquals(0, word(stream, StreamMetrics.WRITES_OFFSET));
        assertThrows(IndexOutOfBoundsException.class,
                () -> stream.write(bytes, bytes.capacity(), 1));
        assertThrows(IndexOutOfBoundsException.class, () -> stream.write(bytes, -1, 1));
        assertThrows(IndexOutOfBoundsException.class, () -> stream.write(bytes, 0, -1));
        assertThrows(IllegalArgumentException.class,
                () -> new SocketStream(loop, handler).queue(new BufferPool(1, HEADER)));
        closeBoth(stream);
    }

    @Test
    void whileItIsPausedNothingComesAndItsOwnMemoryStays() {
        int[] pair = socketPair(Linux.SOCK_NONBLOCK);
        NativeBuffer own = NativeBuffer.allocate(100);
        int[] seen = {0};
        SocketStream stream = new SocketStream(loop, new Recorder() {
            @Override
            public void onData(Stream s, DirectBuffer buffer, int offset, int length) {
                assertEquals(own, buffer);
                assertEquals(20, offset);
                seen[0] += length;
                s.pause();
            }
        });
        assertEquals(ReturnCode.BAD_ARGUMENT, stream.readInto(own, 0, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> stream.readInto(own, 90, 11));
        assertEquals(0, stream.readInto(own, 20, 10));
        assertEquals(0, stream.adopt(pair[0]));
        assertEquals(25, system.write(pair[1], bytes.addressOffset(), 25));
        turns(5);
        assertEquals(10, seen[0]);
        for (int i = 0; i < 10; i++) {
            assertEquals(bytes.getByte(i), own.getByte(20 + i));
        }
        stream.resume();
        stream.resume();
        turns(5);
        assertEquals(20, seen[0]);
        assertEquals(2, word(stream, StreamMetrics.RESUME_OFFSET), "transitions, not calls");
        stream.resume();
        turns(2);
        assertEquals(25, seen[0]);
        assertEquals(3, word(stream, StreamMetrics.PAUSE_OFFSET));
        system.close(pair[1]);
        turns(2);
        assertEquals(0, word(stream, StreamMetrics.END_OFFSET), "paused: not even the end");
        stream.resume();
        turns(2);
        assertEquals(1, word(stream, StreamMetrics.END_OFFSET));
    }

    /** After the end, pause and resume count nothing: the invariant holds for any calls. */
    @Test
    void pausingAtTheEndCountsNothing() {
        int[] pair = socketPair(Linux.SOCK_NONBLOCK);
        int[] ends = {0};
        SocketStream stream = new SocketStream(loop, new Recorder() {
            @Override
            public void onEnd(Stream s) {
                assertTrue(s.isReading());
                assertEquals(0, s.pause());
                assertFalse(s.isReading());
                assertEquals(0, s.resume());
                assertEquals(0, s.pause());
                ends[0]++;
            }
        });
        assertEquals(0, stream.adopt(pair[0]));
        turnUntil(() -> stream.isReading());
        system.close(pair[1]);
        turnUntil(() -> ends[0] == 1);
        assertEquals(1, word(stream, StreamMetrics.RESUME_OFFSET));
        assertEquals(0, word(stream, StreamMetrics.PAUSE_OFFSET));
        stream.close();
        turns(1);
        invariantsHold(stream);
    }

    /** With -ea alone; without assertions nothing checks the thread. */
    @Test
    void aWriteFromAnotherThreadNamesTheLoopsThread() {
        int[] pair = socketPair(Linux.SOCK_NONBLOCK);
        SocketStream stream = new SocketStream(loop, new Recorder());
        assertEquals(0, stream.adopt(pair[0]));
        turnUntil(() -> stream.isReading());
        List<Runnable> calls = List.of(() -> stream.write(bytes, 0, 1), stream::pause,
                stream::shutdown, stream::close);
        for (Runnable call : calls) {
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            Thread other = new Thread(call, "a stranger");
            other.setUncaughtExceptionHandler((thread, fault) -> thrown.set(fault));
            other.start();
            assertDoesNotThrow(() -> other.join());
            assertEquals(AssertionError.class, thrown.get().getClass());
            assertEquals("a stranger uses a loop that is " + Thread.currentThread().getName()
                    + "'s", thrown.get().getMessage());
        }
        assertEquals(0, word(stream, StreamMetrics.WRITES_OFFSET), "and nothing was done");
        assertTrue(stream.isReading());
        assertTrue(stream.isOpen());
        system.close(pair[1]);
    }

    /** A stream may be resumed before it is connected. */
    @Test
    void aStreamResumedBeforeOnOpenReads() {
        for (String where : new String[] {"127.0.0.1:0", "@penstock-resume-first"}) {
            Echo echo = new Echo();
            Listener listener = listen(where, echo);
            int[] seen = {0};
            SocketStream stream = new SocketStream(loop, new Recorder() {
                @Override
                public void onOpen(Stream s) {
                    s.write(WriteTest.this.bytes, 0, 100);
                }

                @Override
                public void onData(Stream s, DirectBuffer buffer, int offset, int length) {
                    seen[0] += length;
                }
            });
            assertEquals(0, stream.open(at.family()));
            assertEquals(0, stream.resume());
            assertEquals(0, stream.connect(at));
            turnUntil(() -> seen[0] == 100);
            stream.close();
            turnUntil(() -> echo.closed == 1);
            listener.close();
        }
    }
}
