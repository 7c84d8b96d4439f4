package io.penstock.dns.resolver;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.Endpoint;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import io.penstock.udp.UdpSocket;

/**
 * Puts addresses in the order in which they should be tried: RFC 6724 section 6, with its default
 * table. The source address for each destination comes from the kernel: a datagram socket is
 * connected, which sends nothing, and its local address is read. Rules 3, 4 and 7 need facts that
 * the kernel does not tell a program, and are left out; rule 9 is for IPv6 alone.
 */
final class AddressOrder {
    private static final int DISCARD_PORT = 9;
    private static final int SCOPE_LINK_LOCAL = 2;
    private static final int SCOPE_SITE_LOCAL = 5;
    private static final int SCOPE_GLOBAL = 14;
    private static final int UNREACHABLE = -1;

    // The table of RFC 6724 2.1: first half, second half, bits, precedence, label; longest first
    private static final long[][] POLICIES = {
        {0, 1, 128, 50, 0},
        {0, 0xffff_0000_0000L, 96, 35, 4},
        {0, 0, 96, 1, 3},
        {0x2001_0000_0000_0000L, 0, 32, 5, 5},
        {0x2002_0000_0000_0000L, 0, 16, 30, 2},
        {0x3ffe_0000_0000_0000L, 0, 16, 1, 12},
        {0xfec0_0000_0000_0000L, 0, 10, 1, 11},
        {0xfc00_0000_0000_0000L, 0, 7, 3, 13},
        {0, 0, 0, 40, 1},
    };
    private static final int PRECEDENCE = 3;
    private static final int LABEL = 4;

    private final UdpSocket ipv4;
    private final UdpSocket ipv6;
    private final Endpoint destination = new Endpoint();
    private final Endpoint source = new Endpoint();
    private final long[] sourceHigh = new long[Answer.MAX_ADDRESSES];
    private final long[] sourceLow = new long[Answer.MAX_ADDRESSES];
    private final int[] sourceScope = new int[Answer.MAX_ADDRESSES];
    private final NativeBuffer moved = NativeBuffer.allocate(Answer.ADDRESS_BYTES);

    AddressOrder(Posix posix) {
        ipv4 = new UdpSocket(posix);
        ipv6 = new UdpSocket(posix);
    }

    void close() {
        closeSocket(ipv4);
        closeSocket(ipv6);
    }

    private static void closeSocket(UdpSocket socket) {
        if (socket.isOpen()) {
            socket.close();
        }
    }

    /** Sorts the addresses of an answer. Addresses of equal rank keep their order. */
    void sort(NativeBuffer b, int answer) {
        int count = b.getInt(answer + Answer.COUNT);
        if (count < 2) {
            return;
        }
        for (int i = 0; i < count; i++) {
            findSource(b, Answer.address(answer, i), i);
        }
        for (int i = 1; i < count; i++) {
            int to = i;
            while (to > 0 && compare(b, answer, i, to - 1) < 0) {
                to--;
            }
            move(b, answer, i, to);
        }
    }

    private void findSource(NativeBuffer b, int at, int index) {
        boolean isIpv4 = b.getInt(at + Answer.FAMILY) == Linux.AF_INET;
        UdpSocket socket = isIpv4 ? ipv4 : ipv6;
        int rc = socket.isOpen() ? 0 : socket.open(isIpv4 ? Linux.AF_INET : Linux.AF_INET6);
        if (rc == 0) {
            rc = isIpv4 ? destination.ipv4((int) b.getLong(at + Answer.LOW), DISCARD_PORT)
                    : destination.ipv6(b.getLong(at), b.getLong(at + Answer.LOW), DISCARD_PORT,
                            b.getInt(at + Answer.SCOPE));
        }
        if (rc == 0) {
            rc = socket.connect(destination);
        }
        if (rc == 0) {
            rc = socket.localEndpoint(source);
            socket.disconnect(); // or the next connect would keep this source address
        }
        sourceScope[index] = rc < 0 ? UNREACHABLE : scopeOf(source.ipHigh(), source.ipLow());
        sourceHigh[index] = source.ipHigh();
        sourceLow[index] = source.ipLow();
    }

