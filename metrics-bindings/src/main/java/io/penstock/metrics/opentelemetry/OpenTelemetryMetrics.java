package io.penstock.metrics.opentelemetry;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.metrics.BatchCallback;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.metrics.ObservableDoubleMeasurement;
import io.opentelemetry.api.metrics.ObservableLongMeasurement;
import io.opentelemetry.api.metrics.ObservableMeasurement;
import io.penstock.metrics.scrape.Metric;
import io.penstock.metrics.scrape.MetricsSource;
import io.penstock.metrics.scrape.Row;
import io.penstock.metrics.scrape.Scrape;
import io.penstock.metrics.scrape.ScrapeListener;
import io.penstock.metrics.scrape.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A region as OpenTelemetry's asynchronous instruments: counters as counters, gauges as up-down
 * counters, for they sum over handles, and maxima as gauges. Attributes are made once for each row.
 * An SDK asks for one type at a time, so the region is read again only when what is known is older
 * than it may be; a type that appears has its instruments from the next collection on.
 *
 * <pre>{@code
 *   new OpenTelemetryMetrics(MetricsSource.of(loop.region()), openTelemetry.getMeter("penstock"));
 * }</pre>
 *
 * <p><b>Threading</b>: any. <b>Allocation</b>: for what is new, and what the SDK does; recording
 * allocates nothing meanwhile.
 *
 * <p><b>See</b>: OpenTelemetry's metrics API.
 */
@SuppressWarnings("exports") // who uses it requires the back end, and nobody else must
public final class OpenTelemetryMetrics implements ScrapeListener, AutoCloseable {
    /** How old values may be unless told otherwise: a collection reads the region once. */
    public static final long DEFAULT_AGE_NS = 100_000_000;

    private static final String PREFIX = "penstock.";

    private final Scrape scrape;
    private final Meter meter;
    private final long ageNs;
    private final List<BatchCallback> callbacks = new ArrayList<>();

    /**
     * Makes the instruments of what is there now.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param source which region
     * @param meter who makes them
     */
    public OpenTelemetryMetrics(MetricsSource source, Meter meter) {
        this(source, meter, DEFAULT_AGE_NS);
    }

    /**
     * Makes the instruments of what is there now.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param source which region
     * @param meter who makes them
     * @param ageNs how old values may be when they are collected; 0 reads the region for each type
     */
    public OpenTelemetryMetrics(MetricsSource source, Meter meter, long ageNs) {
        this.meter = meter;
        this.ageNs = ageNs;
        scrape = new Scrape(source, this);
        scrape.take();
    }

    /** Ends the instruments, and lets go of the region. */
    @Override
    public synchronized void close() {
        callbacks.forEach(BatchCallback::close);
        callbacks.clear();
        scrape.close();
    }

    @Override
    public void onTable(Table table) {
        ObservableMeasurement[] all = new ObservableMeasurement[table.fields()];
        for (int i = 0; i < all.length; i++) {
            all[i] = instrument(table.metric(i));
        }
        table.attach(all);
        callbacks.add(meter.batchCallback(() -> observe(table), all[0],
                Arrays.copyOfRange(all, 1, all.length)));
    }

    @Override
    public void onAppear(Row row) {
        AttributesBuilder attributes = Attributes.builder();
        String[] labels = row.labels();
        for (int i = 0; i < labels.length; i += 2) {
            attributes.put(PREFIX + labels[i], labels[i + 1]);
        }
        row.attach(attributes.build());
    }

    private ObservableMeasurement instrument(Metric metric) {
        String name = metric.name();
        String unit = metric.unit();
        String description = metric.description();
        boolean isWhole = metric.divisor() == 1;
        return switch (metric.kind()) {
            case COUNTER -> {
                var builder = meter.counterBuilder(name).setUnit(unit).setDescription(description);
                yield isWhole ? builder.buildObserver() : builder.ofDoubles().buildObserver();
            }
            case GAUGE -> {
                var builder = meter.upDownCounterBuilder(name).setUnit(unit)
                        .setDescription(description);
                yield isWhole ? builder.buildObserver() : builder.ofDoubles().buildObserver();
            }
            case MAXIMUM -> {
                var builder = meter.gaugeBuilder(name).setUnit(unit).setDescription(description);
                yield isWhole ? builder.ofLongs().buildObserver() : builder.buildObserver();
            }
        };
    }

    private synchronized void observe(Table table) {
        scrape.takeIfOlder(ageNs);
        ObservableMeasurement[] instruments = (ObservableMeasurement[]) table.attachment();
        for (int i = 0; i < table.rows(); i++) {
            Row row = table.row(i);
            Attributes attributes = (Attributes) row.attachment();
            for (int field = 0; field < instruments.length; field++) {
                long word = row.value(field);
                if (table.metric(field).divisor() == 1) {
                    ((ObservableLongMeasurement) instruments[field]).record(word, attributes);
                } else {
                    ((ObservableDoubleMeasurement) instruments[field])
                            .record(table.metric(field).scaled(word), attributes);
                }
            }
        }
    }
}
