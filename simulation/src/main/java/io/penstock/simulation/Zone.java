package io.penstock.simulation;

import io.penstock.core.ReturnCode;
import io.penstock.dns.iana.RecordType;
import io.penstock.dns.resolver.Resolver;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the name servers know, as one truth: which of its names there are, with what, and for how
 * long it may be kept. Addresses carry the name's number and the second in which they were given
 * out, so that who gets one knows whether it may have it still.
 */
record Zone(int number, int name) {
    static final int ZONES = 2;
    static final int NAMES = 16;
    static final String SEARCH = "one.sim two.sim";
    static final int HOSTS_ADDRESS = 11 << 24;
    static final int POISON = 66 << 24;
    static final long HIGH = 0x2001_0db8_0000_0000L;
    static final long POISON_HIGH = 0x6666_0000_0000_0000L;
    static final int NEGATIVE_TTL = 5;

    private static final int SECOND_BITS = 18;
    private static final int FIRST_OCTET = 10 << 24;
    private static final int[] TTLS = {0, 1, 5, 30, 300, 3_600};
    private static final Pattern NAME = Pattern.compile("n(\\d+)\\.(one|two)\\.sim\\.");

    // What a name has
    private static final int ONLY_IPV4 = 3;
    private static final int NOTHING = 4; // there is no such name
    private static final int ONLY_IPV6 = 5;
    private static final int ALIAS = 6; // of a name that has both
    private static final int ONLY_TEXT = 7;

    /** The one with that name in lower case, or null. */
    static Zone of(String name) {
        Matcher matcher = NAME.matcher(name);
        boolean isOne = matcher.matches() && Integer.parseInt(matcher.group(1)) < NAMES;
        return isOne ? new Zone(matcher.group(2).equals("one") ? 0 : 1,
                Integer.parseInt(matcher.group(1))) : null;
    }

    @Override
    public String toString() {
        return "n" + name + (number == 0 ? ".one.sim." : ".two.sim.");
    }

    private int kind() {
        return (name * 5 + number * 3) % 8;
    }

    boolean isAlias() {
        return kind() == ALIAS;
    }

    /** Itself, or whose alias it is. */
    Zone target() {
        Zone target = this;
        for (int i = 0; isAlias() && target.kind() != 0; i++) {
            target = new Zone(number, i);
        }
        return target;
    }

    int ttl() {
        return TTLS[name % TTLS.length];
    }

    /** The least of the chain, for as long as that all may be kept. */
    int chainTtl() {
        return Math.min(ttl(), target().ttl());
    }

    /** How much text it has, more than a datagram may have or less. */
    int textStrings() {
        return 1 + name % 8;
    }

    /** 1, or the code for there being none. */
    int expected(int type) {
        int kind = kind();
        boolean has = switch (type) {
            case Resolver.ADDRESSES -> kind != ONLY_TEXT;
            case RecordType.A -> kind != ONLY_IPV6 && kind != ONLY_TEXT;
            case RecordType.AAAA -> kind != ONLY_IPV4 && kind != ONLY_TEXT;
            default -> kind != ONLY_IPV4 && kind != ONLY_IPV6;
        };
        return kind == NOTHING ? ReturnCode.DNS_NXDOMAIN : has ? 1 : ReturnCode.DNS_NODATA;
    }

    /** What is expected of a name as people write it, with the search list; or null with what. */
    static int expected(String name, int type) {
        Zone found = found(name, type);
        if (found != null) {
            return 1;
        }
        boolean sawNoData = false;
        for (String candidate : candidates(name)) {
            Zone zone = of(candidate);
            sawNoData |= zone != null && zone.expected(type) == ReturnCode.DNS_NODATA;
        }
        return sawNoData ? ReturnCode.DNS_NODATA : ReturnCode.DNS_NXDOMAIN;
    }

    /** The first of the names that has it, or null. */
    static Zone found(String name, int type) {
        for (String candidate : candidates(name)) {
            Zone zone = of(candidate);
            if (zone != null && zone.expected(type) > 0) {
                return zone;
            }
        }
        return null;
    }

    private static String[] candidates(String name) {
        return name.endsWith(".") ? new String[] {name}
                : name.indexOf('.') >= 0 ? new String[] {name + "."}
                : new String[] {name + ".one.sim.", name + ".two.sim."};
    }

    int ipv4(long nowNs) {
        return FIRST_OCTET | number << SECOND_BITS + 5 | name << SECOND_BITS
                | (int) (nowNs / 1_000_000_000L) & (1 << SECOND_BITS) - 1;
    }

    long ipv6High() {
        return HIGH | number << 8 | name;
    }

    boolean isOf(int ipv4) {
        return (ipv4 ^ ipv4(0)) >>> SECOND_BITS == 0;
    }

    /** How old an address is, in seconds. */
    static long age(int ipv4, long nowNs) {
        return nowNs / 1_000_000_000L - ipv4 & (1 << SECOND_BITS) - 1;
    }
}
