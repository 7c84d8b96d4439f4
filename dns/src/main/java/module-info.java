/** The Domain Name System: its registries, and its messages and text over off-heap buffers. */
module io.penstock.dns {
    requires transitive io.penstock.core;

    exports io.penstock.dns.iana;
    exports io.penstock.dns.wire;
}
