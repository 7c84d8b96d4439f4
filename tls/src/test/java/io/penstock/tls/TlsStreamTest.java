package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.net.Close;
import io.penstock.core.net.Gather;
import io.penstock.core.net.SocketStream;
import io.penstock.core.net.Stream;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.Allocation;
import io.penstock.pipes.PipeStream;
import io.penstock.tls.openssl.Crypto;
import java.util.List;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a stream does once it is open. */
class TlsStreamTest extends TlsFixture {
    private final SelfSigned identity = new SelfSigned();
    private static final NativeBuffer NAMELESS = NativeBuffer.cString("none of that name");

    private final Echo echo = new Echo();
    private final Recorder recorder = new Recorder();
    private TlsContext server;
    private TlsContext client;
    private TlsStream stream;
    private Wire wire;
    private Wire farWire;
    private TlsStream far;

    @BeforeEach
    void generate() {
        assertEquals(0, identity.generate());
    }

    private TlsConfig config() {
        return new TlsConfig().privateChannel(identity);
    }

    private SocketStream connected() {
        server = server(config());
        client = client(config());
        listen("127.0.0.1:0", server, echo);
        stream = new TlsStream(client, recorder);
        SocketStream below = connect(stream);
        turnUntil(() -> recorder.count("open") == 1 && echo.count("open") == 1);
        return below;
    }

    /** Two sides joined by wires, at rest after the handshake. */
    private void wired(TlsConfig config, BufferPool queue, Recorder handler) {
        server = server(config());
        client = client(config);
        stream = new TlsStream(client, handler);
        far = new TlsStream(server, echo);
        far.queue(pool);
        if (queue != null) {
            stream.queue(queue);
        }
        wire = new Wire(loop, stream.transport());
        farWire = new Wire(loop, far.transport());
        assertEquals(0, wire.begin());
        assertEquals(0, farWire.begin());
        assertEquals(0, stream.open(wire));
        assertEquals(0, far.open(farWire));
        stream.transport().onOpen(wire);
        far.transport().onOpen(farWire);
        turnUntil(() -> {
            exchange();
            return handler.count("open") == 1 && echo.count("open") == 1;
        });
        exchange();
    }

    /** Carries what was sent to the other side. */
    private void exchange() {
        wire.carryTo(farWire);
        farWire.carryTo(wire);
    }

    private long counter(Stream of, int field) {
        return of.metrics().getLong(of.metricsOffset() + field);
    }

    private long recordsOut() {
        return client.metrics().getLong(client.metricsOffset() + TlsMetrics.RECORDS_OUT_OFFSET);
    }

    @Test
    void aKernelThatReportsRoomAndTakesNothingIsTriedByTheClock() {
        connected();
        int[] attempts = {0};
        posix.on(Syscall.SENDTO, (kernel, args) -> {
            attempts[0]++;
            return -Errno.EAGAIN;
        });
        assertEquals(1_000, stream.write(bytes, 0, 1_000), "one record may wait");
        turns(200);
        assertTrue(attempts[0] <= 4, () -> attempts[0] + " attempts");
        posix.heal();
        turnUntil(() -> recorder.bytes == 1_000);
    }

    @Test
    void piecesShareARecord() {
        connected();
        Gather gather = new Gather(3);
        assertEquals(0, gather.add(bytes, 0, 5));
        assertEquals(0, gather.add(bytes, 5, 1_000));
        assertEquals(0, gather.add(bytes, 1_005, 12));
        long records = recordsOut();
        assertEquals(1_017, stream.write(gather));
        assertEquals(1, recordsOut() - records);
        assertEquals(1, counter(stream, StreamMetrics.WRITES_OFFSET));
        assertEquals(1, counter(stream, StreamMetrics.FULL_OFFSET));
        assertEquals(1_017, counter(stream, StreamMetrics.WRITTEN_BYTES_OFFSET));
        turnUntil(() -> recorder.bytes == 1_017);
        assertEquals(0, gather.clear().add(bytes, 0, 20_000));
        assertEquals(0, gather.add(bytes, 20_000, 10_000));
        records = recordsOut();
        assertEquals(30_000, stream.write(gather));
        assertEquals(2, recordsOut() - records, "16 KiB and the rest");
        assertEquals(30_000, gather.lengthBytes(), "as it was");
        turnUntil(() -> recorder.bytes == 31_017);
        stream.close();
        turnUntil(() -> recorder.count("close") == 1);
        assertEquals(ReturnCode.CLOSED, stream.write(gather));
    }

