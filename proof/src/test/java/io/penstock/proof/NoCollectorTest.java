package io.penstock.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Endpoint;
import io.penstock.tls.SelfSigned;
import io.penstock.tls.TlsConfig;
import io.penstock.tls.TlsContext;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A million requests, served by JVMs that never collect, in a heap with less room for garbage than
 * 16 bytes a request, the smallest object. That the tests can fail is tested too: a server that
 * wastes 64 bytes at each request must die.
 */
class NoCollectorTest {
    private static final long REQUESTS = Long.getLong("proof.requests", 1_000_000);
    private static final long CACHED = REQUESTS * 3 / 4; // of the resolver's; the others by UDP
    // What they need to be ready, 6.6 and 8.7 MB as measured, and a few MB more.
    private static final int ECHO_MIB = 12;
    private static final int HEAP_MIB = 14;
    private static final int SMALLEST_BYTES = 16;
    private static final int WASTE_BYTES = 64; // of the servers that must die
    private static final int PER_CONNECTION = 2_000;
    private static final String OUT_OF_MEMORY = "java.lang.OutOfMemoryError";

    @TempDir
    Path folder;

    private final EventLoop loop =
            new EventLoop(new LoopConfig().handles(8 * NoCollector.CONNECTIONS));
    private Process process;
    private BufferedReader out;
    private long ready;
    private int port;

    @BeforeEach
    void open() {
        assertEquals(0, loop.open());
    }

    @AfterEach
    void close() throws InterruptedException {
        loop.close();
        process.destroyForcibly().waitFor();
    }

    /** Starts the process, and waits until it is ready. */
    private void start(int heapMib, int wasteBytes, String role, String... more)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UnlockExperimentalVMOptions", "-XX:+UseEpsilonGC",
                "-XX:EpsilonMaxTLABSize=16k", "-XX:EpsilonMinHeapExpand=64k",
                "-Xms" + heapMib + "m", "-Xmx" + heapMib + "m", "-XX:+ExitOnOutOfMemoryError",
                "-cp", System.getProperty("java.class.path"), NoCollector.class.getName(),
                role, "" + REQUESTS, "" + wasteBytes));
        command.addAll(List.of(more));
        process = new ProcessBuilder(command).redirectErrorStream(true).start();
        out = new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = line("ready ");
        String[] words = line.split(" ");
        ready = Long.parseLong(words[1]);
        port = Integer.parseInt(words[3]);
        long room = ((long) heapMib << 20) - ready;
        long garbage = REQUESTS * SMALLEST_BYTES;
        System.out.println(role + ": " + ready + " bytes to be ready, room for " + room);
        assertTrue(room < garbage, () -> role + " was ready with " + ready + " bytes: "
                + room + " are left, and should be less than " + garbage);
    }

    private String line(String start) throws IOException {
        StringBuilder all = new StringBuilder();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith(start)) {
                return line;
            }
            all.append(line).append('\n');
        }
        throw new AssertionError("no " + start + "line in:\n" + all);
    }

    private void assertServed() throws IOException, InterruptedException {
        String[] words = line("served ").split(" ");
        assertEquals(REQUESTS, Long.parseLong(words[1]));
        assertEquals(0, Long.parseLong(words[5]), "failed");
        long used = Long.parseLong(words[7]);
        System.out.println("  served " + words[1] + " over " + words[3] + " connections, and used "
                + (used - ready) + " bytes more");
        assertTrue(process.waitFor(10, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue());
    }

    private void assertDied() throws IOException, InterruptedException {
        assertTrue(line("Terminating due to").contains(OUT_OF_MEMORY));
        assertTrue(process.waitFor(10, TimeUnit.SECONDS));
        assertEquals(3, process.exitValue());
    }

    /** Asks until it has had all, or the process is gone. */
    private void ping(TlsContext context) {
        Endpoint at = new Endpoint();
        at.ipv4(Endpoint.IPV4_LOOPBACK, port);
        Pinger[] pingers = new Pinger[NoCollector.CONNECTIONS];
        for (int i = 0; i < pingers.length; i++) {
            pingers[i] = new Pinger(
                    loop, context, at, REQUESTS / pingers.length, PER_CONNECTION);
        }
        boolean isDone = false;
        while (!isDone && process.isAlive()) {
            isDone = true;
            for (Pinger pinger : pingers) {
                pinger.proceed();
                isDone &= pinger.isDone();
            }
            for (int i = 0; i < 1_000 && !isDone; i++) {
                assertTrue(loop.runOnce(1_000_000) >= 0);
            }
        }
    }

    private TlsContext tls(Path identity) throws IOException {
        try (SelfSigned made = new SelfSigned()) {
            assertEquals(0, made.generate());
            Files.writeString(identity,
                    made.certificate().getStringWithoutLengthAscii(0, made.certificate().capacity())
                            + made.key().getStringWithoutLengthAscii(0, made.key().capacity()));
        }
        NativeBuffer pem = SoakServer.read(identity);
        TlsContext context = TlsContext.client(loop,
                new TlsConfig().trust(pem, 0, pem.capacity()).acceptAnyHost());
        assertEquals(0, context.open());
        return context;
    }

    private NameServer nameServer() {
        NameServer server = new NameServer(loop);
        port = server.open();
        return server;
    }

    private void answerUntilItEnds() {
        while (process.isAlive()) {
            assertTrue(loop.runOnce(10_000_000) >= 0);
        }
    }

    @Test
    void echo() throws IOException, InterruptedException {
        start(ECHO_MIB, 0, "echo");
        ping(null);
        assertServed();
    }

    @Test
    void echoThatWastes() throws IOException, InterruptedException {
        start(ECHO_MIB, WASTE_BYTES, "echo");
        ping(null);
        assertDied();
    }

    @Test
    void tls() throws IOException, InterruptedException {
        Path identity = folder.resolve("identity.pem");
        TlsContext context = tls(identity);
        start(HEAP_MIB, 0, "tls", identity.toString());
        ping(context);
        assertServed();
    }

    @Test
    void tlsThatWastes() throws IOException, InterruptedException {
        Path identity = folder.resolve("identity.pem");
        TlsContext context = tls(identity);
        start(HEAP_MIB, WASTE_BYTES, "tls", identity.toString());
        ping(context);
        assertDied();
    }

    @Test
    void resolver() throws IOException, InterruptedException {
        NameServer server = nameServer();
        start(HEAP_MIB, 0, "resolver", "" + port, "" + CACHED);
        answerUntilItEnds();
        assertServed();
        assertTrue(server.answered >= REQUESTS - CACHED && server.answered < REQUESTS / 2);
    }

    @Test
    void resolverThatWastes() throws IOException, InterruptedException {
        nameServer();
        start(HEAP_MIB, WASTE_BYTES, "resolver", "" + port, "" + CACHED);
        answerUntilItEnds();
        assertDied();
    }
}
