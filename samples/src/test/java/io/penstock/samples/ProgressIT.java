package io.penstock.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.testing.Needs;
import io.penstock.samples.Shell.Result;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What pipecat shows of a transfer, and the rate that it holds it to. */
class ProgressIT {
    @AutoClose
    private final Shell shell = new Shell();

    /** 4 MiB, the first half at once and the rest after 0.4 s: what pipecat said on stderr. */
    private String progress(String options) {
        Result result = shell.run("""
                { bound s && { head -c 2097152 /dev/zero; sleep 0.4; head -c 2097152 /dev/zero; } |
                  netcat -N -U s; } &
                pipecat -U s OPTIONS | count; exit ${PIPESTATUS[0]}
                """.replace("OPTIONS", options));
        assertEquals(0, result.status(), result.toString());
        assertEquals("4194304\n", result.out());
        return result.err();
    }

    @Test
    void nothingWhereStderrIsNoTerminal() {
        assertEquals("", progress(""));
        assertEquals("", progress("-f -q"));
    }

    @Test
    void everythingInOneLineThatIsWrittenAgain() {
        String shown = progress("-f -i 0.1");
        assertTrue(shown.endsWith("\n") && shown.lines().count() > 1, shown);
        List<String> lines = List.of(shown.substring(0, shown.length() - 1).split("\r"));
        for (String line : lines) {
            assertTrue(line.matches("[0-9.]+[KM]?i?B 0:00:0\\d \\[[0-9.]+[KMG]?i?B/s\\] "
                    + "\\[ *= *\\]  *"), line);
        }
        assertTrue(lines.getFirst().startsWith("2.00MiB "), shown);
        assertTrue(lines.getLast().startsWith("4.00MiB "), shown);
        assertFalse(lines.getLast().contains("[0B/s]"), "the last rate is of the whole: " + shown);
    }

    @Test
    void howFarWhenTheSizeIsKnown() {
        String shown = progress("-f -s 4M -i 0.1");
        assertTrue(shown.contains("[==========>         ] 50% ETA 0:00:0"), shown);
        assertTrue(shown.contains("[====================] 100% ETA 0:00:00"), shown);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "-b           | 4.00MiB",
        "-t           | 0:00:0\\d",
        "-a           | \\[[0-9.]+[KMG]iB/s\\]",
        "-b -N disk   | disk: 4.00MiB",
        "-p -s 4194304 | \\[={20}\\] 100%",
    })
    void whatIsAskedForAlone(String options, String pattern) {
        String shown = progress("-f " + options);
        String last = shown.substring(shown.lastIndexOf('\r') + 1).strip();
        assertTrue(last.matches(pattern), shown);
    }

    @Test
    void numbersForPrograms() {
        List<String> percents = progress("-n -s 4M -i 0.1").lines().toList();
        assertTrue(percents.contains("50"), percents.toString());
        assertEquals("100", percents.getLast());
        List<String> bytes = progress("-n -i 0.1").lines().toList();
        assertTrue(bytes.contains("2097152"), bytes.toString());
        assertEquals("4194304", bytes.getLast());
    }

    @Test
    @Needs("script")
    void onATerminalOfItsOwnAccord() {
        Result result = shell.run("""
                { bound s && echo hello | netcat -N -U s; } &
                script -qec 'pipecat -U s >got' /dev/null
                """);
        assertEquals(0, result.status());
        assertEquals("hello\n", shell.read("got"));
        assertTrue(result.out().contains("6B 0:00:00 "), result.out());
    }

    @ParameterizedTest
    @CsvSource({"1M, 2000000", "100k, 200000"})
    void holdsTheRate(String rate, int bytes) {
        Result result = shell.run("""
                head -c BYTES /dev/urandom >data
                { bound s; netcat -N -U s <data; } &
                bound s & pipecat -U s -L RATE --check >got & pipecat=$!
                grows got; began=${EPOCHREALTIME/./}
                wait $pipecat; echo $?
                echo $(( (${EPOCHREALTIME/./} - began) / 1000 )); cmp data got
                """.replace("BYTES", "" + bytes).replace("RATE", rate));
        String[] lines = result.out().split("\n");
        assertEquals("0", lines[0], result.toString());
        int tookMs = Integer.parseInt(lines[1]);
        assertTrue(tookMs > 1400 && tookMs < 3500, "2 s of data in " + tookMs + " ms");
        assertEquals("", result.err());
    }
}
