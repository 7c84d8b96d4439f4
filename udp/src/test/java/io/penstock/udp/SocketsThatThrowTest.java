package io.penstock.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.metrics.LoopMetrics;
import io.penstock.core.net.SocketOption;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.Blame;
import io.penstock.core.testing.Thrown;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Handlers of datagram sockets that throw in every callback, with an exception handler or none. */
class SocketsThatThrowTest extends UdpFixture {
    private final Blame blame = new Blame();
    private final List<Throwable> caught = new ArrayList<>();
    private final Recorder near = new Recorder();
    private final Recorder neighbour = new Recorder();

    private void begin(boolean isTold) {
        loop.close();
        loop = new EventLoop(new LoopConfig().handles(8).posix(posix)
                .onException(isTold ? blame : null));
        assertEquals(0, loop.open());
    }

    private void until(BooleanSupplier done) {
        for (int i = 0; i < 1_000 && !done.getAsBoolean(); i++) {
            try {
                loop.runOnce(STEP_NS);
            } catch (Thrown t) {
                caught.add(t);
            }
        }
        assertTrue(done.getAsBoolean(), "did not happen");
    }

    private static Runnable once(String callback) {
        boolean[] threw = {false};
        return () -> {
            if (!threw[0]) {
                threw[0] = true;
                throw new Thrown(callback);
            }
        };
    }

    private void receives(UdpSocket sender, Recorder recorder) {
        int before = recorder.datagrams;
        assertEquals(4, sender.send(bytes, 0, 4));
        until(() -> recorder.datagrams > before);
    }

    @ParameterizedTest
    @CsvSource({
        "datagrams, true", "writable, true", "error, true", "queuedError, true", "close, true",
        "datagrams, false", "writable, false", "error, false", "queuedError, false",
        "close, false",
    })
    void aThrowHarmsItsOwnSocketAlone(String callback, boolean isTold) {
        begin(isTold);
        UdpSocket other = bind(socket(neighbour), "127.0.0.1:0");
        assertEquals(0, other.resume());
        UdpSocket toOther = connect(socket());
        UdpSocket socket = bind(socket(near), "127.0.0.1:0");
        assertEquals(0, socket.resume());
        UdpSocket sender = connect(socket());
        receives(toOther, neighbour);
        switch (callback) {
            case "datagrams" -> {
                near.onDatagrams = once(callback);
                receives(sender, near);
            }
            case "writable" -> {
                near.onWritable = once(callback);
                posix.fail(Syscall.SENDTO, Errno.EAGAIN, 0, 1);
                assertEquals(-Errno.EAGAIN, socket.send(bytes, 0, 1, at));
                until(() -> near.writables == 1);
            }
            case "error", "queuedError" -> {
                near.onError = once(callback);
                if (callback.equals("queuedError")) {
                    assertEquals(0, socket.setOption(SocketOption.IP_RECVERR, 1));
                }
                UdpSocket gone = bind(socket(), "127.0.0.1:0");
                assertEquals(0, gone.localEndpoint(at));
                gone.close();
                assertEquals(0, socket.connect(at));
                socket.send(bytes, 0, 1);
                until(() -> near.errors == 1);
            }
            default -> {
                near.onClose = once(callback);
                socket.close();
                until(() -> near.closes == 1);
            }
        }
        receives(toOther, neighbour);
        assertEquals(1, loop.metrics().getLong(
                loop.metricsOffset() + LoopMetrics.THREW_OFFSET));
        if (isTold) {
            assertEquals(List.of(), caught);
            assertEquals(List.of(socket), blame.handles);
            until(() -> near.closes == 1);
            assertEquals("close " + (callback.equals("close") ? 0 : ReturnCode.CALLBACK_THREW),
                    near.heard.getLast());
        } else {
            assertEquals(1, caught.size());
            if (!callback.equals("close")) {
                assertTrue(socket.isOpen());
                if (callback.equals("datagrams")) {
                    receives(sender, near);
                }
                socket.close();
                until(() -> near.closes == 1);
            }
        }
        boolean hasError = isTold && !callback.equals("close") || callback.endsWith("rror");
        assertEquals(hasError, socket.counter(UdpMetrics.ERROR_OFFSET) > 0);
        loop.close();
        invariantsHold(hasError ? other : socket, other);
        assertEquals(1, near.closes);
        assertEquals(1, neighbour.closes);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whileTheLoopCloses(boolean isTold) {
        begin(isTold);
        near.onClose = once("close");
        bind(socket(near), "127.0.0.1:0");
        bind(socket(neighbour), "127.0.0.1:0");
        if (isTold) {
            loop.close();
            assertEquals(1, blame.handles.size());
        } else {
            assertThrows(Thrown.class, loop::close);
        }
        assertEquals(1, near.closes);
        assertEquals(1, neighbour.closes);
        assertEquals(ReturnCode.NOT_OPEN, loop.runOnce(0));
    }
}
