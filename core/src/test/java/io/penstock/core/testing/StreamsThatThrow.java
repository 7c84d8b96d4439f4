package io.penstock.core.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.metrics.LoopMetrics;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Streams of some kind whose handlers throw: every callback, on a loop with an exception handler
 * and on one without, while it runs and while it closes. Each time a neighbour's bytes go on to
 * flow, nothing is told twice, and the fixture finds everything given back.
 */
public abstract class StreamsThatThrow extends LoopFixture {
    private static final int HANDLERS = 6;

    private final Blame blame = new Blame();
    private final List<Throwable> caught = new ArrayList<>();
    private final ThrowingRecorder near = new ThrowingRecorder();
    private final Recorder far = new Recorder();
    private final Recorder neighbour = new Recorder();
    private final Recorder neighboursPeer = new Recorder();

    protected StreamsThatThrow() {
        super(64, 1 << 20);
    }

    /**
     * Connects two streams of the loop; {@code onOpen} of both follows.
     *
     * @param near whose callback will be provoked
     * @param far the other side's
     * @param callback which one: a pipe has two ends that are not told the same
     */
    protected abstract void connect(StreamHandler near, StreamHandler far, String callback);

    /** Whether streams of this kind have that callback. */
    protected boolean hasCallback(String callback) {
        return true;
    }

    /** What a stream is told when its loop closes with it open. */
    protected int codeOfLoopClosing() {
        return ReturnCode.CLOSED;
    }

    @ParameterizedTest
    @CsvSource({
        "open, true", "data, true", "writable, true", "end, true", "close, true",
        "open, false", "data, false", "writable, false", "end, false", "close, false",
    })
    final void aThrowHarmsItsOwnHandleAlone(String callback, boolean isTold) {
        if (!hasCallback(callback)) {
            return;
        }
        begin(isTold);
        connect(neighbour, neighboursPeer, "data");
        until(() -> neighbour.stream != null && neighboursPeer.stream != null);
        neighboursFlow();
        near.throwsIn = callback;
        connect(near, far, callback);
        provoke(callback);
        until(() -> near.threw == 1);
        neighboursFlow();
        assertEquals(1, word(LoopMetrics.THREW_OFFSET));
        if (isTold) {
            assertEquals(List.of(), caught);
            assertEquals(List.of(near.stream), blame.handles);
            assertEquals(callback, blame.thrown.get(0).getMessage());
            until(() -> near.count("close") == 1);
            assertCode(callback.equals("close") ? 0 : ReturnCode.CALLBACK_THREW, near.result);
            assertEquals(callback.equals("close") ? 0 : 1,
                    near.stream.counter(StreamMetrics.ERROR_OFFSET));
        } else {
            assertEquals(1, caught.size());
            assertEquals(callback, caught.get(0).getMessage());
            assertEquals(0, caught.get(0).getSuppressed().length);
            goesOn(callback);
        }
        far.stream.close();
        until(() -> near.count("close") == 1 && far.count("close") == 1);
        neighboursFlow();
        neighbour.stream.close();
        neighboursPeer.stream.close();
        until(() -> neighbour.count("close") == 1 && neighboursPeer.count("close") == 1);
        invariantsHold(neighbour.stream);
        loop.close();
        assertEquals(1, near.count("close"));
        assertEquals(1, near.count("open"));
        assertEquals(isTold ? 0 : 1, caught.size());
    }

    /** With no exception handler the stream stays open, and what comes next comes. */
    private void goesOn(String callback) {
        if (callback.equals("open") || callback.equals("data")) {
            long before = near.bytes;
            if (hasCallback("data") && reads(near)) {
                send(far, "more");
                until(() -> near.bytes >= before + 4);
            }
        }
        if (!callback.equals("close")) {
            assertTrue(near.stream.isOpen());
            near.stream.close();
            until(() -> near.count("close") == 1);
            assertCode(0, near.result);
        }
        invariantsHold(near.stream);
    }

    /** Whether the near side is one that reads; a pipe's writing end does not. */
    protected boolean reads(Recorder near) {
        return true;
    }

