package io.penstock.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.SocketOption;
import io.penstock.core.sys.Errno;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Errors from routers: the path's MTU, and a time to live that has run out. */
class PathMtuTest {
    private static final int MTU = 1_300;

    @Test
    void behindARouter() throws IOException {
        try (Network network = Network.orSkip()) {
            String home = network.namespace("home");
            String router = network.namespace("router");
            String away = network.namespace("away");
            network.join(home, "out", router, "in");
            network.join(router, "on", away, "end");
            network.run("ip -n " + router + " link set on mtu " + MTU);
            network.run("ip -n " + away + " link set end mtu " + MTU);
            for (String version : new String[] {"4", "6"}) {
                boolean is4 = version.equals("4");
                String near = is4 ? "10.37.0." : "fd37::";
                String far = is4 ? "10.38.0." : "fd38::";
                String bits = is4 ? "/24 dev " : "/64 nodad dev ";
                network.run("ip -n " + home + " addr add " + near + 1 + bits + "out");
                network.run("ip -n " + router + " addr add " + near + 2 + bits + "in");
                network.run("ip -n " + router + " addr add " + far + 1 + bits + "on");
                network.run("ip -n " + away + " addr add " + far + 2 + bits + "end");
                network.run("ip -n " + home + " route add default via " + near + 2);
                network.run("ip -n " + away + " route add default via " + far + 1);
                network.run("ip netns exec " + router + " sysctl -q -w "
                        + (is4 ? "net.ipv4.ip_forward=1" : "net.ipv6.conf.all.forwarding=1"));
            }
            Process receiver =
                    network.startInside(away, LossyPathTest.Receiver.class, "[::]:0");
            String port = receiver.inputReader().readLine();
            assertEquals("done\n", network.inside(home, PathMtuTest.class,
                    "10.38.0.2:" + port, "10.37.0.2:0", "28"));
            assertEquals("done\n", network.inside(home, PathMtuTest.class,
                    "[fd38::2]:" + port, "[fd37::2]:0", "48"));
        }
    }

    // In the namespace

    private final NativeBuffer bytes = NativeBuffer.allocate(10_000);
    private final Endpoint at = new Endpoint();
    private final Endpoint router = new Endpoint();
    private final EventLoop loop = new EventLoop(new LoopConfig().handles(4));
    private final Recorder recorder = new Recorder() {
        @Override
        public void onError(UdpSocket socket, int code, Endpoint destination) {
            super.onError(socket, code, destination);
            mtu = socket.errorMtuBytes();
            hasOffender = socket.errorOffender(offender) == 0;
        }
    };
    private final Endpoint offender = new Endpoint();
    private boolean hasOffender;
    private int mtu;

    /** Arguments: destination, router on the way, bytes of headers. */
    public static void main(String[] args) {
        PathMtuTest test = new PathMtuTest();
        assertEquals(0, test.at.parse(args[0]));
        assertEquals(0, test.router.parse(args[1]));
        assertEquals(0, test.loop.open());
        test.mtuOfThePath(Integer.parseInt(args[2]));
        test.hopsRunOut();
        test.segments();
        test.loop.close();
        System.out.println("done");
    }

    private UdpSocket open() {
        UdpSocket socket = new UdpSocket(loop, recorder, new DatagramBatch(4, 2_000));
        assertEquals(0, socket.connect(at));
        boolean is4 = at.isIpv4();
        assertEquals(0, socket.setOption(
                is4 ? SocketOption.IP_RECVERR : SocketOption.IPV6_RECVERR, 1));
        assertEquals(0, socket.setOption(
                is4 ? SocketOption.IP_MTU_DISCOVER : SocketOption.IPV6_MTU_DISCOVER, 2));
        assertEquals(0, socket.resume());
        recorder.heard.clear();
        return socket;
    }

    private void turnUntilHeard(int count) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (recorder.heard.size() < count) {
            assertTrue(System.nanoTime() < end, "heard " + recorder.heard);
            loop.runOnce(TimeUnit.MILLISECONDS.toNanos(100));
        }
    }

    private void mtuOfThePath(int headers) {
        UdpSocket socket = open();
        SocketOption known = at.isIpv4() ? SocketOption.IP_MTU : SocketOption.IPV6_MTU;
        assertEquals(1_500, socket.option(known));
        assertEquals(1_400, socket.send(bytes, 0, 1_400), "so far it is not known");
        turnUntilHeard(1);
        assertEquals("error " + -Errno.EMSGSIZE + " " + at, recorder.heard.get(0));
        assertEquals(MTU, mtu);
        assertTrue(hasOffender);
        assertEquals(router, offender);
        assertEquals(MTU, socket.option(known));
        assertEquals(-Errno.EMSGSIZE, socket.send(bytes, 0, 1_400), "now it is");
        turnUntilHeard(2);
        assertEquals("error " + -Errno.EMSGSIZE + " " + at, recorder.heard.get(1));
        assertEquals(MTU, mtu);
        assertEquals(false, hasOffender, "this machine itself");
        assertEquals(MTU - headers, socket.send(bytes, 0, MTU - headers));
        for (int i = 0; i < 5; i++) {
            loop.runOnce(TimeUnit.MILLISECONDS.toNanos(1));
        }
        assertEquals(MTU - headers, socket.counter(UdpMetrics.SENT_BYTES_OFFSET) - 1_400);
        socket.close();
        loop.runOnce(0);
    }

    private void hopsRunOut() {
        UdpSocket socket = open();
        assertEquals(0, socket.setOption(
                at.isIpv4() ? SocketOption.IP_TTL : SocketOption.IPV6_UNICAST_HOPS, 1));
        assertEquals(10, socket.send(bytes, 0, 10));
        turnUntilHeard(1);
        assertEquals("error " + -Errno.EHOSTUNREACH + " " + at, recorder.heard.get(0));
        assertEquals(ReturnCode.NOT_SUPPORTED, mtu);
        assertEquals(router, offender);
        socket.close();
        loop.runOnce(0);
    }

    /** The path's MTU is known by now. */
    private void segments() {
        UdpSocket socket = open();
        assertEquals(4_000, socket.send(bytes, 0, 4_000, 1_200, null));
        assertTrue(socket.counter(UdpMetrics.SENT_SEGMENTS_OFFSET) == 4 || socket.isGsoRefused());
        assertEquals(-Errno.EMSGSIZE, socket.send(bytes, 0, 4_000, 1_400, null));
        assertEquals(4_000, socket.send(bytes, 0, 4_000, 1_200, null));
        socket.close();
        loop.runOnce(0);
    }
}
