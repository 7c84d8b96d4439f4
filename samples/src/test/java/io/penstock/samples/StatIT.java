package io.penstock.samples;

import static io.penstock.core.metrics.MetricsRegion.NO_AGGREGATE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.metrics.MetricsRegion;
import io.penstock.core.metrics.MetricsType;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.testing.Needs;
import io.penstock.samples.Shell.Result;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** stat, on what other tools and this process keep in files. */
class StatIT {
    private static final int BYTES_A_LINE = 1_000_000;

    @AutoClose
    private final Shell shell = new Shell();

    private String file() {
        return shell.folder.resolve("m").toString();
    }

    /** A region of this process with a stream that closed, and whatever words. */
    private MetricsRegion region(long... words) {
        MetricsRegion region = new MetricsRegion(8);
        int type = region.register(StreamMetrics.TYPE);
        assertEquals(0, region.open(file()));
        int block = region.claim(type, "done", NO_AGGREGATE);
        for (int i = 0; i < words.length; i++) {
            region.buffer().putLong(region.countersOffset(block) + i * Long.BYTES, words[i]);
        }
        region.buffer().putLong(region.countersOffset(block) + StreamMetrics.CLOSE_OFFSET, 1);
        region.close(block);
        return region;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "netcat -l -d -U s         | loop",
        "pipecat -U s              | loop",
        "\"$BIN\"/echo 127.0.0.1:$PORT | loop",
        "count f                   | stream",
    })
    void everyToolShowsItsMetrics(String tool, String type) {
        Result result = shell.run("""
                mkfifo f; exec 3<>f
                TOOL --metrics m & tool=$!; grows m
                until stat --json m | grep -q '"type":"TYPE"'; do sleep 0.02; done
                stat m | head -1; echo pid $tool
                """.replace("TOOL", tool).replace("TYPE", type));
        String pid = result.out().replaceAll("(?s).*pid (\\d+)\n$", "$1");
        assertTrue(result.out().startsWith("m: pid " + pid + ", up 0:00:0"), result.toString());
    }

    @Test
    void totalsThenRates() {
        Result result = shell.run("""
                pipecat -U s --metrics m >/dev/null & bound s
                { head -c BYTES /dev/zero; grows go; head -c BYTES /dev/zero; sleep 9; } |
                  netcat -N -U s & until stat --json m | grep -q '"read_bytes":BYTES,'; do
                  sleep 0.02; done
                stat --watch -n 2 -i 2 --filter socket m >watched & watcher=$!
                grows watched; echo >go; wait $watcher
                """.replace("BYTES", "" + BYTES_A_LINE));
        assertEquals(0, result.status(), result.toString());
        String watched = shell.read("watched");
        assertTrue(watched.matches("(?s)m: pid \\d+, up 0:00:0\\d, 3 handles in 64 blocks\n"
                + "\nstream +read +data .*\nsocket +977Ki .*\n"
                + "\nstream handles +read .*\nsocket #\\d+\\.1 +977Ki .*"
                + "socket +1.91Mi .*\n  /s +4[2-8]\\dKi .*"), watched);
        assertFalse(watched.contains("stdout"), "filtered: " + watched);
    }

    @Test
    void itSurvivesTheOwnerAndSaysSo() {
        Result result = shell.run("""
                pipecat -U s --metrics m & owner=$!; grows m
                stat --watch -n 30 -i 0.1 m >watched & watcher=$!
                until grep -q 'pid .*, up' watched; do sleep 0.02; done
                kill -KILL $owner; wait $watcher; echo $?
                stat m; echo $?; stat --json m; echo pid $owner
                """);
        String pid = result.out().replaceAll("(?s).*pid (\\d+)\n$", "$1");
        String gone = "m: the owner is gone (it was pid " + pid + "): what it left, ";
        assertTrue(shell.read("watched").startsWith("m: pid " + pid + ", up"), result.toString());
        assertTrue(shell.read("watched").contains(gone), shell.read("watched"));
        assertTrue(result.out().startsWith("0\n" + gone), result.toString());
        assertTrue(result.out().contains("\n0\n{\"file\":\"m\",\"pid\":" + pid
                + ",\"alive\":false,"), result.toString());
    }

    @Test
    void itGoesOnWithAnOwnerThatIsStartedAgain() {
        Result result = shell.run("""
                pipecat -U s --metrics m & first=$!; grows m
                stat --watch -n 40 -i 0.1 m >watched & watcher=$!
                until grep -q 'pid .*, up' watched; do sleep 0.02; done
                kill -KILL $first; pipecat -U s --metrics m & second=$!
                wait $watcher; echo $?; grep -q "pid $second, up" watched; echo $?
                """);
        assertEquals("0\n0\n", result.out(), shell.read("watched"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--json"})
    void aFileThatIsCutShortMeanwhile(String option) {
        region(0).close(); // what it left: the memory of one that lives cannot be cut
        Result result = shell.run("""
                stat --watch -i 0.02 OPTION m >watched & grows watched
                truncate -s 4096 m; wait $!; echo $?; ls hs_err* core* 2>&-
                """.replace("OPTION", option));
        assertEquals("1\n", result.out(), result.err());
        assertEquals("stat: m: REGION_TRUNCATED: metrics region is cut short\n", result.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"truncate -s 5000 m", "cp /dev/null m", "rm m"})
    void anOwnerWhoseFileIsLostServesOn(String loss) {
        Result result = shell.run("""
                "$BIN"/echo 127.0.0.1:$PORT --metrics m & owner=$!; grows m
                until stat --json m | grep -q '"type":"loop"'; do sleep 0.02; done
                LOSS
                until echo alive | netcat -N 127.0.0.1 $PORT | grep alive; do sleep 0.1; done
                echo again | netcat -N 127.0.0.1 $PORT
                kill $owner; wait $owner; ls hs_err* core* 2>&-
                """.replace("LOSS", loss));
        assertEquals("alive\nagain\n", result.out(), result.toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        " 0 | REGION_FOREIGN",
        " 8 | REGION_ENDIAN",
        "12 | REGION_VERSION",
        "16 | REGION_TRUNCATED",
        "40 | REGION_TRUNCATED",
    })
    void aFileOfAnotherKindOrVersion(int offset, String code) throws IOException {
        region(0).close();
        try (RandomAccessFile file = new RandomAccessFile(file(), "rw")) {
            file.seek(offset);
            file.writeInt(offset == 8 ? 0x01020304 : 0x7f7f7f7f);
        }
        for (String option : new String[] {"", "--json", "--check", "--prometheus", "--watch"}) {
            Result result = shell.run("stat " + option + " m");
            assertEquals(1, result.status(), result.toString());
            assertTrue(result.err().matches("stat: m: " + code + ": [^\n]+\n"), result.err());
            assertEquals("", result.out());
        }
    }

    @Test
    void everyInvariantHolds() {
        Result result = shell.run("""
                pipecat -q -U s --metrics p >/dev/null & bound s
                head -c 9000000 /dev/zero | netcat -N -U s --metrics n; wait
                stat --check n; echo $?; stat --check p; echo $?
                """);
        assertEquals("""
                3 closed streams, every invariant holds; not checked: 0 that failed, 0 that \
                are open, and their owner is gone
                0
                2 closed streams, every invariant holds; not checked: 0 that failed, 0 that \
                are open, and their owner is gone
                0
                """, result.out(), result.err());
    }

    @Test
    void aBrokenInvariant() {
        MetricsRegion region = region(5, 1, 0, 1, 0, 3, 5, 2);
        Result result = shell.run("stat --check m");
        region.close();
        assertEquals(3, result.status(), result.toString());
        assertEquals("stat: done #0.1: writes == full + incomplete + eagain is broken: 3 != 2\n",
                result.err());
        assertEquals("1 closed streams, 1 broken; not checked: 0 that failed, 0 that are"
                + " open\n", result.out());
        assertEquals(0, shell.run("stat --check --filter other m").status());
    }

    @Test
    @Needs("promtool")
    void whatPrometheusReads() {
        MetricsRegion region = region(1234, 5);
        region.claim(0, "open", NO_AGGREGATE);
        Result result = shell.run("stat --prometheus m; stat --prometheus --handles m >h");
        assertTrue(result.out().contains("\n# TYPE penstock_stream_read_bytes_total counter\n"
                + "penstock_stream_read_bytes_total{name=\"done\"} 1234\n"), result.out());
        assertFalse(result.out().contains("handle="), result.out());
        assertTrue(shell.read("h").contains(
                "penstock_stream_handle_read_bytes_total{name=\"open\",handle=\"1\","
                        + "generation=\"1\"} 0\n"), shell.read("h"));
        Result checked = shell.run("stat --prometheus --handles m | promtool check metrics");
        region.close();
        assertEquals(0, checked.status(), checked.toString());
    }

    @Test
    void aTypeOfAnApplications() {
        MetricsRegion region = new MetricsRegion(8);
        int type = region.register(MetricsType.named("cache").counter("hits", "{hit}")
                .gauge("held_bytes", "By").maximum("wait_ns", "ns").build());
        assertEquals(0, region.open(file()));
        int block = region.claim(type, "users", NO_AGGREGATE);
        long[] words = {7, 2048, 1_500_000};
        for (int i = 0; i < words.length; i++) {
            region.buffer().putLong(region.countersOffset(block) + i * Long.BYTES, words[i]);
        }
        Result result = shell.run("stat m");
        region.close();
        assertTrue(result.out().matches("(?s).*\ncache +hits +held +wait\n"
                + "users +7 +2.00Ki +1.5ms\n\ncache handles .*\nusers #0\\.1 .*"),
                result.out());
    }

    @Test
    void handlesInTheOrderThatIsAskedFor() {
        MetricsRegion region = new MetricsRegion(8);
        int type = region.register(MetricsType.named("cache").counter("read_bytes", "By")
                .counter("hits", "{hit}").build());
        assertEquals(0, region.open(file()));
        for (int i = 0; i < 3; i++) {
            int block = region.claim(type, "c" + i, NO_AGGREGATE);
            region.buffer().putLong(region.countersOffset(block), 10 + (i + 1) % 3);
            region.buffer().putLong(region.countersOffset(block) + Long.BYTES, 10 + i);
        }
        String handles = "(?s).*handles.*#%d.*#%d.*#%d.*";
        String out = shell.run("stat m").out();
        assertTrue(out.matches(handles.formatted(1, 0, 2)), out);
        out = shell.run("stat --sort hits m").out();
        assertTrue(out.matches(handles.formatted(2, 1, 0)), out);
        region.close();
    }

    @Test
    @Needs("script")
    void onATerminal() {
        MetricsRegion region = region(1234, 5);
        String watch = "script -qec 'stty rows 6 cols 60; stat --watch -n 2 -i 0.1 m' /dev/null";
        String out = shell.run(watch).out();
        assertTrue(out.startsWith("\033[H\033[J\033[1mm: pid "), out);
        assertEquals(3, out.split("\033\\[H\033\\[J", -1).length, out);
        for (String line : out.split("\r\n")) {
            String text = line.replaceAll("\033\\[\\d*[a-zA-Z]", "");
            assertTrue(text.length() <= 60, text);
        }
        out = shell.run("NO_COLOR=1 " + watch).out();
        assertTrue(out.startsWith("\033[H\033[Jm: pid "), out);
        assertFalse(out.contains("\033[1m") || out.contains("\033[0m"), out);
        region.close();
    }

    @Test
    void aReaderThatWentAway() {
        MetricsRegion region = region(1);
        Result result = shell.run("stat --watch -i 0.02 m | head -1; echo ${PIPESTATUS[0]}");
        region.close();
        assertTrue(result.out().endsWith("\n141\n"), result.toString());
        assertEquals("", result.err());
    }

    @Test
    void withoutAFileItLooksInSharedMemory() {
        String name = "/dev/shm/penstock-test-" + ProcessHandle.current().pid();
        MetricsRegion region = new MetricsRegion(2);
        assertEquals(0, region.open(name));
        try {
            Result result = shell.run("stat");
            assertEquals(0, result.status(), result.toString());
            String pid = "pid " + ProcessHandle.current().pid();
            assertTrue(result.out().lines().anyMatch(
                    line -> line.startsWith(name) && line.contains(pid)), result.out());
        } finally {
            region.close();
            assertTrue(new File(name).delete());
        }
    }
}
