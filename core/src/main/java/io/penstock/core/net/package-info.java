/** Addresses, TCP and Unix sockets, and the streams that all byte pipes are. */
package io.penstock.core.net;
