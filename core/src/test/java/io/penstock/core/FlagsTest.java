package io.penstock.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.testing.RoundTrip;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The library needs one flag and no other, and prints nothing on stderr. */
class FlagsTest {
    private static final int TIMEOUT_S = 60;

    /** On the module path, with native access for this module alone. */
    @Test
    void asAModule(@TempDir Path folder) throws IOException, InterruptedException {
        String modulePath = Path.of("target/classes").toAbsolutePath() + File.pathSeparator
                + jars("agrona", "jctools-core-jdk11", "jctools-core");
        run(folder, "--enable-native-access=io.penstock.core", "-p", modulePath,
                "--add-modules", "io.penstock.core", "-cp",
                Path.of("target/test-classes").toString(), RoundTrip.class.getName());
    }

    @Test
    void onTheClassPath(@TempDir Path folder) throws IOException, InterruptedException {
        run(folder, "--enable-native-access=ALL-UNNAMED", "-cp",
                System.getProperty("java.class.path"), RoundTrip.class.getName());
    }

    private static void run(Path folder, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(System.getProperty("java.home") + "/bin/java");
        command.add("-ea");
        command.addAll(Arrays.asList(arguments));
        File out = folder.resolve("out").toFile();
        Process process = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(out).start();
        assertTrue(process.waitFor(TIMEOUT_S, TimeUnit.SECONDS), "still running");
        assertEquals("echoed 5\n", Files.readString(out.toPath()));
        assertEquals(0, process.exitValue());
    }

    private static String jars(String... names) {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> Arrays.stream(names).anyMatch(
                        name -> entry.matches(".*/" + name + "-\\d[^/]*\\.jar")))
                .collect(Collectors.joining(File.pathSeparator));
    }
}
