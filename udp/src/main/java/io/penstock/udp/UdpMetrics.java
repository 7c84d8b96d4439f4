package io.penstock.udp;

import static io.penstock.core.metrics.Invariant.atMost;
import static io.penstock.core.metrics.Invariant.equal;

import io.penstock.core.metrics.MetricsType;
import org.agrona.DirectBuffer;

/**
 * The counters of a datagram socket. An offset counts from the block's first counter. Datagrams are
 * counted as they are on the wire: a region of several segments counts as one datagram a segment.
 *
 * <pre>
 *     0 +--------------------+
 *       | received_datagrams |  datagrams received
 *     8 +--------------------+
 *       | received_bytes     |  bytes of them, without those cut off
 *    16 +--------------------+
 *       | received_batches   |  system calls that received at least one
 *    24 +--------------------+
 *       | received_segments  |  datagrams that the kernel merged into a larger one (GRO)
 *    32 +--------------------+
 *       | truncated          |  slots too short for what came, so its end was lost
 *    40 +--------------------+
 *       | dropped            |  datagrams that the kernel dropped, the receive buffer being full
 *    48 +--------------------+
 *       | sent_datagrams     |  datagrams that the kernel took
 *    56 +--------------------+
 *       | sent_bytes         |  bytes of them
 *    64 +--------------------+
 *       | sent_batches       |  system calls that sent at least one
 *    72 +--------------------+
 *       | sent_segments      |  datagrams that the kernel cut from a region (GSO)
 *    80 +--------------------+
 *       | eagain             |  sends that found no room
 *    88 +--------------------+
 *       | gso_refused        |  1 once the kernel has refused to cut a region into segments
 *    96 +--------------------+
 *       | error              |  failures to send or receive, and errors that came back
 *   104 +--------------------+
 *       | close              |  1 once closed
 *   112 +--------------------+
 * </pre>
 *
 * <p><b>Threading</b>: one writer a block, readers of any thread or process.
 * <b>Allocation</b>: none.
 */
public final class UdpMetrics {
    /** Where {@code received_datagrams} is: datagrams received. */
    public static final int RECEIVED_DATAGRAMS_OFFSET = 0;
    /** Where {@code received_bytes} is: bytes of received datagrams, without those cut off. */
    public static final int RECEIVED_BYTES_OFFSET = 8;
    /** Where {@code received_batches} is: system calls that received at least one. */
    public static final int RECEIVED_BATCHES_OFFSET = 16;
    /** Where {@code received_segments} is: datagrams that the kernel merged (GRO). */
    public static final int RECEIVED_SEGMENTS_OFFSET = 24;
    /** Where {@code truncated} is: slots too short for what came, so its end was lost. */
    public static final int TRUNCATED_OFFSET = 32;
    /** Where {@code dropped} is: datagrams that the kernel dropped, its buffer being full. */
    public static final int DROPPED_OFFSET = 40;
    /** Where {@code sent_datagrams} is: datagrams that the kernel took. */
    public static final int SENT_DATAGRAMS_OFFSET = 48;
    /** Where {@code sent_bytes} is: bytes of sent datagrams. */
    public static final int SENT_BYTES_OFFSET = 56;
    /** Where {@code sent_batches} is: system calls that sent at least one. */
    public static final int SENT_BATCHES_OFFSET = 64;
    /** Where {@code sent_segments} is: datagrams that the kernel cut from a region (GSO). */
    public static final int SENT_SEGMENTS_OFFSET = 72;
    /** Where {@code eagain} is: sends that found no room. */
    public static final int EAGAIN_OFFSET = 80;
    /** Where {@code gso_refused} is: 1 once the kernel has refused to cut into segments. */
    public static final int GSO_REFUSED_OFFSET = 88;
    /** Where {@code error} is: failures to send or receive, and errors that came back. */
    public static final int ERROR_OFFSET = 96;
    /** Where {@code close} is: 1 once closed. */
    public static final int CLOSE_OFFSET = 104;

