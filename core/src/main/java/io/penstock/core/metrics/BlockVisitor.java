package io.penstock.core.metrics;

/**
 * Takes the blocks of a {@link MetricsReader#walk}: each block whose values count, exactly once.
 *
 * <p><b>Threading</b>: the reader's thread. <b>Allocation</b>: none of the caller's.
 */
public interface BlockVisitor {
    /** A walk begins. It may begin again: then the blocks visited before do not count. */
    void onBegin();

    /**
     * Visits a block. An aggregate, live or closed, is visited before the blocks that fold into it.
     * A closed block is visited only if the aggregate just visited does not include it: because the
     * block closed meanwhile, or has no aggregate.
     *
     * @param reader holds a copy of the block until this returns; do not move it to another block
     * @param state {@link MetricsReader#LIVE} or {@link MetricsReader#CLOSED}
     */
    void onBlock(MetricsReader reader, int state);
}
