package io.penstock.metrics;

import static io.penstock.core.metrics.MetricsRegion.NO_AGGREGATE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.metrics.MetricsRegion;
import io.penstock.core.metrics.MetricsType;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.testing.Allocation;
import io.penstock.metrics.scrape.MetricsSource;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every back end has to get right. */
abstract class Conformance {
    /** An application's type, with a field of every kind, and names that collide without units. */
    static final MetricsType CACHE = MetricsType.named("My-Cache")
            .counter("hits", "{hit}")
            .counter("read", "{call}")
            .counter("read_bytes", "By")
            .counter("wait_ns", "ns")
            .gauge("held_bytes", "By")
            .maximum("wait_ns_max", "ns")
            .build();
    static final String HITS = "penstock.my_cache.hits";
    private static final int MANY = 10_000;

    @TempDir
    Path folder;

    final BackEnd backEnd = backEnd();
    private final MetricsRegion region = new MetricsRegion(64);
    private final int cache = region.register(CACHE);

    abstract BackEnd backEnd();

    @AfterEach
    void close() {
        backEnd.close();
    }

    private static void set(MetricsRegion region, int block, long... words) {
        for (int i = 0; i < words.length; i++) {
            region.buffer().putLongOpaque(region.countersOffset(block) + i * Long.BYTES, words[i]);
        }
    }

    private static double value(Map<String, Double> values, String name, String... labels) {
        String key = BackEnd.key(name, labels);
        Double value = values.get(key);
        if (value == null) {
            throw new AssertionError("no " + key + " in " + values.keySet());
        }
        return value;
    }

    private static boolean has(Map<String, Double> values, String name, String... labels) {
        return values.containsKey(BackEnd.key(name, labels));
    }

    @Test
    void valuesNamesAndUnits() {
        int block = region.claim(cache, "main", NO_AGGREGATE);
        set(region, block, 1, 2, 3, 1_500_000_000, 5, 250_000_000);
        backEnd.bind(MetricsSource.of(region));
        Map<String, Double> values = backEnd.scrape();
        assertEquals(1, value(values, HITS, "name", "main"));
        assertEquals(2, value(values, "penstock.my_cache.read", "name", "main"));
        assertEquals(3, value(values, "penstock.my_cache.read_bytes", "name", "main"));
        assertEquals(1.5, value(values, "penstock.my_cache.wait", "name", "main"), 1e-12);
        assertEquals(5, value(values, "penstock.my_cache.held", "name", "main"));
        assertEquals(0.25, value(values, "penstock.my_cache.wait_max", "name", "main"), 1e-12);
        assertEquals(1, value(values, "penstock.scrape.up", "name", "region"));
        assertEquals(1, value(values, "penstock.scrape.live", "name", "region"));
        assertEquals(64, value(values, "penstock.scrape.capacity", "name", "region"));
        assertTrue(value(values, "penstock.scrape.duration", "name", "region") > 0);
        set(region, block, 11, 12);
        values = backEnd.scrape();
        assertEquals(11, value(values, HITS, "name", "main"));
        assertEquals(12, value(values, "penstock.my_cache.read", "name", "main"));
        assertFalse(values.keySet().stream().anyMatch(key -> key.contains("handle=")),
                "single handles unasked: " + values.keySet());
    }

    @Test
    void sumsKeepWhatClosed() {
        int aggregate = region.claimAggregate(cache, "pool");
        int a = region.claim(cache, "one", aggregate);
        int b = region.claim(cache, "two", aggregate);
        int lone = region.claim(cache, "lone", NO_AGGREGATE);
        set(region, a, 10, 0, 0, 0, 7, 3_000_000_000L);
        set(region, b, 20, 0, 0, 0, 9, 2_000_000_000L);
        set(region, lone, 40);
        backEnd.bind(MetricsSource.of(region));
        for (int closed = 0; closed < 4; closed++) {
            Map<String, Double> values = backEnd.scrape();
            assertEquals(30, value(values, HITS, "name", "pool"), "closed " + closed);
            assertEquals(40, value(values, HITS, "name", "lone"));
            assertEquals(3, value(values, "penstock.my_cache.wait_max", "name", "pool"));
            assertEquals(closed == 0 ? 16 : closed == 1 ? 9 : 0,
                    value(values, "penstock.my_cache.held", "name", "pool"));
            switch (closed) {
                case 0 -> region.close(a);
                case 1 -> region.close(b);
                default -> region.close(lone);
            }
        }
        // Every block is claimed again, the aggregate's and the lone one's too.
        region.close(aggregate);
        for (int i = 0; i < region.blocks(); i++) {
            assertTrue(region.claim(cache, "new", NO_AGGREGATE) >= 0);
        }
        Map<String, Double> values = backEnd.scrape();
        assertEquals(30, value(values, HITS, "name", "pool"));
        assertEquals(40, value(values, HITS, "name", "lone"));
        assertEquals(0, value(values, HITS, "name", "new"));
        assertEquals(0, value(values, "penstock.my_cache.held", "name", "pool"));
    }

