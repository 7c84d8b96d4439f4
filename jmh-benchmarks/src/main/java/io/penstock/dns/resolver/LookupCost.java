package io.penstock.dns.resolver;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.resolver.HostsFileEntriesResolver;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.NoopAuthoritativeDnsServerCache;
import io.netty.resolver.dns.NoopDnsCache;
import io.netty.resolver.dns.NoopDnsCnameCache;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import io.penstock.core.ReturnCode;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Endpoint;
import io.penstock.dns.iana.RecordType;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Collections;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/**
 * What one lookup of an address takes that has to be asked for over UDP, one after another, with no
 * cache: {@code LookupCost penstock|dnsjava|netty PORT COUNT}. The server has the zone
 * {@code bench.test} with a thousand hosts.
 */
public final class LookupCost {
    private static final int NAMES = 1000;
    private static final int ADDRESS = 0xc633_6400; // 198.51.100.0

    private final String[] names = new String[NAMES];
    private final long[] tookNs;
    private final int port;
    private int done;
    private long startedNs;

    private LookupCost(int port, int count) {
        this.port = port;
        tookNs = new long[count];
        for (int i = 0; i < NAMES; i++) {
            names[i] = "host" + i + ".bench.test.";
        }
    }

    /**
     * Looks up as often again to warm up, and prints the median in microseconds, the processor time
     * of all threads in microseconds, and the bytes allocated by all, each for a lookup.
     *
     * @param args library, port, count
     * @throws Exception if a lookup fails
     */
    public static void main(String[] args) throws Exception {
        LookupCost cost = new LookupCost(Integer.parseInt(args[1]), Integer.parseInt(args[2]));
        switch (args[0]) {
            case "penstock" -> cost.penstock();
            case "dnsjava" -> cost.dnsjava();
            case "netty" -> cost.netty();
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    private String next() {
        startedNs = System.nanoTime();
        return names[done % NAMES];
    }

    private void got(int address) {
        if (address != ADDRESS + done % NAMES % 256) {
            throw new IllegalStateException(names[done % NAMES] + ": " + address);
        }
        tookNs[done++] = System.nanoTime() - startedNs;
    }

    /** Twice: to warm up, and to be measured. */
    private void measure(Lookups lookups) throws Exception {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        OperatingSystemMXBean system =
                (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        lookups.run();
        done = 0;
        long bytes = threads.getTotalThreadAllocatedBytes();
        long cpuNs = system.getProcessCpuTime();
        lookups.run();
        cpuNs = system.getProcessCpuTime() - cpuNs;
        bytes = threads.getTotalThreadAllocatedBytes() - bytes;
        Arrays.sort(tookNs);
        System.out.printf(Locale.ROOT, "%.2f %.2f %.1f%n", tookNs[tookNs.length / 2] / 1e3,
                cpuNs / 1e3 / tookNs.length, (double) bytes / tookNs.length);
    }

    /** As many as there is room for. */
    private interface Lookups {
        void run() throws Exception;
    }

    private void penstock() throws Exception {
        EventLoop loop = new EventLoop(new LoopConfig());
        Endpoint server = new Endpoint();
        Endpoint found = new Endpoint();
        server.parse("127.0.0.1:" + port);
        Resolver resolver = new Resolver(loop, new ResolverConfig().cache(0, 0)
                .resolvConf(new ResolvConf().server(server)));
        int rc = Math.min(loop.open(), resolver.open());
        if (rc < 0) {
            throw new IllegalStateException(ReturnCode.describe(rc));
        }
        LookupHandler handler = (lookup, result) -> {
            lookup.address(0, 0, found);
            got(result == 1 ? found.ipv4() : result);
        };
        measure(() -> {
            for (int i = 0; i < tookNs.length; i++) {
                resolver.resolve(next(), RecordType.A, handler, Resolver.NO_DEADLINE);
                while (done == i) {
                    loop.runOnce(EventLoop.NO_LIMIT);
                }
            }
        });
        loop.close();
    }

    private void dnsjava() throws Exception {
        SimpleResolver resolver = new SimpleResolver("127.0.0.1");
        resolver.setPort(port);
        measure(() -> {
            for (int i = 0; i < tookNs.length; i++) {
                Record question = Record.newRecord(Name.fromString(next()), Type.A, DClass.IN);
                Message answer = resolver.send(Message.newQuery(question));
                got(address(((org.xbill.DNS.ARecord) answer.getSection(Section.ANSWER).getFirst())
                        .getAddress()));
            }
        });
        System.exit(0); // its selector's thread goes on
    }

    private static int address(InetAddress address) {
        byte[] b = address.getAddress();
        return b[0] << 24 | (b[1] & 0xff) << 16 | (b[2] & 0xff) << 8 | b[3] & 0xff;
    }

    private void netty() throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        DnsNameResolver resolver = new DnsNameResolverBuilder(group.next())
                .datagramChannelType(EpollDatagramChannel.class)
                .nameServerProvider(new SingletonDnsServerAddressStreamProvider(
                        new InetSocketAddress("127.0.0.1", port)))
                .resolveCache(NoopDnsCache.INSTANCE).cnameCache(NoopDnsCnameCache.INSTANCE)
                .authoritativeDnsServerCache(NoopAuthoritativeDnsServerCache.INSTANCE)
                .hostsFileEntriesResolver(HostsFileEntriesResolver.DEFAULT)
                .resolvedAddressTypes(ResolvedAddressTypes.IPV4_ONLY)
                .searchDomains(Collections.emptyList()).build();
        measure(() -> {
            CountDownLatch isDone = new CountDownLatch(1);
            FutureListener<InetAddress> listener = new FutureListener<>() {
                @Override
                public void operationComplete(Future<InetAddress> future) {
                    got(future.isSuccess() ? address(future.getNow()) : -1);
                    if (done < tookNs.length) {
                        resolver.resolve(next()).addListener(this);
                    } else {
                        isDone.countDown();
                    }
                }
            };
            group.next().execute(() -> resolver.resolve(next()).addListener(listener));
            isDone.await();
        });
        group.shutdownGracefully();
    }
}
