package io.penstock.core.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.metrics.DialerMetrics;
import io.penstock.core.net.ScriptedNetwork.Begun;
import io.penstock.core.sys.Errno;
import io.penstock.core.testing.Descriptors;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several addresses of a peer, in virtual time. */
class DialerTest {
    private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long NEVER = ScriptedNetwork.NEVER;
    private static final long NO_LIMIT = EventLoop.NO_LIMIT;
    private static final int CAPACITY = 6;
    private static final int DROPS = 1; // ports
    private static final int REFUSES = 2;
    private static final int ACCEPTS = 3;
    private static final int UNREACHABLE = 4;

    private final List<Throwable> thrown = new ArrayList<>();
    private final DialRecorder handler = new DialRecorder();
    private int descriptors;
    private ScriptedNetwork network;
    private Dialer dialer;

    @BeforeEach
    void open() {
        descriptors = Descriptors.open();
        open(new LoopConfig().handles(16).onException((handle, t) -> thrown.add(t)));
    }

    private void open(LoopConfig config) {
        network = new ScriptedNetwork(config);
        network.on(DROPS, 0, NEVER);
        network.on(REFUSES, Errno.ECONNREFUSED, 10 * MS);
        network.on(ACCEPTS, 0, 30 * MS);
        network.on(UNREACHABLE, Errno.ENETUNREACH, 0);
        dialer = new Dialer(network.loop, StreamConnector.TCP, handler, CAPACITY);
    }

    @AfterEach
    void everythingIsGivenBack() {
        network.close();
        Descriptors.assertOpen(descriptors);
        StringBuilder out = new StringBuilder();
        DialerMetrics.brokenInvariants(dialer.metrics(), dialer.metricsOffset(), out);
        assertEquals("", out.toString());
    }

    private static Endpoint endpoint(String text) {
        Endpoint endpoint = new Endpoint();
        assertEquals(0, endpoint.parse(text));
        return endpoint;
    }

    private static Endpoint v4(int port) {
        return endpoint("127.0.0.1:" + port);
    }

    private static Endpoint v6(int port) {
        return endpoint("[::1]:" + port);
    }

    private int dial(long timeoutNs, Endpoint... list) {
        return dialer.dial(list, list.length, timeoutNs);
    }

    /** Milliseconds at which connects began, and to which port. */
    private List<Begun> begunMs() {
        return network.begun.stream().map(b -> new Begun(b.port(), b.atNs() / MS)).toList();
    }

    private void counted(int attempts, int failed, int abandoned, int connected) {
        assertEquals(List.of(1L, (long) attempts, (long) failed, (long) abandoned,
                (long) connected), List.of(dialer.counter(DialerMetrics.DIALS_OFFSET),
                dialer.counter(DialerMetrics.ATTEMPTS_OFFSET),
                dialer.counter(DialerMetrics.FAILED_OFFSET),
                dialer.counter(DialerMetrics.ABANDONED_OFFSET),
                dialer.counter(DialerMetrics.CONNECTED_OFFSET)));
    }

    @Test
    void theFirstAddressIsEnough() {
        assertEquals(0, dial(NO_LIMIT, v6(ACCEPTS), v4(DROPS)));
        assertEquals(List.of(), network.begun, "nothing happens inside the call");
        network.passTo(1_000 * MS);
        assertEquals(List.of("open"), handler.calls);
        assertEquals(List.of(new Begun(ACCEPTS, 0)), begunMs());
        assertEquals(0, dialer.winner());
        assertSame(dialer.stream(0), handler.stream);
        assertFalse(dialer.isOpen());
        counted(1, 0, 0, 1);
        handler.stream.close();
        network.settle();
        assertEquals(List.of("open", "close"), handler.calls);
        assertEquals(0, handler.result);
    }

    @Test
    void theSecondFamilyIsTriedAfterAQuarterOfASecond() {
        assertEquals(0, dial(NO_LIMIT, v6(DROPS), v4(ACCEPTS)));
        network.passTo(1_000 * MS);
        assertEquals(List.of(new Begun(DROPS, 0), new Begun(ACCEPTS, 250)), begunMs());
        assertEquals(List.of("open"), handler.calls);
        assertEquals(1, dialer.winner());
        assertEquals(v4(ACCEPTS), dialer.address(dialer.winner()));
        assertFalse(dialer.stream(0).isOpen(), "the other is closed, and nobody hears of it");
        assertEquals(0, dialer.code(0));
        counted(2, 0, 1, 1);
    }

