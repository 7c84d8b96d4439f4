package io.penstock.core.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.buffer.SlabHolder;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.Allocation;
import io.penstock.core.testing.Recorder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Streams whose queues share a pool that is too small for all. A write that the kernel has room for
 * needs no slab, and the stream without progress for longest gives up its slabs.
 */
class ShortPoolTest extends NetFixture {
    private static final int SLABS = 4;
    private static final int SLAB_BYTES = 4_096;

    private final List<Integer> peers = new ArrayList<>();
    private long timeNs;
    private int shortBy; // the kernel takes so many bytes less than offered

    /** A stream, and its peer, which reads only when the test does. */
    private final class Line extends Recorder {
        final SocketStream stream = new SocketStream(loop, this);

        Line() {
            stream.queue(pool);
            int[] pair = socketPair(Linux.SOCK_NONBLOCK);
            assertEquals(0, stream.adopt(pair[0]));
            peers.add(pair[1]);
            turnUntil(() -> count("open") == 1);
        }

        /**
         * Writes until the kernel's buffer and then the queue hold bytes that the peer does not
         * read.
         */
        Line stall() {
            do {
                int n = stream.write(ShortPoolTest.this.bytes, 0, 1_000);
                assertTrue(n > 0, () -> ReturnCode.describe(n));
            } while (stream.queuedBytes() == 0);
            return this;
        }
    }

    @BeforeEach
    void inVirtualTime() {
        loop.close();
        pool = new BufferPool(SLABS, SLAB_BYTES);
        loop = new EventLoop(new LoopConfig().handles(64).posix(posix).clock(() -> timeNs));
        assertEquals(0, loop.open());
        posix.on(Syscall.SENDTO, (kernel, args) -> {
            if (shortBy > 0 && args[2] > shortBy) {
                args[2] -= shortBy;
            }
            return kernel.call(args);
        });
    }

    private void drain(int peer) {
        long taken = NativeBuffer.allocate(1 << 16).addressOffset();
        long n;
        do {
            n = system.read(peer, taken, 1 << 16);
        } while (n > 0);
    }

    @Override
    protected void beforeClosing() {
        peers.forEach(system::close);
    }

    private void closed(Line line) {
        assertEquals(0, line.stream.close());
        turnUntil(() -> line.count("close") == 1);
        invariantsHold(line.stream);
    }

    private Line[] stalled(int count) {
        Line[] lines = new Line[count];
        for (int i = 0; i < count; i++) {
            timeNs += 1_000;
            lines[i] = new Line().stall();
        }
        return lines;
    }

    @Test
    void aMessageThatTheKernelHasRoomForNeedsNoSlab() {
        Line[] stalled = stalled(SLABS);
        timeNs += 2 * SlabHolder.STALL_NS;
        assertEquals(0, pool.available());
        Line honest = new Line();
        for (int i = 0; i < 20; i++) {
            assertEquals(1_000, honest.stream.write(bytes, 0, 1_000));
        }
        assertEquals(0, honest.stream.queuedBytes());
        for (Line line : stalled) {
            assertTrue(line.stream.isOpen(), "nobody pays for that");
        }
    }

    @Test
    void nearlyHalfOfABufferIsCertainIfThePeerHasReadAll() {
        stalled(SLABS);
        Line honest = new Line();
        assertEquals(0, honest.stream.setOption(SocketOption.SO_SNDBUF, 8_192));
        int half = 6_000; // of the buffer, which the kernel doubles
        for (int i = 0; i < 20; i++) {
            assertEquals(half, honest.stream.write(bytes, 0, half));
            assertEquals(0, honest.stream.queuedBytes());
            drain(peers.getLast());
        }
        assertEquals(half, honest.stream.write(bytes, 0, half));
        assertEquals(ReturnCode.POOL_EXHAUSTED, honest.stream.write(bytes, 0, half), "unread");
    }

    @Test
    void onWritableFollowsARefusal() {
        Line[] stalled = stalled(SLABS);
        Line late = new Line();
        int n;
        int written = 0;
        while ((n = late.stream.write(bytes, 0, 1_000)) > 0) {
            written += n;
        }
        assertEquals(ReturnCode.POOL_EXHAUSTED, n, "no slab, and nobody has stalled for long");
        assertEquals(written, word(late.stream, StreamMetrics.WRITTEN_BYTES_OFFSET));
        assertEquals(written / 1_000, word(late.stream, StreamMetrics.WRITES_OFFSET));
        turns(2);
        assertEquals(0, late.count("writable"));
        drain(peers.getLast());
        turnUntil(() -> late.count("writable") == 1);
        assertEquals(1_000, late.stream.write(bytes, 0, 1_000));
        closed(late);
        for (Line line : stalled) {
            assertTrue(line.stream.isOpen());
        }
    }

