package io.penstock.core.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestSource;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Keeps which tests were skipped and why, in {@code target/peers} of the project: {@code mvnw}
 * prints it when Maven has ended, once for all modules, for each of them is tested in a JVM of its
 * own. The launcher finds this class by {@code META-INF/services}.
 */
public final class Skips implements TestExecutionListener {
    /** How a reason begins that is names of programs. */
    static final String NOT_INSTALLED = "not installed: ";
    /** The project's folder, if the tests run in one. */
    static final Optional<Path> ROOT = Stream.iterate(
            Path.of("").toAbsolutePath(), folder -> folder != null, Path::getParent)
            .filter(folder -> Files.exists(folder.resolve("mvnw"))).findFirst();

    private static final Set<String> NOTED = ConcurrentHashMap.newKeySet();

    private static volatile String running = "";

    private TestPlan plan;

    /** The class whose tests are running; they run one after another. */
    static String running() {
        return running;
    }

    /** Appends a line to a file of what is kept, if it is new. */
    static void note(String file, String line) {
        if (ROOT.isEmpty() || !NOTED.add(file + line)) {
            return;
        }
        try {
            Path folder = Files.createDirectories(ROOT.get().resolve("target/peers"));
            // A test's name may have its parameters in it, and those anything: also half a
            // surrogate, which getBytes makes a question mark of.
            String printable = line.replaceAll("[\\p{Cntrl}&&[^\t]]+", " ") + "\n";
            Files.write(folder.resolve(file), printable.getBytes(StandardCharsets.UTF_8),
                    StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void testPlanExecutionStarted(TestPlan testPlan) {
        plan = testPlan;
    }

    @Override
    public void executionStarted(TestIdentifier test) {
        className(test).ifPresent(name -> running = name);
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        keep(test, reason);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (result.getStatus() == TestExecutionResult.Status.ABORTED) {
            keep(test, result.getThrowable().map(Throwable::getMessage).orElse("")
                    .replace("Assumption failed: ", ""));
        }
    }

    private void keep(TestIdentifier test, String reason) {
        note("skipped", reason.lines().findFirst().orElse("no reason given") + "\t" + name(test));
    }

    /** Class, and method if it is one; of what is within a method, that method and its own name. */
    private String name(TestIdentifier test) {
        String name = className(test).map(full -> full.substring(full.lastIndexOf('.') + 1))
                .orElse("");
        String method = test.getSource().filter(MethodSource.class::isInstance)
                .map(source -> "." + ((MethodSource) source).getMethodName()).orElse("");
        boolean isWithin = plan.getParent(test).flatMap(TestIdentifier::getSource)
                .filter(MethodSource.class::isInstance).isPresent();
        return name + method + (isWithin ? " " + test.getDisplayName() : "");
    }

    private Optional<String> className(TestIdentifier test) {
        Optional<TestSource> source = test.getSource();
        if (source.isPresent() && source.get() instanceof MethodSource method) {
            return Optional.of(method.getClassName());
        }
        if (source.isPresent() && source.get() instanceof ClassSource type) {
            return Optional.of(type.getClassName());
        }
        return plan.getParent(test).flatMap(this::className);
    }
}
