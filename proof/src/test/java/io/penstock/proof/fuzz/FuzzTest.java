package io.penstock.proof.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A search for inputs that break something, led by coverage, for some seconds; bin/fuzz searches
 * for longer. What was found once is kept, as are inputs to begin with, and run as a test.
 */
class FuzzTest {
    private static final String SECONDS = System.getProperty("fuzz.seconds", "20");
    private static final Path KEPT = Path.of("src/test/resources/fuzz");
    private static final Path OUTPUT = Path.of("target/fuzz");
    private static final Pattern DONE = Pattern.compile("Done (\\d+) runs in");
    private static final int CRASH = 77;

    @TempDir
    Path corpus;

    static IntStream targets() {
        return IntStream.range(0, AllTargets.NAMES.length);
    }

    private static List<Path> kept(int target) throws IOException {
        try (Stream<Path> files = Files.list(KEPT.resolve(AllTargets.NAMES[target]))) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("targets")
    void keptInputs(int target) throws IOException {
        AllTargets.run(target, new byte[0]);
        assertTrue(kept(target).size() >= 2);
        for (Path input : kept(target)) {
            AllTargets.run(target, Files.readAllBytes(input));
        }
    }

    @Test
    void nothingBreaks() throws IOException, InterruptedException {
        for (int target = 0; target < AllTargets.NAMES.length; target++) {
            for (Path input : kept(target)) {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                bytes.write(target);
                bytes.writeBytes(Files.readAllBytes(input));
                Files.write(corpus.resolve(target + "-" + input.getFileName()),
                        bytes.toByteArray());
            }
        }
        String output = fuzz(AllTargets.class, 0);
        Matcher done = DONE.matcher(output);
        assertTrue(done.find(), output);
        System.out.println("fuzzing: " + done.group(1) + " inputs in " + SECONDS + " s");
        assertTrue(Integer.parseInt(done.group(1)) > 200, output);
    }

    /** The search finds what is there to find. */
    @Test
    void whatBreaksIsFound() throws IOException, InterruptedException {
        assertTrue(fuzz(BrokenTarget.class, CRASH).contains("found it"));
    }

    private String fuzz(Class<?> target, int status) throws IOException, InterruptedException {
        Path folder = Files.createDirectories(OUTPUT.resolve(target.getSimpleName()));
        Path log = folder.resolve("output.txt");
        Process process = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED", "-Xmx512m", "-XX:+UseSerialGC",
                "-XX:+EnableDynamicAgentLoading", "-ea",
                "-cp", System.getProperty("java.class.path"),
                "com.code_intelligence.jazzer.Jazzer", "--target_class=" + target.getName(),
                "--instrumentation_includes=io.penstock.**", "--reproducer_path=" + folder,
                "-artifact_prefix=" + folder + "/", "-max_total_time=" + SECONDS,
                "-rss_limit_mb=3000", corpus.toString()).redirectErrorStream(true)
                .redirectOutput(log.toFile()).start();
        int actual = process.waitFor();
        String output = Files.readString(log, StandardCharsets.ISO_8859_1);
        assertEquals(status, actual, output);
        return output;
    }
}
