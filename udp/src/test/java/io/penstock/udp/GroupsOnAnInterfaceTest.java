package io.penstock.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.SocketOption;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import java.net.NetworkInterface;
import java.net.SocketException;
import org.junit.jupiter.api.Test;

/** Groups on an interface other than loopback, in a network namespace. */
class GroupsOnAnInterfaceTest {
    private int index;
    private final UdpSocket receiver = new UdpSocket();
    private final UdpSocket sender = new UdpSocket();
    private final UdpSocket other = new UdpSocket();
    private final NativeBuffer bytes = NativeBuffer.allocate(100);
    private final Endpoint group = new Endpoint();
    private final Endpoint source = new Endpoint();
    private final Endpoint from = new Endpoint();

    @Test
    void joinedAndLeft() {
        try (Network network = Network.orSkip()) {
            String alone = network.namespace("alone");
            network.join(alone, "here", alone, "there");
            for (String address : new String[] {"fd37::1/64", "fd37::9/64"}) {
                network.run("ip -n " + alone + " addr add " + address + " dev here nodad");
            }
            network.run("ip -n " + alone + " addr add 10.37.0.1/24 dev here");
            assertEquals("done\n", network.inside(alone, GroupsOnAnInterfaceTest.class));
        }
    }

    /** In the namespace. */
    public static void main(String[] args) throws SocketException {
        GroupsOnAnInterfaceTest test = new GroupsOnAnInterfaceTest();
        test.open();
        test.anySource();
        test.oneSource();
        test.notFromTheGroup();
        test.heardAtHomeOrNot();
        System.out.println("done");
    }

    private void open() throws SocketException {
        index = NetworkInterface.getByName("here").getIndex();
        assertEquals(0, receiver.open(Linux.AF_INET6));
        assertEquals(0, receiver.setOption(SocketOption.IPV6_MULTICAST_ALL, 0));
        assertEquals(0, receiver.setOption(SocketOption.IPV6_RECVPKTINFO, 1));
        bind(receiver, "[::]:0");
        assertEquals(0, receiver.localEndpoint(from));
        assertEquals(0, group.parse("[ff15::1234]:" + from.port()));
        bind(sender, "[fd37::1]:0");
        bind(other, "[fd37::9]:0");
        assertEquals(0, sender.multicastInterface(index));
        assertEquals(0, other.multicastInterface(index));
    }

    private static void bind(UdpSocket socket, String address) {
        Endpoint at = new Endpoint();
        assertEquals(0, at.parse(address));
        assertEquals(0, socket.bind(at));
    }

    private boolean comes(UdpSocket one) {
        assertEquals(3, one.send(bytes, 0, 3, group));
        int n = receiver.receive(bytes, 10, 10, from);
        assertTrue(n == 3 || n == -Errno.EAGAIN, "answered " + n);
        return n > 0;
    }

    private void anySource() {
        assertEquals(false, comes(sender));
        assertEquals(0, receiver.join(group, index));
        assertEquals(-Errno.EADDRINUSE, receiver.join(group, index));
        assertEquals(true, comes(sender));
        assertEquals(true, comes(other));
        assertEquals(0, receiver.leave(group, index));
        assertEquals(-Errno.EADDRNOTAVAIL, receiver.leave(group, index));
        assertEquals(false, comes(sender));
    }

    private void oneSource() {
        assertEquals(0, source.parse("[fd37::9]:0"));
        assertEquals(0, receiver.join(group, source, index));
        assertEquals(false, comes(sender));
        assertEquals(true, comes(other));
        assertEquals(source.ipLow(), from.ipLow());
        assertEquals(0, receiver.leave(group, source, index));
        assertEquals(false, comes(other));
    }

    private void notFromTheGroup() {
        assertEquals(0, receiver.join(group, index));
        assertEquals(3, sender.send(bytes, 0, 3, group));
        DatagramBatch batch = new DatagramBatch(1, 10);
        assertEquals(1, receiver.receive(batch));
        assertEquals(0, batch.local(0, from));
        assertEquals(group.ipHigh(), from.ipHigh());
        assertEquals(index, batch.interfaceIndex(0));
        assertEquals(1, receiver.send(batch, 0, 1));
        assertEquals(3, sender.receive(bytes, 0, 10, from));
    }

    private void heardAtHomeOrNot() {
        loopAndHops(SocketOption.IPV6_MULTICAST_LOOP, SocketOption.IPV6_MULTICAST_HOPS);
        receiver.close();
        sender.close();
        bind(receiver, "0.0.0.0:0");
        bind(sender, "10.37.0.1:0");
        assertEquals(0, receiver.localEndpoint(from));
        assertEquals(0, group.parse("239.1.2.3:" + from.port()));
        assertEquals(0, receiver.join(group, index));
        assertEquals(0, sender.multicastInterface(index));
        loopAndHops(SocketOption.IP_MULTICAST_LOOP, SocketOption.IP_MULTICAST_TTL);
    }

    private void loopAndHops(SocketOption loop, SocketOption hops) {
        assertEquals(true, comes(sender));
        assertEquals(0, sender.setOption(hops, 0));
        assertEquals(0, sender.option(hops));
        assertEquals(true, comes(sender), "no hop is needed");
        assertEquals(1, sender.option(loop));
        assertEquals(0, sender.setOption(loop, 0));
        assertEquals(false, comes(sender), "neither looped nor sent");
    }
}
