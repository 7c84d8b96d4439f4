package io.penstock.dns.resolver;

import io.netty.channel.DefaultEventLoop;
import io.netty.resolver.dns.DefaultDnsCache;
import io.netty.resolver.dns.DnsCacheEntry;
import io.penstock.benchmarks.Measured;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Endpoint;
import io.penstock.core.sys.Linux;
import io.penstock.dns.iana.RecordType;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.Cache;
import org.xbill.DNS.Credibility;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.SetResponse;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/**
 * A name that is in the cache, among a thousand: beside a HashMap of the same strings, and the
 * caches of dnsjava and Netty. The strings are made once, so their hashes are known, and one name
 * is looked up after another: with the strings that were put, or with equal ones in another order,
 * three for each name, as those come who read a name anew. Penstock's loop stands still, as it does
 * within a turn: its clock costs nothing.
 */
public class CacheBenchmark extends Measured {
    private static final int NAMES = 1024;
    private static final int TTL_SECONDS = 86_400;

    private final String[] names = new String[NAMES];
    private final Map<String, byte[]> map = new HashMap<>();
    private final Endpoint endpoint = new Endpoint();
    private final Lookup lookup = new Lookup();
    private final EventLoop loop = new EventLoop(new LoopConfig().clock(() -> 1));
    private final Cache dnsjava = new Cache(DClass.IN);
    private final Name[] dnsjavaNames = new Name[NAMES];
    private final DefaultDnsCache netty = new DefaultDnsCache();
    private final DefaultEventLoop nettyLoop = new DefaultEventLoop();
    private Resolver resolver;
    private final String[] equals = new String[3 * NAMES];
    private int next;
    private int nextEqual;

    /**
     * Fills them.
     *
     * @throws TextParseException never
     * @throws UnknownHostException never
     */
    @Setup
    public void fill() throws TextParseException, UnknownHostException {
        require(loop.open());
        resolver = new Resolver(loop, new ResolverConfig().cache(4 * NAMES, 1 << 20));
        require(resolver.open());
        for (int i = 0; i < NAMES; i++) {
            String name = "host-" + i + ".example.com";
            byte[] address = {(byte) 192, 0, 2, (byte) i};
            names[i] = name;
            map.put(name, address);
            fillResolver(name, i);
            InetAddress inet = InetAddress.getByAddress(name, address);
            dnsjavaNames[i] = Name.fromString(name + ".");
            dnsjava.addRecord(new ARecord(dnsjavaNames[i], DClass.IN, TTL_SECONDS, inet),
                    Credibility.NORMAL);
            netty.cache(name + ".", null, inet, TTL_SECONDS, nettyLoop);
        }
        for (int i = 0; i < equals.length; i++) {
            equals[i] = new String(names[7 * i + i / NAMES & NAMES - 1].toCharArray());
            equals[i].hashCode();
        }
    }

    private void fillResolver(String name, int i) {
        io.penstock.core.buffer.NativeBuffer key =
                io.penstock.core.buffer.NativeBuffer.allocate(NameKeys.ROOM);
        io.penstock.core.buffer.NativeBuffer answer =
                io.penstock.core.buffer.NativeBuffer.allocate(Answer.ADDRESSES_BYTES);
        int n = NameKeys.parse(name, key, 0);
        Answer.begin(answer, 0, 0);
        Answer.add(answer, 0, 0, 0xffff_c000_0200L | i & 0xff, Linux.AF_INET, 0);
        resolver.cache().put(key, 0, n, RecordType.A, TTL_SECONDS * 1_000_000_000L, answer, 0);
    }

    /** Ends their threads. */
    @TearDown
    public void close() {
        loop.close();
        nettyLoop.shutdownGracefully();
    }

    private int next() {
        next = next + 1 & NAMES - 1;
        return next;
    }

    private int nextEqual() {
        nextEqual = nextEqual + 1 == equals.length ? 0 : nextEqual + 1;
        return nextEqual;
    }

    /**
     * A HashMap, asked for equal strings.
     *
     * @return what it has
     */
    @Benchmark
    public byte[] hashMapEqual() {
        return map.get(equals[nextEqual()]);
    }

    /**
     * Penstock's, asked for equal strings.
     *
     * @return how many addresses
     */
    @Benchmark
    public int penstockEqual() {
        return resolver.cached(equals[nextEqual()], RecordType.A, lookup);
    }

    /**
     * A HashMap.
     *
     * @return what it has
     */
    @Benchmark
    public byte[] hashMap() {
        return map.get(names[next()]);
    }

    /**
     * Penstock's, asked at once.
     *
     * @return how many addresses
     */
    @Benchmark
    public int penstock() {
        return resolver.cached(names[next()], RecordType.A, lookup);
    }

    /**
     * Penstock's, and the address.
     *
     * @return it
     */
    @Benchmark
    public int penstockAddress() {
        resolver.cached(names[next()], RecordType.A, lookup);
        lookup.address(0, 443, endpoint);
        return endpoint.ipv4();
    }

    /**
     * The cache of dnsjava, whose names are made already.
     *
     * @return what it has
     */
    @Benchmark
    public SetResponse dnsjava() {
        return dnsjava.lookupRecords(dnsjavaNames[next()], Type.A, Credibility.NORMAL);
    }

    /**
     * The cache of Netty's resolver.
     *
     * @return what it has
     */
    @Benchmark
    public List<? extends DnsCacheEntry> netty() {
        return netty.get(names[next()], null);
    }
}
