package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.HeldOperations;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Endpoint;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.Descriptors;
import io.penstock.core.testing.FaultyPosix;
import io.penstock.tls.openssl.Live;
import io.penstock.udp.DatagramBatch;
import io.penstock.udp.UdpMetrics;
import io.penstock.udp.UdpSocket;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import org.agrona.DirectBuffer;

/**
 * Connections over a socket of their own, and their server's, with random calls and events: their
 * states follow each other as the table of docs/dtls.md says, and what a call answers, and what is
 * told, follows from the state.
 */
class DtlsStatesTest {
    private static final int STEPS = 150;
    private static final LifeTable TABLE = new LifeTable("dtls.md");
    private static final SelfSigned IDENTITY = new SelfSigned();
    private static final SelfSigned STRANGER = new SelfSigned();

    static {
        assertEquals(0, IDENTITY.generate());
        assertEquals(0, STRANGER.generate());
    }

    @Example
    void theTableIsPartOfWhatTheCodeAsserts() {
        for (Life from : Life.values()) {
            for (Life to : Life.values()) {
                assertTrue(!TABLE.has(from, to) || from.leadsTo(to), from + " to " + to);
            }
        }
    }

    @Property(tries = 300, shrinking = ShrinkingMode.OFF)
    void whateverIsCalledAndComes(@ForAll long seed) {
        long live = Live.count();
        int descriptors = Descriptors.open();
        try (World world = new World(new Random(seed))) {
            world.run();
        }
        assertEquals(live, Live.count());
        Descriptors.assertOpen(descriptors);
    }

    @AfterContainer
    static void everyRowWasSeen() {
        TABLE.assertAllSeen();
    }

    /** A client and a server, each with one connection that is looked at. */
    private static final class World implements AutoCloseable {
        private final Random random;
        private final boolean isTrusted;
        private final FaultyPosix posix = new FaultyPosix();
        private final EventLoop loop;
        private final TlsContext clients;
        private final TlsContext servers;
        private final NativeBuffer bytes = NativeBuffer.allocate(4_096);
        private final DtlsAcceptor acceptor;
        private final UdpSocket serving;
        private final Endpoint at = new Endpoint();
        private final Watched client;
        private final Watched accepted;
        private final UdpSocket own;
        private final LateCloses late;
        private long nowNs;
        private boolean isFinishing;

        World(Random random) {
            this.random = random;
            LoopConfig config = new LoopConfig().handles(16).posix(posix).clock(() -> nowNs);
            loop = new EventLoop(
                    random.nextBoolean() ? config : HeldOperations.in(config, random));
            assertEquals(0, loop.open());
            isTrusted = random.nextInt(6) > 0;
            servers = TlsContext.dtlsServer(loop, new TlsConfig().privateChannel(IDENTITY));
            clients = TlsContext.dtlsClient(loop, new TlsConfig()
                    .privateChannel(isTrusted ? IDENTITY : STRANGER));
            assertEquals(0, servers.open());
            assertEquals(0, clients.open());
            accepted = new Watched(true);
            acceptor = new DtlsAcceptor(servers, accepted, 1);
            serving = new UdpSocket(loop, acceptor, new DatagramBatch(8, 4_096));
            client = new Watched(false);
            client.connection = new DtlsConnection(clients, client);
            client.connection.idleTimeoutNs(TimeUnit.MINUTES.toNanos(5));
            late = new LateCloses(client.connection.transport());
            own = new UdpSocket(loop, late, new DatagramBatch(8, 4_096));
            assertEquals(0, at.parse("127.0.0.1:0"));
            assertEquals(0, serving.bind(at));
            assertEquals(0, serving.localEndpoint(at));
            assertEquals(0, serving.resume());
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                step(random.nextInt(16));
            }
            isFinishing = true;
            posix.heal();
            if (client.connection.life().isOpen()) {
                client.close();
            }
            acceptor.close();
            for (int turn = 0; client.connection.life() != Life.CLOSED
                    || acceptor.connections() > 0; turn++) {
                turn();
                assertTrue(turn < 20);
            }
            assertEquals(client.lives, client.closes);
            for (TlsContext each : new TlsContext[] {clients, servers}) {
                assertEquals(each.counter(TlsMetrics.BEGUN_OFFSET), each.counter(
                        TlsMetrics.DONE_OFFSET) + each.counter(TlsMetrics.FAILED_OFFSET));
                assertEquals(0, each.counter(TlsMetrics.LIVE_OFFSET));
                assertTrue(isTrusted || each.counter(TlsMetrics.DONE_OFFSET) == 0);
            }
        }

        private void step(int what) {
            Watched one = random.nextInt(3) > 0 || accepted.connection == null ? client : accepted;
            switch (what) {
                case 0, 1 -> open();
                case 2, 3, 4 -> one.write();
                case 5 -> {
                    if (random.nextInt(4) == 0) {
                        one.close();
                    }
                }
                case 6 -> {
                    if (random.nextInt(8) == 0) {
                        own.close(); // by itself
                    }
                }
                case 7 -> posix.fail(Syscall.SENDTO, Errno.EAGAIN, 0, 1 + random.nextInt(3));
                case 8 -> {
                    if (random.nextInt(4) == 0) {
                        posix.fail(Syscall.SENDTO, Errno.ECONNREFUSED, 0, 1);
                    }
                }
                default -> turn();
            }
            client.look();
            accepted.look();
        }