    /** The type. */
    public static final MetricsType TYPE = MetricsType.named("udp")
            .counter("received_datagrams", "{datagram}")
            .counter("received_bytes", "By")
            .counter("received_batches", "{call}")
            .counter("received_segments", "{datagram}")
            .counter("truncated", "{datagram}")
            .counter("dropped", "{datagram}")
            .counter("sent_datagrams", "{datagram}")
            .counter("sent_bytes", "By")
            .counter("sent_batches", "{call}")
            .counter("sent_segments", "{datagram}")
            .counter("eagain", "{call}")
            .counter("gso_refused", "{call}")
            .counter("error", "{error}")
            .counter("close", "{call}")
            .build();

    private UdpMetrics() {
    }

    /**
     * Checks the invariants of a socket that has closed and met no error:
     *
     * <pre>
     *   received_segments &lt;= received_datagrams &gt;= received_batches
     *   sent_segments &lt;= sent_datagrams &gt;= sent_batches
     *   truncated &lt;= received_datagrams
     *   error == 0        close == 1
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
        long received = counters.getLong(offset + RECEIVED_DATAGRAMS_OFFSET);
        long sent = counters.getLong(offset + SENT_DATAGRAMS_OFFSET);
        return atMost("received_segments", counters.getLong(offset + RECEIVED_SEGMENTS_OFFSET),
                        "received_datagrams", received, out)
                + atMost("received_batches", counters.getLong(offset + RECEIVED_BATCHES_OFFSET),
                        "received_datagrams", received, out)
                + atMost("truncated", counters.getLong(offset + TRUNCATED_OFFSET),
                        "received_datagrams", received, out)
                + atMost("sent_segments", counters.getLong(offset + SENT_SEGMENTS_OFFSET),
                        "sent_datagrams", sent, out)
                + atMost("sent_batches", counters.getLong(offset + SENT_BATCHES_OFFSET),
                        "sent_datagrams", sent, out)
                + equal("error", counters.getLong(offset + ERROR_OFFSET), "0", 0, out)
                + equal("close", counters.getLong(offset + CLOSE_OFFSET), "1", 1, out);
    }

    /**
     * Checks the invariants of a path that loses nothing by itself, such as loopback, once nothing
     * is under way: what one end sent, the other received, or its kernel dropped it for want of
     * room.
     *
     * <pre>
     *   if nothing was truncated:
     *   sender.sent_datagrams == receiver.received_datagrams + receiver.dropped
     *   sender.sent_bytes == receiver.received_bytes, if nothing was dropped
     * </pre>
     *
     * <p>The receiver asks the kernel for its drops every 256 slots or 256 KiB, and when it closes.
     *
     * <p><b>Threading</b>: any, once nothing is under way. <b>Allocation</b>: none but what
     * {@code out} needs to grow.
     *
     * @param sender where the counters of the socket that sent are
     * @param senderOffset of the first of them
     * @param receiver where the counters of the socket that received are
     * @param receiverOffset of the first of them
     * @param out takes a line for each invariant that is broken
     * @return how many invariants are broken
     */
    public static int brokenPathInvariants(DirectBuffer sender, int senderOffset,
            DirectBuffer receiver, int receiverOffset, StringBuilder out) {
        if (receiver.getLong(receiverOffset + TRUNCATED_OFFSET) > 0) {
            return 0; // nothing tells how much was cut off
        }
        long dropped = receiver.getLong(receiverOffset + DROPPED_OFFSET);
        int broken = equal("sender.sent_datagrams",
                sender.getLong(senderOffset + SENT_DATAGRAMS_OFFSET),
                "receiver.received_datagrams + receiver.dropped",
                receiver.getLong(receiverOffset + RECEIVED_DATAGRAMS_OFFSET) + dropped, out);
        if (dropped == 0) {
            broken += equal("sender.sent_bytes",
                    sender.getLong(senderOffset + SENT_BYTES_OFFSET), "receiver.received_bytes",
                    receiver.getLong(receiverOffset + RECEIVED_BYTES_OFFSET), out);
        }
        return broken;
    }
}