    @Test
    void aQueueBehindTlsTakesPiecesWholeOrNot() {
        BufferPool queue = new BufferPool(4, 1_040);
        wired(config(), queue, recorder);
        wire.room = 0;
        Gather gather = new Gather(2);
        assertEquals(0, gather.add(bytes, 0, 100));
        assertEquals(0, gather.add(bytes, 100, 200));
        assertEquals(300, stream.write(gather), "a record, which waits in its slab");
        assertEquals(300, stream.write(gather), "in the queue");
        assertEquals(1, counter(stream, StreamMetrics.EAGAIN_OFFSET));
        assertEquals(1, counter(stream, StreamMetrics.ALLOC_OFFSET));
        assertEquals(0, gather.clear().add(bytes, 0, 3_000));
        assertEquals(0, gather.add(bytes, 0, 1_000));
        assertEquals(ReturnCode.POOL_EXHAUSTED, stream.write(gather));
        assertEquals(0, gather.clear().add(bytes, 0, 4_097));
        assertEquals(ReturnCode.MESSAGE_TOO_LONG, stream.write(gather));
        wire.widen(1 << 20);
        turnUntil(() -> {
            exchange();
            return recorder.bytes == 600;
        });
        assertEquals(4, queue.available());
        stream.close();
        turnUntil(() -> recorder.count("close") == 1);
        invariantsHold(stream);
    }

    @Test
    void aMegabyteEachWay() {
        SocketStream below = connected();
        int sent = 0;
        while (recorder.bytes < 1 << 20) {
            if (sent < 1 << 20) {
                int n = stream.write(bytes, sent, (1 << 20) - sent);
                assertTrue(n >= 0, () -> ReturnCode.describe(n));
                sent += n;
            }
            assertTrue(loop.runOnce(STEP_NS) >= 0);
        }
        stream.shutdown();
        turnUntil(() -> recorder.count("end") == 1 && echo.count("close") == 1);
        invariantsHold(echo.stream);
        assertEquals(1 << 20, counter(echo.stream, StreamMetrics.READ_BYTES_OFFSET));
        assertEquals(1 << 20, counter(echo.stream, StreamMetrics.WRITTEN_BYTES_OFFSET));
        stream.close();
        turnUntil(() -> recorder.count("close") == 1);
        invariantsHold(stream);
        assertEquals(1 << 20, client.counter(TlsMetrics.PLAIN_OUT_BYTES_OFFSET));
        assertEquals(1 << 20, client.counter(TlsMetrics.PLAIN_IN_BYTES_OFFSET));
        assertEquals(counter(below, StreamMetrics.WRITTEN_BYTES_OFFSET),
                client.counter(TlsMetrics.CIPHER_OUT_BYTES_OFFSET));
        assertEquals(counter(below, StreamMetrics.READ_BYTES_OFFSET),
                client.counter(TlsMetrics.CIPHER_IN_BYTES_OFFSET));
        assertTrue(client.counter(TlsMetrics.RECORDS_OUT_OFFSET) >= 64);
        assertEquals(0, client.counter(TlsMetrics.LIVE_OFFSET));
    }

