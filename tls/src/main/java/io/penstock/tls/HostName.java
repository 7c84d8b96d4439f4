package io.penstock.tls;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.NameMapping;
import java.nio.ByteOrder;

/**
 * A host name in the one form that the library is given: in lower case, ASCII, without a last dot;
 * or the bytes of an IP address, without brackets and scope. Any other text has a code. The library
 * gives some texts a meaning of their own: an empty name would switch its check off, and a leading
 * dot would let every host of a domain pass.
 *
 * <p><b>See</b>: RFC 6066, section 3; RFC 9525; RFC 1123, section 2.1; UTS #46.
 */
final class HostName {
    /** An empty name. */
    static final HostName NONE = new HostName(ReturnCode.TLS_HOST_MISSING, "", null, false);

    private static final HostName INVALID =
            new HostName(ReturnCode.TLS_HOST_INVALID, "", null, false);
    private static final HostName NOT_MAPPED =
            new HostName(ReturnCode.BAD_NAME, "", null, false);
    private static final String ANY = "*.";
    private static final int MAX_BYTES = 253;
    private static final int MAX_LABEL_BYTES = 63;
    private static final int IPV4_ADDRESS_BYTES = 4;
    private static final int IPV6_ADDRESS_BYTES = 16;

    /** 0, or the code of a text that is no host name. */
    final int code;
    /** The normalised name; empty after a code. */
    final String text;
    final boolean isAddress;
    private final NativeBuffer bytes; // a C string, or an address

    private HostName(int code, String text, NativeBuffer bytes, boolean isAddress) {
        this.code = code;
        this.text = text;
        this.bytes = bytes;
        this.isAddress = isAddress;
    }

    /** The name that a client expects; the mapping, for names that are not ASCII, may be null. */
    static HostName of(String name, NameMapping mapping) {
        if (name.isEmpty()) {
            return NONE;
        }
        if (name.indexOf(':') >= 0) {
            return ipv6(name);
        }
        String ascii = ascii(name, mapping);
        if (ascii == null) {
            return NOT_MAPPED;
        }
        String bare = lower(ascii.endsWith(".") ? ascii.substring(0, ascii.length() - 1) : ascii);
        return isHostName(bare) ? new HostName(0, bare, NativeBuffer.cString(bare), false)
                : ipv4(bare);
    }

    /** The name that a server's certificate is for, or "*." in place of its first label. */
    static HostName pattern(String name, NameMapping mapping) {
        boolean isAny = name.startsWith(ANY);
        HostName rest = of(isAny ? name.substring(ANY.length()) : name, mapping);
        if (rest.code < 0) {
            return rest == NONE ? INVALID : rest;
        }
        return rest.isAddress ? INVALID : !isAny ? rest
                : new HostName(0, ANY + rest.text, rest.bytes, false);
    }

    /** Whether there is a name. */
    boolean isGiven() {
        return bytes != null;
    }

    /** The address of its bytes; the caller keeps this reachable meanwhile. */
    long address() {
        return bytes.addressOffset();
    }

    /** How many bytes an IP address has. */
    int lengthBytes() {
        return bytes.capacity();
    }

    private static String ascii(String name, NameMapping mapping) {
        if (name.chars().allMatch(c -> c < 0x80)) {
            return name;
        }
        StringBuilder out = new StringBuilder();
        return mapping == null || mapping.toAscii(name, out) < 0 ? null : out.toString();
    }

    /** In lower case by ASCII, not by the system's language: Turkish has an i without a dot. */
    private static String lower(String ascii) {
        StringBuilder out = new StringBuilder(ascii);
        for (int i = 0; i < out.length(); i++) {
            char c = out.charAt(i);
            out.setCharAt(i, c >= 'A' && c <= 'Z' ? (char) (c | 0x20) : c);
        }
        return out.toString();
    }

    private static boolean isHostName(String name) {
        int label = 0;
        int labelAt = 0;
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) == '.' && label > 0) {
                label = 0;
                labelAt = i + 1;
            } else if (!isOfLabel(name.charAt(i)) || ++label > MAX_LABEL_BYTES) {
                return false;
            }
        }
        return label > 0 && name.length() <= MAX_BYTES && !isNumber(name.substring(labelAt));
    }

    /** The underscore is not allowed in host names, but there are hosts that have it. */
    private static boolean isOfLabel(char c) {
        return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_';
    }

    /** Whether some programs read a last label as a part of an IPv4 address: decimal or hex. */
    private static boolean isNumber(String label) {
        return label.matches("[0-9]+|0x[0-9a-f]*");
    }

    private static HostName ipv4(String name) {
        Endpoint endpoint = new Endpoint();
        if (!name.matches("[0-9.]+") || endpoint.parse(name + ":0") < 0) {
            return INVALID;
        }
        NativeBuffer bytes = NativeBuffer.allocate(IPV4_ADDRESS_BYTES);
        bytes.putInt(0, endpoint.ipv4(), ByteOrder.BIG_ENDIAN);
        return new HostName(0, name, bytes, true);
    }

    /** Without the scope: it names an interface of this machine, and no certificate has it. */
    private static HostName ipv6(String name) {
        boolean isBracketed = name.startsWith("[") && name.endsWith("]");
        String inside = isBracketed ? name.substring(1, name.length() - 1) : name;
        int percent = inside.indexOf('%');
        String address = percent < 0 ? inside : inside.substring(0, percent);
        boolean isScoped = percent < 0 || inside.substring(percent).matches("%[0-9A-Za-z._~-]+");
        Endpoint endpoint = new Endpoint();
        if (!isScoped || !address.matches("[0-9A-Fa-f:.]+")
                || endpoint.parse("[" + address + "]:0") < 0) {
            return INVALID;
        }
        NativeBuffer bytes = NativeBuffer.allocate(IPV6_ADDRESS_BYTES);
        bytes.putLong(0, endpoint.ipHigh(), ByteOrder.BIG_ENDIAN);
        bytes.putLong(Long.BYTES, endpoint.ipLow(), ByteOrder.BIG_ENDIAN);
        return new HostName(0, lower(address), bytes, true);
    }
}
