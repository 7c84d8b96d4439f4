package io.penstock.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.net.Endpoint;
import io.penstock.core.net.SocketOption;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Posix;
import io.penstock.core.testing.Allocation;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("allocation")
class UdpAllocationTest extends UdpFixture {
    private static final int WARM_UP = 1_000;
    private static final int COUNT = 300;

    private final DatagramBatch in = new DatagramBatch(16, 65_535);
    private final Quiet quiet = new Quiet();
    private UdpSocket server;
    private UdpSocket client;

    /** Counts datagrams, and calls every accessor of their slots. */
    private static final class Quiet implements DatagramHandler {
        private final Endpoint endpoint = new Endpoint();
        private long calls;
        private long writables;
        private long errors;
        private long sum;

        @Override
        public void onDatagrams(UdpSocket socket, DatagramBatch batch, int count) {
            calls++;
            look(batch, count);
            socket.send(batch, 0, count);
        }

        void look(DatagramBatch batch, int count) {
            for (int slot = 0; slot < count; slot++) {
                batch.sender(slot, endpoint);
                batch.local(slot, endpoint);
                sum += batch.length(slot) + batch.offset(slot) + batch.segmentBytes(slot)
                        + batch.interfaceIndex(slot) + batch.trafficClass(slot) + batch.ecn(slot)
                        + batch.timestampNs(slot) + (batch.isTruncated(slot) ? 1 : 0);
                for (int i = 0; i < batch.segments(slot); i++) {
                    sum += batch.segmentOffset(slot, i) + batch.segmentLength(slot, i);
                }
            }
        }

        @Override
        public void onWritable(UdpSocket socket) {
            writables++;
        }

        @Override
        public void onError(UdpSocket socket, int code, Endpoint destination) {
            errors++;
            sum += code + destination.length() + socket.errorMtuBytes()
                    + socket.errorOffender(endpoint);
        }

        @Override
        public void onClose(UdpSocket socket, int result) {
        }
    }

    @BeforeEach
    void openBoth() {
        Posix.system().warmUp();
        server = bind(socket(), "127.0.0.1:0");
        client = connect(socket());
        for (SocketOption option : new SocketOption[] {SocketOption.IP_PKTINFO,
            SocketOption.IP_RECVTOS, SocketOption.SO_TIMESTAMPNS}) {
            assertEquals(0, server.setOption(option, 1));
        }
    }

    private static void assertNone(String name, Runnable operation) {
        Allocation.assertNone(name, WARM_UP, COUNT, operation);
    }

    private void prepare() {
        for (int slot = 0; slot < 16; slot++) {
            batch.length(slot, 10 + slot);
            batch.destination(slot, at);
            batch.trafficClass(slot, 2);
        }
    }

    @Test
    void batches() {
        assertNone("a batch there and back", () -> {
            prepare();
            client.send(batch, 0, 16);
            quiet.look(in, server.receive(in));
            server.send(in, 0, 16);
            client.receive(in);
        });
        assertEquals(16 * server.counter(UdpMetrics.RECEIVED_BATCHES_OFFSET),
                server.counter(UdpMetrics.RECEIVED_DATAGRAMS_OFFSET));
        assertEquals(0, server.counter(UdpMetrics.ERROR_OFFSET));
    }

    @Test
    void segmentsCutAndJoined() {
        assertEquals(0, server.setOption(SocketOption.UDP_GRO, 1));
        assertNone("segments", () -> {
            batch.segments(0, 2_000, 100);
            client.send(batch, 0, 1);
            quiet.look(in, server.receive(in));
            client.send(bytes, 0, 2_000, 100, null);
            quiet.look(in, server.receive(in));
            client.send(bytes, 0, 2_000, 100, at);
            server.receive(bytes, 0, 5_000, from);
        });
        assertTrue(client.counter(UdpMetrics.SENT_SEGMENTS_OFFSET) > 60L * COUNT);
        assertEquals(client.counter(UdpMetrics.SENT_SEGMENTS_OFFSET),
                server.counter(UdpMetrics.RECEIVED_SEGMENTS_OFFSET));
    }

    @Test
    void segmentsThatTheKernelWillNotCut() {
        GsoRefusal refusal = new GsoRefusal(posix, Errno.EIO);
        batch.segments(0, 300, 100);
        assertEquals(1, client.send(batch, 0, 1));
        assertEquals(1, refusal.refused());
        posix.heal();
        assertEquals(3, server.receive(in));
        assertNone("segments one by one", () -> {
            client.send(batch, 0, 1);
            client.send(bytes, 0, 300, 100, at);
            server.receive(in);
        });
        assertEquals(server.counter(UdpMetrics.RECEIVED_DATAGRAMS_OFFSET),
                client.counter(UdpMetrics.SENT_DATAGRAMS_OFFSET));
        assertTrue(client.isGsoRefused());
    }

