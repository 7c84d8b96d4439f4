package io.penstock.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.HeapBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sockets on a loop: which callbacks are made, when, and how often. */
class UdpLoopTest extends UdpFixture {
    private final Recorder recorder = new Recorder();

    @Test
    void itStartsPausedAndThenTakesAll() {
        UdpSocket server = bind(socket(recorder), "127.0.0.1:0");
        UdpSocket client = connect(socket());
        for (int i = 0; i < 40; i++) {
            assertEquals(i, client.send(bytes, 0, i));
        }
        turns(3);
        assertEquals(List.of(), recorder.heard);
        assertEquals(0, server.resume());
        assertEquals(List.of(), recorder.heard, "not from inside a call");
        turns(1);
        assertEquals(List.of("datagrams 16", "datagrams 16", "datagrams 8"), recorder.heard);
        for (int i = 0; i < 40; i++) {
            assertEquals(i, recorder.lengths.get(i));
        }
        assertIdle();
        pathInvariantsHold(client, server);
        server.close();
        client.close();
        turns(1);
        invariantsHold(server, client);
    }

    @Test
    void itMayBeOpenedAgainInOnClose() {
        UdpSocket server = socket(recorder);
        recorder.onClose = () -> {
            if (recorder.closes == 1) {
                assertFalse(server.isOpen());
                bind(server, "127.0.0.1:0");
                assertEquals(0, server.resume());
            }
        };
        bind(server, "127.0.0.1:0").close();
        turns(1);
        assertTrue(server.isOpen());
        UdpSocket client = connect(socket());
        assertEquals(5, client.send(bytes, 0, 5));
        turnUntil(() -> recorder.datagrams == 1);
        server.close();
        client.close();
        turns(1);
        assertEquals(List.of("close 0", "datagrams 1", "close 0"), recorder.heard);
        invariantsHold(server, client);
    }

    @Test
    void aFloodDoesNotKeepTheLoopFromItsTurn() {
        UdpSocket server = bind(socket(recorder), "127.0.0.1:0");
        UdpSocket client = connect(socket());
        for (int i = 0; i < 150; i++) {
            client.send(bytes, 0, 1);
        }
        server.resume();
        turns(1);
        assertEquals(64, recorder.datagrams, "four batches a turn");
        turnUntil(() -> recorder.datagrams == 150);
    }

    @Test
    void aPauseInTheMidstOfARun() {
        UdpSocket server = bind(socket(recorder), "127.0.0.1:0");
        UdpSocket client = connect(socket());
        for (int i = 0; i < 40; i++) {
            client.send(bytes, 0, 1);
        }
        recorder.onDatagrams = server::pause;
        server.resume();
        turns(1);
        assertEquals(16, recorder.datagrams);
        assertIdle();
        assertEquals(16, recorder.datagrams);
        server.resume();
        turns(2);
        assertEquals(32, recorder.datagrams);
        recorder.onDatagrams = () -> { };
        server.resume();
        turns(1);
        assertEquals(40, recorder.datagrams);
    }

    @Test
    void theHandlerEchoesTheBatchItself() {
        UdpSocket[] server = new UdpSocket[1];
        Recorder echo = new Recorder() {
            @Override
            public void onDatagrams(UdpSocket socket, DatagramBatch batch, int count) {
                super.onDatagrams(socket, batch, count);
                assertEquals(count, socket.send(batch, 0, count));
            }
        };
        server[0] = bind(socket(echo), "127.0.0.1:0");
        server[0].resume();
        UdpSocket client = connect(socket());
        for (int round = 0; round < 5; round++) {
            for (int i = 0; i < 50; i++) {
                assertEquals(i, client.send(bytes, i, i));
            }
            turns(2);
            for (int i = 0; i < 50; i++) {
                assertEquals(i, client.receive(bytes, 10_000, 1_000, null));
                assertTrue(i == 0 || bytes.getByte(10_000) == bytes.getByte(i));
            }
        }
        pathInvariantsHold(client, server[0]);
        pathInvariantsHold(server[0], client);
    }

