package io.penstock.core.testing;

import java.io.File;

/** The open descriptors of this process. */
public final class Descriptors {
    private Descriptors() {
    }

    /** How many are open, less the one that looks. */
    public static int open() {
        String[] names = new File("/proc/self/fd").list();
        return names == null ? 0 : names.length - 1;
    }

    /**
     * Fails if more are open than before. There may be fewer: the JDK closes the pipes of a child
     * of an earlier test when its own thread comes to it.
     */
    public static void assertOpen(int expected) {
        int now = open();
        if (now > expected) {
            throw new AssertionError("descriptors: " + expected + " before, " + now + " now");
        }
    }
}
