package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What the page says is so. */
class DtlsDocumentationTest {
    private static final Path PAGE = Path.of("../docs/dtls.md");

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
