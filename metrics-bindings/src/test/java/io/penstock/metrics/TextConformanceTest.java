package io.penstock.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.metrics.scrape.MetricsSource;
import io.penstock.metrics.text.MetricsText;
import io.penstock.metrics.text.TextFormat;
import java.util.Map;
import org.junit.jupiter.api.Nested;

class TextConformanceTest {
    /** Prometheus's format. */
    @Nested
    class Prometheus extends Conformance {
        @Override
        BackEnd backEnd() {
            return new Text(TextFormat.PROMETHEUS);
        }
    }

    /** OpenMetrics. */
    @Nested
    class OpenMetrics extends Conformance {
        @Override
        BackEnd backEnd() {
            return new Text(TextFormat.OPENMETRICS);
        }
    }

    private static final class Text implements BackEnd {
        private static final int BYTES = 16 << 20;

        private final TextFormat format;
        private final NativeBuffer buffer = NativeBuffer.allocate(BYTES);
        private MetricsText text;

        Text(TextFormat format) {
            this.format = format;
        }

        @Override
        public void bind(MetricsSource source) {
            text = new MetricsText(source, format);
        }

        @Override
        public Map<String, Double> scrape() {
            int length = text.write(buffer, 0, BYTES);
            if (length == ReturnCode.CLOSED) {
                return Map.of();
            }
            assertTrue(length > 0, () -> ReturnCode.describe(length));
            String written = buffer.getStringWithoutLengthUtf8(0, length);
            assertEquals(format == TextFormat.OPENMETRICS, written.endsWith("\n# EOF\n"));
            return ExpositionText.parse(written);
        }

        @Override
        public void unbind() {
            text.close();
        }

        @Override
        public void close() {
            if (text != null) {
                text.close();
            }
        }
    }
}
