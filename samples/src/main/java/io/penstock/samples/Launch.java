package io.penstock.samples;

/** What the launcher found before it started the JVM. */
final class Launch {
    // Descriptors that were closed hold /dev/null by now: a JVM would have put its own files there.
    private static final String CLOSED = System.getenv("PENSTOCK_CLOSED");

    private Launch() {
    }

    static boolean wasClosed(int descriptor) {
        return CLOSED != null && CLOSED.indexOf('0' + descriptor) >= 0;
    }
}
