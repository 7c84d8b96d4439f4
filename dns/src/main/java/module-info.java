/**
 * The Domain Name System: its registries, its messages and text over off-heap buffers, and a stub
 * resolver.
 */
module io.penstock.dns {
    requires transitive io.penstock.core;
    requires io.penstock.udp;

    exports io.penstock.dns.iana;
    exports io.penstock.dns.resolver;
    exports io.penstock.dns.wire;
}
