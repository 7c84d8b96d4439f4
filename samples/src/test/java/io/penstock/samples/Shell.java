package io.penstock.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.core.testing.Peer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Scripts that run the real tools by their launchers, in a folder of their own that is gone
 * afterwards. In a script, {@code $PORT} is a free port, {@code $BIN} the launchers' folder, and
 * the tools are on the path; what a script leaves running is killed.
 */
final class Shell implements AutoCloseable {
    private static final int LIMIT_SECONDS = 60;
    private static final int KILL_SECONDS = 10;
    private static final Path BIN = Path.of("bin").toAbsolutePath();
    // GNU's does, since coreutils 8.31; elsewhere the tests of signals need a shell's foreground.
    private static final boolean ENV_RESETS_SIGNALS = envResetsSignals();
    // What scripts wait with: nothing sleeps longer than it must.
    private static final String PRELUDE = """
            bound() { for i in {1..400}; do [ -S "$1" ] && return; sleep 0.02; done; return 1; }
            port() {
              local at=$(printf ':%04X 00000000:0000 0A\\|:%04X 0*:0000 0A' "$1" "$1")
              for i in {1..400}; do
                grep -q "$at" /proc/net/tcp /proc/net/tcp6 && return; sleep 0.02
              done
              return 1
            }
            udp() {
              local at=$(printf ':%04X 00000000:0000 07\\|:%04X 0*:0000 07' "$1" "$1")
              for i in {1..400}; do
                grep -q "$at" /proc/net/udp /proc/net/udp6 && return; sleep 0.02
              done
              return 1
            }
            grows() { for i in {1..400}; do [ -s "$1" ] && return; sleep 0.02; done; return 1; }
            """;

    final Path folder;
    final int port = freePort();

    Shell() {
        try {
            folder = Files.createTempDirectory("penstock");
            Path tools = Files.createDirectory(folder.resolve("tools"));
            for (String tool : List.of("netcat", "pipecat", "count", "lookup", "answer", "stat")) {
                Files.createSymbolicLink(tools.resolve(tool), BIN.resolve(tool));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a script said, and its exit status. */
    record Result(int status, String out, String err) {
    }

    /** Runs a script in bash; fails when it takes too long. */
    Result run(String script) {
        return run(script, Map.of(), LIMIT_SECONDS);
    }

    /** Runs a script that ends well and says nothing. */
    void assertWorks(String script) {
        Result result = run(script);
        assertEquals(0, result.status(), result.toString());
        assertEquals("", result.out() + result.err());
    }

    Result run(String script, int limitSeconds) {
        return run(script, Map.of(), limitSeconds);
    }

    Result run(String script, Map<String, String> environment) {
        return run(script, environment, LIMIT_SECONDS);
    }

    private Result run(String script, Map<String, String> environment, int limitSeconds) {
        try {
            ProcessBuilder builder = new ProcessBuilder(bash(PRELUDE + script))
                    .directory(folder.toFile())
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(folder.resolve("stdout").toFile())
                    .redirectError(folder.resolve("stderr").toFile());
            Map<String, String> env = builder.environment();
            env.put("PATH", folder.resolve("tools") + ":" + Peer.path());
            env.put("PORT", String.valueOf(port));
            env.put("BIN", BIN.toString());
            env.put("LC_ALL", "C.UTF-8");
            env.putAll(environment);
            Process process = builder.start();
            boolean hasEnded = process.waitFor(limitSeconds, TimeUnit.SECONDS);
            kill(process);
            String out = read("stdout");
            String err = read("stderr");
            if (!hasEnded) {
                throw new AssertionError("took longer than " + limitSeconds + " s:\n" + script
                        + "\nstdout: " + out + "\nstderr: " + err);
            }
            return new Result(process.exitValue(), out, err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * With the signals' default actions, whatever who started the build ignores: a shell cannot
     * trap, nor its children heed, what was ignored when it began.
     */
    private static List<String> bash(String script) {
        List<String> command = new ArrayList<>(List.of("bash", "-c", script));
        if (ENV_RESETS_SIGNALS) {
            command.addAll(0, List.of("env", "--default-signal=INT,QUIT,HUP"));
        }
        return command;
    }

    private static boolean envResetsSignals() {
        try {
            return new ProcessBuilder("env", "--default-signal=INT", "true")
                    .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start().waitFor() == 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Kills what is left, and waits for it: its port is the next script's. */
    private void kill(Process process) throws InterruptedException {
        // What was left behind by a parent that has ended is known by the folder that it is in.
        List<ProcessHandle> left = Stream.of(Stream.of(process.toHandle()), process.descendants(),
                        ProcessHandle.allProcesses().filter(this::isHere))
                .flatMap(handles -> handles).distinct().toList();
        left.forEach(ProcessHandle::destroyForcibly);
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(KILL_SECONDS);
        for (ProcessHandle handle : left) {
            while (isHere(handle) && System.nanoTime() < limit) {
                Thread.sleep(1); // isAlive holds until somebody has asked for the exit status
            }
        }
    }

    private boolean isHere(ProcessHandle process) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/" + process.pid() + "/cwd"))
                    .startsWith(folder);
        } catch (IOException e) {
            return false; // gone, or not ours
        }
    }

    String read(String name) {
        try {
            return Files.readString(folder.resolve(name), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void write(String name, String text) {
        try {
            Files.writeString(folder.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * One below those that the kernel draws: dig, which lets its port be shared, may be given a
     * server's own, and then hears itself.
     */
    static int freePort() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
            try (ServerSocket tcp = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
                    DatagramSocket udp = new DatagramSocket(
                            port, InetAddress.getLoopbackAddress())) {
                return Math.min(tcp.getLocalPort(), udp.getLocalPort());
            } catch (IOException e) {
                // another one, then
            }
        }
    }

    @Override
    public void close() {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
