package io.penstock.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.testing.Needs;
import io.penstock.core.testing.Peer;
import io.penstock.samples.Shell.Result;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every tool with every kind of thing as its standard input and output. */
class StandardStreamsIT {
    private static final String NETCAT = "netcat -N -U s --check";
    private static final String PIPECAT = "pipecat -q -U s --check";
    // Text, so that a terminal passes it on; lines, so that it takes them one by one.
    private static final String DATA = "seq 100000 109999 >data; ";

    @AutoClose
    private final Shell shell = new Shell();

    /** A tool's standard input from data, by kind; {@code command} is in the file c. */
    private static String input(String kind) {
        return switch (kind) {
            case "pipe" -> "cat data | bash c";
            case "file" -> "bash c <data";
            case "fifo" -> "mkfifo f; cat data >f & bash c <f";
            case "socket" -> "socat -u OPEN:data EXEC:'bash c'";
            case "terminal" -> "{ cat data; sleep 1; printf '\\004'; } |"
                    + " script -qec 'stty -echo; bash c' /dev/null";
            default -> throw new AssertionError(kind);
        };
    }

    /** A tool's standard output to got, by kind. */
    private static String output(String kind) {
        return switch (kind) {
            case "pipe" -> "bash c | cat >got";
            case "file" -> "bash c >got";
            case "append" -> "printf '' >got; bash c >>got";
            case "fifo" -> "mkfifo f; cat f >got & bash c >f; wait $!";
            case "socket" -> "socat -u EXEC:'bash c' CREATE:got";
            case "terminal" -> "script -qec 'stty -opost; bash c' /dev/null >got";
            default -> throw new AssertionError(kind);
        };
    }

    private void command(String line) {
        shell.write("c", line + "\necho $? >status\n");
    }

    private void assertStatus(int expected, Result result) {
        assertEquals(expected + "\n", shell.read("status"), result.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"pipe", "file", "fifo", "socket", "terminal"})
    void countReads(String kind) {
        needsFor(kind);
        command("count --check >got");
        Result result = shell.run(DATA + input(kind));
        assertStatus(0, result);
        assertEquals("70000\n", shell.read("got"), result.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"pipe", "file", "fifo", "socket", "terminal"})
    void countReadsForADigest(String kind) {
        needsFor(kind);
        command("count --check --digest md5 >got");
        Result result = shell.run(DATA + input(kind) + "; md5sum <data >digest");
        assertStatus(0, result);
        String digest = shell.read("digest").substring(0, 32);
        assertEquals("70000 " + digest + "\n", shell.read("got"), result.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"pipe", "file", "append", "fifo", "socket", "terminal"})
    void countWrites(String kind) {
        needsFor(kind);
        command("count --check data data");
        Result result = shell.run(DATA + output(kind));
        assertStatus(0, result);
        assertEquals("70000 data\n70000 data\n140000 total\n", shell.read("got"), result.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"pipe", "file", "fifo", "socket", "terminal"})
    @Needs("socat")
    void netcatReads(String kind) {
        needsFor(kind);
        command(NETCAT + " >/dev/null");
        Result result = shell.run(DATA + "socat -u UNIX-LISTEN:s CREATE:got & bound s;"
                + input(kind) + "; wait; cmp data got");
        assertStatus(0, result);
        assertEquals(0, result.status(), result.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"pipe", "file", "append", "fifo", "socket", "terminal"})
    @Needs("socat")
    void netcatWrites(String kind) {
        needsFor(kind);
        command(NETCAT + " </dev/null");
        Result result = shell.run(DATA + "socat -u OPEN:data UNIX-LISTEN:s & bound s;"
                + output(kind) + "; cmp data got");
        assertStatus(0, result);
        assertEquals(0, result.status(), result.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"pipe", "file", "append", "fifo", "socket", "terminal"})
    void pipecatWrites(String kind) {
        needsFor(kind);
        command(PIPECAT);
        Result result = shell.run(DATA + "{ bound s && netcat -N -U s <data; } &"
                + output(kind) + "; cmp data got");
        assertStatus(0, result);
        assertEquals(0, result.status(), result.toString());
    }

    /** The sink is full most of the time: everything comes through memory or splice, and waits. */
    @ParameterizedTest
    @CsvSource({"pipe, pipe", "file, pipe", "file, file", "socket, pipe", "fifo, fifo",
        "pipe, append", "pipe, socket"})
    @Needs({"socat", "pv"})
    void netcatCarriesMoreThanAnyBufferHolds(String in, String out) {
        command(NETCAT);
        String inward = input(in).replace("bash c", "bash c1").replace("mkfifo f", "mkfifo g")
                .replace(">f", ">g").replace("<f", "<g");
        shell.write("c1", output(out).replace("| cat", "| pv -qL 30M"));
        Result result = shell.run("head -c 12000000 /dev/urandom >data;"
                + "socat UNIX-LISTEN:s SYSTEM:'pv -qL 30M' & bound s;"
                + inward + "; wait; cmp data got");
        assertStatus(0, result);
        assertEquals(0, result.status(), result.toString());
    }

