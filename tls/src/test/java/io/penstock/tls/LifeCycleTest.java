package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Close;
import io.penstock.core.net.Listener;
import io.penstock.core.net.SocketStream;
import io.penstock.core.net.Stream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What listeners and streams offer for the life of a connection, over TLS: drains, deadlines. */
class LifeCycleTest extends TlsFixture {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final List<String> drains = new ArrayList<>();
    private final List<Stream> drained = new ArrayList<>();
    private final Recorder recorder = new Recorder();
    private final Echo echo = new Echo() {
        @Override
        public void onDrain(Stream stream, boolean isIdle) {
            drains.add(isIdle ? "idle" : "begins");
            drained.add(stream);
            super.onDrain(stream, isIdle);
        }
    };
    private TlsAcceptor acceptor;
    private TlsContext server;
    private TlsStream client;
    private long skippedNs;

    @BeforeEach
    void open() {
        loop.close();
        loop = new EventLoop(new LoopConfig().handles(64).posix(posix)
                .clock(() -> System.nanoTime() + skippedNs));
        assertEquals(0, loop.open());
        SelfSigned identity = new SelfSigned();
        assertEquals(0, identity.generate());
        server = server(new TlsConfig().privateChannel(identity));
        acceptor = new TlsAcceptor(server, echo, 2).queue(pool);
        client = new TlsStream(client(new TlsConfig().privateChannel(identity)), recorder);
        client.queue(pool);
    }

    private void connected() {
        listener = new Listener(loop, acceptor, 2);
        assertEquals(0, at.parse("127.0.0.1:0"));
        assertEquals(0, listener.listen(at, 8));
        assertEquals(0, listener.localEndpoint(at));
        connect(client);
        turnUntil(() -> recorder.count("open") == 1 && echo.count("open") == 1);
    }

    private void secondsPass(int seconds) {
        for (int i = 0; i < 2 * seconds; i++) {
            skippedNs += SECOND / 2;
            turns(3);
        }
    }

    @Test
    void aDrainTellsItsHandlersAndEndsWithCloseNotify() {
        connected();
        List<Integer> ends = new ArrayList<>();
        listener.onClose((which, result) -> ends.add(result));
        assertEquals(0, listener.drain(loop.nowNs() + 60 * SECOND));
        turns(2);
        assertEquals(List.of("begins"), drains);
        assertTrue(drained.getFirst() instanceof TlsStream);
        assertEquals(10, client.write(bytes, 0, 10));
        turnUntil(() -> recorder.bytes == 10);
        secondsPass(3);
        turnUntil(() -> !ends.isEmpty());
        assertEquals("idle", drains.getLast());
        turnUntil(() -> recorder.count("end") == 1);
        assertEquals(List.of(0), ends);
        assertEquals(0, echo.result);
    }

    @Test
    void whoNeverBeginsAHandshakeDoesNotKeepADrainWaiting() {
        listener = new Listener(loop, acceptor, 2);
        assertEquals(0, at.parse("127.0.0.1:0"));
        assertEquals(0, listener.listen(at, 8));
        assertEquals(0, listener.localEndpoint(at));
        SocketStream silent = new SocketStream(loop, new Recorder());
        assertEquals(0, silent.connect(at));
        turnUntil(() -> acceptor.connections() == 1);
        assertEquals(0, listener.drain(loop.nowNs() + 60 * SECOND));
        secondsPass(3);
        turnUntil(() -> !listener.isOpen());
        assertEquals(0, acceptor.connections());
        assertTrue(drains.isEmpty(), "no handler knows of it");
    }

    @Test
    void idleConnectionsAreClosed() {
        acceptor.deadlines(8 * SECOND, 0);
        connected();
        for (int i = 1; i <= 4; i++) {
            secondsPass(4);
            assertEquals(10, client.write(bytes, 0, 10));
            int bytes = 10 * i;
            turnUntil(() -> recorder.bytes == bytes);
        }
        secondsPass(11);
        turnUntil(() -> echo.count("close") == 1);
        assertEquals(ReturnCode.IDLE, echo.result);
        assertThrows(IllegalArgumentException.class, () -> acceptor.deadlines(-1, 0));
    }

    @Test
    void aPeerThatDoesNotReadCannotKeepItFromClosing() {
        assertEquals(0, client.deadlines(0, 0, 5 * SECOND));
        connected();
        acceptor.connection(0).pause();
        acceptor.connection(0).handler(recorder); // which leaves what comes where it is
        while (client.queuedBytes() < 20_000) {
            assertTrue(client.write(bytes, 0, 10_000) > 0);
        }
        assertEquals(0, client.close(Close.WHEN_DRAINED));
        secondsPass(4);
        assertTrue(client.isOpen());
        secondsPass(2);
        turnUntil(() -> recorder.count("close") >= 1);
        assertFalse(client.isOpen());
        assertEquals(ReturnCode.TIMED_OUT, recorder.result);
    }

    @Test
    void itsConnectionsAreWalkedAndTheirHandlersExchanged() {
        assertEquals(2, acceptor.capacity());
        assertNull(acceptor.connection(0));
        connected();
        TlsStream far = acceptor.connection(0);
        assertNotNull(far);
        assertSame(echo.stream, far);
        assertNull(acceptor.connection(1));
        Recorder second = new Recorder();
        assertEquals(0, far.handler(second));
        assertEquals(10, client.write(bytes, 0, 10));
        turnUntil(() -> second.bytes == 10);
        assertEquals(0, client.close());
        turnUntil(() -> second.count("end") == 1);
        assertEquals(0, far.close());
        turnUntil(() -> second.count("close") == 1);
        assertEquals(0, echo.count("close"));
    }
}
