package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.net.Close;
import io.penstock.core.net.Gather;
import io.penstock.core.net.SocketStream;
import io.penstock.core.net.Stream;
import io.penstock.core.testing.Allocation;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written between open and onOpen. */
class EarlyWritesTest extends TlsFixture {
    private final SelfSigned identity = new SelfSigned();
    private final BufferPool queue = new BufferPool(4, 1_040);
    private final Recorder recorder = new Recorder();
    private final Recorder there = new Recorder();
    private TlsContext server;
    private TlsContext client;
    private TlsStream stream;
    private TlsStream far;
    private Wire wire;
    private Wire farWire;

    @BeforeEach
    void generate() {
        assertEquals(0, identity.generate());
    }

    private TlsConfig config() {
        return new TlsConfig().privateChannel(identity);
    }

    /** Both sides open over wires, whose transports are not open yet. */
    private void begin(TlsConfig config, boolean isServer) {
        server = server(isServer ? config : config());
        client = client(isServer ? config() : config);
        stream = new TlsStream(isServer ? server : client, recorder);
        far = new TlsStream(isServer ? client : server, there);
        assertEquals(0, stream.queue(queue));
        wire = new Wire(loop, stream.transport());
        farWire = new Wire(loop, far.transport());
        assertEquals(0, wire.begin());
        assertEquals(0, farWire.begin());
        assertEquals(0, stream.open(wire));
        assertEquals(0, far.open(farWire));
    }

    private void belowOpens() {
        stream.transport().onOpen(wire);
        far.transport().onOpen(farWire);
    }

    private void exchange() {
        wire.carryTo(farWire);
        farWire.carryTo(wire);
    }

    private void write(String text) {
        bytes.putStringWithoutLengthAscii(0, text);
        assertEquals(text.length(), stream.write(bytes, 0, text.length()));
    }

