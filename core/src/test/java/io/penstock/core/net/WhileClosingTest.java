package io.penstock.core.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.Recorder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Between close and onClose a stream is neither open nor free: nothing of it can be exchanged. */
class WhileClosingTest extends NetFixture {
    private final BufferPool other = new BufferPool(4, 4 << 10);
    private SocketStream stream;

    @BeforeEach
    void make() {
        stream = new SocketStream(loop, new Recorder());
    }

    @Test
    void itsQueueStays() {
        stream.queue(pool);
        closing();
        assertEquals(ReturnCode.ALREADY_OPEN, stream.queue(other));

        loop.runOnce(0);
        assertEquals(pool.slabs(), pool.available());
        assertEquals(0, stream.queue(other));
    }

    @Test
    void itsDeadlinesStay() {
        closing();
        assertEquals(ReturnCode.ALREADY_OPEN, stream.deadlines(1, 1, 1));
        loop.runOnce(0);
        assertEquals(0, stream.deadlines(1, 1, 1));
    }

    @Test
    void itsAncillaryHandlerStays() {
        AncillaryHandler nobody = (from, descriptors, count) -> { };
        assertEquals(0, stream.ancillary(nobody));
        closing();
        assertEquals(ReturnCode.ALREADY_OPEN, stream.ancillary(nobody));
    }

    @Test
    void itOpensNoSecondSocket() {
        closing();
        posix.failAlways(Syscall.SOCKET, Errno.EMFILE); // told if it is asked for one
        assertEquals(ReturnCode.ALREADY_OPEN, stream.open(Linux.AF_UNIX));
    }

    /** With something in its queue, if it has one. */
    private void closing() {
        int[] pair = socketPair(Linux.SOCK_NONBLOCK);
        assertEquals(0, stream.adopt(pair[0]));
        loop.runOnce(0);
        posix.failAlways(Syscall.SENDTO, Errno.EAGAIN);
        stream.write(NativeBuffer.allocate(100), 0, 100);
        assertTrue(stream.queue == null || pool.available() < pool.slabs());
        assertEquals(0, stream.close());
        posix.heal();
        system.close(pair[1]);
    }
}
