package io.penstock.dns.resolver;

import io.penstock.core.net.Endpoint;
import io.penstock.core.net.SocketStream;
import io.penstock.core.sys.Linux;
import io.penstock.udp.UdpSocket;

/** Ports of loopback for servers. */
final class Ports {
    private static final int TRIES = 100;

    private Ports() {
    }

    /** One that is free for UDP and TCP both: connections of others may hold the latter. */
    static Endpoint free() {
        Endpoint at = new Endpoint();
        for (int i = 0; i < TRIES; i++) {
            at.ipv4(Endpoint.IPV4_LOOPBACK, 0);
            UdpSocket udp = new UdpSocket();
            SocketStream tcp = new SocketStream();
            int rc = udp.bind(at);
            rc = Math.min(rc, udp.localEndpoint(at));
            rc = Math.min(rc, tcp.open(Linux.AF_INET));
            rc = Math.min(rc, tcp.bind(at));
            udp.close();
            tcp.close();
            if (rc == 0) {
                return at;
            }
        }
        throw new AssertionError("no port is free");
    }
}
