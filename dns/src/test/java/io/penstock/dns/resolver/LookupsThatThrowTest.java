package io.penstock.dns.resolver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.penstock.core.ReturnCode;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamConnector;
import io.penstock.core.net.StreamHandler;
import io.penstock.core.testing.Blame;
import io.penstock.core.testing.Thrown;
import io.penstock.dns.iana.RecordType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Handlers of lookups that throw, and connectors: a resolver is everybody's. */
class LookupsThatThrowTest extends ResolverFixture {
    private final Blame blame = new Blame();
    private final List<Throwable> caught = new ArrayList<>();

    private void begin(boolean isTold) {
        server.close();
        loop.close();
        loop = new EventLoop(new LoopConfig().handles(256).posix(posix)
                .onException(isTold ? blame : null));
        assertEquals(0, loop.open());
        server = new ScriptedServer(loop);
    }

    private void until(BooleanSupplier done) {
        Pump.until(loop, done, caught);
    }

    private static Runnable thrower() {
        return () -> {
            throw new Thrown("answer");
        };
    }

    private void assertTold(boolean isTold, int n) {
        assertEquals(isTold ? 0 : n, caught.size() + caught.stream()
                .mapToInt(t -> t.getSuppressed().length).sum());
        assertEquals(isTold ? n : 0, blame.handles.size());
        blame.handles.forEach(handle -> assertNull(handle));
    }

    /** Five ask the same; the second and the third throw. */
    @ParameterizedTest
    @CsvSource({"network, true", "network, false", "cache, true", "cache, false",
        "failure, true", "failure, false"})
    void whoAskedTheSameIsTold(String from, boolean isTold) {
        begin(isTold);
        if (from.equals("cache")) {
            resolve("a.example", RecordType.A);
        }
        if (from.equals("failure")) {
            conf.attempts(1).timeoutNs(30 * MS);
            server.script = q -> { };
        }
        List<Result> results = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Result result = start("a.example", RecordType.A);
            result.then = i == 1 || i == 2 ? thrower() : () -> { };
            results.add(result);
        }
        until(() -> results.stream().allMatch(r -> r.calls > 0));
        for (Result result : results) {
            assertEquals(1, result.calls);
            assertEquals(from.equals("failure") ? ReturnCode.TIMED_OUT : 1, result.code);
        }
        assertTold(isTold, 2);
        assertEquals(0, word(ResolverMetrics.UNDER_WAY_OFFSET));
        server.script = q -> q.reply().a(q.name, 300, "192.0.2.1").send();
        assertEquals(1, resolve("b.example", RecordType.A).code, "and it goes on");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whileTheResolverCloses(boolean isTold) {
        begin(isTold);
        server.script = q -> { };
        Result one = start("a.example", RecordType.A);
        Result two = start("a.example", RecordType.A);
        Result three = start("b.example", RecordType.A);
        until(() -> server.asked.size() >= 2);
        one.then = thrower();
        three.then = thrower();
        resolver.close();
        until(() -> one.calls + two.calls + three.calls == 3);
        assertEquals(ReturnCode.CLOSED, two.code);
        assertTold(isTold, 2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whileTheLoopCloses(boolean isTold) {
        begin(isTold);
        server.script = q -> { };
        Result one = start("a.example", RecordType.A);
        Result two = start("a.example", RecordType.A);
        until(() -> server.asked.size() >= 1);
        one.then = thrower();
        two.then = thrower();
        if (isTold) {
            loop.close();
        } else {
            assertEquals(1, assertThrows(Thrown.class, loop::close).getSuppressed().length);
        }
        assertEquals(2, one.calls + two.calls);
        assertEquals(ReturnCode.CLOSED, one.code);
        assertEquals(ReturnCode.NOT_OPEN, loop.runOnce(0));
        assertEquals(0, word(ResolverMetrics.UNDER_WAY_OFFSET));
        resolver = null; // closed, and no turn follows
    }

    /** Connects over TCP, and throws in one place as often as told. */
    private static final class Connector implements StreamConnector {
        String throwsIn;
        int times;

        private void called(String where) {
            if (where.equals(throwsIn) && times > 0) {
                times--;
                throw new Thrown(where);
            }
        }

        @Override
        public Stream stream(EventLoop loop, StreamHandler handler) {
            called("stream");
            return TCP.stream(loop, handler);
        }

        @Override
        public int connect(Stream stream, Endpoint peer) {
            called("before");
            int rc = TCP.connect(stream, peer);
            called("after");
            return rc;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "stream, 1, true", "before, 1, true", "after, 1, true", "stream, 99, true",
        "before, 99, true", "after, 99, true", "stream, 1, false", "before, 1, false",
        "after, 1, false", "stream, 99, false", "before, 99, false", "after, 99, false",
    })
    void aConnector(String where, int times, boolean isTold) {
        begin(isTold);
        conf.attempts(2).timeoutNs(200 * MS);
        Connector connector = new Connector();
        connector.throwsIn = where;
        connector.times = times;
        config.secure(ResolverConfig.Privacy.STRICT, connector, server.at.port());
        Result result = start("a.example", RecordType.A);
        until(() -> result.calls > 0);
        assertEquals(ReturnCode.describe(times == 1 ? 1 : ReturnCode.CALLBACK_THREW),
                ReturnCode.describe(result.code));
        assertTold(isTold, times == 1 ? 1 : 2);
        connector.times = 0;
        clear();
        assertEquals(1, resolve("b.example", RecordType.A).code, "and it goes on");
    }

    private void clear() {
        resolver.clearCache();
        turnFor(10 * MS);
    }
}
