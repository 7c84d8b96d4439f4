package io.penstock.core.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.testing.Allocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The fallback entry allocates nothing once compiled. The JDK's linker makes a segment for each
 * captured errno and relies on the JIT to remove it. The JIT does, unless it gives up on the
 * method, which happens by chance and for good; so each attempt is a process of its own.
 */
class LibcEntryTest {
    private static final int ATTEMPTS = 3;
    private static final int TIMEOUT_S = 60;

    @Test
    void allocatesNothingOnceCompiled(@TempDir Path folder) throws Exception {
        Path out = folder.resolve("out");
        int status = 1;
        for (int attempt = 0; status != 0 && attempt < ATTEMPTS; attempt++) {
            status = run(out);
        }
        assertEquals(0, status, Files.readString(out));
        assertEquals("libc\n", Files.readString(out));
    }

    private static int run(Path out) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(System.getProperty("java.home") + "/bin/java",
                "--enable-native-access=ALL-UNNAMED", "-Xmx64m",
                "-D" + KernelEntry.PROPERTY + "=libc",
                "-cp", System.getProperty("java.class.path"), Calls.class.getName())
                .redirectErrorStream(true).redirectOutput(out.toFile()).start();
        assertTrue(process.waitFor(TIMEOUT_S, TimeUnit.SECONDS), "still running");
        return process.exitValue();
    }

    /** A process that fails if a call allocates. */
    static final class Calls {
        private Calls() {
        }

        public static void main(String[] args) {
            Posix posix = Posix.system();
            Allocation.assertNone("getpid", 20_000, 10_000, posix::getpid);
            Allocation.assertNone("failing read", 20_000, 10_000, () -> posix.read(-1, 0, 1));
            System.out.println(LinuxPosix.kernelEntry());
        }
    }
}
