package io.penstock.core.metrics;

import static io.penstock.core.metrics.Invariant.atMost;
import static io.penstock.core.metrics.Invariant.equal;

import org.agrona.DirectBuffer;

/**
 * The counters of a dialer, and the invariants that they obey (an offset is from the block's first
 * counter).
 *
 * <pre>
 *     0 +-----------+
 *       | dials     |  dials begun
 *     8 +-----------+
 *       | attempts  |  connections begun, at most one an address
 *    16 +-----------+
 *       | failed    |  attempts that failed
 *    24 +-----------+
 *       | abandoned |  attempts closed because another was first, or the dial ended
 *    32 +-----------+
 *       | connected |  attempts that opened first: at most one a dial
 *    40 +-----------+
 * </pre>
 *
 * <p>A dial has a block of its own, which is closed when the dial ends; sums of several are in the
 * loop's aggregate.
 *
 * <p><b>Threading</b>: one writer a block, readers of any thread or process.
 * <b>Allocation</b>: none, as long as no invariant is broken.
 */
public final class DialerMetrics {
    /** Where {@code dials} is: dials begun. */
    public static final int DIALS_OFFSET = 0;
    /** Where {@code attempts} is: connections begun, at most one an address. */
    public static final int ATTEMPTS_OFFSET = 8;
    /** Where {@code failed} is: attempts that failed. */
    public static final int FAILED_OFFSET = 16;
    /** Where {@code abandoned} is: attempts closed for another's success or the dial's end. */
    public static final int ABANDONED_OFFSET = 24;
    /** Where {@code connected} is: attempts that opened first. */
    public static final int CONNECTED_OFFSET = 32;

    /** The type. */
    public static final MetricsType TYPE = MetricsType.named("dialer")
            .counter("dials", "{dial}")
            .counter("attempts", "{connection}")
            .counter("failed", "{connection}")
            .counter("abandoned", "{connection}")
            .counter("connected", "{connection}")
            .build();

    private DialerMetrics() {
    }

    /**
     * Checks the invariants of dials that have ended:
     *
     * <pre>
     *   attempts == failed + abandoned + connected        connected &lt;= dials
     * </pre>
     *
     * <p><b>Threading</b>: any; the block must be closed, or its owner dead. <b>Allocation</b>:
     * none but what {@code out} needs to grow.
     *
     * @param counters where the counters are
     * @param offset of the first of them
     * @param out takes a line for each invariant that is broken
     * @return how many invariants are broken
     */
    public static int brokenInvariants(DirectBuffer counters, int offset, StringBuilder out) {
        long connected = counters.getLong(offset + CONNECTED_OFFSET);
        return equal("attempts", counters.getLong(offset + ATTEMPTS_OFFSET),
                        "failed + abandoned + connected",
                        counters.getLong(offset + FAILED_OFFSET)
                                + counters.getLong(offset + ABANDONED_OFFSET) + connected, out)
                + atMost("connected", connected,
                        "dials", counters.getLong(offset + DIALS_OFFSET), out);
    }
}
