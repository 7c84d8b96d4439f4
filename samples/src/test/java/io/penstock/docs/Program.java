package io.penstock.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An example as a process of its own, which ends with the test. */
final class Program implements AutoCloseable {
    private static final int LIMIT_SECONDS = 60;

    private final Process process;
    private final Path output;

    Program(Path classes, List<String> options, String name, String... arguments)
            throws IOException {
        output = classes.resolve("output");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED", "-Xmx256m", "-XX:+UseSerialGC"));
        command.addAll(options);
        command.addAll(List.of(
                "-cp", classes + ":" + System.getProperty("java.class.path"), name));
        command.addAll(List.of(arguments));
        process = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(output.toFile()).start();
    }

    boolean isRunning() {
        return process.isAlive();
    }

    String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Gives it a text as its whole standard input. */
    void say(String text) throws IOException {
        try (var in = process.outputWriter()) {
            in.write(text);
        }
    }

    /** Waits until it has said something. */
    void await(String text) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (!output().contains(text)) {
            boolean hasEnded = process.waitFor(20, TimeUnit.MILLISECONDS);
            if (hasEnded && !output().contains(text) || System.nanoTime() > deadline) {
                throw new AssertionError("no " + text + " in\n" + output());
            }
        }
    }

    /** Its exit status, once it has ended by itself. */
    int status() throws InterruptedException {
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("does not end:\n" + output());
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
