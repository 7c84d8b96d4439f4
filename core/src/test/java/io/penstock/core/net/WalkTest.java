package io.penstock.core.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.testing.Allocation;
import io.penstock.core.testing.Recorder;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Walking the open connections of a listener. */
class WalkTest extends NetFixture {
    private static final int CAPACITY = 20;

    private final Recorder client = new Recorder() {
        @Override
        public void onEnd(Stream stream) {
            stream.close();
        }
    };
    private final List<SocketStream> clients = new ArrayList<>();
    private final List<Stream> server = new ArrayList<>(); // open ones, in the order of onOpen
    private Listener listener;

    private final Recorder handler = new Recorder() {
        @Override
        public void onOpen(Stream stream) {
            super.onOpen(stream);
            server.add(stream);
            assertEquals(server.size(), walk().size(), "one that is told of its opening is met");
        }

        @Override
        public void onEnd(Stream stream) {
            stream.close();
        }

        @Override
        public void onClose(Stream stream, int result) {
            server.remove(stream);
            assertFalse(walk().contains(stream), "one that is told of its closing is not");
        }
    };

    private void listen() {
        listener = new Listener(loop, handler, CAPACITY);
        assertEquals(0, at.parse("@penstock-walk"));
        assertEquals(0, listener.listen(at, CAPACITY));
    }

    private void connect(int n) {
        int before = server.size();
        for (int i = 0; i < n; i++) {
            SocketStream stream = new SocketStream(loop, client);
            assertEquals(0, stream.connect(at));
            clients.add(stream);
        }
        turnUntil(() -> server.size() == before + n);
    }

    private List<Stream> walk() {
        List<Stream> met = new ArrayList<>();
        for (int place = 0; place < listener.capacity(); place++) {
            if (listener.connection(place) != null) {
                met.add(listener.connection(place));
            }
        }
        return met;
    }

    @Test
    void aWalkMeetsTheOpenConnections() {
        listen();
        assertEquals(CAPACITY, listener.capacity());
        assertEquals(List.of(), walk());
        assertThrows(IndexOutOfBoundsException.class, () -> listener.connection(CAPACITY));
        assertThrows(IndexOutOfBoundsException.class, () -> listener.connection(-1));
        connect(3);
        assertEquals(server, walk());
        assertEquals(0, server.get(1).close());
        assertEquals(List.of(server.get(0), server.get(2)), walk(), "not one that is closing");
        assertEquals(3, listener.connections());
        turns(1);
        assertEquals(2, listener.connections());
        listener.close();
        turns(1);
        assertEquals(server, walk(), "they outlive the listener");
    }

    @Test
    void aWalkMayCloseAllThatItMeets() {
        listen();
        connect(CAPACITY);
        for (Stream stream : walk()) {
            assertEquals(0, stream.close());
        }
        assertEquals(List.of(), walk());
        turnUntil(() -> listener.connections() == 0);
    }

    /** One place a turn, while connections come and go at random. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void aWalkOverTurnsMeetsEachThatIsOpenThroughoutOnce(long seed) {
        Random random = new Random(seed);
        listen();
        connect(CAPACITY / 2);
        for (int round = 0; round < 20; round++) {
            Map<Stream, Long> throughout = new IdentityHashMap<>();
            server.forEach(stream -> throughout.put(stream, stream.token()));
            Map<Stream, Integer> met = new IdentityHashMap<>();
            for (int place = 0; place < listener.capacity(); place++) {
                Stream stream = listener.connection(place);
                if (stream != null) {
                    assertTrue(stream.isOpen());
                    met.merge(stream, 1, Integer::sum);
                }
                if (random.nextInt(3) == 0 && !server.isEmpty()) {
                    server.get(random.nextInt(server.size())).close();
                    turns(2);
                }
                if (random.nextInt(3) == 0 && listener.connections() < CAPACITY) {
                    connect(1);
                }
            }
            throughout.forEach((stream, token) -> {
                if (Stream.of(loop, token) == stream) {
                    assertEquals(1, met.get(stream));
                }
            });
            assertTrue(met.values().stream().allMatch(times -> times == 1));
        }
    }

    @Tag("allocation")
    @Test
    void walkingAllocatesNothing() {
        listen();
        connect(CAPACITY / 2);
        int[] met = {0};
        Allocation.assertNone("walk", 1_000, 400, () -> {
            for (int place = 0; place < listener.capacity(); place++) {
                if (listener.connection(place) != null) {
                    met[0]++;
                }
            }
        });
        assertTrue(met[0] >= 1_400 * CAPACITY / 2);
        assertNull(listener.connection(CAPACITY - 1));
    }
}
