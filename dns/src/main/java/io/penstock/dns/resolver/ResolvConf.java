package io.penstock.dns.resolver;

import io.penstock.core.buffer.AsciiText;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.Endpoint;
import java.util.concurrent.TimeUnit;

/**
 * The contents of {@code /etc/resolv.conf}, or a program's settings in its place: name servers,
 * search list, options. Every text can be parsed: unknown lines and words are skipped, as other
 * resolvers do.
 *
 * <pre>
 *   nameserver 192.0.2.53             up to 8; also 192.0.2.53:5353 and [2001:db8::53]:5353
 *   search a.example b.example        up to 32; the last "search" or "domain" line counts
 *   options ndots:1 timeout:5 attempts:2 rotate edns0 trust-ad use-vc
 * </pre>
 *
 * <p><b>Threading</b>: one thread. <b>Allocation</b>: none after construction. <b>See</b>:
 * resolv.conf(5).
 */
public final class ResolvConf {
    /** The greatest number of name servers. */
    public static final int MAX_SERVERS = 8;
    /** The greatest number of domains in the search list. */
    public static final int MAX_SEARCH = 32;
    /** The port of DNS. */
    public static final int PORT = 53;

    private static final int MAX_NDOTS = 15;
    private static final int MAX_TIMEOUT_SECONDS = 30;
    private static final int MAX_ATTEMPTS = 5;
    private static final int MAX_NUMBER = 1_000_000; // more than any option takes

    private final Endpoint[] servers = new Endpoint[MAX_SERVERS];
    private final NativeBuffer search = NativeBuffer.allocate(MAX_SEARCH * NameKeys.ROOM);
    private final StringBuilder scratch = new StringBuilder(128);
    private final Text word = new Text();
    private int serverCount;
    private int searchCount;
    private int ndots;
    private int attempts;
    private long timeoutNs;
    private boolean rotate;
    private boolean edns0;
    private boolean trustAd;
    private boolean useTcp;

    /** Makes a configuration without servers, with the defaults of resolv.conf(5). */
    public ResolvConf() {
        for (int i = 0; i < MAX_SERVERS; i++) {
            servers[i] = new Endpoint();
        }
        clear();
    }

    /** Removes all servers and domains, and restores the defaults. */
    public void clear() {
        serverCount = 0;
        searchCount = 0;
        ndots = 1;
        attempts = 2;
        timeoutNs = TimeUnit.SECONDS.toNanos(5);
        rotate = false;
        edns0 = false;
        trustAd = false;
        useTcp = false;
    }

    /**
     * Replaces the configuration by a text. If the text names no server, the server is 127.0.0.1.
     *
     * @param text in the format of the file
     * @return this
     */
    public ResolvConf parse(CharSequence text) {
        clear();
        for (int at = 0; at < text.length();) {
            int end = Text.lineEnd(text, at);
            line(text, at, end);
            at = end + 1;
        }
        if (serverCount == 0) {
            servers[serverCount++].ipv4(Endpoint.IPV4_LOOPBACK, PORT);
        }
        return this;
    }

    private void line(CharSequence text, int at, int end) {
        int keyEnd = Text.wordEnd(text, at, end);
        int from = Text.wordStart(text, keyEnd, end);
        if (Text.isWord(text, at, keyEnd, "nameserver")) {
            parseServer(text, from, Text.wordEnd(text, from, end));
        } else if (Text.isWord(text, at, keyEnd, "search")
                || Text.isWord(text, at, keyEnd, "domain")) {
            searchCount = 0;
            for (; from < end; from = Text.wordStart(text, from, end)) {
                int to = Text.wordEnd(text, from, end);
                search(word.wrap(text, from, to));
                from = to;
            }
        } else if (Text.isWord(text, at, keyEnd, "options")) {
            for (; from < end; from = Text.wordStart(text, from, end)) {
                int to = Text.wordEnd(text, from, end);
                option(text, from, to);
                from = to;
            }
        }
    }

    private void parseServer(CharSequence text, int from, int to) {
        if (serverCount == MAX_SERVERS) {
            return;
        }
        Endpoint server = servers[serverCount];
        int rc = Text.address(text, from, to, PORT, scratch, server);
        if (rc < 0 && to > from && text.charAt(from) != '/' && text.charAt(from) != '@'
                && text.charAt(from) != 'u') {
            rc = server.parse(word.wrap(text, from, to));
        }
        serverCount += rc == 0 ? 1 : 0;
    }

    private void option(CharSequence text, int from, int to) {
        int number = numberOf(text, from, to);
        if (Text.startsWith(text, from, to, "ndots:") && number >= 0) {
            ndots(number);
        } else if (Text.startsWith(text, from, to, "timeout:") && number > 0) {
            timeoutNs(TimeUnit.SECONDS.toNanos(Math.min(MAX_TIMEOUT_SECONDS, number)));
        } else if (Text.startsWith(text, from, to, "attempts:") && number > 0) {
            attempts(number);
        } else if (Text.isWord(text, from, to, "rotate")) {
            rotate = true;
        } else if (Text.isWord(text, from, to, "edns0")) {
            edns0 = true;
        } else if (Text.isWord(text, from, to, "trust-ad")) {
            trustAd = true;
        } else if (Text.isWord(text, from, to, "use-vc")) {
            useTcp = true;
        }
    }

