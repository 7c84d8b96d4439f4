package io.penstock.dns.resolver;

import io.penstock.core.net.IcuNames;
import io.penstock.core.net.NameMapping;
import io.penstock.core.net.StreamConnector;
import java.util.concurrent.TimeUnit;

/**
 * The capacities and options of a {@link Resolver}. The resolver takes all memory when it is
 * constructed, and never more.
 *
 * <p><b>Threading</b>: one thread. <b>Allocation</b>: set-up.
 */
public final class ResolverConfig {
    /** When DNS over TLS is used: RFC 8310. */
    public enum Privacy {
        /** Never: queries go over UDP and TCP. */
        NONE,
        /** Where it works; in clear text where it does not. */
        OPPORTUNISTIC,
        /** Always; a lookup fails where it does not work. */
        STRICT,
    }

    int lookups = 256;
    int cacheEntries = 4096;
    int cacheBytes = 1 << 20;
    int hosts = 4096;
    String resolvConfPath = "/etc/resolv.conf";
    String hostsPath = "/etc/hosts";
    ResolvConf resolvConf;
    long reloadNs = TimeUnit.SECONDS.toNanos(1);
    long firstTimeoutNs = TimeUnit.SECONDS.toNanos(1);
    long minTimeoutNs = TimeUnit.MILLISECONDS.toNanos(250);
    long maxTtlSeconds = TimeUnit.DAYS.toSeconds(1);
    long maxNegativeTtlSeconds = TimeUnit.HOURS.toSeconds(3);
    long failureTtlSeconds = 1;
    long staleSeconds;
    int queries = 100;
    long idleNs = TimeUnit.SECONDS.toNanos(10);
    boolean randomCase = true;
    boolean cookies = true;
    boolean edns = true;
    boolean asksForLocal;
    StreamConnector connector;
    Privacy privacy = Privacy.NONE;
    int securePort = 853;
    NameMapping names;

    /** Makes a configuration with the defaults. */
    public ResolverConfig() {
    }

    /**
     * How many lookups may be under way at once. A lookup may need two queries, and a query one or
     * two handles of the loop. Default 256.
     *
     * @param count at least 1
     * @return this
     */
    public ResolverConfig lookups(int count) {
        lookups = atLeast(1, count);
        return this;
    }

    /**
     * The cache's size. Default 4,096 answers in 1 MiB.
     *
     * @param entries the number of answers; 0 for no cache
     * @param bytes the memory for the answers
     * @return this
     */
    public ResolverConfig cache(int entries, int bytes) {
        cacheEntries = atLeast(0, entries);
        cacheBytes = atLeast(0, bytes);
        return this;
    }

    /**
     * The hosts file, which is read again when it has changed. Default {@code /etc/hosts}, 4,096
     * names.
     *
     * @param path the file; a file that does not exist counts as empty
     * @param names the number of names for which there is room, of 32 octets on average
     * @return this
     */
    public ResolverConfig hosts(String path, int names) {
        hostsPath = path;
        hosts = atLeast(1, names);
        return this;
    }

    /**
     * The file that names the servers, which is read again when it has changed. Default
     * {@code /etc/resolv.conf}.
     *
     * @param path the file; a file that does not exist counts as empty
     * @return this
     */
    public ResolverConfig resolvConf(String path) {
        resolvConfPath = path;
        return this;
    }

    /**
     * The servers and options in place of a file.
     *
     * @param conf copied when the resolver is constructed
     * @return this
     */
    public ResolverConfig resolvConf(ResolvConf conf) {
        resolvConf = conf;
        return this;
    }

    /**
     * The shortest time between two looks at the files. Default 1 s.
     *
     * @param ns nanoseconds
     * @return this
     */
    public ResolverConfig reloadNs(long ns) {
        reloadNs = ns;
        return this;
    }

