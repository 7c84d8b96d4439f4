package io.penstock.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.metrics.MetricsRegion;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.metrics.scrape.MetricsSource;
import io.penstock.metrics.text.MetricsText;
import io.penstock.metrics.text.TextFormat;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As a module, with none of the optional dependencies, one flag, and not a word on stderr. */
class ModuleTest {
    private static final int TIMEOUT_S = 60;

    @Test
    void textWantsNothing(@TempDir Path folder) throws IOException, InterruptedException {
        String modulePath = Arrays.stream(System.getProperty("java.class.path")
                        .split(File.pathSeparator))
                .filter(entry -> entry.matches(
                        ".*(/core/target/classes|/penstock-core-[^/]*SNAPSHOT\\.jar"
                                + "|/agrona-[^/]*|/jctools-core-[^/]*|/metrics-bindings/target"
                                + "/classes)"))
                .collect(Collectors.joining(File.pathSeparator));
        File out = folder.resolve("out").toFile();
        Process process = new ProcessBuilder(System.getProperty("java.home") + "/bin/java",
                "--enable-native-access=io.penstock.core", "-p", modulePath,
                "--add-modules", "io.penstock.metrics", "--limit-modules",
                "io.penstock.metrics,java.base,jdk.unsupported",
                "-cp", Path.of("target/test-classes").toString(), TextAlone.class.getName())
                .redirectErrorStream(true).redirectOutput(out).start();
        assertTrue(process.waitFor(TIMEOUT_S, TimeUnit.SECONDS), "still running");
        assertEquals("penstock_stream_backoffs_total{name=\"x\"} 0\n",
                Files.readString(out.toPath()));
        assertEquals(0, process.exitValue());
    }

    /** Writes a region, and prints the last line. */
    static final class TextAlone {
        public static void main(String[] args) {
            MetricsRegion region = new MetricsRegion(1);
            region.claim(region.register(StreamMetrics.TYPE), "x", MetricsRegion.NO_AGGREGATE);
            NativeBuffer buffer = NativeBuffer.allocate(1 << 16);
            MetricsText text = new MetricsText(MetricsSource.of(region), TextFormat.PROMETHEUS);
            int length = text.write(buffer, 0, buffer.capacity());
            String written = buffer.getStringWithoutLengthUtf8(0, length);
            System.out.print(written.substring(written.lastIndexOf('\n', length - 2) + 1));
        }
    }
}
