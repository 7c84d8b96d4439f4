package io.penstock.samples;

import io.penstock.udp.UdpMetrics;
import io.penstock.udp.UdpSocket;

/** What a tool tells of a datagram socket; apart, so that tools without one load nothing of udp. */
final class DatagramReport {
    private DatagramReport() {
    }

    /** Takes note of a socket that has closed, and holds it to its laws. */
    static void closed(Report report, UdpSocket socket) {
        StringBuilder lines = new StringBuilder();
        UdpMetrics.brokenLaws(socket.metrics(), socket.metricsOffset(), lines);
        report.closed(socket, UdpMetrics.TYPE, lines);
    }
}
