package io.penstock.dns.wire;

import io.penstock.core.ReturnCode;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Names as text: each label with a dot behind it, and a backslash before special characters.
 *
 * <p><b>Threading</b>: any; a {@link TextWriter} is for one thread. <b>Allocation</b>: none, except
 * where a {@link StringBuilder} grows. <b>See</b>: RFC 1035 5.1, RFC 4343 2.1.
 */
public final class NameText {
    private static final String SPECIAL = "\"().;\\@$";

    private NameText() {
    }

    /**
     * Writes a name with its last dot. The root is a single dot.
     *
     * @param name the memory of a validated name
     * @param offset of its first label
     * @param out takes the text
     * @return {@link TextWriter#result}
     */
    public static int print(DirectBuffer name, int offset, TextWriter out) {
        int at = Name.label(name, offset);
        if (name.getByte(at) == 0) {
            out.put('.');
        }
        for (; !Name.isRoot(name, at); at = Name.parent(name, at)) {
            int end = at + name.getByte(at);
            for (int i = at + 1; i <= end; i++) {
                int octet = name.getByte(i) & 0xff;
                if (octet == ' ') {
                    out.put("\\032"); // a blank behind a backslash would seem to end the name
                } else {
                    out.escaped(octet, SPECIAL);
                }
            }
            out.put('.');
        }
        return out.result();
    }

    /**
     * Appends a name with its last dot.
     *
     * @param out takes the text
     * @param name the memory of a validated name
     * @param offset of its first label
     * @return out
     */
    public static StringBuilder append(StringBuilder out, DirectBuffer name, int offset) {
        print(name, offset, new TextWriter().wrap(out));
        return out;
    }

    /**
     * Parses a name. The last dot may be missing.
     *
     * @param text the name, which may have escapes
     * @param to the memory for the name, without pointers
     * @param offset of the name
     * @param limit the end of the memory for the name
     * @return the length of the name in octets; {@link ReturnCode#DNS_EMPTY_LABEL},
     *     {@link ReturnCode#DNS_LABEL_TOO_LONG}, {@link ReturnCode#DNS_NAME_TOO_LONG},
     *     {@link ReturnCode#DNS_ESCAPE}, {@link ReturnCode#DNS_CHARACTER},
     *     {@link ReturnCode#DNS_FULL}
     */
    public static int parse(CharSequence text, MutableDirectBuffer to, int offset, int limit) {
        int end = parseLabels(text, to, offset, limit);
        return end < 0 ? end : finish(to, offset, end, limit);
    }

    /** Writes the root behind the labels. Returns the length of the name, or a code. */
    static int finish(MutableDirectBuffer to, int offset, int end, int limit) {
        if (end - offset >= Name.MAX_BYTES) {
            return ReturnCode.DNS_NAME_TOO_LONG;
        }
        if (end >= limit) {
            return ReturnCode.DNS_FULL;
        }
        to.putByte(end, (byte) 0);
        return end + 1 - offset;
    }

    /**
     * Whether a name is absolute, that is, whether its text ends in a dot that is not escaped.
     *
     * @param text the name
     * @return whether the name is absolute
     */
    public static boolean isDotLast(CharSequence text) {
        int at = text.length() - 1;
        int slashes = 0;
        while (at - 1 - slashes >= 0 && text.charAt(at - 1 - slashes) == '\\') {
            slashes++;
        }
        return at >= 0 && text.charAt(at) == '.' && slashes % 2 == 0;
    }

    /** Parses the labels without the root. Returns their end, or a code. */
    static int parseLabels(CharSequence text, MutableDirectBuffer to, int offset, int limit) {
        if (text.isEmpty()) {
            return ReturnCode.DNS_EMPTY_LABEL;
        }
        if (text.length() == 1 && text.charAt(0) == '.') {
            return offset;
        }
        int label = offset;
        int at = offset + 1;
        for (int i = 0; i < text.length(); i += Escape.length(text, i)) {
            int octet = Escape.octet(text, i);
            if (octet < 0) {
                return octet;
            }
            if (octet == '.' && text.charAt(i) == '.') {
                if (at == label + 1) {
                    return ReturnCode.DNS_EMPTY_LABEL;
                }
                to.putByte(label, (byte) (at - label - 1));
                label = at++;
            } else {
                if (text.charAt(i) <= ' ' || text.charAt(i) > '~') {
                    return ReturnCode.DNS_CHARACTER;
                }
                if (at - label > Name.MAX_LABEL_BYTES) {
                    return ReturnCode.DNS_LABEL_TOO_LONG;
                }
                if (at - offset >= Name.MAX_BYTES) {
                    return ReturnCode.DNS_NAME_TOO_LONG;
                }
                if (at >= limit) {
                    return ReturnCode.DNS_FULL;
                }
                to.putByte(at++, (byte) octet);
            }
        }
        if (at == label + 1) {
            return label;
        }
        to.putByte(label, (byte) (at - label - 1));
        return at;
    }
}
