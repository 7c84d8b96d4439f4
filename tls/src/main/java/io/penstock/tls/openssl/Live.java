package io.penstock.tls.openssl;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many of the library's objects this binding has made and not freed. Objects that are left when
 * everything is closed have leaked.
 */
public final class Live {
    private static final AtomicLong COUNT = new AtomicLong();

    private Live() {
    }

    /** How many objects live. */
    public static long count() {
        return COUNT.get();
    }

    /** An object now belongs to another, which frees it. */
    public static void handedOver(long object) {
        gone(object);
    }

    /** Counts an object that a function made; NULL is none. */
    static long made(long object) {
        if (object != 0) {
            COUNT.getAndIncrement();
        }
        return object;
    }

    /** Discounts an object that is about to be freed. */
    static long gone(long object) {
        if (object != 0) {
            COUNT.getAndDecrement();
        }
        return object;
    }
}
