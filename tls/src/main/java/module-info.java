/** TLS streams, DTLS over datagrams, digests and MACs over the platform's OpenSSL. */
module io.penstock.tls {
    requires transitive io.penstock.core;
    requires transitive io.penstock.udp;

    exports io.penstock.tls;
}
