package io.penstock.core.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.testing.Allocation;
import io.penstock.core.testing.Recorder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Calls on a stream before it is open, its deadlines, and exchanging its handler. */
class LifeCycleTest extends NetFixture {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final List<Integer> peers = new ArrayList<>();
    private final Recorder recorder = new Recorder();
    private long timeNs;

    @BeforeEach
    void inVirtualTime() {
        loop.close();
        loop = new EventLoop(new LoopConfig().handles(16).posix(posix).clock(() -> timeNs));
        assertEquals(0, loop.open());
    }

    @Override
    protected void beforeClosing() {
        peers.forEach(system::close);
    }

    private SocketStream stream(StreamHandler handler) {
        return new SocketStream(loop, handler);
    }

    /** Adopts one end of a socket pair, whose other end is the test's; {@code onOpen} is due. */
    private SocketStream adopted(SocketStream stream) {
        int[] pair = socketPair(Linux.SOCK_NONBLOCK);
        assertEquals(0, stream.adopt(pair[0]));
        peers.add(pair[1]);
        return stream;
    }

    private SocketStream opened(SocketStream stream) {
        adopted(stream);
        turns(1);
        assertEquals(1, recorder.count("open"));
        return stream;
    }

    /** Fills the backlog, so that the peer does not answer. */
    private void fillBacklog() {
        int fd = system.socket(Linux.AF_INET, Linux.SOCK_STREAM | Linux.SOCK_CLOEXEC, 0);
        peers.add(fd);
        assertEquals(0, at.parse("127.0.0.1:0"));
        assertEquals(0, system.bind(fd, at.address(), at.length()));
        assertEquals(0, system.listen(fd, 0));
        assertEquals(0, at.localOf(system, fd));
        for (int i = 0; i < 4; i++) {
            int client = system.socket(Linux.AF_INET,
                    Linux.SOCK_STREAM | Linux.SOCK_CLOEXEC | Linux.SOCK_NONBLOCK, 0);
            peers.add(client);
            assertEquals(-Errno.EINPROGRESS, system.connect(client, at.address(), at.length()));
        }
    }

    private void pass(long ns) {
        timeNs += ns;
        turns(2);
    }

    private int send(SocketStream to, String text) {
        bytes.putStringWithoutLengthAscii(0, text);
        return to.write(bytes, 0, text.length());
    }

    // Deadlines.

    @Test
    void aConnectionThatIsNotMadeInTimeIsGivenUp() {
        fillBacklog();
        SocketStream late = stream(recorder);
        assertEquals(0, late.deadlines(3 * SECOND, 0, 0));
        assertEquals(0, late.connect(at));
        pass(3 * SECOND - 1);
        assertTrue(late.isOpen());
        pass(1);
        assertEquals(List.of("close"), recorder.calls);
        assertEquals(ReturnCode.TIMED_OUT, recorder.result);
        assertEquals(0, late.connect(at), "and again, with a deadline of its own");
        pass(2 * SECOND);
        assertTrue(late.isOpen());
        pass(SECOND);
        assertEquals(2, recorder.count("close"));
    }

    @Test
    void anIdleStreamIsClosedUpToAQuarterLater() {
        SocketStream idle = stream(recorder);
        assertEquals(0, idle.deadlines(SECOND, 8 * SECOND, 0));
        opened(idle);
        for (int i = 0; i < 20; i++) {
            pass(SECOND);
            assertEquals(1, i % 2 == 0 ? send(idle, "x") : system.write(
                    peers.getLast(), bytes.addressOffset(), 1));
        }
        pass(0);
        for (int i = 0; i < 8; i++) {
            assertTrue(idle.isOpen(), i + " s");
            pass(SECOND);
        }
        pass(2 * SECOND);
        assertFalse(idle.isOpen());
        assertEquals(ReturnCode.IDLE, recorder.result);
        assertEquals(1, idle.counter(StreamMetrics.ERROR_OFFSET));
    }

    @Test
    void aPeerThatDoesNotReadCannotDelayClosing() {
        SocketStream slow = stream(recorder);
        slow.queue(pool);
        assertEquals(0, slow.deadlines(0, 0, 5 * SECOND));
        opened(slow);
        while (slow.queuedBytes() == 0) {
            assertTrue(slow.write(bytes, 0, 10_000) > 0);
        }
        pass(100 * SECOND);
        assertEquals(0, slow.close(Close.WHEN_DRAINED));
        pass(5 * SECOND - 1);
        assertEquals(0, recorder.count("close"));
        pass(1);
        assertEquals(ReturnCode.TIMED_OUT, recorder.result);
        assertEquals(pool.slabs(), pool.available());
    }

