/** TLS over any stream, and digests and MACs, by the OpenSSL that the system brings. */
package io.penstock.tls;
