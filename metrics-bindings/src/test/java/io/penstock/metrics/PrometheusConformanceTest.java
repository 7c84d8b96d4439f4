package io.penstock.metrics;

import io.penstock.metrics.prometheus.PrometheusMetrics;
import io.penstock.metrics.scrape.MetricsSource;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

class PrometheusConformanceTest extends Conformance {
    @Override
    BackEnd backEnd() {
        return new Client();
    }

    /** As the client's own writer writes a registry. */
    private static final class Client implements BackEnd {
        private final PrometheusRegistry registry = new PrometheusRegistry();
        private PrometheusMetrics metrics;

        @Override
        public void bind(MetricsSource source) {
            metrics = new PrometheusMetrics(source);
            registry.register(metrics);
        }

        @Override
        public Map<String, Double> scrape() {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try {
                PrometheusTextFormatWriter.create().write(out, registry.scrape());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return ExpositionText.parse(out.toString(StandardCharsets.UTF_8));
        }

        @Override
        public void unbind() {
            metrics.close();
        }

        @Override
        public void close() {
            if (metrics != null) {
                metrics.close();
            }
        }
    }
}
