package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.tls.openssl.Library;

/**
 * The library that everything here stands on. It is found when it is first needed: where the
 * system property {@code penstock.openssl} says (a folder, or the path of libssl), or else
 * {@code libssl.so.3} and then {@code libssl.so.4} where the system keeps its libraries.
 *
 * <p><b>Threading</b>: any. <b>Allocation</b>: set-up.
 */
public final class OpenSsl {
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
     * Where it was looked for, and what was wrong there: for the message when it is missing.
     *
     * @return a line for each attempt
     */
    public static String tried() {
        return Library.tried();
    }
}
