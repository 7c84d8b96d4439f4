package io.penstock.dns.resolver;

import io.penstock.core.metrics.Invariant;
import io.penstock.core.metrics.MetricsType;
import org.agrona.DirectBuffer;

/**
 * The words of a resolver (an offset is from the block's first word).
 *
 * <pre>
 *     0 +---------------+
 *       | lookups       |  lookups begun
 *     8 +---------------+
 *       | under_way     |  lookups under way
 *    16 +---------------+
 *       | cancelled     |  lookups cancelled
 *    24 +---------------+
 *       | answers       |  lookups that found something
 *    32 +---------------+
 *       | negative      |  lookups that found that there is nothing
 *    40 +---------------+
 *       | failures      |  lookups that ended otherwise
 *    48 +---------------+
 *       | local         |  lookups that asked nobody: hosts file, addresses, special names
 *    56 +---------------+
 *       | cache_hits    |  names and types that the cache knew
 *    64 +---------------+
 *       | cache_misses  |  names and types that it did not know
 *    72 +---------------+
 *       | stale         |  lookups answered with what had expired
 *    80 +---------------+
 *       | evicted       |  answers that left the cache for newer ones
 *    88 +---------------+
 *       | joined        |  questions that were asked already
 *    96 +---------------+
 *       | queries       |  queries sent: udp + tcp + secure
 *   104 +---------------+
 *       | udp           |  queries sent over UDP
 *   112 +---------------+
 *       | tcp           |  queries sent over TCP
 *   120 +---------------+
 *       | secure        |  queries sent over TLS
 *   128 +---------------+
 *       | retries       |  queries that were not a question's first
 *   136 +---------------+
 *       | timeouts      |  queries that were not answered in time
 *   144 +---------------+
 *       | mismatched    |  answers to no question of ours, dropped
 *   152 +---------------+
 *       | malformed     |  messages that are none, dropped
 *   160 +---------------+
 *       | truncated     |  answers cut short, asked for again over TCP
 *   168 +---------------+
 *       | isolated      |  times that a server was left alone for a while
 *   176 +---------------+
 *       | reloads       |  times that a file was read
 *   184 +---------------+
 *       | within_1ms    |  lookups that took at most 1 ms
 *   192 +---------------+
 *       | within_4ms    |  lookups that took at most 4 ms, more than 1 ms
 *   200 +---------------+
 *       | within_16ms   |  lookups that took at most 16 ms, more than 4 ms
 *   208 +---------------+
 *       | within_64ms   |  lookups that took at most 64 ms, more than 16 ms
 *   216 +---------------+
 *       | within_256ms  |  lookups that took at most 256 ms, more than 64 ms
 *   224 +---------------+
 *       | within_1024ms |  lookups that took at most 1,024 ms, more than 256 ms
 *   232 +---------------+
 *       | within_4096ms |  lookups that took at most 4,096 ms, more than 1,024 ms
 *   240 +---------------+
 *       | longer        |  lookups that took more than 4,096 ms
 *   248 +---------------+
 * </pre>
 *
 * <p><b>Threading</b>: one writer a block, readers of any thread or process.
 * <b>Allocation</b>: none.
 */
public final class ResolverMetrics {
    /** Where {@code lookups} is: lookups begun. */
    public static final int LOOKUPS_OFFSET = 0;
    /** Where {@code under_way} is: lookups under way. */
    public static final int UNDER_WAY_OFFSET = 8;
    /** Where {@code cancelled} is: lookups cancelled. */
    public static final int CANCELLED_OFFSET = 16;
    /** Where {@code answers} is: lookups that found something. */
    public static final int ANSWERS_OFFSET = 24;
    /** Where {@code negative} is: lookups that found that there is nothing. */
    public static final int NEGATIVE_OFFSET = 32;
    /** Where {@code failures} is: lookups that ended otherwise. */
    public static final int FAILURES_OFFSET = 40;
    /** Where {@code local} is: lookups that asked nobody: hosts file, addresses, special names. */
    public static final int LOCAL_OFFSET = 48;
    /** Where {@code cache_hits} is: names and types that the cache knew. */
    public static final int CACHE_HITS_OFFSET = 56;
    /** Where {@code cache_misses} is: names and types that it did not know. */
    public static final int CACHE_MISSES_OFFSET = 64;
    /** Where {@code stale} is: lookups answered with what had expired. */
    public static final int STALE_OFFSET = 72;
    /** Where {@code evicted} is: answers that left the cache for newer ones. */
    public static final int EVICTED_OFFSET = 80;
    /** Where {@code joined} is: questions that were asked already. */
    public static final int JOINED_OFFSET = 88;
    /** Where {@code queries} is: queries sent: udp + tcp + secure. */
    public static final int QUERIES_OFFSET = 96;
    /** Where {@code udp} is: queries sent over UDP. */
    public static final int UDP_OFFSET = 104;
    /** Where {@code tcp} is: queries sent over TCP. */
    public static final int TCP_OFFSET = 112;
    /** Where {@code secure} is: queries sent over TLS. */
    public static final int SECURE_OFFSET = 120;
    /** Where {@code retries} is: queries that were not a question's first. */
    public static final int RETRIES_OFFSET = 128;
    /** Where {@code timeouts} is: queries that were not answered in time. */
    public static final int TIMEOUTS_OFFSET = 136;
    /** Where {@code mismatched} is: answers to no question of ours, dropped. */
    public static final int MISMATCHED_OFFSET = 144;
    /** Where {@code malformed} is: messages that are none, dropped. */
    public static final int MALFORMED_OFFSET = 152;
    /** Where {@code truncated} is: answers cut short, asked for again over TCP. */
    public static final int TRUNCATED_OFFSET = 160;
    /** Where {@code isolated} is: times that a server was left alone for a while. */
    public static final int ISOLATED_OFFSET = 168;
    /** Where {@code reloads} is: times that a file was read. */
    public static final int RELOADS_OFFSET = 176;
    /** Where {@code within_1ms} is: lookups that took at most 1 ms. */
    public static final int WITHIN_1MS_OFFSET = 184;
    /** Where {@code within_4ms} is: lookups that took at most 4 ms, more than 1 ms. */
    public static final int WITHIN_4MS_OFFSET = 192;
    /** Where {@code within_16ms} is: lookups that took at most 16 ms, more than 4 ms. */
    public static final int WITHIN_16MS_OFFSET = 200;
    /** Where {@code within_64ms} is: lookups that took at most 64 ms, more than 16 ms. */
    public static final int WITHIN_64MS_OFFSET = 208;
    /** Where {@code within_256ms} is: lookups that took at most 256 ms, more than 64 ms. */
    public static final int WITHIN_256MS_OFFSET = 216;
    /** Where {@code within_1024ms} is: lookups that took at most 1,024 ms, more than 256 ms. */
    public static final int WITHIN_1024MS_OFFSET = 224;
    /** Where {@code within_4096ms} is: lookups that took at most 4,096 ms, more than 1,024 ms. */
    public static final int WITHIN_4096MS_OFFSET = 232;
    /** Where {@code longer} is: lookups that took more than 4,096 ms. */
    public static final int LONGER_OFFSET = 240;

