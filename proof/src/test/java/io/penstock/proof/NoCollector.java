package io.penstock.proof;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Close;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.Listener;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import io.penstock.dns.iana.RecordType;
import io.penstock.dns.resolver.Lookup;
import io.penstock.dns.resolver.LookupHandler;
import io.penstock.dns.resolver.ResolvConf;
import io.penstock.dns.resolver.Resolver;
import io.penstock.dns.resolver.ResolverConfig;
import io.penstock.tls.TlsAcceptor;
import io.penstock.tls.TlsConfig;
import io.penstock.tls.TlsContext;
import java.io.IOException;
import java.nio.file.Path;
import org.agrona.DirectBuffer;

/**
 * The process that a test starts without a collector: {@code echo}, {@code tls} or {@code resolver}
 * serves so many requests, wasting so many bytes at each, and says on stdout how much of the heap
 * was used when it was ready, and at its end.
 */
final class NoCollector implements StreamHandler, LookupHandler {
    static final int CONNECTIONS = 64;
    private static final int LOOKUPS = 32; // under way at once
    private static final int NAMES = 512;
    private static final int ARRAY_HEADER_BYTES = 16;

    static volatile Object wasted; // so that the compiler cannot leave the waste out

    private final EventLoop loop =
            new EventLoop(new LoopConfig().handles(4 * CONNECTIONS).timers(1_024));
    private final long requests;
    private final int wasteBytes;
    private long served;
    private long opened;
    private long failed;
    private Resolver resolver;
    private final String[] names = new String[NAMES];

    private NoCollector(long requests, int wasteBytes) {
        this.requests = requests;
        this.wasteBytes = wasteBytes;
    }

    /**
     * The program.
     *
     * @param args the role; how many requests; the bytes to waste at each; for {@code tls} the file
     *     of its certificate and key, for {@code resolver} the port of the name server and how many
     *     of the requests are for names that it knows already
     */
    public static void main(String[] args) throws IOException {
        NoCollector it = new NoCollector(Long.parseLong(args[1]), Integer.parseInt(args[2]));
        SoakServer.require(it.loop.open());
        switch (args[0]) {
            case "echo" -> it.listen(null);
            case "tls" -> it.listen(Path.of(args[3]));
            default -> it.resolve(Integer.parseInt(args[3]), Long.parseLong(args[4]));
        }
        System.out.println("served " + it.served + " opened " + it.opened + " failed " + it.failed
                + " used " + used());
    }

    private static long used() {
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private void serve() {
        served++;
        if (wasteBytes > 0) {
            wasted = new byte[wasteBytes - ARRAY_HEADER_BYTES];
        }
    }

    // The servers

    private void listen(Path identity) throws IOException {
        BufferPool pool = new BufferPool(CONNECTIONS, 64 << 10);
        StreamHandler handler = this;
        if (identity != null) {
            NativeBuffer pem = SoakServer.read(identity);
            TlsContext context = TlsContext.server(loop, new TlsConfig()
                    .certificate(pem, 0, pem.capacity()).key(pem, 0, pem.capacity()));
            SoakServer.require(context.open());
            handler = new TlsAcceptor(context, this, CONNECTIONS).queue(pool);
        }
        Listener listener = new Listener(loop, handler, CONNECTIONS).queue(pool);
        Endpoint at = new Endpoint();
        SoakServer.require(at.parse("127.0.0.1:0"));
        SoakServer.require(listener.listen(at, CONNECTIONS));
        SoakServer.require(listener.localEndpoint(at));
        System.out.println("ready " + used() + " port " + at.port());
        while (served < requests || listener.connections() > 0) {
            SoakServer.require(loop.runOnce(1_000_000_000));
        }
    }

    @Override
    public void onOpen(Stream s) {
        opened++;
        s.resume();
    }

    @Override
    public void onData(Stream s, DirectBuffer buffer, int offset, int length) {
        serve();
        failed += s.write(buffer, offset, length) == length ? 0 : 1;
    }

    @Override
    public void onWritable(Stream s) {
    }

    @Override
    public void onEnd(Stream s) {
        s.shutdown();
        s.close(Close.WHEN_DRAINED);
    }

    @Override
    public void onClose(Stream s, int result) {
        failed += result == 0 ? 0 : 1;
    }

    // The resolver

    private void resolve(int port, long cached) {
        Endpoint at = new Endpoint();
        at.ipv4(Endpoint.IPV4_LOOPBACK, port);
        resolver = new Resolver(loop, new ResolverConfig().lookups(2 * LOOKUPS)
                .hosts("/nowhere", 8).resolvConf(new ResolvConf().server(at)));
        SoakServer.require(resolver.open());
        System.out.println("ready " + used() + " port " + port);
        // The server gives names that begin with k a time to live, and the others none.
        ask("k", cached);
        ask("n", requests);
    }

    private void ask(String first, long until) {
        for (int i = 0; i < NAMES; i++) {
            names[i] = first + i + ".example.com";
        }
        long asked = served;
        while (served < until) {
            for (; asked < until && asked - served < LOOKUPS; asked++) {
                long token = resolver.resolve(names[(int) (asked % NAMES)], RecordType.A, this,
                        Resolver.NO_DEADLINE);
                SoakServer.require((int) Math.min(0, token));
            }
            SoakServer.require(loop.runOnce(1_000_000_000));
        }
    }

    @Override
    public void onAnswer(Lookup lookup, int result) {
        serve();
        if (result != 1) {
            failed++;
            System.out.println(ReturnCode.describe(result));
        }
    }
}
