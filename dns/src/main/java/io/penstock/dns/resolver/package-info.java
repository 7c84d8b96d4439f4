/**
 * A stub resolver on the event loop: its configuration files, its cache, and lookups over UDP, TCP
 * and whatever stream is put beneath it.
 */
package io.penstock.dns.resolver;
