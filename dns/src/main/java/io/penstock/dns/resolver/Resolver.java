package io.penstock.dns.resolver;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.Handle;
import io.penstock.core.loop.Timer;
import io.penstock.core.net.Endpoint;
import io.penstock.core.sys.Posix;
import io.penstock.dns.iana.RecordType;
import java.util.concurrent.TimeUnit;

/**
 * A stub resolver. A lookup searches {@code /etc/hosts} and the cache, then asks the name servers
 * of {@code /etc/resolv.conf}. A {@link LookupHandler} receives the result.
 *
 * <pre>
 *   Resolver resolver = new Resolver(loop, new ResolverConfig());
 *   int rc = resolver.open();
 *   long token = resolver.resolve("www.example.com", Resolver.ADDRESSES, (lookup, result) -> {
 *       if (result > 0) { lookup.address(0, 443, endpoint); }
 *   }, Resolver.NO_DEADLINE);
 * </pre>
 *
 * <p>A lookup of {@link #ADDRESSES} asks for A and AAAA at once. A name with fewer dots than
 * {@code ndots} is tried with each domain of the search list, then as it is. A name with at least
 * {@code ndots} dots is tried as it is, then with each domain. A name with a last dot is tried only
 * as it is. If a name or type does not exist, the next name is tried. A failure ends the lookup,
 * because a later name of the search list may belong to someone else.
 *
 * <p>The resolver keeps {@link EventLoop#run} going while a lookup is under way.
 *
 * <p><b>Threading</b>: the loop's thread. <b>Allocation</b>: none after set-up, except when a
 * server is first asked over a connection. <b>Returns</b>: every method that returns a code returns
 * {@link ReturnCode#NOT_OPEN} before {@code open} and {@link ReturnCode#CLOSED} after
 * {@code close}. <b>See</b>: RFC 1035, resolv.conf(5), hosts(5); its counters:
 * {@link ResolverMetrics}.
 */
public final class Resolver extends Handle {
    /** In place of a type: the addresses of both families, in the order of RFC 6724. */
    public static final int ADDRESSES = 0;
    /** In place of a deadline: only the timeouts of the servers end the lookup. */
    public static final long NO_DEADLINE = Long.MAX_VALUE;

    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

    private final ResolvConf conf = new ResolvConf();
    private final Hosts hosts;
    private final WatchedFile confFile;
    private final WatchedFile hostsFile;
    private final SpecialNames special = new SpecialNames();
    private final Cache cache;
    private final Queries queries;
    private final Search search;
    private final ResolverConfig config;
    private final Timer timer;
    private final Text text = new Text();

    private final Request[] requests;
    private final int[] free;
    private int freeCount;
    private final int[] waiting; // requests that begin in the next turn of the ready list, a ring
    private int waitingHead;
    private int waitingCount;
    private int used; // no request at this index or a higher one was ever used
    private long nextNs = NO_DEADLINE;

    /**
     * Makes a resolver with the capacities of a configuration.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param loop the loop
     * @param config read now; the files that it names are read by {@link #open}
     */
    public Resolver(EventLoop loop, ResolverConfig config) {
        super(loop, ResolverMetrics.TYPE, "resolver");
        this.config = config;
        hosts = new Hosts(config.hosts);
        confFile = config.resolvConf != null ? null
                : new WatchedFile(posix, config.resolvConfPath, 64 << 10, config.reloadNs);
        hostsFile = new WatchedFile(
                posix, config.hostsPath, Math.max(64 << 10, 64 * config.hosts), config.reloadNs);
        if (config.resolvConf != null) {
            conf.copyFrom(config.resolvConf);
        }
        cache = new Cache(config.cacheEntries, config.cacheBytes);
        queries = new Queries(this, config, conf, cache);
        search = new Search(this, config, conf, hosts, special, cache, queries);
        timer = ownTimer(fired -> onTime());
        timer.release();
        requests = new Request[config.lookups];
        free = new int[config.lookups];
        waiting = new int[config.lookups];
        for (int i = config.lookups - 1; i >= 0; i--) {
            requests[i] = new Request(i);
            free[freeCount++] = i;
        }
    }

