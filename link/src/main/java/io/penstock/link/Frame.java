package io.penstock.link;

import io.penstock.core.buffer.NativeBuffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Memory in which frames are laid out and looked at. All of a header is big-endian.
 *
 * <pre>
 *   0          4          8            12            16              16 + length
 *   +----------+----------+------------+-------------+- - - - - - - -+
 *   | magic    | length   | CRC of the | CRC of the  | payload       |
 *   |          |          | 8 before   | payload     |               |
 *   +----------+----------+------------+-------------+- - - - - - - -+
 * </pre>
 *
 * The length has a checksum of its own, so that it can be believed before the payload is there.
 * Both checksums are CRC-32C.
 */
final class Frame {
    static final int HEADER_BYTES = 16;
    static final int MAGIC_BYTES = 4;

    // A byte that UTF-8 never has, then "PF1". No end of it is a beginning of it.
    private static final int MAGIC = 0xF550_4631;
    private static final int LENGTH_OFFSET = 4;
    private static final int HEADER_CRC_OFFSET = 8;
    private static final int PAYLOAD_CRC_OFFSET = 12;

    final NativeBuffer memory = new NativeBuffer();
    private final ByteBuffer bytes; // the same memory, for the checksum
    private final CRC32C crc = new CRC32C();

    Frame(int capacity) {
        bytes = ByteBuffer.allocateDirect(capacity);
        memory.wrap(bytes);
    }

    /** Lays a header before a payload that is there already. */
    void putHeader(int index, int length) {
        putInt(index, MAGIC);
        putInt(index + LENGTH_OFFSET, length);
        putInt(index + HEADER_CRC_OFFSET, crcOf(index, HEADER_CRC_OFFSET));
        putInt(index + PAYLOAD_CRC_OFFSET, crcOf(index + HEADER_BYTES, length));
    }

    /** Whether the available bytes, even fewer than a magic number has, may begin a frame. */
    boolean mayBegin(int index, int available) {
        int n = Math.min(MAGIC_BYTES, available);
        for (int i = 0; i < n; i++) {
            if (memory.getByte(index + i) != (byte) (MAGIC >>> 24 - 8 * i)) {
                return false;
            }
        }
        return true;
    }

    boolean isHeader(int index) {
        return mayBegin(index, MAGIC_BYTES) && length(index) > 0
                && getInt(index + HEADER_CRC_OFFSET) == crcOf(index, HEADER_CRC_OFFSET);
    }

    int length(int index) {
        return getInt(index + LENGTH_OFFSET);
    }

    boolean isPayload(int index) {
        return getInt(index + PAYLOAD_CRC_OFFSET) == crcOf(index + HEADER_BYTES, length(index));
    }

    private int crcOf(int index, int length) {
        crc.reset();
        crc.update(bytes.limit(index + length).position(index));
        return (int) crc.getValue();
    }

    private int getInt(int index) {
        return memory.getInt(index, ByteOrder.BIG_ENDIAN);
    }

    private void putInt(int index, int value) {
        memory.putInt(index, value, ByteOrder.BIG_ENDIAN);
    }
}
