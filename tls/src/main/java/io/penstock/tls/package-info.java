/** TLS over any stream, DTLS over datagrams, digests and MACs, by the platform's OpenSSL. */
package io.penstock.tls;
