package io.penstock.dns.wire;

import io.penstock.core.buffer.NativeBuffer;
import org.agrona.DirectBuffer;

/** The name that was written last, and where a pointer finds it: the next one is often the same. */
final class NameMemo {
    private final NativeBuffer message;
    private int target; // where its first label is, or 0

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

    /** Takes a name by its first label in the message; 0 is none. */
    void set(int label) {
        target = Compression.isTarget(label) ? label : 0;
    }

    /** Where the name is, if it is the same in every bit; else 0. The source may be anything. */
    int find(DirectBuffer source, int offset) {
        return target == 0 ? 0 : compare(source, offset);
    }

    private int compare(DirectBuffer source, int offset) {
        int capacity = source.capacity();
        int i = offset;
        int j = target;
        int hops = 0;
        while (i >= 0 && i < capacity) {
            int n = source.getByte(i);
            if (n < 0 && i + 1 < capacity && hops++ < Name.MAX_HOPS) {
                i = Name.target(source, i);
            } else if (!Octets.isSameLabel(message, j, source, i)) {
                return 0;
            } else if (n == 0) {
                return target;
            } else {
                i += n + 1;
                j = Name.label(message, j + n + 1);
            }
        }
        return 0;
    }
}
