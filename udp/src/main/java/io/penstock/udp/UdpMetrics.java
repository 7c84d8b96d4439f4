package io.penstock.udp;

import io.penstock.core.metrics.Law;
import io.penstock.core.metrics.MetricsType;
import org.agrona.DirectBuffer;

/**
 * The words of a datagram socket (an offset is from the block's first word). A datagram is what one
 * is on the wire: a region that was sent or came as segments counts as many.
 *
 * <pre>
 *     0 +--------------------+
 *       | received_datagrams |  datagrams that came
 *     8 +--------------------+
 *       | received_bytes     |  their bytes, as far as they were taken
 *    16 +--------------------+
 *       | received_batches   |  system calls that brought some
 *    24 +--------------------+
 *       | received_segments  |  of the datagrams, those that came together as one (GRO)
 *    32 +--------------------+
 *       | truncated          |  datagrams, or runs of them, cut off because the slot was short
 *    40 +--------------------+
 *       | dropped            |  datagrams that the kernel dropped, the receive buffer being full
 *    48 +--------------------+
 *       | sent_datagrams     |  datagrams that the kernel took
 *    56 +--------------------+
 *       | sent_bytes         |  their bytes
 *    64 +--------------------+
 *       | sent_batches       |  system calls that took some
 *    72 +--------------------+
 *       | sent_segments      |  of the datagrams, those that the kernel cut from one region (GSO)
 *    80 +--------------------+
 *       | eagain             |  sends that found no room
 *    88 +--------------------+
 *       | gso_refused        |  times that the kernel would not cut; 1 at most in a life
 *    96 +--------------------+
 *       | error              |  failures to send or receive, and errors that came back
 *   104 +--------------------+
 *       | close              |  1 once it is closed
 *   112 +--------------------+
 * </pre>
 *
 * <p><b>Threading</b>: one writer a block, readers of any thread or process.
 * <b>Allocation</b>: none.
 */
public final class UdpMetrics {
    /** Where {@code received_datagrams} is: datagrams that came. */
    public static final int RECEIVED_DATAGRAMS_OFFSET = 0;
    /** Where {@code received_bytes} is: their bytes, as far as they were taken. */
    public static final int RECEIVED_BYTES_OFFSET = 8;
    /** Where {@code received_batches} is: system calls that brought some. */
    public static final int RECEIVED_BATCHES_OFFSET = 16;
    /** Where {@code received_segments} is: datagrams that came together as one. */
    public static final int RECEIVED_SEGMENTS_OFFSET = 24;
    /** Where {@code truncated} is: datagrams cut off because the slot was short. */
    public static final int TRUNCATED_OFFSET = 32;
    /** Where {@code dropped} is: datagrams that the kernel dropped, its buffer being full. */
    public static final int DROPPED_OFFSET = 40;
    /** Where {@code sent_datagrams} is: datagrams that the kernel took. */
    public static final int SENT_DATAGRAMS_OFFSET = 48;
    /** Where {@code sent_bytes} is: their bytes. */
    public static final int SENT_BYTES_OFFSET = 56;
    /** Where {@code sent_batches} is: system calls that took some. */
    public static final int SENT_BATCHES_OFFSET = 64;
    /** Where {@code sent_segments} is: datagrams that the kernel cut from one region. */
    public static final int SENT_SEGMENTS_OFFSET = 72;
    /** Where {@code eagain} is: sends that found no room. */
    public static final int EAGAIN_OFFSET = 80;
    /** Where {@code gso_refused} is: times that the kernel would not cut. */
    public static final int GSO_REFUSED_OFFSET = 88;
    /** Where {@code error} is: failures to send or receive, and errors that came back. */
    public static final int ERROR_OFFSET = 96;
    /** Where {@code close} is: 1 once it is closed. */
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
     * Holds a socket that closed, and met no error, to its laws:
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
     * @param words where the words are
     * @param offset of the first of them
     * @param out takes a line for each law that is broken
     * @return how many are
     */
    public static int brokenLaws(DirectBuffer words, int offset, StringBuilder out) {
        long received = words.getLong(offset + RECEIVED_DATAGRAMS_OFFSET);
        long sent = words.getLong(offset + SENT_DATAGRAMS_OFFSET);
        return Law.atMost("received_segments", words.getLong(offset + RECEIVED_SEGMENTS_OFFSET),
                        "received_datagrams", received, out)
                + Law.atMost("received_batches", words.getLong(offset + RECEIVED_BATCHES_OFFSET),
                        "received_datagrams", received, out)
                + Law.atMost("truncated", words.getLong(offset + TRUNCATED_OFFSET),
                        "received_datagrams", received, out)
                + Law.atMost("sent_segments", words.getLong(offset + SENT_SEGMENTS_OFFSET),
                        "sent_datagrams", sent, out)
                + Law.atMost("sent_batches", words.getLong(offset + SENT_BATCHES_OFFSET),
                        "sent_datagrams", sent, out)
                + Law.equal("error", words.getLong(offset + ERROR_OFFSET), "0", 0, out)
                + Law.equal("close", words.getLong(offset + CLOSE_OFFSET), "1", 1, out);
    }

    /**
     * Holds a path with no losses of its own, such as loopback, at rest, to its laws: what was sent
     * at one end was received at the other, or dropped there for want of room.
     *
     * <pre>
     *   if nothing was truncated:
     *   sender.sent_datagrams == receiver.received_datagrams + receiver.dropped
     *   sender.sent_bytes == receiver.received_bytes, if nothing was dropped
     * </pre>
     *
     * <p>Drops are looked for every 256 slots or 256 KiB, and when the socket closes.
     *
     * <p><b>Threading</b>: any; nothing may be under way. <b>Allocation</b>: none but what {@code
     * out} needs to grow.
     *
     * @param sender where the words of the socket that sent are
     * @param senderOffset of the first of them
     * @param receiver where the words of the socket that received are
     * @param receiverOffset of the first of them
     * @param out takes a line for each law that is broken
     * @return how many are
     */
    public static int brokenPathLaws(DirectBuffer sender, int senderOffset,
            DirectBuffer receiver, int receiverOffset, StringBuilder out) {
        if (receiver.getLong(receiverOffset + TRUNCATED_OFFSET) > 0) {
            return 0; // how much was cut off nobody knows
        }
        long dropped = receiver.getLong(receiverOffset + DROPPED_OFFSET);
        int broken = Law.equal("sender.sent_datagrams",
                sender.getLong(senderOffset + SENT_DATAGRAMS_OFFSET),
                "receiver.received_datagrams + receiver.dropped",
                receiver.getLong(receiverOffset + RECEIVED_DATAGRAMS_OFFSET) + dropped, out);
        if (dropped == 0) {
            broken += Law.equal("sender.sent_bytes",
                    sender.getLong(senderOffset + SENT_BYTES_OFFSET), "receiver.received_bytes",
                    receiver.getLong(receiverOffset + RECEIVED_BYTES_OFFSET), out);
        }
        return broken;
    }
}
