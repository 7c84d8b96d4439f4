package io.penstock.dns.wire;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import org.agrona.DirectBuffer;

/** The name that completes relative names, if there is one. */
final class Origin {
    private final NativeBuffer name = NativeBuffer.allocate(Name.MAX_BYTES);
    private int length;

    void clear() {
        length = 0;
    }

    int set(DirectBuffer from, int offset) {
        int rc = Name.validate(from, offset, from.capacity());
        length = rc < 0 ? length : Name.copy(from, offset, name, 0, Name.MAX_BYTES);
        return Math.min(rc, 0);
    }

    boolean isSet() {
        return length > 0;
    }

    NativeBuffer name() {
        return name;
    }

    /** Parses a name and completes it. Returns its length, or a code. */
    int parse(CharSequence text, NativeBuffer out, int at, int limit) {
        if (text.length() == 1 && text.charAt(0) == '@') {
            return isSet() ? append(out, at, at, limit) : ReturnCode.DNS_ORIGIN;
        }
        int end = NameText.parseLabels(text, out, at, limit);
        if (end < 0) {
            return end;
        }
        if (NameText.isDotLast(text)) {
            return NameText.finish(out, at, end, limit);
        }
        return isSet() ? append(out, at, end, limit) : ReturnCode.DNS_ORIGIN;
    }

    private int append(NativeBuffer out, int from, int at, int limit) {
        if (at - from + length > Name.MAX_BYTES) {
            return ReturnCode.DNS_NAME_TOO_LONG;
        }
        if (at + length > limit) {
            return ReturnCode.DNS_FULL;
        }
        out.putBytes(at, name, 0, length);
        return at + length - from;
    }
}
