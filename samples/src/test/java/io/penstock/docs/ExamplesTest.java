package io.penstock.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.testing.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every block of Java in every page compiles as it stands, and every one with a {@code main} is
 * run against a peer; its ports, files and names are then this machine's.
 */
class ExamplesTest {
    private static final int TCP_PORT = 7000;
    private static final int UDP_PORT = 8125;
    private static final int TLS_PORT = 8443;
    private static final int DTLS_PORT = 4433;

    @TempDir
    static Path folder;
    private static Certificate certificate;

    /** What is done with a running program. */
    private interface Scenario {
        void play(Example example) throws Exception;
    }

    private static final Map<String, Scenario> SCENARIOS = Map.ofEntries(
            Map.entry("Echo", ExamplesTest::echo),
            Map.entry("StreamEcho", ExamplesTest::echo),
            Map.entry("NioEcho", ExamplesTest::echo),
            Map.entry("NettyEcho", ExamplesTest::echo),
            Map.entry("Collector", ExamplesTest::collect),
            Map.entry("Receiver", ExamplesTest::receive),
            Map.entry("NioReceiver", ExamplesTest::receive),
            Map.entry("NettyReceiver", ExamplesTest::receive),
            Map.entry("TlsClient", example -> fetch(trusting(example))),
            Map.entry("NioTlsClient", ExamplesTest::fetch),
            Map.entry("NettyTlsClient", ExamplesTest::fetch),
            Map.entry("NameLookup", ExamplesTest::lookUp),
            Map.entry("NioLookup", ExamplesTest::lookUpLocalhost),
            Map.entry("NettyLookup", ExamplesTest::lookUpLocalhost),
            Map.entry("TlsEcho", ExamplesTest::answerByTls),
            Map.entry("DtlsEcho", ExamplesTest::answerHello),
            Map.entry("Ticker", example -> runAndSay(example, "3 ticks")),
            Map.entry("Slabs", example -> runAndSay(example, "42\nPOOL_EXHAUSTED: ")),
            Map.entry("Copy", example -> runAndSay(example, "hello")),
            Map.entry("Hour", ExamplesTest::wholeHour));

    // Programs of classes of several blocks.
    private static final Map<String, List<String>> NEEDED = Map.of(
            "Hour", List.of("Echo", "Collector", "Fetch", "Scrape"),
            "TlsEcho", List.of("Echo"));

    @BeforeAll
    static void makeCertificate() throws Exception {
        certificate = Certificate.make(folder);
    }

    @TestFactory
    Stream<DynamicTest> everyExampleCompiles() throws IOException {
        return all().stream().map(example -> DynamicTest.dynamicTest(example.toString(), () -> {
            Path out = Files.createTempDirectory(folder, "classes");
            for (Example other : needed(example)) {
                other.compile(out);
            }
            example.compile(out);
        }));
    }

    @TestFactory
    Stream<DynamicTest> everyProgramRuns() throws IOException {
        return all().stream().filter(Example::hasMain).map(example -> DynamicTest.dynamicTest(
                example.toString(), () -> SCENARIOS.get(example.name()).play(example)));
    }

    @Test
    void everyScenarioIsForAProgram() throws IOException {
        Set<String> programs = new TreeSet<>();
        all().stream().filter(Example::hasMain).forEach(example -> programs.add(example.name()));
        assertEquals(new TreeSet<>(SCENARIOS.keySet()), programs);
    }

