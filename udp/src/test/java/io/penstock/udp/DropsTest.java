package io.penstock.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.SocketOption;
import io.penstock.core.sys.Linux;
import org.junit.jupiter.api.Test;

/** Datagrams that the kernel drops because nobody received them in time. */
class DropsTest {
    @Test
    void everyDatagramWasReceivedOrDropped() {
        UdpSocket server = new UdpSocket();
        UdpSocket client = new UdpSocket();
        Endpoint at = new Endpoint();
        assertEquals(0, at.parse("127.0.0.1:0"));
        assertEquals(0, server.open(Linux.AF_INET));
        assertEquals(0, server.setOption(SocketOption.SO_RCVBUF, 8192));
        assertEquals(0, server.bind(at));
        assertEquals(0, server.localEndpoint(at));
        assertEquals(0, client.connect(at));
        NativeBuffer buffer = NativeBuffer.allocate(100);
        DatagramBatch in = new DatagramBatch(8, 100);
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < 100; i++) {
                assertEquals(100, client.send(buffer, 0, 100));
            }
            while (server.receive(in) > 0) {
                assertEquals(100, in.length(0));
            }
        }
        assertTrue(server.counter(UdpMetrics.DROPPED_OFFSET) > 500, "while it is open");
        server.close();
        client.close();
        StringBuilder out = new StringBuilder();
        assertEquals(0, UdpMetrics.brokenPathInvariants(client.metrics(), client.metricsOffset(),
                server.metrics(), server.metricsOffset(), out), out.toString());
        assertTrue(server.counter(UdpMetrics.DROPPED_OFFSET) > 1000);
        assertEquals(2000, client.counter(UdpMetrics.SENT_DATAGRAMS_OFFSET));
    }
}
