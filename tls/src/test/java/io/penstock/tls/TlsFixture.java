package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.Listener;
import io.penstock.core.net.SocketStream;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import io.penstock.core.sys.Posix;
import io.penstock.core.testing.Descriptors;
import io.penstock.core.testing.FaultyPosix;
import io.penstock.tls.openssl.Live;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** A loop, and the check that descriptors, slabs and the library's objects are given back. */
abstract class TlsFixture {
    static final long STEP_NS = TimeUnit.MILLISECONDS.toNanos(10);
    static final int CAPACITY = 8;

    final FaultyPosix posix = new FaultyPosix();
    final Endpoint at = new Endpoint();
    final NativeBuffer bytes = NativeBuffer.allocate(1 << 20);
    final BufferPool pool = new BufferPool(64, 16 << 10);
    final List<TlsContext> contexts = new ArrayList<>();
    EventLoop loop;
    Listener listener;
    private int descriptors;
    private long live;

    /** What is opened once for good, by the JDK and the library, is open before anybody counts. */
    @BeforeAll
    static void warmUp() throws IOException {
        new ServerSocket(0).close();
        assertEquals(0, OpenSsl.load(), OpenSsl::tried);
        try (SelfSigned identity = new SelfSigned()) {
            assertEquals(0, identity.generate());
        }
        if (Processes.isInstalled("openssl")) {
            Pki.file("root.pem");
        }
    }

    @BeforeEach
    final void openLoop() {
        Posix.system().getpid(); // what is opened once for good is open before the count
        descriptors = Descriptors.open();
        live = Live.count();
        loop = new EventLoop(new LoopConfig().handles(64).posix(posix));
        assertEquals(0, loop.open());
        for (int i = 0; i < bytes.capacity(); i++) {
            bytes.putByte(i, (byte) (i * 31 >>> 3));
        }
    }

    @AfterEach
    final void everythingIsGivenBack() {
        posix.heal();
        contexts.forEach(TlsContext::close);
        loop.close();
        assertEquals(pool.slabs(), pool.available(), "slabs");
        for (TlsContext context : contexts) {
            assertEquals(context.config().records, context.records().slabs.available());
            assertEquals(0, context.count(TlsMetrics.UPCALL_ERRORS_OFFSET));
        }
        assertEquals(live, Live.count(), "the library's objects");
        Descriptors.assertOpen(descriptors);
    }

    final TlsContext server(TlsConfig config) {
        return opened(TlsContext.server(loop, config));
    }

    final TlsContext client(TlsConfig config) {
        return opened(TlsContext.client(loop, config));
    }

    final TlsContext opened(TlsContext context) {
        int rc = context.open();
        assertEquals(0, rc, () -> ReturnCode.describe(rc));
        contexts.add(context);
        return context;
    }

    final void listen(String where, TlsContext context, StreamHandler handler) {
        TlsAcceptor acceptor = new TlsAcceptor(context, handler, CAPACITY).queue(pool);
        listener = new Listener(loop, acceptor, CAPACITY);
        assertEquals(0, at.parse(where));
        assertEquals(0, listener.listen(at, 128));
        assertEquals(0, listener.localEndpoint(at));
    }

    final SocketStream connect(TlsStream tls) {
        SocketStream below = new SocketStream(loop, tls.transport());
        assertEquals(0, below.connect(at));
        int rc = tls.open(below);
        assertEquals(0, rc, () -> ReturnCode.describe(rc));
        return below;
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

    static void lawsHold(Stream stream) {
        StringBuilder out = new StringBuilder();
        assertEquals(0, StreamMetrics.brokenLaws(
                stream.metrics(), stream.metricsOffset(), out), out::toString);
    }

    static void assertCode(int expected, int actual) {
        assertEquals(ReturnCode.describe(expected), ReturnCode.describe(actual));
    }
}
