package io.penstock.udp;

import io.penstock.core.net.Endpoint;

/**
 * Memory that a socket needs only while a call lasts. Sockets of one loop that share a batch share
 * this memory too, so a socket that waits for datagrams takes little of its own.
 */
final class CallMemory {
    /** The header for a datagram that lies in the caller's memory. */
    final Headers single = new Headers(1);
    /** Holds the last error until its handler returns. */
    final ErrorQueue errors = new ErrorQueue();
    final Endpoint errorDestination = new Endpoint();
}