    /** Less than 0 if the first address is to be tried first. */
    private int compare(NativeBuffer b, int answer, int i, int j) {
        int a = Answer.address(answer, i);
        int c = Answer.address(answer, j);
        return compare(b.getLong(a), b.getLong(a + Answer.LOW), i,
                b.getLong(c), b.getLong(c + Answer.LOW), j);
    }

    private int compare(long high, long low, int i, long otherHigh, long otherLow, int j) {
        int order = prefer(sourceScope[i] >= 0, sourceScope[j] >= 0); // rule 1
        if (order != 0 || sourceScope[i] < 0) {
            return order;
        }
        int scope = scopeOf(high, low);
        int otherScope = scopeOf(otherHigh, otherLow);
        order = prefer(scope == sourceScope[i], otherScope == sourceScope[j]); // rule 2
        if (order == 0) {
            order = prefer(policy(high, low, LABEL) == sourceLabel(i),
                    policy(otherHigh, otherLow, LABEL) == sourceLabel(j)); // rule 5
        }
        if (order == 0) {
            order = Long.compare(policy(otherHigh, otherLow, PRECEDENCE),
                    policy(high, low, PRECEDENCE)); // rule 6
        }
        if (order == 0) {
            order = Integer.compare(scope, otherScope); // rule 8
        }
        if (order == 0 && !isIpv4(high, low) && !isIpv4(otherHigh, otherLow)) {
            order = Integer.compare(common(otherHigh, sourceHigh[j]),
                    common(high, sourceHigh[i])); // rule 9, of the first 64 bits
        }
        return order;
    }

    private static int prefer(boolean one, boolean other) {
        return one == other ? 0 : one ? -1 : 1;
    }

    private long sourceLabel(int index) {
        return policy(sourceHigh[index], sourceLow[index], LABEL);
    }

    private static int common(long a, long b) {
        return Long.numberOfLeadingZeros(a ^ b);
    }

    private static boolean isIpv4(long high, long low) {
        return high == 0 && low >>> 32 == 0xffff;
    }

    static long policy(long high, long low, int column) {
        for (long[] policy : POLICIES) {
            int bits = (int) policy[2];
            if (isSame(high, policy[0], Math.min(64, bits))
                    && isSame(low, policy[1], Math.max(0, bits - 64))) {
                return policy[column];
            }
        }
        throw new AssertionError(); // the last policy matches every address
    }

    private static boolean isSame(long a, long b, int bits) {
        return bits == 0 || (a ^ b) >>> 64 - bits == 0;
    }

    /** RFC 6724 3.1 and 3.2. */
    static int scopeOf(long high, long low) {
        if (isIpv4(high, low)) {
            int address = (int) low;
            return address >>> 24 == 127 || address >>> 16 == 0xa9fe
                    ? SCOPE_LINK_LOCAL : SCOPE_GLOBAL;
        }
        if (high >>> 56 == 0xff) {
            return (int) (high >>> 48) & 0xf;
        }
        if (high >>> 54 == 0xfe80 >>> 6 || high == 0 && low == 1) {
            return SCOPE_LINK_LOCAL;
        }
        return high >>> 54 == 0xfec0 >>> 6 ? SCOPE_SITE_LOCAL : SCOPE_GLOBAL;
    }

    private void move(NativeBuffer b, int answer, int from, int to) {
        if (from == to) {
            return;
        }
        int length = Answer.ADDRESS_BYTES;
        moved.putBytes(0, b, Answer.address(answer, from), length);
        long high = sourceHigh[from];
        long low = sourceLow[from];
        int scope = sourceScope[from];
        for (int i = from; i > to; i--) {
            b.putBytes(Answer.address(answer, i), b, Answer.address(answer, i - 1), length);
            sourceHigh[i] = sourceHigh[i - 1];
            sourceLow[i] = sourceLow[i - 1];
            sourceScope[i] = sourceScope[i - 1];
        }
        b.putBytes(Answer.address(answer, to), moved, 0, length);
        sourceHigh[to] = high;
        sourceLow[to] = low;
        sourceScope[to] = scope;
    }
}
