package io.penstock.metrics.jfr;

import io.penstock.metrics.scrape.MetricsSource;
import io.penstock.metrics.scrape.Row;
import io.penstock.metrics.scrape.Scrape;
import io.penstock.metrics.scrape.ScrapeListener;
import io.penstock.metrics.scrape.Table;
import java.util.ArrayList;
import java.util.List;
import jdk.jfr.AnnotationElement;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.EventFactory;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import jdk.jfr.ValueDescriptor;

/**
 * A region in Flight Recorder: while something records, the region is read periodically and each
 * row committed as an event of its type, {@code io.penstock.stream}, with the fields' own names and
 * their values as they stand in the region.
 *
 * <pre>{@code
 *   new JfrMetrics(MetricsSource.of(loop.region()));
 * }</pre>
 *
 * <p>How often is {@value #PERIOD_EVENT}'s period, by default once a second. Types that are not
 * known when a recording starts are in it from their second reading on.
 *
 * <p><b>Threading</b>: any. <b>Allocation</b>: in Flight Recorder's thread; recording of metrics
 * allocates nothing meanwhile.
 */
public final class JfrMetrics implements ScrapeListener, AutoCloseable {
    /** The event that comes first, whose settings are those of all. */
    public static final String PERIOD_EVENT = "io.penstock.Reading";

    private static final String PREFIX = "io.penstock.";
    private static final int LABELS = 4; // come before the fields

    private final Scrape scrape;
    private final List<EventFactory> factories = new ArrayList<>();
    private final Runnable hook = this::commit;

    /**
     * Makes the events of what is there now known to Flight Recorder.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param source which region
     */
    public JfrMetrics(MetricsSource source) {
        scrape = new Scrape(source, this);
        scrape.take();
        FlightRecorder.addPeriodicEvent(Reading.class, hook);
    }

    /** Ends the events, and lets go of the region. */
    @Override
    public void close() {
        FlightRecorder.removePeriodicEvent(hook); // which may wait for it
        synchronized (this) {
            factories.forEach(EventFactory::unregister);
            factories.clear();
            scrape.close();
        }
    }

    @Override
    public void onTable(Table table) {
        List<ValueDescriptor> values = new ArrayList<>();
        values.add(new ValueDescriptor(String.class, "name"));
        values.add(new ValueDescriptor(int.class, "handle"));
        values.add(new ValueDescriptor(long.class, "generation"));
        values.add(new ValueDescriptor(String.class, "region"));
        for (int i = 0; i < table.fields(); i++) {
            values.add(new ValueDescriptor(long.class, table.type().field(i),
                    annotations(table, i)));
        }
        String name = table.type().name().replaceAll("[^A-Za-z0-9_]", "_")
                + (table.isOfHandles() ? ".handle" : "");
        EventFactory factory = EventFactory.create(List.of(
                new AnnotationElement(Name.class, PREFIX + name),
                new AnnotationElement(Label.class, table.type().name()),
                new AnnotationElement(Category.class, new String[] {"Penstock"}),
                new AnnotationElement(StackTrace.class, false)), values);
        factory.register();
        factories.add(factory);
        table.attach(factory);
    }

    private static List<AnnotationElement> annotations(Table table, int field) {
        List<AnnotationElement> annotations = new ArrayList<>();
        annotations.add(new AnnotationElement(
                Description.class, table.metric(field).description()));
        switch (table.type().unit(field)) {
            case "By" -> annotations.add(
                    new AnnotationElement(DataAmount.class, DataAmount.BYTES));
            case "ns" -> annotations.add(
                    new AnnotationElement(Timespan.class, Timespan.NANOSECONDS));
            case "us" -> annotations.add(
                    new AnnotationElement(Timespan.class, Timespan.MICROSECONDS));
            case "ms" -> annotations.add(
                    new AnnotationElement(Timespan.class, Timespan.MILLISECONDS));
            default -> { }
        }
        return annotations;
    }

    private synchronized void commit() {
        Reading reading = new Reading();
        reading.blocks = scrape.take();
        reading.commit();
        for (int i = 0; i < scrape.tables(); i++) {
            Table table = scrape.table(i);
            for (int j = 0; j < table.rows(); j++) {
                commit(((EventFactory) table.attachment()).newEvent(), table.row(j));
            }
        }
    }

    private static void commit(Event event, Row row) {
        event.set(0, row.name());
        event.set(1, row.block());
        event.set(2, row.generation());
        event.set(3, row.region());
        for (int i = 0; i < row.table().fields(); i++) {
            event.set(LABELS + i, row.value(i));
        }
        event.commit();
    }

    /** The region was read. */
    @Name(PERIOD_EVENT)
    @Label("Reading of a metrics region")
    @Category("Penstock")
    @StackTrace(false)
    static final class Reading extends Event {
        @Label("Live blocks, or a result code")
        private int blocks;
    }
}
