package io.penstock.core.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.ExceptionHandler;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.metrics.ListenerMetrics;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.Allocation;
import io.penstock.core.testing.Blame;
import io.penstock.core.testing.Recorder;
import io.penstock.core.testing.Thrown;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Draining a listener, in virtual time. */
class DrainTest extends NetFixture {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long DEADLINE = TimeUnit.SECONDS.toNanos(30);

    private long timeNs;
    private final Server server = new Server();
    private final Recorder client = new Recorder();
    private final List<SocketStream> clients = new ArrayList<>();
    private final List<Integer> ends = new ArrayList<>();
    private Listener listener;

    /** Records calls of onDrain, and then does what the default does. */
    private static class Server extends Recorder {
        final List<Stream> open = new ArrayList<>();
        final List<Integer> results = new ArrayList<>();
        int told;
        int toldIdle;

        @Override
        public void onOpen(Stream stream) {
            super.onOpen(stream);
            open.add(stream);
        }

        @Override
        public void onDrain(Stream stream, boolean isIdle) {
            assertTrue(stream.isOpen());
            told += isIdle ? 0 : 1;
            toldIdle += isIdle ? 1 : 0;
            super.onDrain(stream, isIdle);
        }

        @Override
        public void onEnd(Stream stream) {
            super.onEnd(stream);
            stream.close();
        }

        @Override
        public void onClose(Stream stream, int result) {
            super.onClose(stream, result);
            results.add(result);
        }
    }

    @BeforeEach
    void inVirtualTime() {
        renew(null);
    }

    private void renew(ExceptionHandler onException) {
        loop.close();
        loop = new EventLoop(new LoopConfig().handles(1_000).posix(posix).clock(() -> timeNs)
                .onException(onException));
        assertEquals(0, loop.open());
    }

    private void listen(StreamHandler handler, int capacity) {
        listener = new Listener(loop, handler, capacity).onClose((which, result) -> {
            assertEquals(listener, which);
            ends.add(result);
        });
        assertEquals(0, at.parse("@penstock-drain"));
        assertEquals(0, listener.listen(at, 256));
    }

    private void connect(int n) {
        int before = listener.connections();
        for (int i = 0; i < n; i++) {
            SocketStream stream = new SocketStream(loop, client);
            assertEquals(0, stream.connect(at));
            clients.add(stream);
        }
        turnUntil(() -> listener.connections() == before + n
                && client.count("open") == clients.size());
    }

    private void begin(StreamHandler handler, int n) {
        listen(handler, Math.max(1, n));
        connect(n);
    }

    private int drain() {
        return listener.drain(timeNs + DEADLINE);
    }

    private void secondsPass(int n) {
        for (int i = 0; i < n; i++) {
            timeNs += SECOND;
            turns(3);
        }
    }

    @Test
    void idleConnectionsCloseAfterASecondAndThenTheListener() {
        begin(server, 3);
        assertEquals(0, drain());
        assertEquals(0, server.told, "nothing is called from inside the call");
        assertTrue(listener.isOpen() && listener.isDraining());
        turns(3);
        assertEquals(3, server.told);
        assertEquals(0, server.toldIdle);
        timeNs += SECOND - 1;
        turns(3);
        assertEquals(3, listener.connections());
        timeNs += 1;
        turns(1);
        assertEquals(3, server.toldIdle);
        assertEquals(List.of(0, 0, 0), server.results);
        assertEquals(0, listener.connections());
        assertEquals(List.of(), ends, "a turn later");
        turns(1);
        assertEquals(List.of(0), ends);
        assertFalse(listener.isOpen() || listener.isDraining());
        assertEquals(3, listener.counter(ListenerMetrics.ACCEPTED_OFFSET));
        assertEquals(3, listener.counter(ListenerMetrics.CLOSED_OFFSET));
        turns(5);
        assertEquals(List.of(0), ends, "once");
        assertEquals(3, server.told);
    }

    @Test
    void busyConnectionsCloseAtTheDeadline() {
        begin(server, 2);
        assertEquals(0, drain());
        for (int second = 0; second < 29; second++) {
            clients.get(0).write(bytes, 0, 10);
            server.open.get(1).write(bytes, 0, 10);
            secondsPass(1);
        }
        assertEquals(2, listener.connections());
        assertEquals(0, server.toldIdle);
        clients.get(0).write(bytes, 0, 10);
        secondsPass(1);
        assertEquals(List.of(ReturnCode.TIMED_OUT, ReturnCode.TIMED_OUT), server.results);
        assertEquals(List.of(ReturnCode.TIMED_OUT), ends);
        for (Stream stream : server.open) {
            assertEquals(1, stream.counter(StreamMetrics.ERROR_OFFSET));
        }
    }