    @Test
    void atMostARecordWaits() {
        wired(config().records(4), null, recorder);
        wire.room = 100;
        assertEquals(16 << 10, stream.write(bytes, 0, 40_000), "one record, and that in part");
        int queued = stream.queuedBytes();
        assertTrue(queued > (16 << 10) - 100 && queued < 17 << 10, () -> "" + queued);
        assertEquals(3, client.records().slabs.available());
        assertEquals(0, stream.write(bytes, 0, 10));
        assertEquals(0, recorder.count("writable"));
        wire.widen(500);
        assertEquals(0, recorder.count("writable"));
        wire.widen(40_000);
        assertEquals(1, recorder.count("writable"));
        assertEquals(0, stream.queuedBytes());
        assertEquals(4, client.records().slabs.available());
        assertEquals(1, client.counter(TlsMetrics.WAITS_OFFSET));
        wire.room = Integer.MAX_VALUE;
        exchange();
        assertEquals(16 << 10, echo.bytes);
        assertEquals(2, counter(stream, StreamMetrics.WRITES_OFFSET));
        assertEquals(1, counter(stream, StreamMetrics.INCOMPLETE_OFFSET));
        assertEquals(1, counter(stream, StreamMetrics.EAGAIN_OFFSET));
        assertEquals(1, counter(stream, StreamMetrics.DRAIN_OFFSET));
    }

    @Test
    void aQueueTakesAllOrNothing() {
        BufferPool slabs = new BufferPool(3, 1_000);
        wired(config().records(1), slabs, recorder);
        wire.room = 0;
        assertEquals(100, stream.write(bytes, 0, 100));
        assertEquals(2_000, stream.write(bytes, 100, 2_000));
        assertCode(ReturnCode.POOL_EXHAUSTED, stream.write(bytes, 0, 2_000));
        assertCode(ReturnCode.MESSAGE_TOO_LONG, stream.write(bytes, 0, 3_000));
        assertEquals(0, stream.shutdown());
        assertCode(-Errno.EPIPE, stream.write(bytes, 0, 1));
        assertEquals(0, stream.close(Close.WHEN_DRAINED));
        assertCode(ReturnCode.CLOSED, stream.close(Close.WHEN_DRAINED));
        assertCode(ReturnCode.CLOSED, stream.write(bytes, 0, 1));
        turns(3);
        assertEquals(0, recorder.count("close"));
        while (stream.isOpen()) {
            wire.widen(300);
            turns(1);
        }
        wire.carryTo(farWire);
        turns(3);
        assertEquals(2_100, echo.bytes);
        assertEquals(1, echo.count("end"), "close_notify came last");
        assertTrue(wire.isShutdown);
        assertEquals(0, recorder.result);
        assertEquals(3, slabs.available());
        invariantsHold(stream);
    }

    @Test
    void whoStalledFirstGivesItsSlabUp() {
        wired(config().records(1), null, recorder);
        Recorder second = new Recorder();
        TlsStream other = new TlsStream(client, second);
        Wire otherWire = new Wire(loop, other.transport());
        Recorder third = new Recorder();
        TlsStream otherFar = new TlsStream(server, third);
        Wire otherFarWire = new Wire(loop, otherFar.transport());
        otherWire.begin();
        otherFarWire.begin();
        other.open(otherWire);
        otherFar.open(otherFarWire);
        other.transport().onOpen(otherWire);
        otherFar.transport().onOpen(otherFarWire);
        turnUntil(() -> {
            otherWire.carryTo(otherFarWire);
            otherFarWire.carryTo(otherWire);
            return second.count("open") == 1 && third.count("open") == 1;
        });
        wire.room = 0;
        assertEquals(10, stream.write(bytes, 0, 10));
        assertCode(-Errno.EAGAIN, stream.updateKeys(true));
        assertEquals(10, other.write(bytes, 0, 10), "it was sent, and needs no slab");
        assertEquals(0, other.updateKeys(true));
        turns(2);
        assertEquals(0, client.counter(TlsMetrics.EXHAUSTED_OFFSET));
        assertTrue(stream.isOpen());
        otherWire.room = 0;
        assertEquals(10, other.write(bytes, 0, 10), "it must wait");
        assertFalse(stream.isOpen(), "and takes the slab of who waited longer");
        assertEquals(1, client.counter(TlsMetrics.EXHAUSTED_OFFSET));
        assertEquals(0, recorder.count("close"), "which is not told from inside the call");
        turns(2);
        assertCode(ReturnCode.RECLAIMED, recorder.result);
        assertEquals(0, other.write(bytes, 0, 10));
        otherWire.widen(1_000);
        turns(2);
        assertEquals(1, second.count("writable"));
        assertEquals(10, other.write(bytes, 0, 10));
        other.close();
    }

