/**
 * Messages and records as they lie on the wire, read and written in place, and the same as text.
 * Pure: no I/O, no clock, no threads.
 */
package io.penstock.dns.wire;