    @ParameterizedTest
    @CsvSource({
        "open, true", "data, true", "writable, true", "end, true", "close, true",
        "open, false", "data, false", "writable, false", "end, false", "close, false",
    })
    final void oneThatClosesTheLoopAndThrows(String callback, boolean isTold) {
        if (!hasCallback(callback)) {
            return;
        }
        begin(isTold);
        connect(neighbour, neighboursPeer, "data");
        until(() -> neighbour.stream != null && neighboursPeer.stream != null);
        near.throwsIn = callback;
        near.before = loop::close;
        connect(near, far, callback);
        provoke(callback);
        until(() -> near.threw == 1);
        assertEquals(ReturnCode.NOT_OPEN, loop.runOnce(0));
        assertEquals(isTold ? 0 : 1, caught.size());
        assertEquals(isTold ? List.of(near.stream) : List.of(), blame.handles);
        assertEquals(1, near.count("close"));
        assertCode(callback.equals("close") ? 0
                : isTold ? ReturnCode.CALLBACK_THREW : codeOfLoopClosing(), near.result);
        assertEquals(1, neighbour.count("close"));
        assertCode(codeOfLoopClosing(), neighbour.result);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    final void oneCloseIsEnoughHoweverManyThrowInOnClose(boolean isTold) {
        begin(isTold);
        List<ThrowingRecorder> all = new ArrayList<>();
        for (int i = 0; i < HANDLERS; i++) {
            ThrowingRecorder one = new ThrowingRecorder();
            Recorder other = new Recorder();
            connect(one, other, "data");
            until(() -> one.stream != null && other.stream != null);
            all.add(one);
            one.throwsIn = "close";
        }
        if (isTold) {
            loop.close();
            assertEquals(HANDLERS, blame.handles.size());
        } else {
            Thrown first = assertThrows(Thrown.class, loop::close);
            assertEquals(HANDLERS - 1, first.getSuppressed().length);
        }
        for (ThrowingRecorder one : all) {
            assertEquals(1, one.count("close"));
            assertCode(codeOfLoopClosing(), one.result);
        }
        loop.close();
        assertEquals(ReturnCode.NOT_OPEN, loop.runOnce(0));
    }

    private void begin(boolean isTold) {
        loop.close();
        loop = new EventLoop(new LoopConfig().handles(64).posix(posix)
                .onException(isTold ? blame : null));
        assertEquals(0, loop.open());
    }

    private void provoke(String callback) {
        if (callback.equals("open")) {
            until(() -> near.stream != null && far.stream != null);
            return;
        }
        until(() -> near.stream != null && far.stream != null);
        switch (callback) {
            case "data" -> send(far, "something");
            case "writable" -> {
                far.stream.pause();
                int n;
                do {
                    n = near.stream.write(bytes, 0, bytes.capacity());
                } while (n == bytes.capacity() && near.stream.queuedBytes() == 0);
                far.stream.resume();
            }
            case "end" -> end(far.stream);
            default -> near.stream.close();
        }
    }

    /** Has the other side read the end. */
    protected void end(Stream stream) {
        assertEquals(0, stream.shutdown());
    }

    private void neighboursFlow() {
        long before = neighbour.bytes;
        send(neighboursPeer, "neighbour");
        until(() -> neighbour.bytes == before + "neighbour".length());
    }

    private void send(Recorder from, String text) {
        bytes.putStringWithoutLengthAscii(0, text);
        assertEquals(text.length(), from.stream.write(bytes, 0, text.length()));
    }

    /** Turns until something has happened; each turn that throws is written down, and counted. */
    protected final void until(BooleanSupplier done) {
        for (int i = 0; i < 1_000 && !done.getAsBoolean(); i++) {
            long turns = word(LoopMetrics.TURNS_OFFSET);
            try {
                loop.runOnce(STEP_NS);
            } catch (Thrown t) {
                caught.add(t);
            }
            assertEquals(turns + 1, word(LoopMetrics.TURNS_OFFSET));
        }
        assertTrue(done.getAsBoolean(), "did not happen");
    }

    private long word(int field) {
        return loop.metrics().getLong(loop.metricsOffset() + field);
    }

    private static void invariantsHold(Stream stream) {
        StringBuilder out = new StringBuilder();
        assertEquals(0, StreamMetrics.brokenInvariants(
                stream.metrics(), stream.metricsOffset(), out), out::toString);
    }

    private static void assertCode(int expected, int actual) {
        assertEquals(ReturnCode.describe(expected), ReturnCode.describe(actual));
    }
}
