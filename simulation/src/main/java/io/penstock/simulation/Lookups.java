package io.penstock.simulation;

import io.penstock.core.ReturnCode;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.StreamConnector;
import io.penstock.core.sys.Errno;
import io.penstock.dns.iana.RecordType;
import io.penstock.dns.resolver.Lookup;
import io.penstock.dns.resolver.LookupHandler;
import io.penstock.dns.resolver.ResolvConf;
import io.penstock.dns.resolver.Resolver;
import io.penstock.dns.resolver.ResolverConfig;
import io.penstock.dns.resolver.ResolverMetrics;
import io.penstock.dns.wire.NameText;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A resolver and its name servers. Every lookup ends exactly once: with the truth, and one that is
 * not older than its time to live, or with a failure where something failed; by its deadline; or
 * silently, being cancelled.
 */
final class Lookups extends Scenario {
    private static final int FIRST_PORT = 5301;
    private static final int SECURE_PORT = 5853;
    private static final int SERVERS = 3;
    private static final int HOSTS = 4;
    private static final int MOST_LOOKUPS = 120;
    private static final long AGAIN_NS = 3_000_000_000L;
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long RELOAD_NS = SECOND_NS;
    private static final long SLACK_S = 150; // what a query may take, all its attempts together
    private static final String CONF_PATH = "/etc/resolv.conf";
    private static final String HOSTS_PATH = "/etc/hosts";
    private static final Pattern POINTER =
            Pattern.compile("1\\.(\\d+)\\.([01])\\.10\\.in-addr\\.arpa\\.");
    private static final int[] TYPES = {Resolver.ADDRESSES, Resolver.ADDRESSES, RecordType.A,
        RecordType.AAAA, RecordType.TXT};

    private record Leap(long atNs, long ns) {
    }

    private final Machine client = machine(isCalm ? 200 : 4 + world.upTo(100));
    private final EventLoop serverLoop = machine().loop;
    private final List<NameServer> servers = new ArrayList<>();
    private final int wanted = world.upTo(MOST_LOOKUPS);
    private final int capacity = world.upTo(16);
    private final long staleSeconds = world.random.nextBoolean() ? 0 : 3_600;
    private final List<Asked> pending = new ArrayList<>();
    private final List<Leap> leaps = new ArrayList<>();
    private final List<Long> hostsTimes = new ArrayList<>(); // of each version of the file
    private final Lookup found = new Lookup();
    private final Endpoint endpoint = new Endpoint();
    private final Resolver resolver;
    private final String options = options();
    private int begun;
    private int ended;
    private int cancelled;
    private int hostsSeen;
    private boolean isInHandler;
    private boolean wasClosed;

    Lookups(long seed) {
        super(seed);
        int count = world.upTo(SERVERS);
        for (int i = 0; i < count; i++) {
            servers.add(new NameServer(this, serverLoop, FIRST_PORT + i));
        }
        servers.add(new NameServer(this, serverLoop, SECURE_PORT));
        writeConf(false);
        writeHosts();
        resolver = new Resolver(client.loop, config());
    }

    // What is set up

    private ResolverConfig config() {
        ResolverConfig config = new ResolverConfig().lookups(capacity).hosts(HOSTS_PATH, 64)
                .resolvConf(CONF_PATH).reloadNs(RELOAD_NS).serveStale(staleSeconds)
                .cache(1 << world.random.nextInt(10), 256 << world.random.nextInt(9))
                .failureTtl(world.random.nextInt(4)).edns(!world.oneIn(4))
                .defences(world.random.nextBoolean(), world.random.nextBoolean())
                .idleNs(world.upTo(20) * SECOND_NS);
        if (world.oneIn(4)) {
            config.resolvConf(new ResolvConf().parse(conf()));
        }
        if (!isCalm && world.oneIn(4)) {
            config.queriesPerLookup(world.upTo(5));
        }
        if (world.oneIn(3)) { // as if it were TLS, which makes randomness of its own
            config.secure(world.random.nextBoolean() ? ResolverConfig.Privacy.STRICT
                    : ResolverConfig.Privacy.OPPORTUNISTIC, StreamConnector.TCP, SECURE_PORT);
        }
        return config;
    }

