package io.penstock.dns.wire;

import io.penstock.core.buffer.NativeBuffer;
import org.agrona.DirectBuffer;

/**
 * The last name that was written, and its offset for pointers: the next name is often equal. The
 * name is kept without pointers, so that a comparison takes a few words.
 */
final class NameMemo {
    private final NativeBuffer message;
    private final NativeBuffer own = NativeBuffer.allocate(Name.MAX_BYTES);
    private NativeBuffer octets = own;
    private int start; // of its octets
    private int length;
    private int target; // offset of its first label in the message, or 0

    NameMemo(NativeBuffer message) {
        this.message = message;
    }

    void clear() {
        target = 0;
    }

    /** Discards the name if it was written at the offset or behind it. */
    void rollBack(int offset) {
        if (target >= offset) {
            clear();
        }
    }

    /** Keeps a name, and the offset at which its first label was written. */
    void set(DirectBuffer source, int offset, int length, int label) {
        own.putBytes(0, source, offset, length);
        keep(own, 0, length, label);
    }

    /** Keeps a name that was written without pointers. */
    void setWhole(int label, int length) {
        keep(message, label, length, label);
    }

    private void keep(NativeBuffer octets, int start, int length, int label) {
        this.octets = octets;
        this.start = start;
        this.length = length;
        target = Compression.isTarget(label) ? label : 0;
    }

    /** The offset of the name if a source equals it in every bit; else 0. */
    int find(DirectBuffer source, int offset) {
        boolean isSame = target != 0 && offset >= 0 && offset <= source.capacity() - length
                && Octets.isSame(octets, start, source, offset, length);
        return isSame ? target : 0;
    }
}