    @Test
    void singles() {
        assertNone("single datagrams", () -> {
            client.send(bytes, 0, 100);
            server.receive(bytes, 200, 100, from);
            server.send(bytes, 0, 50, from);
            client.receive(bytes, 200, 100, null);
        });
        assertEquals(0, client.counter(UdpMetrics.ERROR_OFFSET));
    }

    @Test
    void nothingToReceive() {
        assertNone("nothing to receive", () -> {
            server.receive(in);
            server.receive(bytes, 0, 100, from);
        });
        assertEquals(0, server.counter(UdpMetrics.ERROR_OFFSET));
    }

    @Test
    void noRoomToSend() {
        UdpSocket full = bind(socket(), "@penstock-udp-allocation");
        UdpSocket sender = connect(socket());
        while (sender.send(bytes, 0, 1) == 1) {
        }
        assertNone("no room", () -> {
            sender.send(batch, 0, 16);
            sender.send(bytes, 0, 10);
            sender.send(bytes, 0, 20, 10, null);
        });
        assertTrue(sender.counter(UdpMetrics.EAGAIN_OFFSET) > 3 * COUNT);
        assertTrue(full.isOpen());
    }

    @Test
    void whatIsTruncatedAndWhatIsDropped() {
        DatagramBatch small = new DatagramBatch(4, 5);
        assertEquals(0, server.setOption(SocketOption.SO_RCVBUF, 2_048));
        assertNone("truncated and dropped", () -> {
            for (int i = 0; i < 10; i++) {
                client.send(bytes, 0, 100);
            }
            while (server.receive(small) > 0) {
            }
        });
        assertTrue(server.counter(UdpMetrics.TRUNCATED_OFFSET) > COUNT);
        assertTrue(server.counter(UdpMetrics.DROPPED_OFFSET) > COUNT);
    }

    @Test
    void errorsThatComeBack() {
        UdpSocket lost = open(socket());
        assertEquals(0, lost.setOption(SocketOption.IP_RECVERR, 1));
        server.close();
        Endpoint offender = new Endpoint();
        assertNone("takeError", () -> {
            lost.send(bytes, 0, 1, at);
            lost.takeError(from);
            lost.errorOffender(offender);
            lost.errorMtuBytes();
            lost.takeError(from);
            client.send(bytes, 0, 1);
            client.send(bytes, 0, 1);
        });
        assertTrue(lost.counter(UdpMetrics.ERROR_OFFSET) > COUNT);
        assertTrue(client.counter(UdpMetrics.ERROR_OFFSET) > COUNT);
    }

    @Test
    void onALoop() {
        UdpSocket echo = bind(socket(quiet), "127.0.0.1:0");
        UdpSocket asking = connect(socket());
        assertEquals(0, echo.resume());
        assertNone("the loop", () -> {
            for (int i = 0; i < 20; i++) {
                asking.send(bytes, 0, 100);
            }
            loop.runOnce(0);
            while (asking.receive(in) > 0) {
            }
            echo.pause();
            loop.runOnce(0);
            echo.resume();
        });
        assertTrue(quiet.calls > COUNT);
        assertEquals(echo.counter(UdpMetrics.RECEIVED_DATAGRAMS_OFFSET),
                asking.counter(UdpMetrics.RECEIVED_DATAGRAMS_OFFSET));
    }

    @Test
    void errorsAndRoomOnALoop() {
        UdpSocket full = bind(socket(), "@penstock-udp-allocation");
        UdpSocket sender = connect(socket(quiet));
        bind(socket(), "127.0.0.1:0").close();
        UdpSocket lost = open(socket(quiet));
        assertEquals(0, lost.setOption(SocketOption.IP_RECVERR, 1));
        assertEquals(0, lost.resume());
        UdpSocket refused = connect(socket(quiet));
        assertEquals(0, refused.resume());
        assertNone("errors and room on a loop", () -> {
            lost.send(bytes, 0, 1, at);
            refused.send(bytes, 0, 1);
            while (sender.send(bytes, 0, 1) == 1) {
            }
            while (full.receive(in) > 0) {
            }
            loop.runOnce(0);
        });
        assertTrue(quiet.errors > 2 * COUNT);
        assertTrue(quiet.writables > COUNT);
    }

    @Test
    void optionsAndAddresses() {
        assertNone("options and addresses", () -> {
            client.setOption(SocketOption.IP_TTL, 7);
            client.option(SocketOption.IP_TTL);
            client.localEndpoint(from);
            client.peerEndpoint(from);
            batch.source(0, from, 1);
            client.disconnect();
            client.connect(at);
        });
        assertEquals(7, client.option(SocketOption.IP_TTL));
    }

    @Test
    void failures() {
        UdpSocket closed = socket();
        assertNone("codes", () -> {
            closed.send(batch, 0, 1);
            closed.receive(in);
            client.send(bytes, 0, 65_536);
            batch.segments(0, 65, 1);
            batch.length(0, -1);
        });
        assertTrue(client.counter(UdpMetrics.ERROR_OFFSET) > COUNT);
    }
}