    private static int numberOf(CharSequence text, int from, int to) {
        int digits = AsciiText.indexOf(text, ':', from, to) + 1;
        return (int) Math.min(MAX_NUMBER, AsciiText.number(text, digits, to, 10, 1L << 56));
    }

    // For programs

    /**
     * Adds a name server.
     *
     * @param endpoint its address and port
     * @return this; a server beyond {@link #MAX_SERVERS} is ignored
     */
    public ResolvConf server(Endpoint endpoint) {
        if (serverCount < MAX_SERVERS) {
            servers[serverCount++].copyFrom(endpoint);
        }
        return this;
    }

    /**
     * Adds a domain to the search list.
     *
     * @param domain its name; a malformed name is ignored
     * @return this; a domain beyond {@link #MAX_SEARCH} is ignored
     */
    public ResolvConf search(CharSequence domain) {
        if (searchCount < MAX_SEARCH
                && NameKeys.parse(domain, search, searchCount * NameKeys.ROOM) > 0) {
            searchCount++;
        }
        return this;
    }

    /**
     * Sets how many dots a name must have to be tried as it is before the search list.
     *
     * @param dots 0 to 15
     * @return this
     */
    public ResolvConf ndots(int dots) {
        ndots = Math.clamp(dots, 0, MAX_NDOTS);
        return this;
    }

    /**
     * Sets the longest wait for an answer of a server. It may be finer than the file's seconds.
     *
     * @param ns nanoseconds
     * @return this
     */
    public ResolvConf timeoutNs(long ns) {
        timeoutNs = Math.max(1, ns);
        return this;
    }

    /**
     * Sets how often each server is asked.
     *
     * @param count 1 to 5
     * @return this
     */
    public ResolvConf attempts(int count) {
        attempts = Math.clamp(count, 1, MAX_ATTEMPTS);
        return this;
    }

    /**
     * Sets whether each query begins with the next server.
     *
     * @param on whether the servers rotate
     * @return this
     */
    public ResolvConf rotate(boolean on) {
        rotate = on;
        return this;
    }

    /**
     * Sets whether the servers are trusted when they say that an answer is authentic (AD).
     *
     * @param on whether AD is trusted
     * @return this
     */
    public ResolvConf trustAd(boolean on) {
        trustAd = on;
        return this;
    }

    /**
     * Sets whether queries go over TCP only.
     *
     * @param on whether UDP is not used
     * @return this
     */
    public ResolvConf useTcp(boolean on) {
        useTcp = on;
        return this;
    }

    // Reading

    /**
     * The number of name servers.
     *
     * @return 0 to {@link #MAX_SERVERS}
     */
    public int servers() {
        return serverCount;
    }

    /**
     * A name server.
     *
     * @param index from 0
     * @return its address; always the same object for an index
     */
    public Endpoint server(int index) {
        return servers[index];
    }

    /**
     * The number of domains in the search list.
     *
     * @return 0 to {@link #MAX_SEARCH}
     */
    public int searches() {
        return searchCount;
    }

    /** The keys of the search list, one in every {@link NameKeys#ROOM} octets. */
    NativeBuffer searchNames() {
        return search;
    }

    /**
     * How many dots a name must have to be tried as it is before the search list.
     *
     * @return 0 to 15
     */
    public int ndots() {
        return ndots;
    }

    /**
     * The longest wait for an answer of a server.
     *
     * @return nanoseconds
     */
    public long timeoutNs() {
        return timeoutNs;
    }

    /**
     * How often each server is asked.
     *
     * @return 1 to 5
     */
    public int attempts() {
        return attempts;
    }

    /** How many attempts a query has, over all servers. */
    int maxAttempts() {
        return attempts * serverCount;
    }

    /**
     * Whether each query begins with the next server.
     *
     * @return whether the servers rotate
     */
    public boolean isRotating() {
        return rotate;
    }

    /**
     * Whether the file asks for EDNS. The resolver does not need the option: it uses EDNS unless
     * {@link ResolverConfig#edns} is off.
     *
     * @return whether the option is set
     */
    public boolean isEdns0() {
        return edns0;
    }

    /**
     * Whether the servers are trusted when they say that an answer is authentic (AD).
     *
     * @return whether AD is trusted
     */
    public boolean isAdTrusted() {
        return trustAd;
    }

    /**
     * Whether queries go over TCP only.
     *
     * @return whether UDP is not used
     */
    public boolean isTcpOnly() {
        return useTcp;
    }

    /** Makes this configuration equal to another. */
    void copyFrom(ResolvConf other) {
        clear();
        for (int i = 0; i < other.serverCount; i++) {
            server(other.servers[i]);
        }
        search.putBytes(0, other.search, 0, other.searchCount * NameKeys.ROOM);
        searchCount = other.searchCount;
        ndots = other.ndots;
        attempts = other.attempts;
        timeoutNs = other.timeoutNs;
        rotate = other.rotate;
        edns0 = other.edns0;
        trustAd = other.trustAd;
        useTcp = other.useTcp;
    }
}
