package io.penstock.core.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.buffer.BufferPool;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import io.penstock.core.testing.Descriptors;
import io.penstock.core.testing.FaultyPosix;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A loop over a kernel that can fail, a pool, and the check that both get everything back. */
abstract class NetFixture {
    static final long STEP_NS = TimeUnit.MILLISECONDS.toNanos(10);

    final FaultyPosix posix = new FaultyPosix();
    final Posix system = Posix.system();
    final Endpoint at = new Endpoint();
    final NativeBuffer bytes = NativeBuffer.allocate(1 << 20);
    BufferPool pool = new BufferPool(32, 4 << 10);
    EventLoop loop;
    private int descriptors;

    @BeforeEach
    final void openLoop() {
        system.getpid(); // what is opened once for good is open before the count
        descriptors = Descriptors.open();
        loop = new EventLoop(new LoopConfig().handles(64).posix(posix));
        assertEquals(0, loop.open());
        for (int i = 0; i < bytes.capacity(); i++) {
            bytes.putByte(i, (byte) (i * 31 >>> 3));
        }
    }

    @AfterEach
    final void everythingIsGivenBack() {
        posix.heal();
        loop.close();
        assertEquals(pool.slabs(), pool.available(), "slabs");
        Descriptors.assertOpen(descriptors);
    }

    final Listener listen(String where, StreamHandler handler) {
        Listener listener = new Listener(loop, handler, 8);
        assertEquals(0, at.parse(where));
        assertEquals(0, listener.listen(at, 128));
        assertEquals(0, listener.localEndpoint(at));
        return listener;
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

    /** Two connected Unix sockets. */
    final int[] socketPair(int flags) {
        NativeBuffer two = NativeBuffer.allocate(2 * Integer.BYTES);
        assertEquals(0, system.socketpair(Linux.AF_UNIX,
                Linux.SOCK_STREAM | Linux.SOCK_CLOEXEC | flags, 0, two.addressOffset()));
        return new int[] {two.getInt(0), two.getInt(Integer.BYTES)};
    }

    static long word(Stream stream, int field) {
        return stream.metrics().getLong(stream.metricsOffset() + field);
    }

    static void lawsHold(Stream stream) {
        StringBuilder out = new StringBuilder();
        assertEquals(0, StreamMetrics.brokenLaws(
                stream.metrics(), stream.metricsOffset(), out), out::toString);
    }
}