    @Test
    void aListenersConnectionsHaveDeadlinesAtEachOpening() {
        Listener listener = new Listener(loop, recorder, 1).deadlines(4 * SECOND, SECOND);
        assertEquals(0, at.parse("127.0.0.1:0"));
        assertEquals(0, listener.listen(at, 8));
        assertEquals(0, listener.localEndpoint(at));
        for (int life = 1; life <= 3; life++) {
            SocketStream client = stream(new Recorder());
            assertEquals(0, client.connect(at));
            int opened = life;
            turnUntil(() -> recorder.count("open") == opened);
            pass(SECOND);
            assertEquals(life - 1, recorder.count("close"));
            for (int i = 0; i < 4; i++) {
                pass(SECOND);
            }
            assertEquals(life, recorder.count("close"));
            assertEquals(ReturnCode.IDLE, recorder.result);
            client.close();
            turns(2);
        }
        assertThrows(IllegalArgumentException.class,
                () -> new Listener(loop, recorder, 1).deadlines(-1, 0));
    }

    @Test
    void deadlinesKeepNoLoopAliveAndEndWithTheStream() {
        SocketStream idle = stream(recorder);
        assertEquals(0, idle.deadlines(SECOND, SECOND, SECOND));
        opened(idle);
        idle.release();
        assertEquals(0, loop.run(), "it is released, and so are they");
        idle.keepAlive();
        assertEquals(0, idle.close());
        pass(10 * SECOND);
        assertEquals(0, recorder.result);
        assertEquals(1, recorder.count("close"));
        assertEquals(EventLoop.NO_LIMIT, loop.nextDeadlineNs());
    }

    @Test
    void deadlinesAreSetUp() {
        SocketStream any = stream(recorder);
        assertEquals(ReturnCode.BAD_ARGUMENT, any.deadlines(0, -1, 0));
        assertEquals(ReturnCode.BAD_ARGUMENT, any.deadlines(Long.MIN_VALUE, 0, 0));
        assertEquals(0, any.deadlines(0, 0, 0));
        opened(any);
        turns(1);
        assertEquals(EventLoop.NO_LIMIT, loop.nextDeadlineNs());
        assertEquals(ReturnCode.ALREADY_OPEN, any.deadlines(1, 1, 1));
        assertEquals(ReturnCode.NOT_SUPPORTED, new SocketStream().deadlines(1, 1, 1));
    }

    @Test
    @Tag("allocation")
    void deadlinesAllocateNothing() {
        SocketStream idle = stream(recorder);
        assertEquals(0, idle.deadlines(0, 4 * SECOND, 0));
        opened(idle);
        NativeBuffer taken = NativeBuffer.allocate(16);
        posix.heal();
        int peer = peers.getLast();
        Allocation.assertNone("a stream with deadlines", 2_000, 2_000, () -> {
            idle.write(bytes, 0, 1);
            system.read(peer, taken.addressOffset(), 1);
            timeNs += SECOND;
            loop.runOnce(0);
        });
        assertTrue(idle.isOpen());
    }

    // Writes before onOpen.

    @Test
    void bytesWrittenBeforeOnOpenAreSentFirst() {
        Recorder far = new Recorder();
        listen("127.0.0.1:0", far);
        SocketStream early = stream(new Recorder() {
            @Override
            public void onOpen(Stream s) {
                super.onOpen(s);
                assertEquals(6, send((SocketStream) s, "second"));
            }
        });
        early.queue(pool);
        assertEquals(0, early.connect(at));
        assertEquals(6, send(early, "first "));
        assertEquals(6, early.queuedBytes());
        assertEquals(ReturnCode.NOT_OPEN, early.shutdown());
        turnUntil(() -> far.bytes == 12);
        assertEquals("first second", far.text.toString());
        assertEquals(0, early.close());
        turns(2);
        invariantsHold(early);
    }

    @Test
    void onOpenComesBeforeOnWritable() {
        SocketStream full = adopted(stream(recorder));
        while (full.write(bytes, 0, 10_000) == 10_000) { // until the kernel has no more room
        }
        NativeBuffer taken = NativeBuffer.allocate(1 << 20);
        assertTrue(system.read(peers.getLast(), taken.addressOffset(), 1 << 20) > 0);
        turns(3);
        assertEquals(List.of("open", "writable"), recorder.calls);
    }

