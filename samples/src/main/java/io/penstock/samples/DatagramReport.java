package io.penstock.samples;

import io.penstock.udp.UdpMetrics;
import io.penstock.udp.UdpSocket;

/** What a tool tells of a datagram socket; apart, so that tools without one load nothing of udp. */
final class DatagramReport {
    private DatagramReport() {
    }

    /** Notes a socket that has closed, and checks its invariants. */
    static void closed(Report report, UdpSocket socket) {
        StringBuilder lines = new StringBuilder();
        UdpMetrics.brokenInvariants(socket.metrics(), socket.metricsOffset(), lines);
        report.closed(socket, UdpMetrics.TYPE, lines);
    }
}
