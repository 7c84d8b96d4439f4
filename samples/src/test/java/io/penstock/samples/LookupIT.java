package io.penstock.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.testing.Needs;
import io.penstock.samples.Shell.Result;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Master;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** lookup beside dig: the same servers asked, the same lines printed. */
class LookupIT {
    private static final String START = "answer -p $PORT all.zone & port $PORT;";
    private static final String TYPES = "DNSKEY RRSIG CDS OPENPGPKEY CERT TYPE65281 SMIMEA DHCID"
            + " IPSECKEY SVCB URI EUI48 EUI64 L64 NID LP RP AFSDB KX CSYNC ZONEMD NSEC NSEC3PARAM"
            + " SPF LOC CAA MINFO X25 ISDN RT PX HIP";

    private final Shell shell = new Shell();

    @BeforeEach
    void zone() {
        shell.write("all.zone", resource("example.zone") + resource("types.zone"));
    }

    @AfterEach
    void close() {
        shell.close();
    }

    static String resource(String name) {
        try (var in = LookupIT.class.getResourceAsStream("/dns/" + name)) {
            assertNotNull(in);
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static byte[] question(String name) throws IOException {
        return Message.newQuery(Record.newRecord(new Name(name), Type.A, DClass.IN)).toWire();
    }

    /** What differs from run to run, and the programs' names. */
    private static String masked(String text) {
        return text.replaceAll("(?m)^(; <<>>).*<<>>", "$1")
                .replaceAll("id: \\d+", "id").replaceAll("Query time: \\d+", "Query time")
                .replaceAll("WHEN: .*", "WHEN").replaceAll("in \\d+ (ms|us)", "in $1")
                .replaceAll("_time: .*", "_time")
                .replaceAll("COOKIE: [0-9a-f]+", "COOKIE").replaceAll("(?m)^dig: ", "lookup: ")
                .replaceAll("(?m)^Usage: +\\w+ ", "Usage: ").replaceAll("(?m)^Use \".*", "");
    }

    /** Runs dig and lookup with each line's arguments, and compares all that they say. */
    private void assertSame(List<String> commands) {
        assertSame(START, commands);
    }

    private void assertSame(String before, List<String> commands) {
        String script = "one() { eval \"$1 $3\" >$1.$2.out 2>$1.$2.err; echo $? >$1.$2.rc; };"
                + "run() { one dig $1 \"$2\" & local p=$!; one lookup $1 \"$2\"; wait $p; };";
        StringBuilder calls = new StringBuilder(script).append(before);
        for (int i = 0; i < commands.size(); i++) {
            calls.append("\nrun ").append(i).append(" '").append(commands.get(i)).append('\'');
        }
        Result result = shell.run(calls.toString());
        assertEquals(0, result.status(), result.toString());
        for (int i = 0; i < commands.size(); i++) {
            for (String part : List.of(".out", ".err", ".rc")) {
                assertEquals(masked(shell.read("dig." + i + part)),
                        masked(shell.read("lookup." + i + part)), commands.get(i) + " " + part);
            }
        }
    }

    @Test
    @Needs("dig")
    void printsEveryTypeAsDigDoes() {
        List<String> commands = new ArrayList<>();
        for (String type : TYPES.split(" ")) {
            commands.add("@127.0.0.1 -p $PORT key.example.test " + type + " +nostats");
        }
        for (String type : "DNSKEY RRSIG CDS OPENPGPKEY CERT SMIMEA IPSECKEY ZONEMD NSEC SVCB"
                .split(" ")) {
            commands.add("@127.0.0.1 -p $PORT key.example.test " + type + " +nostats +multiline");
        }
        commands.add("@127.0.0.1 -p $PORT key.example.test DNSKEY +nostats +rrcomments");
        commands.add("@127.0.0.1 -p $PORT key.example.test DNSKEY +noall +answer +mu +nocrypto");
        commands.add("@127.0.0.1 -p $PORT key.example.test RRSIG +noall +answer +mu +nocrypto");
        commands.add("@127.0.0.1 -p $PORT +short +nocrypto" + TYPES.replaceAll(
                "(^| )([A-Z0-9]+)", " -q key.example.test -t $2"));
        assertSame(commands);
    }

    @Test
    @Needs("dig")
    void asksAndPrintsAsDigDoes() {
        assertSame(resource("dig-commands").lines().filter(line -> !line.isBlank()).toList());
    }

    /** What is no answer, or a strange one; and who waits for one that does not come. */
    @Test
    @Needs("dig")
    void believesAsDigDoes() throws IOException {
        try (Liar liar = new Liar(resource("liar"))) {
            String at = "@127.0.0.1 -p " + liar.port() + " ";
            assertSame("", resource("liar-commands").lines().map(line -> at + line).toList());
        }
    }

    private static final String ROOT = """
            . 3600 SOA a.root. x. 1 2 3 4 30
            . 3600 NS a.root.
            a.root. 3600 A 127.0.0.11
            test. 3600 NS ns.test.
            ns.test. 3600 A 127.0.0.12
            """;
    private static final String TEST = """
            test. 3600 SOA ns.test. x. 1 2 3 4 30
            test. 3600 NS ns.test.
            ns.test. 3600 A 127.0.0.12
            example.test. 3600 NS ns.example.test.
            ns.example.test. 3600 A 127.0.0.13
            """;
    private static final String EXAMPLE = """
            example.test. 3600 SOA ns x 7 2 3 4 30
            example.test. 3600 NS ns.example.test.
            ns.example.test. 3600 A 127.0.0.13
            www.example.test. 60 A 192.0.2.1
            """;

    private Result fromTheRoot(String arguments) {
        shell.write("root.zone", ROOT);
        shell.write("test.zone", TEST);
        shell.write("example.zone", EXAMPLE);
        return shell.run("answer -a 127.0.0.11 -p $PORT -o . root.zone &"
                + " answer -a 127.0.0.12 -p $PORT -o test. test.zone &"
                + " answer -a 127.0.0.13 -p $PORT -o example.test. example.zone &"
                + " for i in {1..400}; do [ $(grep -c \":$(printf %04X $PORT) 0\" /proc/net/udp)"
                + " = 3 ] && break; sleep 0.02; done; lookup -p $PORT " + arguments);
    }

    @Test
    void tracesFromTheRoot() {
        Result result = fromTheRoot("@127.0.0.11 www.example.test +trace");
        assertEquals(0, result.status(), result.toString());
        String said = result.out().replaceAll("\\d+ bytes", "N bytes")
                .replaceAll("in \\d+ ms", "in N ms").replace("#" + shell.port, "#PORT")
                .lines().skip(3).collect(Collectors.joining("\n"));
        assertEquals("""
                ;; global options: +cmd
                .\t\t\t3600\tIN\tNS\ta.root.
                ;; Received N bytes from 127.0.0.11#PORT(127.0.0.11) in N ms

                test.\t\t\t3600\tIN\tNS\tns.test.
                ;; Received N bytes from 127.0.0.11#PORT(a.root) in N ms

                example.test.\t\t3600\tIN\tNS\tns.example.test.
                ;; Received N bytes from 127.0.0.12#PORT(ns.test) in N ms

                www.example.test.\t60\tIN\tA\t192.0.2.1
                ;; Received N bytes from 127.0.0.13#PORT(ns.example.test) in N ms
                """, said.stripTrailing() + "\n");
    }

    @Test
    void asksAllServersOfAZone() {
        Result result = fromTheRoot("@127.0.0.13 www.example.test +nssearch");
        assertEquals("SOA ns.example.test. x.example.test. 7 2 3 4 30 from server 127.0.0.13 in"
                + " N ms.\n", result.out().replaceAll("in \\d+ ms", "in N ms"), result.toString());
        assertEquals(0, result.status());
    }

    private static final String KNOT = """
            server:
                rundir: "FOLDER"
                listen: [ 127.0.0.1@PORT ]
                nsid: "penstock"
            mod-cookies:
              - id: default
            database:
                storage: "FOLDER"
            acl:
              - id: anybody
                action: transfer
            template:
              - id: default
                storage: "FOLDER"
                acl: anybody
                journal-content: none
                global-module: mod-cookies/default
            zone:
              - domain: example.test
                file: "example.zone"
            """;

    /** A transfer of many messages, to the last of which it goes on. */
    @Test
    @Needs({"dig", "knotd"})
    void transfersALargeZoneAsDigDoes() {
        StringBuilder zone = new StringBuilder("@ 60 SOA ns x 1 2 3 4 5\n@ 60 NS ns\n");
        for (int i = 0; i < 4000; i++) {
            zone.append("a-rather-long-name-").append(i).append(" 60 TXT ")
                    .append("x".repeat(60)).append('\n');
        }
        shell.write("example.zone", zone.toString());
        shell.write("knot.conf", KNOT.replace("FOLDER", shell.folder.toString())
                .replace("PORT", "" + shell.port));
        Result result = shell.run("knotd -c knot.conf >knot.log 2>&1 & port $PORT;"
                + " for tool in dig lookup; do $tool @127.0.0.1 -p $PORT example.test AXFR >$tool;"
                + " echo $?; done");
        assertEquals("0\n0\n", result.out(), result.toString());
        assertEquals(masked(shell.read("dig")), masked(shell.read("lookup")));
        assertTrue(shell.read("lookup").contains("XFR size: 4003 records (messages "));
    }

    @Test
    @Needs("dig")
    void readsAndPrintsNamesOfOtherScriptsAsDigDoes() {
        shell.write("all.zone", resource("example.zone") + """
                xn--mller-kva 60 A 192.0.2.7
                xn--mller-kva 60 MX 1 xn--wgv71a119e
                xn--fa-hia 60 CNAME xn--mller-kva
                """);
        assertSame(List.of("@127.0.0.1 -p $PORT +idnin m\u00fcller.example.test",
                "@127.0.0.1 -p $PORT +idnin fa\u00df.example.test +idnout",
                "@127.0.0.1 -p $PORT +idnout xn--mller-kva.example.test MX +nostats",
                "@127.0.0.1 -p $PORT +idnout +idnin M\u00dcLLER.example.test MX +short"));
        Result result = shell.run(START + "lookup @127.0.0.1 -p $PORT +idnin '\u0661a.test'");
        assertEquals(1, result.status());
        assertTrue(result.err().contains("is not a legal IDNA2008 name"), result.toString());
    }

    @Test
    @Needs("dig")
    void asksABatchAsDigDoes() {
        shell.write("batch", "# a comment\n; another\n\nwww.example.test +nostats\r\n"
                + "asked too\nmail.example.test +short\n");
        assertSame(List.of("-f batch @127.0.0.1 -p $PORT", "@127.0.0.1 -p $PORT -f batch +nocmd",
                "@127.0.0.1 -p $PORT -f batch +qr",
                "-f batch @127.0.0.1 -p $PORT alias.example.test +short"));
    }

    @Test
    @Needs({"dig", "knotd"})
    void asksKnotAsDigDoes() {
        int other = Shell.freePort();
        shell.write("example.zone", resource("example.zone"));
        shell.write("knot.conf", KNOT.replace("FOLDER", shell.folder.toString())
                .replace("PORT", "" + other));
        String at = "@127.0.0.1 -p " + other + " ";
        String script = "knotd -c knot.conf >knot.log 2>&1 & port " + other
                + " || { cat knot.log; exit 1; };";
        List<String> commands = List.of(at + "www.example.test +qr", at + "example.test MX +nsid",
                at + "www.example.test +expire +tcp +dnssec", at + "-x 192.0.2.1",
                at + "www.example.test +yaml +nsid +subnet=192.0.2.0/24 +expire +qr +dnssec",
                at + "nope.example.test +multiline", at + "example.test AXFR",
                at + "example.test AXFR +short", at + "www.example.test AXFR",
                at + "example.test AXFR +nocmd +nostats +multiline",
                at + "+short alias.example.test +identify");
        for (String command : commands) {
            shell.run(script + "dig " + command + " >dig; lookup " + command
                    + " >lookup; kill $!; wait");
            assertEquals(masked(shell.read("dig")), masked(shell.read("lookup")), command);
            assertTrue(shell.read("lookup").contains("192.0.2.")
                    || shell.read("lookup").contains("Transfer failed")
                    || shell.read("lookup").contains("status:"), command);
        }
        Result result = shell.run(script + "lookup " + at + "www.example.test");
        assertTrue(result.out().contains("(good)"), result.toString());
    }

    private static final String UNBOUND = """
            server:
                interface: 127.0.0.1@PORT
                tls-port: PORT
                tls-service-pem: "good.pem"
                tls-service-key: "good.key"
                use-syslog: no
                logfile: ""
                username: ""
                chroot: ""
                directory: "FOLDER"
                pidfile: ""
                do-daemonize: no
                local-zone: "example.test." static
                local-data: 'example.test. 60 SOA ns.example.test. x.example.test. 1 2 3 4 30'
                local-data: 'www.example.test. 60 A 192.0.2.1'
            remote-control:
                control-enable: no
            """;

    /** Unbound over TLS, with a certificate for a name and an address. */
    private String startUnbound(int port) {
        shell.write("unbound.conf", UNBOUND.replace("PORT", "" + port)
                .replace("FOLDER", shell.folder.toString()));
        return "for name in good bad; do openssl req -x509 -newkey ec -nodes -days 9"
                + " -pkeyopt ec_paramgen_curve:P-256 -keyout $name.key -out $name.pem -subj /CN=x"
                + " -addext subjectAltName=DNS:dns.example,IP:127.0.0.1 2>/dev/null; done;"
                + " unbound -d -c unbound.conf >log 2>&1 & port " + port + ";";
    }

    @Test
    @Needs({"dig", "unbound", "openssl"})
    void asksOverTlsAsDigDoes() {
        int port = Shell.freePort();
        String at = "@127.0.0.1 -p " + port + " www.example.test +tls ";
        List<String> options = List.of("+qr", "+padding=128 +qr", "+tls-ca=good.pem",
                "+tls-ca=good.pem +tls-hostname=dns.example +short +identify",
                "+tls-ca=good.pem +tls-hostname=other.example", "+tls-ca=bad.pem", "+tls-ca",
                "nope.example.test MX", "+notls-ca +nocookie +nostats");
        StringBuilder script = new StringBuilder(startUnbound(port));
        for (int i = 0; i < options.size(); i++) {
            for (String tool : List.of("dig", "lookup")) {
                script.append(' ').append(tool).append(' ').append(at).append(options.get(i))
                        .append(" >").append(tool).append(i).append(" 2>&1; echo $?;");
            }
        }
        Result result = shell.run(script.toString());
        for (int i = 0; i < options.size(); i++) {
            String said = shell.read("lookup" + i);
            assertEquals(masked(shell.read("dig" + i)), masked(said), options.get(i));
        }
        List<String> statuses = result.out().lines().toList();
        for (int i = 0; i < options.size(); i++) {
            boolean isRefused = shell.read("lookup" + i).contains("failed:");
            assertEquals(isRefused ? "9" : "0", statuses.get(2 * i + 1), options.get(i));
            assertEquals(i >= 4 && i <= 6, isRefused);
        }
    }

    @Test
    void whoHasNoTlsGetsNoQuestionInTheClear() {
        Result result = shell.run("answer -v -p $PORT all.zone 2>log & port $PORT;"
                + " lookup @127.0.0.1 -p $PORT www.example.test +tls +tries=1 +time=1");
        assertEquals(9, result.status(), result.toString());
        assertTrue(result.out().contains("no servers could be reached"), result.toString());
        assertEquals(9, shell.run("lookup @127.0.0.1 -p $PORT x +tls +tls-ca=/nowhere").status());
        assertEquals(9, shell.run("lookup @127.0.0.1 -p $PORT x +tls +tls-keyfile=x").status());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "0  | @127.0.0.1 -p $PORT nope.example.test",
        "0  | @127.0.0.1#$PORT www.example.test",
        "0  | --help",
        "0  | --version",
        "1  | @127.0.0.1 -p $PORT www.example.test +nonsense",
        "1  | @127.0.0.1 -p $PORT www.example.test +https",
        "1  | @127.0.0.1 -p $PORT -y key www.example.test",
        "8  | -f /nowhere",
        "9  | @127.0.0.1 -p 1 www.example.test +tries=1 +time=1",
        "10 | @127.0.0.1 -p $PORT a..b",
    })
    void endsAsDigDoes(int status, String arguments) {
        Result result = shell.run(START + "lookup " + arguments);
        assertEquals(status, result.status(), result.toString());
    }

    /** Each record of the zone as dnsjava writes it. */
    @Test
    void encodesAsDnsjavaDoes() throws IOException {
        List<Record> records = new ArrayList<>();
        try (Master master = new Master(new java.io.ByteArrayInputStream(
                resource("example.zone").getBytes(StandardCharsets.UTF_8)))) {
            for (Record r = master.nextRecord(); r != null; r = master.nextRecord()) {
                records.add(r);
            }
        }
        shell.write("records", records.stream().map(r -> r + "\n").collect(Collectors.joining()));
        Result result = shell.run("lookup encode <records");
        assertEquals(0, result.status(), result.toString());
        List<String> lines = result.out().lines().toList();
        assertEquals(records.size(), lines.size());
        for (int i = 0; i < records.size(); i++) {
            assertEquals(HexFormat.of().formatHex(records.get(i).toWire(Section.ANSWER)),
                    lines.get(i), records.get(i).toString());
        }
    }

    @Test
    void encodeSaysWhere() {
        Result result = shell.run("printf 'a. 60 IN A 1.2.3.4\\na. 60 IN A 1.2.3\\n"
                + "a..b. 60 A 1.2.3.4\\na. 60 FOO x\\n' | lookup encode");
        List<String> lines = result.out().lines().toList();
        assertEquals("0161000001000100000" + "03c000401020304", lines.get(0));
        assertTrue(lines.get(1).matches("error -\\d+ \\(.*\\) at 12"), lines.get(1));
        assertTrue(lines.get(2).matches("error -\\d+ \\(.*\\) at 1"), lines.get(2));
        assertTrue(lines.get(3).matches("error -\\d+ \\(.*\\) at 7"), lines.get(3));
        assertEquals(4, lines.size());
    }

    @Test
    void decodesWhatDnsjavaMade() throws IOException {
        Message message = new Message(question("www.example.test."));
        message.getHeader().setID(4711);
        message.addRecord(Record.fromString(new Name("www.example.test."), Type.A, DClass.IN, 60,
                "192.0.2.1", Name.root), Section.ANSWER);
        message.addRecord(Record.fromString(new Name("example.test."), Type.MX, DClass.IN, 60,
                "10 mail.example.test.", Name.root), Section.AUTHORITY);
        byte[] loop = message.toWire();
        loop[12] = (byte) 0xc0;
        loop[13] = 12;
        shell.write("packets", HexFormat.of().formatHex(message.toWire()) + "\n"
                + HexFormat.of().formatHex(loop) + "\n0011\nxyz\n");
        Result result = shell.run("lookup decode <packets");
        assertEquals(0, result.status(), result.toString());
        List<String> lines = result.out().lines().toList();
        assertEquals(";; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 4711", lines.get(0));
        assertTrue(lines.contains("www.example.test.\t60\tIN\tA\t192.0.2.1"), result.out());
        assertTrue(lines.contains("example.test.\t\t60\tIN\tMX\t10 mail.example.test."),
                result.out());
        List<String> errors = lines.stream().filter(line -> line.startsWith("error ")).toList();
        assertEquals(3, errors.size(), result.out());
        assertTrue(errors.get(0).endsWith(" at 12"), errors.get(0));
        assertTrue(errors.get(1).endsWith(" at 0"), errors.get(1));
    }
}
