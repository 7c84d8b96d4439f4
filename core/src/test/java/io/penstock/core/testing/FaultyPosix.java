package io.penstock.core.testing;

import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Posix;
import io.penstock.core.sys.Syscall;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The kernel on a bad day: the system's own {@link Posix}, with faults by rule. A rule looks at
 * each call of its number; the first one that answers decides the call's result.
 *
 * <p>One thread at a time may add rules; calls may come from any.
 */
public final class FaultyPosix extends Posix {
    /** Says what one call does. */
    @FunctionalInterface
    public interface Rule {
        /** What a rule answers to let the call through. */
        long PASS = Long.MIN_VALUE;

        /**
         * Decides a call.
         *
         * @param kernel makes the call, with the arguments the rule likes
         * @param args the six arguments
         * @return its result, or {@link #PASS}
         */
        long apply(Kernel kernel, long[] args);
    }

    /** The call that a rule stands in front of. */
    @FunctionalInterface
    public interface Kernel {
        /**
         * Makes the call.
         *
         * @param args the six arguments
         * @return what the kernel says
         */
        long call(long[] args);
    }

    private record Entry(int number, Rule rule) {
    }

    private final Posix system;
    private volatile Entry[] entries = {};
    private long injected;

    /** Over the machine's own kernel, with no fault yet. */
    public FaultyPosix() {
        this(Posix.system());
    }

    private FaultyPosix(Posix system) {
        this.system = system;
    }

    /** How many calls a rule decided. */
    public long injected() {
        return injected;
    }

    /** Puts a rule for a call of {@link Syscall} behind those that are there. */
    public FaultyPosix on(int number, Rule rule) {
        List<Entry> list = new ArrayList<>(List.of(entries));
        list.add(new Entry(number, rule));
        entries = list.toArray(new Entry[0]);
        return this;
    }

    /** Takes every rule away. */
    public FaultyPosix heal() {
        entries = new Entry[0];
        return this;
    }

    /** The next {@code times} calls fail with {@code errno}, after {@code skip} that do not. */
    public FaultyPosix fail(int number, int errno, int skip, int times) {
        int[] seen = {0};
        return on(number, (kernel, args) -> {
            int n = seen[0]++;
            return n >= skip && n < skip + times ? -errno : Rule.PASS;
        });
    }

    /** Every call fails with {@code errno}. */
    public FaultyPosix failAlways(int number, int errno) {
        return on(number, (kernel, args) -> -errno);
    }

    /** One call in {@code oneIn} fails with {@code errno}. */
    public FaultyPosix failAtRandom(int number, int errno, int oneIn, RandomGenerator random) {
        return on(number, (kernel, args) -> random.nextInt(oneIn) == 0 ? -errno : Rule.PASS);
    }

    /** Reads and sends, of every kind, are interrupted one time in {@code oneIn}. */
    public FaultyPosix interrupt(int oneIn, RandomGenerator random) {
        for (int number : new int[] {
            Syscall.READ, Syscall.WRITE, Syscall.SENDTO, Syscall.RECVFROM, Syscall.ACCEPT4,
            Syscall.SPLICE, Syscall.EPOLL_PWAIT, Syscall.EPOLL_PWAIT2,
        }) {
            failAtRandom(number, Errno.EINTR, oneIn, random);
        }
        return this;
    }

    /** Transfers of the call (its third argument is the length) are cut to 1..length at random. */
    public FaultyPosix shorten(int number, RandomGenerator random) {
        return on(number, (kernel, args) -> {
            if (args[2] > 1) {
                args[2] = random.nextLong(1, args[2] + 1);
            }
            return kernel.call(args);
        });
    }

    @Override
    protected long enter(int number, long a, long b, long c, long d, long e, long f) {
        for (Entry entry : entries) {
            if (entry.number == number) {
                long[] args = {a, b, c, d, e, f};
                long result = entry.rule.apply(
                        x -> through(number, x[0], x[1], x[2], x[3], x[4], x[5]), args);
                if (result != Rule.PASS) {
                    injected++;
                    return result;
                }
            }
        }
        return through(number, a, b, c, d, e, f);
    }

    private long through(int number, long a, long b, long c, long d, long e, long f) {
        return call(system, number, a, b, c, d, e, f);
    }
}
