package io.penstock.core.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.core.buffer.BufferPool;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.sys.Linux;
import io.penstock.core.testing.LoopFixture;

/** A loop and a pool, and a check that everything is given back to both. */
abstract class NetFixture extends LoopFixture {
    BufferPool pool = new BufferPool(32, 4 << 10);

    NetFixture() {
        super(64, 1 << 20);
    }

    @Override
    protected void afterClosing() {
        assertEquals(pool.slabs(), pool.available(), "slabs");
    }

    final Listener listen(String where, StreamHandler handler) {
        Listener listener = new Listener(loop, handler, 8);
        assertEquals(0, at.parse(where));
        assertEquals(0, listener.listen(at, 128));
        assertEquals(0, listener.localEndpoint(at));
        return listener;
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

    static void invariantsHold(Stream stream) {
        StringBuilder out = new StringBuilder();
        assertEquals(0, StreamMetrics.brokenInvariants(
                stream.metrics(), stream.metricsOffset(), out), out::toString);
    }
}
