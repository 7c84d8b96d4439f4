package io.penstock.dns.iana;

/**
 * The keys of a service's parameters.
 *
 * <p><b>Threading</b>: any. <b>Allocation</b>: none.
 * <b>See</b>: RFC 9460, section 14.3.
 */
public final class SvcParamKey {
    /** Keys that must be understood. */
    public static final int MANDATORY = 0;
    /** Protocols. */
    public static final int ALPN = 1;
    /** The default protocol is not spoken. */
    public static final int NO_DEFAULT_ALPN = 2;
    /** The port. */
    public static final int PORT = 3;
    /** IPv4 addresses. */
    public static final int IPV4HINT = 4;
    /** A configuration for encrypted client hello (RFC 9848). */
    public static final int ECH = 5;
    /** IPv6 addresses. */
    public static final int IPV6HINT = 6;
    /** The path of DNS over HTTPS (RFC 9461). */
    public static final int DOHPATH = 7;
    /** Oblivious HTTP is spoken (RFC 9540). */
    public static final int OHTTP = 8;
    /** Key exchange groups. */
    public static final int TLS_SUPPORTED_GROUPS = 9;

    private static final Registry NAMES = new Registry(16)
            .add(MANDATORY, "mandatory")
            .add(ALPN, "alpn")
            .add(NO_DEFAULT_ALPN, "no-default-alpn")
            .add(PORT, "port")
            .add(IPV4HINT, "ipv4hint")
            .add(ECH, "ech")
            .add(IPV6HINT, "ipv6hint")
            .add(DOHPATH, "dohpath")
            .add(OHTTP, "ohttp")
            .add(TLS_SUPPORTED_GROUPS, "tls-supported-groups");

    private SvcParamKey() {
    }

    /**
     * The name of a key.
     *
     * @param code its number
     * @return its name, or null if it has none
     */
    public static String name(int code) {
        return NAMES.name(code);
    }

    /**
     * The number of a key's name.
     *
     * @param name in any case, or {@code key123}
     * @return its number, or -1 if there is none
     */
    public static int parse(CharSequence name) {
        return NAMES.code(name, "key", 0xffff);
    }
}
