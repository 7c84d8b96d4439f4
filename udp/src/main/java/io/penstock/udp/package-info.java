/**
 * Datagrams: a socket that sends and receives them, and batches of them that a system call moves at
 * once. Begin with {@link io.penstock.udp.UdpSocket}.
 */
package io.penstock.udp;
