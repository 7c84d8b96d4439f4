/** Addresses, TCP and Unix sockets, and the stream class that all byte streams extend. */
package io.penstock.core.net;
