package io.penstock.dns.resolver;

import io.penstock.core.buffer.AsciiText;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.Endpoint;
import java.util.concurrent.TimeUnit;

/**
 * What {@code /etc/resolv.conf} says, or a program in its place: name servers, search list,
 * options. Whatever a text says, parsing it goes through; lines and words that mean nothing here
 * are passed over, as everywhere.
 *
 * <pre>
 *   nameserver 192.0.2.53             up to 8; also 192.0.2.53:5353 and [2001:db8::53]:5353
 *   search a.example b.example        up to 32; the last such line counts, also "domain"
 *   options ndots:1 timeout:5 attempts:2 rotate edns0 trust-ad use-vc
 * </pre>
 *
 * <p><b>Threading</b>: one thread. <b>Allocation</b>: none after construction. <b>See</b>:
 * resolv.conf(5).
 */
public final class ResolvConf {
    /** The most name servers. */
    public static final int MAX_SERVERS = 8;
    /** The most domains of the search list. */
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

    /** One with no servers and the defaults of resolv.conf(5). */
    public ResolvConf() {
        for (int i = 0; i < MAX_SERVERS; i++) {
            servers[i] = new Endpoint();
        }
        clear();
    }

    /** Forgets everything. */
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
     * Takes what a text says in place of what was there. Where it names no server, 127.0.0.1 is
     * one.
     *
     * @param text as of the file
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
     * @return this; beyond {@link #MAX_SERVERS} nothing is added
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
     * @param domain its name; what is none is passed over
     * @return this; beyond {@link #MAX_SEARCH} nothing is added
     */
    public ResolvConf search(CharSequence domain) {
        if (searchCount < MAX_SEARCH
                && NameKeys.parse(domain, search, searchCount * NameKeys.ROOM) > 0) {
            searchCount++;
        }
        return this;
    }

    /**
     * How many dots a name must have to be tried as it is before the search list is.
     *
     * @param dots 0 to 15
     * @return this
     */
    public ResolvConf ndots(int dots) {
        ndots = Math.clamp(dots, 0, MAX_NDOTS);
        return this;
    }

    /**
     * How long a server's answer is waited for at most; it may be finer than the file can say.
     *
     * @param ns nanoseconds
     * @return this
     */
    public ResolvConf timeoutNs(long ns) {
        timeoutNs = Math.max(1, ns);
        return this;
    }

    /**
     * How often each server is asked.
     *
     * @param count 1 to 5
     * @return this
     */
    public ResolvConf attempts(int count) {
        attempts = Math.clamp(count, 1, MAX_ATTEMPTS);
        return this;
    }

    /**
     * Begins with another server each time.
     *
     * @param on whether to
     * @return this
     */
    public ResolvConf rotate(boolean on) {
        rotate = on;
        return this;
    }

    /**
     * Believes the servers that an answer is authentic.
     *
     * @param on whether to
     * @return this
     */
    public ResolvConf trustAd(boolean on) {
        trustAd = on;
        return this;
    }

    /**
     * Asks over TCP alone.
     *
     * @param on whether to
     * @return this
     */
    public ResolvConf useTcp(boolean on) {
        useTcp = on;
        return this;
    }

    // What it says

    /**
     * How many name servers there are.
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
     * How many domains the search list has.
     *
     * @return 0 to {@link #MAX_SEARCH}
     */
    public int searches() {
        return searchCount;
    }

    /** The names of the search list, one every {@link NameKeys#ROOM} octets. */
    NativeBuffer searchNames() {
        return search;
    }

    /**
     * How many dots a name must have to be tried first as it is.
     *
     * @return 0 to 15
     */
    public int ndots() {
        return ndots;
    }

    /**
     * How long a server's answer is waited for at most.
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
     * Whether to begin with another server each time.
     *
     * @return whether to
     */
    public boolean isRotating() {
        return rotate;
    }

    /**
     * Whether EDNS is asked for. The resolver uses it in any case, unless its configuration says
     * otherwise.
     *
     * @return whether it is
     */
    public boolean isEdns0() {
        return edns0;
    }

    /**
     * Whether the servers are believed when they say that an answer is authentic.
     *
     * @return whether they are
     */
    public boolean isAdTrusted() {
        return trustAd;
    }

    /**
     * Whether to ask over TCP alone.
     *
     * @return whether to
     */
    public boolean isTcpOnly() {
        return useTcp;
    }

    /** Becomes the same. */
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
