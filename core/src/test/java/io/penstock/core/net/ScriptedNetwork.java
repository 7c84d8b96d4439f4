package io.penstock.core.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.FaultyPosix;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A loop in virtual time. A script says, by the peer's port, how and after what time each connect
 * ends. Sockets are real but never connected. The kernel always reports such a socket as ready, so
 * a stream asks for its connect result in each turn, and this class answers.
 */
final class ScriptedNetwork implements AutoCloseable {
    static final long NEVER = Long.MAX_VALUE;
    private static final int TURNS = 5; // enough for everything that happens at one time

    /** The outcome of a connect: 0 or an errno, after a time; 0 ns is at once. */
    record Outcome(int errno, long afterNs) {
    }

    /** A connect call that a stream made. */
    record Begun(int port, long atNs) {
    }

    private record Flight(Outcome outcome, long sinceNs) {
        long endsNs() {
            return outcome.afterNs == NEVER ? NEVER : sinceNs + outcome.afterNs;
        }
    }

    final EventLoop loop;
    final FaultyPosix posix = new FaultyPosix();
    final List<Begun> begun = new ArrayList<>();
    long nowNs;
    private final Map<Integer, Outcome> outcomes = new HashMap<>();
    private final Map<Integer, Flight> flights = new HashMap<>(); // by descriptor

    ScriptedNetwork(LoopConfig config) {
        posix.on(Syscall.CONNECT, (kernel, args) -> connect((int) args[0], args[1]));
        posix.on(Syscall.GETSOCKOPT, (kernel, args) ->
                args[2] == Linux.SO_ERROR && flights.containsKey((int) args[0])
                        ? error((int) args[0], args[3]) : FaultyPosix.Rule.PASS);
        posix.on(Syscall.CLOSE, (kernel, args) -> {
            flights.remove((int) args[0]);
            return FaultyPosix.Rule.PASS;
        });
        loop = new EventLoop(config.posix(posix).clock(() -> nowNs));
        assertEquals(0, loop.open());
    }

    /** Sets the outcome of connects to a port. */
    void on(int port, int errno, long afterNs) {
        outcomes.put(port, new Outcome(errno, afterNs));
    }

    private long connect(int descriptor, long sockaddr) {
        NativeBuffer at = new NativeBuffer();
        at.wrap(sockaddr, 4);
        int port = at.getShort(2, ByteOrder.BIG_ENDIAN) & 0xffff;
        begun.add(new Begun(port, nowNs));
        Outcome outcome = outcomes.get(port);
        if (outcome.afterNs == 0) {
            return -outcome.errno;
        }
        flights.put(descriptor, new Flight(outcome, nowNs));
        return -Errno.EINPROGRESS;
    }

    private long error(int descriptor, long value) {
        Flight flight = flights.get(descriptor);
        NativeBuffer error = new NativeBuffer();
        error.wrap(value, Integer.BYTES);
        boolean isOver = flight.endsNs() <= nowNs;
        error.putInt(0, isOver ? flight.outcome.errno : Errno.EAGAIN);
        if (isOver) {
            flights.remove(descriptor);
        }
        return 0;
    }

    /** Runs turns until everything that is due has happened. */
    void settle() {
        for (int i = 0; i < TURNS; i++) {
            assertTrue(loop.runOnce(0) >= 0);
        }
    }

    /** Lets time pass, from event to event. */
    void passTo(long toNs) {
        settle();
        for (long next = nextNs(); next <= toNs; next = nextNs()) {
            nowNs = next;
            settle();
        }
        nowNs = toNs;
        settle();
    }

    /** Lets time pass until no event is left. */
    void passAll() {
        settle();
        for (long next = nextNs(); next < nowNs + NEVER / 4; next = nextNs()) {
            nowNs = next;
            settle();
        }
    }

    private long nextNs() {
        long next = loop.nextDeadlineNs();
        assertTrue(next != 0, "more to do at " + nowNs);
        for (Flight flight : flights.values()) {
            next = Math.min(next, flight.endsNs());
        }
        assertTrue(next > nowNs, "time does not pass");
        return next;
    }

    @Override
    public void close() {
        loop.close();
    }
}