    /**
     * Names the resolver. The name takes effect when the resolver opens.
     *
     * @param name the label in the metrics
     * @return this
     */
    @Override
    public Resolver name(String name) {
        super.name(name);
        return this;
    }

    /**
     * Opens the resolver and reads its files.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @return 0, {@link ReturnCode#ALREADY_OPEN}, {@link ReturnCode#HANDLES_EXHAUSTED},
     *     {@link ReturnCode#METRICS_EXHAUSTED}, {@code -errno} for a file that exists but cannot be
     *     read
     */
    public int open() {
        if (isOpen()) {
            return ReturnCode.ALREADY_OPEN;
        }
        int rc = attach(-1, true);
        if (rc < 0) {
            return rc;
        }
        release();
        lookAgain();
        rc = reload();
        if (rc < 0) {
            detach();
            return rc;
        }
        configure();
        return 0;
    }

    /**
     * Closes the resolver. Every lookup ends with {@link ReturnCode#CLOSED}.
     *
     * @return 0
     */
    public int close() {
        return isOpen() ? startClose(0) : closedCode();
    }

    // Looking up

    /**
     * Looks a name up.
     *
     * @param name a name, to which the search list applies unless it ends in a dot; or an address,
     *     which is its own answer
     * @param type of {@link RecordType}, or {@link #ADDRESSES}
     * @param handler receives the result, in this turn of the loop or a later one
     * @param deadlineNs time of the loop's clock at which the lookup ends with
     *     {@link ReturnCode#TIMED_OUT}; or {@link #NO_DEADLINE}
     * @return a token for {@link #cancel}; {@link ReturnCode#DNS_LOOKUPS_EXHAUSTED};
     *     {@link ReturnCode#BAD_ARGUMENT} for the type; {@link ReturnCode#BAD_NAME} for a name that
     *     is not ASCII and cannot be mapped; or a code of
     *     {@link io.penstock.dns.wire.NameText#parse}
     */
    public long resolve(CharSequence name, int type, LookupHandler handler, long deadlineNs) {
        long rc = ready(type);
        if (rc < 0) {
            return rc;
        }
        Request request = requests[free[freeCount - 1]];
        int n = search.parse(request, name, type);
        return n < 0 ? n : begin(request, type, handler, deadlineNs);
    }

    /**
     * Looks up the names of an address: PTR records, or its first name in the hosts file.
     *
     * @param address IPv4 or IPv6
     * @param handler as for {@link #resolve}
     * @param deadlineNs as for {@link #resolve}
     * @return a token for {@link #cancel}; {@link ReturnCode#DNS_LOOKUPS_EXHAUSTED};
     *     {@link ReturnCode#BAD_ADDRESS} for an address of another family
     */
    public long reverse(Endpoint address, LookupHandler handler, long deadlineNs) {
        long rc = ready(RecordType.PTR);
        if (rc < 0) {
            return rc;
        }
        Request request = requests[free[freeCount - 1]];
        int n = search.reverse(request, address);
        return n < 0 ? n : begin(request, RecordType.PTR, handler, deadlineNs);
    }

    private long ready(int type) {
        if (!isOpen()) {
            return closedCode();
        }
        if (type < 0 || type > 0xffff) {
            return ReturnCode.BAD_ARGUMENT;
        }
        return freeCount == 0 ? ReturnCode.DNS_LOOKUPS_EXHAUSTED : 0;
    }

    private long begin(Request request, int type, LookupHandler handler, long deadlineNs) {
        if (handler == null) {
            throw new NullPointerException("handler");
        }
        freeCount--;
        used = Math.max(used, request.index + 1);
        request.begin(type, handler, loop().nowNs(), deadlineNs);
        queue(request);
        tally(ResolverMetrics.LOOKUPS_OFFSET, 1);
        tally(ResolverMetrics.UNDER_WAY_OFFSET, 1);
        if (underWay() == 1) {
            keepAlive();
        }
        makeReady();
        return request.token();
    }

