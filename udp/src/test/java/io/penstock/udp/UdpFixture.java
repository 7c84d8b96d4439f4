package io.penstock.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.metrics.LoopMetrics;
import io.penstock.core.net.Endpoint;
import io.penstock.core.sys.Posix;
import io.penstock.core.testing.Descriptors;
import io.penstock.core.testing.FaultyPosix;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A loop, and sockets of none, over a kernel that can fail; everything is given back. */
abstract class UdpFixture {
    static final long STEP_NS = TimeUnit.MILLISECONDS.toNanos(10);

    final FaultyPosix posix = new FaultyPosix();
    final Posix system = Posix.system();
    final Endpoint at = new Endpoint();
    final Endpoint from = new Endpoint();
    final NativeBuffer bytes = NativeBuffer.allocate(1 << 17);
    final DatagramBatch batch = new DatagramBatch(16, 2_048);
    private final List<UdpSocket> sockets = new ArrayList<>();
    EventLoop loop;
    private int descriptors;

    @BeforeEach
    final void openLoop() {
        system.getpid(); // what is opened once for good is open before the count
        descriptors = Descriptors.open();
        loop = new EventLoop(new LoopConfig().handles(8).posix(posix));
        assertEquals(0, loop.open());
        for (int i = 0; i < bytes.capacity(); i++) {
            bytes.putByte(i, (byte) (i * 31 >>> 3));
        }
    }

    @AfterEach
    final void everythingIsGivenBack() {
        posix.heal();
        for (UdpSocket socket : sockets) {
            if (socket.isOpen()) {
                socket.close();
            }
        }
        loop.runOnce(0);
        assertEquals(0, handles(), "slots");
        loop.close();
        Descriptors.assertOpen(descriptors);
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

    /** Binds it, and remembers where in {@link #at}. */
    final UdpSocket bind(UdpSocket socket, String address) {
        assertEquals(0, at.parse(address));
        assertEquals(0, socket.bind(at));
        assertEquals(0, socket.localEndpoint(at));
        return socket;
    }

    /** Connects it to {@link #at}. */
    final UdpSocket connect(UdpSocket socket) {
        assertEquals(0, socket.connect(at));
        return socket;
    }

    /** Makes it, of the family of {@link #at}. */
    final UdpSocket open(UdpSocket socket) {
        assertEquals(0, socket.open(at.family()));
        return socket;
    }

    final void turnUntil(BooleanSupplier done) {
        for (int i = 0; i < 1_000 && !done.getAsBoolean(); i++) {
            assertTrue(loop.runOnce(STEP_NS) >= 0);
        }
        assertTrue(done.getAsBoolean(), "did not happen");
    }

    final void turns(int n) {
        for (int i = 0; i < n; i++) {
            assertTrue(loop.runOnce(0) >= 0);
        }
    }

    /** Nothing wakes the loop: a short wait lasts. */
    final void assertIdle() {
        turns(2);
        for (int i = 0; i < 3; i++) {
            assertEquals(0, loop.runOnce(TimeUnit.MILLISECONDS.toNanos(2)), "woken");
        }
    }

    static void lawsHold(UdpSocket... sockets) {
        for (UdpSocket socket : sockets) {
            StringBuilder out = new StringBuilder();
            UdpMetrics.brokenLaws(socket.metrics(), socket.metricsOffset(), out);
            assertEquals("", out.toString());
        }
    }

    /** At rest, before either is closed. */
    static void pathLawsHold(UdpSocket sender, UdpSocket receiver) {
        StringBuilder out = new StringBuilder();
        UdpMetrics.brokenPathLaws(sender.metrics(), sender.metricsOffset(),
                receiver.metrics(), receiver.metricsOffset(), out);
        assertEquals("", out.toString());
    }
}
