package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.metrics.LoopMetrics;
import io.penstock.core.net.Close;
import io.penstock.core.net.Listener;
import io.penstock.core.net.SocketStream;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import io.penstock.core.testing.Blame;
import io.penstock.core.testing.Thrown;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.agrona.DirectBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Clients and servers over TCP and TLS whose callbacks throw at random, each after its work. Who
 * is told what stays right: one onClose for each that was opened, with an exception handler no
 * callback but that one after a throw, without one every byte there and back in its order.
 */
class RandomThrowsTest extends TlsFixture {
    private static final int CLIENTS = 6; // of each kind
    private static final int STEPS = 400;
    private static final int MAX_BYTES = 40_000;

    private final Blame blame = new Blame();
    private final Map<Stream, Life> lives = new IdentityHashMap<>();
    private final List<Life> all = new ArrayList<>();
    private final List<Stream> clients = new ArrayList<>();
    private Random random;
    private boolean isTold;
    private int oneIn; // 0: none throws
    private int threw;
    private int thrown;

    /** What a stream has come to since it was opened. */
    private static final class Life {
        long sent;
        long received;
        int closes;
        boolean hasThrown;
        boolean isEnding;
    }

    /** Serves, or is served. */
    private final class Chaos implements StreamHandler {
        private final boolean isServer;

        Chaos(boolean isServer) {
            this.isServer = isServer;
        }

        private Life life(Stream stream) {
            Life life = lives.get(stream);
            assertFalse(isTold && life.hasThrown, "called after it threw");
            return life;
        }

        private void maybeThrow(Life life, String callback) {
            if (oneIn > 0 && random.nextInt(oneIn) == 0) {
                life.hasThrown = true;
                threw++;
                throw new Thrown(callback);
            }
        }

        @Override
        public void onOpen(Stream stream) {
            Life life = new Life();
            lives.put(stream, life);
            all.add(life);
            stream.resume();
            if (!isServer) {
                clients.add(stream);
            }
            maybeThrow(life, "open");
        }

        @Override
        public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
            Life life = life(stream);
            if (isServer) {
                if (stream.write(buffer, offset, length) < 0) {
                    life.isEnding = true;
                    stream.close();
                }
            } else {
                for (int i = 0; i < length; i++) {
                    assertEquals(pattern(life.received++), buffer.getByte(offset + i));
                }
            }
            maybeThrow(life, "data");
        }

        @Override
        public void onWritable(Stream stream) {
            maybeThrow(life(stream), "writable");
        }

        @Override
        public void onEnd(Stream stream) {
            Life life = life(stream);
            stream.close(Close.WHEN_DRAINED);
            maybeThrow(life, "end");
        }

        @Override
        public void onClose(Stream stream, int result) {
            Life life = lives.remove(stream);
            clients.remove(stream);
            if (life == null) { // it never opened
                life = new Life();
                all.add(life);
            }
            life.closes++;
            maybeThrow(life, "close");
        }
    }

    private static byte pattern(long i) {
        return (byte) (i * 31 >>> 3);
    }

    private void turn() {
        try {
            loop.runOnce(STEP_NS / 20);
        } catch (Thrown t) {
            thrown += 1 + t.getSuppressed().length;
        }
    }

    private void send(Stream client) {
        Life life = lives.get(client);
        int length = 1 + random.nextInt(MAX_BYTES);
        for (int i = 0; i < length; i++) {
            bytes.putByte(i, pattern(life.sent + i));
        }
        int n = client.write(bytes, 0, length);
        life.sent += Math.max(0, n);
    }

    @ParameterizedTest
    @CsvSource({"1, true", "2, true", "3, true", "4, true", "5, true",
        "1, false", "2, false", "3, false", "4, false", "5, false"})
    void whoeverThrows(long seed, boolean told) {
        random = new Random(seed);
        isTold = told;
        oneIn = 8 << random.nextInt(4);
        loop.close();
        loop = new EventLoop(new LoopConfig().handles(64).posix(posix)
                .onException(told ? blame : null));
        assertEquals(0, loop.open());
        listen("127.0.0.1:0", server(Pki.server("server")), new Chaos(true));
        int securePort = at.port();
        Listener plain = new Listener(loop, new Chaos(true), CLIENTS).queue(pool);
        assertEquals(0, at.parse("127.0.0.1:0"));
        assertEquals(0, plain.listen(at, 16));
        assertEquals(0, plain.localEndpoint(at));
        int plainPort = at.port();
        TlsContext context = client(Pki.client());
        for (int step = 0; step < STEPS; step++) {
            if (clients.size() < CLIENTS && random.nextInt(4) == 0) {
                connectOne(random.nextBoolean() ? context : null, securePort, plainPort);
            } else if (!clients.isEmpty()) {
                Stream client = clients.get(random.nextInt(clients.size()));
                boolean isOpen = client.isOpen() && !lives.get(client).isEnding;
                switch (isOpen ? random.nextInt(12) : 0) {
                    case 1 -> {
                        lives.get(client).isEnding = true;
                        client.close();
                    }
                    case 2 -> {
                        lives.get(client).isEnding = true;
                        client.shutdown();
                    }
                    case 3, 4, 5, 6, 7, 8 -> send(client);
                    default -> { }
                }
            }
            turn();
        }
        oneIn = 0;
        if (!told) {
            for (int i = 0; i < 2_000 && clients.stream().anyMatch(this::isOwed); i++) {
                turn();
            }
            assertEquals(0, clients.stream().filter(this::isOwed).count());
        }
        oneIn = 3; // while it closes
        long turns = threw;
        try {
            loop.close();
        } catch (Thrown t) {
            thrown += 1 + t.getSuppressed().length;
        }
        assertTrue(threw > 0 && turns <= threw);
        assertEquals(told ? 0 : threw, thrown);
        assertEquals(told ? threw : 0, blame.handles.size());
        assertEquals(threw, loop.metrics().getLong(
                loop.metricsOffset() + LoopMetrics.THREW_OFFSET));
        for (Life life : all) {
            assertEquals(1, life.closes);
        }
    }

    /** Whether bytes are still on their way. */
    private boolean isOwed(Stream client) {
        Life life = lives.get(client);
        return client.isOpen() && !life.isEnding && life.received < life.sent;
    }

    private void connectOne(TlsContext context, int securePort, int plainPort) {
        Chaos chaos = new Chaos(false);
        at.port(context == null ? plainPort : securePort);
        if (context == null) {
            SocketStream stream = new SocketStream(loop, chaos);
            stream.queue(pool);
            assertEquals(0, stream.connect(at));
            return;
        }
        TlsStream tls = new TlsStream(context, chaos).host("localhost");
        tls.queue(pool);
        connect(tls);
    }
}
