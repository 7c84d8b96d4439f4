package io.penstock.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.testing.Needs;
import io.penstock.samples.Shell.Result;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code netcat -c} against the openssl program and itself, as client and as server. */
@Needs("openssl")
class NetcatTlsIT {
    // A root, and what it signed: for localhost, for another name, for a client.
    private static final String PKI = """
            key() { openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out $1; }
            root() {
              key $1.key
              openssl req -x509 -key $1.key -out $1.pem -subj /CN=$1 -days 3
            }
            signed() {
              key $1.key
              openssl req -new -key $1.key -out $1.csr -subj /CN=$1
              echo subjectAltName=DNS:$2 >$1.ext
              openssl x509 -req -in $1.csr -CA root.pem -CAkey root.key -CAcreateserial \\
                -extfile $1.ext -days 3 -out $1.pem 2>>openssl.log
            }
            { root root; root stranger; signed server localhost; signed other other.example
              signed client client; } 2>>openssl.log
            """;
    private static final String DATA =
            "head -c 3000000 /dev/urandom >there; head -c 2000000 /dev/urandom >back;";
    private static final String COMPARE = "wait; cmp there there.got && cmp back back.got";
    // The openssl program ends with its input or its peer's: its input ends when all has come.
    private static final String HOLD = """
            got() { for i in {1..500}; do [ $(wc -c <$1) = $2 ] && return; sleep 0.02; done; }
            touch there.got back.got
            """;

    @AutoClose
    private final Shell shell = new Shell();

