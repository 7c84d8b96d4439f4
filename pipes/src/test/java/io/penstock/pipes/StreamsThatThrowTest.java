package io.penstock.pipes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import io.penstock.core.sys.Linux;
import io.penstock.core.testing.Blame;
import io.penstock.core.testing.LoopFixture;
import io.penstock.core.testing.Recorder;
import io.penstock.core.testing.StreamsThatThrow;
import io.penstock.core.testing.Thrown;
import io.penstock.core.testing.ThrowingRecorder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Handlers of pipes, of standard streams, and of frames that throw. */
class StreamsThatThrowTest {
    /** The near side is the end that is told of what is provoked. */
    abstract static class OneWay extends StreamsThatThrow {
        @Override
        protected boolean reads(Recorder near) {
            return !isWriter(near);
        }

        private boolean isWriter(Recorder near) {
            return near.count("writable") > 0;
        }

        @Override
        protected void end(Stream stream) {
            assertEquals(0, stream.close());
        }
    }

    @Nested
    class Pipes extends OneWay {
        @Override
        protected void connect(StreamHandler near, StreamHandler far, String callback) {
            boolean isNearSink = callback.equals("writable");
            assertEquals(0, PipeStream.open(new PipeStream(loop, isNearSink ? far : near),
                    new PipeStream(loop, isNearSink ? near : far)));
        }
    }

    /** Descriptors that a process has inherited, blocking as they come. */
    abstract static class Standard extends StreamsThatThrow {
        private final NativeBuffer two = NativeBuffer.allocate(2 * Integer.BYTES);

        final void open(StreamHandler handler, int fd) {
            assertEquals(0, new StandardStream(loop, handler, fd).open());
        }

        final int[] pair(boolean isSocket) {
            assertEquals(0, isSocket
                    ? system.socketpair(Linux.AF_UNIX, Linux.SOCK_STREAM | Linux.SOCK_CLOEXEC, 0,
                            two.addressOffset())
                    : system.pipe2(two.addressOffset(), Linux.O_CLOEXEC));
            return new int[] {two.getInt(0), two.getInt(Integer.BYTES)};
        }
    }

    @Nested
    class StandardPipes extends Standard {
        @Override
        protected void connect(StreamHandler near, StreamHandler far, String callback) {
            int[] ends = pair(false);
            boolean isNearSink = callback.equals("writable");
            open(isNearSink ? far : near, ends[0]);
            open(isNearSink ? near : far, ends[1]);
        }

        @Override
        protected boolean reads(Recorder near) {
            return near.count("writable") == 0;
        }

        @Override
        protected void end(Stream stream) {
            assertEquals(0, stream.close());
        }
    }

    @Nested
    class StandardSockets extends Standard {
        @Override
        protected void connect(StreamHandler near, StreamHandler far, String callback) {
            int[] ends = pair(true);
            open(near, ends[0]);
            open(far, ends[1]);
        }
    }

    /** What is not polled, and frames. */
    @Nested
    class FilesAndFrames extends LoopFixture {
        private final Blame blame = new Blame();
        private final List<Throwable> caught = new ArrayList<>();
        private final BufferPool pool = new BufferPool(16, 64 << 10);
        @TempDir
        private Path directory;

        FilesAndFrames() {
            super(16, 1 << 18);
        }

        private void begin(boolean isTold, int readBufferBytes) {
            loop.close();
            loop = new EventLoop(new LoopConfig().handles(16).posix(posix)
                    .readBufferBytes(readBufferBytes).onException(isTold ? blame : null));
            assertEquals(0, loop.open());
        }

        private void turn() {
            try {
                loop.runOnce(STEP_NS);
            } catch (Thrown t) {
                caught.add(t);
            }
        }

