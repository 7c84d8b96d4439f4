package io.penstock.core.testing;

import static java.util.function.Predicate.not;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Programs that tests run beside the JDK, which a machine may have or not: other implementations,
 * and tools. Every test asks for them here, by name, before it starts or opens anything. Who asks
 * is kept for {@code proof/bin/without-peers}, which runs the same tests with the programs hidden.
 */
public final class Peer implements ExecutionCondition {
    // Where a plain user's path does not lead, and daemons are.
    private static final String SYSTEM_FOLDERS = ":/usr/sbin:/sbin";
    private static final Set<String> KNOWN = known();

    /** Skips the test, unless all of the programs are installed. */
    public static void require(String... programs) {
        List<String> missing = missing(Skips.running(), programs);
        Assumptions.assumeTrue(missing.isEmpty(), () -> reason(missing));
    }

    /** Whether a program is installed, for a test that goes another way without it. */
    public static boolean isInstalled(String program) {
        return missing(Skips.running(), program).isEmpty();
    }

    /** The file of a program that is installed. */
    public static Optional<Path> find(String program) {
        return Stream.of(path().split(":")).map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable).findFirst();
    }

    /** The folders where programs are looked for, for the environment of what a test starts. */
    public static String path() {
        return System.getenv("PATH") + SYSTEM_FOLDERS;
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        List<String> missing = context.getElement()
                .flatMap(element -> AnnotationSupport.findAnnotation(element, Needs.class))
                .map(needs -> missing(context.getRequiredTestClass().getName(), needs.value()))
                .orElse(List.of());
        return missing.isEmpty() ? ConditionEvaluationResult.enabled("all are installed")
                : ConditionEvaluationResult.disabled(reason(missing));
    }

    private static List<String> missing(String testClass, String... programs) {
        Skips.note("users", testClass);
        for (String program : programs) {
            if (!KNOWN.isEmpty() && !KNOWN.contains(program)) {
                throw new AssertionError(program + " has no line in proof/bin/peers");
            }
        }
        return Stream.of(programs).filter(program -> find(program).isEmpty()).toList();
    }

    private static String reason(List<String> missing) {
        return Skips.NOT_INSTALLED + String.join(" ", missing);
    }

    /** The programs that {@code proof/bin/peers} has the packages of. */
    private static Set<String> known() {
        return Skips.ROOT.map(root -> root.resolve("proof/bin/peers")).stream()
                .flatMap(Peer::lines).filter(line -> line.matches("[a-z0-9.+-]+:.*"))
                .flatMap(line -> Stream.of(line.substring(line.indexOf(':') + 1).split(" ")))
                .filter(not(String::isEmpty)).collect(Collectors.toSet());
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
