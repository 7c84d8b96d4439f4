package io.penstock.core.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.Allocation;
import io.penstock.core.testing.FaultyPosix.Rule;
import io.penstock.core.testing.HeapBuffer;
import io.penstock.core.testing.Recorder;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Several pieces as one message: by one system call, counted as one write. */
class GatherTest extends NetFixture {
    private final Recorder handler = new Recorder();
    private final NativeBuffer taken = NativeBuffer.allocate(1 << 20);
    private final Gather gather = new Gather(8);
    private boolean isBlocked;
    private int calls;
    private int peer;
    private int total; // bytes that the peer has read

    @BeforeEach
    void faults() {
        pool = new BufferPool(4, 256);
        posix.on(Syscall.SENDMSG, (kernel, args) -> {
            calls++;
            return isBlocked ? -Errno.EAGAIN : Rule.PASS;
        });
        posix.on(Syscall.SENDTO, (kernel, args) -> isBlocked ? -Errno.EAGAIN : Rule.PASS);
    }

    private SocketStream open(boolean hasQueue) {
        int[] pair = socketPair(Linux.SOCK_NONBLOCK);
        SocketStream stream = new SocketStream(loop, handler);
        if (hasQueue) {
            stream.queue(pool);
        }
        assertEquals(0, stream.adopt(pair[0]));
        peer = pair[1];
        turnUntil(() -> handler.count("open") == 1);
        return stream;
    }

