package io.penstock.dns.iana;

/**
 * The options of EDNS.
 *
 * <p><b>Threading</b>: any. <b>Allocation</b>: none.
 * <b>See</b>: RFC 6891, the IANA registry "DNS EDNS0 Option Codes".
 */
public final class EdnsOption {
    /** Long-lived queries (RFC 8764). */
    public static final int LLQ = 1;
    /** The lease of an update (RFC 9664). */
    public static final int UPDATE_LEASE = 2;
    /** Which server answers (RFC 5001). */
    public static final int NSID = 3;
    /** DNSSEC algorithms understood (RFC 6975). */
    public static final int DAU = 5;
    /** Digests understood (RFC 6975). */
    public static final int DHU = 6;
    /** NSEC3 hashes understood (RFC 6975). */
    public static final int N3U = 7;
    /** The network that asks (RFC 7871). */
    public static final int CLIENT_SUBNET = 8;
    /** When a zone expires (RFC 7314). */
    public static final int EXPIRE = 9;
    /** Cookies (RFC 7873). */
    public static final int COOKIE = 10;
    /** How long a connection may idle (RFC 7828). */
    public static final int TCP_KEEPALIVE = 11;
    /** Octets that hide a message's length (RFC 7830). */
    public static final int PADDING = 12;
    /** A chain of trust is asked for (RFC 7901). */
    public static final int CHAIN = 13;
    /** Trust anchors that are known (RFC 8145). */
    public static final int KEY_TAG = 14;
    /** Extended DNS errors (RFC 8914). */
    public static final int EXTENDED_ERROR = 15;
    /** A tag of the client. */
    public static final int CLIENT_TAG = 16;
    /** A tag of the server. */
    public static final int SERVER_TAG = 17;
    /** Where to report errors (RFC 9567). */
    public static final int REPORT_CHANNEL = 18;
    /** The version of a zone (RFC 9660). */
    public static final int ZONEVERSION = 19;

    private static final Registry NAMES = new Registry(32)
            .add(LLQ, "LLQ")
            .add(UPDATE_LEASE, "UPDATE-LEASE")
            .add(NSID, "NSID")
            .add(DAU, "DAU")
            .add(DHU, "DHU")
            .add(N3U, "N3U")
            .add(CLIENT_SUBNET, "CLIENT-SUBNET")
            .add(EXPIRE, "EXPIRE")
            .add(COOKIE, "COOKIE")
            .add(TCP_KEEPALIVE, "TCP-KEEPALIVE")
            .add(PADDING, "PADDING")
            .add(CHAIN, "CHAIN")
            .add(KEY_TAG, "KEY-TAG")
            .add(EXTENDED_ERROR, "EXTENDED-ERROR")
            .add(CLIENT_TAG, "CLIENT-TAG")
            .add(SERVER_TAG, "SERVER-TAG")
            .add(REPORT_CHANNEL, "REPORT-CHANNEL")
            .add(ZONEVERSION, "ZONEVERSION");

    private EdnsOption() {
    }

    /**
     * The name of an option.
     *
     * @param code its number
     * @return its name, or null if it has none
     */
    public static String name(int code) {
        return NAMES.name(code);
    }

    /**
     * The number of an option's name.
     *
     * @param name in any case, or {@code OPT123}
     * @return its number, or -1 if there is none
     */
    public static int parse(CharSequence name) {
        return NAMES.code(name, "OPT", 0xffff);
    }
}
