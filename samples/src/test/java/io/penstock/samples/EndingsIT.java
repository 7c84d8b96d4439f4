package io.penstock.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.testing.Needs;
import io.penstock.samples.Shell.Result;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How the tools end when something else does: what they say and with what exit status. */
class EndingsIT {
    @AutoClose
    private final Shell shell = new Shell();

    @Test
    void aReaderThatGoesAwayEndsThemQuietly() {
        Result result = shell.run("""
                { bound s && netcat -N -U s </dev/zero; echo netcat $? >&2; } &
                { pipecat -U s; echo pipecat $? >&2; } | head -c 10 >/dev/null; wait
                { bound t && pipecat -U u >/dev/null; } &
                { { bound s && cat /dev/zero | netcat -N -U s; } & netcat -l -U s </dev/null
                  echo listener $? >&2; wait; } | head -c 10 >/dev/null
                { (sleep 0.5; echo a) | count; echo count $? >&2; } | true
                """.replace("{ bound t && pipecat -U u >/dev/null; } &\n", ""));
        assertEquals("count 141\nlistener 141\nnetcat 1\npipecat 141\n",
                result.err().lines().sorted().reduce("", (a, b) -> a + b + "\n"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "INT  | 130 | pipecat -U s                          | bound s",
        "TERM | 143 | pipecat -U s                          | bound s",
        "INT  | 130 | netcat -l -U s                        | bound s",
        "INT  | 130 | netcat -k -l 127.0.0.1 $PORT          | port $PORT",
        "INT  | 130 | pipecat -l $PORT                      | port $PORT",
        "INT  | 130 | netcat -u -l -U s                     | bound s",
        "TERM | 143 | netcat -u -k -l -U s                  | bound s",
        "INT  | 130 | netcat -u -k -l $PORT                 | udp $PORT",
    })
    void aSignalWhileListening(String signal, int status, String command, String ready) {
        Result result = shell.run("""
                set -m
                COMMAND </dev/null >got 2>told & tool=$!
                READY; kill -SIGNAL $tool; wait $tool; echo $?
                [ ! -e s ] || echo the path is still there
                cat told
                """.replace("COMMAND", command).replace("READY", ready)
                .replace("SIGNAL", signal));
        assertEquals(status + "\n", result.out(), result.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"count", "count --digest md5", "netcat -U s"})
    @Needs("socat")
    void anInterruptInTheMiddle(String command) {
        Result result = shell.run("""
                set -m
                mkfifo f; exec 3<>f
                socat -u UNIX-LISTEN:s CREATE:got & bound s
                COMMAND <f >out 2>told & tool=$!
                echo hello >&3; sleep 1
                kill -INT $tool; wait $tool; echo $?; cat told out
                """.replace("COMMAND", command));
        assertEquals("130\n", result.out(), result.err());
    }

    /** Killed, and with linger 0: the connection is reset. */
    @ParameterizedTest
    @ValueSource(strings = {"cat /dev/zero", "sleep 2"})
    @Needs("socat")
    void aPeerThatIsKilled(String input) {
        Result result = shell.run("""
                socat TCP-LISTEN:$PORT,bind=127.0.0.1,linger=0 EXEC:'sleep 9' & peer=$!
                port $PORT
                { sleep 0.7; kill -KILL $peer; } &
                INPUT | netcat 127.0.0.1 $PORT 2>told; echo ${PIPESTATUS[1]}
                cat told
                """.replace("INPUT", input));
        assertEquals("1\n", result.out(), result.toString());
    }

    @Test
    @Needs("socat")
    void aPeerOfPipecatThatIsReset() {
        Result result = shell.run("""
                { pipecat -q --check -l 127.0.0.1:$PORT >got 2>told; echo $? >status; } &
                port $PORT
                { seq 100; sleep 9; } | socat -u - TCP:127.0.0.1:$PORT,linger=0 & peer=$!
                grows got; kill -KILL $peer; grows status
                cat status told; wc -l <got
                """);
        // The end by a reset is an error, and no invariant is held to what met one.
        assertTrue(result.out().startsWith("1\n"), result.toString());
        assertTrue(result.out().endsWith("100\n"), result.toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "count --bogus               | count: Unrecognized option: --bogus",
        "count --digest x            | count: --digest: not known, see --help: x",
        "count --digest              | count: Missing argument for option: digest",
        "netcat                      | netcat: HOST and PORT are needed",
        "netcat localhost            | netcat: HOST and PORT are needed",
        "netcat a b c                | netcat: HOST and PORT are needed",
        "netcat localhost http       | netcat: not a port: http",
        "netcat localhost 65536      | netcat: not a port: 65536",
        "netcat -U a b               | netcat: -U takes one PATH",
        "netcat -k localhost 1       | netcat: -k needs -l",
        "netcat -l -z 1              | netcat: -l and -z exclude each other",
        "netcat -4 -6 localhost 1    | netcat: -4 and -6 exclude each other",
        "netcat -w soon localhost 1  | netcat: -w: not a number of seconds: soon",
        "netcat -i -1 localhost 1    | netcat: -i: not a number of seconds: -1",
        "pipecat one                 | pipecat: takes no operand: one",
        "pipecat -U a -l 1           | pipecat: -U and -l exclude each other",
        "pipecat -L 10X              | pipecat: -L: not a size: 10X",
        "pipecat -l nowhere          | pipecat: nowhere: ADDRESS_BAD_PORT: not a port, 0 to 65535",
        "stat a b                    | stat: takes one FILE: b",
        "stat --check --watch a      | stat: --check and --watch exclude each other",
        "stat --prometheus --json a  | stat: --prometheus and --json exclude each other",
        "stat -i often a             | stat: -i: not a number of seconds: often",
    })
    void usageErrors(String command, String message) {
        Result result = shell.run(command);
        assertEquals(2, result.status(), result.toString());
        String tool = command.split(" ")[0];
        assertEquals(message + "\nTry '" + tool + " --help'.\n", result.err());
        assertEquals("", result.out());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "count missing           | count: missing: ENOENT: no such file or directory",
        "netcat 999.0.0.1 1      | netcat: 999.0.0.1: no address",
        "netcat -n localhost 1   | netcat: localhost: no address that is numeric",
        "netcat 127.0.0.1 1 | netcat: connect to 127.0.0.1:1:"
                + " ECONNREFUSED: connection refused",
        "netcat -U missing | netcat: connect to unix:missing:"
                + " ENOENT: no such file or directory",
        "netcat -U data          | netcat: connect to unix:data: ECONNREFUSED: connection refused",
        "netcat -U @missing | netcat: connect to unix:@missing:"
                + " ECONNREFUSED: connection refused",
        "netcat -l -U no/path    | netcat: unix:no/path: ENOENT: no such file or directory",
        "netcat -l 192.0.2.1 1 | netcat: 192.0.2.1:1:"
                + " EADDRNOTAVAIL: cannot assign requested address",
        "netcat -s 192.0.2.1 127.0.0.1 1 | netcat: connect to 127.0.0.1:1:"
                + " EADDRNOTAVAIL: cannot assign requested address",
        "netcat -u -U no/path    | netcat: connect to unix:no/path:"
                + " ENOENT: no such file or directory",
        "netcat -u -l -U data    | netcat: unix:data: EADDRINUSE: address already in use",
        "netcat -u -l 192.0.2.1 1 | netcat: 192.0.2.1:1:"
                + " EADDRNOTAVAIL: cannot assign requested address",
        "netcat -u -s 192.0.2.1 127.0.0.1 1 | netcat: 192.0.2.1:0:"
                + " EADDRNOTAVAIL: cannot assign requested address",
        "count --metrics no/m data | count: no/m: ENOENT: no such file or directory",
        "netcat --metrics no/m h 1 | netcat: no/m: ENOENT: no such file or directory",
        "pipecat --metrics no/m   | pipecat: no/m: ENOENT: no such file or directory",
        "\"$BIN\"/echo --metrics no/m | echo: no/m: ENOENT: no such file or directory",
        "stat missing             | stat: missing: ENOENT: no such file or directory",
        "stat --check missing     | stat: missing: ENOENT: no such file or directory",
        "stat --json missing      | stat: missing: ENOENT: no such file or directory",
        "stat --prometheus missing | stat: missing: ENOENT: no such file or directory",
        "stat data                | stat: data: REGION_FOREIGN: not a metrics region",
        "stat --prometheus data   | stat: data: REGION_FOREIGN: not a metrics region",
        "stat /dev/null           | stat: /dev/null: REGION_FOREIGN: not a metrics region",
        "stat .                   | stat: .: REGION_FOREIGN: not a metrics region",
        "mkfifo f; stat f         | stat: f: REGION_FOREIGN: not a metrics region",
        ": >empty; stat empty     | stat: empty: REGION_FOREIGN: not a metrics region",
        "pipecat -U data         | pipecat: unix:data: EADDRINUSE: address already in use",
        "pipecat -U no/path      | pipecat: unix:no/path: ENOENT: no such file or directory",
        "pipecat -l 192.0.2.1:1 | pipecat: 192.0.2.1:1:"
                + " EADDRNOTAVAIL: cannot assign requested address",
    })
    void failuresAreOneLine(String command, String message) {
        Result result = shell.run("echo x >data;" + command);
        assertEquals(1, result.status(), result.toString());
        assertEquals(message + "\n", result.err());
        assertEquals("", result.out());
        assertEquals("x\n", shell.read("data"), "no file of the user's is taken for a socket");
    }