    private String options() {
        return "search " + Zone.SEARCH + "\noptions timeout:" + world.upTo(4) + " attempts:"
                + world.upTo(3) + (world.oneIn(3) ? " rotate" : "")
                + (world.oneIn(6) ? " use-vc" : "") + "\n";
    }

    private String conf() {
        StringBuilder text = new StringBuilder("# by the seed\n");
        int count = servers.size() - 1; // the last is for what is as if it were TLS
        int first = world.random.nextInt(count);
        for (int i = 0; i < count; i++) {
            text.append("nameserver 127.0.0.1:")
                    .append(FIRST_PORT + (first + i) % count).append('\n');
        }
        return text.append(options).toString();
    }

    private void writeConf(boolean isInPlace) {
        kernel.store(CONF_PATH, conf(), isInPlace);
    }

    /** Each version of the file has addresses of its own. */
    private void writeHosts() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < HOSTS; i++) {
            text.append("11.0.").append(i).append('.').append(hostsTimes.size() % 256)
                    .append(" h").append(i).append('\n');
        }
        kernel.store(HOSTS_PATH, text.toString(), false);
        hostsTimes.add(client.nanoTime());
    }

    @Override
    void begin() {
        servers.forEach(NameServer::up);
        open();
        int chains = world.upTo(8);
        for (int i = 0; i < chains; i++) {
            world.after(thinkNs(), this::ask);
        }
    }

    private void open() {
        if (!isCutShort && !resolver.isOpen() && resolver.open() < 0) {
            world.after(AGAIN_NS, this::open);
        }
    }

    private long thinkNs() {
        return switch (world.random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> faults.longNs();
            default -> faults.delayNs();
        };
    }

    // What happens

    private void ask() {
        if (begun >= wanted || isCutShort) {
            return;
        }
        change();
        Asked asked = new Asked();
        if (asked.begin() < 0) {
            world.after(AGAIN_NS, this::ask);
            return;
        }
        begun++;
        pending.add(asked);
        if (world.oneIn(10)) {
            world.after(thinkNs(), asked::cancel);
        }
        if (world.oneIn(4)) {
            askCache();
        }
    }

    private void change() {
        if (faults.happens(Fault.FILE_CHANGED)) {
            writeConf(false);
            writeHosts();
        }
        if (faults.happens(Fault.FILE_REWRITTEN)) {
            writeConf(true);
        }
        if (resolver.isOpen() && faults.happens(Fault.RESOLVER_CLOSED)) {
            wasClosed = true;
            resolver.close();
            world.after(AGAIN_NS, this::open);
        }
    }

    private void askCache() {
        Zone zone = new Zone(world.random.nextInt(Zone.ZONES), world.random.nextInt(Zone.NAMES));
        int type = TYPES[world.random.nextInt(TYPES.length)];
        int result = resolver.cached(zone.toString(), type, found);
        boolean isAnswer = result > 0 || result == ReturnCode.DNS_NXDOMAIN
                || result == ReturnCode.DNS_NODATA;
        if (isAnswer) {
            check(Integer.signum(result) == Integer.signum(zone.expected(type))
                    && (result > 0 || result == zone.expected(type)),
                    "the cache says " + result + " of " + zone + " " + type);
        }
        if (result > 0) {
            checkFound(zone, type, found, result, 0);
        }
    }

    boolean isOver() {
        return isCutShort || isDone();
    }

    long clientNs() {
        return client.nanoTime();
    }

    @Override
    void leaps(Machine machine, long ns) {
        if (machine == client) {
            leaps.add(new Leap(client.nanoTime(), ns));
        }
    }

    @Override
    void idle(Machine machine) {
        if (machine == client) {
            for (Asked asked : pending) {
                check(asked.deadlineNs > client.nanoTime(), "a deadline has passed unnoticed");
            }
        }
    }

    @Override
    boolean isDone() {
        return ended >= wanted;
    }

    @Override
    String state() {
        return ": " + pending + " of " + begun + " lookups under way, " + ended + " of "
                + wanted + " ended, open: " + resolver.isOpen();
    }

    @Override
    void end() {
        check(pending.isEmpty(), pending.size() + " lookups have not ended");
        check(begun == ended, begun + " lookups begun, " + ended + " ended");
        for (NameServer server : servers) {
            check(server.opened == server.closed, "a connection of a server is open");
        }
        if (!wasClosed && begun > 0) {
            StringBuilder broken = new StringBuilder();
            ResolverMetrics.brokenInvariants(resolver.metrics(), resolver.metricsOffset(), broken);
            check(broken.isEmpty(), broken.toString());
            check(resolver.counter(ResolverMetrics.LOOKUPS_OFFSET) == begun
                    && resolver.counter(ResolverMetrics.CANCELLED_OFFSET) == cancelled,
                    "lookups or those cancelled are counted wrongly");
        }
    }

    // What was found

    /** The name whose address a reverse name is of, or null. */
    static Zone pointed(String name) {
        Matcher matcher = POINTER.matcher(name);
        return !matcher.matches() || Integer.parseInt(matcher.group(1)) >= Zone.NAMES ? null
                : new Zone(Integer.parseInt(matcher.group(2)), Integer.parseInt(matcher.group(1)));
    }

    private void checkFound(Zone zone, int type, Lookup lookup, int count, long moreSeconds) {
        if (type == RecordType.TXT) {
            checkText(zone.target(), lookup, count);
            return;
        }
        check(lookup.addresses() == count && count <= (type == Resolver.ADDRESSES ? 2 : 1),
                count + " addresses of " + zone);
        for (int i = 0; i < count; i++) {
            check(lookup.address(i, 1, endpoint) == 0, "no address");
            check(type == Resolver.ADDRESSES || endpoint.isIpv4() == (type == RecordType.A),
                    "an address of the other family");
            int stamp = endpoint.isIpv4() ? endpoint.ipv4() : (int) endpoint.ipLow();
            boolean isOf = zone.target().isOf(stamp)
                    && (endpoint.isIpv4() || endpoint.ipHigh() == zone.target().ipv6High());
            check(isOf, endpoint + " is not " + zone);
            long age = Zone.age(stamp, client.nanoTime());
            check(age <= zone.chainTtl() + moreSeconds + SLACK_S + leapt(age),
                    endpoint + " of " + zone + " is " + age + " s old");
        }
    }

    private static void checkText(Zone zone, Lookup lookup, int count) {
        check(count == 1 && lookup.nextRecord(), count + " texts");
        int length = lookup.record().rdataLength();
        int at = lookup.record().rdataOffset();
        check(length % zone.textStrings() == 0
                && lookup.record().buffer().getByte(at + length - 1) == 'a' + zone.name(),
                "another text");
    }

    /** By how much the clock has leapt since something that is so old. */
    private long leapt(long ageSeconds) {
        long sinceNs = client.nanoTime() - (ageSeconds + 1) * SECOND_NS;
        long sum = 0;
        for (Leap leap : leaps) {
            sum += leap.atNs + leap.ns >= sinceNs ? leap.ns : 0;
        }
        return sum / SECOND_NS + 1;
    }

    /** Whether in a calm world something was lost or came too late all the same. */
    private boolean isDisturbed() {
        return faults.has(Fault.LOSS) || faults.has(Fault.CLOCK_JUMP) || faults.has(Fault.PAUSE)
                || faults.has(Fault.SUSPENSION) || faults.has(Fault.QUEUE_FULL);
    }

    /** One lookup: begun, and ended once. */
    private final class Asked implements LookupHandler {
        private final int type;
        private final String name;
        private final Zone reverse;
        private final int host; // of the hosts file, or -1
        final long deadlineNs;
        private long token;
        private boolean isEnded;

        Asked() {
            int kind = world.random.nextInt(12);
            Zone zone = new Zone(world.random.nextInt(Zone.ZONES),
                    world.random.nextInt(Zone.NAMES));
            type = kind == 0 ? RecordType.PTR : kind == 1 ? Resolver.ADDRESSES
                    : TYPES[world.random.nextInt(TYPES.length)];
            reverse = kind == 0 ? zone : null;
            host = kind == 1 ? world.random.nextInt(HOSTS) : -1;
            name = kind == 1 ? "h" + host : kind < 5 ? "n" + zone.name()
                    : kind < 9 ? zone.toString() : zone.toString().replaceAll("\\.$", "");
            deadlineNs = world.oneIn(3) ? client.nanoTime() + faults.longNs()
                    : Resolver.NO_DEADLINE;
        }

        @Override
        public String toString() {
            return name + " " + type + " " + deadlineNs;
        }

        long begin() {
            if (reverse != null) {
                endpoint.ipv4(10 << 24 | reverse.number() << 16 | reverse.name() << 8 | 1, 0);
            }
            token = reverse != null ? resolver.reverse(endpoint, this, deadlineNs)
                    : resolver.resolve(name, type, this, deadlineNs);
            if (token == ReturnCode.DNS_LOOKUPS_EXHAUSTED) {
                check(pending.size() + (isInHandler ? 1 : 0) >= capacity, "too few lookups");
            } else if (token < 0) {
                check(!resolver.isOpen(), "refused: " + token);
            }
            return token;
        }

        void cancel() {
            int rc = resolver.cancel(token);
            check((rc == 0) == !isEnded || !resolver.isOpen(), "cancelled: " + rc);
            if (rc == 0) {
                cancelled++;
                ended();
                world.after(thinkNs(), Lookups.this::ask);
            }
        }

        private void ended() {
            check(!isEnded, name + " has ended twice");
            isEnded = true;
            ended++;
            pending.remove(this);
        }

        @Override
        public void onAnswer(Lookup lookup, int result) {
            ended();
            check(lookup.token() == token, "another lookup's answer");
            if (result > 0) {
                checkFound(lookup, result);
            } else if (result == ReturnCode.DNS_NXDOMAIN || result == ReturnCode.DNS_NODATA) {
                check(host < 0 && reverse == null && Zone.expected(name, type) == result,
                        name + " " + type + ": " + result);
            } else {
                boolean isLate = (result == ReturnCode.TIMED_OUT || result == -Errno.ETIMEDOUT)
                        && (isDisturbed() || deadlineNs <= client.nanoTime());
                check(!isCalm || isLate, "calm, and " + name + " ended with " + result);
                check(result != ReturnCode.CLOSED || wasClosed || !resolver.isOpen(), "closed");
            }
            isInHandler = true;
            if (world.random.nextBoolean()) {
                ask(); // from inside
            } else {
                world.after(thinkNs(), Lookups.this::ask);
            }
            isInHandler = false;
        }

        private void checkFound(Lookup lookup, int count) {
            if (host >= 0) {
                checkHost(lookup, count);
            } else if (reverse != null) {
                check(lookup.nextRecord() && reverse.toString().equals(NameText.append(
                        new StringBuilder(), lookup.record().buffer(),
                        lookup.record().rdataOffset()).toString()), "another name");
            } else {
                Zone zone = Zone.found(name, type);
                check(zone != null, name + " is found, and there is none");
                check(!lookup.isStale() || staleSeconds > 0, "stale");
                Lookups.this.checkFound(zone, type, lookup, count,
                        lookup.isStale() ? staleSeconds : 0);
            }
        }

        /** From a version of the file not older than the last, nor than when it was looked at. */
        private void checkHost(Lookup lookup, int count) {
            check(count == 1 && lookup.address(0, 1, endpoint) == 0 && lookup.isLocal(), "host");
            int last = hostsTimes.size() - 1;
            int version = endpoint.ipv4() & 0xff;
            check((endpoint.ipv4() ^ version) == (Zone.HOSTS_ADDRESS | host << 8)
                    && version >= hostsSeen % 256 && version <= last, "another host: " + endpoint);
            hostsSeen = version;
            boolean isNew = client.nanoTime() - hostsTimes.get(last) <= RELOAD_NS;
            check(isNew || version == last || !isCalm, "an old file");
        }
    }
}
