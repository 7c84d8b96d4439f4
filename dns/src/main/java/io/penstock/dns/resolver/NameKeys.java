package io.penstock.dns.resolver;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.dns.wire.Name;
import io.penstock.dns.wire.NameText;
import org.agrona.DirectBuffer;

/**
 * Names as keys: in wire format, without pointers, in lower case. The hash of a key is
 * {@link String#hashCode} of its text without the last dot, so that the hash that a string has
 * cached serves as well.
 */
final class NameKeys {
    /** Room for any name, a multiple of 8. */
    static final int ROOM = 256;

    private NameKeys() {
    }

    /** Parses a name into a key: its length in octets, or a code of {@link NameText#parse}. */
    static int parse(CharSequence text, NativeBuffer to, int offset) {
        int n = NameText.parse(text, to, offset, offset + Name.MAX_BYTES);
        if (n > 0) {
            lower(to, offset, n);
        }
        return n;
    }

    /** Copies a name of a message as a key: its length in octets. */
    static int copy(DirectBuffer from, int offset, NativeBuffer to, int toOffset) {
        int n = Name.copy(from, offset, to, toOffset, toOffset + Name.MAX_BYTES);
        lower(to, toOffset, n);
        return n;
    }

    /** The lengths of labels are less than 'A', so they do not change. */
    private static void lower(NativeBuffer b, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            byte c = b.getByte(i);
            if (c >= 'A' && c <= 'Z') {
                b.putByte(i, (byte) (c | 0x20));
            }
        }
    }

    static int hash(DirectBuffer name, int offset) {
        int hash = 0;
        int at = offset;
        for (int n = name.getByte(at); n > 0; n = name.getByte(at)) {
            hash = at == offset ? hash : 31 * hash + '.';
            for (int end = at + n; at < end;) {
                hash = 31 * hash + (name.getByte(++at) & 0xff);
            }
            at++;
        }
        return hash;
    }

    /** The hash of the key of a text without escapes. */
    static int hash(CharSequence text) {
        int length = text.length();
        int end = length > 0 && text.charAt(length - 1) == '.' ? length - 1 : length;
        int hash = 0;
        for (int i = 0; i < end; i++) {
            hash = 31 * hash + lower(text.charAt(i));
        }
        return hash;
    }

    static char lower(char c) {
        return c >= 'A' && c <= 'Z' ? (char) (c | 0x20) : c;
    }

    /** Whether two keys of the same length are equal. */
    static boolean equal(DirectBuffer a, int aOffset, DirectBuffer b, int bOffset, int length) {
        for (int i = 0; i < length; i++) {
            if (a.getByte(aOffset + i) != b.getByte(bOffset + i)) {
                return false;
            }
        }
        return true;
    }

    /** Whether a text without escapes, in any case, has this key. */
    static boolean equal(NativeBuffer key, int offset, CharSequence text) {
        int length = text.length();
        int at = offset;
        int i = 0;
        int n;
        if (key.getByte(at) == 0) {
            return length == 1 && text.charAt(0) == '.';
        }
        while ((n = key.getByte(at)) > 0) {
            if (i + n > length) {
                return false;
            }
            for (int k = 0; k < n; k++) {
                char c = text.charAt(i + k);
                if (key.getByte(at + 1 + k) != lower(c) || c == '.') {
                    return false;
                }
            }
            i += n;
            at += n + 1;
            if (i < length && text.charAt(i++) != '.') {
                return false;
            }
            if (i == length) {
                return key.getByte(at) == 0;
            }
        }
        return false;
    }
}
