package io.penstock.core.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.metrics.DialerMetrics;
import io.penstock.core.net.ScriptedNetwork.Outcome;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Posix;
import io.penstock.core.testing.Descriptors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;

/** Dials with random addresses, outcomes and times do what the model says, one after another. */
class DialerInvariantsTest {
    private static final int CAPACITY = 6;
    private static final int DIALS = 4;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final int[] ERRNOS =
            {Errno.ECONNREFUSED, Errno.ENETUNREACH, Errno.ETIMEDOUT, Errno.EHOSTUNREACH};
    private static final AtomicIntegerArray SEEN = new AtomicIntegerArray(4);

    @Property(tries = 500, shrinking = ShrinkingMode.OFF)
    void theDialerDoesWhatTheModelSays(@ForAll long seed) {
        Posix.system().getpid();
        int before = Descriptors.open();
        try (ScriptedNetwork network = new ScriptedNetwork(new LoopConfig().handles(16))) {
            network.nowNs = new Random(seed).nextLong(1_000 * SECOND);
            DialRecorder handler = new DialRecorder();
            Dialer dialer =
                    new Dialer(network.loop, StreamConnector.TCP, handler, CAPACITY);
            Random random = new Random(seed);
            for (int i = 0; i < DIALS; i++) {
                dial(random, network, dialer, handler);
            }
        }
        Descriptors.assertOpen(before);
    }

    private static void dial(
            Random random, ScriptedNetwork network, Dialer dialer, DialRecorder handler) {
        Map<Integer, Outcome> outcomes = new HashMap<>();
        List<Endpoint> list = addresses(random, outcomes);
        outcomes.forEach((port, o) -> network.on(port, o.errno(), o.afterNs()));
        long startNs = network.nowNs;
        long timeoutNs = random.nextInt(5) < 2 ? EventLoop.NO_LIMIT
                : random.nextLong(1, 8 * SECOND);
        long cancelNs = random.nextInt(6) == 0 ? startNs + random.nextLong(1, 5 * SECOND)
                : ScriptedNetwork.NEVER;
        // Attempts without an outcome fail at some time, or the dial would not end.
        timeoutNs = Math.min(timeoutNs, 100 * SECOND);
        DialModel model = new DialModel(
                list, outcomes, startNs, startNs + timeoutNs, cancelNs);

        network.begun.clear();
        handler.calls.clear();
        handler.code = 0;
        assertEquals(0, dialer.dial(list.toArray(new Endpoint[0]), list.size(), timeoutNs));
        if (cancelNs != ScriptedNetwork.NEVER) {
            network.passTo(cancelNs);
            dialer.cancel();
        }
        network.passAll();

        assertEquals(model.begun, network.begun);
        assertEquals(List.of(model.winner < 0 ? "failed" : "open"), handler.calls);
        assertEquals(model.code, handler.code);
        assertEquals(model.winner,
                dialer.winner() < 0 ? -1 : dialer.address(dialer.winner()).port());
        assertReports(model, outcomes, dialer);
        SEEN.incrementAndGet(model.winner >= 0 ? 0 : model.code == ReturnCode.TIMED_OUT ? 1
                : model.code == -Errno.ECANCELED ? 2 : 3);
        if (model.winner >= 0) {
            handler.stream.close();
            network.settle();
            assertEquals(List.of("open", "close"), handler.calls);
        }
    }

    private static List<Endpoint> addresses(Random random, Map<Integer, Outcome> outcomes) {
        Endpoint[] list = new Endpoint[random.nextInt(1, CAPACITY + 1)];
        for (int i = 0; i < list.length; i++) {
            list[i] = new Endpoint();
            if (i > 0 && random.nextInt(6) == 0) {
                list[i].copyFrom(list[random.nextInt(i)]);
                continue;
            }
            int port = 1_000 + i;
            assertEquals(0, random.nextBoolean() ? list[i].ipv4(0x7f00_0001, port)
                    : list[i].ipv6(0, 1, port, 0));
            int errno = random.nextInt(3) == 0 ? 0 : ERRNOS[random.nextInt(ERRNOS.length)];
            long afterNs = switch (random.nextInt(8)) {
                case 0 -> 0;
                case 1 -> ScriptedNetwork.NEVER;
                default -> random.nextLong(1, 5 * SECOND);
            };
            outcomes.put(port, new Outcome(errno, afterNs));
        }
        return new ArrayList<>(Arrays.asList(list));
    }

    private static void assertReports(
            DialModel model, Map<Integer, Outcome> outcomes, Dialer dialer) {
        assertFalse(dialer.isOpen());
        StringBuilder out = new StringBuilder();
        assertEquals(0, DialerMetrics.brokenInvariants(
                dialer.metrics(), dialer.metricsOffset(), out), out::toString);
        assertEquals(model.begun.size(), dialer.counter(DialerMetrics.ATTEMPTS_OFFSET));
        assertEquals(model.winner < 0 ? 0 : 1, dialer.counter(DialerMetrics.CONNECTED_OFFSET));
        long failed = 0;
        for (int i = 0; i < dialer.addresses(); i++) {
            int code = dialer.code(i);
            failed += code < 0 ? 1 : 0;
            int errno = outcomes.get(dialer.address(i).port()).errno();
            assertTrue(code == 0 || code == -errno, () -> code + " is not " + errno);
            assertEquals(i == dialer.winner(), dialer.stream(i).isOpen());
        }
        assertEquals(failed, dialer.counter(DialerMetrics.FAILED_OFFSET));
    }

    /** A test that sees too little cannot fail. */
    @AfterContainer
    static void everyOutcomeWasSeen() {
        for (int i = 0; i < SEEN.length(); i++) {
            assertTrue(SEEN.get(i) >= 50, SEEN.toString());
        }
    }
}
