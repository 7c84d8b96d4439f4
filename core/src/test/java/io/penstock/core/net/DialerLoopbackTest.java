package io.penstock.core.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.loop.EventLoop;
import io.penstock.core.metrics.DialerMetrics;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.sys.Errno;
import io.penstock.core.testing.Allocation;
import java.util.List;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A name that has the addresses 127.0.0.1 and ::1, and listeners on them. */
class DialerLoopbackTest extends NetFixture {
    private static final int CAPACITY = 4;

    private final DialRecorder handler = new DialRecorder();
    private final Endpoint[] six = {new Endpoint(), new Endpoint()};

    /** The second address, with the port of the first one's listener, or the other way round. */
    private void address(String other) {
        six[0].parse(other + ":" + at.port());
        six[1].copyFrom(at);
    }

    @Test
    void onlyIpv6Listens() {
        listen("[::1]:0", new Echo());
        address("127.0.0.1");
        Dialer dialer =
                new Dialer(loop, StreamConnector.TCP, handler, CAPACITY).queue(pool);
        assertEquals(0, dialer.dial(six, 2, EventLoop.NO_LIMIT));
        turnUntil(() -> handler.calls.contains("open"));
        assertEquals(1, dialer.winner());
        assertEquals(-Errno.ECONNREFUSED, dialer.code(0));
        handler.stream.resume();
        assertEquals(100_000, handler.stream.write(bytes, 0, 100_000), "it has a queue");
        turnUntil(() -> handler.bytes == 100_000);
        handler.stream.shutdown();
        turnUntil(() -> handler.calls.contains("end"));
        handler.stream.close();
        turnUntil(() -> handler.calls.contains("close"));
        assertEquals(1, handler.count("open"));
        invariantsHold(handler.stream);
        assertEquals(1, word(dialer.stream(0), StreamMetrics.ERROR_OFFSET),
                "what failed has counted it");
    }

    @Test
    void bothListenAndTheFirstIsPreferred() {
        listen("127.0.0.1:0", new Echo());
        int port = at.port();
        listen("[::1]:" + port, new Echo());
        six[0].copyFrom(at);
        six[1].parse("127.0.0.1:" + port);
        Dialer dialer = new Dialer(loop, StreamConnector.TCP, handler, CAPACITY);
        assertEquals(0, dialer.dial(six, 2, EventLoop.NO_LIMIT));
        turnUntil(() -> handler.calls.contains("open"));
        assertEquals(0, dialer.winner());
        assertEquals(1, dialer.counter(DialerMetrics.ATTEMPTS_OFFSET));
    }

    @Test
    void nobodyListens() {
        Listener gone = listen("127.0.0.1:0", new Echo());
        gone.close();
        turns(1);
        address("[::1]");
        Dialer dialer = new Dialer(loop, StreamConnector.TCP, handler, CAPACITY);
        assertEquals(0, dialer.dial(six, 2, EventLoop.NO_LIMIT));
        turnUntil(() -> handler.calls.contains("failed"));
        assertEquals(List.of("failed"), handler.calls);
        assertEquals(-Errno.ECONNREFUSED, handler.code);
        assertEquals(-Errno.ECONNREFUSED, dialer.code(1));
    }

    @Test
    void aUnixSocketIsAnAddressAsAnother() {
        listen("unix:@penstock-dialer", new Echo());
        six[0].parse("unix:@penstock-nobody");
        six[1].copyFrom(at);
        Dialer dialer = new Dialer(loop, StreamConnector.TCP, handler, CAPACITY);
        assertEquals(0, dialer.dial(six, 2, EventLoop.NO_LIMIT));
        turnUntil(() -> handler.calls.contains("open"));
        assertEquals(1, dialer.winner());
    }

    /** A handler that keeps nothing, and allocates nothing. */
    private static final class Quiet implements DialHandler {
        private int opened;
        private int failed;
        private boolean isOver;

        @Override
        public void onOpen(Stream stream) {
            opened++;
            stream.close();
        }

        @Override
        public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
        }

        @Override
        public void onWritable(Stream stream) {
        }

        @Override
        public void onEnd(Stream stream) {
        }

        @Override
        public void onClose(Stream stream, int result) {
            isOver = true;
        }

        @Override
        public void onFailed(Dialer dialer, int code) {
            failed++;
            isOver = true;
        }
    }

    @Test
    @Tag("allocation")
    void diallingAllocatesNothing() {
        listen("[::1]:0", new Echo());
        address("127.0.0.1");
        Quiet quiet = new Quiet();
        Dialer dialer = new Dialer(loop, StreamConnector.TCP, quiet, CAPACITY);
        Allocation.assertNone("dialling", 500, 200, () -> {
            dialOnce(dialer, quiet, 2); // the second address connects
            dialOnce(dialer, quiet, 1); // there is no second address
        });
        assertTrue(quiet.opened >= 700);
        assertTrue(quiet.failed >= 700);
        assertFalse(dialer.isOpen());
    }

    private void dialOnce(Dialer dialer, Quiet quiet, int count) {
        quiet.isOver = false;
        assertTrue(dialer.dial(six, count, EventLoop.NO_LIMIT) == 0);
        while (!quiet.isOver) {
            loop.runOnce(STEP_NS);
        }
    }

    @Test
    @Tag("allocation")
    void cancellingAllocatesNothing() {
        at.parse("127.0.0.1:1");
        address("[::1]");
        Quiet quiet = new Quiet();
        Dialer dialer = new Dialer(loop, StreamConnector.TCP, quiet, CAPACITY);
        Allocation.assertNone("cancelling", 500, 200, () -> {
            dialer.dial(six, 2, STEP_NS);
            dialer.cancel();
            loop.runOnce(0);
            loop.runOnce(0);
        });
        assertTrue(quiet.failed >= 700);
    }
}