    @Test
    void withoutAWordEveryStreamHasASlab() {
        TlsContext context = client(config());
        assertTrue(context.records().slabs.slabs() * 2 >= loop.handles());
    }

    @Test
    void aPausedStreamHoldsOneRead() {
        SocketStream below = connected();
        stream.pause();
        int sent = 0;
        for (int i = 0; i < 200 && sent < 600_000; i++) {
            int n = echo.stream.write(bytes, sent, 4_096);
            sent += Math.max(0, n);
            loop.runOnce(0);
        }
        turns(20);
        assertEquals(0, recorder.bytes);
        assertTrue(counter(below, StreamMetrics.READ_BYTES_OFFSET) < (64 << 10) + 8_192);
        long total = sent;
        stream.resume();
        turnUntil(() -> recorder.bytes == total);
    }

    @Test
    void pausingInTheMiddleOfARead() {
        int[] paused = {0};
        Recorder pauses = new Recorder() {
            @Override
            public void onData(Stream s, DirectBuffer buffer, int offset, int length) {
                super.onData(s, buffer, offset, length);
                s.pause();
                paused[0]++;
            }
        };
        wired(config(), null, pauses);
        for (int i = 0; i < 5; i++) {
            assertEquals(10, far.write(bytes, 10 * i, 10));
        }
        farWire.carryTo(wire);
        for (int i = 1; i <= 5; i++) {
            turns(2);
            assertEquals(i, paused[0]);
            assertEquals(10L * i, pauses.bytes);
            assertFalse(wire.isReading());
            stream.resume();
        }
        turns(2);
        assertTrue(wire.isReading());
        assertEquals(bytes.getStringWithoutLengthAscii(0, 50), pauses.text.toString());
    }

    @Test
    void aMemoryOfItsOwnIsReadIntoInPieces() {
        wired(config(), null, recorder);
        NativeBuffer own = NativeBuffer.allocate(40);
        assertEquals(0, stream.readInto(own, 8, 32));
        assertEquals(100, far.write(bytes, 0, 100));
        farWire.carryTo(wire);
        assertEquals(4, recorder.count("data"));
        assertEquals(100, recorder.bytes);
        assertEquals(bytes.getStringWithoutLengthAscii(0, 100), recorder.text.toString());
        assertEquals(0, own.getLong(0));
    }

    @Test
    void errorsThatOthersLeftInTheThreadAreNotItsOwn() {
        wired(config(), null, recorder);
        assertEquals(10, far.write(bytes, 0, 10));
        int data = farWire.sentBytes;
        far.close();
        leaveAnError();
        wire.bring(farWire.sent, 0, data - 1);
        assertEquals(List.of("open"), recorder.calls);
        leaveAnError();
        wire.bring(farWire.sent, data - 1, 1);
        assertEquals(10, recorder.bytes);
        leaveAnError();
        assertEquals(10, stream.write(bytes, 0, 10));
        leaveAnError();
        wire.bring(farWire.sent, data, farWire.sentBytes - data);
        assertEquals(1, recorder.count("end"));
        assertEquals("", stream.outcome().failureText());
    }

    private static void leaveAnError() {
        assertEquals(0, Crypto.EVP_MD_fetch(0, NAMELESS.addressOffset(), 0));
        assertNotEquals(0, Crypto.ERR_peek_error());
    }

