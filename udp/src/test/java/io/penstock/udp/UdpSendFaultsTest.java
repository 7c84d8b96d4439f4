package io.penstock.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.metrics.MetricsRegion;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.FaultyPosix.Rule;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sending while the kernel fails: no datagram is lost or sent twice, each error is returned. */
class UdpSendFaultsTest extends UdpFixture {
    private UdpSocket server;
    private UdpSocket client;

    /** Slots 0 to 9 hold their number, in one byte more each. */
    private void open() {
        server = bind(socket(), "127.0.0.1:0");
        client = connect(socket());
        for (int slot = 0; slot < 10; slot++) {
            batch.length(slot, 1 + slot);
            batch.buffer().putByte(batch.offset(slot), (byte) slot);
        }
    }

    /** Asserts that exactly these slots were received. */
    private void assertCame(int first, int end) {
        DatagramBatch in = new DatagramBatch(20, 100);
        int n = server.receive(in);
        assertEquals(end - first, Math.max(0, n));
        for (int slot = first; slot < end; slot++) {
            assertEquals(slot, in.buffer().getByte(in.offset(slot - first)));
            assertEquals(1 + slot, in.length(slot - first));
        }
    }

    /** Limits how many messages the next call sends. */
    private void takeOnly(int count) {
        int[] calls = {0};
        posix.on(Syscall.SENDMMSG, (kernel, args) -> {
            if (calls[0]++ > 0) {
                return Rule.PASS;
            }
            args[2] = Math.min(args[2], count);
            return kernel.call(args);
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {Errno.ENOBUFS, Errno.ECONNREFUSED, Errno.EPERM, Errno.ENETUNREACH})
    void whatStopsABatchIsToldByTheNextCall(int errno) {
        open();
        takeOnly(4);
        posix.fail(Syscall.SENDMMSG, errno, 0, 1);
        assertEquals(4, client.send(batch, 0, 10));
        assertEquals(0, client.counter(UdpMetrics.ERROR_OFFSET));
        assertEquals(-errno, client.send(batch, 4, 6));
        assertEquals(1, client.counter(UdpMetrics.ERROR_OFFSET));
        assertEquals(6, client.send(batch, 4, 6));
        assertCame(0, 10);
        assertEquals(2, client.counter(UdpMetrics.SENT_BATCHES_OFFSET));
        assertEquals(10, client.counter(UdpMetrics.SENT_DATAGRAMS_OFFSET));
        assertEquals(55, client.counter(UdpMetrics.SENT_BYTES_OFFSET));
    }

    @Test
    void noRoomInTheMidst() {
        open();
        takeOnly(3);
        posix.fail(Syscall.SENDMMSG, Errno.EAGAIN, 0, 1);
        int sent = client.send(batch, 0, 10);
        assertEquals(3, sent);
        assertEquals(-Errno.EAGAIN, client.send(batch, sent, 10 - sent));
        assertEquals(1, client.counter(UdpMetrics.EAGAIN_OFFSET));
        assertEquals(7, client.send(batch, sent, 10 - sent));
        assertCame(0, 10);
        pathInvariantsHold(client, server);
    }

    @Test
    void moreThanTheKernelTakesAtOnce() {
        open();
        DatagramBatch many = new DatagramBatch(2_500, 1);
        assertEquals(2_500, client.send(many, 0, 2_500), "1,024 a call");
        assertEquals(3, client.counter(UdpMetrics.SENT_BATCHES_OFFSET));
    }

    @Test
    void interruptedCallsAreMadeAgain() {
        open();
        Random random = new Random(7);
        for (int call : new int[] {Syscall.SENDMMSG, Syscall.SENDMSG, Syscall.SENDTO,
            Syscall.RECVMMSG, Syscall.RECVMSG}) {
            posix.failAtRandom(call, Errno.EINTR, 2, random);
        }
        for (int i = 0; i < 50; i++) {
            assertEquals(10, client.send(batch, 0, 10));
            assertCame(0, 10);
            assertEquals(250, client.send(bytes, 0, 250, 100, at));
            assertEquals(9, client.send(bytes, 0, 9));
            for (int length : new int[] {100, 100, 50, 9}) {
                assertEquals(length, server.receive(bytes, 300, 100, from));
            }
        }
        assertTrue(posix.injected() > 50);
        pathInvariantsHold(client, server);
        server.close();
        client.close();
        invariantsHold(server, client);
    }

    @Test
    void singleSendsAnswerWhatTheKernelSays() {
        open();
        posix.fail(Syscall.SENDTO, Errno.ENOBUFS, 0, 1).fail(Syscall.SENDTO, Errno.EAGAIN, 0, 1);
        assertEquals(-Errno.ENOBUFS, client.send(bytes, 0, 1));
        assertEquals(-Errno.EAGAIN, client.send(bytes, 0, 1));
        assertEquals(1, client.send(bytes, 0, 1));
        assertEquals(1, client.counter(UdpMetrics.ERROR_OFFSET));
        assertEquals(1, client.counter(UdpMetrics.EAGAIN_OFFSET));
        assertEquals(1, client.counter(UdpMetrics.SENT_DATAGRAMS_OFFSET));
    }

    @Test
    void openingFailsWithoutATrace() {
        at.parse("127.0.0.1:0");
        UdpSocket socket = socket();
        posix.fail(Syscall.SOCKET, Errno.EMFILE, 0, 1).fail(Syscall.BIND, Errno.EACCES, 0, 1);
        assertEquals(-Errno.EMFILE, socket.bind(at));
        assertEquals(-Errno.EACCES, socket.bind(at));
        assertFalse(socket.isOpen());
        assertEquals(ReturnCode.NOT_OPEN, socket.close());
        posix.fail(Syscall.CONNECT, Errno.ENETUNREACH, 0, 1);
        assertEquals(-Errno.ENETUNREACH, socket.connect(at));
        assertEquals(ReturnCode.NOT_OPEN, socket.send(batch, 0, 1));
        posix.failAlways(Syscall.SETSOCKOPT, Errno.ENOPROTOOPT);
        assertEquals(0, socket.bind(at), "drops are not known then");
        assertEquals(-Errno.EAFNOSUPPORT, socket().open(77));
        at.length(0);
        assertTrue(socket().bind(at) < 0);
    }

    @Test
    void everyTableFull() {
        UdpSocket[] more = new UdpSocket[8];
        for (int i = 0; i < more.length; i++) {
            more[i] = bind(socket(new Recorder()), "127.0.0.1:0");
        }
        UdpSocket ninth = socket(new Recorder());
        assertEquals(ReturnCode.HANDLES_EXHAUSTED, ninth.bind(at));
        assertFalse(ninth.isOpen());
        more[0].close();
        assertEquals(ReturnCode.HANDLES_EXHAUSTED, ninth.open(Linux.AF_INET), "not yet");
        turns(1);
        bind(ninth, "127.0.0.1:0");
    }

    @Test
    void metricsRegionFull() {
        // Blocks: the loop, the aggregates of streams and of sockets, and one socket.
        try (EventLoop small = new EventLoop(
                new LoopConfig().handles(4).metrics(new MetricsRegion(4)).posix(posix))) {
            assertEquals(0, small.open());
            UdpSocket one = new UdpSocket(small, new Recorder(), batch);
            bind(one, "127.0.0.1:0");
            UdpSocket two = new UdpSocket(small, new Recorder(), batch);
            assertEquals(ReturnCode.METRICS_EXHAUSTED, two.open(Linux.AF_INET));
            one.close();
            small.runOnce(0);
            assertEquals(0, two.open(Linux.AF_INET));
        }
    }
}
