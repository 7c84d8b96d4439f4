package io.penstock.core.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.Recorder;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Splices a socket's bytes into one pipe and then another. */
class SpliceTest extends NetFixture {
    private final Recorder sourceHandler = new Recorder();
    private final Recorder handler = new Recorder();
    private final NativeBuffer taken = NativeBuffer.allocate(1 << 17);
    private SocketStream source;
    private int peer;

    @BeforeEach
    void connect() {
        int[] pair = socketPair(Linux.SOCK_NONBLOCK);
        source = new SocketStream(loop, sourceHandler);
        assertEquals(0, source.adopt(pair[0]));
        peer = pair[1];
        turnUntil(() -> source.isReading());
    }

    private PipeEnd pipe() {
        NativeBuffer two = NativeBuffer.allocate(8);
        assertEquals(0, system.pipe2(two.addressOffset(), Linux.O_CLOEXEC | Linux.O_NONBLOCK));
        PipeEnd end = new PipeEnd(loop, handler, two.getInt(0));
        assertEquals(0, end.open(two.getInt(4)));
        turns(1);
        return end;
    }

    private void send(int length) {
        assertEquals(length, system.write(peer, bytes.addressOffset(), length));
    }

    private int take(PipeEnd pipe) {
        return (int) system.read(pipe.readEnd, taken.addressOffset(), taken.capacity());
    }

    /** Fills the pipe until the source waits for room; returns the number of bytes moved. */
    private long fill(PipeEnd sink) {
        long went;
        do {
            went = word(sink, StreamMetrics.WRITTEN_BYTES_OFFSET);
            system.write(peer, bytes.addressOffset(), 1 << 16);
            turns(2);
        } while (word(sink, StreamMetrics.WRITTEN_BYTES_OFFSET) > went);
        assertEquals(0, loop.runOnce(0), "it waits, and does not spin");
        return went;
    }

    private void closeAll(PipeEnd... pipes) {
        for (PipeEnd pipe : pipes) {
            system.close(pipe.readEnd);
        }
        system.close(peer);
    }

    @Test
    void aSinkWithoutRoomIsRetriedByATimer() {
        PipeEnd pipe = pipe();
        assertEquals(0, source.spliceTo(pipe));
        int[] attempts = {0};
        posix.on(Syscall.SPLICE, (kernel, args) -> {
            attempts[0]++;
            return -Errno.EAGAIN;
        });
        send(100);
        turns(100);
        assertTrue(attempts[0] <= 4, () -> attempts[0] + " attempts");
        assertTrue(word(pipe, StreamMetrics.BACKOFFS_OFFSET) >= 1);
        posix.heal();
        turnUntil(() -> word(pipe, StreamMetrics.WRITTEN_BYTES_OFFSET) == 100);
        closeAll(pipe);
    }

    @Test
    void aSpliceMayChangeItsSink() {
        PipeEnd first = pipe();
        PipeEnd second = pipe();
        assertEquals(0, source.spliceTo(first));
        assertEquals(0, source.spliceTo(first), "where it is aimed already");
        send(100);
        turnUntil(() -> word(first, StreamMetrics.WRITTEN_BYTES_OFFSET) == 100);
        assertEquals(100, take(first));
        assertEquals(0, source.spliceTo(second));
        assertEquals(0, first.close());
        turns(1);
        assertTrue(source.isReading(), "the first has nothing to do with it any more");
        send(70);
        turnUntil(() -> word(second, StreamMetrics.WRITTEN_BYTES_OFFSET) == 70);
        assertEquals(70, take(second));
        assertEquals(0, sourceHandler.count("data"));
        second.close();
        turns(1);
        assertEquals(0, word(source, StreamMetrics.END_OFFSET));
        assertTrue(!source.isReading(), "nowhere to go on to");
        closeAll(first, second);
    }

    @Test
    void aSinkHasOneSourceAtATime() {
        PipeEnd first = pipe();
        PipeEnd second = pipe();
        int[] pair = socketPair(Linux.SOCK_NONBLOCK);
        SocketStream other = new SocketStream(loop, new Recorder());
        assertEquals(0, other.adopt(pair[0]));
        turns(2);
        assertEquals(0, source.spliceTo(first));
        assertEquals(-Errno.EBUSY, other.spliceTo(first));
        assertEquals(0, source.spliceTo(second));
        assertEquals(0, other.spliceTo(first));
        assertEquals(ReturnCode.NOT_SUPPORTED, source.spliceTo(other), "two sockets");
        system.close(pair[1]);
        closeAll(first, second);
    }

    @Test
    void aStalledSourceGoesOnWithANewSink() {
        PipeEnd first = pipe();
        PipeEnd second = pipe();
        assertEquals(0, source.spliceTo(first));
        long before = fill(first);
        assertEquals(0, source.spliceTo(first), "and it still waits");
        turns(2);
        assertEquals(0, source.spliceTo(second));
        assertTrue(source.isReading());
        turnUntil(() -> word(second, StreamMetrics.WRITTEN_BYTES_OFFSET) > 0);
        assertEquals(before, word(first, StreamMetrics.WRITTEN_BYTES_OFFSET));
        source.close();
        assertSinkWaitsForNothing(first);
        closeAll(first, second);
    }

