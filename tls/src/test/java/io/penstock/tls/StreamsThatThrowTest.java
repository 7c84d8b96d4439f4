package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.core.buffer.BufferPool;
import io.penstock.core.net.Listener;
import io.penstock.core.net.SocketStream;
import io.penstock.core.net.StreamHandler;
import io.penstock.core.testing.StreamsThatThrow;
import io.penstock.tls.openssl.Live;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;

/** Handlers of TLS streams that throw. */
class StreamsThatThrowTest {
    @BeforeAll
    static void warmUp() {
        assertEquals(0, OpenSsl.load(), OpenSsl::tried);
        Pki.file("root.pem");
    }

    abstract static class Tls extends StreamsThatThrow {
        private final BufferPool pool = new BufferPool(64, 64 << 10);
        private final List<TlsContext> contexts = new ArrayList<>();
        private final boolean isNearAccepted;
        private final boolean isQueued;
        private long live;

        Tls(boolean isNearAccepted, boolean isQueued) {
            this.isNearAccepted = isNearAccepted;
            this.isQueued = isQueued;
        }

        @BeforeEach
        final void countObjects() {
            live = Live.count();
        }

        @Override
        protected void connect(StreamHandler near, StreamHandler far, String callback) {
            TlsContext server = opened(TlsContext.server(loop, Pki.server("server")));
            TlsContext client = opened(TlsContext.client(loop, Pki.client()));
            TlsAcceptor acceptor = new TlsAcceptor(server, isNearAccepted ? near : far, 1);
            Listener listener = new Listener(loop, acceptor, 1);
            TlsStream tls = new TlsStream(client, isNearAccepted ? far : near).host("localhost");
            SocketStream below = new SocketStream(loop, tls.transport());
            if (isQueued) {
                acceptor.queue(pool);
                tls.queue(pool);
            }
            assertEquals(0, at.parse("127.0.0.1:0"));
            assertEquals(0, listener.listen(at, 1));
            assertEquals(0, listener.localEndpoint(at));
            assertEquals(0, below.connect(at));
            assertEquals(0, tls.open(below));
        }

        private TlsContext opened(TlsContext context) {
            assertEquals(0, context.open());
            contexts.add(context);
            return context;
        }

        @Override
        protected void afterClosing() {
            assertEquals(pool.slabs(), pool.available(), "slabs");
            for (TlsContext context : contexts) {
                context.close();
                assertEquals(context.records().slabs.slabs(), context.records().slabs.available());
                assertEquals(0, context.counter(TlsMetrics.UPCALL_ERRORS_OFFSET));
            }
            assertEquals(live, Live.count(), "the library's objects");
        }
    }

    @Nested
    class Client extends Tls {
        Client() {
            super(false, false);
        }
    }

    @Nested
    class Accepted extends Tls {
        Accepted() {
            super(true, false);
        }
    }

    @Nested
    class Queued extends Tls {
        Queued() {
            super(true, true);
        }
    }
}