    @Test
    void aPathThatIsTooLong() {
        String path = "x".repeat(108);
        Result result = shell.run("netcat -U " + path + "; netcat -l -U " + path);
        String line = "netcat: " + path + ": NAME_TOO_LONG: name or path is too long\n";
        assertEquals(line + line, result.err());
        assertEquals(1, result.status());
    }

    @Test
    void anAddressInUse() {
        Result result = shell.run("""
                netcat -l 127.0.0.1 $PORT </dev/null & port $PORT
                netcat -l 127.0.0.1 $PORT </dev/null; echo $?
                pipecat -l 127.0.0.1:$PORT; echo $?
                """);
        assertEquals("1\n1\n", result.out());
        String said = ": 127.0.0.1:" + shell.port + ": EADDRINUSE: address already in use\n";
        assertEquals("netcat" + said + "pipecat" + said, result.err());
    }

    /** Who listens there goes on, and is not even connected to. */
    @Test
    void aUnixPathInUseIsLeftToItsOwner() {
        Result result = shell.run("""
                pipecat -U s >got & bound s
                netcat -l -U s </dev/null; echo $?
                pipecat -U s; echo $?
                echo hello | netcat -N -U s; wait; cat got
                """);
        assertEquals("1\n1\nhello\n", result.out(), result.toString());
        assertEquals("netcat: unix:s: EADDRINUSE: address already in use\n"
                + "pipecat: unix:s: EADDRINUSE: address already in use\n", result.err());
    }

