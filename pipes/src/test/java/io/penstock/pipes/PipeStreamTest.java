package io.penstock.pipes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.Allocation;
import io.penstock.core.testing.Descriptors;
import io.penstock.core.testing.FaultyPosix;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PipeStreamTest {
    private static final long TURN_NS = TimeUnit.MILLISECONDS.toNanos(5);

    @TempDir
    private Path directory;
    private final FaultyPosix posix = new FaultyPosix();
    private final BufferPool pool = new BufferPool(16, 64 << 10);
    private final NativeBuffer bytes = NativeBuffer.allocate(1 << 20);
    private final Recorder in = new Recorder();
    private final Recorder out = new Recorder();
    private int descriptors;
    private EventLoop loop;
    private PipeStream source;
    private PipeStream sink;

    @BeforeEach
    void open() {
        Posix.system().getpid();
        descriptors = Descriptors.open();
        loop = new EventLoop(new LoopConfig().handles(6).posix(posix));
        assertEquals(0, loop.open());
        source = new PipeStream(loop, in);
        sink = new PipeStream(loop, out);
        for (int i = 0; i < bytes.capacity(); i++) {
            bytes.putByte(i, (byte) (i * 31 + (i >>> 8)));
        }
    }

    @AfterEach
    void everythingIsGivenBack() {
        posix.heal();
        loop.close();
        assertEquals(pool.slabs(), pool.available(), "slabs");
        Descriptors.assertOpen(descriptors);
    }

    private void turnUntil(BooleanSupplier done) {
        for (int i = 0; i < 2_000 && !done.getAsBoolean(); i++) {
            assertTrue(loop.runOnce(TURN_NS) >= 0);
        }
        assertTrue(done.getAsBoolean(), "did not happen");
    }

    private void openPipe() {
        assertEquals(0, PipeStream.open(source, sink));
        turnUntil(() -> in.count("open") == 1 && out.count("open") == 1);
    }

    private void invariantsHold(Stream... streams) {
        StringBuilder text = new StringBuilder();
        for (Stream stream : streams) {
            assertEquals(0, StreamMetrics.brokenInvariants(
                    stream.metrics(), stream.metricsOffset(), text), text::toString);
        }
    }

    @Test
    void piecesAreOneSystemCall() {
        openPipe();
        int[] calls = {0};
        posix.on(Syscall.PWRITEV2, (kernel, args) -> {
            calls[0]++;
            return FaultyPosix.Rule.PASS;
        });
        posix.failAlways(Syscall.WRITE, Errno.EIO);
        Gather gather = new Gather(2);
        assertEquals(0, gather.add(bytes, 0, 100));
        assertEquals(0, gather.add(bytes, 100, 300));
        assertEquals(400, sink.write(gather));
        assertEquals(1, calls[0]);
        assertEquals(1, sink.metrics().getLong(sink.metricsOffset() + StreamMetrics.FULL_OFFSET));
        posix.heal();
        source.resume();
        turnUntil(() -> in.bytes == 400);
        assertTrue(source.write(gather) < 0, "the end that is read");
        source.close();
        sink.close();
        turnUntil(() -> in.count("close") == 1 && out.count("close") == 1);
        invariantsHold(sink);
    }

    @Test
    void whatIsWrittenIsRead() {
        openPipe();
        assertEquals(List.of("open"), in.calls, "paused at first");
        source.resume();
        assertEquals(5, sink.write(bytes, 0, 5));
        turnUntil(() -> in.bytes == 5);
        assertEquals(-Errno.EBADF, source.write(bytes, 0, 5));
        sink.close();
        turnUntil(() -> in.count("end") == 1);
        source.close();
        turnUntil(() -> in.count("close") == 1);
        assertEquals(List.of("open", "data", "end", "close"), in.calls);
        assertEquals(List.of("open", "close"), out.calls);
        assertEquals(0, in.result);
        invariantsHold(sink);
    }

    @Test
    void failuresToOpenLeaveBothAsTheyWere() {
        posix.fail(Syscall.PIPE2, Errno.EMFILE, 0, 1);
        assertEquals(-Errno.EMFILE, PipeStream.open(source, sink));
        PipeStream[] others = new PipeStream[6];
        for (int i = 0; i < 4; i += 2) {
            others[i] = new PipeStream(loop, in);
            others[i + 1] = new PipeStream(loop, in);
            assertEquals(0, PipeStream.open(others[i], others[i + 1]));
        }
        others[4] = new PipeStream(loop, in);
        assertEquals(ReturnCode.NOT_OPEN, others[4].write(bytes, 0, 1));
        others[5] = new PipeStream();
        assertEquals(0, PipeStream.open(others[4], others[5]));
        assertEquals(ReturnCode.HANDLES_EXHAUSTED, PipeStream.open(source, sink), "one slot");
        assertEquals(ReturnCode.NOT_OPEN, source.resume());
        assertEquals(ReturnCode.ALREADY_OPEN, PipeStream.open(others[4], sink));
        others[4].close();
        loop.runOnce(0);
        assertEquals(0, PipeStream.open(source, sink));
        others[5].close();
    }

    @Test
    void aShutdownFollowsWhatWasAcceptedAndThenNothingButTheClose() {
        sink.queue(pool);
        openPipe();
        assertEquals(200_000, sink.write(bytes, 0, 200_000));
        assertTrue(sink.queuedBytes() > 0);
        assertEquals(0, sink.shutdown());
        assertEquals(-Errno.EPIPE, sink.write(bytes, 0, 1));
        source.resume();
        turnUntil(() -> in.count("end") == 1);
        assertEquals(200_000, in.bytes);
        assertEquals(List.of("open", "close"), out.calls);
        assertEquals(0, out.result);
        invariantsHold(sink);
    }

    @Test
    void withoutAQueueThereIsWordOfRoom() {
        openPipe();
        assertEquals(4_096, sink.capacity(1));
        assertEquals(4_096, sink.capacity());
        assertEquals(4_096, sink.write(bytes, 0, 5_000));
        assertEquals(0, sink.write(bytes, 0, 5_000));
        loop.runOnce(0);
        assertEquals(0, out.count("writable"));
        source.resume();
        turnUntil(() -> out.count("writable") == 1);
        assertEquals(4_096, in.bytes);
        assertEquals(5, sink.write(bytes, 0, 5));
    }

    @Test
    void capacityHasLimits() {
        posix.on(Syscall.FCNTL, (kernel, args) -> args[1] == Linux.F_SETPIPE_SZ
                && args[2] > 1 << 17 ? -Errno.EPERM : FaultyPosix.Rule.PASS);
        assertEquals(ReturnCode.NOT_OPEN, sink.capacity(1 << 17));
        openPipe();
        assertEquals(1 << 17, sink.capacity(1 << 17));
        assertEquals(-Errno.EPERM, sink.capacity(1 << 20));
        assertEquals(1 << 17, source.capacity());
        assertEquals(100_000, sink.write(bytes, 0, 100_000));
        assertEquals(-Errno.EBUSY, sink.capacity(4_096));
        sink.close();
        assertEquals(ReturnCode.CLOSED, sink.capacity());
    }

    @Test
    void aFifoWaitsForItsWriter() {
        String path = directory.resolve("fifo").toString();
        assertEquals(0, PipeStream.makeFifo(path, 0600));
        assertEquals(-Errno.EEXIST, PipeStream.makeFifo(path, 0600));
        assertEquals(-Errno.ENXIO, sink.openFifo(path, false));
        assertEquals(-Errno.ENOENT, sink.openFifo(path + "-not-there", false));
        assertEquals(ReturnCode.BAD_ARGUMENT, sink.openFifo(path + "\0-not-there", false));
        assertEquals(ReturnCode.BAD_ARGUMENT, PipeStream.makeFifo(path + "\0", 0600));
        assertEquals(0, source.openFifo(path, true));
        assertEquals(ReturnCode.ALREADY_OPEN, source.openFifo(path, true));
        turnUntil(() -> in.count("open") == 1);
        source.resume();
        for (int i = 0; i < 3; i++) {
            loop.runOnce(TURN_NS);
        }
        assertEquals(List.of("open"), in.calls, "no writer yet is not the end");
        assertEquals(0, sink.openFifo(path, false));
        turnUntil(() -> out.count("open") == 1);
        assertEquals(1_000, sink.write(bytes, 0, 1_000));
        sink.close();
        turnUntil(() -> in.count("end") == 1);
        assertEquals(1_000, in.bytes);
    }

    @Test
    void aReaderThatIsGoneIsACode() {
        openPipe();
        source.close();
        loop.runOnce(0);
        assertEquals(-Errno.EPIPE, sink.write(bytes, 0, 5));
        assertEquals(-Errno.EPIPE, sink.vmsplice(bytes, 0, 5));
        assertEquals(1, sink.counter(StreamMetrics.ERROR_OFFSET));
    }

    @Test
    void vmspliceGivesThePagesThemselves() {
        openPipe();
        assertEquals(0, sink.queuedBytes());
        NativeBuffer pages = NativeBuffer.allocate(1 << 16);
        pages.setMemory(0, 1 << 16, (byte) 1);
        assertEquals(1 << 16, sink.vmsplice(pages, 0, 1 << 16));
        pages.setMemory(0, 1 << 16, (byte) 2); // the pipe refers to these pages
        assertEquals(-Errno.EAGAIN, sink.vmsplice(pages, 0, 1));
        source.resume();
        turnUntil(() -> out.count("writable") == 1);
        assertEquals(1 << 16, in.bytes);
        assertEquals(2L << 16, in.sum);
        assertEquals(1 << 16, sink.counter(StreamMetrics.WRITTEN_BYTES_OFFSET));
        sink.close();
        source.close();
        loop.runOnce(0);
        assertEquals(ReturnCode.CLOSED, sink.vmsplice(pages, 0, 1));
        invariantsHold(sink);
    }

    /** On a reading end the kernel would write into the memory. */
    @Test
    void vmspliceOnTheReadingEndTouchesNothing() {
        openPipe();
        assertEquals(5, sink.write(bytes, 0, 5));
        NativeBuffer own = NativeBuffer.allocate(8);
        own.setMemory(0, 8, (byte) 7);
        assertEquals(-Errno.EBADF, source.vmsplice(own, 0, 8));
        for (int i = 0; i < 8; i++) {
            assertEquals(7, own.getByte(i));
        }
        assertEquals(0, source.counter(StreamMetrics.WRITES_OFFSET));
        assertEquals(0, source.counter(StreamMetrics.WRITTEN_BYTES_OFFSET));
        assertEquals(-Errno.EBADF, sink.tee(sink, 8), "nor tee on the writing end");
        source.resume();
        turnUntil(() -> in.bytes == 5);
    }

    @Test
    void vmspliceAndTeeDoNotOvertakeAQueue() {
        sink.queue(pool);
        openPipe();
        assertEquals(100_000, sink.write(bytes, 0, 100_000));
        assertTrue(sink.queuedBytes() > 0);
        PipeStream otherSource = new PipeStream(loop, new Recorder());
        PipeStream otherSink = new PipeStream(loop, new Recorder());
        assertEquals(0, PipeStream.open(otherSource, otherSink));
        loop.runOnce(0);
        assertEquals(10, otherSink.write(bytes, 100_000, 10));
        sink.capacity(1 << 20); // there is room, but queued bytes go first
        assertEquals(-Errno.EAGAIN, sink.vmsplice(bytes, 0, 10));
        assertEquals(-Errno.EAGAIN, otherSource.tee(sink, 10));
        in.expected = bytes;
        source.resume();
        turnUntil(() -> out.count("writable") == 1);
        assertEquals(10, otherSource.tee(sink, 10));
        turnUntil(() -> in.bytes == 100_010);
    }

    @Test
    void teeCopiesAndLeaves() {
        openPipe();
        Recorder second = new Recorder();
        PipeStream otherSource = new PipeStream(loop, second);
        PipeStream otherSink = new PipeStream(loop, new Recorder());
        assertEquals(ReturnCode.NOT_OPEN, source.tee(otherSink, 10));
        assertEquals(0, PipeStream.open(otherSource, otherSink));
        turnUntil(() -> second.count("open") == 1);
        assertEquals(-Errno.EAGAIN, source.tee(otherSink, 10));
        assertEquals(3_000, sink.write(bytes, 0, 3_000));
        assertEquals(1_000, source.tee(otherSink, 1_000));
        in.expected = bytes;
        second.expected = bytes;
        source.resume();
        otherSource.resume();
        turnUntil(() -> in.bytes == 3_000 && second.bytes == 1_000);
        sink.close();
        loop.runOnce(0);
        assertEquals(0, source.tee(otherSink, 10), "the end");
        assertEquals(1_000, otherSink.counter(StreamMetrics.WRITTEN_BYTES_OFFSET));
    }

    /** A header is written, then a body spliced: the body waits for the header. */
    @Test
    void aSpliceDoesNotOvertakeAQueue() {
        sink.queue(pool);
        openPipe();
        Recorder body = new Recorder();
        PipeStream bodySource = new PipeStream(loop, body);
        PipeStream bodySink = new PipeStream(loop, new Recorder());
        assertEquals(0, PipeStream.open(bodySource, bodySink));
        turnUntil(() -> body.count("open") == 1);
        assertEquals(50_000, bodySink.write(bytes, 200_000, 50_000));
        assertEquals(200_000, sink.write(bytes, 0, 200_000));
        assertTrue(sink.queuedBytes() > 0);
        posix.failAlways(Syscall.WRITE, Errno.EAGAIN); // as if another process had filled the pipe
        in.expected = bytes;
        source.resume();
        turnUntil(() -> in.bytes == 1 << 16);
        assertEquals(0, bodySource.spliceTo(sink));
        bodySource.resume();
        for (int i = 0; i < 5; i++) {
            loop.runOnce(TURN_NS);
        }
        posix.heal();
        turnUntil(() -> in.bytes == 250_000);
        bodySink.close();
        turnUntil(() -> body.count("end") == 1);
        sink.close(Close.WHEN_DRAINED);
        turnUntil(() -> in.count("end") == 1);
        bodySource.close();
        source.close();
        loop.runOnce(0);
        invariantsHold(sink, bodySource, source);
    }

    /** A source that is closed while it waits for room is not resumed in its next life. */
    @Test
    void aStalledSourceIsForgottenWhenItCloses() {
        openPipe();
        Recorder feed = new Recorder();
        PipeStream feedSource = new PipeStream(loop, feed);
        PipeStream feedSink = new PipeStream(loop, new Recorder());
        assertEquals(0, PipeStream.open(feedSource, feedSink));
        turnUntil(() -> feed.count("open") == 1);
        assertEquals(1 << 16, sink.write(bytes, 0, 1 << 16));
        assertEquals(100, feedSink.write(bytes, 0, 100));
        assertEquals(0, feedSource.spliceTo(sink));
        feedSource.resume();
        for (int i = 0; i < 3; i++) { // until the source waits for room
            loop.runOnce(0);
        }
        assertEquals(0, loop.runOnce(0));
        assertEquals(0, feedSource.counter(StreamMetrics.READ_BYTES_OFFSET));
        feedSource.close();
        feedSink.close();
        loop.runOnce(0);
        assertEquals(0, PipeStream.open(feedSource, feedSink));
        turnUntil(() -> feed.count("open") == 2);
        source.resume();
        turnUntil(() -> in.bytes == 1 << 16);
        for (int i = 0; i < 3; i++) {
            loop.runOnce(TURN_NS);
        }
        assertFalse(feedSource.isReading());
    }

    @Test
    void withNoLoopASpliceIsOneCall() {
        PipeStream[] p = {new PipeStream(), new PipeStream(), new PipeStream(), new PipeStream()};
        assertEquals(ReturnCode.NOT_OPEN, p[0].splice(p[3], 10, 0));
        assertEquals(0, PipeStream.open(p[0], p[1]));
        assertEquals(0, PipeStream.open(p[2], p[3]));
        assertEquals(-Errno.EAGAIN, p[0].splice(p[3], 10, Linux.SPLICE_F_NONBLOCK));
        assertEquals(0, p[0].await(true, 1));
        assertEquals(100, p[1].write(bytes, 0, 100));
        assertEquals(1, p[0].await(true, 1_000));
        assertEquals(60, p[0].splice(p[3], 60, Linux.SPLICE_F_NONBLOCK));
        assertEquals(ReturnCode.NOT_SUPPORTED, p[1].splice(p[3], 60, 0));
        NativeBuffer memory = NativeBuffer.allocate(100);
        assertEquals(60, p[2].read(memory, 0, 100));
        assertEquals(40, p[0].read(memory, 60, 40));
        assertEquals(0, memory.compareTo(slice(100)));
        p[1].close();
        assertEquals(ReturnCode.EOF, p[0].splice(p[3], 60, Linux.SPLICE_F_NONBLOCK));
        assertEquals(ReturnCode.ATTACHED, spliceOfALoop());
        for (PipeStream pipe : p) {
            pipe.close();
        }
        invariantsHold(p[3]);
    }

    private long spliceOfALoop() {
        openPipe();
        return source.splice(sink, 10, 0);
    }

    private NativeBuffer slice(int length) {
        NativeBuffer slice = new NativeBuffer();
        slice.wrap(bytes, 0, length);
        return slice;
    }

    @Test
    @Tag("allocation")
    void movingBytesAllocatesNothing() {
        openPipe();
        in.isQuiet = true;
        PipeStream otherSource = new PipeStream(loop, new Recorder());
        PipeStream otherSink = new PipeStream(loop, new Recorder());
        assertEquals(0, PipeStream.open(otherSource, otherSink));
        turnUntil(() -> loop.runOnce(0) == 0);
        assertEquals(0, otherSource.spliceTo(sink));
        otherSource.resume();
        source.resume();
        Allocation.assertNone("pipes", 1_000, 1_000, () -> {
            otherSink.write(bytes, 0, 100);
            otherSink.vmsplice(bytes, 0, 100);
            otherSource.tee(sink, 100);
            loop.runOnce(0);
            loop.runOnce(0);
        });
        turnUntil(() -> in.bytes >= 600_000);
    }

    /** Records callbacks, and compares the bytes with those expected. */
    private static final class Recorder implements StreamHandler {
        private final List<String> calls = new ArrayList<>();
        private NativeBuffer expected;
        private boolean isQuiet;
        private long bytes;
        private long sum;
        private int result = 1;

        private long count(String call) {
            return calls.stream().filter(call::equals).count();
        }

        @Override
        public void onOpen(Stream stream) {
            calls.add("open");
        }

        @Override
        public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
            for (int i = 0; i < length; i++) {
                sum += buffer.getByte(offset + i);
                if (expected != null && bytes + i < 250_000) {
                    int at = (int) bytes + i;
                    if (expected.getByte(at) != buffer.getByte(offset + i)) {
                        throw new AssertionError("byte " + at);
                    }
                }
            }
            bytes += length;
            if (!isQuiet) {
                calls.add("data");
            }
        }

        @Override
        public void onWritable(Stream stream) {
            calls.add("writable");
        }

        @Override
        public void onEnd(Stream stream) {
            calls.add("end");
        }

        @Override
        public void onClose(Stream stream, int result) {
            calls.add("close");
            this.result = result;
        }
    }
}
