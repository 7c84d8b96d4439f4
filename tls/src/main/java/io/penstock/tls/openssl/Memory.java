package io.penstock.tls.openssl;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The library's memory, by address. No address is checked: all are the library's pointers. */
@SuppressWarnings("restricted") // native access is granted to this module
public final class Memory {
    private static final MemorySegment EVERYTHING =
            MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private Memory() {
    }

    public static byte getByte(long address) {
        return EVERYTHING.get(ValueLayout.JAVA_BYTE, address);
    }

    public static int getInt(long address) {
        return EVERYTHING.get(ValueLayout.JAVA_INT_UNALIGNED, address);
    }

    public static void putInt(long address, int value) {
        EVERYTHING.set(ValueLayout.JAVA_INT_UNALIGNED, address, value);
    }

    public static long getLong(long address) {
        return EVERYTHING.get(ValueLayout.JAVA_LONG_UNALIGNED, address);
    }

    public static void putLong(long address, long value) {
        EVERYTHING.set(ValueLayout.JAVA_LONG_UNALIGNED, address, value);
    }

    public static void copy(long from, long to, long lengthBytes) {
        MemorySegment.copy(EVERYTHING, from, EVERYTHING, to, lengthBytes);
    }

    /** The text of a C string; empty for NULL. */
    public static String string(long address) {
        return address == 0 ? "" : EVERYTHING.getString(address);
    }

    /** The length of a C string, without an object for it. */
    public static int length(long address) {
        int length = 0;
        while (getByte(address + length) != 0) {
            length++;
        }
        return length;
    }
}
