package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.testing.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where the library is looked for, and what may be found there instead. */
class LibraryTest {
    @TempDir
    private Path folder;

    /** A program that says what it found. */
    static final class Finder {
        private Finder() {
        }

        public static void main(String[] args) {
            System.out.println(ReturnCode.describe(OpenSsl.load()));
            System.out.println(OpenSsl.version());
            EventLoop loop = new EventLoop(new LoopConfig());
            System.out.println(ReturnCode.describe(
                    TlsContext.client(loop, new TlsConfig()).open()));
            System.out.println(ReturnCode.describe(
                    new Digest(DigestAlgorithm.SHA_256).open()));
            System.out.println(ReturnCode.describe(new SelfSigned().generate()));
            System.out.println(OpenSsl.tried());
        }
    }

    private List<String> find(String place) {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return Processes.run(folder, java, "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC", "-Xmx64m", place == null ? "-Dnone" : "-Dpenstock.openssl="
                + place, "-cp", System.getProperty("java.class.path"), Finder.class.getName())
                .lines().dropWhile(line -> !line.matches("(OK|TLS_).*")).toList(); // no warnings
    }

    private static void assertAll(String code, List<String> lines) {
        for (int i : new int[] {0, 2, 3, 4}) {
            assertTrue(lines.get(i).startsWith(code), lines::toString);
        }
    }

    @Test
    void itIsThereByDefaultAndByPath() {
        List<String> lines = find(null);
        assertTrue(lines.get(1).startsWith("OpenSSL "), lines::toString);
        assertEquals("OK", lines.get(3));
        Path library = Stream.of("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu",
                "/usr/lib64", "/usr/lib").map(at -> Path.of(at, "libssl.so.3"))
                .filter(Files::exists).findFirst().orElseThrow();
        assertEquals("OK", find(library.toString()).get(3));
        assertEquals("OK", find(library.getParent().toString()).get(3));
    }

    @Test
    void missingIsACodeThatSaysWhere() {
        List<String> lines = find(folder.toString());
        assertAll("TLS_LIBRARY_MISSING", lines);
        assertEquals(folder + "/libcrypto.so.3: cannot be loaded", lines.get(5));
        assertEquals(folder + "/libcrypto.so.4: cannot be loaded", lines.get(6));
        assertAll("TLS_LIBRARY_MISSING", find("/none/libssl.so.3"));
    }

    /** An empty one would be the root folder's. */
    @Test
    void noPlaceIsACode() {
        List<String> lines = find("");
        assertAll("TLS_LIBRARY_MISSING", lines);
        assertEquals("penstock.openssl: names no folder and no library", lines.get(5));
    }

    @Test
    void noLibraryAtAll() throws IOException {
        Files.writeString(folder.resolve("libcrypto.so.3"), "no library");
        Files.writeString(folder.resolve("libssl.so.3"), "no library");
        assertAll("TLS_LIBRARY_MISSING", find(folder.toString()));
    }

    @ParameterizedTest
    @CsvSource({
        "LibreSSL 4.0.0,3,another library", "OpenSSL 1.1.1w,1,another version",
        "OpenSSL 5.0.0,5,another version", "OpenSSL 3.9.9,3,without",
    })
    @Needs("gcc")
    void anotherLibrary(String banner, int major, String why) throws IOException {
        Files.writeString(folder.resolve("crypto.c"), """
                const char *OpenSSL_version(int type) { return "%s"; }
                unsigned OPENSSL_version_major(void) { return %d; }
                """.formatted(banner, major));
        Files.writeString(folder.resolve("ssl.c"), "int none;\n");
        Processes.run(folder, "gcc", "-shared", "-fPIC", "-o", "libcrypto.so.3", "crypto.c",
                "-Wl,-soname,libcrypto.so.3");
        Processes.run(folder, "gcc", "-shared", "-fPIC", "-o", "libssl.so.3", "ssl.c",
                "-Wl,--no-as-needed", "-L.", "-l:libcrypto.so.3", "-Wl,-rpath," + folder);
        List<String> lines = find(folder.toString());
        assertAll("TLS_LIBRARY_UNFIT", lines);
        assertTrue(lines.stream().skip(5).anyMatch(line -> line.contains(why)), lines::toString);
    }
}