    @Test
    void severalSocketsShareABatch() {
        Recorder second = new Recorder();
        UdpSocket one = bind(socket(recorder), "127.0.0.1:0");
        UdpSocket toOne = connect(socket());
        UdpSocket two = bind(socket(second), "@penstock-udp-loop");
        UdpSocket toTwo = connect(socket());
        one.resume();
        two.resume();
        for (int i = 0; i < 30; i++) {
            assertEquals(10, toOne.send(bytes, 0, 10));
            assertEquals(20, toTwo.send(bytes, 0, 20));
            if (i % 7 == 0) {
                turns(1);
            }
        }
        turns(2);
        assertEquals(30, recorder.datagrams);
        assertEquals(30, second.datagrams);
        assertTrue(recorder.lengths.stream().allMatch(n -> n == 10));
        assertTrue(second.lengths.stream().allMatch(n -> n == 20));
    }

    @Test
    void oneSocketClosesAnotherThatIsReadyInTheSameTurn() {
        Recorder second = new Recorder();
        UdpSocket one = bind(socket(recorder), "127.0.0.1:0");
        UdpSocket toOne = connect(socket());
        UdpSocket two = bind(socket(second), "127.0.0.1:0");
        UdpSocket toTwo = connect(socket());
        recorder.onDatagrams = two::close;
        second.onDatagrams = one::close;
        one.resume();
        two.resume();
        toOne.send(bytes, 0, 1);
        toTwo.send(bytes, 0, 1);
        turns(2);
        assertEquals(1, recorder.datagrams + second.datagrams);
        assertEquals(1, recorder.closes + second.closes);
    }

    @Test
    void closingInTheMidstOfARun() {
        UdpSocket server = bind(socket(recorder), "127.0.0.1:0");
        UdpSocket client = connect(socket());
        for (int i = 0; i < 40; i++) {
            client.send(bytes, 0, 1);
        }
        recorder.onDatagrams = () -> {
            assertEquals(0, server.close());
            assertEquals(ReturnCode.CLOSED, server.close());
            assertEquals(ReturnCode.CLOSED, server.resume());
            assertEquals(ReturnCode.CLOSED, server.send(batch, 0, 1));
            assertEquals(ReturnCode.ALREADY_OPEN, server.open(Linux.AF_INET), "not closed yet");
        };
        server.resume();
        turns(3);
        assertEquals(List.of("datagrams 16", "close 0"), recorder.heard);
        invariantsHold(server);
        assertEquals(0, handles());
    }

    @Test
    void closingInOnClose() {
        UdpSocket server = bind(socket(recorder), "127.0.0.1:0");
        recorder.onClose = () -> assertEquals(ReturnCode.CLOSED, server.close());
        assertEquals(0, server.close());
        turns(3);
        assertEquals(1, recorder.closes);
        recorder.onClose = () -> { };
        bind(server, "127.0.0.1:0");
        server.close();
        turns(1);
        assertEquals(2, recorder.closes, "once a life");
        invariantsHold(server);
    }

    @Test
    void theLoopCloses() {
        bind(socket(recorder), "127.0.0.1:0").resume();
        bind(socket(recorder), "[::1]:0");
        UdpSocket third = bind(socket(recorder), "@penstock-udp-closing");
        third.close();
        loop.close();
        assertEquals(3, recorder.closes);
        assertEquals(2, recorder.heard.stream()
                .filter(("close " + ReturnCode.CLOSED)::equals).count());
        UdpSocket late = socket(recorder);
        assertEquals(ReturnCode.NOT_OPEN, late.bind(at));
        loop = new EventLoop(new LoopConfig());
        loop.open();
    }

    @Test
    void itKeepsTheLoopRunningWhileItIsOpen() {
        UdpSocket server = bind(socket(recorder), "127.0.0.1:0");
        UdpSocket client = connect(socket());
        recorder.onDatagrams = server::close;
        server.resume();
        client.send(bytes, 0, 1);
        assertEquals(0, loop.run());
        assertEquals(1, recorder.closes);
    }

    @Test
    void theTotalsOutliveTheSockets() {
        for (int life = 0; life < 3; life++) {
            UdpSocket server = bind(socket(recorder), "127.0.0.1:0");
            server.resume();
            UdpSocket client = connect(socket());
            client.send(bytes, 0, 100);
            turns(1);
            server.close();
            turns(1);
            assertEquals(1, server.counter(UdpMetrics.RECEIVED_DATAGRAMS_OFFSET));
        }
        int sum = loop.aggregate(UdpMetrics.TYPE);
        assertTrue(sum >= 0);
        assertEquals(300, loop.region().buffer().getLong(
                loop.region().countersOffset(sum) + UdpMetrics.RECEIVED_BYTES_OFFSET));
    }

