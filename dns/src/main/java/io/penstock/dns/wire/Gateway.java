package io.penstock.dns.wire;

/**
 * The kinds of gateways and relays.
 *
 * <p><b>See</b>: RFC 4025 2.3, RFC 8777 4.2.3.
 */
public final class Gateway {
    /** No gateway. */
    public static final int NONE = 0;
    /** An IPv4 address. */
    public static final int IPV4 = 1;
    /** An IPv6 address. */
    public static final int IPV6 = 2;
    /** A domain name. */
    public static final int NAME = 3;

    private Gateway() {
    }
}