    @Test
    void aRingOfAnotherShapeIsAskedByCalls() {
        server = server(config());
        client = client(config());
        assertNotEquals(0, client.records().ring, "this version's is known");
        server.records().ring = 0;
        client.records().ring = 0;
        listen("127.0.0.1:0", server, echo);
        stream = new TlsStream(client, recorder);
        stream.queue(pool);
        connect(stream);
        turnUntil(() -> recorder.count("open") == 1);
        assertEquals(200_000, stream.write(bytes, 0, 200_000));
        turnUntil(() -> recorder.bytes == 200_000);
        stream.close();
        turnUntil(() -> recorder.count("close") == 1);
        invariantsHold(stream);
    }

    @Test
    void anEndWithoutCloseNotifyIsTruncation() {
        SocketStream below = connected();
        stream.write(bytes, 0, 10);
        turnUntil(() -> recorder.bytes == 10);
        below.shutdown();
        turnUntil(() -> echo.count("close") == 1 && recorder.count("close") == 1);
        assertCode(ReturnCode.TLS_TRUNCATED, echo.result);
        assertEquals(0, echo.count("end"));
        assertEquals(1, server.counter(TlsMetrics.TRUNCATED_OFFSET));
        assertEquals(1, counter(echo.stream, StreamMetrics.ERROR_OFFSET));
    }

    @Test
    void unlessThatIsAccepted() {
        wired(config().acceptTruncation(), null, recorder);
        wire.bringEnd();
        assertEquals(1, recorder.count("end"));
        assertEquals(5, stream.write(bytes, 0, 5));
    }

    @Test
    void closingSaysSoToThePeer() {
        connected();
        stream.close();
        turnUntil(() -> echo.count("close") == 1 && recorder.count("close") == 1);
        assertEquals(1, echo.count("end"));
        assertEquals(0, echo.result);
        assertEquals(0, recorder.result);
        assertNull(stream.below());
        assertCode(ReturnCode.CLOSED, stream.close());
        assertCode(ReturnCode.CLOSED, stream.resume());
        assertCode(ReturnCode.CLOSED, stream.read(bytes, 0, 1));
    }

    @Test
    void halfCloseLeavesTheOtherHalf() {
        wired(config(), null, recorder);
        stream.pause();
        assertEquals(0, stream.shutdown());
        assertEquals(0, stream.shutdown());
        assertTrue(wire.isShutdown);
        assertCode(-Errno.EPIPE, stream.write(bytes, 0, 1));
        assertEquals(1 << 18, far.write(bytes, 0, 1 << 18));
        farWire.carryTo(wire);
        stream.resume();
        turnUntil(() -> {
            farWire.carryTo(wire);
            return recorder.bytes == 1 << 18;
        });
        wire.carryTo(farWire);
        assertEquals(1, echo.count("end"));
    }

    @Test
    void keysAreUpdated() {
        connected();
        for (int i = 0; i < 10; i++) {
            assertEquals(0, stream.updateKeys(i % 2 == 0));
            assertEquals(0, ((TlsStream) echo.stream).updateKeys(true));
            stream.write(bytes, i, 100);
            long expected = 100L * (i + 1);
            turnUntil(() -> recorder.bytes == expected);
        }
        TlsContext old = client(config().protocols(TlsConfig.TLS_1_2, TlsConfig.TLS_1_2));
        TlsContext oldServer = server(config().protocols(TlsConfig.TLS_1_2, TlsConfig.TLS_1_2));
        listen("@penstock-12", oldServer, echo);
        Recorder second = new Recorder();
        TlsStream older = new TlsStream(old, second);
        connect(older);
        turnUntil(() -> second.count("open") == 1);
        assertCode(ReturnCode.NOT_SUPPORTED, older.updateKeys(true));
        older.write(bytes, 0, 10);
        turnUntil(() -> second.bytes == 10);
    }

