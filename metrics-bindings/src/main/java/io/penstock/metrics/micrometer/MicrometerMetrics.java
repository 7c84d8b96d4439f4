package io.penstock.metrics.micrometer;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.penstock.metrics.scrape.Metric;
import io.penstock.metrics.scrape.MetricsSource;
import io.penstock.metrics.scrape.Row;
import io.penstock.metrics.scrape.Scrape;
import io.penstock.metrics.scrape.ScrapeListener;
import java.util.ArrayList;
import java.util.List;

/**
 * A region as meters of a Micrometer registry. A registry asks for one meter at a time, so the
 * region is read again only when what is known is older than it may be; meters of what is new are
 * registered then, and those of what is gone removed.
 *
 * <pre>{@code
 *   new MicrometerMetrics(MetricsSource.of(loop.region())).bindTo(registry);
 * }</pre>
 *
 * <p>The meters hold this binder, so nobody else need. Values above 2^53 lose their last bits, as
 * any of Micrometer's do.
 *
 * <p><b>Threading</b>: any. <b>Allocation</b>: for what is new, and what the registry does;
 * recording allocates nothing meanwhile.
 */
@SuppressWarnings("exports") // who uses it requires the back end, and nobody else must
public final class MicrometerMetrics implements MeterBinder, ScrapeListener, AutoCloseable {
    /** How old values may be unless told otherwise: a publication reads the region once. */
    public static final long DEFAULT_AGE_NS = 100_000_000;

    private final Scrape scrape;
    private final long ageNs;
    private MeterRegistry registry;

    /**
     * Makes a binder.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param source which region
     */
    public MicrometerMetrics(MetricsSource source) {
        this(source, DEFAULT_AGE_NS);
    }

    /**
     * Makes a binder.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param source which region
     * @param ageNs how old a value may be when a meter is read; 0 reads the region for each
     */
    public MicrometerMetrics(MetricsSource source, long ageNs) {
        this.ageNs = ageNs;
        scrape = new Scrape(source, this);
    }

    /**
     * Registers the meters, in one registry; a composite one is one.
     *
     * @param registry where
     */
    @Override
    public synchronized void bindTo(MeterRegistry registry) {
        if (this.registry != null) {
            throw new IllegalStateException("bound already");
        }
        this.registry = registry;
        scrape.take();
    }

    /** Removes the meters, and lets go of the region. */
    @Override
    public synchronized void close() {
        scrape.close();
    }

    @Override
    public void onAppear(Row row) {
        List<Meter> meters = new ArrayList<>();
        Tags tags = Tags.of(row.labels());
        for (int i = 0; i < row.table().fields(); i++) {
            meters.add(register(row, row.table().metric(i), tags));
        }
        row.attach(meters);
    }

    @Override
    public void onVanish(Row row) {
        for (Object meter : (List<?>) row.attachment()) {
            registry.remove((Meter) meter);
        }
    }

    private Meter register(Row row, Metric metric, Tags tags) {
        String unit = metric.unitWord().isEmpty() ? null : metric.unitWord();
        if (metric.isCounter()) {
            return FunctionCounter.builder(metric.name(), row, r -> read(r, metric))
                    .tags(tags).baseUnit(unit).description(metric.description())
                    .register(registry);
        }
        return Gauge.builder(metric.name(), row, r -> read(r, metric))
                .tags(tags).baseUnit(unit).description(metric.description()).register(registry);
    }

    private synchronized double read(Row row, Metric metric) {
        scrape.takeIfOlder(ageNs);
        return metric.scaled(row.value(metric.field()));
    }
}
