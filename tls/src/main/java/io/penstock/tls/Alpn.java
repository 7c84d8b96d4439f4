package io.penstock.tls;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.tls.openssl.Memory;

/** Names of application protocols as in a hello: each after a byte with its length. */
final class Alpn {
    private static final int MAX_NAME_BYTES = 255;
    private static final int MAX_BYTES = 65_533; // of an extension, less its length field

    private Alpn() {
    }

    /** The list; null if it is too long, or a name is empty, too long or not ASCII. */
    static NativeBuffer encode(String[] names) {
        int length = 0;
        for (String name : names) {
            boolean isAscii = name.chars().allMatch(c -> c < 0x80);
            if (name.isEmpty() || name.length() > MAX_NAME_BYTES || !isAscii) {
                return null;
            }
            length += 1 + name.length();
        }
        if (length > MAX_BYTES) {
            return null;
        }
        NativeBuffer list = NativeBuffer.allocate(length);
        int at = 0;
        for (String name : names) {
            list.putByte(at, (byte) name.length());
            at += 1 + list.putStringWithoutLengthAscii(at + 1, name);
        }
        return list;
    }

    /** The index of the name at an address; -1 if it is none of them. */
    static int find(String[] names, long address, int length) {
        for (int i = 0; i < names.length; i++) {
            if (isAt(names[i], address, length)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean isAt(String name, long address, int length) {
        if (name.length() != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (name.charAt(i) != Memory.getByte(address + i)) {
                return false;
            }
        }
        return true;
    }
}
