package io.penstock.dns.resolver;

import io.penstock.core.metrics.Invariant;
import io.penstock.core.metrics.MetricsType;
import org.agrona.DirectBuffer;

/**
 * The counters of a resolver. An offset counts from the first counter of the block.
 *
 * <pre>
 *     0 +---------------+
 *       | lookups       |  lookups begun
 *     8 +---------------+
 *       | under_way     |  lookups under way
 *    16 +---------------+
 *       | cancelled     |  lookups cancelled
 *    24 +---------------+
 *       | answers       |  lookups that found at least one address or record
 *    32 +---------------+
 *       | negative      |  lookups of a name or type that does not exist
 *    40 +---------------+
 *       | failures      |  lookups that failed
 *    48 +---------------+
 *       | local         |  lookups answered locally: hosts file, addresses, special names
 *    56 +---------------+
 *       | cache_hits    |  questions that the cache answered
 *    64 +---------------+
 *       | cache_misses  |  questions that the cache could not answer
 *    72 +---------------+
 *       | stale         |  lookups answered with an expired answer
 *    80 +---------------+
 *       | evicted       |  answers evicted from the cache by newer ones
 *    88 +---------------+
 *       | joined        |  questions that joined a pending query
 *    96 +---------------+
 *       | queries       |  queries sent: udp + tcp + secure
 *   104 +---------------+
 *       | udp           |  queries sent over UDP
 *   112 +---------------+
 *       | tcp           |  queries sent over TCP
 *   120 +---------------+
 *       | secure        |  queries sent over TLS
 *   128 +---------------+
 *       | retries       |  queries sent after the first one of a question
 *   136 +---------------+
 *       | timeouts      |  queries that were not answered in time
 *   144 +---------------+
 *       | mismatched    |  answers that match no query, dropped
 *   152 +---------------+
 *       | malformed     |  messages that cannot be parsed, dropped
 *   160 +---------------+
 *       | truncated     |  truncated answers, asked for again over TCP
 *   168 +---------------+
 *       | isolated      |  times that a server was isolated after failures
 *   176 +---------------+
 *       | reloads       |  times that the configuration or hosts file was read
 *   184 +---------------+
 *       | within_1ms    |  lookups that took at most 1 ms
 *   192 +---------------+
 *       | within_4ms    |  lookups that took more than 1 ms, at most 4 ms
 *   200 +---------------+
 *       | within_16ms   |  lookups that took more than 4 ms, at most 16 ms
 *   208 +---------------+
 *       | within_64ms   |  lookups that took more than 16 ms, at most 64 ms
 *   216 +---------------+
 *       | within_256ms  |  lookups that took more than 64 ms, at most 256 ms
 *   224 +---------------+
 *       | within_1024ms |  lookups that took more than 256 ms, at most 1,024 ms
 *   232 +---------------+
 *       | within_4096ms |  lookups that took more than 1,024 ms, at most 4,096 ms
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
    /** Where {@code answers} is: lookups that found at least one address or record. */
    public static final int ANSWERS_OFFSET = 24;
    /** Where {@code negative} is: lookups of a name or type that does not exist. */
    public static final int NEGATIVE_OFFSET = 32;
    /** Where {@code failures} is: lookups that failed. */
    public static final int FAILURES_OFFSET = 40;
    /** Where {@code local} is: lookups answered locally: hosts file, addresses, special names. */
    public static final int LOCAL_OFFSET = 48;
    /** Where {@code cache_hits} is: questions that the cache answered. */
    public static final int CACHE_HITS_OFFSET = 56;
    /** Where {@code cache_misses} is: questions that the cache could not answer. */
    public static final int CACHE_MISSES_OFFSET = 64;
    /** Where {@code stale} is: lookups answered with an expired answer. */
    public static final int STALE_OFFSET = 72;
    /** Where {@code evicted} is: answers evicted from the cache by newer ones. */
    public static final int EVICTED_OFFSET = 80;
    /** Where {@code joined} is: questions that joined a pending query. */
    public static final int JOINED_OFFSET = 88;
    /** Where {@code queries} is: queries sent: udp + tcp + secure. */
    public static final int QUERIES_OFFSET = 96;
    /** Where {@code udp} is: queries sent over UDP. */
    public static final int UDP_OFFSET = 104;
    /** Where {@code tcp} is: queries sent over TCP. */
    public static final int TCP_OFFSET = 112;
    /** Where {@code secure} is: queries sent over TLS. */
    public static final int SECURE_OFFSET = 120;
    /** Where {@code retries} is: queries sent after the first one of a question. */
    public static final int RETRIES_OFFSET = 128;
    /** Where {@code timeouts} is: queries that were not answered in time. */
    public static final int TIMEOUTS_OFFSET = 136;
    /** Where {@code mismatched} is: answers that match no query, dropped. */
    public static final int MISMATCHED_OFFSET = 144;
    /** Where {@code malformed} is: messages that cannot be parsed, dropped. */
    public static final int MALFORMED_OFFSET = 152;
    /** Where {@code truncated} is: truncated answers, asked for again over TCP. */
    public static final int TRUNCATED_OFFSET = 160;
    /** Where {@code isolated} is: times that a server was isolated after failures. */
    public static final int ISOLATED_OFFSET = 168;
    /** Where {@code reloads} is: times that the configuration or hosts file was read. */
    public static final int RELOADS_OFFSET = 176;
    /** Where {@code within_1ms} is: lookups that took at most 1 ms. */
    public static final int WITHIN_1MS_OFFSET = 184;
    /** Where {@code within_4ms} is: lookups that took more than 1 ms, at most 4 ms. */
    public static final int WITHIN_4MS_OFFSET = 192;
    /** Where {@code within_16ms} is: lookups that took more than 4 ms, at most 16 ms. */
    public static final int WITHIN_16MS_OFFSET = 200;
    /** Where {@code within_64ms} is: lookups that took more than 16 ms, at most 64 ms. */
    public static final int WITHIN_64MS_OFFSET = 208;
    /** Where {@code within_256ms} is: lookups that took more than 64 ms, at most 256 ms. */
    public static final int WITHIN_256MS_OFFSET = 216;
    /** Where {@code within_1024ms} is: lookups that took more than 256 ms, at most 1,024 ms. */
    public static final int WITHIN_1024MS_OFFSET = 224;
    /** Where {@code within_4096ms} is: lookups that took more than 1,024 ms, at most 4,096 ms. */
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
            .counter("cache_hits", "{question}")
            .counter("cache_misses", "{question}")
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

    /** The offset of the bucket for a duration. The bound of each bucket is four times the last. */
    static int bucket(long ns) {
        int offset = WITHIN_1MS_OFFSET;
        for (long bound = FIRST_BUCKET_NS; ns > bound && offset < LONGER_OFFSET; bound *= 4) {
            offset += Long.BYTES;
        }
        return offset;
    }

    /**
     * Checks the invariants of a resolver that is idle, that is, with no lookup under way:
     *
     * <pre>
     *   lookups == answers + negative + failures + cancelled       under_way == 0
     *   answers + negative + failures == within_1ms + ... + longer
     *   queries == udp + tcp + secure                      retries &lt;= queries
     * </pre>
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: none but what {@code out} needs to grow.
     *
     * @param counters the memory that holds the counters
     * @param offset of the first counter
     * @param out takes a line for each broken invariant
     * @return the number of broken invariants
     */
    public static int brokenInvariants(DirectBuffer counters, int offset, StringBuilder out) {
        long ended = counters.getLong(offset + ANSWERS_OFFSET)
                + counters.getLong(offset + NEGATIVE_OFFSET)
                + counters.getLong(offset + FAILURES_OFFSET);
        long timed = 0;
        for (int i = WITHIN_1MS_OFFSET; i <= LONGER_OFFSET; i += Long.BYTES) {
            timed += counters.getLong(offset + i);
        }
        long queries = counters.getLong(offset + QUERIES_OFFSET);
        return Invariant.equal("lookups", counters.getLong(offset + LOOKUPS_OFFSET),
                        "answers + negative + failures + cancelled",
                        ended + counters.getLong(offset + CANCELLED_OFFSET), out)
                + Invariant.equal("under_way", counters.getLong(offset + UNDER_WAY_OFFSET),
                        "0", 0, out)
                + Invariant.equal("within_1ms + ... + longer", timed,
                        "answers + negative + failures", ended, out)
                + Invariant.equal("queries", queries, "udp + tcp + secure",
                        counters.getLong(offset + UDP_OFFSET)
                        + counters.getLong(offset + TCP_OFFSET)
                        + counters.getLong(offset + SECURE_OFFSET), out)
                + Invariant.atMost("retries", counters.getLong(offset + RETRIES_OFFSET),
                        "queries", queries, out);
    }
}
