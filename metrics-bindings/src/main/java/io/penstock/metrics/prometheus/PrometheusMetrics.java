package io.penstock.metrics.prometheus;

import io.penstock.metrics.scrape.Metric;
import io.penstock.metrics.scrape.MetricsSource;
import io.penstock.metrics.scrape.Row;
import io.penstock.metrics.scrape.Scrape;
import io.penstock.metrics.scrape.ScrapeListener;
import io.penstock.metrics.scrape.Table;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Unit;
import java.util.ArrayList;
import java.util.List;

/**
 * A region as a collector of Prometheus's client. Names, labels and units are made once for each
 * type and row; a collection reads the region once.
 *
 * <pre>{@code
 *   PrometheusMetrics metrics = new PrometheusMetrics(MetricsSource.of(loop.region()));
 *   PrometheusRegistry.defaultRegistry.register(metrics);
 * }</pre>
 *
 * <p><b>Threading</b>: any. <b>Allocation</b>: a snapshot a collection; recording allocates nothing
 * meanwhile.
 */
@SuppressWarnings("exports") // who uses it requires the back end, and nobody else must
public final class PrometheusMetrics implements MultiCollector, ScrapeListener, AutoCloseable {
    private final Scrape scrape;

    /**
     * Makes a collector. Nothing is opened before the first {@link #collect()}.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param source which region
     */
    public PrometheusMetrics(MetricsSource source) {
        scrape = new Scrape(source, this);
    }

    @Override
    public synchronized MetricSnapshots collect() {
        scrape.take();
        List<MetricSnapshot> snapshots = new ArrayList<>();
        for (int i = 0; i < scrape.tables(); i++) {
            Table table = scrape.table(i);
            MetricMetadata[] metadata = (MetricMetadata[]) table.attachment();
            for (int field = 0; field < table.fields() && table.rows() > 0; field++) {
                snapshots.add(table.metric(field).isCounter()
                        ? counter(metadata[field], table, field)
                        : gauge(metadata[field], table, field));
            }
        }
        return new MetricSnapshots(snapshots);
    }

    /** Lets go of the region: what is collected from now on is nothing. */
    @Override
    public synchronized void close() {
        scrape.close();
    }

    @Override
    public void onTable(Table table) {
        MetricMetadata[] metadata = new MetricMetadata[table.fields()];
        for (int i = 0; i < metadata.length; i++) {
            Metric metric = table.metric(i);
            Unit unit = metric.unitWord().isEmpty() ? null : new Unit(metric.unitWord());
            metadata[i] = new MetricMetadata(metric.prometheusName(), metric.description(), unit);
        }
        table.attach(metadata);
    }

    @Override
    public void onAppear(Row row) {
        row.attach(Labels.of(row.labels()));
    }

    private static CounterSnapshot counter(MetricMetadata metadata, Table table, int field) {
        List<CounterDataPointSnapshot> points = new ArrayList<>(table.rows());
        for (int i = 0; i < table.rows(); i++) {
            Row row = table.row(i);
            double value = Math.max(0, table.metric(field).scaled(row.value(field)));
            points.add(new CounterDataPointSnapshot(value, (Labels) row.attachment(), null, 0));
        }
        return new CounterSnapshot(metadata, points);
    }

    private static GaugeSnapshot gauge(MetricMetadata metadata, Table table, int field) {
        List<GaugeDataPointSnapshot> points = new ArrayList<>(table.rows());
        for (int i = 0; i < table.rows(); i++) {
            Row row = table.row(i);
            double value = table.metric(field).scaled(row.value(field));
            points.add(new GaugeDataPointSnapshot(value, (Labels) row.attachment(), null));
        }
        return new GaugeSnapshot(metadata, points);
    }
}
