package io.penstock.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.net.Endpoint;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.FaultyPosix.Rule;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A refused offload is remembered and counted, and each datagram is still sent once. */
class UdpGsoRefusedTest extends UdpFixture {
    private UdpSocket server;
    private UdpSocket client;

    /** Slots: two datagrams, then seven segments, then one datagram, then three segments. */
    @BeforeEach
    void openBoth() {
        server = bind(socket(), "127.0.0.1:0");
        client = connect(socket());
        batch.length(0, 10);
        batch.length(1, 11);
        assertEquals(7, batch.segments(2, 650, 100));
        batch.length(3, 12);
        assertEquals(3, batch.segments(4, 60, 25));
        for (int slot = 0; slot < 5; slot++) {
            for (int segment = 0; segment < batch.segments(slot); segment++) {
                batch.buffer().putShort(
                        batch.segmentOffset(slot, segment), (short) (slot << 8 | segment));
            }
        }
    }

    private static final int[] LENGTHS = {10, 11, 100, 100, 100, 100, 100, 100, 50, 12, 25, 25, 10};
    private static final int[] NAMES = {0, 0x100, 0x200, 0x201, 0x202, 0x203, 0x204, 0x205, 0x206,
        0x300, 0x400, 0x401, 0x402};

    private void assertAllCame() {
        DatagramBatch in = new DatagramBatch(20, 200);
        assertEquals(LENGTHS.length, server.receive(in));
        for (int i = 0; i < LENGTHS.length; i++) {
            assertEquals(LENGTHS[i], in.length(i));
            assertEquals(NAMES[i], in.buffer().getShort(in.offset(i)));
        }
        assertEquals(-Errno.EAGAIN, server.receive(in));
    }

    private int sendAll() {
        int calls = 0;
        int sent = 0;
        while (sent < 5) {
            int n = client.send(batch, sent, 5 - sent);
            assertTrue(n > 0 || n == -Errno.EAGAIN, "answered " + n);
            sent += Math.max(0, n);
            assertTrue(++calls < 50, "no end");
        }
        return calls;
    }

    @ParameterizedTest
    @ValueSource(ints = {Errno.EIO, Errno.EINVAL})
    void itIsAskedForOnce(int errno) {
        GsoRefusal refusal = new GsoRefusal(posix, errno);
        assertFalse(client.isGsoRefused());
        assertEquals(1, sendAll());
        assertTrue(client.isGsoRefused());
        assertAllCame();
        assertEquals(1, sendAll());
        assertAllCame();
        assertEquals(650, client.send(batch.buffer(), batch.offset(2), 650, 100, null));
        assertEquals(7, server.receive(new DatagramBatch(20, 200)));
        assertEquals(1, refusal.refused());
        assertEquals(1, client.counter(UdpMetrics.GSO_REFUSED_OFFSET));
        assertEquals(0, client.counter(UdpMetrics.SENT_SEGMENTS_OFFSET));
        assertEquals(33, client.counter(UdpMetrics.SENT_DATAGRAMS_OFFSET));
        pathInvariantsHold(client, server);
        client.close();
        server.close();
        invariantsHold(client, server);
        assertEquals(0, client.bind(at));
        assertFalse(client.isGsoRefused(), "a new life asks anew");
    }

    @ParameterizedTest
    @ValueSource(ints = {Errno.EIO, Errno.EINVAL})
    void aRegionGoesToo(int errno) {
        new GsoRefusal(posix, errno);
        assertEquals(650, client.send(bytes, 0, 650, 100, at));
        assertTrue(client.isGsoRefused());
        DatagramBatch in = new DatagramBatch(20, 200);
        assertEquals(7, server.receive(in));
        assertEquals(50, in.length(6));
        assertEquals(bytes.getByte(601), in.buffer().getByte(in.offset(6) + 1));
        assertEquals(1, client.counter(UdpMetrics.GSO_REFUSED_OFFSET));
    }

