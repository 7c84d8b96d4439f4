/** The binding: OpenSSL's functions under their own names, and nothing else. Not exported. */
package io.penstock.tls.openssl;
