package io.penstock.dns.resolver;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Linux;
import io.penstock.dns.wire.Name;
import org.agrona.DirectBuffer;

/**
 * Names with a fixed meaning, for which no name server is asked: RFC 6761, 6762, 7686, 9476.
 */
final class SpecialNames {
    static final int ORDINARY = 0;
    static final int LOOPBACK = 1;
    static final int ABSENT = ReturnCode.DNS_NXDOMAIN;

    private static final String[] NAMES = {
        "localhost", "invalid", "onion", "alt", "local", "254.169.in-addr.arpa",
        "8.e.f.ip6.arpa", "9.e.f.ip6.arpa", "a.e.f.ip6.arpa", "b.e.f.ip6.arpa",
    };
    private static final int LOCALHOST = 0;
    private static final int LOCAL = 4; // this name and all behind it belong to multicast DNS

    private final NativeBuffer names = NativeBuffer.allocate(NAMES.length * NameKeys.ROOM);
    private final boolean[] isWatched = new boolean[NAMES.length];

    SpecialNames() {
        for (int i = 0; i < NAMES.length; i++) {
            NameKeys.parse(NAMES[i], names, i * NameKeys.ROOM);
            isWatched[i] = true;
        }
    }

    /**
     * Names of multicast DNS are not sent to name servers, unless the search list has a domain
     * under {@code local}, as in Kubernetes with {@code cluster.local}.
     */
    void configure(ResolvConf conf, boolean asksForLocal) {
        boolean isServed = asksForLocal;
        for (int i = 0; i < conf.searches() && !isServed; i++) {
            isServed = Name.isWithin(
                    conf.searchNames(), i * NameKeys.ROOM, names, LOCAL * NameKeys.ROOM);
        }
        isWatched[LOCAL] = !isServed;
        for (int i = LOCAL + 1; i < NAMES.length; i++) {
            isWatched[i] = !asksForLocal;
        }
    }

    int kindOf(DirectBuffer key, int offset) {
        int labels = Name.labels(key, offset);
        for (int i = 0; labels > 0 && i < NAMES.length; i++) {
            if (isWatched[i] && Name.isWithin(key, offset, names, i * NameKeys.ROOM)) {
                return i == LOCALHOST ? LOOPBACK : ABSENT;
            }
        }
        return ORDINARY;
    }

    static void addLoopback(NativeBuffer answer, int at, boolean ipv4, boolean ipv6) {
        if (ipv6) {
            Answer.add(answer, at, 0, 1, Linux.AF_INET6, 0);
        }
        if (ipv4) {
            Answer.add(answer, at, 0, 0xffff_7f00_0001L, Linux.AF_INET, 0);
        }
    }
}