    @Test
    void aUnixPathThatNobodyListensOnIsTakenOver() {
        Result result = shell.run("""
                pipecat -U s & bound s; kill -KILL $!; wait $! 2>/dev/null
                [ -S s ] || echo it is gone
                { echo hello | { sleep 1; netcat -N -U s; }; } & pipecat -U s; echo $?; wait
                [ ! -e s ] || echo the path is still there
                """);
        assertEquals("hello\n0\n", result.out(), result.err());
    }

    @Test
    void whatIsRightIsStillCounted() {
        Result result = shell.run("printf abc >a; count a missing - a <a");
        assertEquals("3 a\n3 -\n3 a\n9 total\n", result.out());
        assertEquals("count: missing: ENOENT: no such file or directory\n", result.err());
        assertEquals(1, result.status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"count", "netcat", "pipecat", "stat"})
    void helpAndVersion(String tool) {
        Result help = shell.run(tool + " --help");
        assertEquals(0, help.status());
        assertTrue(help.out().startsWith("usage: " + tool + " "), help.out());
        assertTrue(help.out().contains("--check"), help.out());
        assertEquals("", help.err());
        Result version = shell.run(tool + " --version");
        assertTrue(version.out().matches(tool + " \\(penstock\\) \\d+\\.\\d+.*\n"), version.out());
        assertEquals(0, version.status());
    }

    @Test
    void aFileWithAnyName() {
        Result result = shell.run(
                "printf abc >'na\u00efve file'; LC_ALL=C count 'na\u00efve file'");
        assertEquals(0, result.status(), result.toString());
        assertEquals("3 na\u00efve file\n", result.out());
    }
}
