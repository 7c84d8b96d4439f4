package io.penstock.core.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.metrics.ListenerMetrics;
import io.penstock.core.metrics.MetricsReader;
import io.penstock.core.metrics.MetricsRegion;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.Recorder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Listeners, connecting to them, and options of both. */
class ListenerTest extends NetFixture {
    private final Echo echo = new Echo();

    private SocketStream connect(StreamHandler handler) {
        SocketStream stream = new SocketStream(loop, handler);
        assertEquals(0, stream.connect(at));
        return stream;
    }

    private static long word(Listener listener, int field) {
        return listener.metrics().getLong(listener.metricsOffset() + field);
    }

    // Options.

    static Stream<Arguments> intOptions() {
        return Stream.of(
                Arguments.of(SocketOption.TCP_NODELAY, 0, 0),
                Arguments.of(SocketOption.SO_KEEPALIVE, 1, 1),
                Arguments.of(SocketOption.TCP_KEEPIDLE, 77, 77),
                Arguments.of(SocketOption.TCP_KEEPINTVL, 7, 7),
                Arguments.of(SocketOption.TCP_KEEPCNT, 5, 5),
                Arguments.of(SocketOption.TCP_USER_TIMEOUT, 12_345, 12_345),
                Arguments.of(SocketOption.TCP_NOTSENT_LOWAT, 4_096, 4_096),
                Arguments.of(SocketOption.SO_SNDBUF, 20_000, 40_000), // doubled, for overhead
                Arguments.of(SocketOption.SO_RCVBUF, 20_000, 40_000),
                Arguments.of(SocketOption.SO_LINGER, 3, 3));
    }

    /** Sets an option on the listener and on the client; the connection inherits the listener's. */
    @ParameterizedTest
    @MethodSource("intOptions")
    void optionsAreSetAndGot(SocketOption option, int value, int answer) {
        Listener listener = new Listener(loop, echo, 1);
        assertEquals(ReturnCode.NOT_OPEN, listener.option(option));
        assertEquals(ReturnCode.NOT_OPEN, listener.setOption(option, value));
        assertEquals(0, listener.open(Linux.AF_INET));
        assertNotEquals(answer, listener.option(option), "no default");
        assertEquals(0, listener.setOption(option, value));
        assertEquals(answer, listener.option(option));
        at.ipv4(Endpoint.IPV4_LOOPBACK, 0);
        assertEquals(0, listener.listen(at, 1));
        listener.localEndpoint(at);

        SocketStream stream = new SocketStream(loop, new Recorder());
        assertEquals(ReturnCode.NOT_OPEN, stream.option(option));
        assertEquals(0, stream.open(Linux.AF_INET));
        assertEquals(0, stream.setOption(option, value));
        assertEquals(answer, stream.option(option));
        assertEquals(0, stream.connect(at));
        turnUntil(() -> echo.opened == 1);
        if (option != SocketOption.TCP_USER_TIMEOUT) { // the only option that is not inherited
            assertEquals(answer, ((SocketStream) echo.last).option(option));
        }
        stream.close();
        assertEquals(ReturnCode.CLOSED, stream.option(option));
        assertEquals(ReturnCode.CLOSED, stream.setOption(option, value));
    }

    @Test
    void anOptionOfAnotherFamilyHasItsErrno() {
        SocketStream stream = new SocketStream(loop, new Recorder());
        assertEquals(0, stream.open(Linux.AF_UNIX));
        assertEquals(-Errno.EOPNOTSUPP, stream.setOption(SocketOption.TCP_NODELAY, 1));
        assertEquals(-Errno.EOPNOTSUPP, stream.option(SocketOption.TCP_NODELAY));
    }

    @Test
    void lingerOfZeroResets() {
        listen("127.0.0.1:0", echo);
        Recorder client = new Recorder();
        SocketStream stream = connect(client);
        turnUntil(() -> client.count("open") == 1 && echo.opened == 1);
        assertEquals(0, echo.last.pause());
        assertEquals(0, stream.setOption(SocketOption.SO_LINGER, 0));
        assertEquals(0, stream.option(SocketOption.SO_LINGER));
        assertEquals(0, stream.setOption(SocketOption.SO_LINGER, -1));
        assertEquals(SocketOption.UNSET, stream.option(SocketOption.SO_LINGER));
    }

    // Addresses.