    private void closeBoth(SocketStream stream) {
        stream.close();
        turnUntil(() -> handler.count("close") == 1);
        system.close(peer);
        invariantsHold(stream);
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

    /** The bytes from an offset on, in a number of pieces of one length. */
    private Gather pieces(int from, int count, int length) {
        gather.clear();
        for (int i = 0; i < count; i++) {
            assertEquals(0, gather.add(bytes, from + i * length, length));
        }
        return gather;
    }

    @Test
    void aGatherHoldsItsPieces() {
        assertEquals(0, gather.pieces());
        assertEquals(0, gather.add(bytes, 0, 0), "nothing is no piece");
        assertEquals(0, gather.pieces());
        pieces(0, 8, 10);
        assertEquals(ReturnCode.PIECES_EXHAUSTED, gather.add(bytes, 0, 1));
        assertEquals(80, gather.lengthBytes());
        assertEquals(6, gather.advance(25).pieces());
        assertEquals(55, gather.lengthBytes());
        assertEquals(7, gather.copyTo(3, taken, 100, 7));
        for (int i = 0; i < 7; i++) {
            assertEquals(bytes.getByte(28 + i), taken.getByte(100 + i));
        }
        assertEquals(5, gather.copyTo(50, taken, 0, 100));
        assertEquals(0, gather.advance(55).pieces());
        assertEquals(0, gather.add(bytes, 0, 1), "and there is room again");
        assertThrows(IndexOutOfBoundsException.class, () -> gather.advance(2));
        assertThrows(IndexOutOfBoundsException.class, () -> gather.advance(-1));
        assertThrows(IndexOutOfBoundsException.class,
                () -> gather.add(bytes, bytes.capacity(), 1));
        assertEquals(ReturnCode.HEAP_BUFFER, gather.add(HeapBuffer.of(1), 0, 1));
        assertThrows(IllegalArgumentException.class, () -> new Gather(0));
        assertThrows(IllegalArgumentException.class, () -> new Gather(Gather.MAX_PIECES + 1));
        NativeBuffer vast = new NativeBuffer();
        vast.wrap(bytes.addressOffset(), Integer.MAX_VALUE);
        assertEquals(ReturnCode.MESSAGE_TOO_LONG, gather.add(vast, 0, Integer.MAX_VALUE));
    }

    @Test
    void oneSystemCallAndOneWrite() {
        SocketStream stream = open(false);
        assertEquals(0, stream.write(gather), "nothing");
        assertEquals(80, stream.write(pieces(0, 8, 10)));
        assertEquals(8, gather.pieces(), "they stay as they are");
        assertEquals(1, calls);
        assertEquals(80, take());
        assertEquals(1, word(stream, StreamMetrics.WRITES_OFFSET));
        assertEquals(1, word(stream, StreamMetrics.FULL_OFFSET));
        assertEquals(80, word(stream, StreamMetrics.WRITTEN_BYTES_OFFSET));
        assertEquals(0, stream.shutdown());
        assertEquals(-Errno.EPIPE, stream.write(gather));
        closeBoth(stream);
        assertEquals(ReturnCode.CLOSED, stream.write(gather));
        assertEquals(ReturnCode.NOT_OPEN, new SocketStream(loop, handler).write(gather));
    }

    @Test
    void asManyPiecesAsTheKernelTakes() {
        SocketStream stream = open(false);
        Gather many = new Gather(Gather.MAX_PIECES);
        for (int i = 0; i < Gather.MAX_PIECES; i++) {
            assertEquals(0, many.add(bytes, i, 1));
        }
        assertEquals(Gather.MAX_PIECES, stream.write(many));
        assertEquals(Gather.MAX_PIECES, take());
        closeBoth(stream);
    }

    /** Two writes would be two segments, or one and a delay of 40 ms. */
    @Test
    void headAndBodyAreOneSegment() {
        Echo echo = new Echo();
        listen("127.0.0.1:0", echo);
        SocketStream stream = new SocketStream(loop, handler);
        assertEquals(0, stream.connect(at));
        turnUntil(() -> handler.count("open") == 1 && echo.opened == 1);
        stream.write(pieces(0, 8, 100));
        turnUntil(() -> word(echo.last, StreamMetrics.READ_BYTES_OFFSET) == 800);
        assertEquals(1, word(echo.last, StreamMetrics.DATA_OFFSET));
    }

    @Test
    void withoutAQueueTheCallerKeepsTheUnsentPart() {
        SocketStream stream = open(false);
        pieces(0, 8, 100_000);
        int n = stream.write(gather);
        assertTrue(n > 0 && n < 800_000);
        assertEquals(1, word(stream, StreamMetrics.INCOMPLETE_OFFSET));
        gather.advance(n);
        while (gather.lengthBytes() > 0) {
            take();
            turns(1);
            n = stream.write(gather);
            assertTrue(n >= 0);
            gather.advance(n);
        }
        assertEquals(800_000, take());
        assertEquals(800_000, word(stream, StreamMetrics.WRITTEN_BYTES_OFFSET));
        turnUntil(() -> handler.count("writable") > 0);
        closeBoth(stream);
    }

    @Test
    void aQueueTakesAllOrNothing() {
        SocketStream stream = open(true);
        isBlocked = true;
        assertEquals(800, stream.write(pieces(0, 8, 100)));
        assertEquals(800, stream.queuedBytes());
        assertEquals(ReturnCode.POOL_EXHAUSTED, stream.write(pieces(800, 2, 100)));
        assertEquals(ReturnCode.MESSAGE_TOO_LONG, stream.write(pieces(800, 8, 200)));
        assertEquals(800, stream.queuedBytes());
        assertEquals(160, stream.write(pieces(800, 8, 20)));
        assertEquals(2, word(stream, StreamMetrics.WRITES_OFFSET));
        assertEquals(2, word(stream, StreamMetrics.EAGAIN_OFFSET));
        assertEquals(2, word(stream, StreamMetrics.ALLOC_OFFSET));
        assertEquals(960, word(stream, StreamMetrics.QUEUED_MAX_OFFSET));
        isBlocked = false;
        turnUntil(() -> stream.queuedBytes() == 0);
        assertEquals(960, take());
        assertEquals(2, word(stream, StreamMetrics.FREE_OFFSET));
        assertEquals(List.of("open", "writable"), handler.calls);
        closeBoth(stream);
    }

    /** The order stays, wherever the kernel cuts a message. */
    @Test
    void theTailOfAShortWriteIsKept() {
        pool = new BufferPool(64, 256);
        SocketStream stream = open(true);
        Random random = new Random(5);
        NativeBuffer cut = NativeBuffer.allocate(1_000);
        posix.heal().on(Syscall.SENDMSG, (kernel, args) -> {
            int n = random.nextInt(gather.lengthBytes() + 1);
            gather.copyTo(0, cut, 0, n);
            return n == 0 ? -Errno.EAGAIN : system.write((int) args[0], cut.addressOffset(), n);
        });
        int written = 0;
        while (written < 20_000) {
            int count = 1 + random.nextInt(8);
            int length = 1 + random.nextInt(100);
            int n = stream.write(pieces(written, count, length));
            assertEquals(count * length, n);
            written += n;
            turnUntil(() -> stream.queuedBytes() < 8_000);
            take();
        }
        turnUntil(() -> stream.queuedBytes() == 0);
        assertEquals(written, take());
        closeBoth(stream);
    }

    @Test
    void aWriteThatFailsAcceptsNothing() {
        SocketStream stream = open(true);
        system.close(peer);
        assertEquals(-Errno.EPIPE, stream.write(pieces(0, 2, 10)));
        assertEquals(1, word(stream, StreamMetrics.ERROR_OFFSET));
        assertEquals(0, word(stream, StreamMetrics.WRITES_OFFSET));
        assertEquals(0, stream.queuedBytes());
        stream.close();
        turnUntil(() -> handler.count("close") == 1);
    }

    @Tag("allocation")
    @Test
    void nothingIsAllocated() {
        pool = new BufferPool(64, 4 << 10);
        SocketStream stream = open(true);
        posix.heal(); // rules of FaultyPosix allocate
        assertEquals(0, stream.setOption(SocketOption.SO_SNDBUF, 4_096));
        Allocation.assertNone("gather", 1_000, 400, () -> {
            stream.write(pieces(0, 8, 10));
            stream.write(pieces(0, 4, 10_000));
            while (stream.queuedBytes() > 0) {
                readPeer();
                loop.runOnce(0);
            }
            readPeer();
            gather.advance(30);
        });
        assertTrue(word(stream, StreamMetrics.ALLOC_OFFSET) > 400);
        closeBoth(stream);
    }

    private void readPeer() {
        while (system.read(peer, taken.addressOffset(), 1 << 16) > 0) {
        }
    }
}