    @Test
    void aBlockThatIsUsedAgainIsAnotherHandle() {
        MetricsRegion small = new MetricsRegion(2);
        int type = small.register(CACHE);
        int aggregate = small.claimAggregate(type, "pool");
        int block = small.claim(type, "one", aggregate);
        set(small, block, 100);
        backEnd.bind(MetricsSource.of(small).handles(CACHE.name()));
        String handle = "penstock.my_cache.handle.hits";
        String at = String.valueOf(block);
        Map<String, Double> values = backEnd.scrape();
        assertEquals(100, value(values, handle, "name", "one", "handle", at, "generation", "1"));
        assertEquals(100, value(values, HITS, "name", "pool"));
        assertEquals(0, small.close(block));
        values = backEnd.scrape();
        assertFalse(has(values, handle, "name", "one", "handle", at, "generation", "1"));
        assertEquals(100, value(values, HITS, "name", "pool"));
        assertEquals(block, small.claim(type, "two", aggregate));
        set(small, block, 5);
        values = backEnd.scrape();
        assertFalse(has(values, handle, "name", "one", "handle", at, "generation", "1"));
        assertEquals(5, value(values, handle, "name", "two", "handle", at, "generation", "2"));
        assertEquals(105, value(values, HITS, "name", "pool"));
        // And once more, unseen in between.
        small.close(block);
        assertEquals(block, small.claim(type, "two", aggregate));
        values = backEnd.scrape();
        assertFalse(has(values, handle, "name", "two", "handle", at, "generation", "2"));
        assertEquals(0, value(values, handle, "name", "two", "handle", at, "generation", "3"));
        assertEquals(105, value(values, HITS, "name", "pool"));
    }

    @Test
    void aTypeThatIsRegisteredLater() {
        backEnd.bind(MetricsSource.of(region));
        assertEquals(0, value(backEnd.scrape(), "penstock.scrape.live", "name", "region"));
        int stream = region.register(StreamMetrics.TYPE);
        set(region, region.claim(stream, "in \"x\\\"", NO_AGGREGATE), 77);
        backEnd.scrape(); // some systems see a new instrument from the next time on
        assertEquals(77, value(backEnd.scrape(), "penstock.stream.read", "name", "in \"x\\\""));
    }

    @Test
    void aFileThatAppearsAndIsMadeAnewAndOutlivesItsOwner() {
        String file = folder.resolve("region").toString();
        backEnd.bind(MetricsSource.of(file));
        assertEquals(0, value(backEnd.scrape(), "penstock.scrape.up", "name", file));
        MetricsRegion first = opened(file, 500);
        backEnd.scrape();
        Map<String, Double> values = backEnd.scrape();
        assertEquals(1, value(values, "penstock.scrape.up", "name", file));
        assertEquals(500, value(values, HITS, "name", "main"));
        first.close();
        values = backEnd.scrape();
        assertEquals(0, value(values, "penstock.scrape.up", "name", file));
        assertEquals(500, value(values, HITS, "name", "main"));
        MetricsRegion second = opened(file, 20);
        backEnd.scrape();
        values = backEnd.scrape();
        assertEquals(1, value(values, "penstock.scrape.up", "name", file));
        assertEquals(20, value(values, HITS, "name", "main"));
        second.close();
    }

