package io.penstock.udp;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Statements of the documentation, as tests. */
class DocumentationTest {
    private static final Path PAGE = Path.of("../docs/udp.md");

    @Test
    void everyWordHasItsLine() throws IOException {
        String page = Files.readString(PAGE);
        for (int field = 0; field < UdpMetrics.TYPE.fields(); field++) {
            assertTrue(page.contains("`" + UdpMetrics.TYPE.field(field) + "`"),
                    UdpMetrics.TYPE.field(field));
        }
    }
}
