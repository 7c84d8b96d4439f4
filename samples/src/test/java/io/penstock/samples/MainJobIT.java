package io.penstock.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.samples.Shell.Result;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** What the README's first page does, smaller. */
class MainJobIT {
    private static final long BYTES = 3_000L * 65_536;

    @AutoClose
    private final Shell shell = new Shell();

    @Test
    void everyByteArrivesAndEveryInvariantHolds() {
        Result result = shell.run("""
                { pipecat -U s --check --stats 2>pipecat.json; echo pipecat $? >&2; } |
                  { count --check --stats 2>count.json; echo count $? >&2; } &
                bound s
                dd if=/dev/zero bs=65536 count=3000 2>dd.log |
                  netcat -N -U s --check --stats 2>netcat.json
                echo dd ${PIPESTATUS[0]} netcat ${PIPESTATUS[1]}
                wait
                """);
        assertEquals(BYTES + "\n", result.out().replace("dd 0 netcat 0\n", ""));
        assertTrue(result.out().contains("dd 0 netcat 0\n"), result.out());
        assertTrue(result.err().contains("pipecat 0\n"), result.err());
        assertTrue(result.err().contains("count 0\n"), result.err());

        String netcat = shell.read("netcat.json");
        String pipecat = shell.read("pipecat.json");
        assertOneLine(netcat);
        assertOneLine(pipecat);
        assertEquals(BYTES, word(netcat, "stdin", "read_bytes"));
        assertEquals(BYTES, word(netcat, "socket", "written_bytes"));
        assertEquals(word(netcat, "socket", "written_bytes"),
                word(pipecat, "socket", "read_bytes"));
        assertEquals(BYTES, word(pipecat, "stdout", "written_bytes"));
        assertEquals(BYTES, word(shell.read("count.json"), "stdin", "read_bytes"));
        for (String handle : new String[] {"stdin", "stdout", "socket"}) {
            assertEquals(1, word(netcat, handle, "close"), netcat);
            assertEquals(0, word(netcat, handle, "error"), netcat);
        }
    }

    @Test
    void aDemoOfIt() {
        Result result = shell.run("\"$BIN\"/demo 500");
        assertEquals(0, result.status(), result.toString());
        assertTrue(result.out().contains("32768000 bytes expected, 32768000 arrived in "));
        assertTrue(result.out().contains("exit status: dd 0, netcat 0, pipecat 0, count 0\n"));
        assertTrue(result.out().endsWith("every invariant holds\n"), result.out());
        Matcher digest = Pattern.compile("sha256 before: (\\w+)\nsha256 after:  (\\w+)\n")
                .matcher(result.out());
        assertTrue(digest.find(), result.out());
        assertEquals(digest.group(1), digest.group(2));
        assertTrue(result.err().contains("100%"), "a progress line: " + result.err());
    }

    @Test
    void aDemoSaysWhatWentWrong() {
        // A count that is not there: in a copy of the launchers, the others as they are.
        Result result = shell.run("""
                mkdir -p copy/bin && cp -P "$BIN"/* copy/bin && rm copy/bin/count
                ln -s "$BIN"/../target copy/target && ln -s "$BIN"/../src copy/src
                sh copy/bin/demo 10
                """);
        assertEquals(1, result.status(), result.toString());
        assertTrue(result.err().contains("FAILED: count ended with exit status 127\n"),
                result.err());
        assertTrue(result.err().contains("FAILED: 655360 bytes were sent, and none arrived\n"),
                result.err());
        assertTrue(result.out().endsWith(" FAILED\n"), result.out());
    }

    private static void assertOneLine(String json) {
        assertEquals(1, json.lines().count(), json);
        assertTrue(json.startsWith("{\"tool\":") && json.endsWith("]}\n"), json);
    }

    /** A word of a handle, in the line that {@code --stats} prints. */
    static long word(String json, String handle, String word) {
        Matcher matcher = Pattern.compile(
                "\\{\"name\":\"" + handle + "\"[^}]*\"" + word + "\":(-?\\d+)").matcher(json);
        assertTrue(matcher.find(), word + " of " + handle + " in " + json);
        return Long.parseLong(matcher.group(1));
    }
}
