package io.penstock.core.net;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Linux;

/** Writes an {@link Endpoint} as text that {@link EndpointParser} reads. */
final class EndpointPrinter {
    private static final int GROUPS = 8;

    private EndpointPrinter() {
    }

    static StringBuilder append(StringBuilder out, Endpoint from) {
        return switch (from.family()) {
            case Linux.AF_INET -> appendIpv4(out, from.ipv4()).append(':').append(from.port());
            case Linux.AF_INET6 -> appendIpv6(out, from);
            case Linux.AF_UNIX -> appendUnix(out, from);
            default -> out.append("none");
        };
    }

    private static StringBuilder appendIpv4(StringBuilder out, int address) {
        return out.append(address >>> 24).append('.')
                .append(address >>> 16 & 0xff).append('.')
                .append(address >>> 8 & 0xff).append('.')
                .append(address & 0xff);
    }

    private static StringBuilder appendIpv6(StringBuilder out, Endpoint from) {
        long high = from.ipHigh();
        long low = from.ipLow();
        int scope = from.scope();
        out.append('[');
        if (Endpoint.isMapped(high, low)) {
            appendIpv4(out.append("::ffff:"), (int) low);
        } else {
            appendGroups(out, high, low);
        }
        if (scope != 0) {
            out.append('%').append(Integer.toUnsignedLong(scope));
        }
        return out.append("]:").append(from.port());
    }

    private static void appendGroups(StringBuilder out, long high, long low) {
        int gap = longestZeros(high, low);
        boolean wantsColon = false;
        for (int i = 0; i < GROUPS; i++) {
            if (i == gap) {
                out.append("::");
                while (i + 1 < GROUPS && group(high, low, i + 1) == 0) {
                    i++;
                }
                wantsColon = false;
            } else {
                appendHex(wantsColon ? out.append(':') : out, group(high, low, i));
                wantsColon = true;
            }
        }
    }

    /** The start of the first of the longest runs of zero groups, or -1; one group is no run. */
    private static int longestZeros(long high, long low) {
        int start = -1;
        int longest = 1;
        for (int i = 0, zeros = 0; i < GROUPS; i++) {
            zeros = group(high, low, i) == 0 ? zeros + 1 : 0;
            if (zeros > longest) {
                longest = zeros;
                start = i + 1 - zeros;
            }
        }
        return start;
    }

    private static int group(long high, long low, int i) {
        return (int) ((i < GROUPS / 2 ? high : low) >>> 48 - 16 * (i & 3)) & 0xffff;
    }

    private static void appendHex(StringBuilder out, int value) {
        int shift = value >= 0x1000 ? 12 : value >= 0x100 ? 8 : value >= 0x10 ? 4 : 0;
        for (; shift >= 0; shift -= 4) {
            out.append("0123456789abcdef".charAt(value >>> shift & 0xf));
        }
    }

    private static StringBuilder appendUnix(StringBuilder out, Endpoint from) {
        NativeBuffer bytes = from.sockaddr();
        int at = Endpoint.UNIX_NAME_OFFSET;
        int end = from.nameEnd();
        out.append("unix:");
        if (from.isUnixAbstract()) {
            out.append('@');
            at++;
        } else if (end > at && bytes.getByte(at) == '@') {
            out.append("./");
        }
        while (at < end) {
            int c = NameBytes.decode(bytes, at, end);
            at += NameBytes.count(c);
            appendCharacter(out, c);
        }
        return out;
    }

    /** Avoids {@code appendCodePoint}, which allocates for a character of two chars. */
    private static void appendCharacter(StringBuilder out, int c) {
        if (Character.isBmpCodePoint(c)) {
            out.append((char) c);
        } else {
            out.append(Character.highSurrogate(c)).append(Character.lowSurrogate(c));
        }
    }
}
