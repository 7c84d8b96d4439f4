package io.penstock.dns.resolver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Endpoint;
import io.penstock.core.sys.Posix;
import io.penstock.core.testing.Descriptors;
import io.penstock.core.testing.FaultyPosix;
import io.penstock.dns.wire.RecordText;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A loop, a scripted server, a resolver that asks it, and the check that all is given back. */
abstract class ResolverFixture {
    static final long MS = TimeUnit.MILLISECONDS.toNanos(1);
    static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    static final long NO_DEADLINE = Resolver.NO_DEADLINE;

    final FaultyPosix posix = new FaultyPosix();
    long aheadNs; // of the real clock: time passes when a test says so
    EventLoop loop;
    ScriptedServer server;
    ResolvConf conf = new ResolvConf().timeoutNs(2 * SECOND);
    final ResolverConfig config = new ResolverConfig().lookups(16).hosts("/nowhere/hosts", 64)
            .timeouts(40 * MS, 20 * MS);
    Resolver resolver;
    private int descriptors;

    /** What a handler was told. */
    static final class Result implements LookupHandler {
        final List<String> addresses = new ArrayList<>();
        final List<String> records = new ArrayList<>();
        int calls;
        int code;
        long ttl;
        boolean isStale;
        boolean isLocal;
        boolean isAuthentic;
        Runnable then = () -> { };

        @Override
        public void onAnswer(Lookup lookup, int result) {
            calls++;
            code = result;
            ttl = lookup.ttlSeconds();
            isStale = lookup.isStale();
            isLocal = lookup.isLocal();
            isAuthentic = lookup.isAuthentic();
            Endpoint endpoint = new Endpoint();
            for (int i = 0; i < lookup.addresses(); i++) {
                assertEquals(0, lookup.address(i, 0, endpoint));
                addresses.add(endpoint.toString().replaceAll(":0$|[\\[\\]]", ""));
            }
            while (lookup.nextRecord()) {
                records.add(RecordText.append(new StringBuilder(), lookup.record()).toString()
                        .replaceAll("\\s+", " "));
            }
            then.run();
        }

        @Override
        public String toString() {
            return ReturnCode.describe(code) + " " + addresses + records;
        }
    }

    @BeforeEach
    final void openLoop() {
        Posix.system().getpid();
        descriptors = Descriptors.open();
        loop = new EventLoop(new LoopConfig().handles(256).posix(posix)
                .clock(() -> System.nanoTime() + aheadNs));
        assertEquals(0, loop.open());
        server = new ScriptedServer(loop);
    }

    @AfterEach
    final void everythingIsGivenBack() {
        posix.heal();
        if (resolver != null) {
            resolver.close();
            turns(3);
            StringBuilder out = new StringBuilder();
            assertEquals(0, ResolverMetrics.brokenInvariants(
                    resolver.metrics(), resolver.metricsOffset(), out), out::toString);
        }
        server.close();
        loop.close();
        Descriptors.assertOpen(descriptors);
    }

    final void open() {
        if (conf.servers() == 0) {
            conf.server(server.at);
        }
        resolver = new Resolver(loop, config.resolvConf(conf));
        assertEquals(0, resolver.open());
    }

    final Result start(CharSequence name, int type) {
        return start(name, type, NO_DEADLINE);
    }

    final Result start(CharSequence name, int type, long deadlineNs) {
        if (resolver == null) {
            open();
        }
        Result result = new Result();
        long token = resolver.resolve(name, type, result, deadlineNs);
        assertTrue(token >= 0, () -> ReturnCode.describe((int) token));
        assertEquals(0, result.calls, "called from inside resolve");
        return result;
    }

    /** Looks up and waits. */
    final Result resolve(CharSequence name, int type) {
        Result result = start(name, type);
        turnUntil(() -> result.calls > 0);
        assertEquals(1, result.calls);
        return result;
    }

    final long word(int field) {
        return resolver.counter(field);
    }

    final void turnUntil(BooleanSupplier done) {
        Pump.until(loop, done);
    }

    final void turns(int n) {
        Pump.turns(loop, n);
    }

    /** Turns for that long. */
    final void turnFor(long ns) {
        Pump.forNs(loop, ns);
    }
}
