/** Datagram sockets, UDP and Unix, and batches of datagrams that a system call moves at once. */
module io.penstock.udp {
    requires transitive io.penstock.core;

    exports io.penstock.udp;
}
