package io.penstock.dns.wire;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.function.LongSupplier;

/**
 * What one library takes for one message, in nanoseconds of its thread's processor time, so that a
 * busy machine disturbs it little. One library a process, for what the JIT makes of one depends on
 * what it saw of others.
 *
 * <pre>
 *   CodecCost penstock|dnsjava|netty parse|build|compose KIND MS
 * </pre>
 */
public final class CodecCost {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final int ROUNDS = 9;
    private static final int BATCH = 1_000;
    private static final long MS = 1_000_000;

    private CodecCost() {
    }

    /**
     * Prints the median, and the sum or length that the work comes to.
     *
     * @param args library, work, kind of message, milliseconds of processor time for each of nine
     *     rounds after as many to warm up
     * @throws Exception if a message is malformed, or the libraries do not agree about it
     */
    public static void main(String[] args) throws Exception {
        LongSupplier work = switch (args[1]) {
            case "parse" -> parse(args[0], args[2]);
            case "build" -> build(args[0], args[2]);
            default -> compose(args[0]);
        };
        long roundNs = Long.parseLong(args[3]) * MS;
        double[] costs = new double[ROUNDS];
        long result = 0;
        long done = 0;
        for (int i = -ROUNDS; i < ROUNDS; i++) {
            long count = 0;
            long start = THREADS.getCurrentThreadCpuTime();
            long elapsed = 0;
            for (; elapsed < roundNs; elapsed = THREADS.getCurrentThreadCpuTime() - start) {
                result += batch(work);
                count += BATCH;
            }
            done += count;
            costs[Math.max(0, i)] = (double) elapsed / count;
        }
        Arrays.sort(costs);
        if (result != done * work.getAsLong()) {
            throw new IllegalStateException("not the same each time");
        }
        System.out.printf("%.2f %d%n", costs[ROUNDS / 2], work.getAsLong());
    }

    private static long batch(LongSupplier work) {
        long result = 0;
        for (int i = 0; i < BATCH; i++) {
            result += work.getAsLong();
        }
        return result;
    }

    private static LongSupplier parse(String library, String kind) throws Exception {
        MessageBenchmark benchmark = new MessageBenchmark();
        benchmark.kind = kind;
        benchmark.open();
        return switch (library) {
            case "penstock" -> benchmark::penstock;
            case "dnsjava" -> benchmark::dnsjava;
            case "netty" -> () -> netty(benchmark);
            default -> throw new IllegalArgumentException(library);
        };
    }

    private static LongSupplier build(String library, String kind) throws Exception {
        MessageWriterBenchmark benchmark = new MessageWriterBenchmark();
        benchmark.kind = kind;
        benchmark.open();
        return switch (library) {
            case "penstock" -> benchmark::penstock;
            case "dnsjava" -> benchmark::dnsjava;
            default -> throw new IllegalArgumentException(library);
        };
    }

    private static LongSupplier compose(String library) throws Exception {
        ComposeBenchmark benchmark = new ComposeBenchmark();
        benchmark.open();
        return switch (library) {
            case "penstock" -> benchmark::penstock;
            case "dnsjava" -> benchmark::dnsjava;
            default -> throw new IllegalArgumentException(library);
        };
    }

    private static long netty(MessageBenchmark benchmark) {
        try {
            return benchmark.netty();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
