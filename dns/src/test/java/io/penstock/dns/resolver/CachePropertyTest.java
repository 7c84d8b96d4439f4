package io.penstock.dns.resolver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Linux;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

/** The cache against a model: whatever it still has is what was put there last, and the newest. */
class CachePropertyTest {
    private record Key(String name, int type) {
    }

    private final NativeBuffer name = NativeBuffer.allocate(NameKeys.ROOM);
    private final NativeBuffer answer = NativeBuffer.allocate(Answer.ADDRESSES_BYTES);

    @Property(tries = 300)
    void isAMapOfTheNewest(@ForAll @LongRange(min = 1) long seed,
            @ForAll @IntRange(min = 1, max = 40) int entries,
            @ForAll @IntRange(min = 256, max = 8192) int bytes) {
        java.util.Random random = new java.util.Random(seed);
        Cache cache = new Cache(entries, bytes);
        Map<Key, Long> model = new HashMap<>();
        List<Key> order = new ArrayList<>();
        for (int step = 0; step < 400; step++) {
            Key key = new Key("n" + random.nextInt(60) + ".example", 1 + random.nextInt(3));
            int n = NameKeys.parse(key.name, name, 0);
            if (random.nextInt(10) == 0) {
                cache.remove(name, 0, n, key.type);
                model.remove(key);
                order.remove(key);
            } else {
                int addresses = random.nextInt(6);
                Answer.begin(answer, 0, 0);
                for (int i = 0; i < addresses; i++) {
                    Answer.add(answer, 0, step, i, Linux.AF_INET6, 0);
                }
                if (cache.put(name, 0, n, key.type, step, answer, 0)) {
                    model.put(key, (long) step);
                    order.remove(key);
                    order.add(key);
                }
            }
            int size = cache.size();
            assertTrue(size <= entries);
            // The cache forgets the oldest alone.
            for (int i = 0; i < order.size(); i++) {
                check(cache, order.get(i), model, i >= order.size() - size);
            }
            while (order.size() > size) {
                model.remove(order.removeFirst());
            }
        }
    }

    private void check(Cache cache, Key key, Map<Key, Long> model, boolean isThere) {
        int n = NameKeys.parse(key.name, name, 0);
        int entry = cache.find(name, 0, n, key.type);
        assertEquals(entry, cache.find(key.name, key.type));
        assertEquals(isThere, entry >= 0);
        if (isThere) {
            assertEquals(model.get(key), cache.expiresNs(entry));
        }
    }
}
