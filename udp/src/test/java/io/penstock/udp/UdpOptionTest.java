package io.penstock.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.SocketOption;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import java.lang.reflect.Field;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Options of datagram sockets, tested by their effects. */
class UdpOptionTest extends UdpFixture {
    private static SocketOption named(String name) {
        try {
            Field field = SocketOption.class.getField(name);
            return (SocketOption) field.get(null);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "SO_REUSEADDR,1,1", "SO_REUSEPORT,1,1", "SO_BROADCAST,1,1", "SO_SNDBUF,8192,16384",
        "SO_RCVBUF,8192,16384", "SO_PRIORITY,3,3", "SO_TIMESTAMPNS,1,1",
        "IP_TTL,9,9", "IP_TOS,184,184", "IP_RECVTOS,1,1", "IP_PKTINFO,1,1", "IP_RECVERR,1,1",
        "IP_MTU_DISCOVER,2,2", "IP_FREEBIND,1,1", "IP_BIND_ADDRESS_NO_PORT,1,1",
        "IP_MULTICAST_TTL,4,4", "IP_MULTICAST_LOOP,0,0", "IP_MULTICAST_ALL,0,0",
    })
    void ipv4(String name, int value, int read) {
        setAndGet(Linux.AF_INET, name, value, read);
    }

    @ParameterizedTest
    @CsvSource({
        "UDP_GRO,1,1", "IPV6_V6ONLY,1,1", "IPV6_UNICAST_HOPS,9,9", "IPV6_TCLASS,184,184",
        "IPV6_RECVTCLASS,1,1", "IPV6_RECVPKTINFO,1,1", "IPV6_RECVERR,1,1", "IPV6_MTU_DISCOVER,2,2",
        "IPV6_DONTFRAG,1,1", "IPV6_MULTICAST_HOPS,4,4", "IPV6_MULTICAST_LOOP,0,0",
        "IPV6_MULTICAST_ALL,0,0", "IP_RECVTOS,1,1", "IP_PKTINFO,1,1", "IP_TOS,184,184",
        "IP_TTL,9,9", "IP_RECVERR,1,1", "IP_MTU_DISCOVER,2,2",
    })
    void ipv6(String name, int value, int read) {
        setAndGet(Linux.AF_INET6, name, value, read);
    }

    private void setAndGet(int family, String name, int value, int read) {
        UdpSocket socket = socket();
        SocketOption option = named(name);
        assertEquals(ReturnCode.NOT_OPEN, socket.setOption(option, value));
        assertEquals(ReturnCode.NOT_OPEN, socket.option(option));
        assertEquals(0, socket.open(family));
        assertNotEquals(read, socket.option(option), "so that setting it can be seen");
        assertEquals(0, socket.setOption(option, value));
        assertEquals(read, socket.option(option));
    }

