package io.penstock.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.testing.Peer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * Network namespaces, which only root can make, with ip(8) and tc(8) of iproute2. Code in one is
 * a process of its own. {@link #close} removes them all; the machine's own network is left
 * alone.
 */
final class Network implements AutoCloseable {
    private static final long LIMIT_S = 60;
    private static final String ROOT = "needs root, to make network namespaces with veth";

    private final List<String> namespaces = new ArrayList<>();
    private final List<Process> processes = new ArrayList<>();

    private Network() {
    }

    /** Skips the test if namespaces cannot be made. */
    static Network orSkip() {
        Peer.require("ip", "tc", "sysctl");
        Network network = new Network();
        String name = "penstock-try-" + ProcessHandle.current().pid();
        network.namespaces.add(name);
        boolean works = network.succeeds("ip netns add " + name)
                && network.succeeds("ip -n " + name + " link set lo up")
                && network.succeeds(
                        "ip -n " + name + " link add name here type veth peer name there");
        if (!works) {
            network.close();
        }
        Assumptions.assumeTrue(works, ROOT);
        return network;
    }

    /** Makes a namespace, with its loopback interface up. */
    String namespace(String name) {
        String full = "penstock-" + name + "-" + ProcessHandle.current().pid();
        run("ip netns add " + full);
        namespaces.add(full);
        run("ip -n " + full + " link set lo up");
        return full;
    }

    /** Makes two connected interfaces, one in each namespace. */
    void join(String one, String interfaceOfOne, String other, String interfaceOfOther) {
        run("ip -n " + one + " link add name " + interfaceOfOne + " type veth peer name "
                + interfaceOfOther + " netns " + other);
        run("ip -n " + one + " link set " + interfaceOfOne + " up");
        run("ip -n " + other + " link set " + interfaceOfOther + " up");
    }

    /** Runs a command, given with blanks between its arguments, and returns its output. */
    String run(String command) {
        return end(start(command.split(" ")), command);
    }

    boolean succeeds(String command) {
        try {
            Process process = start(command.split(" "));
            process.getInputStream().readAllBytes();
            return process.waitFor(LIMIT_S, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (UncheckedIOException | IOException | InterruptedException e) {
            return false; // there is no such command
        }
    }

    /** Runs a class's main in a namespace to its end, and returns its output. */
    String inside(String namespace, Class<?> main, String... args) {
        return end(startInside(namespace, main, args), main.getSimpleName());
    }

    Process startInside(String namespace, Class<?> main, String... args) {
        List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", namespace,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED", "-Xmx64m", "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", "-ea", "-cp", System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(args));
        return start(command.toArray(new String[0]));
    }

    private Process start(String... command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            processes.add(process);
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String end(Process process, String what) {
        try {
            process.getOutputStream().close();
            String said = new String(
                    process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(process.waitFor(LIMIT_S, TimeUnit.SECONDS), what);
            assertEquals(0, process.exitValue(), what + ": " + said);
            return said;
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(what, e);
        }
    }

    @Override
    public void close() {
        processes.forEach(Process::destroyForcibly);
        for (String namespace : List.copyOf(namespaces)) {
            succeeds("ip netns del " + namespace);
        }
    }
}
