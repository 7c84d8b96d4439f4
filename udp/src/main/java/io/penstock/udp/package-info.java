/**
 * Datagrams: a socket, and batches of datagrams that one system call sends or receives. Begin with
 * {@link io.penstock.udp.UdpSocket}.
 */
package io.penstock.udp;