    @Test
    void overAPairOfPipes() {
        server = server(config());
        client = client(config());
        stream = new TlsStream(client, recorder);
        far = new TlsStream(server, echo);
        far.queue(pool);
        PipeStream upSource = new PipeStream(loop, far.transport());
        PipeStream upSink = new PipeStream(loop, stream.transport());
        PipeStream downSource = new PipeStream(loop, stream.transport());
        PipeStream downSink = new PipeStream(loop, far.transport());
        assertEquals(0, PipeStream.open(upSource, upSink));
        assertEquals(0, PipeStream.open(downSource, downSink));
        assertEquals(0, stream.open(downSource, upSink));
        assertEquals(0, far.open(upSource, downSink));
        turnUntil(() -> recorder.count("open") == 1);
        int sent = 0;
        while (recorder.bytes < 500_000) {
            int n = stream.write(bytes, sent, 500_000 - sent);
            assertTrue(n >= 0);
            sent += n;
            loop.runOnce(STEP_NS);
        }
        stream.shutdown();
        turnUntil(() -> recorder.count("end") == 1 && echo.count("close") == 1);
        assertEquals(0, echo.result);
        stream.close();
        turnUntil(() -> recorder.count("close") == 1);
        assertEquals(0, recorder.result);
        invariantsHold(stream);
    }

    @Test
    void tlsWithinTls() {
        SocketStream below = connected();
        stream.close();
        turnUntil(() -> recorder.count("close") == 1 && echo.count("close") == 1);
        TlsContext outerServer = server(config());
        TlsContext outerClient = client(config());
        TlsAcceptor inner = new TlsAcceptor(server, echo, 2).queue(pool);
        listen("@penstock-within", outerServer, inner);
        Recorder recorded = new Recorder();
        TlsStream within = new TlsStream(client, recorded);
        TlsStream around = new TlsStream(outerClient, within.transport());
        connect(around);
        assertEquals(0, within.open(around));
        assertCode(ReturnCode.NOT_SUPPORTED, new TlsStream(outerClient, recorded).open(around));
        turnUntil(() -> recorded.count("open") == 1);
        within.write(bytes, 0, 50_000);
        turnUntil(() -> recorded.bytes == 50_000);
        within.shutdown();
        turnUntil(() -> recorded.count("end") == 1);
        within.close();
        turnUntil(() -> recorded.count("close") == 1);
        assertEquals(0, recorded.result);
        assertFalse(below.isOpen());
    }

    @Test
    void aServerHasNoSessionToOffer() {
        connected();
        stream.write(bytes, 0, 10);
        turnUntil(() -> recorder.bytes == 10);
        TlsSession session = new TlsSession();
        assertCode(0, stream.outcome().saveSession(session));
        int length = stream.outcome().exportSession(bytes, 0);
        assertTrue(length > 0);
        TlsStream[] accepting = {
            new TlsStream(server, recorder).session(session),
            new TlsStream(server, recorder).importSession(bytes, 0, length),
        };
        for (TlsStream each : accepting) {
            Wire below = new Wire(loop, each.transport());
            assertEquals(0, below.begin());
            assertCode(0, each.open(below));
            each.close();
        }
        session.close();
    }

    @Test
    void aFailureBelowIsOneCloseWithItsCode() {
        wired(config(), null, recorder);
        wire.failsWith = -Errno.ECONNRESET;
        assertCode(-Errno.ECONNRESET, stream.write(bytes, 0, 10));
        assertTrue(stream.isOpen());
        wire.close();
        turns(3);
        assertCode(ReturnCode.TLS_TRUNCATED, recorder.result);
        assertEquals(List.of("open", "close"), recorder.calls);
        assertEquals(2, counter(stream, StreamMetrics.ERROR_OFFSET));
    }

    /** EPERM is -1: no other meaning of -1 may hide it. */
    @Test
    void aHandshakeThatAFirewallForbidsEndsAtOnce() {
        server = server(config());
        client = client(config());
        listen("127.0.0.1:0", server, echo);
        posix.failAlways(Syscall.SENDTO, Errno.EPERM);
        stream = new TlsStream(client, recorder);
        connect(stream);
        turnUntil(() -> recorder.count("close") == 1);
        assertCode(-Errno.EPERM, recorder.result);
        assertEquals(1, client.counter(TlsMetrics.FAILED_OFFSET));
    }