    @Test
    void theFirstAddressMayStillWin() {
        network.on(5, 0, 260 * MS);
        assertEquals(0, dial(NO_LIMIT, v6(5), v4(ACCEPTS)));
        network.passTo(1_000 * MS);
        assertEquals(0, dialer.winner());
        assertFalse(dialer.stream(1).isOpen());
        assertEquals(List.of("open"), handler.calls);
        counted(2, 0, 1, 1);
    }

    @Test
    void furtherAddressesFollowEveryTwoSeconds() {
        assertEquals(0, dial(NO_LIMIT, v6(DROPS), v4(DROPS), endpoint("[::2]:1"),
                endpoint("127.0.0.2:1")));
        network.passTo(10_000 * MS);
        assertEquals(List.of(0L, 250L, 2_250L, 4_250L),
                begunMs().stream().map(Begun::atNs).toList());
        assertTrue(dialer.isOpen(), "the kernel has not given up");
        assertEquals(List.of(), handler.calls);
    }

    @Test
    void theNextAddressFollowsAFailureAtOnce() {
        assertEquals(0, dial(NO_LIMIT, v6(REFUSES), v4(UNREACHABLE), endpoint("[::2]:1"),
                v4(ACCEPTS)));
        network.passTo(10_000 * MS);
        assertEquals(List.of(new Begun(REFUSES, 0), new Begun(UNREACHABLE, 10),
                new Begun(DROPS, 10), new Begun(ACCEPTS, 2_010)), begunMs());
        assertEquals(3, dialer.winner());
        assertEquals(-Errno.ECONNREFUSED, dialer.code(0));
        assertEquals(-Errno.ENETUNREACH, dialer.code(1));
        assertEquals(0, dialer.code(2));
        counted(4, 2, 1, 1);
    }

    @Test
    void ifAllFailTheFirstAddressesCodeIsReported() {
        network.on(5, Errno.ETIMEDOUT, 3_000 * MS);
        assertEquals(0, dial(NO_LIMIT, v6(5), v4(REFUSES), endpoint("[::2]:4")));
        network.passTo(2_999 * MS);
        assertEquals(List.of(), handler.calls, "the first may still come to something");
        network.passTo(3_000 * MS);
        assertEquals(List.of("failed"), handler.calls);
        assertEquals(-Errno.ETIMEDOUT, handler.code);
        assertEquals(-1, dialer.winner());
        assertEquals(3, dialer.addresses());
        assertEquals(List.of(-Errno.ETIMEDOUT, -Errno.ECONNREFUSED, -Errno.ENETUNREACH),
                List.of(dialer.code(0), dialer.code(1), dialer.code(2)));
        counted(3, 3, 0, 0);
    }

    /** Even if no attempt was ever under way, no callback runs inside the call. */
    @Test
    void anImmediateFailureIsReportedInALaterTurn() {
        assertEquals(0, dial(NO_LIMIT, v4(UNREACHABLE), v6(UNREACHABLE)));
        assertEquals(List.of(), handler.calls);
        network.settle();
        assertEquals(List.of("failed"), handler.calls);
        assertEquals(-Errno.ENETUNREACH, handler.code);
    }

    @Test
    void theDeadlineEndsAllAttempts() {
        assertEquals(0, dial(1_000 * MS, v6(DROPS), v4(REFUSES), endpoint("[::2]:1")));
        network.passTo(1_000 * MS - 1);
        assertEquals(List.of(), handler.calls);
        network.passTo(1_000 * MS);
        assertEquals(List.of("failed"), handler.calls);
        assertEquals(ReturnCode.TIMED_OUT, handler.code);
        for (int i = 0; i < CAPACITY; i++) {
            assertFalse(dialer.stream(i).isOpen());
        }
        counted(3, 1, 2, 0);
    }

    @Test
    void aDialCanBeCancelled() {
        assertEquals(ReturnCode.NOT_OPEN, dialer.cancel());
        assertEquals(0, dial(NO_LIMIT, v6(DROPS), v4(DROPS)));
        network.passTo(300 * MS);
        assertEquals(0, dialer.cancel());
        assertEquals(ReturnCode.CLOSED, dialer.cancel());
        assertEquals(ReturnCode.ALREADY_OPEN, dial(NO_LIMIT, v4(ACCEPTS)), "it is closing");
        assertEquals(List.of(), handler.calls, "nothing happens inside the call");
        network.settle();
        assertEquals(List.of("failed"), handler.calls);
        assertEquals(-Errno.ECANCELED, handler.code);
        counted(2, 0, 2, 0);
        assertEquals(0, dial(NO_LIMIT, v4(ACCEPTS)));
        assertEquals(0, dialer.cancel(), "also before the first attempt");
        network.settle();
        counted(0, 0, 0, 0);
    }

