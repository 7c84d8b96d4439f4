package io.penstock.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.core.ReturnCode;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.SocketOption;
import io.penstock.core.sys.Errno;
import java.net.NetworkInterface;
import java.net.SocketException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** IPv4 groups, joined and left, for any source and for one; over the loopback interface. */
class MulticastTest extends UdpFixture {
    private final Endpoint group = new Endpoint();
    private final Endpoint source = new Endpoint();
    private int lo;
    private UdpSocket receiver;
    private UdpSocket sender;

    @BeforeEach
    void findLoopback() throws SocketException {
        lo = NetworkInterface.getByName("lo").getIndex();
    }

    private void openBoth(String groupAddress) {
        openBoth("0.0.0.0:0", groupAddress);
    }

    private void openBoth(String any, String groupAddress) {
        assertEquals(0, at.parse(any));
        receiver = open(socket());
        assertEquals(0, receiver.setOption(SocketOption.IP_MULTICAST_ALL, 0));
        bind(receiver, any);
        assertEquals(0, group.parse(groupAddress));
        group.port(at.port());
        sender = sender("127.0.0.1:0");
    }

    private UdpSocket sender(String address) {
        assertEquals(0, from.parse(address));
        UdpSocket socket = socket();
        assertEquals(0, socket.bind(from));
        assertEquals(0, socket.multicastInterface(lo));
        return socket;
    }

    private boolean comes() {
        assertEquals(3, sender.send(bytes, 0, 3, group));
        int n = receiver.receive(bytes, 100, 100, from);
        if (n > 0) {
            assertEquals(3, n);
            return true;
        }
        assertEquals(-Errno.EAGAIN, n);
        return false;
    }

    @Test
    void anySource() {
        openBoth("239.1.2.3:0");
        assertEquals(false, comes());
        assertEquals(0, receiver.join(group, lo));
        assertEquals(-Errno.EADDRINUSE, receiver.join(group, lo), "it has joined");
        assertEquals(true, comes());
        assertEquals(0, receiver.leave(group, lo));
        assertEquals(-Errno.EADDRNOTAVAIL, receiver.leave(group, lo));
        assertEquals(false, comes());
    }

    @Test
    void oneSource() {
        openBoth("232.1.2.3:0");
        assertEquals(0, source.parse("127.0.0.9:0"));
        assertEquals(0, receiver.join(group, source, lo));
        assertEquals(false, comes(), "from another source");
        sender = sender("127.0.0.9:0");
        assertEquals(true, comes());
        assertEquals(source.ipLow(), from.ipLow());
        assertEquals(0, receiver.leave(group, source, lo));
        assertEquals(false, comes());
    }

    @Test
    void theGroupIsToldAndTheAnswerComesFromAnAddress() {
        openBoth("239.1.2.5:0");
        assertEquals(0, receiver.setOption(SocketOption.IP_PKTINFO, 1));
        assertEquals(0, receiver.join(group, lo));
        assertEquals(3, sender.send(bytes, 0, 3, group));
        assertEquals(1, receiver.receive(batch));
        assertEquals(0, batch.local(0, from));
        assertEquals(group.ipv4(), from.ipv4());
        assertEquals(lo, batch.interfaceIndex(0));
        assertEquals(1, receiver.send(batch, 0, 1), "not from the group");
        assertEquals(3, sender.receive(bytes, 0, 10, from));
        assertEquals(Endpoint.IPV4_LOOPBACK, from.ipv4());
    }

    /** An IPv6 socket joins no IPv4 group, but receives datagrams of another member's group. */
    @Test
    void anIpv6SocketAnswersWhatCameToAnIpv4Group() {
        openBoth("[::]:0", "239.1.2.6:0");
        assertEquals(0, receiver.setOption(SocketOption.IPV6_RECVPKTINFO, 1));
        assertEquals(0, receiver.setOption(SocketOption.IP_MULTICAST_ALL, 1));
        UdpSocket member = bind(socket(), "0.0.0.0:0");
        assertEquals(0, member.join(group, lo));
        assertEquals(3, sender.send(bytes, 0, 3, group));
        assertEquals(1, receiver.receive(batch));
        assertEquals(0, batch.local(0, from));
        assertEquals("[::ffff:239.1.2.6]:0", from.toString());
        assertEquals(1, receiver.send(batch, 0, 1), "not from the group");
        assertEquals(3, sender.receive(bytes, 0, 10, from));
    }

    @Test
    void whatIsNoGroup() {
        openBoth("127.0.0.1:0");
        assertEquals(-Errno.EINVAL, receiver.join(group, lo));
        assertEquals(0, group.unix("/x"));
        assertEquals(ReturnCode.BAD_ADDRESS, receiver.join(group, lo));
        group.length(0);
        assertEquals(ReturnCode.BAD_ADDRESS, receiver.leave(group, lo));
        group.parse("239.1.2.3:0");
        assertEquals(-Errno.ENODEV, receiver.join(group, 7_777));
        assertEquals(ReturnCode.NOT_OPEN, socket().join(group, lo));
        assertEquals(ReturnCode.NOT_OPEN, socket().multicastInterface(lo));
        assertEquals(-Errno.EADDRNOTAVAIL, sender.multicastInterface(7_777));
    }
}