    @BeforeEach
    void certificates() {
        assertEquals(0, shell.run(PKI).status(), shell.read("stderr"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "TCP       | 127.0.0.1 $PORT | -R root.pem localhost $PORT            | ",
        "Unix      | -U s            | -R root.pem -e localhost -U s          | ",
        "a folder  | 127.0.0.1 $PORT | -R roots localhost $PORT               | ",
        "TLS 1.2   | 127.0.0.1 $PORT | -R root.pem -T protocols=tlsv1.2 localhost $PORT | ",
        "ChaCha20  | 127.0.0.1 $PORT | -R root.pem -T ciphers=TLS_CHACHA20_POLY1305_SHA256"
                + " localhost $PORT   | ",
        "no name   | 127.0.0.1 $PORT | -R root.pem -T noname 127.0.0.1 $PORT  | ",
        "anybody   | 127.0.0.1 $PORT | -T noverify 127.0.0.1 $PORT            | ",
        "certified | 127.0.0.1 $PORT | -R root.pem -C client.pem -K client.key localhost $PORT"
                + " | -R root.pem -T clientcert,protocols=tlsv1.3",
    })
    void itself(String name, String at, String client, String server) {
        String ready = name.startsWith("Unix") ? "bound s;" : "port $PORT;";
        shell.assertWorks(DATA + "mkdir roots; cp root.pem roots;"
                + "{ netcat -N -l -c -C server.pem -K server.key --check "
                + (server == null ? "" : server) + " " + at
                + " <back >there.got || echo status $?; } &" + ready
                + "netcat -c -N --check " + client + " <there >back.got || echo status $?;"
                + COMPARE);
    }

    @ParameterizedTest
    @CsvSource({"tls1_2", "tls1_3"})
    void asClientOfOpenssl(String version) {
        shell.assertWorks(DATA + HOLD + """
                { cat back; got there.got 3000000; } |
                  openssl s_server -quiet -VERSION -accept $PORT -naccept 1 -cert server.pem \\
                    -key server.key >there.got 2>>openssl.log &
                port $PORT
                { cat there; got back.got 2000000; } |
                  netcat -c -N --check -R root.pem localhost $PORT >back.got || echo status $?
                """.replace("VERSION", version) + COMPARE);
    }

    @ParameterizedTest
    @CsvSource({"tls1_2", "tls1_3"})
    void asServerOfOpenssl(String version) {
        shell.assertWorks(DATA + HOLD + """
                { cat back; got there.got 3000000; } | {
                  netcat -N -l -c -C server.pem -K server.key --check 127.0.0.1 $PORT \\
                    >there.got || echo status $?; } &
                port $PORT
                openssl s_client -quiet -VERSION -verify_return_error \\
                  -CAfile root.pem -servername localhost -connect 127.0.0.1:$PORT \\
                  <there >back.got 2>>openssl.log
                """.replace("VERSION", version) + COMPARE);
    }

    /** Who is not whom the other side expects is refused by name, and both sides tell. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "-R stranger.pem               | server |  | TLS_CERTIFICATE_UNTRUSTED | TLS_ALERT",
        "-R root.pem                   | other  |  | TLS_WRONG_HOST            | TLS_ALERT",
        "-R root.pem -e other.example  | server |  | TLS_WRONG_HOST            | TLS_ALERT",
        "-R root.pem                   | server | -R root.pem -T clientcert,protocols=tlsv1.2"
                + " | TLS_ALERT | TLS_CERTIFICATE_MISSING",
        "-R root.pem -T protocols=tlsv1.2 | server | -T protocols=tlsv1.3 | TLS_ALERT"
                + " | TLS_NO_SHARED_PROTOCOL",
        // The server is done by then: it hears of a cut, or of a reset by its unread tickets.
        "-R root.pem -T muststaple     | server |  | TLS_STAPLE_MISSING        | ''",
    })
    void refusals(String client, String certificate, String server, String told, String heard) {
        Result result = shell.run("""
                netcat -N -l -c -C CERT.pem -K CERT.key SERVER 127.0.0.1 $PORT </dev/null \\
                  2>heard &
                port $PORT
                echo secret | netcat -c -N CLIENT localhost $PORT 2>told; echo $?
                wait $!; echo $?
                """.replace("CERT", certificate).replace("SERVER", server == null ? "" : server)
                .replace("CLIENT", client));
        assertEquals("1\n1\n", result.out(), result.err());
        assertTrue(shell.read("told").contains(": " + told + ": "), shell.read("told"));
        assertTrue(shell.read("heard").contains(": " + heard), shell.read("heard"));
    }

    @Test
    @Needs("nc")
    void whoSpeaksNoTlsIsToldAsSuch() {
        Result result = shell.run("""
                echo hello | nc -N -l 127.0.0.1 $PORT >/dev/null & port $PORT
                netcat -c -N -R root.pem localhost $PORT </dev/null; echo $?
                """);
        assertEquals("1\n", result.out());
        assertTrue(result.err().contains("TLS_NOT_TLS"), result.err());
    }

    /** The plain end of the connection is not the end of what was said. */
    @Test
    void aCutIsAFailure() {
        Result result = shell.run("""
                mkfifo f; exec 3<>f
                openssl s_server -quiet -accept $PORT -cert server.pem -key server.key <f \\
                  >got 2>>openssl.log & server=$!
                port $PORT
                echo hello | netcat -c -R root.pem localhost $PORT & client=$!
                grows got; kill -9 $server; wait $client; echo $?
                """);
        assertEquals("1\n", result.out(), result.err());
        assertTrue(result.err().contains("TLS_TRUNCATED"), result.err());
    }

    /** One bad peer after another, and the good ones are served all the same. */
    @Test
    @Needs("nc")
    void keepsListening() {
        Result result = shell.run("""
                set -m
                netcat -k -l -c -C server.pem -K server.key 127.0.0.1 $PORT </dev/null >got \\
                  2>told & listener=$!
                port $PORT
                for i in 1 2 3; do
                  echo message $i | netcat -c -N -R root.pem localhost $PORT
                  echo lost | netcat -c -N -R stranger.pem localhost $PORT 2>/dev/null
                  echo lost | nc -N 127.0.0.1 $PORT >/dev/null
                done
                for i in {1..200}; do grep -q 3 got && break; sleep 0.02; done
                kill -INT $listener; wait $listener; echo $?; cat got
                """);
        assertEquals("130\nmessage 1\nmessage 2\nmessage 3\n", result.out(), result.err());
        assertEquals(3, shell.read("told").split("TLS_ALERT", -1).length - 1, shell.read("told"));
        assertEquals(3, shell.read("told").split("TLS_NOT_TLS", -1).length - 1,
                shell.read("told"));
    }

    @Test
    void saysWhatWasAgreed() {
        Result result = shell.run("""
                netcat -N -l -c -C server.pem -K server.key 127.0.0.1 $PORT </dev/null & port $PORT
                netcat -c -N -v -R root.pem --stats localhost $PORT </dev/null
                """);
        assertTrue(result.err().contains("TLSv1.3 TLS_"), result.err());
        assertTrue(result.err().contains(" with host localhost\n"), result.err());
        for (String name : List.of("stdin", "socket", "tls", "stdout")) {
            assertTrue(result.err().contains("{\"name\":\"" + name + "\""), result.err());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "-R root.pem localhost 1            | -R needs -c",
        "-T noname localhost 1              | -T needs -c",
        "-c -u localhost 1                  | -c excludes -u and -z",
        "-c -l 1                            | -l -c needs -C and -K",
        "-c -C server.pem localhost 1       | -C and -K need each other",
        "-c -T lowdelay localhost 1         | -T: lowdelay is not known",
        "-c -T protocols=sslv3 localhost 1  | -T: protocols=sslv3 is not known",
        "-c -T clientcert localhost 1       | -T clientcert needs -l",
        "-c -o staple.der localhost 1       | -o needs -l",
    })
    void wrongUse(String options, String message) {
        Result result = shell.run("netcat " + options);
        assertEquals(2, result.status());
        assertEquals("netcat: " + message + "\nTry 'netcat --help'.\n", result.err());
    }

    /** No name turns the check of the name off. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "''                       | TLS_HOST_MISSING", "'*.example'     | TLS_HOST_INVALID",
        ".test                    | TLS_HOST_INVALID", "localhost:443   | TLS_HOST_INVALID",
        "b\u00fccher.example      | BAD_NAME",
    })
    void whatIsNoNameIsRefused(String name, String code) {
        Result result = shell.run("""
                netcat -N -l -c -C server.pem -K server.key 127.0.0.1 $PORT </dev/null & port $PORT
                netcat -c -N -R root.pem -e NAME localhost $PORT </dev/null; echo $?; kill %1
                """.replace("NAME", name));
        assertTrue(result.err().contains("netcat: -c: " + code), result.err());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "-C missing.pem -K server.key  | TLS_CERTIFICATE_UNREADABLE",
        "-C server.pem -K other.key    | TLS_KEY_MISMATCH",
        "-C server.pem -K server.key -o root.pem | TLS_STAPLE_BAD",
        "-C server.pem -K server.key -T ciphers=ROT13 | TLS_BAD_SETTING",
    })
    void whatCannotBeUsed(String options, String code) {
        Result result = shell.run("netcat -l -c " + options + " 127.0.0.1 $PORT");
        assertEquals(1, result.status());
        assertTrue(result.err().startsWith("netcat: -c: " + code), result.err());
    }

    @Test
    void withoutALibrary() {
        Result result = shell.run("""
                export JAVA_TOOL_OPTIONS=-Dpenstock.openssl=/nowhere
                netcat -c localhost $PORT
                """);
        assertEquals(1, result.status());
        assertTrue(result.err().contains("netcat: -c: TLS_LIBRARY_MISSING: "), result.err());
        assertTrue(result.err().contains("/nowhere: cannot be loaded"),
                result.err());
    }

    private static final String SERVING = """
            openssl req -x509 -newkey rsa:2048 -nodes -keyout rsa.key -out rsa.pem \\
              -subj /CN=localhost -addext subjectAltName=DNS:localhost -days 30 2>>openssl.log
            netcat -k -l -d -c -C rsa.pem -K rsa.key 127.0.0.1 $PORT >/dev/null 2>told & port $PORT
            """;

    /** What a scanner holds against the server, the certificate aside, which nobody signed. */
    @Test
    @Needs("testssl")
    void testsslFindsNothing() {
        Result result = shell.run(SERVING + """
                testssl --quiet --color 0 --warnings off --severity LOW --openssl-timeout 10 \\
                  --protocols --standard --fs --server-defaults --vulnerable \\
                  --csvfile findings.csv --ip one localhost:$PORT >testssl.log 2>&1
                cut -d, -f1,4,5 findings.csv
                """, 400);
        List<String> findings = Stream.of(result.out().split("\n")).skip(1)
                .filter(line -> line.matches(".*\"(MEDIUM|HIGH|CRITICAL|FATAL)\".*"))
                .filter(line -> !line.startsWith("\"cert_")).toList();
        assertEquals(List.of(), findings);
        assertTrue(result.out().startsWith("\"id\""), result.toString());
        String seen = shell.read("testssl.log");
        for (String line : List.of("TLS 1.3 +offered .OK.", "TLS 1.2 +offered .OK.",
                "Heartbleed.* not vulnerable", "Secure Renegotiation.*supported")) {
            assertTrue(Pattern.compile(line).matcher(seen).find(), line + "\n" + seen);
        }
    }

    @Test
    @Needs("sslscan")
    void sslscanFindsNothing() {
        Result result = shell.run(SERVING + "sslscan --no-colour 127.0.0.1:$PORT");
        assertEquals(0, result.status(), result.err());
        for (String line : List.of("TLSv1.0   disabled", "TLSv1.1   disabled",
                "TLSv1.2   enabled", "TLSv1.3   enabled",
                "Session renegotiation not supported")) {
            assertTrue(result.out().contains(line), line + "\n" + result.out());
        }
        for (String bad : List.of("vulnerable to heartbleed\n", "RC4", "3DES", "CBC", "NULL")) {
            assertTrue(!result.out().replace("not vulnerable to heartbleed", "").contains(bad),
                    result.out());
        }
    }
}
