package io.penstock.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.SocketOption;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Received bytes are put into their place, and nowhere else. */
class UdpReceiveTest extends UdpFixture {
    private final NativeBuffer first = NativeBuffer.allocate(100);
    private final NativeBuffer second = NativeBuffer.allocate(100);

    @Test
    void theRegionOfThisCallNotOfTheLastThatFoundNothing() {
        UdpSocket server = bind(socket(), "127.0.0.1:0");
        UdpSocket client = connect(socket());
        assertEquals(-Errno.EAGAIN, server.receive(first, 0, 100, null));
        assertEquals(3, client.send(bytes, 100, 3));
        assertEquals(3, server.receive(second, 10, 50, null));
        assertEquals(0, first.getByte(0));
        assertEquals(bytes.getByte(101), second.getByte(11));
        assertEquals(100, client.send(bytes, 0, 100));
        assertEquals(-Errno.EAGAIN, connect(socket()).receive(first, 0, 100, null));
        assertEquals(100, server.receive(first, 0, 2, null));
        assertEquals(0, first.getByte(2), "not past the length of this call");
    }

    @Test
    void aSenderThatDoesNotFitIsNoneRatherThanAnother() {
        UdpSocket server = bind(socket(), "[::1]:0");
        UdpSocket client = connect(socket());
        assertEquals(1, client.send(bytes, 0, 1));
        from.wrap(NativeBuffer.allocate(16), 0, 16);
        assertEquals(0, from.ipv4(Endpoint.IPV4_LOOPBACK, 7));
        assertEquals(1, server.receive(bytes, 0, 10, from));
        assertEquals(0, from.length());
        assertEquals(1, client.send(bytes, 0, 1));
        assertEquals(1, server.receive(batch));
        assertEquals(0, from.ipv4(Endpoint.IPV4_LOOPBACK, 7));
        assertEquals(ReturnCode.NAME_TOO_LONG, batch.sender(0, from));
        assertEquals(0, from.length());
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 16, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void aSlotThatThereIsNotIsMisuse(int slot) {
        at.ipv4(Endpoint.IPV4_LOOPBACK, 7);
        for (Runnable misuse : new Runnable[] {
            () -> batch.sender(slot, from), () -> batch.local(slot, from),
            () -> batch.destination(slot, at), () -> batch.source(slot, at, 1),
            () -> batch.length(slot), () -> batch.length(slot, 1), () -> batch.ecn(slot),
            () -> batch.segments(slot), () -> batch.segments(slot, 10, 5),
            () -> batch.offset(slot), () -> batch.segmentOffset(slot, 0),
            () -> batch.segmentLength(slot, 0), () -> batch.segmentBytes(slot),
            () -> batch.trafficClass(slot), () -> batch.trafficClass(slot, 1),
            () -> batch.timestampNs(slot), () -> batch.isTruncated(slot),
            () -> batch.interfaceIndex(slot),
        }) {
            assertThrows(IndexOutOfBoundsException.class, misuse::run);
        }
        UdpSocket server = bind(socket(), "127.0.0.1:0");
        assertThrows(IndexOutOfBoundsException.class, () -> server.send(batch, slot, 1));
        assertEquals(1, connect(socket()).send(bytes, 0, 1));
        assertEquals(1, server.receive(batch), "and nothing of the batch was touched");
    }

    @Test
    void misuseOfRegionsAndCounts() {
        UdpSocket server = bind(socket(), "127.0.0.1:0");
        assertThrows(IndexOutOfBoundsException.class, () -> server.receive(first, 1, 100, null));
        assertThrows(IndexOutOfBoundsException.class, () -> server.send(first, -1, 1, at));
        assertThrows(IndexOutOfBoundsException.class, () -> server.send(first, 0, 101, 10, at));
        assertThrows(IndexOutOfBoundsException.class, () -> server.send(batch, 1, 16));
        assertEquals(0, server.send(batch, 16, 0), "nothing is not misuse");
        assertThrows(IllegalArgumentException.class, () -> new DatagramBatch(0, 100));
        assertThrows(IllegalArgumentException.class, () -> new DatagramBatch(-1, -1));
        assertThrows(IllegalArgumentException.class, () -> new DatagramBatch(1, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> new DatagramBatch(first, 2, 51));
    }

    @Test
    void aBatchThatServedOthersReceivesWhole() {
        UdpSocket server = bind(socket(), "127.0.0.1:0");
        UdpSocket client = connect(socket());
        batch.length(3, 1);
        assertEquals(1, client.send(batch, 3, 1));
        assertEquals(1, server.receive(batch));
        for (int i = 0; i < 16; i++) {
            assertEquals(1_000 + i, client.send(bytes, 0, 1_000 + i));
        }
        assertEquals(16, server.receive(batch));
        for (int i = 0; i < 16; i++) {
            assertEquals(1_000 + i, batch.length(i));
        }
        assertEquals(-Errno.EAGAIN, server.receive(batch));
    }

    @Test
    void timestampsAreInOrder() {
        UdpSocket server = bind(socket(), "[::1]:0");
        assertEquals(0, server.setOption(SocketOption.SO_TIMESTAMPNS, 1));
        UdpSocket client = connect(socket());
        long before = System.currentTimeMillis() * 1_000_000;
        for (int i = 0; i < 10; i++) {
            assertEquals(1, client.send(bytes, 0, 1));
        }
        assertEquals(10, server.receive(batch));
        for (int i = 0; i < 10; i++) {
            assertTrue(batch.timestampNs(i) >= (i == 0 ? before : batch.timestampNs(i - 1)));
        }
        assertTrue(batch.timestampNs(9) <= (System.currentTimeMillis() + 1) * 1_000_000);
    }

    @Test
    void whatTheKernelDroppedIsCounted() {
        UdpSocket server = socket();
        assertEquals(0, server.open(Linux.AF_INET));
        assertEquals(0, server.setOption(SocketOption.SO_RCVBUF, 4_096));
        bind(server, "127.0.0.1:0");
        UdpSocket client = connect(socket());
        for (int i = 0; i < 1_000; i++) {
            assertEquals(500, client.send(bytes, 0, 500));
        }
        int received = 0;
        int n;
        while ((n = server.receive(batch)) > 0) {
            received += n;
        }
        assertTrue(received > 0 && received < 1_000, received + " came");
        server.close();
        client.close();
        assertEquals(1_000 - received, server.counter(UdpMetrics.DROPPED_OFFSET));
        pathInvariantsHold(client, server);
        invariantsHold(server, client);
    }

    @Test
    void dropsOfOneSocketAreNotAnothersWhoSharesTheBatch() {
        UdpSocket server = socket();
        assertEquals(0, server.open(Linux.AF_INET));
        assertEquals(0, server.setOption(SocketOption.SO_RCVBUF, 4_096));
        bind(server, "127.0.0.1:0");
        UdpSocket client = connect(socket());
        for (int i = 0; i < 100; i++) {
            assertEquals(500, client.send(bytes, 0, 500));
        }
        while (server.receive(batch) > 0) {
        }
        server.close();
        assertTrue(server.counter(UdpMetrics.DROPPED_OFFSET) > 0);
        UdpSocket other = bind(socket(), "127.0.0.1:0");
        assertEquals(1, connect(socket()).send(bytes, 0, 1));
        assertEquals(1, other.receive(batch));
        other.close();
        assertEquals(0, other.counter(UdpMetrics.DROPPED_OFFSET));
    }
}