    @Test
    void twoListenersShareAPort() {
        Echo[] echoes = {new Echo(), new Echo(), new Echo()};
        Listener[] listeners = new Listener[3];
        at.ipv4(Endpoint.IPV4_LOOPBACK, 0);
        for (int i = 0; i < 2; i++) {
            listeners[i] = new Listener(loop, echoes[i], 16);
            assertEquals(0, listeners[i].open(Linux.AF_INET));
            assertEquals(0, listeners[i].setOption(SocketOption.SO_REUSEPORT, 1));
            assertEquals(0, listeners[i].listen(at, 16));
            listeners[i].localEndpoint(at);
        }
        listeners[2] = new Listener(loop, echoes[2], 16);
        assertEquals(-Errno.EADDRINUSE, listeners[2].listen(at, 16), "one that did not ask");
        assertFalse(listeners[2].isOpen());
        for (int i = 0; i < 16; i++) {
            connect(new Recorder());
        }
        turnUntil(() -> echoes[0].opened + echoes[1].opened == 16);
        assertTrue(echoes[0].opened > 0 && echoes[1].opened > 0, "one had all");
        assertEquals(echoes[0].opened, word(listeners[0], ListenerMetrics.ACCEPTED_OFFSET));
        assertEquals(echoes[1].opened, listeners[1].connections());
    }

    @Test
    void ipv6TakesIpv4TooUnlessToldNotTo() {
        for (int only = 0; only < 2; only++) {
            Listener listener = new Listener(loop, echo, 4);
            assertEquals(0, listener.open(Linux.AF_INET6));
            assertEquals(0, listener.setOption(SocketOption.IPV6_V6ONLY, only));
            assertEquals(0, at.parse("[::]:0"));
            assertEquals(0, listener.listen(at, 4));
            assertEquals(0, listener.localEndpoint(at));
            int port = at.port();

            echo.opened = 0;
            Recorder six = new Recorder();
            assertEquals(0, at.ipv6(0, 1, port, 0));
            connect(six);
            turnUntil(() -> echo.opened == 1 && six.count("open") == 1);
            Endpoint peer = new Endpoint();
            assertEquals(0, ((SocketStream) echo.last).peerEndpoint(peer));
            assertTrue(peer.isIpv6() && !peer.isIpv4Mapped());
            assertEquals(1, peer.ipLow());

            Recorder four = new Recorder();
            at.ipv4(Endpoint.IPV4_LOOPBACK, port);
            SocketStream stream = connect(four);
            if (only == 0) {
                turnUntil(() -> echo.opened == 2 && four.count("open") == 1);
                assertEquals(0, ((SocketStream) echo.last).peerEndpoint(peer));
                assertTrue(peer.isIpv4Mapped());
                assertEquals(0, stream.peerEndpoint(peer));
                assertTrue(peer.isIpv4());
                assertEquals(port, peer.port());
            } else {
                turnUntil(() -> four.count("close") == 1);
                assertEquals(-Errno.ECONNREFUSED, four.result);
            }
        }
    }

