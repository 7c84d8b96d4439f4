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
 * A stub resolver: asks the name servers of {@code /etc/resolv.conf} after looking into
 * {@code /etc/hosts} and its cache, and tells a {@link LookupHandler}.
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
 * {@code ndots} is tried with the search list first, one with more is tried first as it is, one
 * with a last dot only so. A name or type that is not there leads on to the next one of the list; a
 * failure ends the lookup, for what comes later in the list may be somebody else's.
 *
 * <p>It keeps {@link EventLoop#run} going while there are lookups.
 *
 * <p><b>Threading</b>: the loop's thread. <b>Allocation</b>: none after set-up, but when a server
 * is first asked over a connection. <b>Returns</b>: every method that answers a code answers
 * {@link ReturnCode#NOT_OPEN} before the resolver is open and {@link ReturnCode#CLOSED} after
 * {@code close}. <b>See</b>: RFC 1035, resolv.conf(5), hosts(5); its words: {@link
 * ResolverMetrics}.
 */
public final class Resolver extends Handle {
    /** In place of a type: the addresses of both families, in the order of RFC 6724. */
    public static final int ADDRESSES = 0;
    /** In place of a deadline: that there is none but what the servers' timeouts make. */
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
    private final int[] waiting; // those whose turn comes with the ready list, oldest first
    private int waitingHead;
    private int waitingCount;
    private int used;
    private long nextNs = NO_DEADLINE;

    /**
     * A resolver with the capacities given.
     *
     * @param loop the loop
     * @param config read now; its files are read when it opens
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
     * Names it, before it is open.
     *
     * @param name its label in the metrics
     * @return this
     */
    @Override
    public Resolver name(String name) {
        super.name(name);
        return this;
    }

    /**
     * Opens, and reads the files.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @return 0, {@link ReturnCode#ALREADY_OPEN}, {@link ReturnCode#HANDLES_EXHAUSTED},
     *     {@link ReturnCode#METRICS_EXHAUSTED}, {@code -errno} of a file that is there and cannot
     *     be read
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
     * Ends every lookup with {@link ReturnCode#CLOSED}, and gives everything back.
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
     * @param name as people write it: with the search list unless it ends in a dot; an address is
     *     answered as it is
     * @param type of {@link RecordType}, or {@link #ADDRESSES}
     * @param handler is told, in this turn of the loop or a later one
     * @param deadlineNs of the loop's clock, when it ends with {@link ReturnCode#TIMED_OUT} at the
     *     latest; or {@link #NO_DEADLINE}
     * @return a token to {@link #cancel} it by; {@link ReturnCode#DNS_LOOKUPS_EXHAUSTED};
     *     {@link ReturnCode#BAD_NAME}; {@link ReturnCode#BAD_ARGUMENT} for the type; or what is
     *     wrong with the name: a code of {@link io.penstock.dns.wire.NameText#parse}
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
     * Looks up which names an address has: PTR records, or the first name of the hosts file.
     *
     * @param address IPv4 or IPv6
     * @param handler as of {@link #resolve}
     * @param deadlineNs as of {@link #resolve}
     * @return a token; {@link ReturnCode#DNS_LOOKUPS_EXHAUSTED}; {@link ReturnCode#BAD_ADDRESS}
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

    /** One that was cancelled may be there still, and has its turn where that would have been. */
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
     * Ends a lookup without telling its handler.
     *
     * @param token of {@link #resolve}
     * @return 0, {@link ReturnCode#CLOSED} if it has ended already
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
     * What the cache knows, at once and without asking anybody. The hosts file and the search list
     * are not looked at.
     *
     * @param name whole, with or without a last dot, with no escapes
     * @param type of {@link RecordType}, or {@link #ADDRESSES}
     * @param lookup becomes what was found
     * @return how many addresses or records there are; {@link ReturnCode#DNS_NXDOMAIN} or
     *     {@link ReturnCode#DNS_NODATA} if that is what is known;
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

    /** Forgets every answer. */
    public void clearCache() {
        cache.clear();
    }

    // For what is beneath

    void tally(int field, long n) {
        if (n != 0 && isCounting()) {
            count(field, n);
        }
    }

    Posix posix() {
        return posix;
    }

    /** For who measures it. */
    Cache cache() {
        return cache;
    }

    Request request(int index) {
        return requests[index];
    }

    void ready() {
        makeReady();
    }

    /** There is something to do at that time. */
    void schedule(long deadlineNs) {
        if (deadlineNs < nextNs || !timer.isPending()) {
            nextNs = deadlineNs;
            if (deadlineNs != NO_DEADLINE) {
                timer.startAt(deadlineNs);
            }
        }
    }

    /** A question of the request has its answer; after {@code close} there is but one to give. */
    void answered(Request request, int part, NativeBuffer memory, int at, int flags, long ttl) {
        if (isOpen()) {
            search.answered(request, part, memory, at, flags, ttl);
        }
    }

    /** The request ends with what lies there. */
    void finish(Request request, NativeBuffer memory, int at, int flags, long ttl) {
        int result = Answer.result(memory, at);
        request.lookup.wrap(memory, at, flags, ttl);
        tell(request, result);
    }

    /** The request ends with nothing but a code. */
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
        } catch (Throwable t) { // those who asked the same have their answer all the same
            threwForNobody(t);
        }
        request.lookup.clear();
        giveBack(request);
    }

    /** The caller's connector has thrown. */
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
    protected void onReady(int readiness) {
    }

    @Override
    protected void onRun() {
        reload();
        queries.servers.drain();
        for (int n = waitingCount; n > 0 && isOpen(); n--) {
            Request request = takeWaiting();
            if (request.state == Request.NEW) { // and was not cancelled meanwhile
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
        for (int i = 0; i < used && isOpen(); i++) { // who is told may close
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

    /** However short ago it was that they could not be read. */
    private void lookAgain() {
        if (confFile != null) {
            confFile.lookAgain();
        }
        hostsFile.lookAgain();
    }

    /** The files are looked at, and read if they have changed; what cannot be read stays. */
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
        releaseWords();
    }
}