    /** The default closes no connection that waits for anything but its peer. */
    @ParameterizedTest
    @ValueSource(strings = {"paused", "ended", "queued", "no room"})
    void aConnectionAtWorkIsNotIdle(String why) {
        Server handler = new Server() {
            @Override
            public void onEnd(Stream stream) {
                calls.add("end"); // the answer is still to come
            }
        };
        listen(handler, 1);
        if (why.equals("queued")) {
            listener.queue(pool);
        }
        connect(1);
        Stream stream = handler.open.get(0);
        switch (why) {
            case "paused" -> stream.pause();
            case "ended" -> clients.get(0).shutdown();
            default -> {
                clients.get(0).pause();
                while (stream.write(bytes, 0, 4_000) == 4_000 && stream.queuedBytes() == 0) {
                }
            }
        }
        turns(3);
        assertEquals(0, drain());
        secondsPass(10);
        assertEquals(0, handler.toldIdle);
        assertTrue(stream.isOpen());
        switch (why) {
            case "paused" -> stream.resume();
            case "ended" -> stream.close();
            default -> clients.get(0).resume();
        }
        turns(100);
        secondsPass(3);
        assertEquals(List.of(0), ends);
    }

    @Test
    void aHandlerMayOverrideTheDefault() {
        Server handler = new Server() {
            @Override
            public void onDrain(Stream stream, boolean isIdle) {
                told += isIdle ? 0 : 1;
                toldIdle += isIdle ? 1 : 0;
                if (stream == open.get(0)) {
                    stream.close();
                }
            }
        };
        begin(handler, 2);
        assertEquals(0, drain());
        turns(3);
        assertEquals(1, listener.connections(), "one closed at once");
        secondsPass(7);
        assertEquals(7, handler.toldIdle, "the other is told each second, and stays");
        assertEquals(0, handler.open.get(1).close());
        turns(2);
        assertEquals(List.of(0), ends);
    }

    @Test
    void withNoConnectionItClosesAtOnce() {
        begin(server, 0);
        assertEquals(0, drain());
        assertEquals(List.of(), ends);
        turns(2);
        assertEquals(List.of(0), ends);
        assertEquals(0, loop.run(), "nothing keeps the loop alive");
    }

    @Test
    void aListenerThatDoesNotListenYetClosesToo() {
        listener = new Listener(loop, server, 1).onClose((which, result) -> ends.add(result));
        assertEquals(ReturnCode.NOT_OPEN, drain());
        assertFalse(listener.isDraining());
        assertEquals(0, listener.open(Linux.AF_UNIX));
        assertEquals(0, drain());
        turns(2);
        assertEquals(List.of(0), ends);
        assertEquals(ReturnCode.CLOSED, drain());
    }

    @Test
    void noConnectionIsAcceptedAnyMore() throws Exception {
        Path path = Path.of("/tmp/penstock-drain-test.sock");
        Files.deleteIfExists(path);
        listener = new Listener(loop, server, 4);
        assertEquals(0, at.parse(path.toString()));
        assertEquals(0, listener.listen(at, 4));
        connect(1);
        SocketStream waiting = new SocketStream(loop, client);
        assertEquals(0, waiting.connect(at));
        assertEquals(0, drain());
        assertFalse(Files.exists(path));
        assertEquals(-Errno.ENOENT, new SocketStream(loop, client).connect(at));
        turnUntil(() -> client.count("close") + client.count("end") == 1);
        assertEquals(1, listener.counter(ListenerMetrics.ACCEPTED_OFFSET), "not from the backlog");
        assertEquals(ReturnCode.CLOSED, listener.option(SocketOption.SO_RCVBUF));
        assertEquals(ReturnCode.CLOSED, listener.setOption(SocketOption.SO_RCVBUF, 9_999));
        assertEquals(ReturnCode.CLOSED, listener.localEndpoint(new Endpoint()));
        assertEquals(ReturnCode.CLOSED, listener.descriptor());
        assertEquals(ReturnCode.ALREADY_OPEN, listener.listen(at, 4));
        assertEquals(ReturnCode.ALREADY_OPEN, listener.open(Linux.AF_UNIX));
        assertEquals(ReturnCode.ALREADY_OPEN, listener.adopt(0));
    }

    /** A second descriptor keeps the socket listening: the loop must get no more of its events. */
    @Test
    void aSharedSocketGoesOnElsewhere() {
        begin(server, 1);
        int shared = system.fcntl(listener.descriptor(), Linux.F_DUPFD_CLOEXEC, 0);
        assertTrue(shared >= 0);
        assertEquals(0, drain());
        SocketStream later = new SocketStream(loop, client);
        assertEquals(0, later.connect(at));
        turns(3);
        assertEquals(0, loop.runOnce(0), "no event");
        Recorder successor = new Recorder();
        Listener next = new Listener(loop, successor, 1);
        assertEquals(0, next.adopt(shared));
        turnUntil(() -> successor.count("open") == 1);
        assertEquals(1, server.count("open"));
    }