    @Test
    void theStreamThatStalledForLongestIsClosed() {
        Line[] stalled = stalled(SLABS);
        timeNs += SlabHolder.STALL_NS / 2;
        drain(peers.get(1));
        turnUntil(() -> stalled[1].stream.queuedBytes() == 0);
        stalled[1].stall(); // makes it the last to have made progress
        timeNs += SlabHolder.STALL_NS / 2;
        Line late = new Line().stall();
        assertFalse(stalled[0].stream.isOpen(), "the first");
        assertEquals(1, late.count("open"));
        new Line().stall();
        assertFalse(stalled[2].stream.isOpen(), "and then the one that came third");
        turns(2);
        assertEquals(ReturnCode.RECLAIMED, stalled[0].result);
        assertEquals(ReturnCode.RECLAIMED, stalled[2].result);
        assertEquals(1, stalled[0].count("close"));
        assertEquals(stalled[0].stream.counter(StreamMetrics.ALLOC_OFFSET),
                stalled[0].stream.counter(StreamMetrics.FREE_OFFSET));
        assertTrue(stalled[1].stream.isOpen() && late.stream.isOpen());
    }

    @Test
    void aStreamThatHasStalledIsRefused() {
        Line[] stalled = stalled(SLABS);
        timeNs += 2 * SlabHolder.STALL_NS;
        int n;
        do {
            n = stalled[0].stream.write(bytes, 0, 1_000);
        } while (n > 0);
        assertEquals(ReturnCode.POOL_EXHAUSTED, n);
        for (Line line : stalled) {
            assertTrue(line.stream.isOpen(), "its neighbours do not pay for it");
        }
    }

    @Test
    void aPartlySentMessageIsKeptWhole() {
        Line[] stalled = stalled(SLABS);
        Line honest = new Line();
        shortBy = 10;
        assertEquals(1_000, honest.stream.write(bytes, 0, 1_000));
        shortBy = 0;
        assertEquals(10, honest.stream.queuedBytes());
        assertFalse(stalled[0].stream.isOpen(), "the rest must follow");
        turnUntil(() -> honest.stream.queuedBytes() == 0);
        closed(honest);
    }

    @Test
    void aStreamThatCannotKeepATailIsClosed() {
        for (int i = 0; i < SLABS; i++) {
            pool.take(); // slabs that no queue holds
        }
        Line line = new Line();
        shortBy = 10;
        assertEquals(ReturnCode.POOL_EXHAUSTED, line.stream.write(bytes, 0, 1_000));
        assertFalse(line.stream.isOpen());
        turns(2);
        assertEquals(ReturnCode.POOL_EXHAUSTED, line.result);
        assertEquals(1, line.stream.counter(StreamMetrics.ERROR_OFFSET));
        for (int i = 0; i < SLABS; i++) {
            pool.give(i);
        }
    }

    @Test
    void aClosingStreamGivesItsSlabsFirst() {
        Line[] stalled = stalled(SLABS);
        timeNs += SlabHolder.STALL_NS;
        assertEquals(0, stalled[0].stream.close());
        new Line().stall();
        turns(2);
        assertEquals(0, stalled[0].result, "closed as it was told");
        assertTrue(stalled[1].stream.isOpen());
    }

    @Test
    void aRefusedMessageIsNotCountedAsAWrite() {
        Line[] stalled = stalled(SLABS);
        posix.on(Syscall.PPOLL, (kernel, args) -> -Errno.EBADF);
        Line honest = new Line();
        assertEquals(0, honest.stream.roomBytes(), "it cannot be asked");
        assertEquals(ReturnCode.POOL_EXHAUSTED, honest.stream.write(bytes, 0, 1));
        assertEquals(0, word(honest.stream, StreamMetrics.WRITES_OFFSET));
        assertTrue(stalled[0].stream.isOpen());
    }

    @Test
    @Tag("allocation")
    void aShortPoolAllocatesNothing() {
        stalled(SLABS);
        Line honest = new Line();
        int peer = peers.getLast();
        NativeBuffer taken = NativeBuffer.allocate(100);
        posix.heal();
        Allocation.assertNone("write past a short pool", 2_000, 2_000, () -> {
            honest.stream.write(bytes, 0, 100);
            system.read(peer, taken.addressOffset(), 100);
        });
    }
}