    @Test
    @Needs("socat")
    void nothingIsNothing() {
        Result result = shell.run("""
                count --check </dev/null; echo $?
                socat -u UNIX-LISTEN:s CREATE:got & bound s
                netcat -N -U s --check </dev/null; echo $?
                wait; wc -c <got
                """);
        assertEquals("0\n0\n0\n0\n", result.out(), result.err());
    }

    @Test
    void devicesAndFilesAreRead() {
        Result result = shell.run("""
                head -c 100000 /dev/zero | count - /dev/null
                head -c 123456 /dev/urandom >data; count data <data; exec 3<data
                head -c 23456 <&3 >/dev/null; count <&3; count <&3
                """);
        assertEquals("100000 -\n0 /dev/null\n100000 total\n123456 data\n100000\n0\n",
                result.out(), result.err());
    }

    /** A JVM would take the number that is free for a file of its own, of 140 MB. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "count <&-                       | 1 | count: stdin: EBADF: bad file descriptor",
        "count - <&-                     | 1 | count: -: EBADF: bad file descriptor",
        "count data >&-                  | 1 | count: stdout: EBADF: bad file descriptor",
        "count data <&- >out             | 0 | ''",
        "count <&- >&- 2>&-              | 1 | ''",
        "pipecat -U s >&-                | 1 | pipecat: stdout: EBADF: bad file descriptor",
        "count data >/dev/full           | 1 | count: stdout: ENOSPC: no space left on device",
        "count data 1</dev/null          | 1 | count: stdout: EBADF: bad file descriptor",
        "count 0>/dev/null               | 1 | count: stdin: EBADF: bad file descriptor",
        "count <.                        | 1 | count: stdin: EISDIR: is a directory",
    })
    void closedAndWrong(String script, int status, String message) {
        Result result = shell.run("echo a >data;" + script);
        assertEquals(status, result.status(), result.toString());
        assertEquals(message, result.err().strip());
        assertEquals("", result.out());
    }

    @Test
    @Needs("socat")
    void netcatAndPipecatDoWithoutAClosedOne() {
        Result result = shell.run("""
                socat -u UNIX-LISTEN:s CREATE:got & bound s
                echo one | netcat -N -U s >&-; echo $?; wait; rm s
                socat -u SYSTEM:'echo two' UNIX-LISTEN:s & bound s
                netcat -U s <&-; echo $?; wait; rm s
                { bound s && echo three | netcat -N -U s; } & pipecat -U s <&-; echo $?
                { bound s && echo four | netcat -N -U s; } & pipecat -U s <&- 2>&-; echo $?
                cat got
                """);
        assertEquals("0\ntwo\n0\nthree\n0\nfour\n0\none\n", result.out(), result.err());
    }

    @Test
    void writeErrorsOfNetcatAndPipecatAreTold() {
        Result result = shell.run("""
                { bound s && echo a | netcat -N -U s; } & pipecat -U s >/dev/full; echo $?; wait
                rm -f s; { bound s && echo a | netcat -N -U s; } &
                netcat -l -U s >/dev/full; echo $?
                """);
        assertEquals("1\n1\n", result.out());
        assertEquals("pipecat: stdout: ENOSPC: no space left on device\n"
                + "netcat: stdout: ENOSPC: no space left on device\n", result.err());
    }

    /** What the shell and the neighbours share keeps its flags, while a tool runs and after. */
    @ParameterizedTest
    @ValueSource(strings = {"pipe", "fifo", "socket", "terminal", "file"})
    @Needs("socat")
    void flagsOfSharedDescriptionsStay(String kind) {
        needsFor(kind);
        shell.write("c", """
                flags() { grep -h flags /proc/$$/fdinfo/0 /proc/$$/fdinfo/1 | paste -s >>flags; }
                exec 3<&0
                flags
                socat SYSTEM:'echo; sleep 2' UNIX-LISTEN:s & bound s
                netcat -U s <&3 & running=$!
                sleep 0.7; flags
                wait $running; flags
                count --check; flags
                """);
        shell.run("export -f bound; printf '\n' >data; " + switch (kind) {
            case "pipe" -> "{ cat data; sleep 3; } | bash c | cat >/dev/null";
            case "fifo" -> "mkfifo f g; { cat data; sleep 3; } >f & cat g & bash c <f >g";
            case "socket" -> "{ cat data; sleep 3; } | socat - EXEC:'bash c' >/dev/null";
            case "terminal" -> "{ cat data; sleep 3; printf '\\004'; } | script -qec 'bash c' o";
            default -> "bash c <data >o";
        });
        String[] lines = shell.read("flags").split("\n");
        assertEquals(4, lines.length, shell.read("flags"));
        assertTrue(lines[0].matches("flags:\\s+0[0-9]+\\s+flags:\\s+0[0-9]+"), lines[0]);
        for (String line : lines) {
            assertEquals(lines[0], line, shell.read("flags"));
        }
    }

    private static void needsFor(String kind) {
        if (kind.equals("socket")) {
            Peer.require("socat");
        } else if (kind.equals("terminal")) {
            Peer.require("script");
        }
    }
}
