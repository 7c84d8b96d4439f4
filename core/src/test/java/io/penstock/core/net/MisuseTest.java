package io.penstock.core.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.Timer;
import io.penstock.core.metrics.MetricsReader;
import io.penstock.core.metrics.MetricsRegion;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import io.penstock.core.testing.Recorder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** A call that only a bug can make throws at once; a missing address is a code. */
class MisuseTest extends NetFixture {
    private final Recorder handler = new Recorder();

    private static void isNull(Executable constructor) {
        assertThrows(NullPointerException.class, constructor);
    }

    private static void isIllegal(Executable constructor) {
        assertThrows(IllegalArgumentException.class, constructor);
    }

    @Test
    void nullThrowsAtConstruction() {
        isNull(() -> new Listener(null, handler, 1));
        isNull(() -> new Listener(loop, null, 1));
        isNull(() -> new SocketStream(null, handler));
        isNull(() -> new SocketStream(loop, null));
        isNull(() -> new SocketStream((Posix) null));
        isNull(() -> new Timer(null, timer -> { }));
        isNull(() -> new Timer(loop, null));
        isNull(() -> new EventLoop(null));
        isNull(() -> new WriteQueue(null, null));
        isNull(() -> new UnixPath(null));
        isNull(() -> new MetricsReader(null));
    }

    @Test
    void aCapacityBelowItsMinimumThrowsAtConstruction() {
        isIllegal(() -> new Listener(loop, handler, -5));
        isIllegal(() -> new Listener(loop, handler, 0));
        isIllegal(() -> new BufferPool(0, 64));
        isIllegal(() -> new BufferPool(-1, 64));
        isIllegal(() -> new MetricsRegion(-1));
        isIllegal(() -> new Gather(-1));
    }

    @Test
    void aListenerThatListensIsAlreadyOpen() {
        Listener listener = listen("127.0.0.1:0", handler);
        assertEquals(ReturnCode.ALREADY_OPEN, listener.listen(at, 1));
        assertEquals(ReturnCode.ALREADY_OPEN, listener.open(Linux.AF_INET));
        listener.close();
        turns(1);
        assertEquals(0, listener.listen(at, 1), "and in its next life it may again");
    }

    @Test
    void anAddressThatIsMissingIsACode() {
        Endpoint none = new Endpoint();
        Listener listener = new Listener(loop, handler, 1);
        assertEquals(ReturnCode.ADDRESS_MISSING, listener.listen(none, 1));
        assertFalse(listener.isOpen());
        assertEquals(0, listener.open(Linux.AF_INET));
        assertEquals(ReturnCode.ADDRESS_MISSING, listener.listen(none, 1));
        SocketStream stream = new SocketStream(loop, handler);
        assertEquals(ReturnCode.ADDRESS_MISSING, stream.connect(none));
        assertFalse(stream.isOpen());
        assertEquals(0, stream.open(Linux.AF_INET));
        assertEquals(ReturnCode.ADDRESS_MISSING, stream.bind(none));
        assertEquals(ReturnCode.ADDRESS_MISSING, stream.connect(none));
    }
}
