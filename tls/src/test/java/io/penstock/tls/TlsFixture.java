package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.net.Listener;
import io.penstock.core.net.SocketStream;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import io.penstock.core.testing.LoopFixture;
import io.penstock.core.testing.Peer;
import io.penstock.tls.openssl.Live;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** A loop, and the check that descriptors, slabs and the library's objects are given back. */
abstract class TlsFixture extends LoopFixture {
    static final int CAPACITY = 8;

    final BufferPool pool = new BufferPool(64, 16 << 10);
    final List<TlsContext> contexts = new ArrayList<>();
    Listener listener;
    private long live;

    TlsFixture() {
        super(64, 1 << 20);
    }

    /** What is opened once for good, by the JDK and the library, is open before anybody counts. */
    @BeforeAll
    static void warmUp() throws IOException {
        new ServerSocket(0).close();
        assertEquals(0, OpenSsl.load(), OpenSsl::tried);
        try (SelfSigned identity = new SelfSigned()) {
            assertEquals(0, identity.generate());
        }
        if (Peer.isInstalled("openssl")) {
            Pki.file("root.pem");
        }
    }

    @BeforeEach
    final void countObjects() {
        live = Live.count();
    }

    @Override
    protected void beforeClosing() {
        contexts.forEach(TlsContext::close);
    }

    @Override
    protected void afterClosing() {
        assertEquals(pool.slabs(), pool.available(), "slabs");
        for (TlsContext context : contexts) {
            assertEquals(context.records().slabs.slabs(), context.records().slabs.available());
            assertEquals(0, context.counter(TlsMetrics.UPCALL_ERRORS_OFFSET));
        }
        assertEquals(live, Live.count(), "the library's objects");
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

    static void invariantsHold(Stream stream) {
        StringBuilder out = new StringBuilder();
        assertEquals(0, StreamMetrics.brokenInvariants(
                stream.metrics(), stream.metricsOffset(), out), out::toString);
    }

    static void assertCode(int expected, int actual) {
        assertEquals(ReturnCode.describe(expected), ReturnCode.describe(actual));
    }
}