    /** Room runs out before each datagram in turn, also in the middle of the fallback. */
    @ParameterizedTest
    @CsvSource({"5,0", "5,1", "5,2", "5,5", "5,6", "5,7", "5,8", "22,0", "22,1", "22,3", "22,9"})
    void noRoomInTheMidstOfIt(int errno, int before) {
        new GsoRefusal(posix, errno);
        posix.fail(Syscall.SENDMSG, Errno.EAGAIN, before, 2);
        sendAll();
        assertAllCame();
        assertEquals(1, client.counter(UdpMetrics.GSO_REFUSED_OFFSET));
        pathInvariantsHold(client, server);
    }

    /** Other errors in the fallback are returned, each once, and lose no datagram. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 6, 7, 8})
    void anotherErrorInTheMidstOfIt(int before) {
        new GsoRefusal(posix, Errno.EIO);
        posix.fail(Syscall.SENDMSG, Errno.ENOBUFS, before, 1);
        int sent = 0;
        int told = 0;
        for (int calls = 0; sent < 5 && calls < 20; calls++) {
            int n = client.send(batch, sent, 1);
            assertTrue(n > 0 || n == -Errno.ENOBUFS, "answered " + n);
            told += n < 0 ? 1 : 0;
            sent += Math.max(0, n);
        }
        assertEquals(1, told);
        assertEquals(1, client.counter(UdpMetrics.ERROR_OFFSET));
        assertAllCame();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4, 6})
    void aRegionGoesOnWhereItStopped(int before) {
        new GsoRefusal(posix, Errno.EIO);
        posix.fail(Syscall.SENDMSG, Errno.EAGAIN, before, 1);
        int first = client.send(bytes, 0, 650, 100, at);
        assertEquals(before == 0 ? -Errno.EAGAIN : before * 100, first);
        int done = Math.max(0, first);
        assertEquals(650 - done, client.send(bytes, done, 650 - done, 100, at));
        DatagramBatch in = new DatagramBatch(20, 200);
        assertEquals(7, server.receive(in));
        for (int i = 0; i < 7; i++) {
            assertEquals(bytes.getByte(i * 100 + 7), in.buffer().getByte(in.offset(i) + 7));
        }
    }

    @Test
    void anotherFaultIsNotTakenForARefusal() {
        Endpoint nowhere = new Endpoint();
        assertEquals(0, nowhere.ipv4(Endpoint.IPV4_LOOPBACK, 0));
        UdpSocket unconnected = open(socket());
        assertEquals(-Errno.EINVAL, unconnected.send(bytes, 0, 650, 100, nowhere));
        batch.destination(2, nowhere);
        assertEquals(-Errno.EINVAL, unconnected.send(batch, 2, 1));
        assertFalse(unconnected.isGsoRefused());
        assertEquals(0, unconnected.counter(UdpMetrics.GSO_REFUSED_OFFSET));
        assertEquals(2, unconnected.counter(UdpMetrics.ERROR_OFFSET));
        assertEquals(650, unconnected.send(bytes, 0, 650, 100, at));
        assertEquals(7, unconnected.counter(UdpMetrics.SENT_SEGMENTS_OFFSET));
    }

    @Test
    void whoWasSentToInPartIsNotTheNextOneWhoIsSentTo() {
        new GsoRefusal(posix, Errno.EIO);
        UdpSocket sender = open(socket());
        UdpSocket other = socket();
        batch.destination(2, at);
        posix.fail(Syscall.SENDMSG, Errno.EAGAIN, 3, 1);
        assertEquals(-Errno.EAGAIN, sender.send(batch, 2, 1));
        assertEquals(3, sender.counter(UdpMetrics.SENT_DATAGRAMS_OFFSET));
        bind(other, "127.0.0.1:0");
        batch.destination(2, at);
        assertEquals(1, sender.send(batch, 2, 1));
        assertEquals(7, other.receive(new DatagramBatch(20, 200)), "from the first segment on");
        assertEquals(3, server.receive(new DatagramBatch(20, 200)));
    }

    @Test
    void theRuleOfTheTestLetsTheRestThrough() {
        GsoRefusal refusal = new GsoRefusal(posix, Errno.EIO);
        posix.on(Syscall.SENDMMSG, (kernel, args) -> Rule.PASS);
        assertEquals(2, client.send(batch, 0, 2));
        assertEquals(0, refusal.refused());
    }
}
