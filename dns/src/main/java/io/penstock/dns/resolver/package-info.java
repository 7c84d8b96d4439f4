/**
 * A stub resolver on the event loop: its configuration files, its cache, and lookups over UDP, TCP
 * and any other stream, such as TLS.
 */
package io.penstock.dns.resolver;