    @Test
    void whatIsTheLoopsIsNotTheCallers() {
        UdpSocket server = bind(socket(recorder), "127.0.0.1:0");
        assertEquals(ReturnCode.ATTACHED, server.receive(batch));
        assertEquals(ReturnCode.ATTACHED, server.receive(bytes, 0, 1, from));
        assertEquals(ReturnCode.ATTACHED, server.takeError(from));
        UdpSocket free = bind(socket(), "127.0.0.1:0");
        assertEquals(ReturnCode.NOT_SUPPORTED, free.resume());
        assertEquals(ReturnCode.NOT_SUPPORTED, free.pause());
        UdpSocket heap = closedLater(new UdpSocket(loop, recorder,
                new DatagramBatch(HeapBuffer.of(10), 1, 10)));
        assertEquals(ReturnCode.HEAP_BUFFER, heap.open(Linux.AF_INET));
    }

    @Test
    void theKernelWillNotWaitForIt() {
        UdpSocket server = bind(socket(recorder), "127.0.0.1:0");
        posix.fail(Syscall.EPOLL_CTL, Errno.ENOMEM, 0, 1);
        server.resume();
        turns(2);
        assertEquals(List.of("close " + -Errno.ENOMEM), recorder.heard);
        assertFalse(server.isOpen());
    }

    @Test
    void receivingFails() {
        UdpSocket server = bind(socket(recorder), "127.0.0.1:0");
        UdpSocket client = connect(socket());
        posix.fail(Syscall.RECVMMSG, Errno.ENOMEM, 0, 1);
        server.resume();
        client.send(bytes, 0, 1);
        turnUntil(() -> recorder.datagrams == 1);
        assertEquals(List.of("error " + -Errno.ENOMEM + " none", "datagrams 1"), recorder.heard);
        assertEquals(1, server.counter(UdpMetrics.ERROR_OFFSET));
    }

    @Test
    void aSpuriousWakeUpIsNothing() {
        UdpSocket server = bind(socket(recorder), "127.0.0.1:0");
        UdpSocket client = connect(socket());
        posix.fail(Syscall.RECVMMSG, Errno.EAGAIN, 0, 1);
        server.resume();
        client.send(bytes, 0, 1);
        turnUntil(() -> recorder.datagrams == 1);
        assertEquals(List.of("datagrams 1"), recorder.heard);
        assertEquals(0, server.counter(UdpMetrics.EAGAIN_OFFSET), "that is for sending");
    }

    /** A connected Unix socket waits for its receiver's room; UDP never fills up on loopback. */
    @Test
    void roomAgainAfterThereWasNone() {
        UdpSocket server = bind(socket(), "@penstock-udp-full");
        UdpSocket client = connect(socket(recorder));
        for (int slot = 0; slot < 16; slot++) {
            batch.length(slot, slot + 1);
        }
        int sent = client.send(batch, 0, 16);
        assertTrue(sent > 0 && sent < 16, sent + " went");
        assertEquals(-Errno.EAGAIN, client.send(batch, sent, 16 - sent));
        assertEquals(-Errno.EAGAIN, client.send(bytes, 0, 1));
        assertEquals(2, client.counter(UdpMetrics.EAGAIN_OFFSET));
        assertIdle();
        DatagramBatch in = new DatagramBatch(16, 100);
        assertEquals(sent, server.receive(in));
        turnUntil(() -> recorder.writables == 1);
        assertEquals(16 - sent, client.send(batch, sent, 16 - sent));
        assertIdle();
        assertEquals(1, recorder.writables);
        assertEquals(16 - sent, server.receive(in));
        assertEquals(16, in.length(15 - sent));
        assertIdle();
        pathInvariantsHold(client, server);
        client.close();
        turns(1);
        invariantsHold(client);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void closingInOnWritable(boolean fails) {
        UdpSocket server = bind(socket(), "127.0.0.1:0");
        UdpSocket client = connect(socket(recorder));
        posix.fail(fails ? Syscall.SENDTO : Syscall.SENDMSG, Errno.EAGAIN, 0, 1);
        assertEquals(-Errno.EAGAIN,
                fails ? client.send(bytes, 0, 1) : client.send(bytes, 0, 20, 10, null));
        recorder.onWritable = client::close;
        turns(2);
        assertEquals(List.of("writable", "close 0"), recorder.heard);
        assertEquals(-Errno.EAGAIN, server.receive(batch));
    }
}
