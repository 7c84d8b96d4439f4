package io.penstock.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.testing.Examples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the page says is so. */
class DocumentationTest {
    private static final Path PAGE = Path.of("../docs/udp.md");

    @Test
    void theExamplesCompileAsTheyStand(@TempDir Path out) throws IOException {
        assertEquals(2, Examples.compile(PAGE, out));
    }

    @Test
    void everyWordHasItsLine() throws IOException {
        String page = Files.readString(PAGE);
        for (int field = 0; field < UdpMetrics.TYPE.fields(); field++) {
            assertTrue(page.contains("`" + UdpMetrics.TYPE.field(field) + "`"),
                    UdpMetrics.TYPE.field(field));
        }
    }
}
