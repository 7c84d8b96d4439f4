package io.penstock.dns.wire;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import org.agrona.DirectBuffer;

/**
 * The names of a message that is being written. What costs least is tried first: whether a name of
 * a record was copied from the same place before, whether it is the last one of its kind again,
 * whether it is the message's first; then the tree is asked.
 */
final class WrittenNames {
    private final NativeBuffer message;
    private final Compression compression = new Compression();
    private final NameMemo owners;
    private final NameMemo targets;
    private final CopiedNames copied = new CopiedNames();

    WrittenNames(NativeBuffer message) {
        this.message = message;
        owners = new NameMemo(message);
        targets = new NameMemo(message);
    }

    /** Forgets all: another message. */
    void clear() {
        compression.clear();
        owners.clear();
        targets.clear();
        copied.clear();
    }

    /** Forgets what was written from there on. */
    void rollBack(int offset) {
        compression.rollBack(offset);
        owners.rollBack(offset);
        targets.rollBack(offset);
        copied.clear();
    }

    /** Writes the name of an owner or a question: where it ends, or a code. */
    int putOwner(DirectBuffer source, int offset, int at, int limit) {
        return put(source, offset, at, limit, owners);
    }

    /** Writes a name of record data, which may be compressed: where it ends, or a code. */
    int putTarget(DirectBuffer source, int offset, int at, int limit) {
        return put(source, offset, at, limit, targets);
    }

    private int put(DirectBuffer source, int offset, int at, int limit, NameMemo memo) {
        int target = memo.find(source, offset);
        if (target != 0) {
            return putPointer(at, limit, target);
        }
        int length = offset < 0 ? 0 : Name.whole(source, offset, source.capacity());
        if (length == 0) {
            long walked = offset < 0 ? ReturnCode.DNS_SHORT
                    : Name.walk(source, offset, source.capacity(), null);
            if (walked < 0) {
                return (int) walked;
            }
        }
        boolean isFirst = compression.isEmpty() && length > 0;
        int end = !isFirst ? compression.put(message, at, limit, source, offset)
                : at + length <= limit ? copyFirst(source, offset, at, length) : -1;
        if (end < 0) {
            return ReturnCode.DNS_FULL;
        }
        memo.set(end > at + 1 ? Name.label(message, at) : 0);
        return end;
    }

    private int copyFirst(DirectBuffer source, int offset, int at, int length) {
        message.putBytes(at, source, offset, length);
        compression.putFirst(at);
        return at + length;
    }

    /** Writes a name that must not be compressed: where it ends, or a code. */
    int putWhole(DirectBuffer source, int offset, int at, int limit) {
        long walked = offset < 0 ? ReturnCode.DNS_SHORT
                : Name.walk(source, offset, source.capacity(), null);
        return walked < 0 ? (int) walked
                : at + Name.length(walked) > limit ? ReturnCode.DNS_FULL
                : at + Name.copy(source, offset, message, at, limit);
    }

    private int putPointer(int at, int limit, int target) {
        return at + 2 <= limit ? Compression.putPointer(message, at, target)
                : ReturnCode.DNS_FULL;
    }

    // Names of records, by the offset of their first label

    /** Where a name is that was copied before; else 0. */
    int copied(ResourceRecord record, int label) {
        return copied.find(record, label);
    }

    /** Writes the name of a record's owner: where it ends, or a code. */
    int copyOwner(ResourceRecord record, int at, int limit) {
        return copy(record, record.owner(), at, limit, owners);
    }

    /** Writes a name of a record's data, which may be compressed: where it ends, or a code. */
    int copyTarget(ResourceRecord record, int label, int at, int limit) {
        return copy(record, label, at, limit, targets);
    }

    private int copy(ResourceRecord record, int label, int at, int limit, NameMemo memo) {
        int target = copied.find(record, label);
        if (target != 0) {
            return putPointer(at, limit, target);
        }
        int end = put(record.buffer(), label, at, limit, memo);
        if (end > at + 1) {
            copied.put(record, label, Name.label(message, at));
        }
        return end;
    }
}
