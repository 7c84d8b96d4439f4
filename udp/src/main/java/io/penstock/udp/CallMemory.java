package io.penstock.udp;

import io.penstock.core.net.Endpoint;

/**
 * What a call of a socket needs for as long as it lasts. Sockets of one loop that share a batch
 * share this as well, so that one which waits for nothing but a datagram takes little memory.
 */
final class CallMemory {
    /** For what lies in the caller's own memory. */
    final Headers single = new Headers(1);
    /** Of the last error, until its handler returns. */
    final ErrorQueue errors = new ErrorQueue();
    final Endpoint errorDestination = new Endpoint();
}
