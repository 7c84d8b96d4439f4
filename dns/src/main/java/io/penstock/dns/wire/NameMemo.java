package io.penstock.dns.wire;

import io.penstock.core.buffer.NativeBuffer;
import org.agrona.DirectBuffer;

/** The name that was written last, and where a pointer finds it: the next one is often the same. */
final class NameMemo {
    private final NativeBuffer copy = NativeBuffer.allocate(Name.MAX_BYTES);
    private NativeBuffer where = copy;
    private int at;
    private int length;
    private int target;
    private ResourceRecord source;
    private long sourceStamp;
    private int sourceOwner;

    void clear() {
        length = 0;
        source = null;
    }

    /** Forgets what was written from there on. */
    void rollBack(int offset) {
        if (target >= offset) {
            clear();
        }
    }

    /** Takes a name that was written at an offset of the message; whole, if it has no pointer. */
    void set(NativeBuffer message, int offset, boolean isWhole, int length) {
        source = null;
        target = Name.label(message, offset);
        this.length = Compression.isTarget(target) && length > 1 ? length : 0;
        if (isWhole) {
            where = message;
            at = offset;
        } else {
            where = copy;
            at = 0;
            Name.copy(message, offset, copy, 0, Name.MAX_BYTES);
        }
    }

    /** Says whose owner the name is, so that a record with the same one is known at a glance. */
    void cameFrom(ResourceRecord record) {
        source = length > 0 ? record : null;
        sourceStamp = record.stamp();
        sourceOwner = record.owner();
    }

    /** Where the owner of a record is, if it is that of the last one, at the same place; else 0. */
    int find(ResourceRecord record) {
        boolean isSame = record == source && record.stamp() == sourceStamp
                && record.owner() == sourceOwner;
        return isSame ? target : 0;
    }

    /** Where the name is, if it is the same in every bit; else 0. The source may be anything. */
    int find(DirectBuffer source, int offset) {
        int capacity = source.capacity();
        int i = offset;
        int j = at;
        int hops = 0;
        while (length > 0 && i >= 0 && i < capacity) {
            int n = source.getByte(i);
            if (n < 0 && i + 1 < capacity && hops++ < Name.MAX_HOPS) {
                i = Name.target(source, i);
            } else if (!Octets.isSameLabel(where, j, source, i)) {
                return 0;
            } else if (n == 0) {
                return target;
            } else {
                i += n + 1;
                j += n + 1;
            }
        }
        return 0;
    }
}
