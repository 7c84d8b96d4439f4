package io.penstock.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.SocketOption;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.testing.Descriptors;
import io.penstock.core.testing.HeapBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sockets of no loop, over loopback, where datagrams have arrived when send returns. */
class UdpSocketTest {
    private final UdpSocket server = new UdpSocket();
    private final UdpSocket client = new UdpSocket();
    private final Endpoint at = new Endpoint();
    private final Endpoint from = new Endpoint();
    private final NativeBuffer buffer = NativeBuffer.allocate(1 << 16);
    private int descriptors;

    @BeforeEach
    void count() {
        descriptors = Descriptors.open();
    }

    @AfterEach
    void close() {
        if (server.isOpen()) {
            server.close();
        }
        if (client.isOpen()) {
            client.close();
        }
        Descriptors.assertOpen(descriptors);
    }

    private void bind(String address) {
        assertEquals(0, at.parse(address));
        assertEquals(0, server.bind(at));
        assertEquals(0, server.localEndpoint(at));
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:0", "[::1]:0", "unix:@penstock-udp-test"})
    void oneDatagramThereAndBack(String address) {
        bind(address);
        if (at.isUnix()) {
            Endpoint own = new Endpoint();
            assertEquals(0, own.parse("unix:@penstock-udp-client"));
            assertEquals(0, client.bind(own));
        } else {
            assertEquals(0, client.open(at.family()));
        }
        buffer.putStringWithoutLengthAscii(0, "hello");
        assertEquals(5, client.send(buffer, 0, 5, at));
        assertEquals(5, server.receive(buffer, 100, 1000, from));
        assertEquals("hello", buffer.getStringWithoutLengthAscii(100, 5));
        assertEquals(5, server.send(buffer, 100, 5, from));
        assertEquals(5, client.receive(buffer, 200, 1000, from));
        assertEquals("hello", buffer.getStringWithoutLengthAscii(200, 5));
        assertEquals(at, from);
        assertEquals(-Errno.EAGAIN, client.receive(buffer, 0, 1000, from));
        assertInvariants();
    }

    @Test
    void dualStackTakesBoth() {
        assertEquals(0, server.open(Linux.AF_INET6));
        assertEquals(0, server.setOption(SocketOption.IPV6_V6ONLY, 0));
        bind("[::]:0");
        int port = at.port();
        at.ipv4(Endpoint.IPV4_LOOPBACK, port);
        assertEquals(0, client.open(Linux.AF_INET));
        assertEquals(1, client.send(buffer, 0, 1, at));
        assertEquals(1, server.receive(buffer, 0, 10, from));
        assertTrue(from.isIpv4Mapped());
        assertEquals(2, server.send(buffer, 0, 2, from));
        assertEquals(2, client.receive(buffer, 0, 10, from));
    }

    @Test
    void aBatchThereAndBack() {
        bind("127.0.0.1:0");
        assertEquals(0, client.connect(at));
        DatagramBatch out = new DatagramBatch(64, 100);
        for (int slot = 0; slot < 64; slot++) {
            assertEquals(0, out.length(slot, slot));
            out.buffer().setMemory(out.offset(slot), slot, (byte) slot);
        }
        assertEquals(64, client.send(out, 0, 64));
        DatagramBatch in = new DatagramBatch(100, 100);
        assertEquals(64, server.receive(in));
        for (int slot = 0; slot < 64; slot++) {
            assertEquals(slot, in.length(slot));
            assertEquals(1, in.segments(slot));
            assertFalse(in.isTruncated(slot));
            for (int i = 0; i < slot; i++) {
                assertEquals(slot, in.buffer().getByte(in.offset(slot) + i));
            }
        }
        assertEquals(64, server.send(in, 0, 64), "as they came, to whom they came from");
        assertEquals(64, client.receive(in));
        assertEquals(63, in.length(63));
        assertInvariants();
    }

    @Test
    void theKernelCutsAndJoins() {
        bind("127.0.0.1:0");
        assertEquals(0, server.setOption(SocketOption.UDP_GRO, 1));
        assertEquals(0, client.connect(at));
        DatagramBatch out = new DatagramBatch(2, 65_000);
        assertEquals(64, out.segments(0, 64 * 1000 - 1, 1000));
        assertEquals(1, out.segments(1, 7, 1000));
        for (int i = 0; i < 64; i++) {
            out.buffer().putInt(out.segmentOffset(0, i), i);
        }
        assertEquals(2, client.send(out, 0, 2));
        assertFalse(client.isGsoRefused());
        DatagramBatch in = new DatagramBatch(64, 65_536);
        int segments = 0;
        long bytes = 0;
        int n;
        while ((n = server.receive(in)) > 0) {
            for (int slot = 0; slot < n; slot++) {
                for (int i = 0; i < in.segments(slot); i++) {
                    if (segments < 64) {
                        assertEquals(segments, in.buffer().getInt(in.segmentOffset(slot, i)));
                        assertEquals(segments == 63 ? 999 : 1000, in.segmentLength(slot, i));
                    }
                    segments++;
                    bytes += in.segmentLength(slot, i);
                }
            }
        }
        assertEquals(65, segments);
        assertEquals(64_006, bytes);
        assertEquals(64, client.counter(UdpMetrics.SENT_SEGMENTS_OFFSET));
        assertTrue(server.counter(UdpMetrics.RECEIVED_SEGMENTS_OFFSET) > 0);
        assertInvariants();
    }

    @Test
    void aRegionAsSegments() {
        bind("[::1]:0");
        assertEquals(0, client.open(Linux.AF_INET6));
        assertEquals(4_500, client.send(buffer, 0, 4_500, 1_000, at));
        DatagramBatch in = new DatagramBatch(64, 2_000);
        assertEquals(5, server.receive(in));
        assertEquals(1_000, in.length(0));
        assertEquals(500, in.length(4));
        assertInvariants();
    }

    @Test
    void whatDoesNotFitIsMarkedAndNeverOverruns() {
        bind("127.0.0.1:0");
        assertEquals(0, client.connect(at));
        buffer.setMemory(0, 100, (byte) 7);
        assertEquals(100, client.send(buffer, 0, 100));
        assertEquals(50, client.send(buffer, 0, 50));
        DatagramBatch in = new DatagramBatch(3, 50);
        assertEquals(2, server.receive(in));
        assertTrue(in.isTruncated(0));
        assertEquals(50, in.length(0));
        assertFalse(in.isTruncated(1));
        assertEquals(0, in.buffer().getByte(in.offset(2)));
        assertEquals(100, client.send(buffer, 0, 100));
        buffer.setMemory(0, 200, (byte) 0);
        assertEquals(100, server.receive(buffer, 0, 10, null), "its length, though cut off");
        assertEquals(7, buffer.getByte(9));
        assertEquals(0, buffer.getByte(10));
        assertEquals(2, server.counter(UdpMetrics.TRUNCATED_OFFSET));
    }

    @Test
    void whatTheKernelTellsOfADatagram() {
        assertEquals(0, server.open(Linux.AF_INET));
        for (SocketOption option : new SocketOption[] {SocketOption.IP_PKTINFO,
            SocketOption.IP_RECVTOS, SocketOption.SO_TIMESTAMPNS}) {
            assertEquals(0, server.setOption(option, 1));
        }
        bind("0.0.0.0:0");
        at.ipv4(0x7f000005, at.port()); // 127.0.0.5
        DatagramBatch batch = new DatagramBatch(4, 100);
        assertEquals(0, client.open(Linux.AF_INET));
        batch.length(0, 3);
        batch.destination(0, at);
        assertEquals(0, batch.trafficClass(0, 2));
        assertEquals(1, client.send(batch, 0, 1));
        assertEquals(1, server.receive(batch));
        assertEquals(2, batch.ecn(0));
        assertEquals(1, batch.interfaceIndex(0));
        Endpoint local = new Endpoint();
        assertEquals(0, batch.local(0, local));
        assertEquals("127.0.0.5:0", local.toString());
        long now = System.currentTimeMillis();
        assertEquals(now, batch.timestampNs(0) / 1_000_000, 10_000);
        assertEquals(1, server.send(batch, 0, 1), "from where it was sent to");
        assertEquals(1, client.receive(batch));
        batch.sender(0, from);
        assertEquals(at, from);
        assertEquals(ReturnCode.NOT_SUPPORTED, batch.ecn(0));
        assertEquals(ReturnCode.NOT_SUPPORTED, batch.local(0, local));
        assertEquals(0, batch.timestampNs(0));
    }

    @Test
    void errorsThatComeBack() {
        bind("127.0.0.1:0");
        server.close();
        assertEquals(0, client.open(Linux.AF_INET));
        assertEquals(0, client.setOption(SocketOption.IP_RECVERR, 1));
        Endpoint destination = new Endpoint();
        assertEquals(-Errno.EAGAIN, client.takeError(destination));
        assertEquals(5, client.send(buffer, 0, 5, at));
        assertEquals(-Errno.ECONNREFUSED, client.takeError(destination));
        assertEquals(at, destination);
        assertEquals(0, client.errorOffender(from));
        assertEquals("127.0.0.1:0", from.toString());
        assertEquals(ReturnCode.NOT_SUPPORTED, client.errorMtuBytes());
        assertEquals(-Errno.EAGAIN, client.takeError(destination));
        assertEquals(0, client.setOption(SocketOption.IP_MTU_DISCOVER, 2));
        assertEquals(-Errno.EMSGSIZE, client.send(buffer, 0, 65_508, at));
        assertEquals(2, client.counter(UdpMetrics.ERROR_OFFSET));
    }

    @Test
    void badInputIsACodeEach() {
        assertEquals(ReturnCode.NOT_OPEN, client.send(buffer, 0, 1, at));
        DatagramBatch batch = new DatagramBatch(2, 100);
        assertEquals(ReturnCode.NOT_OPEN, client.receive(batch));
        bind("127.0.0.1:0");
        assertEquals(0, client.open(Linux.AF_INET));
        assertEquals(ReturnCode.ALREADY_OPEN, client.open(Linux.AF_INET));
        DatagramBatch heap = new DatagramBatch(HeapBuffer.of(100), 1, 100);
        assertEquals(ReturnCode.HEAP_BUFFER, client.send(heap, 0, 1));
        assertEquals(ReturnCode.HEAP_BUFFER, client.receive(heap));
        assertEquals(ReturnCode.HEAP_BUFFER,
                client.send(HeapBuffer.of(10), 0, 10, at));
        assertEquals(ReturnCode.BAD_ARGUMENT, batch.segments(0, 10, 0));
        assertEquals(ReturnCode.TOO_MANY_SEGMENTS, batch.segments(0, 65, 1));
        assertEquals(64, batch.segments(0, 64, 1));
        assertEquals(ReturnCode.BAD_ARGUMENT, batch.length(0, 101));
        assertEquals(ReturnCode.BAD_ARGUMENT, batch.trafficClass(0, 256));
        assertEquals(ReturnCode.BAD_ARGUMENT, client.send(buffer, 0, 10, 0, at));
        assertEquals(ReturnCode.TOO_MANY_SEGMENTS, client.send(buffer, 0, 65, 1, at));
        Endpoint other = new Endpoint();
        assertEquals(0, other.parse("[::1]:9"));
        assertEquals(-Errno.EAFNOSUPPORT, client.send(buffer, 0, 1, other));
        assertEquals(-Errno.EDESTADDRREQ, client.send(buffer, 0, 1));
        assertEquals(0, client.close());
        assertEquals(ReturnCode.CLOSED, client.close());
        assertEquals(ReturnCode.CLOSED, client.send(buffer, 0, 1, at));
        assertEquals(ReturnCode.CLOSED, client.receive(batch));
    }

    @Test
    void aSecondLifeBeginsAtZero() {
        for (int life = 0; life < 2; life++) {
            bind("127.0.0.1:0");
            assertEquals(1, server.send(buffer, 0, 1, at));
            assertEquals(1, server.receive(buffer, 0, 1, null));
            assertEquals(0, server.close());
            assertEquals(1, server.counter(UdpMetrics.SENT_DATAGRAMS_OFFSET));
            assertEquals(1, server.counter(UdpMetrics.CLOSE_OFFSET));
        }
    }

    private void assertInvariants() {
        StringBuilder out = new StringBuilder();
        UdpMetrics.brokenPathInvariants(client.metrics(), client.metricsOffset(),
                server.metrics(), server.metricsOffset(), out);
        server.close();
        client.close();
        UdpMetrics.brokenInvariants(client.metrics(), client.metricsOffset(), out);
        UdpMetrics.brokenInvariants(server.metrics(), server.metricsOffset(), out);
        assertEquals("", out.toString());
    }
}
