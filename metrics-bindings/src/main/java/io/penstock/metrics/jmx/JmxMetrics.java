package io.penstock.metrics.jmx;

import io.penstock.metrics.scrape.MetricsSource;
import io.penstock.metrics.scrape.Row;
import io.penstock.metrics.scrape.Scrape;
import io.penstock.metrics.scrape.ScrapeListener;
import java.util.Hashtable;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/**
 * A region as managed beans, one for each row: {@code io.penstock:type=stream,name="stdin"}, and
 * for a single handle {@code handle=} and {@code generation=} besides. Attributes have the fields'
 * own names and their values as they stand in the region; their descriptors tell the units. A bean
 * that is read reads the region again if what is known is older than it may be; beans of what is
 * new are registered then, and those of what is gone unregistered.
 *
 * <pre>{@code
 *   new JmxMetrics(MetricsSource.of(loop.region()), ManagementFactory.getPlatformMBeanServer());
 * }</pre>
 *
 * <p>A name that is taken is left to who has it.
 *
 * <p><b>Threading</b>: any. <b>Allocation</b>: for what is new, and a box a value that is read;
 * recording allocates nothing meanwhile.
 */
public final class JmxMetrics implements ScrapeListener, AutoCloseable {
    /** How old values may be unless told otherwise. */
    public static final long DEFAULT_AGE_NS = 100_000_000;
    /** The beans' domain unless told otherwise. */
    public static final String DEFAULT_DOMAIN = "io.penstock";

    private final Scrape scrape;
    private final MBeanServer server;
    private final String domain;
    private final long ageNs;

    /**
     * Registers beans for what is there now.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param source which region
     * @param server where
     */
    public JmxMetrics(MetricsSource source, MBeanServer server) {
        this(source, server, DEFAULT_DOMAIN, DEFAULT_AGE_NS);
    }

    /**
     * Registers beans for what is there now.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param source which region
     * @param server where
     * @param domain the beans' domain
     * @param ageNs how old a value may be when it is read; 0 reads the region for each
     */
    public JmxMetrics(MetricsSource source, MBeanServer server, String domain, long ageNs) {
        this.server = server;
        this.domain = domain;
        this.ageNs = ageNs;
        scrape = new Scrape(source, this);
        scrape.take();
    }

    /** Unregisters the beans, and lets go of the region. */
    @Override
    public synchronized void close() {
        scrape.close();
    }

    @Override
    public void onAppear(Row row) {
        Hashtable<String, String> keys = new Hashtable<>();
        String type = row.table().type().name();
        keys.put("type", isPlain(type) ? type : ObjectName.quote(type));
        String[] labels = row.labels();
        for (int i = 0; i < labels.length; i += 2) {
            boolean isText = labels[i].equals("name") || labels[i].equals("region");
            keys.put(labels[i], isText ? ObjectName.quote(labels[i + 1]) : labels[i + 1]);
        }
        try {
            ObjectName name = new ObjectName(domain, keys);
            server.registerMBean(new RowBean(this, row), name);
            row.attach(name);
        } catch (JMException taken) {
            row.attach(null);
        }
    }

    @Override
    public void onVanish(Row row) {
        if (row.attachment() != null) {
            try {
                server.unregisterMBean((ObjectName) row.attachment());
            } catch (JMException gone) {
                row.attach(null); // somebody else unregistered it
            }
        }
    }

    synchronized long read(Row row, int field) {
        scrape.takeIfOlder(ageNs);
        return row.value(field);
    }

    private static boolean isPlain(String name) {
        return name.chars().allMatch(Character::isLetterOrDigit);
    }
}