        /** A file is always ready: nobody but the stream itself comes back to it. */
        @ParameterizedTest
        @CsvSource({
            "open, true", "data, true", "end, true", "close, true",
            "open, false", "data, false", "end, false", "close, false",
        })
        void aFile(String callback, boolean isTold) throws Exception {
            begin(isTold, 1000);
            Path file = directory.resolve("file");
            Files.write(file, new byte[20_000]);
            NativeBuffer path = NativeBuffer.cString(file.toString());
            int fd = system.openat(
                    Linux.AT_FDCWD, path.addressOffset(), Linux.O_RDONLY | Linux.O_CLOEXEC, 0);
            ThrowingRecorder near = new ThrowingRecorder();
            near.throwsIn = callback;
            StandardStream stream = new StandardStream(loop, near, fd);
            assertEquals(0, stream.open());
            for (int i = 0; i < 20; i++) {
                turn();
            }
            if (callback.equals("close")) {
                stream.close();
                turn();
            }
            assertEquals(1, near.threw);
            if (isTold) {
                assertEquals(List.of(stream), blame.handles);
                assertEquals(1, near.count("close"));
                assertEquals(callback.equals("close") ? 0 : ReturnCode.CALLBACK_THREW,
                        near.result);
            } else {
                assertEquals(1, caught.size());
                assertEquals(20_000, near.bytes);
                assertEquals(1, near.count("end"));
            }
        }

        /** A handler of frames of one stream, which throws at some of them. */
        private final class Frames extends Recorder implements FrameHandler {
            final FrameReader reader = new FrameReader(this, 100, 64 << 10);
            final List<String> frames = new ArrayList<>();
            int throwsAt = -1;
            boolean throwsAtBad;
            int bad;

            @Override
            public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
                reader.data(stream, buffer, offset, length);
            }

            @Override
            public void onFrame(Stream stream, DirectBuffer buffer, int offset, int length) {
                frames.add(buffer.getStringWithoutLengthAscii(offset, length));
                if (frames.size() == throwsAt) {
                    throw new Thrown("frame");
                }
            }

            @Override
            public void onBadFrame(Stream stream, int code, long skippedBytes) {
                bad++;
                if (throwsAtBad) {
                    throw new Thrown("bad");
                }
            }
        }

        @ParameterizedTest
        @CsvSource({"frame, true", "bad, true", "frame, false", "bad, false"})
        void frames(String callback, boolean isTold) {
            begin(isTold, 64 << 10);
            Frames near = new Frames();
            near.throwsAt = callback.equals("frame") ? 1 : -1;
            near.throwsAtBad = callback.equals("bad");
            Recorder far = new Recorder();
            PipeStream source = new PipeStream(loop, near);
            PipeStream sink = new PipeStream(loop, far);
            assertEquals(0, sink.queue(pool));
            assertEquals(0, PipeStream.open(source, sink));
            turn();
            FrameWriter writer = new FrameWriter(100);
            if (callback.equals("bad")) {
                bytes.putStringWithoutLengthAscii(0, "no frame");
                assertEquals(8, sink.write(bytes, 0, 8));
            }
            for (String text : new String[] {"one", "two", "three"}) {
                bytes.putStringWithoutLengthAscii(0, text);
                assertEquals(text.length(), writer.write(sink, bytes, 0, text.length()));
            }
            for (int i = 0; i < 4; i++) {
                turn();
            }
            if (isTold) {
                assertEquals(List.of(source), blame.handles);
                assertEquals(ReturnCode.CALLBACK_THREW, near.result);
                assertEquals(callback.equals("frame") ? List.of("one") : List.of(), near.frames);
            } else {
                assertEquals(1, caught.size());
                assertEquals(List.of("one", "two", "three"), near.frames);
                assertTrue(source.isOpen());
                assertEquals(0, near.reader.heldBytes());
            }
            assertEquals(callback.equals("bad") ? 1 : 0, near.bad);
        }

        /** With no loop to tell, it is thrown at whoever gave the bytes, and they are not lost. */
        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void framesOfNoLoop(boolean isLate) {
            try (Wire wire = new Wire()) {
                byte[] one = wire.encode("one".getBytes());
                byte[] two = wire.encode("two".getBytes());
                Frames near = new Frames();
                near.throwsAt = 1;
                byte[] both = Wire.concat(one, two);
                bytes.putBytes(0, both);
                int first = isLate ? one.length : both.length;
                assertThrows(Thrown.class,
                        () -> near.reader.data(wire.stream, bytes, 0, first));
                near.reader.data(wire.stream, bytes, first, both.length - first);
                assertEquals(List.of("one", "two"), near.frames);
            }
        }
    }
}