    /** Queues a request. A cancelled one is still queued, and its successor keeps its place. */
    private void queue(Request request) {
        if (!request.isQueued) {
            request.isQueued = true;
            int tail = waitingHead + waitingCount++;
            waiting[tail >= waiting.length ? tail - waiting.length : tail] = request.index;
        }
    }

    private Request takeWaiting() {
        Request request = requests[waiting[waitingHead]];
        waitingHead = waitingHead + 1 == waiting.length ? 0 : waitingHead + 1;
        waitingCount--;
        request.isQueued = false;
        return request;
    }

    private int underWay() {
        return requests.length - freeCount;
    }

    /**
     * Ends a lookup. Its handler is not called.
     *
     * @param token of {@link #resolve} or {@link #reverse}
     * @return 0, {@link ReturnCode#CLOSED} if the lookup has ended already
     */
    public int cancel(long token) {
        int index = (int) token;
        Request request = token < 0 || index >= requests.length ? null : requests[index];
        if (request == null || request.state == Request.FREE || request.token() != token) {
            return isOpen() ? ReturnCode.CLOSED : closedCode();
        }
        tally(ResolverMetrics.CANCELLED_OFFSET, 1);
        giveBack(request);
        return 0;
    }

    /**
     * Reads the cache. No name server is asked; the hosts file and the search list are not used.
     *
     * @param name the whole name, with or without a last dot, without escapes
     * @param type of {@link RecordType}, or {@link #ADDRESSES}
     * @param lookup takes the answer
     * @return the number of addresses or records; {@link ReturnCode#DNS_NXDOMAIN} or
     *     {@link ReturnCode#DNS_NODATA} for a cached negative answer;
     *     {@link ReturnCode#DNS_NOT_CACHED}
     */
    public int cached(CharSequence name, int type, Lookup lookup) {
        long now = loop().nowNs();
        int entry = cache.find(name, type);
        if (entry < 0 || cache.expiresNs(entry) - now <= 0) {
            entry = cache.find(name, Cache.ANY_TYPE);
        }
        long leftNs = entry < 0 ? 0 : cache.expiresNs(entry) - now;
        if (leftNs <= 0) {
            lookup.clear();
            return isOpen() ? ReturnCode.DNS_NOT_CACHED : closedCode();
        }
        int at = cache.answer(entry);
        lookup.wrap(cache.memory(), at, 0, leftNs / SECOND_NS);
        return Answer.result(cache.memory(), at);
    }

    /** Discards every cached answer. */
    public void clearCache() {
        cache.clear();
    }

    // For the other classes of this package

    void tally(int field, long n) {
        if (n != 0 && isCounting()) {
            add(field, n);
        }
    }

    Posix posix() {
        return posix;
    }

    /** For benchmarks. */
    Cache cache() {
        return cache;
    }

    Request request(int index) {
        return requests[index];
    }

    /** Gives the resolver a turn of the ready list, where received messages are handled. */
    void ready() {
        makeReady();
    }

    /** Makes sure that the timer fires no later than the deadline. */
    void schedule(long deadlineNs) {
        if (deadlineNs < nextNs || !timer.isPending()) {
            nextNs = deadlineNs;
            if (deadlineNs != NO_DEADLINE) {
                timer.startAt(deadlineNs);
            }
        }
    }

    /** A query of the request has ended. After {@code close}, onClosed ends the request. */
    void answered(Request request, int part, NativeBuffer memory, int at, int flags, long ttl) {
        if (isOpen()) {
            search.answered(request, part, memory, at, flags, ttl);
        }
    }

    /** Ends a request with the {@link Answer} at an offset. */
    void finish(Request request, NativeBuffer memory, int at, int flags, long ttl) {
        int result = Answer.result(memory, at);
        request.lookup.wrap(memory, at, flags, ttl);
        tell(request, result);
    }

