package io.penstock.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.metrics.MetricsType;
import io.penstock.metrics.scrape.Metric;
import io.penstock.metrics.scrape.Scrape;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names by the conventions, whatever a type's fields are called. */
class NamesTest {
    private static Metric of(MetricsType.Builder builder) {
        return Scrape.metrics(builder.build()).getFirst();
    }

    @ParameterizedTest
    @CsvSource({
        "stream,   read_bytes,   By,     penstock.stream.read,        penstock_stream_read_bytes",
        "loop,     wait_ns,      ns,     penstock.loop.wait,          penstock_loop_wait_seconds",
        "cache,    bytes,        By,     penstock.cache.bytes,        penstock_cache_bytes",
        "cache,    hits,         {hit},  penstock.cache.hits,         penstock_cache_hits",
        "cache,    hits_total,   {hit},  penstock.cache.hits_total,   penstock_cache_hits",
        "cache,    created,      {item}, penstock.cache.created,"
                + " penstock_cache_created_value",
        "My Cache, Hit-Rate %,   %,      penstock.my_cache.hit_rate,"
                + " penstock_my_cache_hit_rate_ratio",
        "acme.statsd, lines,     {line}, acme.statsd.lines,           acme_statsd_lines",
        "acme.statsd, read_bytes, By,    acme.statsd.read,            acme_statsd_read_bytes",
        "Acme-2.a.b, n,          1,      acme_2.a_b.n,                acme_2_a_b_n",
        "2.x,      n,            1,      penstock.2_x.n,              penstock_2_x_n",
        "acme.,    n,            1,      acme.unnamed.n,              acme_unnamed_n",
        "cache,    ***,          1,      penstock.cache.unnamed,      penstock_cache_unnamed",
    })
    void counters(String type, String field, String unit, String name, String prometheusName) {
        Metric metric = of(MetricsType.named(type).counter(field, unit));
        assertEquals(name, metric.name());
        assertEquals(prometheusName, metric.prometheusName());
    }

    @Test
    void aLargestTimeIsAGaugeOfSeconds() {
        Metric metric = of(MetricsType.named("loop").maximum("turn_ns_max", "ns"));
        assertEquals("penstock.loop.turn_max", metric.name());
        assertEquals("penstock_loop_turn_max_seconds", metric.prometheusName());
        assertEquals("s", metric.unit());
        assertEquals(0.5, metric.scaled(500_000_000));
    }

    /** Whatever it is: names that are good, each once, and that Prometheus's client takes. */
    @Property(tries = 300)
    void anyNames(@ForAll @CharRange(from = ' ', to = '~') @StringLength(min = 1, max = 8)
            String type, @ForAll @Size(min = 1, max = 6) List<@CharRange(from = ' ', to = '~')
            @StringLength(min = 1, max = 7) String> fields, @ForAll boolean areCounters) {
        MetricsType.Builder builder = MetricsType.named(type);
        fields.forEach(field -> {
            String unit = field.length() % 2 == 0 ? "By" : "1";
            if (areCounters) {
                builder.counter(field, unit);
            } else {
                builder.gauge(field, unit);
            }
        });
        Set<String> seen = new HashSet<>();
        for (Metric metric : Scrape.metrics(builder.build())) {
            String prefix = type.indexOf('.') < 0 ? "penstock" : "[a-z][a-z0-9_]*";
            assertTrue(metric.name().matches(prefix + "(\\.[a-z0-9_]+){2}"), metric.name());
            assertTrue(metric.prometheusName().matches(prefix + "_[a-z0-9_]+"));
            assertTrue(seen.add(metric.name()) & seen.add(metric.prometheusName()));
            if (areCounters) {
                CounterSnapshot.builder().name(metric.prometheusName()).build();
            } else {
                GaugeSnapshot.builder().name(metric.prometheusName()).build();
            }
        }
    }

    @Test
    void fieldsThatDifferInTheirUnitAlone() {
        List<Metric> metrics = Scrape.metrics(MetricsType.named("c")
                .counter("read", "{call}").counter("read_bytes", "By").counter("read_ns", "ns")
                .gauge("READ", "{call}").build());
        assertEquals(List.of("penstock.c.read", "penstock.c.read_bytes", "penstock.c.read_ns",
                "penstock.c.read_3"), metrics.stream().map(Metric::name).toList());
        assertEquals(List.of("penstock_c_read", "penstock_c_read_bytes", "penstock_c_read_seconds",
                "penstock_c_read_3"), metrics.stream().map(Metric::prometheusName).toList());
    }
}
