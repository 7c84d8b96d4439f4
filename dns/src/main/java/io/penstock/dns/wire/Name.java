package io.penstock.dns.wire;

import io.penstock.core.ReturnCode;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Operations on names in memory. A name is a buffer and the offset of its first label. It may end
 * in a pointer, which is an offset from index 0 of the buffer: the message must begin there.
 *
 * <pre>
 *   3 w w w 7 e x a m p l e 3 c o m 0        labels, each behind its length; the root has 0
 *   4 m a i l 11000000 00000100              then a pointer: the name goes on at offset 4
 * </pre>
 *
 * <p>{@link #validate} accepts any octets. All other methods trust that the name was validated and
 * that its buffer has not changed since. ASCII letters compare without regard to case.
 *
 * <p><b>Threading</b>: any. <b>Allocation</b>: none.
 * <b>See</b>: RFC 1035 4.1.4, RFC 4343, RFC 9267.
 */
public final class Name {
    /** The length of the longest name, in octets without pointers. */
    public static final int MAX_BYTES = 255;
    /** The length of the longest label, in octets without its length octet. */
    public static final int MAX_LABEL_BYTES = 63;
    /** The greatest number of pointers in one name. */
    public static final int MAX_HOPS = 128;
    /** The greatest number of labels in one name, without the root. */
    public static final int MAX_LABELS = 127;

    static final int POINTER = 0xc0;
    static final int POINTER_BYTES = 2;
    private static final int LABEL_SHIFT = 32;
    private static final int HOPS_SHIFT = 24;
    private static final int IN_PLACE_SHIFT = 8;

    private Name() {
    }

    /**
     * Checks a name: it lies within its bounds, it ends, and it is not too long. A pointer must go
     * to an offset before the run of labels that it continues, and not into the header.
     *
     * @param buffer the memory of the name
     * @param offset of its first label
     * @param limit the end of the memory for the name; its pointers go to lower offsets
     * @return the octets that the name takes in place, or {@link ReturnCode#DNS_SHORT},
     *     {@link ReturnCode#DNS_LABEL_TYPE}, {@link ReturnCode#DNS_POINTER},
     *     {@link ReturnCode#DNS_HOPS}, {@link ReturnCode#DNS_NAME_TOO_LONG}
     */
    public static int validate(DirectBuffer buffer, int offset, int limit) {
        if (offset < 0 || limit > buffer.capacity()) {
            return ReturnCode.DNS_SHORT;
        }
        long walked = walk(buffer, offset, limit, null);
        return walked < 0 ? (int) walked : bytesInPlace(walked);
    }

    /**
     * Checks a name whose bounds are within the buffer. The walk ends early at a known name.
     * Returns a code, or four facts about the name:
     *
     * <pre>
     *   63            32         24                8                       0
     *   | first label | pointers | octets in place | octets without pointers |
     * </pre>
     */
    static long walk(DirectBuffer buffer, int offset, int limit, KnownNames names) {
        int start = offset; // of a run of labels
        int label = -1;
        int length = 0;
        int inPlace = 0;
        int hops = 0;
        while (true) {
            int most = start + MAX_BYTES - length;
            int stop = Math.min(limit, most + 1);
            int at = run(buffer, start, stop);
            if (at >= stop) {
                return at > most ? ReturnCode.DNS_NAME_TOO_LONG : ReturnCode.DNS_SHORT;
            }
            int n = buffer.getByte(at);
            label = label < 0 && (at > start || n == 0) ? start : label;
            length += at - start;
            if (n == 0) {
                inPlace = inPlace == 0 ? length + 1 : inPlace;
                return at == most ? ReturnCode.DNS_NAME_TOO_LONG
                        : walked(label, hops, inPlace, length + 1);
            }
            if ((n & POINTER) != POINTER) {
                return ReturnCode.DNS_LABEL_TYPE;
            }
            if (at + 1 >= limit) {
                return ReturnCode.DNS_SHORT;
            }
            inPlace = inPlace == 0 ? length + POINTER_BYTES : inPlace;
            int target = target(buffer, at);
            if (target >= start || target < Message.HEADER_BYTES) {
                return ReturnCode.DNS_POINTER;
            }
            long known = names == null ? 0 : names.walkedFrom(target);
            hops += 1 + hops(known);
            if (hops > MAX_HOPS) {
                return ReturnCode.DNS_HOPS;
            }
            if (known != 0) {
                length += length(known);
                return length > MAX_BYTES ? ReturnCode.DNS_NAME_TOO_LONG
                        : walked(label < 0 ? label(known) : label, hops, inPlace, length);
            }
            start = target;
        }
    }

    /**
     * The length of a valid name without pointers. Returns 0 for any other name, which
     * {@link #walk} can tell more about.
     */
    static int whole(DirectBuffer buffer, int offset, int limit) {
        int stop = Math.min(limit, offset + MAX_BYTES);
        int at = offset;
        while (at < stop) {
            int n = buffer.getByte(at);
            if (!isLabel(n)) {
                return n == 0 ? at + 1 - offset : 0;
            }
            at += n + 1;
        }
        return 0;
    }

    /** The end of a run of labels: at an octet that begins no label, or not before the stop. */
    private static int run(DirectBuffer buffer, int start, int stop) {
        int at = start;
        int n;
        while (at < stop && isLabel(n = buffer.getByte(at))) {
            at += n + 1;
        }
        return at;
    }

    private static boolean isLabel(int n) {
        return Integer.compareUnsigned(n - 1, MAX_LABEL_BYTES) < 0;
    }

    static long walked(int label, int hops, int inPlace, int length) {
        return (long) label << LABEL_SHIFT | (long) hops << HOPS_SHIFT
                | inPlace << IN_PLACE_SHIFT | length;
    }

    /** The result of {@link #walk} for a pointer to a name that was walked. */
    static long pointed(long walked) {
        return walked + (1L << HOPS_SHIFT);
    }

    static int label(long walked) {
        return (int) (walked >>> LABEL_SHIFT);
    }

    static int hops(long walked) {
        return (int) (walked >>> HOPS_SHIFT) & 0xff;
    }

    static int bytesInPlace(long walked) {
        return (int) (walked >>> IN_PLACE_SHIFT) & 0xffff;
    }

    static int length(long walked) {
        return (int) walked & 0xff;
    }

    /**
     * The octets that a name takes in place. A pointer takes two, and ends the name there.
     *
     * @param buffer the memory of the name
     * @param offset of its first label
     * @return the number of octets
     */
    public static int bytesInPlace(DirectBuffer buffer, int offset) {
        int last = lastInPlace(buffer, offset);
        return last + (buffer.getByte(last) == 0 ? 1 : POINTER_BYTES) - offset;
    }

    /** The offset of the root or the pointer behind a run of labels. */
    static int lastInPlace(DirectBuffer buffer, int offset) {
        int at = offset;
        int n = buffer.getByte(at);
        while (n > 0) {
            at += n + 1;
            n = buffer.getByte(at);
        }
        return at;
    }

    /**
     * The length of a name without pointers.
     *
     * @param buffer the memory of the name
     * @param offset of its first label
     * @return 1, for the root, to {@link #MAX_BYTES}
     */
    public static int length(DirectBuffer buffer, int offset) {
        int length = 1;
        int at = offset;
        int n = buffer.getByte(at);
        while (n != 0) {
            length += n > 0 ? n + 1 : 0;
            at = n > 0 ? at + n + 1 : target(buffer, at);
            n = buffer.getByte(at);
        }
        return length;
    }

    /**
     * The number of labels of a name, without the root.
     *
     * @param buffer the memory of the name
     * @param offset of its first label
     * @return 0 to {@link #MAX_LABELS}
     */
    public static int labels(DirectBuffer buffer, int offset) {
        int labels = 0;
        int at = offset;
        int n = buffer.getByte(at);
        while (n != 0) {
            labels += n > 0 ? 1 : 0;
            at = n > 0 ? at + n + 1 : target(buffer, at);
            n = buffer.getByte(at);
        }
        return labels;
    }

    /**
     * Whether a name is the root.
     *
     * @param buffer the memory of the name
     * @param offset of its first label
     * @return whether the name is the root
     */
    public static boolean isRoot(DirectBuffer buffer, int offset) {
        return buffer.getByte(label(buffer, offset)) == 0;
    }

    /**
     * The first label of a name, which lies elsewhere if the name begins with a pointer.
     *
     * @param buffer the memory of the name
     * @param offset of the name
     * @return the offset of the label's length
     */
    public static int label(DirectBuffer buffer, int offset) {
        int at = offset;
        while (buffer.getByte(at) < 0) {
            at = target(buffer, at);
        }
        return at;
    }

    /**
     * The name without its first label. The parent of the root is the root.
     *
     * @param buffer the memory of the name
     * @param offset of its first label
     * @return the offset of the parent's first label
     */
    public static int parent(DirectBuffer buffer, int offset) {
        int at = label(buffer, offset);
        int n = buffer.getByte(at);
        return n == 0 ? at : label(buffer, at + 1 + n);
    }

    /**
     * Whether two names are equal, apart from the case of letters.
     *
     * @param a the memory of the first name
     * @param aOffset of its first label
     * @param b the memory of the second name, which may be the same buffer
     * @param bOffset of its first label
     * @return whether they are equal
     */
    public static boolean equals(DirectBuffer a, int aOffset, DirectBuffer b, int bOffset) {
        return equals(a, aOffset, b, bOffset, 0x20);
    }

    /**
     * Whether two names are equal, including the case of letters.
     *
     * @param a the memory of the first name
     * @param aOffset of its first label
     * @param b the memory of the second name, which may be the same buffer
     * @param bOffset of its first label
     * @return whether they are equal
     */
    public static boolean equalsExactly(DirectBuffer a, int aOffset, DirectBuffer b, int bOffset) {
        return equals(a, aOffset, b, bOffset, 0);
    }

    private static boolean equals(
            DirectBuffer a, int aOffset, DirectBuffer b, int bOffset, int caseBit) {
        int i = aOffset;
        int j = bOffset;
        while (true) {
            i = label(a, i);
            j = label(b, j);
            if (a == b && i == j) {
                return true;
            }
            int n = a.getByte(i);
            if (n != b.getByte(j)) {
                return false;
            }
            if (n == 0) {
                return true;
            }
            for (int k = 1; k <= n; k++) {
                int x = a.getByte(i + k);
                int y = b.getByte(j + k);
                if (x != y && (((x ^ y) | caseBit) != caseBit || !isLetter(x | caseBit))) {
                    return false;
                }
            }
            i += n + 1;
            j += n + 1;
        }
    }

    /**
     * The hash of a name. It does not depend on the case of letters or on pointers.
     *
     * @param buffer the memory of the name
     * @param offset of its first label
     * @return the hash
     */
    public static int hash(DirectBuffer buffer, int offset) {
        int hash = 1;
        for (int at = label(buffer, offset);; at = label(buffer, at)) {
            int n = buffer.getByte(at);
            hash = 31 * hash + n;
            if (n == 0) {
                return hash;
            }
            for (int end = at + n; at < end;) {
                hash = 31 * hash + lower(buffer.getByte(++at));
            }
            at++;
        }
    }

    /**
     * Compares two names in the order of DNSSEC: from the last label to the first.
     *
     * <p><b>See</b>: RFC 4034 6.1.
     *
     * @param a the memory of the first name
     * @param aOffset of its first label
     * @param b the memory of the second name, which may be the same buffer
     * @param bOffset of its first label
     * @return less than, equal to or greater than 0
     */
    public static int compare(DirectBuffer a, int aOffset, DirectBuffer b, int bOffset) {
        int aLabels = labels(a, aOffset);
        int bLabels = labels(b, bOffset);
        int common = Math.min(aLabels, bLabels);
        // The different labels nearest to the root decide: the last ones in this direction.
        int i = ancestor(a, aOffset, aLabels - common);
        int j = ancestor(b, bOffset, bLabels - common);
        int order = Integer.compare(aLabels, bLabels);
        for (int k = 0; k < common; k++) {
            int difference = compareLabels(a, i, b, j);
            order = difference != 0 ? difference : order;
            i = parent(a, i);
            j = parent(b, j);
        }
        return order;
    }

    private static int compareLabels(DirectBuffer a, int i, DirectBuffer b, int j) {
        int n = Math.min(a.getByte(i), b.getByte(j));
        for (int k = 1; k <= n; k++) {
            int difference = lower(a.getByte(i + k)) - lower(b.getByte(j + k));
            if (difference != 0) {
                return difference;
            }
        }
        return a.getByte(i) - b.getByte(j);
    }

    /**
     * Whether a name is equal to another name or below it.
     *
     * @param a the memory of the first name
     * @param aOffset of its first label
     * @param b the memory of the second name, which may be the same buffer
     * @param bOffset of its first label
     * @return whether the first name is the second name or below it
     */
    public static boolean isWithin(DirectBuffer a, int aOffset, DirectBuffer b, int bOffset) {
        int above = labels(a, aOffset) - labels(b, bOffset);
        return above >= 0 && equals(a, ancestor(a, aOffset, above), b, bOffset);
    }

    /** The name without its first labels, of which there must be enough. */
    private static int ancestor(DirectBuffer buffer, int offset, int labels) {
        int at = label(buffer, offset);
        for (int i = 0; i < labels; i++) {
            at = parent(buffer, at);
        }
        return at;
    }

    /**
     * Whether a name is a valid host name: letters, digits, and hyphens that neither begin nor end
     * a label. Underscores are allowed too, because hosts use them against the standard. A program
     * should check names from the network before it uses them as text.
     *
     * <p><b>See</b>: RFC 1123 2.1.
     *
     * @param buffer the memory of the name
     * @param offset of its first label
     * @return whether the name is valid for a host
     */
    public static boolean isHostName(DirectBuffer buffer, int offset) {
        int at = label(buffer, offset);
        if (isRoot(buffer, at)) {
            return false;
        }
        for (; !isRoot(buffer, at); at = parent(buffer, at)) {
            int n = buffer.getByte(at);
            for (int k = 1; k <= n; k++) {
                int c = buffer.getByte(at + k);
                boolean isInside = k > 1 && k < n;
                if (!isLetter(c | 0x20) && (c < '0' || c > '9') && c != '_'
                        && !(c == '-' && isInside)) {
                    return false;
                }
            }
        }
        return true;
    }

    /**
     * Copies a name, and resolves its pointers.
     *
     * @param from the memory of the name
     * @param offset of its first label
     * @param to the memory for the copy
     * @param toOffset of the copy
     * @param limit the end of the memory for the copy
     * @return the octets written, or {@link ReturnCode#DNS_FULL}
     */
    public static int copy(
            DirectBuffer from, int offset, MutableDirectBuffer to, int toOffset, int limit) {
        int end = toOffset;
        for (int at = label(from, offset);; at = label(from, at)) {
            int n = from.getByte(at) + 1;
            if (end + n > limit) {
                return ReturnCode.DNS_FULL;
            }
            to.putBytes(end, from, at, n);
            end += n;
            at += n;
            if (n == 1) {
                return end - toOffset;
            }
        }
    }

    static int target(DirectBuffer buffer, int at) {
        return (buffer.getByte(at) & 0x3f) << 8 | buffer.getByte(at + 1) & 0xff;
    }

    static int lower(byte c) {
        return c >= 'A' && c <= 'Z' ? c | 0x20 : c & 0xff;
    }

    /** Whether a character is a letter; the argument has the bit of lower case set. */
    private static boolean isLetter(int c) {
        return c >= 'a' && c <= 'z';
    }
}