    private static List<Example> all() throws IOException {
        return Pages.all().stream().flatMap(page -> {
            try {
                return Example.of(page).stream();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }).toList();
    }

    private static List<Example> needed(Example example) throws IOException {
        List<String> names = NEEDED.getOrDefault(example.name(), List.of());
        return all().stream().filter(other -> names.contains(other.name())).toList();
    }

    private static Program start(Example example, String... arguments) throws IOException {
        Path out = Files.createTempDirectory(folder, "classes");
        for (Example other : needed(example)) {
            other.compile(out);
        }
        example.compile(out);
        return new Program(out, List.of("-Djavax.net.ssl.trustStore=" + certificate.store(),
                "-Djavax.net.ssl.trustStorePassword=" + Certificate.PASSWORD),
                example.name(), arguments);
    }

    private static Example at(Example example, int documented, int port) {
        return example.with(String.valueOf(documented), String.valueOf(port));
    }

    private static Example trusting(Example example) {
        return example.with("new TlsConfig()",
                "new TlsConfig().trust(\"" + certificate.chain() + "\")");
    }

    private static void echo(Example example) throws Exception {
        int port = Peers.freeTcpPort();
        try (Program program = start(at(example, TCP_PORT, port))) {
            assertEquals("hello", Peers.echoed(port, "hello"));
            assertTrue(program.isRunning(), program::output);
        }
    }

    private static void collect(Example example) throws Exception {
        int port = Peers.freeUdpPort();
        try (Program program = start(at(example, UDP_PORT, port))) {
            Peers.awaitTaken(port, "hits:1");
            assertTrue(program.isRunning(), program::output);
        }
    }

    private static void receive(Example example) throws Exception {
        int port = Peers.freeUdpPort();
        try (Program program = start(at(example, UDP_PORT, port))) {
            Peers.awaitTaken(port, "hits:1");
            program.await("hits:1");
        }
    }

    private static void fetch(Example example) throws Exception {
        try (Peers.TlsServer server = new Peers.TlsServer(certificate);
                Program program = start(at(example, TLS_PORT, server.port()))) {
            program.await("200 OK");
            assertEquals(0, program.status(), program::output);
        }
    }

    private static void lookUp(Example example) throws Exception {
        try (Peers.NameServer server = new Peers.NameServer();
                Program program = start(example
                        .with("\"localhost\"", "\"www.example.test\"")
                        .with("new ResolverConfig()", server.config()))) {
            program.await(Peers.NameServer.ADDRESS);
            assertEquals(0, program.status(), program::output);
        }
    }

    private static void lookUpLocalhost(Example example) throws Exception {
        try (Program program = start(example)) {
            program.await("127.0.0.1");
            assertEquals(0, program.status(), program::output);
        }
    }

    private static Example identified(Example example) {
        return example.with("/etc/app/chain.pem", certificate.chain().toString())
                .with("/etc/app/key.pem", certificate.key().toString());
    }

    private static void answerByTls(Example example) throws Exception {
        int port = Peers.freeTcpPort();
        try (Program program = start(identified(at(example, TLS_PORT, port)))) {
            assertEquals("hello", Peers.echoedByTls(port, certificate, "hello"));
            assertTrue(program.isRunning(), program::output);
        }
    }

    private static void answerHello(Example example) throws Exception {
        Peer.require("openssl");
        int port = Peers.freeUdpPort();
        try (Program program = start(identified(at(example, DTLS_PORT, port)))) {
            assertEquals("hello", Peers.echoedByDtls(port, certificate, "hello"));
            assertTrue(program.isRunning(), program::output);
        }
    }

    private static void runAndSay(Example example, String text) throws Exception {
        try (Program program = start(example)) {
            program.say("hello");
            program.await(text);
            assertEquals(0, program.status(), program::output);
        }
    }

    private static void wholeHour(Example example) throws Exception {
        int echo = Peers.freeTcpPort();
        int scrape = Peers.freeTcpPort();
        int collector = Peers.freeUdpPort();
        try (Peers.TlsServer server = new Peers.TlsServer(certificate);
                Peers.NameServer names = new Peers.NameServer();
                Program program = start(trusting(example)
                        .with("127.0.0.1:7000", "127.0.0.1:" + echo)
                        .with("127.0.0.1:8125", "127.0.0.1:" + collector)
                        .with("127.0.0.1:9100", "127.0.0.1:" + scrape)
                        .with("443", String.valueOf(server.port()))
                        .with("new ResolverConfig()", names.config()), "www.example.test")) {
            program.await("200 OK");
            assertEquals("hello", Peers.echoed(echo, "hello"));
            Peers.awaitTaken(collector, "hits:1");
            String page = Peers.get(scrape).replaceAll("(?m)^#.*\n", "");
            for (String line : List.of(
                    "penstock_stream_read_bytes_total{name=\"echo\"} 5",
                    "penstock_udp_handle_received_datagrams_total{name=\"collector\",",
                    "penstock_resolver_answers_total{name=\"loop\"} 1",
                    "penstock_tls_done_total{name=\"tls\"} 1")) {
                assertTrue(page.contains("\n" + line), () -> "no " + line + " in\n" + page);
            }
        }
    }
}
