package io.penstock.dns.resolver;

import io.penstock.core.net.IcuNames;
import io.penstock.core.net.NameMapping;
import io.penstock.core.net.StreamConnector;
import java.util.concurrent.TimeUnit;

/**
 * The capacities of a {@link Resolver}, and what it may do. Everything is taken when the resolver
 * is constructed and never grows.
 *
 * <p><b>Threading</b>: one thread. <b>Allocation</b>: set-up.
 */
public final class ResolverConfig {
    /** DNS over TLS or not: RFC 8310. */
    public enum Privacy {
        /** UDP and TCP. */
        NONE,
        /** Over TLS where that works, and in the clear where it does not. */
        OPPORTUNISTIC,
        /** Over TLS or not at all. */
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

    /** The defaults. */
    public ResolverConfig() {
    }

    /**
     * How many lookups may be under way at once. Each may need two queries, and each of those a
     * handle of the loop or two. Default 256.
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
     * @param entries how many answers; 0 for no cache
     * @param bytes of memory for them
     * @return this
     */
    public ResolverConfig cache(int entries, int bytes) {
        cacheEntries = atLeast(0, entries);
        cacheBytes = atLeast(0, bytes);
        return this;
    }

    /**
     * Which hosts file, looked at again when it has changed. Default {@code /etc/hosts}, 4,096
     * names.
     *
     * @param path the file; one that is not there is empty
     * @param names how many there is room for; 32 octets each, on average
     * @return this
     */
    public ResolverConfig hosts(String path, int names) {
        hostsPath = path;
        hosts = atLeast(1, names);
        return this;
    }

    /**
     * Which file names the servers, looked at again when it has changed. Default
     * {@code /etc/resolv.conf}.
     *
     * @param path the file; one that is not there is empty
     * @return this
     */
    public ResolverConfig resolvConf(String path) {
        resolvConfPath = path;
        return this;
    }

    /**
     * Names the servers in place of a file.
     *
     * @param conf copied when the resolver is constructed
     * @return this
     */
    public ResolverConfig resolvConf(ResolvConf conf) {
        resolvConf = conf;
        return this;
    }

    /**
     * How often at most the files are looked at. Default 1 s.
     *
     * @param ns nanoseconds
     * @return this
     */
    public ResolverConfig reloadNs(long ns) {
        reloadNs = ns;
        return this;
    }

    /**
     * How long a server is waited for before a query is sent again. It follows from how long its
     * answers take, within these bounds and the file's {@code timeout}, and doubles; the last query
     * waits as long as the file says.
     *
     * @param firstNs of a server that is not known; default 1 s
     * @param minNs of one that is, at least; default 250 ms
     * @return this
     */
    public ResolverConfig timeouts(long firstNs, long minNs) {
        firstTimeoutNs = firstNs;
        minTimeoutNs = minNs;
        return this;
    }

    /**
     * How long answers are kept at most. Default a day; three hours for what is not there.
     *
     * @param seconds for answers
     * @param negativeSeconds for names and types that are not there
     * @return this
     */
    public ResolverConfig maxTtl(long seconds, long negativeSeconds) {
        maxTtlSeconds = seconds;
        maxNegativeTtlSeconds = negativeSeconds;
        return this;
    }

    /**
     * How long it is remembered that no server had an answer, or one at all. Default 1 s.
     *
     * <p><b>See</b>: RFC 9520.
     *
     * @param seconds 1 to 300; 0 forgets at once
     * @return this
     */
    public ResolverConfig failureTtl(long seconds) {
        failureTtlSeconds = Math.clamp(seconds, 0, 300);
        return this;
    }

    /**
     * For how long an answer that has expired is still given when no server answers. Default 0.
     *
     * <p><b>See</b>: RFC 8767, which says a day to three.
     *
     * @param seconds that
     * @return this
     */
    public ResolverConfig serveStale(long seconds) {
        staleSeconds = Math.clamp(seconds, 0, Integer.MAX_VALUE); // which is as good as for ever
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
     * How long a connection to a server is kept with nothing to ask. Default 10 s.
     *
     * @param ns nanoseconds
     * @return this
     */
    public ResolverConfig idleNs(long ns) {
        idleNs = ns;
        return this;
    }

    /**
     * What is done against forged answers besides what always is. Default both.
     *
     * @param randomCase letters of the question in random case, which the answer must have
     * @param cookies of RFC 7873
     * @return this
     */
    public ResolverConfig defences(boolean randomCase, boolean cookies) {
        this.randomCase = randomCase;
        this.cookies = cookies;
        return this;
    }

    /**
     * Whether EDNS is used, with answers of up to 1232 octets over UDP. Default yes; without it
     * there are no cookies.
     *
     * @param on whether to
     * @return this
     */
    public ResolverConfig edns(boolean on) {
        edns = on;
        return this;
    }

    /**
     * Whether the name servers are asked for names of multicast DNS too. Default no; those under
     * {@code local} are in any case where the search list has a domain there.
     *
     * @param on whether to
     * @return this
     */
    public ResolverConfig asksForLocal(boolean on) {
        asksForLocal = on;
        return this;
    }

    /**
     * DNS over TLS, or over another kind of stream. Under strict privacy the connector must make
     * sure who the server is before {@code onOpen}; under opportunistic privacy it need not.
     *
     * <p><b>See</b>: RFC 7858, RFC 8310.
     *
     * @param privacy whether it must be
     * @param connector makes and connects the streams, such as a {@code TlsConnector}
     * @param port of the servers; of DNS over TLS it is 853
     * @return this
     */
    public ResolverConfig secure(Privacy privacy, StreamConnector connector, int port) {
        this.privacy = privacy;
        this.connector = connector;
        securePort = port;
        return this;
    }

    /**
     * What names that are not ASCII become. Default: they are refused.
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
