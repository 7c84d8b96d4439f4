package io.penstock.tls.openssl;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many of the library's objects this binding has made and not freed: what is left when
 * everything is closed has leaked.
 */
public final class Live {
    private static final AtomicLong COUNT = new AtomicLong();

    private Live() {
    }

    /** The objects that live. */
    public static long count() {
        return COUNT.get();
    }

    /** An object now belongs to another, which frees it. */
    public static void handedOver(long object) {
        gone(object);
    }

    /** Notes what a function made; NULL is nothing. */
    static long made(long object) {
        if (object != 0) {
            COUNT.getAndIncrement();
        }
        return object;
    }

    /** Notes what is about to be freed. */
    static long gone(long object) {
        if (object != 0) {
            COUNT.getAndDecrement();
        }
        return object;
    }
}
