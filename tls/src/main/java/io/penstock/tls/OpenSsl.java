package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.tls.openssl.Library;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The library that everything here stands on. It is found when it is first needed: where the
 * system property {@code penstock.openssl} says (a folder, or the path of libssl), or else
 * {@code libssl.so.3} and then {@code libssl.so.4} where the system keeps its libraries.
 *
 * <p><b>Threading</b>: any. <b>Allocation</b>: set-up.
 */
public final class OpenSsl {
    private static final String UPPER_LAYER_PROTOCOLS = "/proc/sys/net/ipv4/tcp_available_ulp";

    private OpenSsl() {
    }

    /**
     * Finds the library, unless it was found before. Opening anything here does this by itself.
     *
     * @return 0, {@link ReturnCode#TLS_LIBRARY_MISSING}, {@link ReturnCode#TLS_LIBRARY_UNFIT}
     */
    public static int load() {
        return Library.load();
    }

    /**
     * Which it is.
     *
     * @return such as {@code "OpenSSL 3.0.19 27 Jan 2026"}; empty if there is none
     */
    public static String version() {
        return Library.version();
    }

    /**
     * What there is of kernel TLS, which moves encryption of a TCP socket into the kernel: whether
     * the kernel offers it now, and that it is not used, and why. What a connection really does
     * {@link TlsOutcome#isKernelTls} asks of the library.
     *
     * @return a line
     */
    public static String kernelTls() {
        String offered;
        try {
            String protocols = Files.readString(Path.of(UPPER_LAYER_PROTOCOLS)).strip();
            offered = List.of(protocols.split(" ")).contains("tls") ? "the kernel offers it"
                    : "the kernel does not offer it now (" + protocols + ")";
        } catch (IOException e) {
            offered = "the kernel knows nothing of it";
        }
        return "not used, for records pass through memory, over any stream; " + offered;
    }

    /**
     * Where it was looked for, and what was wrong there: for the message when it is missing.
     *
     * @return a line for each attempt
     */
    public static String tried() {
        return Library.tried();
    }
}
