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
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.Allocation;
import io.penstock.core.testing.Descriptors;
import io.penstock.core.testing.FaultyPosix;
import io.penstock.pipes.Inherited.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream.Builder;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StandardStreamTest {
    private static final int TOTAL = 300_000;
    private static final long TURN_NS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long LONG_TURN_NS = TimeUnit.SECONDS.toNanos(2);

    @TempDir
    private Path directory;
    private final FaultyPosix posix = new FaultyPosix();
    private final BufferPool pool = new BufferPool(16, 64 << 10);
    private final List<Inherited> inherited = new ArrayList<>();
    private final Copy copy = new Copy();
    private int descriptors;
    private EventLoop loop;

    @BeforeEach
    void open() {
        Posix.system().getpid();
        descriptors = Descriptors.open();
        open(64 << 10);
    }

    private void open(int readBufferBytes) {
        loop = new EventLoop(
                new LoopConfig().handles(8).posix(posix).readBufferBytes(readBufferBytes));
        assertEquals(0, loop.open());
    }

    @AfterEach
    void everythingIsGivenBack() {
        posix.heal();
        loop.close();
        inherited.forEach(Inherited::leave);
        assertEquals(pool.slabs(), pool.available(), "slabs");
        Descriptors.assertOpen(descriptors);
    }

    private Inherited source(Kind kind, int fileBytes) {
        inherited.add(Inherited.source(kind, directory, fileBytes));
        return inherited.getLast();
    }

    private Inherited sink(Kind kind) {
        inherited.add(Inherited.sink(kind, directory));
        return inherited.getLast();
    }

    private StandardStream stream(Inherited of) {
        StandardStream stream = new StandardStream(loop, copy, of.descriptor);
        stream.queue(pool);
        assertEquals(0, stream.open());
        return stream;
    }

    private void turn() {
        long before = System.nanoTime();
        assertTrue(loop.runOnce(TURN_NS) >= 0);
        assertTrue(System.nanoTime() - before < LONG_TURN_NS, "the turn waited");
    }

    private void turnUntil(BooleanSupplier done) {
        for (int i = 0; i < 4_000 && !done.getAsBoolean(); i++) {
            turn();
        }
        assertTrue(done.getAsBoolean(), "did not happen");
    }

    static java.util.stream.Stream<Arguments> copies() {
        Builder<Arguments> all = java.util.stream.Stream.builder();
        for (Kind from : List.of(Kind.PIPE, Kind.FIFO, Kind.TERMINAL, Kind.SOCKET, Kind.FILE)) {
            for (Kind to : Kind.values()) {
                all.add(Arguments.of(from, to));
            }
        }
        return all.build();
    }

    @ParameterizedTest
    @MethodSource("copies")
    void copiesThroughAQueue(Kind from, Kind to) {
        move(source(from, TOTAL), sink(to), false);
    }

    @ParameterizedTest
    @MethodSource("copies")
    void splicesWhatCanBeSpliced(Kind from, Kind to) {
        Inherited in = source(from, TOTAL);
        Inherited out = sink(to);
        boolean takes = to == Kind.PIPE || to == Kind.FIFO || to == Kind.FILE || to == Kind.NULL;
        boolean isPipe = from == Kind.PIPE || from == Kind.FIFO
                || to == Kind.PIPE || to == Kind.FIFO;
        if (from != Kind.TERMINAL && takes && isPipe) {
            move(in, out, true);
        } else {
            StandardStream sink = stream(out);
            assertEquals(ReturnCode.NOT_SUPPORTED, stream(in).spliceTo(sink));
        }
    }

    /** Moves all of the pattern, then the end, and checks the streams' invariants. */
    private void move(Inherited in, Inherited out, boolean splices) {
        StandardStream source = begin(in, out, splices);
        int turns = 0;
        while (copy.closes < 2 && turns++ < 20_000) {
            in.feed(TOTAL);
            // A terminal drops unread bytes when its other side closes.
            boolean isRead = source.counter(StreamMetrics.READ_BYTES_OFFSET) == TOTAL;
            if (in.moved == TOTAL && (isRead || in.kind != Kind.TERMINAL)) {
                in.hangUp();
            }
            turn();
            out.drain();
        }
        ended(source, out);
    }

    private StandardStream begin(Inherited in, Inherited out, boolean splices) {
        copy.sink = stream(out);
        copy.source = stream(in);
        turnUntil(() -> copy.opens == 2);
        if (splices) {
            assertEquals(0, copy.source.spliceTo(copy.sink));
        }
        assertEquals(0, copy.source.resume());
        return copy.source;
    }

    private void ended(StandardStream source, Inherited out) {
        out.drain();
        assertEquals(List.of(0, 0), copy.results);
        if (out.kind != Kind.NULL) {
            assertEquals(TOTAL, out.moved);
        }
        assertEquals(TOTAL, source.counter(StreamMetrics.READ_BYTES_OFFSET));
        assertEquals(1, source.counter(StreamMetrics.END_OFFSET));
        StringBuilder text = new StringBuilder();
        assertEquals(0, StreamMetrics.brokenInvariants(
                source.metrics(), source.metricsOffset(), text), text::toString);
        assertEquals(0, StreamMetrics.brokenInvariants(
                copy.sink.metrics(), copy.sink.metricsOffset(), text), text::toString);
        assertEquals(0, StreamMetrics.brokenCopyInvariants(source.metrics(), source.metricsOffset(),
                copy.sink.metrics(), copy.sink.metricsOffset(), text), text::toString);
    }

    static java.util.stream.Stream<Arguments> stalls() {
        Builder<Arguments> all = java.util.stream.Stream.builder();
        for (Kind to : List.of(Kind.PIPE, Kind.FIFO, Kind.TERMINAL, Kind.SOCKET)) {
            all.add(Arguments.of(to, false));
        }
        return all.add(Arguments.of(Kind.PIPE, true)).add(Arguments.of(Kind.FIFO, true)).build();
    }

    @ParameterizedTest
    @MethodSource("stalls")
    void aReaderThatStallsDoesNotStopTheLoop(Kind to, boolean splices) {
        Inherited in = source(Kind.FILE, TOTAL);
        Inherited out = sink(to);
        StandardStream source = begin(in, out, splices);
        for (int i = 0; i < 100; i++) {
            turn();
        }
        assertEquals(splices, source.isReading(), "a splice waits by itself");
        long before = loop.runOnce(TURN_NS);
        assertEquals(0, before, "nothing is ready, and the loop rests");
        for (int i = 0; i < 20_000 && copy.closes < 2; i++) {
            turn();
            out.drain();
        }
        ended(source, out);
    }

    @ParameterizedTest
    @EnumSource(value = Kind.class, names = {"PIPE", "FIFO", "TERMINAL", "SOCKET"})
    void aSourceWithNothingDoesNotStopTheLoop(Kind from) {
        StandardStream source = stream(source(from, 0));
        turnUntil(() -> copy.opens == 1);
        source.resume();
        for (int i = 0; i < 5; i++) {
            turn();
        }
        assertTrue(source.isOpen());
        assertEquals(0, source.counter(StreamMetrics.READ_BYTES_OFFSET));
    }

    @ParameterizedTest
    @EnumSource(value = Kind.class, names = {"PIPE", "FIFO", "TERMINAL", "SOCKET", "FILE"})
    void onAnOlderKernel(Kind kind) {
        posix.failAlways(Syscall.PREADV2, Errno.EOPNOTSUPP);
        posix.failAlways(Syscall.PWRITEV2, Errno.EOPNOTSUPP);
        move(source(kind, TOTAL), sink(kind), false);
    }

    @ParameterizedTest
    @EnumSource(value = Kind.class, names = {"PIPE", "FIFO", "TERMINAL"})
    void aStalledReaderOnAnOlderKernel(Kind kind) {
        posix.failAlways(Syscall.PREADV2, Errno.ENOSYS);
        posix.failAlways(Syscall.PWRITEV2, Errno.ENOSYS);
        posix.failAlways(Syscall.OPENAT, Errno.EACCES); // as after a change of user
        aReaderThatStallsDoesNotStopTheLoop(kind, false);
    }

    @Test
    void aTerminalThatCannotBeOpenedAgain() {
        posix.failAlways(Syscall.OPENAT, Errno.EACCES);
        move(source(Kind.TERMINAL, 0), sink(Kind.TERMINAL), false);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aStalledTerminalThatMakesTwoBytesOfOne(boolean canReopen) {
        if (!canReopen) {
            posix.failAlways(Syscall.OPENAT, Errno.EACCES);
        }
        Inherited out = sink(Kind.TERMINAL);
        out.translateLines();
        StandardStream sink = stream(out);
        turnUntil(() -> copy.opens == 1);
        NativeBuffer lines = NativeBuffer.allocate(100_001);
        lines.setMemory(0, 100_001, (byte) '\n');
        lines.putByte(0, (byte) 'x'); // so that an odd number of bytes is left
        assertEquals(100_001, sink.write(lines, 0, 100_001));
        for (int i = 0; i < 20; i++) {
            turn();
        }
        assertTrue(sink.queuedBytes() > 0);
    }

    @Test
    void theControllingSideOfATerminal() {
        inherited.add(Inherited.source(Kind.TERMINAL, directory, 0).master());
        Inherited master = inherited.getLast();
        StandardStream stream = stream(master);
        turnUntil(() -> copy.opens == 1);
        copy.isEcho = true;
        stream.resume();
        master.feed(1_000);
        turnUntil(() -> stream.counter(StreamMetrics.WRITTEN_BYTES_OFFSET) == 1_000);
        master.moved = 0;
        master.drain();
        assertEquals(1_000, master.moved);
        assertTrue(stream.isTerminal());
    }

    @ParameterizedTest
    @EnumSource(value = Kind.class, names = {"PIPE", "FIFO", "TERMINAL", "SOCKET", "FILE"})
    void interruptedAndInPieces(Kind kind) {
        Random random = new Random(7);
        posix.interrupt(3, random);
        for (int number : new int[] {Syscall.PREADV2, Syscall.PWRITEV2}) {
            posix.failAtRandom(number, Errno.EINTR, 3, random);
        }
        for (int number : new int[] {
            Syscall.READ, Syscall.WRITE, Syscall.SENDTO, Syscall.RECVFROM}) {
            posix.shorten(number, random);
        }
        shortenSplices(random);
        move(source(kind, TOTAL), sink(kind), false);
        assertTrue(posix.injected() > 0);
    }

    private void shortenSplices(Random random) {
        posix.on(Syscall.SPLICE, (kernel, args) -> {
            args[4] = random.nextLong(1, args[4] + 1);
            return kernel.call(args);
        });
    }

    @ParameterizedTest
    @EnumSource(value = Kind.class, names = {"PIPE", "FIFO", "SOCKET", "FILE"})
    void splicesInterruptedAndInPieces(Kind kind) {
        Random random = new Random(8);
        posix.interrupt(3, random);
        shortenSplices(random);
        move(source(kind, TOTAL), sink(Kind.PIPE), true);
        assertTrue(posix.injected() > 0);
    }

    /** No poller sees the bytes in the private pipe. */
    @Test
    void aFifoGivesTheRestAfterAPause() {
        loop.close();
        open(1_000);
        copy.pausesEach = true;
        Inherited in = source(Kind.FIFO, 0);
        StandardStream source = stream(in);
        turnUntil(() -> copy.opens == 1);
        source.resume();
        in.feed(20_500);
        assertEquals(20_500, in.moved);
        for (int i = 1; i <= 21; i++) {
            long expected = Math.min(20_500, i * 1_000);
            turnUntil(() -> source.counter(StreamMetrics.READ_BYTES_OFFSET) >= expected);
            assertFalse(source.isReading());
            turn();
            assertEquals(expected, source.counter(StreamMetrics.READ_BYTES_OFFSET));
            source.resume();
        }
        turn();
        assertEquals(20_500, source.counter(StreamMetrics.READ_BYTES_OFFSET));
        assertEquals(0, loop.runOnce(TURN_NS), "no spin either");
    }

    @Test
    void aFifoGivesMoreThanATurnReads() {
        loop.close();
        open(1_000);
        Inherited in = source(Kind.FIFO, 0);
        StandardStream source = stream(in);
        turnUntil(() -> copy.opens == 1);
        source.resume();
        in.feed(50_000);
        turnUntil(() -> source.counter(StreamMetrics.READ_BYTES_OFFSET) == 50_000);
        in.hangUp();
        turnUntil(() -> copy.closes == 1);
        assertEquals(List.of(0), copy.results);
    }

    @Test
    void withNoLoopWhatIsAtHandNeedNotBeAwaited() {
        Inherited in = source(Kind.FIFO, 0);
        StandardStream stream = new StandardStream(posix, in.descriptor);
        NativeBuffer memory = NativeBuffer.allocate(1_000);
        assertEquals(0, stream.open());
        assertEquals(-Errno.EAGAIN, stream.read(memory, 0, 1_000));
        assertEquals(0, stream.await(true, 1));
        in.feed(1_500);
        assertEquals(1, stream.await(true, 1_000));
        assertEquals(1_000, stream.read(memory, 0, 1_000));
        assertEquals(1, stream.await(true, 1_000));
        assertEquals(500, stream.read(memory, 0, 1_000));
        assertEquals(0, stream.await(true, 1));
        in.hangUp();
        assertEquals(1, stream.await(true, 1_000));
        assertEquals(ReturnCode.EOF, stream.read(memory, 0, 1_000));
        assertEquals(0, stream.close());
    }

    @Test
    void aSpliceThatTheKernelRefusesGoesThroughMemory() {
        posix.failAlways(Syscall.SPLICE, Errno.EINVAL);
        Inherited in = source(Kind.PIPE, 0);
        begin(in, sink(Kind.PIPE), true);
        in.feed(100);
        turnUntil(() -> copy.sink.counter(StreamMetrics.WRITTEN_BYTES_OFFSET) == 100);
        in.hangUp();
        turnUntil(() -> copy.closes == 2);
        assertEquals(List.of(0, 0), copy.results);
        assertEquals(100, copy.source.counter(StreamMetrics.READ_BYTES_OFFSET));
        assertTrue(posix.injected() > 0);
    }

    @Test
    void aFifoThatCannotBeSplicedEndsWithItsCode() {
        posix.failAlways(Syscall.SPLICE, Errno.EINVAL);
        Inherited in = source(Kind.FIFO, 0);
        StandardStream source = stream(in);
        turnUntil(() -> copy.opens == 1);
        source.resume();
        in.feed(100);
        turnUntil(() -> copy.closes == 1);
        assertEquals(List.of(-Errno.EINVAL), copy.results);
    }

    @Test
    void noDescriptorForAPipeOfOurOwnIsACode() {
        posix.failAlways(Syscall.PIPE2, Errno.EMFILE);
        Inherited in = source(Kind.FIFO, 0);
        StandardStream source = stream(in);
        turnUntil(() -> copy.opens == 1);
        source.resume();
        in.feed(100);
        turnUntil(() -> copy.closes == 1);
        assertEquals(List.of(-Errno.EMFILE), copy.results);
    }

    @Test
    void aPipeThatMayNotBeWidenedWorksAsItIs() {
        posix.on(Syscall.FCNTL, (kernel, args) -> args[1] == Linux.F_SETPIPE_SZ
                ? -Errno.EPERM : FaultyPosix.Rule.PASS);
        Inherited in = source(Kind.FIFO, 0);
        Inherited out = sink(Kind.PIPE);
        move(in, out, false);
        assertEquals(ReturnCode.CLOSED, copy.source.capacity(1 << 20));
        StandardStream other = stream(source(Kind.PIPE, 0));
        assertEquals(-Errno.EPERM, other.capacity(1 << 20));
    }

    @Test
    void capacityIsAPipesAlone() {
        assertEquals(1 << 17, stream(source(Kind.PIPE, 0)).capacity(1 << 17));
        assertEquals(ReturnCode.NOT_SUPPORTED, stream(source(Kind.SOCKET, 0)).capacity(1 << 17));
    }

    @Test
    void aClosedDescriptorIsAnsweredAtOnce() {
        StandardStream closed = new StandardStream(loop, copy, 999);
        assertEquals(-Errno.EBADF, closed.open());
        assertEquals(ReturnCode.NOT_OPEN, closed.resume());
        turn();
        assertEquals(0, copy.opens + copy.closes);
    }

    @Test
    void nullIsAtItsEndAndTakesEverything() {
        StandardStream source = begin(source(Kind.NULL, 0), sink(Kind.PIPE), false);
        turnUntil(() -> copy.closes == 2);
        assertEquals(0, source.counter(StreamMetrics.READ_BYTES_OFFSET));
        assertEquals(1, source.counter(StreamMetrics.END_OFFSET));
    }

    @Test
    void zeroNeverEnds() {
        inherited.add(Inherited.device("/dev/zero"));
        StandardStream zero = stream(inherited.getLast());
        StandardStream sink = stream(sink(Kind.PIPE));
        turnUntil(() -> copy.opens == 2);
        assertEquals(ReturnCode.NOT_SUPPORTED, zero.spliceTo(sink));
        zero.resume();
        turnUntil(() -> zero.counter(StreamMetrics.READ_BYTES_OFFSET) > 1 << 20);
        zero.pause();
        long before = zero.counter(StreamMetrics.READ_BYTES_OFFSET);
        turn();
        turn();
        assertEquals(before, zero.counter(StreamMetrics.READ_BYTES_OFFSET));
        assertEquals(0, loop.runOnce(TURN_NS));
    }

    @ParameterizedTest
    @EnumSource(value = Kind.class, names = {"PIPE", "FIFO", "SOCKET"})
    void aReaderThatIsGoneIsOneCode(Kind to) {
        Inherited out = sink(to);
        begin(source(Kind.FILE, TOTAL), out, false);
        out.hangUp();
        turnUntil(() -> copy.failure != 0 || copy.closes > 0);
        turn();
        assertEquals(-Errno.EPIPE, copy.failure != 0 ? copy.failure : copy.results.getFirst());
    }

    @ParameterizedTest
    @EnumSource(value = Kind.class, names = {"PIPE", "FIFO"})
    void aReaderOfASpliceThatIsGoneClosesTheSink(Kind to) {
        Inherited out = sink(to);
        begin(source(Kind.FILE, TOTAL), out, true);
        out.hangUp();
        turnUntil(() -> copy.closes > 0);
        assertEquals(List.of(-Errno.EPIPE), copy.results);
        assertTrue(copy.source.isOpen());
        turn();
        assertFalse(copy.source.isReading());
    }

    @ParameterizedTest
    @EnumSource(value = Kind.class, names = {"PIPE", "FIFO", "SOCKET", "TERMINAL"})
    @Tag("allocation")
    void readingAllocatesNothing(Kind kind) {
        Inherited in = source(kind, 0);
        StandardStream source = stream(in);
        turnUntil(() -> copy.opens == 1);
        source.resume();
        Allocation.assertNone(kind + " in", 500, 300, () -> {
            in.feed(in.moved + 100);
            loop.runOnce(TURN_NS);
        });
        assertTrue(source.counter(StreamMetrics.READ_BYTES_OFFSET) >= 80_000);
    }

    @ParameterizedTest
    @EnumSource(value = Kind.class, names = {"PIPE", "FIFO", "SOCKET", "TERMINAL", "FILE"})
    @Tag("allocation")
    void writingAllocatesNothing(Kind kind) {
        Inherited out = sink(kind);
        StandardStream sink = stream(out);
        turnUntil(() -> copy.opens == 1);
        DirectBuffer zeros = NativeBuffer.allocate(100);
        NativeBuffer far = NativeBuffer.allocate(100);
        Allocation.assertNone(kind + " out", 500, 300, () -> {
            sink.write(zeros, 0, 100);
            loop.runOnce(0);
            out.drop(far);
        });
        assertTrue(sink.counter(StreamMetrics.WRITTEN_BYTES_OFFSET) >= 80_000);
    }

    /** Copies one stream to another, or to itself, with back-pressure. */
    private static final class Copy implements StreamHandler {
        private final List<Integer> results = new ArrayList<>();
        private StandardStream source;
        private StandardStream sink;
        private boolean isEcho;
        private boolean pausesEach;
        private int opens;
        private int closes;
        private int failure;

        @Override
        public void onOpen(Stream stream) {
            opens++;
        }

        @Override
        public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
            Stream to = isEcho ? stream : sink;
            if (pausesEach) {
                stream.pause();
            }
            if (to == null) {
                return;
            }
            int n = to.write(buffer, offset, length);
            if (n < 0) {
                failure = n;
                stream.close();
            } else if (to.queuedBytes() > 0) {
                stream.pause();
            }
        }

        @Override
        public void onWritable(Stream stream) {
            assertTrue(stream.isOpen());
            source.resume();
        }

        @Override
        public void onEnd(Stream stream) {
            stream.close();
            if (sink != null) {
                sink.close(Close.WHEN_DRAINED);
            }
        }

        @Override
        public void onClose(Stream stream, int result) {
            closes++;
            results.add(result);
        }
    }
}
