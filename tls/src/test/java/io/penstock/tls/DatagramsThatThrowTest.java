package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.Blame;
import io.penstock.core.testing.Thrown;
import io.penstock.udp.UdpMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.agrona.DirectBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Handlers of DTLS connections that throw; on the server's side the socket is others' too. */
class DatagramsThatThrowTest extends DtlsFixture {
    private final Blame blame = new Blame();
    private final List<Throwable> caught = new ArrayList<>();
    private final Throwing there = new Throwing();

    /** Echoes, and throws in one callback of one connection. */
    private static final class Throwing extends DtlsRecorder {
        final List<Integer> results = new ArrayList<>();
        String throwsIn;
        DtlsConnection of; // null: the next
        DtlsConnection charged;

        Throwing() {
            echoes = true;
        }

        private void called(DtlsConnection connection, String callback) {
            if (callback.equals(throwsIn) && (of == null || of == connection)) {
                throwsIn = null;
                charged = connection;
                throw new Thrown(callback);
            }
        }

        @Override
        public void onOpen(DtlsConnection connection) {
            super.onOpen(connection);
            called(connection, "open");
        }

        @Override
        public void onData(DtlsConnection connection, DirectBuffer b, int offset, int length) {
            super.onData(connection, b, offset, length);
            called(connection, "data");
        }

        @Override
        public void onWritable(DtlsConnection connection) {
            super.onWritable(connection);
            called(connection, "writable");
        }

        @Override
        public void onClose(DtlsConnection connection, int result) {
            super.onClose(connection, result);
            results.add(result);
            called(connection, "close");
        }
    }

    private void begin(boolean isTold) {
        loop.close();
        loop = new EventLoop(new LoopConfig().handles(64).posix(posix)
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

    private DtlsConnection establishOne() {
        int before = recorder.opened;
        int opened = there.opened;
        DtlsConnection dtls = connect(connection());
        until(() -> recorder.opened > before && there.opened > opened);
        return dtls;
    }

    private void echoed(DtlsConnection dtls, String text) {
        text(dtls, text);
        until(() -> recorder.messages.contains(text));
    }

    @ParameterizedTest
    @CsvSource({
        "open, true", "data, true", "writable, true", "close, true",
        "open, false", "data, false", "writable, false", "close, false",
    })
    void oneConnectionOfAnAcceptor(String callback, boolean isTold) {
        begin(isTold);
        listen(there);
        DtlsConnection neighbour = establishOne();
        echoed(neighbour, "before");
        there.throwsIn = callback;
        DtlsConnection dtls = establishOne();
        DtlsConnection near = there.connection;
        there.of = near;
        switch (callback) {
            case "data" -> {
                text(dtls, "first"); // and behind it in the same batch
                text(neighbour, "second");
                text(dtls, "third");
            }
            case "writable" -> {
                posix.failAlways(Syscall.SENDTO, Errno.EAGAIN);
                assertEquals(-Errno.EAGAIN, near.write(bytes, 0, 10));
                posix.heal();
            }
            case "close" -> near.close();
            default -> { }
        }
        until(() -> there.charged != null);
        assertEquals(near, there.charged);
        if (callback.equals("data")) {
            until(() -> recorder.messages.contains("second"));
        }
        assertTrue(socket.isOpen());
        if (isTold) {
            assertEquals(List.of(near), blame.handles);
            until(() -> there.closed == 1);
            assertCode(callback.equals("close") ? 0 : ReturnCode.CALLBACK_THREW, there.result);
            assertEquals(callback.equals("close") ? 0 : 1, near.counter(UdpMetrics.ERROR_OFFSET));
        } else {
            assertEquals(1, caught.size());
            if (!callback.equals("close")) {
                assertTrue(near.isOpen());
                echoed(dtls, "fourth");
            }
            if (callback.equals("data")) {
                assertTrue(recorder.messages.contains("third"));
            }
        }
        echoed(neighbour, "after");
        echoed(establishOne(), "new"); // the one that threw has a successor
        loop.close();
        assertEquals(3, there.closed);
        assertEquals(isTold ? 0 : 1, caught.size());
    }

    @ParameterizedTest
    @CsvSource({
        "open, true", "data, true", "writable, true", "close, true",
        "open, false", "data, false", "writable, false", "close, false",
    })
    void aClientsConnection(String callback, boolean isTold) {
        begin(isTold);
        DtlsRecorder echo = echo();
        listen(echo);
        client = opened(TlsContext.dtlsClient(loop, Pki.client().retransmitTimeoutNs(SOON_NS)));
        there.echoes = false;
        there.throwsIn = callback;
        DtlsConnection near = connect(new DtlsConnection(client, there).host("localhost"));
        until(() -> there.opened == 1 && echo.opened == 1);
        switch (callback) {
            case "data" -> text(echo.connection, "first");
            case "writable" -> {
                posix.failAlways(Syscall.SENDTO, Errno.EAGAIN);
                assertEquals(-Errno.EAGAIN, near.write(bytes, 0, 10));
                posix.heal();
            }
            case "close" -> near.close();
            default -> { }
        }
        until(() -> there.charged == near);
        if (isTold) {
            assertEquals(List.of(near), blame.handles);
            until(() -> there.closed == 1);
            assertCode(callback.equals("close") ? 0 : ReturnCode.CALLBACK_THREW, there.result);
        } else {
            assertEquals(1, caught.size());
            if (!callback.equals("close")) {
                text(near, "back");
                until(() -> there.messages.contains("back"));
            }
        }
        loop.close();
        assertEquals(1, there.closed);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whileTheLoopCloses(boolean isTold) {
        begin(isTold);
        listen(there);
        establishOne();
        establishOne();
        there.throwsIn = "close";
        if (isTold) {
            loop.close();
            assertEquals(List.of(there.charged), blame.handles);
        } else {
            assertThrows(Thrown.class, loop::close);
        }
        assertEquals(List.of(ReturnCode.CLOSED, ReturnCode.CLOSED), there.results);
        assertEquals(ReturnCode.NOT_OPEN, loop.runOnce(0));
    }
}
