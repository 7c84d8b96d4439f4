package io.penstock.core.metrics;

/**
 * The words of a listener (an offset is from the block's first word).
 *
 * <pre>
 *     0 +-----------+
 *       | accepted  |  connections taken
 *     8 +-----------+
 *       | closed    |  of those, how many were closed before it was
 *    16 +-----------+
 *       | exhausted |  times that every pooled connection was in use
 *    24 +-----------+
 *       | rests     |  pauses: no descriptor, no memory
 *    32 +-----------+
 *       | error     |  other failures to accept
 *    40 +-----------+
 * </pre>
 *
 * <p><b>Threading</b>: one writer a block, readers of any thread or process.
 * <b>Allocation</b>: none.
 */
public final class ListenerMetrics {
    /** Where {@code accepted} is: connections taken. */
    public static final int ACCEPTED_OFFSET = 0;
    /** Where {@code closed} is: of those, how many were closed before it was. */
    public static final int CLOSED_OFFSET = 8;
    /** Where {@code exhausted} is: times that every pooled connection was in use. */
    public static final int EXHAUSTED_OFFSET = 16;
    /** Where {@code rests} is: pauses because the kernel had no descriptor or memory left. */
    public static final int RESTS_OFFSET = 24;
    /** Where {@code error} is: other failures to accept. */
    public static final int ERROR_OFFSET = 32;

    /** The type. */
    public static final MetricsType TYPE = MetricsType.named("listener")
            .counter("accepted", "{connection}")
            .counter("closed", "{connection}")
            .counter("exhausted", "{call}")
            .counter("rests", "{call}")
            .counter("error", "{error}")
            .build();

    private ListenerMetrics() {
    }
}