    @Test
    void connectionsAcceptedInTheSameTurnAreDrainedToo() {
        Server handler = new Server() {
            @Override
            public void onOpen(Stream stream) {
                super.onOpen(stream);
                if (open.size() == 2) {
                    assertEquals(0, drain());
                }
            }
        };
        listen(handler, 4);
        for (int i = 0; i < 3; i++) {
            assertEquals(0, new SocketStream(loop, client).connect(at));
        }
        turnUntil(() -> handler.told == 2);
        assertEquals(2, handler.open.size());
        turns(3);
        assertEquals(2, handler.told);
        secondsPass(1);
        assertEquals(List.of(0), ends);
    }

    @Test
    void aSecondDrainMovesTheDeadline() {
        begin(server, 1);
        Stream stream = server.open.get(0);
        stream.pause();
        assertEquals(0, drain());
        turns(3);
        assertEquals(0, listener.drain(timeNs + 100 * SECOND));
        secondsPass(60);
        assertTrue(stream.isOpen(), "later");
        assertEquals(1, server.told);
        assertEquals(0, listener.drain(timeNs + SECOND / 2));
        timeNs += SECOND / 2;
        turns(3);
        assertEquals(List.of(ReturnCode.TIMED_OUT), ends);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, -30_000_000_000L, Long.MIN_VALUE / 2})
    void aDeadlineInThePastClosesThemAtOnce(long aheadNs) {
        timeNs = 1_000 * SECOND;
        begin(server, 200);
        assertEquals(0, listener.drain(timeNs + aheadNs));
        turns(10);
        assertEquals(200, server.results.size());
        assertTrue(server.results.stream().allMatch(code -> code == ReturnCode.TIMED_OUT));
        assertEquals(List.of(ReturnCode.TIMED_OUT), ends);
    }

    @Test
    void aTurnServesAtMost64Connections() {
        begin(server, 200);
        assertEquals(0, drain());
        int told = 0;
        for (int turn = 0; turn < 4; turn++) {
            assertTrue(loop.runOnce(EventLoop.NO_LIMIT) > 0, "no wait meanwhile");
            assertTrue(server.told - told <= 64);
            told = server.told;
        }
        assertEquals(200, told);
        timeNs += DEADLINE;
        int open = 200;
        for (int turn = 0; turn < 4; turn++) {
            loop.runOnce(0);
            assertTrue(open - listener.connections() <= 64);
            open = listener.connections();
        }
        assertEquals(0, open);
        turns(2);
        assertEquals(List.of(ReturnCode.TIMED_OUT), ends);
    }

    @Test
    void closingEndsTheDrainAndLeavesTheConnections() {
        begin(server, 2);
        assertEquals(0, drain());
        assertEquals(0, listener.close());
        turns(2);
        assertEquals(List.of(0), ends);
        secondsPass(40);
        assertEquals(2, listener.connections());
        assertEquals(0, server.told);
        assertEquals(ReturnCode.CLOSED, drain());
    }

    @Test
    void theLoopMayCloseMeanwhile() {
        begin(server, 100);
        assertEquals(0, drain());
        turns(1);
        assertEquals(64, server.told);
        loop.close();
        assertEquals(64, server.told);
        assertEquals(100, server.results.size());
        assertTrue(server.results.stream().allMatch(code -> code == ReturnCode.CLOSED));
        assertEquals(List.of(ReturnCode.CLOSED), ends);
        assertEquals(ReturnCode.CLOSED, drain());
    }

    @Test
    void onDrainMayCloseTheLoop() {
        Server handler = new Server() {
            @Override
            public void onDrain(Stream stream, boolean isIdle) {
                loop.close();
            }
        };
        begin(handler, 3);
        assertEquals(0, drain());
        loop.runOnce(0);
        assertEquals(List.of(ReturnCode.CLOSED), ends);
        assertEquals(3, handler.results.size());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anExceptionClosesItsConnectionAlone(boolean hasHandler) {
        Blame blame = new Blame();
        renew(hasHandler ? blame : null);
        Server handler = new Server() {
            @Override
            public void onDrain(Stream stream, boolean isIdle) {
                super.onDrain(stream, isIdle);
                if (stream == open.get(0) && !isIdle) {
                    throw new Thrown("drain");
                }
            }
        };
        begin(handler, 3);
        assertEquals(0, drain());
        if (hasHandler) {
            turns(1);
            assertEquals(List.of(handler.open.get(0)), blame.handles);
            assertEquals(List.of(ReturnCode.CALLBACK_THREW), handler.results);
        } else {
            assertThrows(Thrown.class, () -> loop.runOnce(0));
            assertEquals(List.of(), handler.results);
        }
        assertEquals(3, handler.told);
        secondsPass(1);
        assertEquals(3, handler.results.size());
        assertEquals(List.of(0), ends);
    }

    @Test
    void anExceptionOfTheListenersOnCloseIsReportedToo() {
        Blame blame = new Blame();
        renew(blame);
        listener = new Listener(loop, server, 1).onClose((which, result) -> {
            throw new Thrown("close");
        });
        at.parse("@penstock-drain");
        assertEquals(0, listener.listen(at, 1));
        assertEquals(0, listener.close());
        turns(1);
        assertEquals(List.of(listener), blame.handles);
    }

    /** The end of a backoff must not be taken for the end of a round. */
    @Test
    void aListenerThatBacksOffDrainsAsAnyOther() {
        listen(server, 2);
        connect(1);
        posix.fail(Syscall.ACCEPT4, Errno.EMFILE, 0, 1);
        assertEquals(0, new SocketStream(loop, client).connect(at));
        turnUntil(() -> listener.counter(ListenerMetrics.BACKOFFS_OFFSET) == 1);
        assertEquals(0, drain());
        timeNs += TimeUnit.MILLISECONDS.toNanos(10);
        turns(3);
        assertEquals(1, server.told);
        timeNs += SECOND - 1;
        turns(3);
        assertEquals(0, server.toldIdle);
        timeNs += 1;
        turns(3);
        assertEquals(List.of(0), ends);
    }

    @Test
    void aListenerMayListenAgainInItsOnClose() {
        int[] lives = {0};
        listener = new Listener(loop, server, 2).onClose((which, result) -> {
            ends.add(result);
            if (++lives[0] < 3) {
                assertEquals(0, which.listen(at, 4));
            }
        });
        at.parse("@penstock-drain");
        assertEquals(0, listener.listen(at, 4));
        for (int life = 1; life <= 3; life++) {
            connect(2);
            assertEquals(0, listener.drain(timeNs + (life == 1 ? 1 : DEADLINE)));
            turns(3);
            assertEquals(2 * life, server.told);
            secondsPass(1);
            assertEquals(life, lives[0]);
        }
        assertEquals(List.of(ReturnCode.TIMED_OUT, 0, 0), ends);
        assertFalse(listener.isOpen());
    }

    /** accept(2) failed for good: onClose gets the code. */
    @Test
    void onCloseGetsTheCodeOfTheFailure() {
        listen(server, 1);
        posix.fail(Syscall.ACCEPT4, Errno.EINVAL, 0, 1);
        assertEquals(0, new SocketStream(loop, client).connect(at));
        turnUntil(() -> !ends.isEmpty());
        assertEquals(List.of(-Errno.EINVAL), ends);
    }

    @Tag("allocation")
    @Test
    void drainingAllocatesNothing() {
        Counting counting = new Counting();
        int[] closed = {0};
        listener = new Listener(loop, counting, 2).onClose((which, result) -> closed[0]++);
        at.parse("@penstock-drain");
        SocketStream one = new SocketStream(loop, counting);
        SocketStream two = new SocketStream(loop, counting);
        Allocation.assertNone("drain", 300, 100, () -> {
            int before = closed[0];
            listener.listen(at, 4);
            one.connect(at);
            two.connect(at);
            while (listener.connections() < 2) {
                loop.runOnce(0);
            }
            listener.connection(0).pause();
            listener.drain(timeNs + DEADLINE);
            while (closed[0] == before) {
                timeNs += SECOND;
                loop.runOnce(0);
            }
            while (one.isOpen() || two.isOpen()) {
                loop.runOnce(0);
            }
            loop.runOnce(0);
        });
        assertTrue(counting.idle >= 400, "one was idle");
        assertTrue(counting.cut >= 400, "the other was cut");
    }

    /** A handler that allocates nothing. */
    private static final class Counting implements StreamHandler {
        private int idle;
        private int cut;

        @Override
        public void onOpen(Stream stream) {
            stream.resume();
        }

        @Override
        public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
        }

        @Override
        public void onWritable(Stream stream) {
        }

        @Override
        public void onEnd(Stream stream) {
            stream.close();
        }

        @Override
        public void onDrain(Stream stream, boolean isIdle) {
            if (isIdle) {
                idle++;
                stream.close();
            }
        }

        @Override
        public void onClose(Stream stream, int result) {
            if (result == ReturnCode.TIMED_OUT) {
                cut++;
            }
        }
    }
}
