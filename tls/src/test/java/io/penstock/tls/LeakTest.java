package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the library allocates it frees: counted at its allocator, in a process of its own. */
class LeakTest {
    @Test
    void connectionsLeaveNoAllocation() {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> lines = Processes.run(Path.of("."), java,
                "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-Xmx128m", "-cp",
                System.getProperty("java.class.path"), LeakProbe.class.getName()).lines().toList();
        assertEquals(4, lines.size(), lines::toString);
        assertEquals("left 0", lines.get(1), lines::toString);
        assertEquals("left 0", lines.get(2), lines::toString);
        assertTrue(lines.get(3).matches("handshakes 3\\d\\d closed 600"), lines::toString);
    }
}