    /**
     * The bounds of the wait before a query is sent again. The wait follows from the round-trip
     * time of the server, is at most the file's {@code timeout}, and doubles with each round of
     * servers. The last query waits for the file's {@code timeout}.
     *
     * @param firstNs the wait for a server that has not answered yet; default 1 s
     * @param minNs the shortest wait for any server; default 250 ms
     * @return this
     */
    public ResolverConfig timeouts(long firstNs, long minNs) {
        firstTimeoutNs = firstNs;
        minTimeoutNs = minNs;
        return this;
    }

    /**
     * The longest time for which answers are cached. Default a day, and three hours for negative
     * answers.
     *
     * @param seconds for positive answers
     * @param negativeSeconds for names and types that do not exist
     * @return this
     */
    public ResolverConfig maxTtl(long seconds, long negativeSeconds) {
        maxTtlSeconds = seconds;
        maxNegativeTtlSeconds = negativeSeconds;
        return this;
    }

    /**
     * How long it is cached that every server failed or was silent. Default 1 s.
     *
     * <p><b>See</b>: RFC 9520.
     *
     * @param seconds 1 to 300; 0 to cache no failure
     * @return this
     */
    public ResolverConfig failureTtl(long seconds) {
        failureTtlSeconds = Math.clamp(seconds, 0, 300);
        return this;
    }

    /**
     * For how long after its expiry an answer is still given if no server answers. Default 0.
     *
     * <p><b>See</b>: RFC 8767, which recommends one to three days.
     *
     * @param seconds since the answer has expired
     * @return this
     */
    public ResolverConfig serveStale(long seconds) {
        staleSeconds = Math.clamp(seconds, 0, Integer.MAX_VALUE); // 68 years: no overflow in ns
        return this;
    }

    /**
     * How many queries one lookup may send. Default 100: enough for six names of a search list, of
     * two types, with four attempts each.
     *
     * @param count at least 1
     * @return this
     */
    public ResolverConfig queriesPerLookup(int count) {
        queries = atLeast(1, count);
        return this;
    }

    /**
     * How long an idle connection to a server is kept. Default 10 s.
     *
     * @param ns nanoseconds
     * @return this
     */
    public ResolverConfig idleNs(long ns) {
        idleNs = ns;
        return this;
    }

    /**
     * Optional defences against forged answers, besides random ids and ports. Default both.
     *
     * @param randomCase whether letters of the question are sent in random case, which the answer
     *     must repeat
     * @param cookies whether cookies are used (RFC 7873)
     * @return this
     */
    public ResolverConfig defences(boolean randomCase, boolean cookies) {
        this.randomCase = randomCase;
        this.cookies = cookies;
        return this;
    }

    /**
     * Whether EDNS is used, with answers of up to 1232 octets over UDP. Default yes. Without EDNS
     * there are no cookies.
     *
     * @param on whether EDNS is used
     * @return this
     */
    public ResolverConfig edns(boolean on) {
        edns = on;
        return this;
    }

    /**
     * Whether the name servers are asked for names of multicast DNS too. Default no. If the search
     * list has a domain under {@code local}, names under {@code local} are asked for in any case.
     *
     * @param on whether such names are asked for
     * @return this
     */
    public ResolverConfig asksForLocal(boolean on) {
        asksForLocal = on;
        return this;
    }

    /**
     * DNS over TLS, or over another kind of stream. Under strict privacy the connector must verify
     * the server before {@code onOpen}; under opportunistic privacy it need not.
     *
     * <p><b>See</b>: RFC 7858, RFC 8310.
     *
     * @param privacy when the streams are used
     * @param connector makes and connects the streams, such as a {@code TlsConnector}
     * @param port the port of the servers; DNS over TLS has 853
     * @return this
     */
    public ResolverConfig secure(Privacy privacy, StreamConnector connector, int port) {
        this.privacy = privacy;
        this.connector = connector;
        securePort = port;
        return this;
    }

    /**
     * The mapping of names that are not ASCII. Default: such names are refused.
     *
     * @param mapping such as {@link IcuNames}
     * @return this
     */
    public ResolverConfig names(NameMapping mapping) {
        names = mapping;
        return this;
    }

    private static int atLeast(int minimum, int value) {
        if (value < minimum) {
            throw new IllegalArgumentException(value + " < " + minimum);
        }
        return value;
    }
}