    @Test
    void twoRegionsAsOne() {
        MetricsRegion other = new MetricsRegion(4);
        set(region, region.claim(cache, "main", NO_AGGREGATE), 1);
        set(other, other.claim(other.register(CACHE), "main", NO_AGGREGATE), 2);
        backEnd.bind(MetricsSource.all(MetricsSource.of(region).named("front"),
                MetricsSource.of(other).named("back").allHandles()));
        Map<String, Double> values = backEnd.scrape();
        assertEquals(1, value(values, HITS, "name", "main", "region", "front"));
        assertEquals(2, value(values, HITS, "name", "main", "region", "back"));
        assertEquals(4, value(values, "penstock.scrape.capacity", "name", "back",
                "region", "back"));
        String handle = "penstock.my_cache.handle.hits";
        assertEquals(2, value(values, handle, "name", "main", "region", "back",
                "handle", "0", "generation", "1"));
        assertEquals(1, values.keySet().stream().filter(key -> key.startsWith(handle)).count());
    }

    private static MetricsRegion opened(String file, long hits) {
        MetricsRegion region = new MetricsRegion(8);
        int type = region.register(CACHE);
        assertEquals(0, region.open(file));
        set(region, region.claim(type, "main", NO_AGGREGATE), hits);
        return region;
    }

    @Test
    void nothingIsExportedOnceItIsClosed() {
        set(region, region.claim(cache, "main", NO_AGGREGATE), 1);
        backEnd.bind(MetricsSource.of(region));
        assertTrue(has(backEnd.scrape(), HITS, "name", "main"));
        backEnd.unbind();
        assertEquals(Map.of(), backEnd.scrape());
    }

    @Test
    void tenThousandBlocks() {
        MetricsRegion large = new MetricsRegion(MANY + 1);
        int type = large.register(CACHE);
        int aggregate = large.claimAggregate(type, "pool");
        long sum = 0;
        for (int i = 1; i <= MANY; i++) {
            int block = large.claim(type, "c", aggregate);
            set(large, block, i);
            sum += i;
        }
        backEnd.bind(MetricsSource.of(large).handles(CACHE.name()));
        Map<String, Double> values = backEnd.scrape();
        assertEquals(sum, value(values, HITS, "name", "pool"));
        assertEquals(MANY, value(values, "penstock.scrape.live", "name", "region"));
        assertEquals(MANY, values.keySet().stream()
                .filter(key -> key.startsWith("penstock.my_cache.handle.hits")).count());
        for (int block = 0; block < MANY; block++) {
            if (block != aggregate) {
                large.close(block);
            }
        }
        values = backEnd.scrape();
        assertEquals(sum, value(values, HITS, "name", "pool"));
        assertEquals(1, values.keySet().stream()
                .filter(key -> key.startsWith("penstock.my_cache.handle.hits")).count());
    }

    @Test
    void aReaderRacesAWriter() throws InterruptedException {
        int aggregate = region.claimAggregate(cache, "pool");
        AtomicBoolean stop = new AtomicBoolean();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        long[] written = new long[1];
        Thread writer = Thread.ofPlatform().start(() -> {
            try {
                while (!stop.get()) {
                    int block = region.claim(cache, "x", aggregate);
                    for (int i = 0; i < 50; i++) {
                        region.buffer().addLongOpaque(region.countersOffset(block), 1);
                    }
                    written[0] += 50;
                    region.close(block);
                }
            } catch (Throwable e) {
                failure.set(e);
            }
        });
        backEnd.bind(MetricsSource.of(region).handles(CACHE.name()));
        double before = 0;
        int scrapes = backEnd.scrapesInARace();
        for (int i = 0; i < scrapes; i++) {
            Map<String, Double> values = backEnd.scrape();
            double now = values.getOrDefault(BackEnd.key(HITS, "name", "pool"), 0.0);
            assertTrue(now >= before, now + " after " + before);
            before = now;
        }
        stop.set(true);
        writer.join(10_000);
        assertNull(failure.get());
        assertTrue(before > 0, "it saw nothing of the race");
        assertEquals(written[0], value(backEnd.scrape(), HITS, "name", "pool"));
    }

    @Test
    @Tag("allocation")
    void recordingAllocatesNothingWhileAScrapeRuns() throws InterruptedException {
        int aggregate = region.claimAggregate(cache, "pool");
        backEnd.bind(MetricsSource.of(region));
        AtomicBoolean stop = new AtomicBoolean();
        Thread scraper = Thread.ofPlatform().start(() -> {
            while (!stop.get()) {
                backEnd.scrape();
            }
        });
        try {
            Allocation.assertNone("recording", 1_000, 1_000, () -> {
                int block = region.claim(cache, "x", aggregate);
                region.buffer().addLongOpaque(region.countersOffset(block), 1);
                region.close(block);
            });
        } finally {
            stop.set(true);
            scraper.join(30_000);
        }
    }
}
