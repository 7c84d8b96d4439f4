package io.penstock.core.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.core.buffer.BufferPool;
import io.penstock.core.testing.StreamsThatThrow;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** Handlers of sockets that throw. */
class StreamsThatThrowTest {
    /** Connects two sockets, one of which a listener has accepted. */
    abstract static class Sockets extends StreamsThatThrow {
        private final BufferPool pool = new BufferPool(64, 64 << 10);
        private final boolean isNearAccepted;
        private final boolean isQueued;

        Sockets(boolean isNearAccepted, boolean isQueued) {
            this.isNearAccepted = isNearAccepted;
            this.isQueued = isQueued;
        }

        abstract String where();

        @Override
        protected void connect(StreamHandler near, StreamHandler far, String callback) {
            Listener listener = new Listener(loop, isNearAccepted ? near : far, 1);
            SocketStream client = new SocketStream(loop, isNearAccepted ? far : near);
            if (isQueued) {
                listener.queue(pool);
                client.queue(pool);
            }
            assertEquals(0, at.parse(where()));
            assertEquals(0, listener.listen(at, 1));
            assertEquals(0, listener.localEndpoint(at));
            assertEquals(0, client.connect(at));
        }

        @Override
        protected void afterClosing() {
            assertEquals(pool.slabs(), pool.available(), "slabs");
        }
    }

    @Nested
    class ConnectedTcp extends Sockets {
        ConnectedTcp() {
            super(false, false);
        }

        @Override
        String where() {
            return "127.0.0.1:0";
        }
    }

    @Nested
    class AcceptedTcp extends Sockets {
        AcceptedTcp() {
            super(true, false);
        }

        @Override
        String where() {
            return "127.0.0.1:0";
        }
    }

    @Nested
    class QueuedTcp extends Sockets {
        QueuedTcp() {
            super(true, true);
        }

        @Override
        String where() {
            return "127.0.0.1:0";
        }
    }

    @Nested
    class Unix extends Sockets {
        @TempDir
        private Path directory;
        private int paths;

        Unix() {
            super(true, false);
        }

        @Override
        String where() {
            return "unix:" + directory.resolve("socket" + paths++);
        }
    }
}
