package io.penstock.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.penstock.core.testing.Needs;
import io.penstock.samples.Shell.Result;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The launchers: from wherever they are called, and on a machine where nothing is built yet. */
class LauncherIT {
    // A fresh clone, with a build that takes a moment, says so, and makes what a real one would.
    private static final String CLONE = """
            mkdir -p clone/samples/src/main
            cp -RP "$BIN" clone/samples/bin && cp -R "$BIN"/../src/main/build clone/samples/src/main
            cat >clone/mvnw <<'END'
            #!/bin/sh
            echo "$JAVA_HOME" >>built
            [ ! -e broken ] || exit 7
            sleep 0.5
            cp "REAL/tools.jar" samples/target && cp -P "REAL/jdk" samples/target
            END
            sed -i "s|REAL|$BIN/../target|g" clone/mvnw; chmod +x clone/mvnw
            """;
    private static final String BUILDING =
            "Building Penstock's tools: the first run only, about a minute.\n";
    private static final String NO_JDK = "Penstock needs a JDK 25 under /usr/lib/jvm or in"
            + " JAVA_HOME: install one, for example Debian's openjdk-25-jdk or Eclipse Temurin's"
            + " temurin-25-jdk.\n";

    @AutoClose
    private final Shell shell = new Shell();

    /** And the cache is found each time: without it the JVM would refuse to start. */
    @ParameterizedTest
    @ValueSource(strings = {
        "\"$BIN\"/count",
        "sh \"$BIN\"/count",
        "cd \"$BIN\"; ./count",
        "cd \"$BIN\"; sh count",
        "cd \"$BIN\"/../..; samples/bin/count",
        "cd /; PATH=\"$BIN\":$PATH; count",
        "ln -s \"$BIN\"/count wc; ./wc",
        "mkdir a; ln -s \"$BIN\"/count a/b; ln -s a/b c; ./c",
        "ln -s \"$BIN\" 'my tools'; 'my tools/count'",
    })
    void fromAnywhere(String command) {
        Result result = shell.run(command + " <<<hello",
                Map.of("JAVA_TOOL_OPTIONS", "-XX:AOTMode=on"));
        assertEquals("6\n", result.out(), result.err());
        assertEquals(0, result.status());
        assertEquals("Picked up JAVA_TOOL_OPTIONS: -XX:AOTMode=on\n", result.err());
    }

    @Test
    void argumentsArriveAsTheyAre() {
        shell.write("two words *", "abc");
        Result result = shell.run("touch x; count 'two words *' x");
        assertEquals("3 two words *\n0 x\n3 total\n", result.out(), result.err());
    }

    @Test
    void theFirstRunBuilds() {
        Result result = shell.run(CLONE + "clone/samples/bin/count <<<hello;"
                + "clone/samples/bin/count <<<hello; wc -l <clone/built");
        assertEquals("6\n6\n1\n", result.out(), result.err());
        assertEquals(BUILDING, result.err());
    }

    /** The tools of a pipeline start at the same time: one builds, the others wait for it. */
    @Test
    @Needs("flock")
    void theFirstRunOfAPipelineBuildsOnce() {
        Result result = shell.run(CLONE + """
                PATH=$PWD/clone/samples/bin:$PATH
                pipecat -U s | count & bound s; printf hello | netcat -N -U s; wait
                wc -l <clone/built
                """);
        assertEquals("5\n1\n", result.out(), result.err());
        assertEquals(BUILDING, result.err());
    }

    @Test
    void aBuildThatFails() {
        Result result = shell.run(CLONE + "touch clone/broken; clone/samples/bin/count <<<hello");
        assertEquals(1, result.status());
        assertEquals("", result.out());
        assertEquals(BUILDING, result.err());
    }

    @Test
    void aJdkIsFoundWithNoEnvironmentAndWhateverJavaHomeIs() {
        Result result = shell.run("""
                mkdir -p old/bin && touch old/bin/javac && chmod +x old/bin/javac
                echo 'JAVA_VERSION="21.0.1"' >old/release
                env -i /bin/sh "$BIN"/find-jdk
                env -i JAVA_HOME=$PWD/old /bin/sh "$BIN"/find-jdk
                env -i JAVA_HOME=/nowhere HOME=/nowhere /bin/sh "$BIN"/find-jdk
                """);
        String[] found = result.out().split("\n");
        assertEquals(3, found.length, result.err());
        for (String jdk : found) {
            assertEquals(0, shell.run("grep -q 'JAVA_VERSION=\"25' " + jdk + "/release").status());
        }
    }

    /** On a machine whose only JDK is an old one; its folders are hidden by empty ones. */
    @Test
    @Needs("unshare")
    void noJdkIsOneSentence() {
        assumeTrue(shell.run("unshare -m true").status() == 0, "may not hide /usr/lib/jvm");
        Result result = shell.run(CLONE + """
                unshare -m sh -c 'for folder in /usr/lib/jvm /opt; do
                    [ ! -d $folder ] || mount -t tmpfs none $folder || exit 99
                  done
                  for tool in build count demo; do
                    env -i PATH="$PATH" HOME=/nowhere clone/samples/bin/$tool; echo $?
                  done'
                """);
        assertEquals("1\n1\n1\n", result.out(), result.err());
        assertEquals(NO_JDK + NO_JDK + NO_JDK, result.err());
    }

    @Test
    void anUnknownToolOfTheJar() {
        Result result = shell.run("cd \"$BIN\"/../target; jdk/bin/java -jar tools.jar what");
        assertEquals(2, result.status());
        assertEquals("tools: netcat, pipecat, count, echo, stat, lookup, answer\n", result.err());
    }

    @Test
    @Needs("socat")
    void theEchoServer() {
        Result result = shell.run("""
                "$BIN/echo" 127.0.0.1:$PORT & server=$!
                port $PORT; head -c 1000000 /dev/urandom >data
                socat -t9 - TCP:127.0.0.1:$PORT <data >got; cmp data got; echo $?
                kill $server; wait $server; echo $?
                """);
        assertEquals("0\n143\n", result.out(), result.err());
    }

    /** Who does not ask for datagrams, TLS or a digest does not wait for their classes. */
    @Test
    void whatIsNotUsedIsNotLoaded() {
        Result result = shell.run("""
                export JAVA_TOOL_OPTIONS=-Xlog:class+load:file=loaded
                netcat -U missing </dev/null; grep -c 'io.penstock.\\(udp\\|tls\\)' loaded
                netcat -u -U missing </dev/null; grep -q io.penstock.udp.UdpSocket loaded; echo $?
                netcat -c -U missing </dev/null; grep -q io.penstock.tls.TlsContext loaded; echo $?
                count </dev/null; grep -c io.penstock.tls loaded
                count --digest crc32 </dev/null; grep -c io.penstock.tls loaded
                count --digest sha256 </dev/null >/dev/null
                grep -q io.penstock.tls.Digest loaded; echo $?
                """);
        assertEquals("0\n0\n0\n0\n0\n0 00000000\n0\n0\n", result.out(), result.err());
    }

    @Test
    void theMemoryThatItTakes() {
        Result result = shell.run("""
                mkfifo f; exec 3<>f
                count <&3 & sleep 1; grep VmHWM /proc/$!/status; kill $!
                """);
        int kib = Integer.parseInt(result.out().replaceAll("\\D", ""));
        assertTrue(kib < 64 << 10, kib + " KiB");
    }
}
