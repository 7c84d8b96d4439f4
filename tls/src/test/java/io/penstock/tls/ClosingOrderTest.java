package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a TLS stream goes over tells its onClose before the TLS stream's turn, or after it. */
class ClosingOrderTest extends TlsFixture {
    /** When, seen from the close phase of the TLS stream. */
    enum Below {
        TURN_BEFORE(-1), BEFORE(-1), AFTER(0), TURN_AFTER(1), TURNS_AFTER(3);

        final int turns;

        Below(int turns) {
            this.turns = turns;
        }
    }

    private final SelfSigned identity = new SelfSigned();
    private final Echo echo = new Echo();
    private TlsContext server;
    private TlsContext client;
    private TlsStream stream;
    private TlsStream far;
    private Wire wire;
    private Wire farWire;

    @BeforeEach
    void openContexts() {
        assertEquals(0, identity.generate());
        server = server(new TlsConfig().privateChannel(identity));
        client = client(new TlsConfig().privateChannel(identity));
    }

    /** Opens both sides over wires that are open. */
    private void open() {
        assertEquals(0, wire.begin());
        assertCode(0, stream.open(wire));
        far = new TlsStream(server, echo);
        far.queue(pool);
        farWire = new Wire(loop, far.transport());
        assertEquals(0, farWire.begin());
        assertEquals(0, far.open(farWire));
        far.transport().onOpen(farWire);
        stream.transport().onOpen(wire);
    }

    private void turnUntilOpen(Recorder recorder, int times) {
        turnUntil(() -> {
            wire.carryTo(farWire);
            farWire.carryTo(wire);
            return recorder.count("open") == times && far.life() == Life.OPEN;
        });
    }

    /** Closes the stream, and what is below when that is due. */
    private void close(Below below) {
        wire.closesAfterTurns = below.turns;
        if (below == Below.TURN_BEFORE) {
            assertEquals(0, wire.close()); // and in its onClose the stream is closed
        } else {
            assertEquals(0, stream.close());
        }
    }

    /** Hands everything on, and closes the stream itself when what is below has closed. */
    private final class Closer implements StreamHandler {
        private StreamHandler to() {
            return stream.transport();
        }

        @Override
        public void onOpen(Stream below) {
            to().onOpen(below);
        }

        @Override
        public void onData(Stream below, DirectBuffer buffer, int offset, int length) {
            to().onData(below, buffer, offset, length);
        }

        @Override
        public void onWritable(Stream below) {
            to().onWritable(below);
        }

        @Override
        public void onEnd(Stream below) {
            to().onEnd(below);
        }

        @Override
        public void onClose(Stream below, int result) {
            stream.close();
            to().onClose(below, result);
        }
    }

    @ParameterizedTest
    @EnumSource
    void bothMayBeOpenedAgainInOnClose(Below below) {
        Recorder recorder = new Recorder() {
            @Override
            public void onClose(Stream s, int result) {
                super.onClose(s, result);
                assertTrue(wire.isGone, "what is below is there");
                assertEquals(Life.CLOSED, tls().life());
                if (count("close") == 1) {
                    open();
                }
            }
        };
        stream = new TlsStream(client, recorder);
        wire = new Wire(loop, new Closer());
        open();
        turnUntilOpen(recorder, 1);
        close(below);
        assertFalse(stream.isOpen() && below != Below.TURN_BEFORE);
        turnUntilOpen(recorder, 2);
        assertEquals(1, recorder.count("close"));
        assertEquals(0, recorder.result);
        assertSame(wire, stream.below());
        int before = echo.count("data");
        assertEquals(5, stream.write(bytes, 0, 5));
        wire.carryTo(farWire);
        assertEquals(before + 1, echo.count("data"));
        stream.close();
        turnUntil(() -> recorder.count("close") == 2);
    }

    @Test
    void untilThenItIsNeitherOpenNorToBeOpened() {
        Recorder recorder = new Recorder();
        stream = new TlsStream(client, recorder);
        wire = new Wire(loop, stream.transport());
        open();
        turnUntilOpen(recorder, 1);
        close(Below.TURNS_AFTER);
        for (int turn = 0; turn < 3; turn++) {
            turns(1);
            assertEquals(Life.GIVEN_BACK, stream.life());
            assertFalse(stream.isOpen());
            assertNull(stream.below());
            assertNull(loop.handle(stream.token()));
            assertCode(ReturnCode.CLOSED, stream.write(bytes, 0, 1));
            assertCode(ReturnCode.CLOSED, stream.close());
            assertCode(ReturnCode.CLOSED, stream.resume());
            assertCode(ReturnCode.ALREADY_OPEN, stream.open(wire));
            wire.bring(bytes, 0, 10); // it is nobody's any more
            assertEquals(0, recorder.count("close"));
        }
        turns(1);
        assertEquals(1, recorder.count("close"));
        assertCode(ReturnCode.NOT_OPEN, stream.open(wire)); // what is below is closed
        assertEquals(0, wire.begin());
        assertCode(0, stream.open(wire));
        stream.close();
        turnUntil(() -> recorder.count("close") == 2);
    }