    @Test
    void noAddressIsTriedAfterCancelling() {
        assertEquals(0, dial(1_000 * MS, v6(DROPS), v4(ACCEPTS)));
        network.passTo(249 * MS);
        assertEquals(0, dialer.cancel());
        network.nowNs = 2_000 * MS; // the time of the second address, and of the deadline
        network.settle();
        assertEquals(List.of("failed"), handler.calls);
        assertEquals(-Errno.ECANCELED, handler.code);
        assertEquals(1, network.begun.size());
    }

    @Test
    void cancelDoesNotCloseAConnection() {
        assertEquals(0, dial(NO_LIMIT, v4(ACCEPTS)));
        network.passTo(30 * MS);
        assertEquals(ReturnCode.CLOSED, dialer.cancel());
        assertEquals(ReturnCode.ALREADY_OPEN, dial(NO_LIMIT, v4(ACCEPTS)));
        assertTrue(handler.stream.isOpen());
    }

    @Test
    void aDialerMayDialAgainFromACallback() {
        List<Integer> answers = new ArrayList<>();
        DialRecorder again = new DialRecorder() {
            @Override
            public void onOpen(Stream stream) {
                super.onOpen(stream);
                answers.add(dial(NO_LIMIT, v4(ACCEPTS)));
                stream.close();
            }

            @Override
            public void onClose(Stream stream, int result) {
                super.onClose(stream, result);
                answers.add(calls.size() < 9 ? dial(NO_LIMIT, v4(REFUSES)) : 1);
            }

            @Override
            public void onFailed(Dialer failed, int code) {
                super.onFailed(failed, code);
                assertSame(dialer, failed);
                answers.add(dial(NO_LIMIT, v6(DROPS), v4(ACCEPTS)));
            }
        };
        dialer = new Dialer(network.loop, StreamConnector.TCP, again, CAPACITY);
        assertEquals(0, dial(NO_LIMIT, v4(REFUSES)));
        network.passTo(60_000 * MS);
        assertEquals(List.of("failed", "open", "close", "failed", "open", "close", "failed",
                "open", "close"), again.calls);
        int already = ReturnCode.ALREADY_OPEN;
        assertEquals(List.of(0, already, 0, 0, already, 0, 0, already, 1), answers);
    }

    @Test
    void impossibleDialsHaveACodeEach() {
        assertEquals(ReturnCode.ADDRESS_MISSING, dial(NO_LIMIT));
        assertEquals(ReturnCode.BAD_ARGUMENT, dial(NO_LIMIT, v4(1), v4(2), v4(3), v4(4), v4(5),
                v4(6), v4(7)));
        assertEquals(ReturnCode.BAD_ARGUMENT, dial(0, v4(ACCEPTS)));
        assertThrows(IndexOutOfBoundsException.class,
                () -> dialer.dial(new Endpoint[1], 2, NO_LIMIT));
        assertThrows(IllegalArgumentException.class,
                () -> new Dialer(network.loop, StreamConnector.TCP, handler, 0));
        assertThrows(NullPointerException.class,
                () -> new Dialer(network.loop, StreamConnector.TCP, null, 1));
        network.settle();
        assertEquals(List.of(), handler.calls);
        assertEquals(0, dialer.addresses());
        assertEquals(CAPACITY, dialer.capacity());
        assertEquals(0, dial(NO_LIMIT, new Endpoint(), v4(ACCEPTS)), "one of them is none");
        network.passTo(100 * MS);
        assertEquals(ReturnCode.ADDRESS_MISSING, dialer.code(0));
        assertEquals(1, dialer.winner());
    }

    private List<String> order(String... list) {
        Endpoint[] endpoints = new Endpoint[list.length];
        for (int i = 0; i < list.length; i++) {
            endpoints[i] = endpoint(list[i]);
        }
        assertEquals(0, dial(NO_LIMIT, endpoints));
        List<String> found = new ArrayList<>();
        for (int i = 0; i < dialer.addresses(); i++) {
            found.add(dialer.address(i).toString());
        }
        dialer.cancel();
        network.settle();
        return found;
    }

