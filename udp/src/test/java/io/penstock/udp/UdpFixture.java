package io.penstock.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.core.metrics.LoopMetrics;
import io.penstock.core.net.Endpoint;
import io.penstock.core.testing.LoopFixture;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A loop, and sockets with and without it, over a kernel that can fail; checks for leaks. */
abstract class UdpFixture extends LoopFixture {
    final Endpoint from = new Endpoint();
    final DatagramBatch batch = new DatagramBatch(16, 2_048);
    private final List<UdpSocket> sockets = new ArrayList<>();

    UdpFixture() {
        super(8, 1 << 17);
    }

    @Override
    protected void beforeClosing() {
        for (UdpSocket socket : sockets) {
            if (socket.isOpen()) {
                socket.close();
            }
        }
        loop.runOnce(0);
        assertEquals(0, handles(), "slots");
    }

    /** How many handles the loop has. */
    final long handles() {
        return loop.metrics().getLong(loop.metricsOffset() + LoopMetrics.HANDLES_OFFSET);
    }

    /** A socket of no loop. */
    final UdpSocket socket() {
        return closedLater(new UdpSocket(posix));
    }

    /** A socket of the loop. */
    final UdpSocket socket(DatagramHandler handler) {
        return closedLater(new UdpSocket(loop, handler, batch));
    }

    final UdpSocket closedLater(UdpSocket socket) {
        sockets.add(socket);
        return socket;
    }

    /** Binds a socket, and puts its address into {@link #at}. */
    final UdpSocket bind(UdpSocket socket, String address) {
        assertEquals(0, at.parse(address));
        assertEquals(0, socket.bind(at));
        assertEquals(0, socket.localEndpoint(at));
        return socket;
    }

    /** Connects a socket to {@link #at}. */
    final UdpSocket connect(UdpSocket socket) {
        assertEquals(0, socket.connect(at));
        return socket;
    }

    /** Opens a socket of the family of {@link #at}. */
    final UdpSocket open(UdpSocket socket) {
        assertEquals(0, socket.open(at.family()));
        return socket;
    }

    /** Asserts that nothing wakes the loop: a short wait lasts. */
    final void assertIdle() {
        turns(2);
        for (int i = 0; i < 3; i++) {
            assertEquals(0, loop.runOnce(TimeUnit.MILLISECONDS.toNanos(2)), "woken");
        }
    }

    static void invariantsHold(UdpSocket... sockets) {
        for (UdpSocket socket : sockets) {
            StringBuilder out = new StringBuilder();
            UdpMetrics.brokenInvariants(socket.metrics(), socket.metricsOffset(), out);
            assertEquals("", out.toString());
        }
    }

    /** Checks the path's invariants, once nothing is under way and before a socket is closed. */
    static void pathInvariantsHold(UdpSocket sender, UdpSocket receiver) {
        StringBuilder out = new StringBuilder();
        UdpMetrics.brokenPathInvariants(sender.metrics(), sender.metricsOffset(),
                receiver.metrics(), receiver.metricsOffset(), out);
        assertEquals("", out.toString());
    }
}