    /** The type. */
    public static final MetricsType TYPE = MetricsType.named("resolver")
            .counter("lookups", "{lookup}")
            .gauge("under_way", "{lookup}")
            .counter("cancelled", "{lookup}")
            .counter("answers", "{lookup}")
            .counter("negative", "{lookup}")
            .counter("failures", "{lookup}")
            .counter("local", "{lookup}")
            .counter("cache_hits", "{name}")
            .counter("cache_misses", "{name}")
            .counter("stale", "{lookup}")
            .counter("evicted", "{answer}")
            .counter("joined", "{question}")
            .counter("queries", "{query}")
            .counter("udp", "{query}")
            .counter("tcp", "{query}")
            .counter("secure", "{query}")
            .counter("retries", "{query}")
            .counter("timeouts", "{query}")
            .counter("mismatched", "{message}")
            .counter("malformed", "{message}")
            .counter("truncated", "{message}")
            .counter("isolated", "{server}")
            .counter("reloads", "{file}")
            .counter("within_1ms", "{lookup}")
            .counter("within_4ms", "{lookup}")
            .counter("within_16ms", "{lookup}")
            .counter("within_64ms", "{lookup}")
            .counter("within_256ms", "{lookup}")
            .counter("within_1024ms", "{lookup}")
            .counter("within_4096ms", "{lookup}")
            .counter("longer", "{lookup}")
            .build();

    private static final long FIRST_BUCKET_NS = 1_000_000;

    private ResolverMetrics() {
    }

    /** Where the bucket of a time is: each takes four times as long as the one before. */
    static int bucket(long ns) {
        int offset = WITHIN_1MS_OFFSET;
        for (long bound = FIRST_BUCKET_NS; ns > bound && offset < LONGER_OFFSET; bound *= 4) {
            offset += Long.BYTES;
        }
        return offset;
    }

    /**
     * Holds a resolver at rest, that is with no lookup under way, to its laws:
     *
     * <pre>
     *   lookups == answers + negative + failures + cancelled       under_way == 0
     *   answers + negative + failures == within_1ms + ... + longer
     *   queries == udp + tcp + secure                      retries &lt;= queries
     * </pre>
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: none but what {@code out} needs to grow.
     *
     * @param words where the words are
     * @param offset of the first of them
     * @param out takes a line for each law that is broken
     * @return how many are
     */
    public static int brokenInvariants(DirectBuffer words, int offset, StringBuilder out) {
        long ended = words.getLong(offset + ANSWERS_OFFSET)
                + words.getLong(offset + NEGATIVE_OFFSET)
                + words.getLong(offset + FAILURES_OFFSET);
        long timed = 0;
        for (int i = WITHIN_1MS_OFFSET; i <= LONGER_OFFSET; i += Long.BYTES) {
            timed += words.getLong(offset + i);
        }
        long queries = words.getLong(offset + QUERIES_OFFSET);
        return Invariant.equal("lookups", words.getLong(offset + LOOKUPS_OFFSET),
                        "answers + negative + failures + cancelled",
                        ended + words.getLong(offset + CANCELLED_OFFSET), out)
                + Invariant.equal("under_way", words.getLong(offset + UNDER_WAY_OFFSET),
                        "0", 0, out)
                + Invariant.equal("within_1ms + ... + longer", timed,
                        "answers + negative + failures", ended, out)
                + Invariant.equal("queries", queries, "udp + tcp + secure",
                        words.getLong(offset + UDP_OFFSET) + words.getLong(offset + TCP_OFFSET)
                        + words.getLong(offset + SECURE_OFFSET), out)
                + Invariant.atMost("retries", words.getLong(offset + RETRIES_OFFSET),
                        "queries", queries, out);
    }
}
