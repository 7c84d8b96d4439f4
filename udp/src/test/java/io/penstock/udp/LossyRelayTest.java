package io.penstock.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.net.Endpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A relay on the loop that loses, doubles and delays by chance, as a bad path does. The
 * receiver gets the datagrams that the relay forwarded, in the relay's order.
 */
class LossyRelayTest extends UdpFixture {
    private static final int SENT = 2_000;

    private final List<Integer> passed = new ArrayList<>();
    private final List<Integer> came = new ArrayList<>();

    /** Relays each datagram not at all, once, twice, or after the next one. */
    private final class Relay extends Recorder {
        private final Random random;
        private final Endpoint to = new Endpoint();
        private final DatagramBatch held = new DatagramBatch(1, 100);
        private boolean isHolding;

        Relay(long seed, Endpoint to) {
            random = new Random(seed);
            this.to.copyFrom(to);
        }

        @Override
        public void onDatagrams(UdpSocket socket, DatagramBatch batch, int count) {
            for (int slot = 0; slot < count; slot++) {
                batch.destination(slot, to);
                int chance = random.nextInt(100);
                if (chance < 10) {
                    continue;
                }
                if (chance < 20 && !isHolding) {
                    held.length(0, batch.length(slot));
                    held.buffer().putBytes(
                            0, batch.buffer(), batch.offset(slot), batch.length(slot));
                    held.destination(0, to);
                    isHolding = true;
                    continue;
                }
                pass(socket, batch, slot);
                if (chance < 25) {
                    pass(socket, batch, slot);
                }
                if (isHolding) {
                    pass(socket, held, 0);
                    isHolding = false;
                }
            }
        }

        private void pass(UdpSocket socket, DatagramBatch batch, int slot) {
            passed.add(batch.buffer().getInt(batch.offset(slot)));
            assertEquals(1, socket.send(batch, slot, 1));
        }
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1:0,1", "127.0.0.1:0,2", "[::1]:0,3"})
    void whatThePathLetThrough(String address, long seed) {
        Recorder last = new Recorder() {
            @Override
            public void onDatagrams(UdpSocket socket, DatagramBatch batch, int count) {
                for (int slot = 0; slot < count; slot++) {
                    came.add(batch.buffer().getInt(batch.offset(slot)));
                    assertEquals(20, batch.length(slot));
                }
            }
        };
        UdpSocket receiver = bind(socket(last), address);
        UdpSocket relay = bind(socket(new Relay(seed, at)), address);
        UdpSocket sender = connect(socket());
        receiver.resume();
        relay.resume();
        DatagramBatch out = new DatagramBatch(20, 20);
        for (int sent = 0; sent < SENT; sent += 20) {
            for (int slot = 0; slot < 20; slot++) {
                out.length(slot, 20);
                out.buffer().putInt(out.offset(slot), sent + slot);
            }
            assertEquals(20, sender.send(out, 0, 20));
            turns(1);
        }
        turnUntil(() -> came.size() == passed.size());
        turns(2);
        assertEquals(passed, came);
        long distinct = came.stream().distinct().count();
        assertTrue(distinct < SENT && distinct < came.size(), "lost some, and doubled some");
        pathInvariantsHold(sender, relay);
        pathInvariantsHold(relay, receiver);
    }
}