    @Test
    void familiesAlternateAndNoAddressIsTriedTwice() {
        assertEquals(List.of("[::1]:1", "1.1.1.1:1", "[::2]:1", "2.2.2.2:1", "[::3]:1"),
                order("[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1", "2.2.2.2:1"));
        assertEquals(List.of("1.1.1.1:1", "[::1]:1", "2.2.2.2:1", "3.3.3.3:1"),
                order("1.1.1.1:1", "2.2.2.2:1", "3.3.3.3:1", "[::1]:1"));
        assertEquals(List.of("1.1.1.1:1", "2.2.2.2:1"),
                order("1.1.1.1:1", "1.1.1.1:1", "2.2.2.2:1", "1.1.1.1:1"));
        assertEquals(List.of("1.1.1.1:1", "[::1]:1", "1.1.1.1:2"),
                order("1.1.1.1:1", "1.1.1.1:1", "1.1.1.1:2", "[::1]:1", "[::1]:1"));
    }

    @Test
    void theLoopClosesMeanwhile() {
        assertEquals(0, dial(NO_LIMIT, v6(DROPS), v4(REFUSES)));
        network.passTo(251 * MS);
        network.close();
        assertEquals(List.of("failed"), handler.calls);
        assertEquals(ReturnCode.CLOSED, handler.code);
        counted(2, 0, 2, 0);
        assertEquals(ReturnCode.NOT_OPEN, dial(NO_LIMIT, v4(ACCEPTS)));
    }

    @Test
    void theLoopClosesWhileItIsConnected() {
        assertEquals(0, dial(NO_LIMIT, v4(ACCEPTS)));
        network.passTo(30 * MS);
        network.close();
        assertEquals(List.of("open", "close"), handler.calls);
        assertEquals(ReturnCode.CLOSED, handler.result);
    }

    /** Nothing else keeps the loop alive, and the dial ends by itself. */
    @Test
    void aDialKeepsTheLoopAlive() {
        assertEquals(0, dial(NO_LIMIT, v4(UNREACHABLE), v6(UNREACHABLE)));
        assertEquals(0, network.loop.run());
        assertEquals(List.of("failed"), handler.calls);
    }

    @Test
    void aStreamForWhichThereIsNoHandleFails() {
        network.close();
        open(new LoopConfig().handles(2));
        assertEquals(0, dial(NO_LIMIT, v6(DROPS), v4(ACCEPTS)));
        network.passTo(1_000 * MS);
        assertTrue(dialer.isOpen());
        assertEquals(ReturnCode.HANDLES_EXHAUSTED, dialer.code(1));
        SocketStream another = new SocketStream(network.loop, handler);
        assertEquals(ReturnCode.HANDLES_EXHAUSTED, another.connect(v4(ACCEPTS)));
        dialer.cancel();
        network.settle();
        assertEquals(0, another.connect(v4(ACCEPTS)));
        network.settle();
        assertEquals(0, dial(NO_LIMIT, v4(ACCEPTS)));
        network.settle();
        assertEquals(ReturnCode.HANDLES_EXHAUSTED, handler.code);
        another.close();
    }

    @Test
    void aHandlerThatThrowsClosesItsStreamAlone() {
        DialRecorder throwing = new DialRecorder() {
            @Override
            public void onOpen(Stream stream) {
                super.onOpen(stream);
                throw new IllegalStateException("onOpen");
            }

            @Override
            public void onFailed(Dialer failed, int code) {
                super.onFailed(failed, code);
                throw new IllegalStateException("onFailed");
            }
        };
        dialer = new Dialer(network.loop, StreamConnector.TCP, throwing, CAPACITY);
        assertEquals(0, dial(NO_LIMIT, v6(DROPS), v4(ACCEPTS)));
        network.passTo(1_000 * MS);
        assertEquals(List.of("open", "close"), throwing.calls);
        assertEquals(ReturnCode.CALLBACK_THREW, throwing.result);
        counted(2, 0, 1, 1);
        assertEquals(0, dial(NO_LIMIT, v4(UNREACHABLE)));
        network.settle();
        assertEquals(List.of("open", "close", "failed"), throwing.calls);
        assertEquals(2, thrown.size());
        assertEquals(0, dial(NO_LIMIT, v4(UNREACHABLE)), "and can dial again");
    }