        private void open() {
            Life life = client.connection.life();
            if (life != Life.CLOSED) {
                client.call(() -> client.connection.open(own), ReturnCode.ALREADY_OPEN);
                return;
            }
            late.turns = 0;
            if (late.isOwed()) {
                late.tell();
            }
            if (!own.isOpen() && own.connect(at) != 0) {
                return; // it is closing by itself
            }
            late.turns = random.nextInt(3);
            client.begin();
            client.call(() -> client.connection.open(own), 0);
            assertEquals(Life.WAITING, client.connection.life());
        }

        private void turn() {
            nowNs += random.nextInt(60) == 0 ? TimeUnit.SECONDS.toNanos(61 + random.nextInt(400))
                    : random.nextInt(10) == 0 ? TimeUnit.MILLISECONDS.toNanos(1_100)
                    : TimeUnit.MILLISECONDS.toNanos(1);
            assertTrue(loop.runOnce(0) >= 0);
            late.turned();
        }

        @Override
        public void close() {
            clients.close();
            servers.close();
            loop.close();
        }

        /** A connection, or the acceptor's only one, and what is known of it. */
        private final class Watched implements DtlsHandler {
            private final boolean isAccepted;
            DtlsConnection connection; // the acceptor's from when it is first told of
            private Life seen = Life.CLOSED;
            int lives;
            int closes;
            private int opened;
            private boolean isClosed;
            private boolean isCalling;

            Watched(boolean isAccepted) {
                this.isAccepted = isAccepted;
            }

            void begin() {
                lives++;
                opened = 0;
                isClosed = false;
            }

            int call(IntSupplier what) {
                isCalling = true;
                int rc = what.getAsInt();
                isCalling = false;
                look();
                return rc;
            }

            void call(IntSupplier what, int expected) {
                assertEquals(ReturnCode.describe(expected), ReturnCode.describe(call(what)));
            }

            private int closedCode() {
                return lives == 0 && !isAccepted ? ReturnCode.NOT_OPEN : ReturnCode.CLOSED;
            }

            void write() {
                Life life = connection.life();
                int length = 1 + random.nextInt(1_000);
                assertEquals(life == Life.OPEN, connection.maxDataBytes() > 0);
                int rc = call(() -> connection.write(bytes, 0, length));
                if (life != Life.OPEN) {
                    assertEquals(ReturnCode.describe(
                            life.isOpen() ? ReturnCode.NOT_OPEN : closedCode()),
                            ReturnCode.describe(rc));
                } else {
                    assertTrue(rc == length || rc == -Errno.EAGAIN || rc == -Errno.ECONNREFUSED
                            || !connection.below().isOpen(), () -> ReturnCode.describe(rc));
                    assertEquals(Life.OPEN, connection.life());
                }
            }

            void close() {
                boolean isOpen = connection.life().isOpen();
                call(connection::close, isOpen ? 0 : closedCode());
                isClosed |= isOpen;
                assertFalse(connection.life().isOpen());
            }

            void look() {
                if (connection == null) {
                    return;
                }
                Life now = connection.life();
                if (now != seen) {
                    Life before = seen;
                    seen = now;
                    TABLE.saw(before, now);
                }
                assertEquals(now.isOpen(), connection.isOpen());
                assertEquals(now.isOpen(), connection.below() != null);
                assertEquals(now.isOpen() ? connection : null, loop.handle(connection.token()));
            }

            private void told(DtlsConnection of) {
                if (connection == null) {
                    connection = of;
                    seen = Life.HANDSHAKING;
                }
                look();
                assertEquals(connection, of);
                assertFalse(isCalling, "told from inside a call");
                assertFalse(isClosed, "told after close");
                assertEquals(Life.OPEN, of.life());
                assertTrue(isTrusted, "told of a stranger");
            }

            @Override
            public void onOpen(DtlsConnection of) {
                if (isAccepted) {
                    begin();
                }
                told(of);
                assertEquals(1, ++opened);
                inCallback();
            }

            @Override
            public void onData(DtlsConnection of, DirectBuffer buffer, int offset, int length) {
                told(of);
                assertEquals(1, opened);
                inCallback();
            }

            @Override
            public void onWritable(DtlsConnection of) {
                told(of);
                assertEquals(1, opened);
                inCallback();
            }

            private void inCallback() {
                switch (random.nextInt(12)) {
                    case 0, 1, 2 -> write();
                    case 3 -> close();
                    default -> { }
                }
            }

            @Override
            public void onClose(DtlsConnection of, int result) {
                if (connection == null) {
                    connection = of;
                }
                look();
                assertEquals(Life.CLOSED, of.life());
                assertFalse(isCalling);
                assertEquals(1, of.counter(UdpMetrics.CLOSE_OFFSET));
                if (isAccepted) {
                    return;
                }
                assertEquals(lives, ++closes);
                assertTrue(!own.isOpen() && !late.isOwed(), "its socket is there");
                if (!isFinishing && random.nextInt(4) == 0) {
                    open();
                }
            }
        }
    }
}