    /** The splice waits for room, and the user pauses: neither undoes the other. */
    @Test
    void pausedWhileItWaitsForRoomItStaysPaused() {
        PipeEnd sink = pipe();
        assertEquals(0, source.spliceTo(sink));
        long before = fill(sink);
        assertTrue(source.isReading(), "the user's wish");
        assertEquals(0, source.pause());
        while (take(sink) > 0) {
        }
        turns(5);
        assertEquals(before, word(sink, StreamMetrics.WRITTEN_BYTES_OFFSET));
        assertFalse(source.isReading());
        assertEquals(0, source.resume());
        turnUntil(() -> word(sink, StreamMetrics.WRITTEN_BYTES_OFFSET) > before);
        system.shutdown(peer, Linux.SHUT_WR);
        turnUntil(() -> {
            take(sink);
            return source.isEnded();
        });
        assertEquals(2, word(source, StreamMetrics.RESUME_OFFSET));
        assertEquals(1, word(source, StreamMetrics.PAUSE_OFFSET));
        source.close();
        turns(1);
        invariantsHold(source);
        sink.close();
        closeAll(sink);
    }

    /** To pause and resume while the sink is full changes nothing. */
    @Test
    void resumedWhileItWaitsForRoomItStillWaits() {
        PipeEnd sink = pipe();
        assertEquals(0, source.spliceTo(sink));
        long before = fill(sink);
        source.pause();
        source.resume();
        assertEquals(0, loop.runOnce(0), "no spin");
        assertEquals(before, word(sink, StreamMetrics.WRITTEN_BYTES_OFFSET));
        take(sink);
        turnUntil(() -> word(sink, StreamMetrics.WRITTEN_BYTES_OFFSET) > before);
        sink.close();
        closeAll(sink);
    }

    @Test
    void aSourceThatClosesWhileItWaitsForRoomLeavesNoSpin() {
        PipeEnd sink = pipe();
        assertEquals(0, source.spliceTo(sink));
        fill(sink);
        source.close();
        assertSinkWaitsForNothing(sink);
        closeAll(sink);
    }

    private void assertSinkWaitsForNothing(PipeEnd sink) {
        turns(2);
        while (take(sink) > 0) {
        }
        assertEquals(0, loop.runOnce(0));
    }

    @Test
    void queuedBytesGoBeforeSplicedBytes() {
        PipeEnd sink = pipe();
        turns(1);
        sink.isBlocked = true;
        assertEquals(10, sink.write(bytes, 0, 10));
        assertEquals(0, source.spliceTo(sink));
        assertEquals(500, system.write(peer, bytes.addressOffset() + 10, 500));
        turns(3);
        assertEquals(-Errno.EAGAIN, take(sink));
        sink.isBlocked = false;
        turnUntil(() -> word(sink, StreamMetrics.WRITTEN_BYTES_OFFSET) == 510);
        assertEquals(510, take(sink));
        for (int i = 0; i < 510; i++) {
            assertEquals(bytes.getByte(i), taken.getByte(i));
        }
        system.shutdown(peer, Linux.SHUT_WR);
        turnUntil(() -> sourceHandler.count("end") == 1);
        assertEquals(List.of("open", "end"), sourceHandler.calls);
        source.close();
        sink.close();
        turns(1);
        invariantsHold(source);
        invariantsHold(sink);
        closeAll(sink);
    }

    /** The writing end of a pipe. */
    private final class PipeEnd extends DescriptorStream {
        private final int readEnd;
        private boolean isBlocked;

        PipeEnd(EventLoop loop, StreamHandler handler, int readEnd) {
            super(loop, handler, "pipe");
            this.readEnd = readEnd;
            queue(pool);
        }

        int open(int descriptor) {
            int rc = begin(descriptor, true, true);
            if (rc == 0) {
                openLater();
            }
            return rc;
        }

        @Override
        protected long receive(long address, int length) {
            return -Errno.EAGAIN;
        }

        @Override
        protected long transmit(long address, int length) {
            return isBlocked ? -Errno.EAGAIN
                    : posix.write(attachedDescriptor(), address, length);
        }

        @Override
        protected int leastRoomBytes() {
            return 0;
        }

        @Override
        protected int endTransmission() {
            return 0;
        }

        @Override
        protected void closeDescriptor() {
            posix.close(attachedDescriptor());
        }

        @Override
        protected boolean isPipe() {
            return true;
        }

        @Override
        protected boolean canSpliceFrom() {
            return true;
        }

        @Override
        protected boolean canSpliceTo() {
            return true;
        }
    }
}
