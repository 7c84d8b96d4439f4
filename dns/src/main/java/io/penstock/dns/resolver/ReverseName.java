package io.penstock.dns.resolver;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.AsciiText;
import io.penstock.core.net.Endpoint;
import org.agrona.DirectBuffer;

/** Reads the address out of a name under in-addr.arpa or ip6.arpa. */
final class ReverseName {
    private static final String IPV4 = "\u0007in-addr\u0004arpa";
    private static final String IPV6 = "\u0003ip6\u0004arpa";
    private static final int IPV4_LABELS = 4;
    private static final int IPV6_LABELS = 32;

    private ReverseName() {
    }

    /** Reads the address of a key: 0, or BAD_ADDRESS if the name is not the name of an address. */
    static int read(DirectBuffer key, int offset, Endpoint out) {
        int rc = ipv4(key, offset, out);
        return rc < 0 ? ipv6(key, offset, out) : rc;
    }

    private static int ipv4(DirectBuffer key, int offset, Endpoint out) {
        int at = offset;
        int address = 0;
        for (int i = 0; i < IPV4_LABELS; i++) {
            int n = key.getByte(at);
            int octet = n >= 1 && n <= 3 ? 0 : -1;
            for (int k = 1; k <= n && octet >= 0; k++) {
                int digit = AsciiText.digit((char) (key.getByte(at + k) & 0xff), 10);
                octet = digit < 0 ? -1 : octet * 10 + digit;
            }
            if (octet < 0 || octet > 0xff) {
                return ReturnCode.BAD_ADDRESS;
            }
            address |= octet << i * Byte.SIZE;
            at += n + 1;
        }
        return endsWith(key, at, IPV4) ? out.ipv4(address, 0) : ReturnCode.BAD_ADDRESS;
    }

    private static int ipv6(DirectBuffer key, int offset, Endpoint out) {
        long low = 0;
        long high = 0;
        int at = offset;
        for (int i = 0; i < IPV6_LABELS; i++) {
            long nibble = key.getByte(at) == 1
                    ? AsciiText.digit((char) (key.getByte(at + 1) & 0xff), 16) : -1;
            if (nibble < 0) {
                return ReturnCode.BAD_ADDRESS;
            }
            low |= i < 16 ? nibble << 4 * i : 0;
            high |= i < 16 ? 0 : nibble << 4 * (i - 16);
            at += 2;
        }
        return endsWith(key, at, IPV6) ? out.ipv6(high, low, 0, 0) : ReturnCode.BAD_ADDRESS;
    }

    private static boolean endsWith(DirectBuffer key, int at, String tail) {
        for (int i = 0; i < tail.length(); i++) {
            if (key.getByte(at + i) != tail.charAt(i)) {
                return false;
            }
        }
        return key.getByte(at + tail.length()) == 0;
    }
}
