package io.penstock.metrics;

import static io.penstock.core.metrics.MetricsRegion.NO_AGGREGATE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.metrics.MetricsRegion;
import io.penstock.core.metrics.MetricsType;
import io.penstock.core.sys.Errno;
import io.penstock.core.testing.Allocation;
import io.penstock.metrics.scrape.MetricsSource;
import io.penstock.metrics.scrape.Row;
import io.penstock.metrics.scrape.Scrape;
import io.penstock.metrics.scrape.ScrapeListener;
import io.penstock.metrics.scrape.ScrapeMetrics;
import io.penstock.metrics.scrape.Table;
import io.penstock.metrics.text.MetricsText;
import io.penstock.metrics.text.TextFormat;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What the back ends need not each be asked: the scrape that they share, and the text. */
class ScrapeTest {
    private static final MetricsType TYPE = MetricsType.named("t").counter("n", "{item}")
            .counter("spent_ns", "ns").build();

    @TempDir
    Path folder;

    private final MetricsRegion region = new MetricsRegion(8);
    private final int type = region.register(TYPE);
    private final NativeBuffer buffer = NativeBuffer.allocate(1 << 20);

    private static void set(MetricsRegion region, int block, int field, long value) {
        region.buffer().putLongOpaque(region.countersOffset(block) + field * Long.BYTES, value);
    }

    private String text(TextFormat format) {
        try (MetricsText text = new MetricsText(MetricsSource.of(region), format)) {
            int length = text.write(buffer, 0, buffer.capacity());
            return buffer.getStringWithoutLengthUtf8(0, length);
        }
    }

    @Test
    void prometheusText() {
        set(region, region.claim(type, "a \"b\"\\", NO_AGGREGATE), 0, Long.MAX_VALUE);
        assertTrue(text(TextFormat.PROMETHEUS).endsWith("""
                # HELP penstock_t_n_total n of each t, {item}
                # TYPE penstock_t_n_total counter
                penstock_t_n_total{name="a \\"b\\"\\\\"} 9223372036854775807
                # HELP penstock_t_spent_seconds_total spent_ns of each t, s
                # TYPE penstock_t_spent_seconds_total counter
                penstock_t_spent_seconds_total{name="a \\"b\\"\\\\"} 0
                """));
    }

    @Test
    void openMetricsText() {
        set(region, region.claim(type, "x", NO_AGGREGATE), 0, 1);
        assertTrue(text(TextFormat.OPENMETRICS).endsWith("""
                # HELP penstock_t_n n of each t, {item}
                # TYPE penstock_t_n counter
                penstock_t_n_total{name="x"} 1
                # HELP penstock_t_spent_seconds spent_ns of each t, s
                # TYPE penstock_t_spent_seconds counter
                # UNIT penstock_t_spent_seconds seconds
                penstock_t_spent_seconds_total{name="x"} 0
                # EOF
                """));
    }

    /** Seconds are written as they are, and not by way of a double. */
    @ParameterizedTest
    @CsvSource({
        "1, 0.000000001", "1000000000, 1", "1500000000, 1.5", "1000000001, 1.000000001",
        "120, 0.00000012", "9223372036854775807, 9223372036.854775807",
        "-1, -0.000000001", "-2500000000, -2.5",
    })
    void decimals(long ns, String seconds) {
        set(region, region.claim(type, "x", NO_AGGREGATE), 1, ns);
        assertTrue(text(TextFormat.PROMETHEUS).endsWith(
                "penstock_t_spent_seconds_total{name=\"x\"} " + seconds + "\n"));
    }

    @ParameterizedTest
    @EnumSource
    void textThatDoesNotFitIsACode(TextFormat format) {
        region.claim(type, "x", NO_AGGREGATE);
        MetricsText text = new MetricsText(MetricsSource.of(region), format);
        int whole = text.write(buffer, 0, buffer.capacity());
        int fits = 0;
        for (int room = 0; room < whole + 100; room++) {
            buffer.putByte(10 + room, (byte) '!');
            int length = text.write(buffer, 10, room);
            assertTrue(length == ReturnCode.TEXT_TOO_LONG || length >= whole - 20,
                    () -> ReturnCode.describe(length));
            assertEquals('!', buffer.getByte(10 + room), "beyond its room");
            fits += length >= 0 ? 1 : 0;
        }
        assertTrue(fits > 0);
        assertThrows(IndexOutOfBoundsException.class,
                () -> text.write(buffer, 1, buffer.capacity()));
        text.close();
        assertEquals(ReturnCode.CLOSED, text.write(buffer, 0, buffer.capacity()));
    }

