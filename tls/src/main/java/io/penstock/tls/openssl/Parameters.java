package io.penstock.tls.openssl;

import io.penstock.core.buffer.NativeBuffer;

/**
 * A list of {@code OSSL_PARAM}s, ended by one of zeros.
 *
 * <pre>
 *   0     8      16     24     32            40
 *   +-----+------+------+------+-------------+
 *   | key | type | data | size | return size |
 *   +-----+------+------+------+-------------+
 * </pre>
 */
public final class Parameters {
    private static final int TYPE_OFFSET = 8;
    private static final int DATA_OFFSET = 16;
    private static final int SIZE_OFFSET = 24;
    private static final int ENTRY_BYTES = 40;
    private static final int MOST = 2;
    private static final int UTF8_STRING = 4;
    private static final int OCTET_STRING = 5;

    private final NativeBuffer entries = NativeBuffer.allocate((MOST + 1) * ENTRY_BYTES);
    private final NativeBuffer[] held = new NativeBuffer[2 * MOST];
    private int count;

    /** Adds a text. */
    public Parameters text(String key, String value) {
        NativeBuffer data = NativeBuffer.cString(value);
        held[2 * count + 1] = data;
        return add(key, UTF8_STRING, data.addressOffset(), value.length());
    }

    /** Adds bytes, whose address may change: {@link #bytesAt}. */
    public Parameters bytes(String key, int length) {
        return add(key, OCTET_STRING, 0, length);
    }

    /** Sets the address of the bytes of an entry. */
    public void bytesAt(int entry, long address) {
        entries.putLong(entry * ENTRY_BYTES + DATA_OFFSET, address);
    }

    /** The address of the list, which lives as long as this object. */
    public long address() {
        return entries.addressOffset();
    }

    private Parameters add(String key, int type, long data, long size) {
        int at = count * ENTRY_BYTES;
        NativeBuffer name = NativeBuffer.cString(key);
        held[2 * count] = name;
        entries.putLong(at, name.addressOffset());
        entries.putInt(at + TYPE_OFFSET, type);
        entries.putLong(at + DATA_OFFSET, data);
        entries.putLong(at + SIZE_OFFSET, size);
        count++;
        return this;
    }
}