    @Test
    void aResetIsToldAsSuch() {
        connected();
        posix.failAlways(Syscall.RECVFROM, Errno.ECONNRESET);
        stream.write(bytes, 0, 10);
        turnUntil(() -> echo.count("close") == 1);
        assertCode(-Errno.ECONNRESET, echo.result);
    }

    @Test
    void theLoopClosesEverything() {
        connected();
        stream.write(bytes, 0, 10);
        loop.close();
        assertCode(ReturnCode.CLOSED, recorder.result);
        assertCode(ReturnCode.CLOSED, echo.result);
    }

    @Test
    void anAcceptorThatIsFullTurnsAway() {
        server = server(config());
        client = client(config());
        TlsAcceptor acceptor = new TlsAcceptor(server, echo, 1);
        listen("@penstock-full", server, echo);
        listener.close();
        turns(2);
        listener = new io.penstock.core.net.Listener(loop, acceptor, 2);
        assertEquals(0, listener.listen(at, 8));
        connect(new TlsStream(client, recorder));
        turnUntil(() -> recorder.count("open") == 1);
        assertEquals(1, acceptor.connections());
        Recorder second = new Recorder();
        connect(new TlsStream(client, second));
        turnUntil(() -> second.count("close") == 1);
        assertTrue(second.result < 0);
        recorder.stream.close();
        turnUntil(() -> acceptor.connections() == 0);
        Recorder third = new Recorder();
        connect(new TlsStream(client, third));
        turnUntil(() -> third.count("open") == 1);
    }

    @Test
    @Tag("allocation")
    void recordsAllocateNothing() {
        wired(config(), null, recorder);
        recorder.calls.clear();
        Quiet quiet = new Quiet();
        TlsStream near = new TlsStream(client, quiet);
        TlsStream answers = new TlsStream(server, quiet);
        Wire up = new Wire(loop, near.transport());
        Wire down = new Wire(loop, answers.transport());
        up.begin();
        down.begin();
        near.open(up);
        answers.open(down);
        near.transport().onOpen(up);
        answers.transport().onOpen(down);
        turnUntil(() -> {
            up.carryTo(down);
            down.carryTo(up);
            return quiet.opened == 2;
        });
        Allocation.assertNone("records", 300, 300, () -> {
            near.write(bytes, 0, 64);
            near.write(bytes, 0, 40_000);
            up.carryTo(down);
            answers.write(bytes, 0, 1_000);
            answers.pause();
            near.updateKeys(true);
            up.carryTo(down);
            answers.resume();
            loop.runOnce(0);
            down.carryTo(up);
            up.room = 10;
            near.write(bytes, 0, 100);
            near.write(bytes, 0, 100);
            up.widen(10_000);
            up.room = Integer.MAX_VALUE;
            up.carryTo(down);
        });
        near.close();
        answers.close();
    }

    @Test
    @Tag("allocation")
    void handshakesAllocateNothingOnceWarm() {
        server = server(config().alpn("a", "b"));
        client = client(config().alpn("b"));
        Quiet quiet = new Quiet();
        TlsAcceptor acceptor = new TlsAcceptor(server, quiet, 2);
        listener = new io.penstock.core.net.Listener(loop, acceptor, 2);
        assertEquals(0, at.parse("@penstock-allocation"));
        assertEquals(0, listener.listen(at, 8));
        TlsStream[] one = {new TlsStream(client, quiet)};
        SocketStream below = new SocketStream(loop, one[0].transport());
        Allocation.assertNone("handshake", 300, 40, () -> {
            below.connect(at);
            one[0].open(below);
            quiet.awaitOpened(loop, quiet.opened + 2);
            one[0].write(bytes, 0, 10);
            int closed = quiet.closed;
            one[0].close();
            quiet.awaitClosed(loop, closed + 2);
        });
        assertTrue(server.counter(TlsMetrics.DONE_OFFSET) > 300);
    }

    /** Counts, and allocates nothing itself. */
}
