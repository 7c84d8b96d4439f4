package io.penstock.benchmarks;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs a benchmark for a moment, in this JVM: does it work, and what does it allocate? Times are
 * not looked at.
 */
final class Smoke {
    private static final int WARMUPS = 3;
    private static final TimeValue WARMUP = TimeValue.milliseconds(30);
    private static final int ITERATIONS = 5;
    private static final TimeValue ITERATION = TimeValue.milliseconds(15);
    private static final String BYTES_EACH = "gc.alloc.rate.norm";

    /**
     * What one benchmark did, with one set of its parameters.
     *
     * @param benchmark its name, and its parameters
     * @param bytes allocated by the iteration that allocated least: what the profiler sees of
     *     itself, of JMH and of classes being loaded is in some of them, what a call allocates in
     *     all
     * @param operations of that iteration
     */
    record Outcome(String benchmark, double bytes, long operations) {
        double bytesEach() {
            return bytes / operations;
        }
    }

    private Smoke() {
    }

    /** Runs it with each of its parameters; what it throws ends the run. */
    static List<Outcome> run(String benchmark) throws RunnerException {
        Options options = new OptionsBuilder()
                .include("^" + Pattern.quote(benchmark) + "$")
                .forks(0).warmupIterations(WARMUPS).warmupTime(WARMUP)
                .measurementIterations(ITERATIONS).measurementTime(ITERATION)
                .addProfiler(GCProfiler.class)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT)
                .build();
        List<Outcome> outcomes = new ArrayList<>();
        for (RunResult result : new Runner(options).run()) {
            outcomes.add(least(result));
        }
        if (outcomes.isEmpty()) {
            throw new IllegalArgumentException("no benchmark " + benchmark);
        }
        return outcomes;
    }

    private static Outcome least(RunResult result) {
        String name = name(result);
        return result.getBenchmarkResults().stream()
                .map(fork -> fork.getIterationResults()).flatMap(Collection::stream)
                .map(iteration -> outcome(name, iteration))
                .min((a, b) -> Double.compare(a.bytes(), b.bytes())).orElseThrow();
    }

    private static String name(RunResult result) {
        StringBuilder name = new StringBuilder(result.getParams().getBenchmark());
        for (String key : result.getParams().getParamsKeys()) {
            name.append(' ').append(key).append('=').append(result.getParams().getParam(key));
        }
        return name.toString();
    }

    private static Outcome outcome(String name, IterationResult iteration) {
        Result<?> bytesEach = iteration.getSecondaryResults().get(BYTES_EACH);
        long operations = iteration.getMetadata().getMeasuredOps();
        return new Outcome(name, bytesEach.getScore() * operations, operations);
    }
}