    @Test
    void writeAndForget() {
        Recorder far = new Recorder();
        listen("127.0.0.1:0", far);
        SocketStream early = stream(recorder);
        early.queue(pool);
        assertEquals(0, early.connect(at));
        assertEquals(5, send(early, "hello"));
        assertEquals(0, early.close(Close.WHEN_DRAINED));
        assertEquals(ReturnCode.CLOSED, send(early, "more"));
        turnUntil(() -> far.count("end") == 1);
        assertEquals("hello", far.text.toString());
        assertEquals(List.of("close"), recorder.calls);
        assertEquals(0, recorder.result);
    }

    @Test
    void bytesWrittenForAFailedConnectionAreDropped() {
        assertEquals(0, at.parse("127.0.0.1:1"));
        SocketStream early = stream(recorder);
        early.queue(pool);
        assertEquals(0, early.connect(at));
        assertEquals(5, send(early, "hello"));
        turnUntil(() -> recorder.count("close") == 1);
        assertEquals(-Errno.ECONNREFUSED, recorder.result);
        assertEquals(pool.slabs(), pool.available());
        assertEquals(early.counter(StreamMetrics.ALLOC_OFFSET),
                early.counter(StreamMetrics.FREE_OFFSET));
        assertEquals(0, early.connect(at));
        assertEquals(5, send(early, "hello"));
        assertEquals(0, early.close(Close.WHEN_DRAINED));
        turnUntil(() -> recorder.count("close") == 2);
        assertEquals(-Errno.ECONNREFUSED, recorder.result, "it is told though it closes");
    }

    @Test
    void beforeAConnectionOnlyTheQueueHasRoom() {
        fillBacklog();
        SocketStream bare = stream(recorder);
        assertEquals(0, bare.connect(at));
        assertEquals(ReturnCode.NOT_OPEN, send(bare, "hello"));
        BufferPool small = new BufferPool(1, 64);
        SocketStream early = stream(recorder);
        early.queue(small);
        assertEquals(0, early.connect(at));
        assertEquals(0, early.roomBytes());
        assertEquals(40, early.write(bytes, 0, 40));
        assertEquals(ReturnCode.POOL_EXHAUSTED, early.write(bytes, 0, 40));
        assertEquals(ReturnCode.MESSAGE_TOO_LONG, early.write(bytes, 0, 400));
        turns(3);
        assertEquals(0, early.close());
    }

    // The handler.

    @Test
    void theHandlerMayBeExchanged() {
        Recorder second = new Recorder();
        SocketStream upgraded = new SocketStream(loop, new Recorder() {
            @Override
            public void onOpen(Stream s) {
                recorder.onOpen(s);
            }

            @Override
            public void onData(Stream s, DirectBuffer buffer, int offset, int length) {
                recorder.onData(s, buffer, offset, length);
                assertEquals(0, s.handler(second));
            }
        });
        assertEquals(ReturnCode.NOT_OPEN, upgraded.handler(second));
        opened(upgraded);
        system.write(peers.getLast(), bytes.addressOffset(), 10);
        turnUntil(() -> recorder.bytes == 10);
        system.write(peers.getLast(), bytes.addressOffset(), 10);
        turnUntil(() -> second.bytes == 10);
        assertEquals(10, recorder.bytes);
        assertThrows(NullPointerException.class, () -> upgraded.handler(null));
        assertEquals(0, upgraded.close());
        turns(1);
        assertEquals(1, second.count("close"));
        assertEquals(ReturnCode.CLOSED, upgraded.handler(second));
        adopted(upgraded);
        turns(1);
        assertEquals(2, recorder.count("open"), "the next life begins with the constructor's");
        assertEquals(0, second.count("open"));
    }

    // The next turn.

    @Test
    void fairSlicesComeATurnEach() {
        SocketStream fair = stream(new Recorder() {
            @Override
            public void onWritable(Stream s) {
                recorder.onWritable(s);
                assertEquals(10, s.write(LifeCycleTest.this.bytes, 0, 10));
                s.awaitRoom();
            }
        });
        adopted(fair);
        turns(1);
        assertEquals(0, fair.awaitRoom());
        for (int i = 1; i <= 20; i++) {
            turns(1);
            assertEquals(i, recorder.count("writable"));
        }
        assertEquals(0, word(fair, StreamMetrics.BACKOFFS_OFFSET));
    }
}
