package io.penstock.core.metrics;

/**
 * The counters of a listener. An offset counts from the block's first counter.
 *
 * <pre>
 *     0 +-----------+
 *       | accepted  |  connections accepted
 *     8 +-----------+
 *       | closed    |  of those, connections that closed before the listener did
 *    16 +-----------+
 *       | exhausted |  times that every pooled connection was in use
 *    24 +-----------+
 *       | backoffs  |  backoffs for want of descriptors or memory
 *    32 +-----------+
 *       | error     |  other failures to accept
 *    40 +-----------+
 * </pre>
 *
 * <p><b>Threading</b>: one writer a block, readers of any thread or process.
 * <b>Allocation</b>: none.
 */
public final class ListenerMetrics {
    /** Where {@code accepted} is: connections accepted. */
    public static final int ACCEPTED_OFFSET = 0;
    /** Where {@code closed} is: connections that closed before the listener did. */
    public static final int CLOSED_OFFSET = 8;
    /** Where {@code exhausted} is: times that every pooled connection was in use. */
    public static final int EXHAUSTED_OFFSET = 16;
    /** Where {@code backoffs} is: backoffs for want of descriptors or memory. */
    public static final int BACKOFFS_OFFSET = 24;
    /** Where {@code error} is: other failures to accept. */
    public static final int ERROR_OFFSET = 32;

    /** The type. */
    public static final MetricsType TYPE = MetricsType.named("listener")
            .counter("accepted", "{connection}")
            .counter("closed", "{connection}")
            .counter("exhausted", "{call}")
            .counter("backoffs", "{call}")
            .counter("error", "{error}")
            .build();

    private ListenerMetrics() {
    }
}
