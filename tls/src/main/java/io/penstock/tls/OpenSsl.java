package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.tls.openssl.Library;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The platform's OpenSSL. It is loaded when it is first needed: from the system property
 * {@code penstock.openssl}, a folder or the path of libssl, if that is set; else
 * {@code libssl.so.3} and then {@code libssl.so.4} from the folders of the system's libraries.
 *
 * <p><b>Threading</b>: any. <b>Allocation</b>: set-up.
 */
public final class OpenSsl {
    private static final String UPPER_LAYER_PROTOCOLS = "/proc/sys/net/ipv4/tcp_available_ulp";

    private OpenSsl() {
    }

    /**
     * Loads the library, unless it is loaded. Everything in this package that needs it does so by
     * itself.
     *
     * @return 0, {@link ReturnCode#TLS_LIBRARY_MISSING}, {@link ReturnCode#TLS_LIBRARY_UNFIT}
     */
    public static int load() {
        return Library.load();
    }

    /**
     * The version of the library that is loaded.
     *
     * @return such as {@code "OpenSSL 3.0.19 27 Jan 2026"}; empty if there is none
     */
    public static String version() {
        return Library.version();
    }

    /**
     * Whether the kernel offers kernel TLS, which encrypts for a TCP socket; and that it is not
     * used, and why. {@link TlsOutcome#isKernelTls} asks the library about a connection.
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
     * Where the library was looked for, and why it was not loaded there: for an error message.
     *
     * @return a line for each attempt
     */
    public static String tried() {
        return Library.tried();
    }
}
