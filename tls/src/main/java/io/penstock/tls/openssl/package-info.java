/** The binding: OpenSSL's functions under their own names, and nothing but them. Not exported. */
package io.penstock.tls.openssl;
