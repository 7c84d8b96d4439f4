package io.penstock.tls.openssl;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds OpenSSL, and calls its functions. There is one call shape, seven longs in and one out, the
 * same as core's for system calls. A function with fewer arguments does not read the registers of
 * the others, and each further shape would add some 5 ms to the start of a process.
 *
 * <p>The library is never closed: its objects may be used until the process ends.
 */
@SuppressWarnings("restricted") // native access is granted for this class
public final class Library {
    /** The system property for the folder of the libraries, or the path of libssl. */
    public static final String PROPERTY = "penstock.openssl";

    private static final String[] SUFFIXES = {".so.3", ".so.4"};
    private static final int LEAST_MAJOR = 3;
    private static final int MOST_MAJOR = 4;
    // Method-handle customisation comes with the calls after the hundredth.
    private static final int WARM_UP_CALLS = 200;
    private static final long NO_ATEXIT = 0x80000; // it would clean up while threads run
    private static final long LOAD_STRINGS = 0x200002; // the messages of errors, of both libraries

    private static final FunctionDescriptor SHAPE = FunctionDescriptor.of(JAVA_LONG, JAVA_LONG,
            JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle CALL = Linker.nativeLinker().downcallHandle(SHAPE);
    // For the few functions that are called with every record, take nanoseconds, and never call
    // back.
    private static final MethodHandle SHORT_CALL = Linker.nativeLinker().downcallHandle(
            SHAPE, Linker.Option.critical(false));
    private static final List<String> TRIED = new ArrayList<>();
    private static final List<String> ABSENT = new ArrayList<>();
    private static SymbolLookup crypto;
    private static SymbolLookup ssl;
    private static final int FOUND = search(System.getProperty(PROPERTY));

    private Library() {
    }

    /** Looks the functions up, after the search for the library, which may lack one of them. */
    private static final class Loaded {
        static final int CODE = FOUND < 0 ? FOUND : initialise();

        private static int initialise() {
            Crypto.touch();
            Ssl.touch();
            Dtls.touch();
            if (!ABSENT.isEmpty()) {
                return ReturnCode.TLS_LIBRARY_UNFIT;
            }
            Ssl.OPENSSL_init_ssl(NO_ATEXIT | LOAD_STRINGS);
            for (int i = 0; i < WARM_UP_CALLS; i++) {
                Crypto.ERR_clear_error();
                Crypto.ERR_peek_error();
            }
            return 0;
        }
    }

    /** Loads the library, the first time: 0, TLS_LIBRARY_MISSING or TLS_LIBRARY_UNFIT. */
    public static int load() {
        return Loaded.CODE;
    }

    /** The attempts to load the library, and why each failed, a line each. */
    public static String tried() {
        String lines = String.join("\n", TRIED);
        return ABSENT.isEmpty() ? lines : lines + "\nwithout " + String.join(", ", ABSENT);
    }

    /** The version, such as "OpenSSL 3.0.19 27 Jan 2026"; empty without a library. */
    public static String version() {
        return FOUND < 0 ? "" : banner();
    }

    private static int search(String place) {
        int rc = ReturnCode.TLS_LIBRARY_MISSING;
        if (place != null && (place.isEmpty() || !NativeBuffer.isCString(place))) {
            TRIED.add(PROPERTY + ": names no folder and no library");
            return rc;
        }
        if (place != null && !Files.isDirectory(Path.of(place))) {
            return tryPair(sibling(place), place);
        }
        for (String suffix : SUFFIXES) {
            String folder = place == null ? "" : place + "/";
            int tried = tryPair(folder + "libcrypto" + suffix, folder + "libssl" + suffix);
            if (tried == 0) {
                return 0;
            }
            rc = tried == ReturnCode.TLS_LIBRARY_UNFIT ? tried : rc;
        }
        return rc;
    }

    private static String sibling(String libssl) {
        int name = libssl.lastIndexOf('/') + 1;
        return libssl.substring(0, name) + libssl.substring(name).replace("libssl", "libcrypto");
    }

    private static int tryPair(String cryptoName, String sslName) {
        crypto = open(cryptoName);
        ssl = crypto == null ? null : open(sslName);
        if (ssl == null) {
            TRIED.add((crypto == null ? cryptoName : sslName) + ": cannot be loaded");
            return ReturnCode.TLS_LIBRARY_MISSING;
        }
        String fault = fault();
        TRIED.add(sslName + ": " + (fault == null ? banner() : fault));
        return fault == null ? 0 : ReturnCode.TLS_LIBRARY_UNFIT;
    }

    private static SymbolLookup open(String name) {
        try {
            return name.indexOf('/') < 0 ? SymbolLookup.libraryLookup(name, Arena.global())
                    : SymbolLookup.libraryLookup(Path.of(name), Arena.global());
        } catch (IllegalArgumentException e) {
            return null; // TRIED says why
        }
    }

    private static String fault() {
        MemorySegment major = crypto.find("OPENSSL_version_major").orElse(null);
        if (major == null || crypto.find("OpenSSL_version").isEmpty()) {
            return "is older than OpenSSL 3, or another library";
        }
        if (!banner().startsWith("OpenSSL ")) {
            return "is another library: " + banner();
        }
        int version = (int) call(major, 0);
        if (version < LEAST_MAJOR || version > MOST_MAJOR) {
            return "is of another version: " + banner();
        }
        // libssl resolves that name in the libcrypto that it was linked with.
        return ssl.find("OPENSSL_version_major").filter(major::equals).isPresent() ? null
                : "was loaded with another libcrypto";
    }

    private static String banner() {
        return Memory.string(call(crypto.find("OpenSSL_version").orElseThrow(), 0));
    }

    /** A function of libcrypto; without it the library is unfit. */
    static MemorySegment inCrypto(String name) {
        return find(crypto, name);
    }

    /** A function of libssl; without it the library is unfit. */
    static MemorySegment inSsl(String name) {
        return find(ssl, name);
    }

    private static MemorySegment find(SymbolLookup lookup, String name) {
        return lookup.find(name).orElseGet(() -> {
            ABSENT.add(name);
            return MemorySegment.NULL;
        });
    }

    static long shortCall(MemorySegment function, long a, long b, long c) {
        try {
            return (long) SHORT_CALL.invokeExact(function, a, b, c, 0L, 0L, 0L, 0L);
        } catch (Throwable t) {
            throw new AssertionError(t); // functions of C throw nothing
        }
    }

    static long call(MemorySegment function, long a) {
        return call(function, a, 0, 0, 0, 0, 0, 0);
    }

    static long call(MemorySegment function, long a, long b) {
        return call(function, a, b, 0, 0, 0, 0, 0);
    }

    static long call(MemorySegment function, long a, long b, long c) {
        return call(function, a, b, c, 0, 0, 0, 0);
    }

    static long call(MemorySegment function, long a, long b, long c, long d) {
        return call(function, a, b, c, d, 0, 0, 0);
    }

    static long call(
            MemorySegment function, long a, long b, long c, long d, long e, long f, long g) {
        try {
            return (long) CALL.invokeExact(function, a, b, c, d, e, f, g);
        } catch (Throwable t) {
            throw new AssertionError(t); // functions of C throw nothing, nor do upcalls
        }
    }
}