    @Test
    void anOptionOfAnotherFamilyIsRefused() {
        UdpSocket socket = socket();
        assertEquals(0, socket.open(Linux.AF_INET));
        assertTrue(socket.setOption(SocketOption.IPV6_V6ONLY, 1) < 0);
        assertTrue(socket.option(SocketOption.IPV6_RECVERR) < 0);
        assertTrue(socket.setOption(SocketOption.TCP_NODELAY, 1) < 0);
        assertEquals(Linux.SOCK_DGRAM, socket.option(SocketOption.SO_TYPE));
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1:0,IP_TOS,IP_RECVTOS", "[::1]:0,IPV6_TCLASS,IPV6_RECVTCLASS"})
    void theTrafficClassIsSetAndSeen(String address, String set, String seen) {
        UdpSocket server = socket();
        at.parse(address);
        open(server);
        assertEquals(0, server.setOption(named(seen), 1));
        bind(server, address);
        UdpSocket client = connect(socket());
        assertEquals(0, client.setOption(named(set), 0xb8 | 1));
        assertEquals(1, client.send(bytes, 0, 1));
        assertEquals(1, batch.length(0, 1) + client.send(batch, 0, 1), "none of its own");
        batch.trafficClass(0, 3);
        assertEquals(1, client.send(batch, 0, 1));
        assertEquals(ReturnCode.BAD_ARGUMENT, batch.trafficClass(0, -1));
        assertEquals(3, server.receive(batch));
        for (int slot = 0; slot < 2; slot++) {
            assertEquals(0xb9, batch.trafficClass(slot));
            assertEquals(1, batch.ecn(slot));
        }
        assertEquals(3, batch.ecn(2));
        assertEquals(0, batch.trafficClass(2) >> 2);
    }

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0:0,127.0.0.1,127.0.0.9:0,IP_PKTINFO",
        "[::]:0,127.0.0.1,127.0.0.9:0,IP_PKTINFO",
        "[::]:0,127.0.0.1,[::ffff:127.0.0.9]:0,IPV6_RECVPKTINFO",
    })
    void whereItCameToIsWhereTheAnswerComesFrom(
            String bound, String from4, String local, String option) {
        UdpSocket server = socket();
        at.parse(bound);
        open(server);
        assertEquals(0, server.setOption(named(option), 1));
        bind(server, bound);
        at.ipv4(0x7f000009, at.port());
        UdpSocket client = connect(socket());
        assertEquals(0, client.localEndpoint(from));
        assertTrue(from.toString().startsWith(from4));
        assertEquals(1, client.send(bytes, 0, 1));
        assertEquals(1, server.receive(batch));
        Endpoint to = new Endpoint();
        assertEquals(0, batch.local(0, to));
        assertEquals(local, to.toString());
        assertEquals(1, batch.interfaceIndex(0));
        assertEquals(1, server.send(batch, 0, 1));
        assertEquals(1, client.receive(batch), "a connected socket takes it from there alone");
    }

    @Test
    void theSourceIsChosen() {
        UdpSocket server = bind(socket(), "127.0.0.1:0");
        UdpSocket client = open(socket());
        Endpoint source = new Endpoint();
        source.ipv4(0x7f000007, 99);
        batch.length(0, 1);
        batch.destination(0, at);
        assertEquals(0, batch.source(0, source, 0));
        assertEquals(1, client.send(batch, 0, 1));
        assertEquals(1, server.receive(bytes, 0, 1, from));
        assertEquals(0x7f000007, from.ipv4());
        source.length(0);
        assertEquals(0, batch.source(0, source, 1), "any address, by lo");
        assertEquals(1, client.send(batch, 0, 1));
        assertEquals(1, server.receive(bytes, 0, 1, from));
        assertEquals(Endpoint.IPV4_LOOPBACK, from.ipv4());
        source.unix("/x");
        assertEquals(ReturnCode.BAD_ADDRESS, batch.source(0, source, 1));
        source.ipv4(0x08080808, 0);
        batch.source(0, source, 0);
        assertTrue(client.send(batch, 0, 1) < 0, "none of this machine's");
    }

    /** IPv6 takes the interface's index too: an unknown one is refused. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theInterfaceIsChosen(boolean isConnected) {
        for (String address : new String[] {"127.0.0.1:0", "[::1]:0"}) {
            UdpSocket server = bind(socket(), address);
            UdpSocket client = isConnected ? connect(socket()) : open(socket());
            from.length(0);
            batch.length(0, 1);
            batch.destination(0, isConnected ? null : at);
            assertEquals(0, batch.source(0, from, 1));
            assertEquals(1, client.send(batch, 0, 1), address);
            batch.source(0, from, 7_777);
            assertTrue(client.send(batch, 0, 1) < 0, address);
            assertEquals(1, server.receive(batch));
        }
    }

    @Test
    void theInterfaceIsChosenForMappedIpv4() {
        UdpSocket server = bind(socket(), "127.0.0.1:0");
        at.parse("[::ffff:127.0.0.1]:" + at.port());
        UdpSocket client = open(socket());
        from.length(0);
        batch.length(0, 1);
        batch.destination(0, at);
        batch.source(0, from, 1);
        assertEquals(1, client.send(batch, 0, 1));
        assertEquals(1, server.receive(batch));
    }

    @Test
    void broadcastNeedsLeave() {
        UdpSocket client = socket();
        assertEquals(0, at.parse("127.255.255.255:9"));
        open(client);
        assertEquals(-Errno.EACCES, client.send(bytes, 0, 1, at));
        assertEquals(0, client.setOption(SocketOption.SO_BROADCAST, 1));
        UdpSocket server = bind(socket(), "0.0.0.0:0");
        assertEquals(0, server.setOption(SocketOption.IP_PKTINFO, 1));
        at.ipv4(0x7fffffff, at.port());
        assertEquals(1, client.send(bytes, 0, 1, at));
        assertEquals(1, server.receive(batch));
        Endpoint to = new Endpoint();
        batch.local(0, to);
        assertEquals(0x7fffffff, to.ipv4());
        assertEquals(1, server.send(batch, 0, 1), "from an address of this machine's");
        assertEquals(1, client.receive(bytes, 0, 1, from));
        assertEquals(Endpoint.IPV4_LOOPBACK, from.ipv4());
    }

    @Test
    void severalSocketsShareAPort() {
        UdpSocket[] servers = new UdpSocket[4];
        at.ipv4(Endpoint.IPV4_LOOPBACK, 0);
        for (int i = 0; i < servers.length; i++) {
            servers[i] = open(socket());
            assertEquals(0, servers[i].setOption(SocketOption.SO_REUSEPORT, 1));
            assertEquals(0, servers[i].bind(at));
            servers[i].localEndpoint(at);
        }
        for (int i = 0; i < 200; i++) {
            UdpSocket client = new UdpSocket();
            assertEquals(0, client.connect(at));
            assertEquals(1, client.send(bytes, 0, 1));
            client.close();
        }
        int[] counts = Arrays.stream(servers).mapToInt(server -> {
            int sum = 0;
            int n;
            while ((n = server.receive(batch)) > 0) {
                sum += n;
            }
            return sum;
        }).toArray();
        assertEquals(200, Arrays.stream(counts).sum());
        assertTrue(Arrays.stream(counts).allMatch(n -> n > 10), Arrays.toString(counts));
    }

    @Test
    void tooLongForAnyDatagram() {
        bind(socket(), "127.0.0.1:0");
        UdpSocket client = connect(socket());
        assertEquals(65_507, client.send(bytes, 0, 65_507));
        assertEquals(-Errno.EMSGSIZE, client.send(bytes, 0, 65_508));
        assertEquals(-Errno.EMSGSIZE, client.send(bytes, 0, 70_000, 2_000, null));
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1:0,IP_MTU_DISCOVER,2,IP_MTU", "[::1]:0,IPV6_DONTFRAG,1,IPV6_MTU"})
    void notFragmented(String address, String option, int value, String mtu) {
        bind(socket(), address);
        UdpSocket client = connect(socket());
        int bytesOfMtu = client.option(named(mtu));
        assertTrue(bytesOfMtu >= 1_280, mtu + " " + bytesOfMtu);
        assertEquals(0, client.setOption(named(option), value));
        if (bytesOfMtu < 65_535) {
            assertEquals(-Errno.EMSGSIZE, client.send(bytes, 0, bytesOfMtu));
        }
        int headers = at.isIpv4() ? 28 : 48;
        int most = Math.min(bytesOfMtu, 65_535) - headers;
        assertEquals(most, client.send(bytes, 0, most));
    }
}