    @Test
    void withoutAQueueItIsNotOpen() {
        server = server(config());
        client = client(config());
        listen("@penstock-early", server, there);
        stream = new TlsStream(client, recorder);
        connect(stream);
        assertCode(ReturnCode.NOT_OPEN, stream.write(bytes, 0, 5));
        turnUntil(() -> recorder.count("open") == 1);
        assertEquals(5, stream.write(bytes, 0, 5));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void itGoesWhenThePeerIsVerifiedBeforeWhatOnOpenWrites(boolean isServer) {
        begin(config(), isServer);
        assertCode(ReturnCode.NOT_OPEN, stream.shutdown());
        assertCode(ReturnCode.NOT_OPEN, stream.updateKeys(true));
        assertEquals(0, stream.roomBytes());
        write("1 ");
        belowOpens();
        write("2 ");
        assertEquals(4, stream.queuedBytes());
        TlsContext context = isServer ? server : client;
        turnUntil(() -> {
            boolean isOpen = stream.life() == Life.OPEN;
            assertEquals(isOpen ? 1 : 0, context.counter(TlsMetrics.RECORDS_OUT_OFFSET));
            assertEquals(isOpen ? 0 : 4, stream.queuedBytes());
            exchange();
            return recorder.count("open") == 1;
        });
        write("3");
        turnUntil(() -> {
            exchange();
            return there.bytes == 5;
        });
        assertEquals("1 2 3", there.text.toString());
        assertEquals(List.of("open", "writable"), recorder.calls);
        assertEquals(queue.slabs(), queue.available());
        assertEquals(3, stream.counter(StreamMetrics.WRITES_OFFSET));
        assertEquals(2, stream.counter(StreamMetrics.EAGAIN_OFFSET));
        assertEquals(2, stream.counter(StreamMetrics.ALLOC_OFFSET));
        assertEquals(2, stream.counter(StreamMetrics.FREE_OFFSET));
        stream.close();
        turnUntil(() -> recorder.count("close") == 1);
        invariantsHold(stream);
    }

    /** What onOpen writes is behind what was written before, also if that had no room yet. */
    @Test
    void withNoRoomBelowItWaitsOn() {
        Recorder writes = new Recorder() {
            @Override
            public void onOpen(Stream s) {
                super.onOpen(s);
                EarlyWritesTest.this.bytes.putStringWithoutLengthAscii(0, "second");
                assertEquals(6, s.write(EarlyWritesTest.this.bytes, 0, 6));
            }
        };
        server = server(config());
        client = client(config());
        stream = new TlsStream(client, writes);
        far = new TlsStream(server, there);
        stream.queue(queue);
        wire = new Wire(loop, stream.transport());
        farWire = new Wire(loop, far.transport());
        wire.begin();
        farWire.begin();
        stream.open(wire);
        far.open(farWire);
        belowOpens();
        write("first ");
        turns(2);
        wire.carryTo(farWire);
        wire.room = 0;
        farWire.carryTo(wire);
        assertEquals(Life.OPEN, stream.life());
        assertEquals(List.of("open"), writes.calls);
        assertTrue(stream.queuedBytes() > 12, "the end of the handshake, and both");
        wire.widen(1 << 20);
        wire.carryTo(farWire);
        assertEquals("first second", there.text.toString());
        assertEquals(List.of("open", "writable"), writes.calls);
    }

    @Test
    void overASocketThatConnects() {
        server = server(config());
        client = client(config());
        Echo echo = new Echo();
        listen("127.0.0.1:0", server, echo);
        BufferPool large = new BufferPool(20, 16 << 10);
        stream = new TlsStream(client, recorder);
        stream.queue(large);
        SocketStream below = connect(stream);
        assertEquals(200_000, stream.write(bytes, 0, 200_000));
        turnUntil(() -> recorder.bytes == 200_000);
        assertEquals("open", recorder.calls.get(0));
        assertEquals(1, recorder.count("writable"));
        assertEquals(large.slabs(), large.available());
        assertTrue(below.isOpen());
        stream.close();
        turnUntil(() -> recorder.count("close") == 1);
        invariantsHold(stream);
    }

    @Test
    void thePoolIsTheBound() {
        begin(config(), false);
        assertCode(ReturnCode.MESSAGE_TOO_LONG, stream.write(bytes, 0, 4_097));
        assertEquals(3_000, stream.write(bytes, 0, 3_000));
        assertCode(ReturnCode.POOL_EXHAUSTED, stream.write(bytes, 0, 1_097));
        belowOpens();
        turnUntil(() -> {
            exchange();
            return recorder.count("open") == 1 && there.bytes == 3_000;
        });
        assertEquals(1, recorder.count("writable"));
        assertEquals(queue.slabs(), queue.available());
    }

    @Test
    void piecesToo() {
        begin(config(), false);
        Gather gather = new Gather(2);
        bytes.putStringWithoutLengthAscii(0, "head body");
        gather.add(bytes, 0, 5);
        gather.add(bytes, 5, 4);
        assertEquals(9, stream.write(gather));
        belowOpens();
        turnUntil(() -> {
            exchange();
            return there.bytes == 9;
        });
        assertEquals("head body", there.text.toString());
        assertEquals(1, client.counter(TlsMetrics.RECORDS_OUT_OFFSET));
    }

    /** Nothing is said to a peer that is not who it should be. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void ifThePeerIsNotVerifiedItIsDropped(boolean isServer) {
        SelfSigned other = new SelfSigned();
        assertEquals(0, other.generate());
        begin(new TlsConfig().privateChannel(other), isServer);
        write("secret");
        if (isServer) {
            assertEquals(0, stream.close(Close.WHEN_DRAINED), "and waits for the handshake");
        }
        belowOpens();
        turnUntil(() -> {
            exchange();
            return recorder.count("close") == 1 && there.count("close") == 1;
        });
        assertTrue(recorder.result < 0);
        assertEquals(List.of("close"), recorder.calls);
        assertEquals(0, there.bytes);
        for (TlsContext each : List.of(server, client)) {
            assertEquals(0, each.counter(TlsMetrics.PLAIN_OUT_BYTES_OFFSET));
            assertEquals(0, each.counter(TlsMetrics.RECORDS_OUT_OFFSET));
        }
        assertEquals(queue.slabs(), queue.available());
        assertEquals(1, stream.counter(StreamMetrics.ALLOC_OFFSET));
        assertEquals(1, stream.counter(StreamMetrics.FREE_OFFSET));
        assertEquals(0, stream.counter(StreamMetrics.WRITTEN_BYTES_OFFSET));
    }

    @Test
    void closingDropsIt() {
        begin(config(), false);
        write("gone");
        belowOpens();
        turns(1);
        assertEquals(0, stream.close());
        assertCode(ReturnCode.CLOSED, stream.write(bytes, 0, 1));
        turns(2);
        assertEquals(List.of("close"), recorder.calls);
        assertEquals(0, recorder.result);
        assertEquals(queue.slabs(), queue.available());
        assertEquals(0, client.counter(TlsMetrics.RECORDS_OUT_OFFSET));
    }

    @Test
    void closingWhenDrainedWaitsForTheHandshake() {
        begin(config(), false);
        write("last words");
        assertEquals(0, stream.close(Close.WHEN_DRAINED));
        assertCode(ReturnCode.CLOSED, stream.close(Close.WHEN_DRAINED));
        assertCode(ReturnCode.CLOSED, stream.write(bytes, 0, 1));
        assertCode(ReturnCode.CLOSED, stream.shutdown());
        assertTrue(stream.isOpen());
        belowOpens();
        turnUntil(() -> {
            exchange();
            return recorder.count("close") == 1;
        });
        assertEquals(0, recorder.result);
        assertEquals(List.of("close"), recorder.calls, "it was closed before it was open");
        wire.carryTo(farWire);
        assertEquals("last words", there.text.toString());
        assertEquals(1, there.count("end"), "close_notify came");
        invariantsHold(stream);
    }

    @Test
    void withNothingInTheQueueItClosesAtOnce() {
        begin(config(), false);
        wire.room = 10; // for a part of the hello
        belowOpens();
        turns(1);
        assertTrue(stream.queuedBytes() > 0, "the hello waits, which is nobody's message");
        assertEquals(0, stream.close(Close.WHEN_DRAINED));
        assertFalse(stream.isOpen());
        turns(2);
        assertEquals(List.of("close"), recorder.calls);
    }

    @Test
    @Tag("allocation")
    void earlyWritesAllocateNothing() {
        begin(config(), false);
        Quiet quiet = new Quiet();
        TlsStream near = new TlsStream(client, quiet);
        TlsStream answers = new TlsStream(server, quiet);
        near.queue(pool);
        Wire up = new Wire(loop, near.transport());
        Wire down = new Wire(loop, answers.transport());
        Allocation.assertNone("early writes", 300, 40, () -> {
            up.sentBytes = 0;
            down.sentBytes = 0;
            up.begin();
            down.begin();
            near.open(up);
            answers.open(down);
            near.transport().onOpen(up);
            answers.transport().onOpen(down);
            near.write(bytes, 0, 100_000);
            near.close(Close.WHEN_DRAINED);
            int closed = quiet.closed;
            while (quiet.closed < closed + 2) {
                loop.runOnce(0);
                up.carryTo(down);
                down.carryTo(up);
            }
        });
        assertTrue(quiet.bytes >= 300 * 100_000L);
    }
}