    /** The exception is charged to the dial that its callback had begun. */
    @Test
    void anExceptionAfterDiallingAgainEndsTheNewDial() {
        List<Integer> codes = new ArrayList<>();
        DialRecorder throwing = new DialRecorder() {
            @Override
            public void onFailed(Dialer failed, int code) {
                codes.add(code);
                if (codes.size() == 1) {
                    assertEquals(0, dial(NO_LIMIT, v4(DROPS)));
                    throw new IllegalStateException("onFailed");
                }
            }
        };
        dialer = new Dialer(network.loop, StreamConnector.TCP, throwing, CAPACITY);
        assertEquals(0, dial(NO_LIMIT, v4(UNREACHABLE)));
        network.settle();
        assertEquals(List.of(-Errno.ENETUNREACH, ReturnCode.CALLBACK_THREW), codes);
    }

    /** A connector that throws, before it has begun to connect and after. */
    private static final class BadConnector implements StreamConnector {
        private boolean connectsFirst;
        private boolean closes;

        @Override
        public Stream stream(EventLoop loop, StreamHandler handler) {
            return TCP.stream(loop, handler);
        }

        @Override
        public int connect(Stream stream, Endpoint peer) {
            if (peer.port() != DROPS) {
                return TCP.connect(stream, peer);
            }
            int rc = connectsFirst ? TCP.connect(stream, peer) : 0;
            if (closes) {
                stream.close();
                return rc;
            }
            throw new IllegalStateException("connect");
        }
    }

    @Test
    void aConnectorThatThrowsEndsTheDialOrFails() {
        BadConnector connector = new BadConnector();
        dialer = new Dialer(network.loop, connector, handler, CAPACITY);
        for (int i = 0; i < 2; i++) {
            assertEquals(0, dial(NO_LIMIT, v6(REFUSES), v4(DROPS), endpoint("127.0.0.2:3")));
            network.passAll();
            assertEquals(List.of("failed"), handler.calls);
            assertEquals(ReturnCode.CALLBACK_THREW, handler.code);
            counted(2, 2, 0, 0);
            handler.calls.clear();
            connector.connectsFirst = true;
        }
        assertEquals(2, thrown.size());
        network.close();
        open(new LoopConfig().handles(16)); // without an exception handler
        dialer = new Dialer(network.loop, connector, handler, CAPACITY);
        assertEquals(0, dial(NO_LIMIT, v4(DROPS), v4(ACCEPTS)));
        assertThrows(IllegalStateException.class, () -> network.loop.runOnce(0));
        network.passAll();
        assertEquals(List.of("open"), handler.calls);
        assertEquals(ReturnCode.CALLBACK_THREW, dialer.code(0));
        counted(2, 1, 0, 1);
    }

    /** Code that closes the stream of an attempt makes the attempt fail. */
    @Test
    void anAttemptWhoseStreamIsClosedFails() {
        BadConnector connector = new BadConnector();
        connector.connectsFirst = true;
        connector.closes = true;
        dialer = new Dialer(network.loop, connector, handler, CAPACITY);
        assertEquals(0, dial(NO_LIMIT, v4(DROPS), v4(ACCEPTS)));
        network.passAll();
        assertEquals(ReturnCode.CLOSED, dialer.code(0));
        assertEquals(1, dialer.winner());
    }

    @Test
    void theDialersCountersAreInTheLoopsAggregate() {
        assertEquals(0, dial(NO_LIMIT, v6(DROPS), v4(ACCEPTS)));
        network.passTo(1_000 * MS);
        handler.stream.close();
        network.settle();
        assertEquals(0, dial(NO_LIMIT, v4(REFUSES), v6(REFUSES)));
        network.passAll();
        int sum = network.loop.aggregate(DialerMetrics.TYPE);
        int at = network.loop.region().countersOffset(sum);
        StringBuilder out = new StringBuilder();
        assertEquals(0, DialerMetrics.brokenInvariants(network.loop.region().buffer(), at, out));
        assertEquals(2, network.loop.region().buffer().getLong(at));
        assertEquals(4, network.loop.region().buffer()
                .getLong(at + DialerMetrics.ATTEMPTS_OFFSET));
    }

    @Test
    void theStreamsHaveTheDialersName() {
        dialer.name("upstream");
        assertEquals("upstream", dialer.name());
        assertEquals("upstream", dialer.stream(CAPACITY - 1).name());
    }
}
