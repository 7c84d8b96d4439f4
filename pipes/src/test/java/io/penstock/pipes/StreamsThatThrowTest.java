package io.penstock.pipes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.core.ReturnCode;
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
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Handlers of pipes and of standard streams that throw. */
class StreamsThatThrowTest {
    /** The near side is the end whose callbacks are provoked. */
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

    /** Inherited descriptors, which are blocking. */
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

    /** Descriptors that cannot be polled. */
    @Nested
    class NotPolled extends LoopFixture {
        private final Blame blame = new Blame();
        private final List<Throwable> caught = new ArrayList<>();
        @TempDir
        private Path directory;

        NotPolled() {
            super(16, 1 << 18);
        }

        private void begin(boolean isTold) {
            loop.close();
            loop = new EventLoop(new LoopConfig().handles(16).posix(posix)
                    .readBufferBytes(1000).onException(isTold ? blame : null));
            assertEquals(0, loop.open());
        }

        private void turn() {
            try {
                loop.runOnce(STEP_NS);
            } catch (Thrown t) {
                caught.add(t);
            }
        }

        /** A file is always ready: only the stream itself makes it run again. */
        @ParameterizedTest
        @CsvSource({
            "open, true", "data, true", "end, true", "close, true",
            "open, false", "data, false", "end, false", "close, false",
        })
        void aFile(String callback, boolean isTold) throws Exception {
            begin(isTold);
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
    }
}
