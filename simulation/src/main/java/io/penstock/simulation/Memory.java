package io.penstock.simulation;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Linux;

/** The memory of the process under test, as the kernel sees it: by address. */
final class Memory {
    private final NativeBuffer at = new NativeBuffer();

    NativeBuffer at(long address, long length) {
        at.wrap(address, (int) length);
        return at;
    }

    int getInt(long address) {
        return at(address, Integer.BYTES).getInt(0);
    }

    long getLong(long address) {
        return at(address, Long.BYTES).getLong(0);
    }

    void putInt(long address, int value) {
        at(address, Integer.BYTES).putInt(0, value);
    }

    void putLong(long address, long value) {
        at(address, Long.BYTES).putLong(0, value);
    }

    byte[] get(long address, long length) {
        byte[] bytes = new byte[(int) length];
        if (length > 0) {
            at(address, length).getBytes(0, bytes);
        }
        return bytes;
    }

    void put(long address, byte[] bytes, int length) {
        if (length > 0) {
            at(address, length).putBytes(0, bytes, 0, length);
        }
    }

    /** What a C string says. */
    String text(long address) {
        StringBuilder text = new StringBuilder();
        for (byte c; (c = at(address + text.length(), 1).getByte(0)) != 0;) {
            text.append((char) c);
        }
        return text.toString();
    }

    /** A sockaddr as text that is the same for the same address: the key of a name. */
    Address address(long sockaddr, int length) {
        byte[] bytes = get(sockaddr, length);
        int family = length < 2 ? Linux.AF_UNSPEC : bytes[0] & 0xff;
        return new Address(family, bytes);
    }
}
