package io.penstock.core.metrics;

import static io.penstock.core.metrics.Invariant.equal;

import org.agrona.DirectBuffer;

/**
 * The counters of a stream and their invariants. An offset counts from the block's first counter.
 *
 * <pre>
 *     0 +---------------+
 *       | read_bytes    |  bytes read
 *     8 +---------------+
 *       | data          |  reads that brought bytes
 *    16 +---------------+
 *       | pause         |  times that reading was stopped
 *    24 +---------------+
 *       | resume        |  times that reading was started
 *    32 +---------------+
 *       | end           |  1 once the peer will send no more
 *    40 +---------------+
 *       | writes        |  messages offered
 *    48 +---------------+
 *       | written_bytes |  bytes accepted
 *    56 +---------------+
 *       | full          |  messages sent whole at once
 *    64 +---------------+
 *       | incomplete    |  messages sent in part at once
 *    72 +---------------+
 *       | eagain        |  messages of which nothing could be sent at once
 *    80 +---------------+
 *       | drain         |  times that there was room again
 *    88 +---------------+
 *       | queued_max    |  most bytes ever queued
 *    96 +---------------+
 *       | alloc         |  messages that the queue kept, whole or in part
 *   104 +---------------+
 *       | free          |  messages that left the queue, sent or dropped
 *   112 +---------------+
 *       | error         |  failures
 *   120 +---------------+
 *       | close         |  1 once closed
 *   128 +---------------+
 *       | backoffs      |  times that the kernel reported room and took nothing
 *   136 +---------------+
 * </pre>
 *
 * <p><b>Threading</b>: one writer a block, readers of any thread or process.
 * <b>Allocation</b>: none, as long as no invariant is broken.
 */
public final class StreamMetrics {
    /** Where {@code read_bytes} is: bytes read. */
    public static final int READ_BYTES_OFFSET = 0;
    /** Where {@code data} is: reads that brought bytes. */
    public static final int DATA_OFFSET = 8;
    /** Where {@code pause} is: times that reading was stopped. */
    public static final int PAUSE_OFFSET = 16;
    /** Where {@code resume} is: times that reading was started. */
    public static final int RESUME_OFFSET = 24;
    /** Where {@code end} is: 1 once the peer will send no more. */
    public static final int END_OFFSET = 32;
    /** Where {@code writes} is: messages offered. */
    public static final int WRITES_OFFSET = 40;
    /** Where {@code written_bytes} is: bytes accepted. */
    public static final int WRITTEN_BYTES_OFFSET = 48;
    /** Where {@code full} is: messages sent whole at once. */
    public static final int FULL_OFFSET = 56;
    /** Where {@code incomplete} is: messages sent in part at once. */
    public static final int INCOMPLETE_OFFSET = 64;
    /** Where {@code eagain} is: messages of which nothing could be sent at once. */
    public static final int EAGAIN_OFFSET = 72;
    /** Where {@code drain} is: times that there was room again. */
    public static final int DRAIN_OFFSET = 80;
    /** Where {@code queued_max} is: most bytes ever queued. */
    public static final int QUEUED_MAX_OFFSET = 88;
    /** Where {@code alloc} is: messages that the queue kept, whole or in part. */
    public static final int ALLOC_OFFSET = 96;
    /** Where {@code free} is: messages that left the queue, sent or dropped. */
    public static final int FREE_OFFSET = 104;
    /** Where {@code error} is: failures. */
    public static final int ERROR_OFFSET = 112;
    /** Where {@code close} is: 1 once closed. */
    public static final int CLOSE_OFFSET = 120;
    /** Where {@code backoffs} is: times that the kernel reported room and took nothing. */
    public static final int BACKOFFS_OFFSET = 128;

    /** The type. */
    public static final MetricsType TYPE = MetricsType.named("stream")
            .counter("read_bytes", "By")
            .counter("data", "{call}")
            .counter("pause", "{call}")
            .counter("resume", "{call}")
            .counter("end", "{stream}")
            .counter("writes", "{message}")
            .counter("written_bytes", "By")
            .counter("full", "{message}")
            .counter("incomplete", "{message}")
            .counter("eagain", "{message}")
            .counter("drain", "{call}")
            .maximum("queued_max", "By")
            .counter("alloc", "{message}")
            .counter("free", "{message}")
            .counter("error", "{error}")
            .counter("close", "{stream}")
            .counter("backoffs", "{call}")
            .build();

    private StreamMetrics() {
    }

    /**
     * Checks the invariants of a stream that has closed and met no error:
     *
     * <pre>
     *   writes == full + incomplete + eagain        error == 0
     *   pause == resume - 1, if it ended            end &lt;= 1
     *   alloc == free, and if a queue was used      close == 1
     *   alloc == incomplete + eagain
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
        long writes = counters.getLong(offset + WRITES_OFFSET);
        long incomplete = counters.getLong(offset + INCOMPLETE_OFFSET);
        long eagain = counters.getLong(offset + EAGAIN_OFFSET);
        long resume = counters.getLong(offset + RESUME_OFFSET);
        long end = counters.getLong(offset + END_OFFSET);
        long alloc = counters.getLong(offset + ALLOC_OFFSET);
        long free = counters.getLong(offset + FREE_OFFSET);
        int broken = equal("writes", writes, "full + incomplete + eagain",
                counters.getLong(offset + FULL_OFFSET) + incomplete + eagain, out);
        if (end == 1 && resume > 0) {
            broken += equal("pause", counters.getLong(offset + PAUSE_OFFSET),
                    "resume - 1", resume - 1, out);
        }
        if (end != 0) {
            broken += equal("end", end, "1", 1, out);
        }
        broken += equal("alloc", alloc, "free", free, out);
        if (alloc > 0 || free > 0) {
            broken += equal("alloc", alloc, "incomplete + eagain", incomplete + eagain, out);
        }
        broken += equal("error", counters.getLong(offset + ERROR_OFFSET), "0", 0, out);
        return broken + equal("close", counters.getLong(offset + CLOSE_OFFSET), "1", 1, out);
    }

    /**
     * Checks the invariants of one direction of a copy, once nothing is under way and if no error
     * was met: the sink was offered each message of the source, and took each byte of it.
     *
     * <pre>
     *   sink.writes == source.data        sink.written_bytes == source.read_bytes
     * </pre>
     *
     * <p><b>Threading</b>: any; both blocks must be closed, or their owner dead.
     * <b>Allocation</b>: none but what {@code out} needs to grow.
     *
     * @param source where the counters of the stream that was read are
     * @param sourceOffset of the first of them
     * @param sink where the counters of the stream that was written are
     * @param sinkOffset of the first of them
     * @param out takes a line for each invariant that is broken
     * @return how many invariants are broken
     */
    public static int brokenCopyInvariants(DirectBuffer source, int sourceOffset,
            DirectBuffer sink, int sinkOffset, StringBuilder out) {
        return equal("sink.writes", sink.getLong(sinkOffset + WRITES_OFFSET),
                        "source.data", source.getLong(sourceOffset + DATA_OFFSET), out)
                + equal("sink.written_bytes", sink.getLong(sinkOffset + WRITTEN_BYTES_OFFSET),
                        "source.read_bytes", source.getLong(sourceOffset + READ_BYTES_OFFSET),
                        out);
    }
}
