package io.penstock.metrics.scrape;

import io.penstock.core.metrics.MetricsType;

/**
 * The counters of a scrape itself, which the reader keeps and no region holds.
 *
 * <pre>
 *     0 +-------------+
 *       | up          |  1 if the region can be read and its owner runs
 *     8 +-------------+
 *       | live        |  live blocks, without aggregates
 *    16 +-------------+
 *       | capacity    |  blocks of the region
 *    24 +-------------+
 *       | duration_ns |  duration of the last scrape
 *    32 +-------------+
 *       | scrapes     |  scrapes
 *    40 +-------------+
 *       | failures    |  scrapes that failed
 *    48 +-------------+
 * </pre>
 *
 * <p><b>Threading</b>: the scrape's. <b>Allocation</b>: none.
 */
public final class ScrapeMetrics {
    /** Where {@code up} is: 1 if the region can be read and its owner runs. */
    public static final int UP_OFFSET = 0;
    /** Where {@code live} is: live blocks, without aggregates. */
    public static final int LIVE_OFFSET = 8;
    /** Where {@code capacity} is: blocks of the region. */
    public static final int CAPACITY_OFFSET = 16;
    /** Where {@code duration_ns} is: duration of the last scrape. */
    public static final int DURATION_NS_OFFSET = 24;
    /** Where {@code scrapes} is: scrapes. */
    public static final int SCRAPES_OFFSET = 32;
    /** Where {@code failures} is: scrapes that failed. */
    public static final int FAILURES_OFFSET = 40;

    /** The type. */
    public static final MetricsType TYPE = MetricsType.named("scrape")
            .gauge("up", "1")
            .gauge("live", "{block}")
            .gauge("capacity", "{block}")
            .gauge("duration_ns", "ns")
            .counter("scrapes", "{scrape}")
            .counter("failures", "{scrape}")
            .build();

    private ScrapeMetrics() {
    }
}
