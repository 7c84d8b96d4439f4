package io.penstock.tls.openssl;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The library's own memory, by address. Nothing is checked: these are its pointers. */
@SuppressWarnings("restricted") // native access is what this module is granted
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

    /** A C string's length, without making anything of it. */
    public static int length(long address) {
        int length = 0;
        while (getByte(address + length) != 0) {
            length++;
        }
        return length;
    }
}