    @Test
    void aClientMayBindItsSide() {
        listen("127.0.0.1:0", echo);
        SocketStream stream = new SocketStream(loop, new Recorder());
        Endpoint local = new Endpoint();
        local.ipv4(0x7f00_0005, 0);
        assertEquals(ReturnCode.NOT_OPEN, stream.bind(local));
        assertEquals(0, stream.open(Linux.AF_INET));
        assertEquals(ReturnCode.ALREADY_OPEN, stream.open(Linux.AF_INET));
        assertEquals(0, stream.bind(local));
        assertEquals(0, stream.connect(at));
        turnUntil(() -> echo.opened == 1);
        assertEquals(0, ((SocketStream) echo.last).peerEndpoint(local));
        assertEquals(0x7f00_0005, local.ipv4());
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:0", "@penstock-twice"})
    void connectingTwiceIsRefused(String where) {
        listen(where, echo);
        Recorder client = new Recorder();
        SocketStream stream = connect(client);
        assertEquals(ReturnCode.ALREADY_OPEN, stream.connect(at));
        turnUntil(() -> echo.opened == 1 && client.count("open") == 1);
        assertEquals(ReturnCode.ALREADY_OPEN, stream.connect(at));
        assertEquals(ReturnCode.ALREADY_OPEN, ((SocketStream) echo.last).connect(at));
        turns(3);
        assertEquals(List.of("open"), client.calls);
    }

    @Test
    void aConnectThatFailedCanBeTriedAgainOnTheSameSocket() {
        Recorder client = new Recorder();
        SocketStream stream = new SocketStream(loop, client);
        assertEquals(0, stream.open(Linux.AF_UNIX));
        at.parse("@penstock-not-yet");
        assertEquals(-Errno.ECONNREFUSED, stream.connect(at));
        assertTrue(stream.isOpen());
        listen("@penstock-not-yet", echo);
        assertEquals(0, stream.connect(at));
        turnUntil(() -> client.count("open") == 1 && echo.opened == 1);
    }

    @Test
    void aPathIsRemovedByItsMaker() throws IOException {
        Path path = Path.of("/tmp/penstock-listener-test.sock");
        Files.deleteIfExists(path);
        assertEquals(0, at.parse(path.toString()));
        Listener first = new Listener(loop, echo, 1);
        assertEquals(0, first.listen(at, 1));
        Listener second = new Listener(loop, echo, 1);
        assertEquals(-Errno.EADDRINUSE, second.listen(at, 1));
        assertEquals(0, second.open(Linux.AF_UNIX));
        assertEquals(-Errno.EADDRINUSE, second.listen(at, 1));
        second.close();
        turns(1);
        assertTrue(Files.exists(path), "not the second's");
        first.close();
        assertEquals(ReturnCode.CLOSED, first.close());
        turns(1);
        assertFalse(Files.exists(path));
    }

    // The backlog.

    @Test
    void aFullUnixBacklogIsAnsweredAtOnce() {
        Listener listener = new Listener(loop, echo, 1);
        at.parse("@penstock-backlog");
        assertEquals(0, listener.listen(at, 1));
        connect(new Recorder());
        turnUntil(() -> echo.opened == 1);
        Recorder refused = new Recorder();
        SocketStream one = new SocketStream(loop, refused);
        int rc = 0;
        List<SocketStream> waiting = new ArrayList<>();
        while (waiting.size() < 8 && (rc = one.connect(at)) == 0) {
            waiting.add(one);
            one = new SocketStream(loop, refused);
        }
        assertEquals(-Errno.EAGAIN, rc);
        assertEquals(2, waiting.size(), "the backlog, and the kernel's one more");
        assertFalse(one.isOpen());
        turns(3);
        assertEquals(List.of("open", "open"), refused.calls, "nothing of the one that failed");
        assertEquals(1, word(listener, ListenerMetrics.EXHAUSTED_OFFSET));
        SocketStream last = one;
        echo.last.close();
        turnUntil(() -> echo.opened == 2);
        assertEquals(0, last.connect(at), "there is room again");
        turnUntil(() -> refused.count("open") == 3);
    }

    @Test
    void aFullTcpBacklogWaits() {
        Listener listener = new Listener(loop, echo, 1);
        at.ipv4(Endpoint.IPV4_LOOPBACK, 0);
        assertEquals(0, listener.listen(at, 0));
        listener.localEndpoint(at);
        Recorder[] clients = new Recorder[4];
        SocketStream[] streams = new SocketStream[4];
        for (int i = 0; i < 4; i++) {
            clients[i] = new Recorder();
            streams[i] = connect(clients[i]);
            Recorder client = clients[i];
            if (i == 0) {
                turnUntil(() -> client.count("open") == 1 && echo.opened == 1);
            }
        }
        turns(5);
        assertEquals(1, clients[1].count("open"), "ready in the backlog");
        assertEquals(List.of(), clients[3].calls, "not even that");
        assertEquals(0, streams[3].close());
        turns(1);
        assertEquals(List.of("close"), clients[3].calls);
        streams[1].close();
        streams[0].close();
        turnUntil(() -> clients[2].count("open") == 1); // when the client repeats its handshake
        turnUntil(() -> echo.last.isOpen() && echo.opened >= 3);
    }

    // Opening again.

    @Test
    void aListenerListensAgainAfterClosing() {
        Listener listener = new Listener(loop, echo, 2);
        for (int life = 1; life <= 200; life++) { // more openings than the region has blocks
            at.parse("@penstock-reopened");
            assertEquals(0, listener.listen(at, 4), "life " + life);
            Recorder client = new Recorder();
            SocketStream stream = connect(client);
            int opened = life;
            turnUntil(() -> echo.opened == opened);
            assertEquals(1, word(listener, ListenerMetrics.ACCEPTED_OFFSET));
            assertEquals(0, listener.close());
            assertNotEquals(0, listener.listen(at, 4), "it is closing");
            turns(1);
            if (life % 50 == 1) {
                assertEquals(-Errno.EBUSY, listener.listen(at, 4), "a connection is open");
            }
            stream.write(bytes, 0, 7);
            turnUntil(() -> client.bytes == 7);
            stream.close();
            turnUntil(() -> echo.closed == opened);
        }
    }

    @Test
    void connectionsClosedInTheTurnOfTheirAcceptAreCounted() {
        Listener listener = listen("@penstock-counted", echo);
        int offset = listener.metricsOffset();
        connect(new Recorder());
        turnUntil(() -> echo.opened == 1);
        echo.last.close();
        listener.close();
        turns(1);
        assertEquals(1, listener.metrics().getLong(offset + ListenerMetrics.CLOSED_OFFSET));
    }

    @Test
    void aListenerMayBeClosedByItsConnections() {
        Listener[] listener = new Listener[1];
        Recorder server = new Recorder() {
            @Override
            public void onOpen(io.penstock.core.net.Stream stream) {
                super.onOpen(stream);
                assertEquals(0, listener[0].close());
            }
        };
        listener[0] = listen("@penstock-once", server);
        Recorder client = new Recorder();
        SocketStream one = connect(client);
        connect(client);
        turnUntil(() -> server.count("open") == 1);
        one.write(bytes, 0, 3);
        turnUntil(() -> server.bytes == 3);
        assertEquals(1, server.count("open"), "the second found nobody");
        turnUntil(() -> client.count("close") + client.count("end") == 1);
    }

    @Test
    void pooledConnectionsAreUsedOldestFirstAndKeepTheirAttachment() {
        Recorder server = new Recorder() {
            @Override
            public void onOpen(io.penstock.core.net.Stream stream) {
                calls.add(String.valueOf(stream.attachment()));
                if (stream.attachment() == null) {
                    stream.attachment(calls.size());
                }
                stream.resume();
            }

            @Override
            public void onEnd(io.penstock.core.net.Stream stream) {
                stream.close();
            }
        };
        Listener listener = new Listener(loop, server, 3);
        at.parse("@penstock-pooled");
        assertEquals(0, listener.listen(at, 3));
        for (int i = 0; i < 7; i++) {
            SocketStream stream = connect(new Recorder());
            turnUntil(() -> listener.connections() == 1);
            stream.close();
            turnUntil(() -> listener.connections() == 0);
        }
        server.calls.removeIf("close"::equals);
        assertEquals(List.of("null", "null", "null", "1", "3", "5", "1"), server.calls);
    }

    @Test
    void aReopenedStreamHasFreshCounters() {
        listen("@penstock-again", echo);
        Recorder client = new Recorder();
        SocketStream stream = new SocketStream(loop, client);
        for (int life = 1; life <= 3; life++) {
            int n = life;
            assertEquals(0, stream.connect(at));
            turnUntil(() -> client.count("open") == n);
            stream.write(bytes, 0, 10);
            turnUntil(() -> client.bytes == 10 * n);
            assertEquals(10, word(stream, StreamMetrics.READ_BYTES_OFFSET));
            stream.close();
            assertEquals(ReturnCode.ALREADY_OPEN, reopen(stream));
            turnUntil(() -> client.count("close") == n);
            assertEquals(1, word(stream, StreamMetrics.CLOSE_OFFSET));
        }
    }

    private static int reopen(SocketStream stream) {
        return stream.open(Linux.AF_UNIX);
    }

    // Faults.

    @ParameterizedTest
    @ValueSource(ints = {Errno.ECONNABORTED, Errno.EPERM, Errno.EPROTO})
    void anAcceptThatFailsForOneConnectionGoesOn(int errno) {
        posix.fail(Syscall.ACCEPT4, errno, 0, 2);
        Listener listener = listen("127.0.0.1:0", echo);
        connect(new Recorder());
        turnUntil(() -> echo.opened == 1);
        assertEquals(2, word(listener, ListenerMetrics.ERROR_OFFSET));
        assertEquals(0, word(listener, ListenerMetrics.BACKOFFS_OFFSET));
    }

    @ParameterizedTest
    @ValueSource(ints = {Errno.EINVAL, Errno.EBADF, Errno.ENOTSOCK})
    void anAcceptThatCanNeverSucceedClosesIt(int errno) {
        posix.fail(Syscall.ACCEPT4, errno, 0, 1);
        Listener listener = listen("127.0.0.1:0", echo);
        int offset = listener.metricsOffset();
        connect(new Recorder());
        turnUntil(() -> !listener.isOpen());
        turns(1);
        assertEquals(1, listener.metrics().getLong(offset + ListenerMetrics.ERROR_OFFSET));
    }

    @ParameterizedTest
    @ValueSource(ints = {Errno.ENFILE, Errno.ENOBUFS, Errno.ENOMEM})
    void outOfResourcesAListenerBacksOffAndNeverSpins(int errno) {
        posix.fail(Syscall.ACCEPT4, errno, 0, 2);
        Listener listener = listen("127.0.0.1:0", echo);
        connect(new Recorder());
        turnUntil(() -> echo.opened == 1);
        assertEquals(2, word(listener, ListenerMetrics.BACKOFFS_OFFSET));
        assertEquals(0, word(listener, ListenerMetrics.ERROR_OFFSET));
    }

    @Test
    void aReturnedConnectionDoesNotEndABackoff() {
        Listener listener = listen("@penstock-rest", echo);
        Recorder first = new Recorder();
        SocketStream one = connect(first);
        turnUntil(() -> echo.opened == 1);
        posix.fail(Syscall.ACCEPT4, Errno.EMFILE, 0, 1);
        connect(new Recorder());
        turnUntil(() -> word(listener, ListenerMetrics.BACKOFFS_OFFSET) == 1);
        one.close();
        turnUntil(() -> echo.closed == 1);
        assertEquals(1, echo.opened);
        turnUntil(() -> echo.opened == 2);
        assertEquals(1, word(listener, ListenerMetrics.BACKOFFS_OFFSET));
    }

    @Test
    void aListenerThatTheBackEndRefusesBacksOffAndRetries() {
        Listener listener = listen("127.0.0.1:0", echo);
        posix.fail(Syscall.EPOLL_CTL, Errno.ENOSPC, 0, 3);
        turnUntil(() -> listener.counter(ListenerMetrics.BACKOFFS_OFFSET) == 3);
        Recorder client = new Recorder();
        connect(client);
        turnUntil(() -> client.count("open") == 1);
        assertEquals(3, listener.counter(ListenerMetrics.BACKOFFS_OFFSET));
        assertEquals(0, listener.counter(ListenerMetrics.ERROR_OFFSET));
    }

    @Test
    void aListenerThatTheBackEndRefusesForGoodIsClosed() {
        Listener listener = listen("127.0.0.1:0", echo);
        posix.fail(Syscall.EPOLL_CTL, Errno.EBADF, 0, 1);
        turns(1);
        assertFalse(listener.isOpen());
    }

    @Test
    void aStreamThatTheBackEndRefusesIsClosedWithTheCode() {
        listen("127.0.0.1:0", echo);
        turns(1);
        posix.fail(Syscall.EPOLL_CTL, Errno.ENOMEM, 0, 1);
        Recorder client = new Recorder();
        SocketStream stream = connect(client);
        turnUntil(() -> client.count("close") == 1);
        assertEquals(-Errno.ENOMEM, client.result);
        assertEquals(List.of("close"), client.calls);
        assertEquals(1, word(stream, StreamMetrics.ERROR_OFFSET));
    }

    @Test
    void aListeningThatFailsLeavesNothing() {
        for (int call : new int[] {Syscall.SOCKET, Syscall.SETSOCKOPT, Syscall.LISTEN}) {
            posix.heal().fail(call, Errno.ENOMEM, 0, 1);
            at.ipv4(Endpoint.IPV4_LOOPBACK, 0);
            Listener listener = new Listener(loop, echo, 1);
            assertEquals(-Errno.ENOMEM, listener.listen(at, 1), "call " + call);
            assertFalse(listener.isOpen(), "call " + call);
            assertEquals(0, listener.listen(at, 1));
            listener.close();
            turns(1);
        }
        assertEquals(0, loop.run());
    }

    @Test
    void aConnectionThatFailsLeavesNothing() {
        listen("127.0.0.1:0", echo).release();
        for (int call : new int[] {Syscall.SOCKET, Syscall.CONNECT}) {
            posix.heal().fail(call, Errno.ENOMEM, 0, 1);
            SocketStream stream = new SocketStream(loop, new Recorder());
            assertEquals(-Errno.ENOMEM, stream.connect(at));
            assertFalse(stream.isOpen());
        }
        assertEquals(0, loop.run(), "nothing keeps it alive");
    }

    @Test
    void aConnectThatASignalInterruptsGoesOn() {
        listen("127.0.0.1:0", echo);
        posix.on(Syscall.CONNECT, (kernel, args) -> {
            kernel.call(args);
            return -Errno.EINTR;
        });
        Recorder client = new Recorder();
        connect(client);
        turnUntil(() -> client.count("open") == 1 && echo.opened == 1);
    }

    /** One block too few: the connection is closed and counted, and the loop does not spin. */
    @Test
    void withoutABlockForItsCountersAConnectionIsDropped() {
        MetricsRegion region = new MetricsRegion(5); // the loop's two, the listener's two, one
        try (EventLoop small = new EventLoop(new LoopConfig().handles(8).metrics(region))) {
            assertEquals(0, small.open());
            Listener listener = new Listener(small, echo, 2);
            at.parse("@penstock-small");
            assertEquals(0, listener.listen(at, 4));
            Recorder client = new Recorder();
            SocketStream stream = new SocketStream(small, client);
            assertEquals(0, stream.connect(at));
            SocketStream other = new SocketStream(small, client);
            assertEquals(ReturnCode.METRICS_EXHAUSTED, other.connect(at));
            assertEquals(ReturnCode.METRICS_EXHAUSTED, new Listener(small, echo, 1).listen(at, 4));
            for (int i = 0; i < 100 && client.count("end") == 0; i++) {
                small.runOnce(STEP_NS);
            }
            assertEquals(List.of("open", "end"), client.calls);
            assertEquals(1, word(listener, ListenerMetrics.ACCEPTED_OFFSET));
            assertEquals(1, word(listener, ListenerMetrics.ERROR_OFFSET));
            assertEquals(0, listener.connections());
            assertEquals(0, echo.opened);
            stream.close();
            small.runOnce(0);
            assertEquals(1, client.count("close"));
        }
    }

    @Test
    void closedAndOpenConnectionsSumUpToTheListeners() {
        Listener listener = listen("@penstock-sums", echo);
        SocketStream[] streams = new SocketStream[4];
        Recorder client = new Recorder();
        for (int i = 0; i < 4; i++) {
            streams[i] = connect(client);
            streams[i].open(Linux.AF_UNIX);
        }
        turnUntil(() -> client.count("open") == 4 && echo.opened == 4);
        for (int i = 0; i < 4; i++) {
            streams[i].write(bytes, 0, 100 << i);
        }
        turnUntil(() -> client.bytes == 1_500);
        streams[1].close();
        streams[2].close();
        turnUntil(() -> echo.closed == 2);
        MetricsReader reader = new MetricsReader();
        assertEquals(0, reader.wrap(loop.region().buffer()));
        long[] totals = new long[StreamMetrics.TYPE.fields()];
        int type = loop.region().register(StreamMetrics.TYPE);
        assertEquals(2, reader.total(type, listener.connectionAggregate(), totals));
        assertEquals(1_500, totals[StreamMetrics.READ_BYTES_OFFSET / Long.BYTES]);
        assertEquals(1_500, totals[StreamMetrics.WRITTEN_BYTES_OFFSET / Long.BYTES]);
        assertEquals(2, totals[StreamMetrics.CLOSE_OFFSET / Long.BYTES]);
        int clients = loop.aggregate(StreamMetrics.TYPE);
        assertEquals(2, reader.total(type, clients, totals), "the clients apart");
        assertEquals(1_500, totals[StreamMetrics.READ_BYTES_OFFSET / Long.BYTES]);
        assertEquals(4, reader.total(type, MetricsRegion.NO_AGGREGATE, totals));
        assertEquals(3_000, totals[StreamMetrics.READ_BYTES_OFFSET / Long.BYTES]);
        assertEquals(2, word(listener, ListenerMetrics.CLOSED_OFFSET));
    }
}
