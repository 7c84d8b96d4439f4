/** TLS streams, digests and MACs over the platform's OpenSSL. */
module io.penstock.tls {
    requires transitive io.penstock.core;

    exports io.penstock.tls;
}
