package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Programs that tests run. */
final class Processes {
    private static final long PATIENCE_S = 30;

    private Processes() {
    }

    /** Runs a program to its end, which must be a good one; its output. */
    static String run(Path folder, String... command) {
        try {
            Path log = Files.createTempFile("penstock-tls", ".log");
            Process process = new ProcessBuilder(command).directory(folder.toFile())
                    .redirectErrorStream(true).redirectOutput(log.toFile())
                    .redirectInput(new File("/dev/null")).start();
            boolean isDone = await(process);
            String output = Files.readString(log, StandardCharsets.ISO_8859_1);
            Files.delete(log);
            assertEquals(0, isDone ? process.exitValue() : -1,
                    () -> String.join(" ", command) + "\n" + output);
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether it ended by itself. */
    static boolean await(Process process) {
        try {
            boolean isDone = process.waitFor(PATIENCE_S, TimeUnit.SECONDS);
            if (!isDone) {
                process.destroyForcibly().waitFor();
            }
            process.destroy(); // closes its pipes, which the JDK does a moment later
            return isDone;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Starts a program whose output goes to a file, and whose input is ours. */
    static Process start(Path folder, Path log, List<String> command) {
        try {
            return new ProcessBuilder(command).directory(folder.toFile())
                    .redirectErrorStream(true).redirectOutput(log.toFile()).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
