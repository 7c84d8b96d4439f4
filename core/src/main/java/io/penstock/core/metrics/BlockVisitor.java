package io.penstock.core.metrics;

/**
 * Takes what {@link MetricsReader#walk} meets: every block whose values count once, and none twice.
 *
 * <p><b>Threading</b>: the reader's thread. <b>Allocation</b>: none of the caller's.
 */
public interface BlockVisitor {
    /** A walk begins, perhaps anew: what was met before does not count. */
    void onBegin();

    /**
     * A block. An aggregate, live or closed, comes before what folds into it. Closed blocks come if
     * they are in no aggregate as it was met: because they closed meanwhile, or have none.
     *
     * @param reader holds a copy of it until this returns; it must not be moved
     * @param state {@link MetricsReader#LIVE} or {@link MetricsReader#CLOSED}
     */
    void onBlock(MetricsReader reader, int state);
}
