package io.penstock.dns.wire;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Inputs that fuzzing once found something with; the search itself is the build's last test. */
class WireFuzzTest {
    private static final Path INPUTS = Path.of("src/test/resources/fuzz");

    @Test
    void keptInputs() throws IOException {
        try (Stream<Path> files = Files.list(INPUTS)) {
            List<Path> inputs = files.toList();
            assertTrue(inputs.size() >= 2);
            for (Path input : inputs) {
                WireTarget.fuzzerTestOneInput(Files.readAllBytes(input));
            }
        }
    }
}