    /** Ends a request with a code. */
    void finish(Request request, int code) {
        request.lookup.clear();
        tell(request, code);
    }

    private void tell(Request request, int result) {
        tally(result > 0 ? ResolverMetrics.ANSWERS_OFFSET
                : Answer.isFailure(result) ? ResolverMetrics.FAILURES_OFFSET
                : ResolverMetrics.NEGATIVE_OFFSET, 1);
        tally(ResolverMetrics.bucket(loop().nowNs() - request.startedNs), 1);
        LookupHandler handler = request.handler;
        leaveAll(request);
        request.state = Request.FREE; // so that it cannot be cancelled any more
        try {
            handler.onAnswer(request.lookup, result);
        } catch (Throwable t) { // other lookups of the same query still get their answer
            threwForNobody(t);
        }
        request.lookup.clear();
        giveBack(request);
    }

    /** The application's connector has thrown. */
    void connectorThrew(Throwable t) {
        threwForNobody(t);
    }

    private void leaveAll(Request request) {
        for (int part = 0; part < Request.PARTS; part++) {
            queries.leave(request, part);
        }
    }

    private void giveBack(Request request) {
        leaveAll(request);
        request.state = Request.FREE;
        request.handler = null;
        free[freeCount++] = request.index;
        tally(ResolverMetrics.UNDER_WAY_OFFSET, -1);
        if (underWay() == 0) {
            release();
        }
    }

    // Turns

    @Override
    protected void onRun() {
        reload();
        queries.servers.drain();
        for (int n = waitingCount; n > 0 && isOpen(); n--) {
            Request request = takeWaiting();
            if (request.state == Request.NEW) { // not cancelled since it was queued
                request.state = Request.WAITING;
                if (request.deadlineNs != NO_DEADLINE) {
                    schedule(request.deadlineNs);
                }
                search.begin(request);
            }
        }
    }

    private void onTime() {
        nextNs = NO_DEADLINE;
        reload();
        long now = loop().nowNs();
        for (int i = 0; i < used && isOpen(); i++) { // a handler may close the resolver
            Request request = requests[i];
            if (request.state == Request.WAITING && request.deadlineNs != NO_DEADLINE
                    && request.deadlineNs - now <= 0) {
                search.expired(request);
            }
        }
        queries.onTime(now);
        if (!isOpen()) {
            return;
        }
        queries.servers.closeIdle(now);
        long next = Math.min(queries.nextDeadlineNs(), queries.servers.idleUntilNs());
        for (int i = 0; i < used; i++) {
            if (requests[i].state == Request.WAITING) {
                next = Math.min(next, requests[i].deadlineNs);
            }
        }
        schedule(next);
    }

    // Files

    /** Makes the next reload look at the files, even if an earlier open has just failed. */
    private void lookAgain() {
        if (confFile != null) {
            confFile.lookAgain();
        }
        hostsFile.lookAgain();
    }

    /** Reads the files that have changed. After an error the last contents stay. */
    private int reload() {
        long now = loop().nowNs();
        int changed = confFile == null ? 0 : confFile.check(now);
        if (changed > 0) {
            conf.parse(confFile.text(text));
            tally(ResolverMetrics.RELOADS_OFFSET, 1);
            configure();
        }
        int rc = hostsFile.check(now);
        if (rc > 0) {
            hosts.parse(hostsFile.text(text));
            tally(ResolverMetrics.RELOADS_OFFSET, 1);
        }
        return Math.min(0, Math.min(changed, rc));
    }

    private void configure() {
        special.configure(conf, config.asksForLocal);
        queries.configure();
    }

    @Override
    protected void onClosed(int code) {
        timer.cancel();
        for (int i = 0; i < used; i++) {
            if (requests[i].state != Request.FREE) {
                finish(requests[i], ReturnCode.CLOSED);
            }
        }
        queries.servers.close();
        search.close();
        while (waitingCount > 0) {
            takeWaiting();
        }
        releaseCounters();
    }
}
