package io.penstock.dns.wire;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import org.agrona.DirectBuffer;

/**
 * The names of a message that is being written. The cheapest comparisons come first: a name of a
 * record was copied from the same offset before, or ends in a pointer to one that was; it equals
 * the last name of its kind; it equals the message's first name. The search in the tree comes last.
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

    /** Discards all names, for another message. */
    void clear() {
        compression.clear();
        owners.clear();
        targets.clear();
        copied.clear();
    }

    /** Discards the names that were written at the offset or behind it. */
    void rollBack(int offset) {
        compression.rollBack(offset);
        owners.rollBack(offset);
        targets.rollBack(offset);
        copied.clear();
    }

    /**
     * Writes the name of a question. Returns its end, or a code.
     *
     * @param whole the length of the name if it was checked and has no pointers; else 0
     */
    int putQuestion(DirectBuffer source, int offset, int whole, int at, int limit) {
        return compression.isEmpty() && whole > 0
                ? putFirst(source, offset, whole, at, limit, owners)
                : put(source, offset, at, limit, owners);
    }

    /** Writes the name of an owner. Returns its end, or a code. */
    int putOwner(DirectBuffer source, int offset, int at, int limit) {
        return put(source, offset, at, limit, owners);
    }

    /** Writes a name of record data, which may be compressed. Returns its end, or a code. */
    int putTarget(DirectBuffer source, int offset, int at, int limit) {
        return put(source, offset, at, limit, targets);
    }

    private int put(DirectBuffer source, int offset, int at, int limit, NameMemo memo) {
        int target = memo.find(source, offset);
        if (target != 0) {
            return putPointer(at, limit, target);
        }
        int whole = offset < 0 ? 0 : Name.whole(source, offset, source.capacity());
        if (whole > 0) {
            return compression.isEmpty() ? putFirst(source, offset, whole, at, limit, memo)
                    : putNext(source, offset, whole, at, limit, memo);
        }
        int rc = Name.validate(source, offset, source.capacity());
        return rc < 0 ? rc : putBelow(source, offset, Compression.NO_STOP, 0, at, limit);
    }

    /** Copies the first name without compression: there is no earlier name. */
    private int putFirst(DirectBuffer source, int offset, int whole, int at, int limit,
            NameMemo memo) {
        int end = at + whole;
        if (end > limit) {
            return ReturnCode.DNS_FULL;
        }
        message.putBytes(at, source, offset, whole);
        if (whole > 1) {
            compression.putFirst(at);
            memo.setWhole(at, whole);
        }
        return end;
    }

    private int putNext(DirectBuffer source, int offset, int whole, int at, int limit,
            NameMemo memo) {
        int end = putBelow(source, offset, Compression.NO_STOP, 0, at, limit);
        if (end > at + 1) {
            memo.set(source, offset, whole, Name.label(message, at));
        }
        return end;
    }

    /** Writes the labels up to a stop, then a pointer to the known suffix, if there is one. */
    private int putBelow(DirectBuffer source, int offset, int stop, int rest, int at, int limit) {
        int end = compression.put(message, at, limit, source, offset, stop, rest);
        return end < 0 ? ReturnCode.DNS_FULL : end;
    }

    /** Writes a name that must not be compressed. Returns its end, or a code. */
    int putWhole(DirectBuffer source, int offset, int at, int limit) {
        int rc = Name.validate(source, offset, source.capacity());
        int length = rc < 0 ? rc : Name.copy(source, offset, message, at, limit);
        return length < 0 ? length : at + length;
    }

    private int putPointer(int at, int limit, int target) {
        return at + Name.POINTER_BYTES <= limit ? Compression.putPointer(message, at, target)
                : ReturnCode.DNS_FULL;
    }

    // Names of records, by the offset of their first label

    /** The offset in the message of a name that was copied before; else 0. */
    int copied(ResourceRecord record, int label) {
        return copied.find(record, label);
    }

    /** Writes the name of a record's owner. Returns its end, or a code. */
    int copyOwner(ResourceRecord record, int at, int limit) {
        return copy(record, record.owner(), at, limit, owners);
    }

    /** Writes a name of a record's data, which may be compressed. Returns its end, or a code. */
    int copyTarget(ResourceRecord record, int label, int at, int limit) {
        return copy(record, label, at, limit, targets);
    }

    private int copy(ResourceRecord record, int label, int at, int limit, NameMemo memo) {
        int target = copied.find(record, label);
        if (target != 0) {
            return putPointer(at, limit, target);
        }
        NativeBuffer source = record.buffer();
        int last = Name.lastInPlace(source, label);
        int rest = source.getByte(last) == 0 ? 0 : copied.find(record, Name.label(source, last));
        int end = rest == 0 ? put(source, label, at, limit, memo)
                : putBelow(source, label, last, rest, at, limit);
        if (end > at + 1) {
            copied.put(record, label, Name.label(message, at));
        }
        return end;
    }
}
