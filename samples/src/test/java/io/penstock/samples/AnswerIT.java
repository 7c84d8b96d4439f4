package io.penstock.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.testing.Needs;
import io.penstock.samples.Shell.Result;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** answer, asked by dig, and beside knotd serving the same zone. */
@Needs("dig")
class AnswerIT {
    private static final String NAMES = """
            @ www WWW mail MixedCase mixedcase nope a.nope alias alias2 out dangling loop1 loop2
            tocut todname towild x.wild y.x.wild mail.wild sub.mail.wild wild *.wild x.wc *.wc ent
            c.ent b.c.ent a.b.c.ent x.b.c.ent z.ent sub ns.sub host.sub x.y.sub sub2 ns1.sub2 old
            x.old host.old www.old a.b.old oldout z.oldout new chain.new www.new big huge
            _sip._tcp _tcp ptr unknown loc naptr hinfo tlsa sshfp other.test. .""";
    private static final String TYPES =
            "A AAAA NS MX TXT CNAME DNAME SOA DS ANY HTTPS SRV TYPE65280";
    private static final String START = "answer -p $PORT example.zone & port $PORT;";

    private final Shell shell = new Shell();

    @BeforeEach
    void writeZone() {
        shell.write("example.zone", LookupIT.resource("example.zone"));
    }

    @AfterEach
    void close() {
        shell.close();
    }

    private static List<String> questions() {
        List<String> all = new ArrayList<>();
        for (String name : NAMES.split("\\s+")) {
            String full = name.equals("@") ? "example.test." : name.endsWith(".") ? name
                    : name + ".example.test.";
            for (String type : TYPES.split(" ")) {
                all.add(" -q " + full + " -t " + type);
            }
        }
        return all;
    }

    /** Each message's status, flags and records; the records of a section sorted. */
    private static List<String> messages(String printed) {
        return Arrays.stream(printed.split("(?=;; ->>HEADER)")).skip(1)
                .map(message -> Arrays.stream(message.split("(?=;; [A-Z]+ (?:SECTION|PSEUDO))"))
                        .map(section -> section.lines().sorted().filter(line -> !line.isEmpty())
                                .filter(line -> !line.startsWith("; EDE"))
                                .filter(line -> !line.startsWith(";; Got"))
                                .map(line -> line.replaceAll("id: \\d+", "id")
                                        .replaceAll(", ADDITIONAL: \\d+", ""))
                                .collect(Collectors.joining("\n")))
                        .filter(section -> !section.contains("ADDITIONAL SECTION"))
                        .collect(Collectors.joining("\n")))
                .toList();
    }

    @Test
    @Needs("knotd")
    void answersAsKnotDoes() {
        int other = Shell.freePort();
        shell.write("knot.conf", """
                server:
                    rundir: "FOLDER"
                    listen: [ 127.0.0.1@PORT ]
                database:
                    storage: "FOLDER"
                template:
                  - id: default
                    storage: "FOLDER"
                    journal-content: none
                zone:
                  - domain: example.test
                    file: "example.zone"
                """.replace("FOLDER", shell.folder.toString()).replace("PORT", "" + other));
        List<String> questions = new ArrayList<>();
        for (String how : List.of("", "+noedns", "+tcp", "+bufsize=512")) {
            questions().forEach(q -> questions.add("+norec +ignore +nocmd +nostats " + how + q));
        }
        shell.write("questions", String.join("\n", questions) + "\n");
        Result result = shell.run("knotd -c knot.conf >knot.log 2>&1 & port " + other + ";" + START
                + "dig @127.0.0.1 -p " + other + " +nocookie -f questions >knot;"
                + "dig @127.0.0.1 -p $PORT +nocookie -f questions >answer");
        assertEquals(0, result.status(), result.toString());
        List<String> theirs = messages(shell.read("knot"));
        List<String> ours = messages(shell.read("answer"));
        assertEquals(questions.size(), theirs.size(), "answers of knotd " + shell.read("knot.log"));
        assertEquals(questions.size(), ours.size(), "answers");
        for (int i = 0; i < questions.size(); i++) {
            assertEquals(theirs.get(i), ours.get(i), questions.get(i));
        }
    }

    private String dig(String arguments) {
        Result result = shell.run(START + "dig @127.0.0.1 -p $PORT +nocmd +nostats " + arguments);
        assertEquals(0, result.status(), result.toString());
        return result.out();
    }