    /** The stream has no slot then, and what is below may have been told not to. */
    @Test
    void theLoopGoesOnUntilThen() {
        Recorder recorder = new Recorder();
        stream = new TlsStream(client, recorder);
        wire = new Wire(loop, stream.transport());
        wire.release();
        open();
        turnUntilOpen(recorder, 1);
        far.close();
        turns(2);
        close(Below.TURNS_AFTER);
        assertEquals(0, loop.run());
        assertEquals(1, recorder.count("close"));
    }

    @ParameterizedTest
    @EnumSource
    void theLoopMayCloseMeanwhile(Below below) {
        Recorder recorder = new Recorder();
        stream = new TlsStream(client, recorder);
        wire = new Wire(loop, new Closer());
        open();
        turnUntilOpen(recorder, 1);
        close(below);
        turns(1);
        client.close();
        server.close();
        loop.close();
        assertEquals(1, recorder.count("close"));
        assertCode(0, recorder.result);
    }

    /** The one that is read, and the one that is written. */
    @ParameterizedTest
    @EnumSource
    void withTwoBelowItWaitsForBoth(Below first) {
        for (Below second : Below.values()) {
            Recorder recorder = new Recorder();
            stream = new TlsStream(client, recorder);
            Wire source = new Wire(loop, stream.transport());
            Wire sink = new Wire(loop, stream.transport());
            source.begin();
            sink.begin();
            assertEquals(0, stream.open(source, sink));
            stream.transport().onOpen(sink);
            assertEquals(Life.SINK_OPEN, stream.life());
            stream.transport().onOpen(sink);
            assertEquals(Life.SINK_OPEN, stream.life(), "once is enough");
            stream.transport().onOpen(source);
            assertEquals(Life.HANDSHAKING, stream.life());
            turns(2);
            assertTrue(sink.sentBytes > 0);
            assertEquals(0, source.sentBytes);
            source.closesAfterTurns = first.turns;
            sink.closesAfterTurns = second.turns;
            assertEquals(0, stream.close());
            turnUntil(() -> {
                assertEquals(source.isGone && sink.isGone ? 1 : 0, recorder.count("close"));
                return recorder.count("close") == 1;
            });
            assertEquals(0, recorder.result);
        }
    }

    /** The acceptor has one stream, which is not free before the one below is. */
    @ParameterizedTest
    @EnumSource
    void anAcceptorServesTheNextWhenTheOneBeforeHasGone(Below below) {
        TlsAcceptor acceptor = new TlsAcceptor(server, echo, 1);
        Wire first = new Wire(loop, acceptor);
        Wire second = new Wire(loop, acceptor);
        for (int round = 0; round < 3; round++) {
            first.begin();
            acceptor.onOpen(first);
            assertEquals(1, acceptor.connections());
            first.closesAfterTurns = below.turns;
            if (below == Below.TURN_BEFORE) {
                first.close();
            } else {
                ((TlsStream) first.attachment()).close();
            }
            turnUntil(() -> {
                boolean isTold = echo.count("close") == 1;
                assertTrue(first.isGone || !isTold);
                assertEquals(isTold ? 0 : 1, acceptor.connections());
                return isTold;
            });
            second.begin();
            acceptor.onOpen(second);
            assertTrue(second.isLive(), "it is served");
            second.close();
            turnUntil(() -> echo.count("close") == 2);
            assertEquals(0, acceptor.connections());
            echo.calls.clear();
        }
    }

    @Test
    void whoComesBetweenTheTwoWaits() {
        TlsAcceptor acceptor = new TlsAcceptor(server, echo, 1);
        Wire first = new Wire(loop, acceptor);
        Wire second = new Wire(loop, acceptor);
        Wire third = new Wire(loop, acceptor);
        first.begin();
        acceptor.onOpen(first);
        first.close();
        turns(1);
        assertTrue(first.isGone);
        assertEquals(0, echo.count("close"), "the TLS stream closes in the next turn");
        second.begin();
        third.begin();
        acceptor.onOpen(second);
        acceptor.onOpen(third);
        assertTrue(second.isLive());
        assertFalse(third.isLive(), "nobody leaves for this one");
        turns(2);
        assertEquals(1, echo.count("close"));
        assertEquals(1, acceptor.connections());
        assertTrue(second.isReading(), "it shakes hands");
    }
}