    @Test
    @Tag("allocation")
    void textIsWrittenWithoutAllocating() {
        int aggregate = region.claimAggregate(type, "all");
        region.claim(type, "x", aggregate);
        MetricsText text = new MetricsText(
                MetricsSource.of(region).allHandles(), TextFormat.OPENMETRICS);
        Allocation.assertNone("write", 2_000, 1_000,
                () -> text.write(buffer, 0, buffer.capacity()));
    }

    @Test
    void whatAppearsAndVanishes() {
        List<String> heard = new ArrayList<>();
        Scrape scrape = new Scrape(MetricsSource.of(region).handles("t"), new ScrapeListener() {
            @Override
            public void onTable(Table table) {
                heard.add("table " + table.type().name() + (table.isOfHandles() ? " handles" : ""));
            }

            @Override
            public void onAppear(Row row) {
                heard.add("+" + String.join(" ", row.labels()) + " = " + row.value(0));
            }

            @Override
            public void onVanish(Row row) {
                heard.add("-" + String.join(" ", row.labels()));
            }
        });
        assertEquals(0, scrape.take());
        int block = region.claim(type, "x", NO_AGGREGATE);
        set(region, block, 0, 5);
        assertEquals(1, scrape.take());
        region.close(block);
        assertEquals(0, scrape.take());
        assertEquals(0, scrape.take());
        assertEquals(List.of("table scrape", "+name region = 1", "table t", "table t handles",
                "+name x = 5", "+name x handle 0 generation 1 = 5",
                "-name x handle 0 generation 1"), heard);
        scrape.close();
        assertEquals(List.of("-name x", "-name region"), heard.subList(7, heard.size()));
        assertEquals(ReturnCode.CLOSED, scrape.take());
    }

    @Test
    void namesBeyondWhatThereIsRoomForAreOne() {
        MetricsRegion large = new MetricsRegion(Scrape.MAX_NAMES + 50);
        int id = large.register(TYPE);
        for (int i = 0; i < large.blocks(); i++) {
            set(large, large.claim(id, "n" + i, NO_AGGREGATE), 0, 1);
        }
        try (Scrape scrape = new Scrape(MetricsSource.of(large))) {
            assertEquals(large.blocks(), scrape.take());
            Table table = scrape.table(1);
            assertEquals(Scrape.MAX_NAMES + 1, table.rows());
            assertEquals(Scrape.OTHERS, table.row(Scrape.MAX_NAMES).name());
            assertEquals(50, table.row(Scrape.MAX_NAMES).value(0));
        }
    }

    @Test
    void typesOfTheSameNameHaveNamesOfTheirOwn() {
        int second = region.register(MetricsType.named("t").gauge("n", "{item}").build());
        region.claim(type, "x", NO_AGGREGATE);
        region.claim(second, "x", NO_AGGREGATE);
        try (Scrape scrape = new Scrape(MetricsSource.of(region))) {
            scrape.take();
            assertEquals("penstock.t.n", scrape.table(1).metric(0).name());
            assertEquals("penstock.t.n_0", scrape.table(2).metric(0).name());
            assertEquals("penstock_t_n_0", scrape.table(2).metric(0).prometheusName());
        }
    }

    /** What was read stays, and the failure is counted. */
    @Test
    void aFileThatCannotBeReadAnyMore() throws IOException {
        String file = folder.resolve("region").toString();
        assertEquals(0, region.open(file));
        set(region, region.claim(type, "x", NO_AGGREGATE), 0, 7);
        assertEquals(0, region.close()); // the memory of one that lives cannot be cut
        try (Scrape scrape = new Scrape(MetricsSource.of(file))) {
            assertEquals(1, scrape.take());
            try (RandomAccessFile cut = new RandomAccessFile(file, "rw")) {
                cut.setLength(4096);
            }
            assertEquals(ReturnCode.REGION_TRUNCATED, scrape.take());
            assertEquals(ReturnCode.REGION_TRUNCATED, scrape.take(), "opened again");
            assertEquals(7, scrape.table(1).row(0).value(0));
            Row own = scrape.table(0).row(0);
            assertEquals(0, own.value(ScrapeMetrics.UP_OFFSET / Long.BYTES));
            assertEquals(2, own.value(ScrapeMetrics.FAILURES_OFFSET / Long.BYTES));
        }
        try (Scrape scrape = new Scrape(MetricsSource.of(folder + "/none"))) {
            assertEquals(-Errno.ENOENT, scrape.take());
        }
    }

    @Test
    void severalNeedNames() {
        MetricsSource one = MetricsSource.of(region).named("one");
        assertThrows(IllegalArgumentException.class,
                () -> MetricsSource.all(one, MetricsSource.of(region)));
        assertThrows(IllegalArgumentException.class, () -> MetricsSource.all(one, one));
        assertThrows(IllegalStateException.class, () -> MetricsSource.all(one).allHandles());
    }
}
