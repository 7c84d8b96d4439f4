package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.testing.Examples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the page says is so. */
class DtlsDocumentationTest {
    private static final Path PAGE = Path.of("../docs/dtls.md");

    @Test
    void theExamplesCompileAsTheyStand(@TempDir Path out) throws IOException {
        assertEquals(2, Examples.compile(PAGE, out));
    }

    @Test
    void everyWordOfDatagramsHasItsLine() throws IOException {
        String page = Files.readString(PAGE);
        int first = TlsMetrics.HELLOS_OFFSET / Long.BYTES;
        for (int field = first; field < TlsMetrics.TYPE.fields(); field++) {
            assertTrue(page.contains("| `" + TlsMetrics.TYPE.field(field) + "` |"),
                    TlsMetrics.TYPE.field(field));
        }
    }
}
