package io.penstock.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.metrics.micrometer.MicrometerMetrics;
import io.penstock.metrics.scrape.MetricsSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

class MicrometerConformanceTest extends Conformance {
    @Override
    BackEnd backEnd() {
        return new Registry();
    }

    private static final class Registry implements BackEnd {
        private static final long AGE_NS = 100_000;

        private final MeterRegistry registry = new SimpleMeterRegistry();
        private MicrometerMetrics metrics;

        @Override
        public void bind(MetricsSource source) {
            metrics = new MicrometerMetrics(source, AGE_NS);
            metrics.bindTo(registry);
        }

        @Override
        public Map<String, Double> scrape() {
            // The first meter that is read finds out what is new.
            registry.find("penstock.scrape.up").gauges().forEach(gauge -> {
                waitOutTheAge();
                gauge.value();
            });
            Map<String, Double> values = new HashMap<>();
            for (Meter meter : registry.getMeters()) {
                values.put(key(meter.getId()), switch (meter) {
                    case FunctionCounter counter -> counter.count();
                    case Gauge gauge -> gauge.value();
                    default -> throw new AssertionError(meter.getId());
                });
            }
            return values;
        }

        private static void waitOutTheAge() {
            for (long end = System.nanoTime() + 2 * AGE_NS; System.nanoTime() < end;) {
                Thread.onSpinWait();
            }
        }

        private static String key(Meter.Id id) {
            List<String> labels = new ArrayList<>();
            for (Tag tag : id.getTags()) {
                labels.add(tag.getKey());
                labels.add(tag.getValue());
            }
            return BackEnd.key(id.getName(), labels.toArray(String[]::new));
        }

        @Override
        public void unbind() {
            metrics.close();
        }

        @Override
        public void close() {
            registry.close();
            if (metrics != null) {
                metrics.close();
            }
        }
    }
}
