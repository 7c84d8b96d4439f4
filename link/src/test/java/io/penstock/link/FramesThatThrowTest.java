package io.penstock.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Stream;
import io.penstock.core.testing.Blame;
import io.penstock.core.testing.LoopFixture;
import io.penstock.core.testing.Recorder;
import io.penstock.core.testing.Thrown;
import io.penstock.pipes.PipeStream;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Handlers of frames that throw. */
class FramesThatThrowTest extends LoopFixture {
    private final Blame blame = new Blame();
    private final List<Throwable> caught = new ArrayList<>();
    private final BufferPool pool = new BufferPool(16, 64 << 10);

    FramesThatThrowTest() {
        super(16, 1 << 18);
    }

    private void turn() {
        try {
            loop.runOnce(STEP_NS);
        } catch (Thrown t) {
            caught.add(t);
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
        loop.close();
        loop = new EventLoop(new LoopConfig().handles(16).posix(posix)
                .onException(isTold ? blame : null));
        assertEquals(0, loop.open());
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
