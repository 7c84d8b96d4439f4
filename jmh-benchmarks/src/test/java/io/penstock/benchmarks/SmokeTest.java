package io.penstock.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.penstock.benchmarks.Smoke.Outcome;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.opentest4j.TestAbortedException;

/** Every benchmark works, and what is declared to allocate nothing does not. */
class SmokeTest {
    private static final String OWN = SmokeBenchmark.class.getName() + ".";
    private static final String DECLARES = "penstock";
    // What JMH allocates in an iteration varies by less than a hundred bytes.
    private static final int MARGIN_BYTES = 512;

    private static double noiseBytes;

    @BeforeAll
    static void measureNoise() throws RunnerException {
        noiseBytes = Smoke.run(OWN + "penstockNothing").getFirst().bytes() + MARGIN_BYTES;
    }

    @TestFactory
    Stream<DynamicTest> everyBenchmark() {
        List<String> all = benchmarks().filter(name -> !name.startsWith(OWN)).toList();
        assertTrue(all.stream().filter(SmokeTest::isDeclared).count() > 20, "looked at " + all);
        return all.stream().map(name -> dynamicTest(name, () -> tryOut(name)));
    }

    @Test
    void everyClassHasSomethingOfOurs() {
        List<String> ours = benchmarks().filter(SmokeTest::isDeclared).map(SmokeTest::type)
                .distinct().toList();
        assertEquals(List.of(),
                benchmarks().map(SmokeTest::type).filter(type -> !ours.contains(type)).toList());
    }

    @Test
    void failsIfSomethingIsAllocated() {
        assertThrows(AssertionError.class, () -> check(OWN + "penstockAllocates"));
        assertThrows(AssertionError.class, () -> check(OWN + "penstockAllocatesSlowly"));
    }

    @Test
    void failsIfSomethingIsThrown() {
        assertThrows(RunnerException.class, () -> check(OWN + "penstockThrows"));
    }

    @Test
    void passesOverAPeerThatCannotRun() {
        assertThrows(TestAbortedException.class, () -> tryOut(OWN + "absent"));
        assertThrows(RunnerException.class, () -> tryOut(OWN + "penstockAbsent"));
    }

    private static Stream<String> benchmarks() {
        return BenchmarkList.defaultList()
                .getAll(OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT),
                        List.of())
                .stream().map(BenchmarkListEntry::getUsername);
    }

    private static boolean isDeclared(String benchmark) {
        return benchmark.substring(benchmark.lastIndexOf('.') + 1).startsWith(DECLARES);
    }

    private static String type(String benchmark) {
        return benchmark.substring(0, benchmark.lastIndexOf('.'));
    }

    private static void tryOut(String benchmark) throws RunnerException {
        try {
            check(benchmark);
        } catch (RunnerException e) {
            Throwable absence = isDeclared(benchmark) ? null : absence(e);
            assumeTrue(absence == null, () -> absence.getMessage() + ": " + absence.getCause());
            throw e;
        }
    }

    private static Throwable absence(Throwable thrown) {
        if (thrown == null || thrown instanceof AbsentException) {
            return thrown;
        }
        Stream<Throwable> causes = Stream.concat(
                Stream.ofNullable(thrown.getCause()), Stream.of(thrown.getSuppressed()));
        return causes.map(SmokeTest::absence).filter(Objects::nonNull).findFirst().orElse(null);
    }

    private static void check(String benchmark) throws RunnerException {
        for (Outcome outcome : Smoke.run(benchmark)) {
            System.out.printf("%s: %d operations, %.3f B each%n",
                    outcome.benchmark(), outcome.operations(), outcome.bytesEach());
            assertTrue(!isDeclared(benchmark) || outcome.bytes() <= noiseBytes,
                    () -> outcome + " above the profiler's noise of " + noiseBytes);
        }
    }
}
