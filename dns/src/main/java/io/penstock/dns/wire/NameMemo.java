package io.penstock.dns.wire;

import io.penstock.core.buffer.NativeBuffer;
import org.agrona.DirectBuffer;

/**
 * A name that was written, and where a pointer finds it: the next one is often the same. It is kept
 * in one piece, as it was given, so that it takes a few words to compare.
 */
final class NameMemo {
    private final NativeBuffer message;
    private final NativeBuffer own = NativeBuffer.allocate(Name.MAX_BYTES);
    private NativeBuffer octets = own;
    private int start; // of its octets
    private int length;
    private int target; // where its first label is in the message, or 0

    NameMemo(NativeBuffer message) {
        this.message = message;
    }

    void clear() {
        target = 0;
    }

    /** Forgets what was written from there on. */
    void rollBack(int offset) {
        if (target >= offset) {
            clear();
        }
    }

    /** Takes a name of so many octets, and where its first label was written. */
    void set(DirectBuffer source, int offset, int length, int label) {
        own.putBytes(0, source, offset, length);
        keep(own, 0, length, label);
    }

    /** Takes a name that was written in one piece. */
    void setWhole(int label, int length) {
        keep(message, label, length, label);
    }

    private void keep(NativeBuffer octets, int start, int length, int label) {
        this.octets = octets;
        this.start = start;
        this.length = length;
        target = Compression.isTarget(label) ? label : 0;
    }

    /** Where the name is, if it is the same in every bit; else 0. The source may be anything. */
    int find(DirectBuffer source, int offset) {
        boolean isSame = target != 0 && offset >= 0 && offset <= source.capacity() - length
                && Octets.isSame(octets, start, source, offset, length);
        return isSame ? target : 0;
    }
}
