package io.penstock.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A minute of the soak, and a short one that leaks; bin/soak is for an hour. */
class SoakTest {
    private static final String SECONDS = System.getProperty("soak.seconds", "60");

    @TempDir
    Path folder;

    private record Result(int status, String output) {
        boolean says(String regex) {
            return output.lines().anyMatch(line -> line.matches(regex));
        }
    }

    private Result soak(String... arguments) throws IOException, InterruptedException {
        Path log = folder.resolve("log");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-Xms96m", "-Xmx96m",
                "-XX:+AlwaysPreTouch", "-ea", "-cp", System.getProperty("java.class.path"),
                Soak.class.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(log.toFile()).start();
        int status = process.waitFor();
        return new Result(status, Files.readString(log, StandardCharsets.UTF_8));
    }

    @Test
    void nothingGrows() throws IOException, InterruptedException {
        Result result = soak(SECONDS, "10000", "2000");
        System.out.println(result.output.lines().skip(Math.max(0,
                result.output.lines().count() - 20)).reduce("", (a, b) -> a + b + "\n"));
        assertEquals(0, result.status, result.output);
        assertTrue(result.says("GOOD"), result.output);
    }

    @Test
    void whatGrowsIsSeen() throws IOException, InterruptedException {
        Result result = soak("16", "50", "500", "leak");
        assertEquals(1, result.status, result.output);
        assertTrue(result.says("BAD"), result.output);
        for (String leaking : List.of("heap KiB", "memory KiB", "descriptors beside", "threads")) {
            assertTrue(result.says("clients, " + leaking + " .*NOT FLAT"),
                    leaking + "\n" + result.output);
        }
        assertTrue(result.says("server, threads .* flat"), "the server leaks nothing");
        assertTrue(result.says(".*descriptors == before is broken.*"), result.output);
    }
}
