package io.penstock.dns.resolver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.net.Endpoint;
import io.penstock.core.testing.Needs;
import io.penstock.core.testing.Peer;
import io.penstock.dns.iana.RecordType;
import io.penstock.tls.TlsConnector;
import io.penstock.tls.TlsContext;
import io.penstock.tls.TlsMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Unbound and Knot as they are packaged, with a zone of their own and no network. */
class RealServersTest extends ResolverFixture {
    @TempDir
    Path folder;

    private Process process;

    @AfterEach
    void stop() throws InterruptedException {
        if (process != null) {
            process.destroy();
            assertTrue(process.waitFor(10, TimeUnit.SECONDS));
        }
    }

    private void start(String program, String config, String... options) throws IOException {
        Path file = Files.writeString(folder.resolve(program + ".conf"), config);
        List<String> command = new ArrayList<>(List.of(
                Peer.find(program).orElseThrow().toString()));
        command.addAll(List.of(options));
        command.add("-c");
        command.add(file.toString());
        process = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile()).start();
    }

    private void ask(int port, String name) {
        Endpoint at = new Endpoint();
        at.parse("127.0.0.1:" + port);
        conf.server(at).attempts(5);
        config.failureTtl(0);
        // Until it listens: refused at once, so there is no waiting for a silence.
        turnUntil(() -> resolve(name, RecordType.A).code > 0);
    }

    private void checkZone() {
        assertEquals(List.of("192.0.2.1"), resolve("www.example.test", RecordType.A).addresses);
        assertEquals(List.of("2001:db8::1"),
                resolve("www.example.test.", RecordType.AAAA).addresses);
        assertEquals(2, resolve("www.example.test.", Resolver.ADDRESSES).code);
        Result srv = resolve("_http._tcp.example.test.", RecordType.SRV);
        assertTrue(srv.records.get(0).endsWith("SRV 1 2 80 www.example.test."), srv::toString);
        assertEquals(ReturnCode.DNS_NXDOMAIN, resolve("no.example.test.", RecordType.A).code);
        assertEquals(ReturnCode.DNS_NODATA, resolve("www.example.test.", RecordType.MX).code);
        Result txt = resolve("big.example.test.", RecordType.TXT);
        assertEquals(12, txt.code, txt::toString);
        assertEquals(0, word(ResolverMetrics.MALFORMED_OFFSET));
        assertEquals(0, word(ResolverMetrics.MISMATCHED_OFFSET));
    }

    private static String texts(String before, String after) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < 12; i++) {
            out.append(before).append("\"").append("t".repeat(150)).append(i).append("\"")
                    .append(after).append('\n');
        }
        return out.toString();
    }

    private void unbound(String settings) throws IOException {
        String data = "    local-data: '";
        start("unbound", """
                server:
                    %s
                    use-syslog: no
                    logfile: ""
                    username: ""
                    chroot: ""
                    directory: "%s"
                    pidfile: ""
                    do-daemonize: no
                    local-zone: "example.test." static
                """.formatted(settings.replace("\n", "\n    "), folder)
                + data + "example.test. 60 SOA ns.example.test. x.example.test. 1 2 3 4 30'\n"
                + data + "www.example.test. 60 A 192.0.2.1'\n"
                + data + "www.example.test. 60 AAAA 2001:db8::1'\n"
                + data + "_http._tcp.example.test. 60 SRV 1 2 80 www.example.test.'\n"
                + texts(data + "big.example.test. 60 TXT ", "'")
                + "remote-control:\n    control-enable: no\n", "-d");
    }

    @Test
    @Needs("unbound")
    void unbound() throws IOException {
        int port = Ports.free().port();
        unbound("interface: 127.0.0.1\nport: " + port);
        ask(port, "www.example.test");
        checkZone();
        assertTrue(word(ResolverMetrics.TRUNCATED_OFFSET) >= 1);
        assertTrue(word(ResolverMetrics.TCP_OFFSET) >= 1);
    }

    @Test
    @Needs({"unbound", "openssl"})
    void unboundOverTls() throws IOException {
        Certificates.make(folder, "good", "DNS:dns.example");
        int port = Ports.free().port();
        unbound("""
                interface: 127.0.0.1@%d
                tls-port: %d
                tls-service-pem: "%s/good.pem"
                tls-service-key: "%s/good.key\"""".formatted(port, port, folder, folder));
        TlsContext context = TlsContext.client(loop, Certificates.trust(folder, "good"));
        assertEquals(0, context.open());
        config.secure(ResolverConfig.Privacy.STRICT,
                new TlsConnector(context).host("dns.example"), port);
        ask(port, "www.example.test");
        checkZone();
        assertEquals(1, context.counter(TlsMetrics.DONE_OFFSET), "one connection for all");
        assertEquals(0, word(ResolverMetrics.UDP_OFFSET) + word(ResolverMetrics.TCP_OFFSET));
        assertEquals(word(ResolverMetrics.QUERIES_OFFSET), word(ResolverMetrics.SECURE_OFFSET));
    }

    @Test
    @Needs("knotd")
    void knot() throws IOException {
        int port = Ports.free().port();
        Files.writeString(folder.resolve("example.test.zone"), """
                $ORIGIN example.test.
                $TTL 60
                @ SOA ns x 1 2 3 4 30
                @ NS ns
                ns A 127.0.0.1
                www A 192.0.2.1
                www AAAA 2001:db8::1
                alias CNAME www
                _http._tcp SRV 1 2 80 www
                """ + texts("big TXT ", ""));
        start("knotd", """
                server:
                    rundir: "%s"
                    listen: 127.0.0.1@%d
                    udp-workers: 1
                    tcp-workers: 1
                    background-workers: 1
                log:
                  - target: stderr
                    any: warning
                database:
                    storage: "%s"
                mod-cookies:
                  - id: default
                    badcookie-slip: 1
                template:
                  - id: default
                    storage: "%s"
                    global-module: mod-cookies/default
                zone:
                  - domain: example.test
                    file: example.test.zone
                """.formatted(folder, port, folder, folder));
        ask(port, "www.example.test");
        checkZone();
        assertTrue(word(ResolverMetrics.TCP_OFFSET) >= 1);
        assertEquals(List.of("192.0.2.1"), resolve("alias.example.test", RecordType.A).addresses);
        assertTrue(word(ResolverMetrics.RETRIES_OFFSET) >= 1, "the first cookie was refused");
    }
}
