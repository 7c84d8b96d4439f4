package io.penstock.metrics;

import io.penstock.metrics.jfr.JfrMetrics;
import io.penstock.metrics.scrape.MetricsSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

class JfrConformanceTest extends Conformance {
    @Override
    BackEnd backEnd() {
        return new Recorder();
    }

    private static final class Recorder implements BackEnd {
        private JfrMetrics metrics;

        @Override
        public int scrapesInARace() {
            return 5;
        }

        @Override
        public void bind(MetricsSource source) {
            metrics = new JfrMetrics(source);
        }

        /** A recording that is as short as can be: it reads as it begins and as it ends. */
        @Override
        public Map<String, Double> scrape() {
            try (Recording recording = new Recording()) {
                recording.enable(JfrMetrics.PERIOD_EVENT).with("period", "everyChunk");
                recording.start();
                recording.stop();
                Path file = Files.createTempFile("penstock", ".jfr");
                recording.dump(file);
                List<RecordedEvent> events = RecordingFile.readAllEvents(file);
                Files.delete(file);
                return values(events);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Those of the last reading. */
        private static Map<String, Double> values(List<RecordedEvent> events) {
            events.sort((a, b) -> a.getStartTime().compareTo(b.getStartTime()));
            Map<String, Double> values = new HashMap<>();
            for (RecordedEvent event : events) {
                String name = event.getEventType().getName();
                if (name.equals(JfrMetrics.PERIOD_EVENT)) {
                    values.clear();
                } else if (name.startsWith("io.penstock.")) {
                    add(event, values);
                }
            }
            return values;
        }

        private static void add(RecordedEvent event, Map<String, Double> values) {
            String type = event.getEventType().getLabel();
            boolean isHandle = event.getInt("handle") >= 0;
            List<String> labels = new ArrayList<>(List.of("name", event.getString("name")));
            if (isHandle) {
                labels.addAll(List.of("handle", "" + event.getInt("handle"),
                        "generation", "" + event.getLong("generation")));
            }
            if (event.getString("region") != null) {
                labels.addAll(List.of("region", event.getString("region")));
            }
            for (String field : Fields.of(type)) {
                values.put(BackEnd.key(Fields.metric(type, field, isHandle),
                                labels.toArray(String[]::new)),
                        Fields.scaled(type, field, event.getLong(field)));
            }
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
