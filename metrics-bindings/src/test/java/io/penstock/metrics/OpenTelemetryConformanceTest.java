package io.penstock.metrics;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.metrics.InstrumentType;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.DoublePointData;
import io.opentelemetry.sdk.metrics.data.LongPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.data.PointData;
import io.opentelemetry.sdk.metrics.InstrumentSelector;
import io.opentelemetry.sdk.metrics.View;
import io.opentelemetry.sdk.metrics.export.CollectionRegistration;
import io.opentelemetry.sdk.metrics.export.MetricReader;
import io.penstock.metrics.opentelemetry.OpenTelemetryMetrics;
import io.penstock.metrics.scrape.MetricsSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

class OpenTelemetryConformanceTest extends Conformance {
    @Override
    BackEnd backEnd() {
        return new Sdk();
    }

    private static final class Sdk implements BackEnd {
        private static final int MOST_SERIES = 20_000; // the SDK's own limit is 2,000

        private final Reader reader = new Reader();
        private final SdkMeterProvider provider = SdkMeterProvider.builder()
                .registerMetricReader(reader)
                .registerView(InstrumentSelector.builder().setName("*").build(),
                        View.builder().setCardinalityLimit(MOST_SERIES).build())
                .build();
        private OpenTelemetryMetrics metrics;

        @Override
        public void bind(MetricsSource source) {
            metrics = new OpenTelemetryMetrics(source, provider.get("penstock"), 0);
        }

        @Override
        public Map<String, Double> scrape() {
            Map<String, Double> values = new HashMap<>();
            for (MetricData metric : reader.registration.collectAllMetrics()) {
                for (PointData point : metric.getData().getPoints()) {
                    values.put(key(metric.getName(), point.getAttributes()), switch (point) {
                        case LongPointData whole -> (double) whole.getValue();
                        case DoublePointData scaled -> scaled.getValue();
                        default -> throw new AssertionError(metric);
                    });
                }
            }
            return values;
        }

        private static String key(String name, Attributes attributes) {
            List<String> labels = new ArrayList<>();
            attributes.forEach((key, value) -> {
                labels.add(key.getKey().replace("penstock.", ""));
                labels.add(value.toString());
            });
            return BackEnd.key(name, labels.toArray(String[]::new));
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
            provider.close();
        }
    }

    private static final class Reader implements MetricReader {
        private CollectionRegistration registration;

        @Override
        public void register(CollectionRegistration registration) {
            this.registration = registration;
        }

        @Override
        public CompletableResultCode forceFlush() {
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode shutdown() {
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public AggregationTemporality getAggregationTemporality(InstrumentType type) {
            return AggregationTemporality.CUMULATIVE;
        }
    }
}