    @Test
    void refusesWhatIsNotItsOwn() {
        assertTrue(dig("other.test").contains("status: REFUSED"));
        assertTrue(dig("www.example.test CH TXT").contains("status: REFUSED"));
        assertTrue(dig("example.test SOA +opcode=9").contains("status: NOTIMP"));
        assertTrue(dig("example.test +header-only").contains("status: FORMERR"));
        assertTrue(dig("example.test +edns=1 +noednsneg").contains("status: BADVERS"));
    }

    @Test
    void aReferralHasItsGlue() {
        String out = dig("host.sub.example.test");
        assertTrue(out.contains("flags: qr rd;"), out);
        assertTrue(out.contains("ns.sub.example.test.\t3600\tIN\tA\t192.0.2.60"), out);
        assertTrue(out.contains("ns1.sub2.example.test.\t3600\tIN\tA\t192.0.2.62"), out);
    }

    @Test
    void whatIsTruncatedComesOverTcp() {
        String out = dig("huge.example.test TXT");
        assertTrue(out.contains("Truncated, retrying in TCP mode."), out);
        assertTrue(out.contains("ANSWER: 7"), out);
    }

    /** Two questions in pieces, and half of a third. */
    @Test
    void questionsOverTcpMayComeInPieces() throws Exception {
        Process process = new ProcessBuilder("bin/answer", "-p", "" + shell.port,
                shell.folder.resolve("example.zone").toString()).start();
        try (Socket socket = connect(process)) {
            byte[] one = LookupIT.question("www.example.test.");
            byte[] frame = new byte[2 * (one.length + 2) + 5];
            for (int i = 0; i < 2; i++) {
                frame[i * (one.length + 2) + 1] = (byte) one.length;
                System.arraycopy(one, 0, frame, i * (one.length + 2) + 2, one.length);
            }
            socket.setTcpNoDelay(true);
            for (int i = 0; i < frame.length - 4; i++) {
                socket.getOutputStream().write(frame, i, 1);
            }
            DataInputStream in = new DataInputStream(socket.getInputStream());
            for (int i = 0; i < 2; i++) {
                byte[] answer = new byte[in.readUnsignedShort()];
                in.readFully(answer);
                assertEquals(2, answer[7]);
            }
            socket.shutdownOutput();
            assertEquals(-1, in.read());
        } finally {
            process.destroy();
            assertEquals(143, process.waitFor());
        }
    }

    private Socket connect(Process process) throws Exception {
        for (int i = 0; process.isAlive() && i < 500; i++) {
            try {
                return new Socket("127.0.0.1", shell.port);
            } catch (IOException e) {
                Thread.sleep(20);
            }
        }
        throw new AssertionError(new String(process.getErrorStream().readAllBytes(),
                StandardCharsets.UTF_8));
    }

    @Test
    void saysWhatIsWrongWithAZone() {
        shell.write("bad.zone", "$TTL 60\n@ SOA . . 1 2 3 4 5\n  A 1.2.3.400\n");
        Result result = shell.run("answer -o t -p $PORT bad.zone");
        assertEquals(1, result.status());
        assertTrue(result.err().startsWith("answer: bad.zone:3:5: "), result.err());
        String zone = "$TTL 60\n@ SOA . . 1 2 3 4 5\n";
        assertEquals("3:1: a record outside the zone: x.", wrong(zone + "x. A 1.2.3.4\n"));
        assertEquals("3:1: not of class IN", wrong(zone + "x CH A 1.2.3.4\n"));
        assertEquals("4:1: x.t. has an alias, and something else",
                wrong(zone + "x CNAME y\nx A 1.2.3.4\n"));
        assertEquals("5:1: x.t. has an alias, and something else",
                wrong(zone + "x CNAME y\nX 70 CNAME y\nx CNAME z\n"));
        assertEquals("3:1: t. has an alias, and something else", wrong(zone + "@ CNAME x\n"));
        assertEquals(" no SOA record", wrong("a 60 A 1.2.3.4\n"));
        assertEquals(1, shell.run("answer nothing.zone").status());
        assertEquals(2, shell.run("answer").status());
        assertEquals(2, shell.run("answer -p x example.zone").status());
    }

    private String wrong(String zone) {
        shell.write("bad.zone", zone);
        Result result = shell.run("answer -o t -p $PORT bad.zone");
        assertEquals(1, result.status());
        return result.err().strip().replace("answer: bad.zone:", "");
    }

    @Test
    void tellsAndChecksItsConnections() {
        Result result = shell.run("answer --stats --check -p $PORT example.zone & port $PORT;"
                + "dig @127.0.0.1 -p $PORT +tcp +short www.example.test; kill $!; wait $!");
        assertEquals("192.0.2.80\n192.0.2.81\n", result.out());
        assertTrue(result.err().contains("\"writes\":1"), result.err());
        assertEquals(143, result.status());
    }
}
