package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.testing.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The FIPS provider, as docs/tls.md sets it up. */
class FipsTest {
    @TempDir
    private Path folder;

    /** A program that uses it, in a process that reads another openssl.cnf. */
    static final class User {
        private User() {
        }

        public static void main(String[] args) {
            EventLoop loop = new EventLoop(new LoopConfig());
            loop.open();
            TlsContext context = TlsContext.client(loop,
                    new TlsConfig().providers("fips", "base").properties("fips=yes"));
            System.out.println("answer: " + ReturnCode.describe(context.open())
                    + " " + context.failureText());
        }
    }

    @Test
    void itWorksOnceItIsSetUp() throws IOException {
        Path module = Stream.of("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu",
                "/usr/lib64", "/usr/lib").map(at -> Path.of(at, "ossl-modules", "fips.so"))
                .filter(Files::exists).findFirst().orElse(null);
        Assumptions.assumeTrue(module != null, "the library has no provider fips here");
        Peer.require("openssl");
        Path settings = folder.resolve("fipsmodule.cnf");
        Processes.run(folder, "openssl", "fipsinstall", "-module", module.toString(),
                "-out", settings.toString());
        Path config = Files.writeString(folder.resolve("openssl.cnf"), """
                openssl_conf = openssl_init
                .include %s
                [openssl_init]
                providers = provider_sect
                [provider_sect]
                fips = fips_sect
                base = base_sect
                [base_sect]
                activate = 1
                """.formatted(settings));
        List<String> command = List.of("env", "OPENSSL_CONF=" + config,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-Xmx64m", "-cp",
                System.getProperty("java.class.path"), User.class.getName());
        String output = Processes.run(folder, command.toArray(new String[0]));
        assertTrue(output.contains("answer: OK"), output);
    }

    /** Without: the code, and what is missing. */
    @Test
    void withoutItIsMissing() throws IOException {
        Path config = Files.writeString(folder.resolve("openssl.cnf"), "");
        String output = Processes.run(folder, "env", "OPENSSL_CONF=" + config,
                "OPENSSL_MODULES=" + folder,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-Xmx64m", "-cp",
                System.getProperty("java.class.path"), User.class.getName());
        assertTrue(output.contains("answer: TLS_PROVIDER_MISSING"), output);
        assertEquals(1, output.split("provider fips: error:").length - 1, output);
    }
}
