package io.penstock.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.loop.Timer;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.SocketOption;
import io.penstock.core.sys.Linux;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Datagrams between two namespaces: tc-netem(8) loses, doubles and reorders, or tc-tbf(8) loses
 * those that come too fast. Every datagram is accounted for.
 */
class LossyPathTest {
    private static final int SENT = 4_000;

    private Network network;
    private String one;
    private String other;

    @AfterEach
    void close() {
        if (network != null) {
            network.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"10.37.0., 20", "fd37::, 64"})
    void lostDoubledAndReordered(String prefix, int bytes) throws IOException {
        join(prefix);
        Assumptions.assumeTrue(network.succeeds("tc -n " + one + " qdisc add dev here root"
                + " netem limit 100000 delay 3ms loss 10% duplicate 5% reorder 75% gap 4"),
                "needs tc of iproute2, and a kernel with sch_netem");
        String said = sendAcross(prefix, bytes);
        String queue = network.run("tc -n " + one + " -s qdisc show dev here");
        long lost = number("dropped (\\d+)", queue);
        long passed = number("(\\d+) pkt", queue); // including a few packets of IPv6 itself
        long received = number("received (\\d+)", said);
        long distinct = number("distinct (\\d+)", said);
        assertTrue(received <= passed && received >= passed - 20, received + " of " + passed);
        assertTrue(distinct <= SENT && distinct >= SENT - lost, distinct + ", lost " + lost);
        assertTrue(SENT - distinct > SENT / 40, "something was lost");
        assertTrue(received - distinct > SENT / 100, "something was doubled");
        assertTrue(number("late (\\d+)", said) > 0, "something was reordered");
    }

    @ParameterizedTest
    @CsvSource({"10.37.0., 200", "fd37::, 1000"})
    void lostInANarrowPlace(String prefix, int bytes) throws IOException {
        join(prefix);
        Assumptions.assumeTrue(network.succeeds("tc -n " + one + " qdisc add dev here root"
                + " tbf rate 20mbit burst 4kb limit 16kb"),
                "needs tc of iproute2, and a kernel with sch_tbf");
        String said = sendAcross(prefix, bytes);
        long lost = number("dropped (\\d+)",
                network.run("tc -n " + one + " -s qdisc show dev here"));
        assertTrue(lost > 0 && lost < SENT, "lost " + lost);
        assertEquals(SENT - lost, number("received (\\d+)", said));
        assertEquals(SENT - lost, number("distinct (\\d+)", said));
        assertEquals(0, number("late (\\d+)", said));
    }

    /** Sends numbered datagrams, and returns the receiver's report. */
    private String sendAcross(String prefix, int bytes) throws IOException {
        Process receiver = network.startInside(other, Receiver.class, address(prefix, 2, "0"));
        String port = receiver.inputReader().readLine();
        assertEquals("sent " + SENT + "\n", network.inside(
                one, Sender.class, address(prefix, 2, port), "" + SENT, "" + bytes));
        String said = rest(receiver);
        assertEquals(0, number("dropped (\\d+)", said), "there was room");
        assertEquals(0, number("corrupt (\\d+)", said));
        return said;
    }

    @Test
    void whatThereIsNoRoomForIsCounted() throws IOException {
        join("10.37.0.");
        Process receiver = network.startInside(other, Receiver.class, "10.37.0.2:0", "4096");
        BufferedReader from = receiver.inputReader();
        String to = "10.37.0.2:" + from.readLine();
        network.inside(one, Sender.class, to, "1000", "100");
        receiver.getOutputStream().write('\n'); // now it reads
        receiver.getOutputStream().flush();
        assertEquals("reading", from.readLine());
        network.inside(one, Sender.class, to, "1", "100"); // the kernel reports the drops
        String said = rest(receiver);
        long received = number("received (\\d+)", said);
        long dropped = number("dropped (\\d+)", said);
        assertTrue(dropped > 0 && received > 1, said);
        assertEquals(1_001, received + dropped);
    }

    private void join(String prefix) {
        network = Network.orSkip();
        one = network.namespace("one");
        other = network.namespace("other");
        String bits = prefix.contains(":") ? "/64 nodad dev " : "/24 dev ";
        network.join(one, "here", other, "there");
        network.run("ip -n " + other + " link set there address 02:00:00:00:00:02");
        network.run("ip -n " + one + " addr add " + prefix + 1 + bits + "here");
        network.run("ip -n " + other + " addr add " + prefix + 2 + bits + "there");
        network.run("ip -n " + one + " neigh replace " + prefix + 2 // no wait for discovery
                + " lladdr 02:00:00:00:00:02 dev here nud permanent");
    }

    private static String address(String prefix, int host, String port) {
        return (prefix.contains(":") ? "[" + prefix + host + "]" : prefix + host) + ":" + port;
    }

    /** Tells the receiver to end, and returns the rest of its output. */
    private static String rest(Process receiver) throws IOException {
        receiver.getOutputStream().close();
        StringBuilder said = new StringBuilder();
        receiver.inputReader().lines().forEach(line -> said.append(line).append('\n'));
        return said.toString();
    }

    private static long number(String pattern, String text) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertTrue(matcher.find(), text);
        return Long.parseLong(matcher.group(1));
    }

    /** Sends numbered datagrams, in batches. */
    static final class Sender {
        /** Arguments: destination, count, length. */
        public static void main(String[] args) {
            Endpoint at = new Endpoint();
            assertEquals(0, at.parse(args[0]));
            int count = Integer.parseInt(args[1]);
            int bytes = Integer.parseInt(args[2]);
            UdpSocket socket = new UdpSocket();
            assertEquals(0, socket.connect(at));
            DatagramBatch batch = new DatagramBatch(20, bytes);
            int sent = 0;
            while (sent < count) {
                int slots = Math.min(20, count - sent);
                for (int slot = 0; slot < slots; slot++) {
                    batch.length(slot, bytes);
                    batch.buffer().setMemory(batch.offset(slot), bytes, (byte) (sent + slot));
                    batch.buffer().putInt(batch.offset(slot), sent + slot);
                }
                int n = 0;
                while (n < slots) {
                    int rc = socket.send(batch, n, slots - n);
                    if (rc < 0) {
                        Thread.onSpinWait();
                    }
                    n += Math.max(0, rc);
                }
                sent += slots;
            }
            assertEquals(count, socket.counter(UdpMetrics.SENT_DATAGRAMS_OFFSET));
            System.out.println("sent " + sent);
        }
    }

    /** Counts datagrams, until its input has ended and no datagram comes for a while. */
    static final class Receiver implements DatagramHandler {
        private static final long QUIET_NS = TimeUnit.MILLISECONDS.toNanos(400);

        private final EventLoop loop = new EventLoop(new LoopConfig().handles(4));
        private final UdpSocket socket =
                new UdpSocket(loop, this, new DatagramBatch(32, 2_000));
        private final Timer quiet = new Timer(loop, timer -> socket.close());
        private final BitSet seen = new BitSet();
        private int late;
        private int corrupt;
        private int newest = -1;
        private boolean isEnding;

        /** Arguments: address; bytes of the receive buffer, with which it reads after a line. */
        public static void main(String[] args) {
            new Receiver().run(args);
        }

        private void run(String[] args) {
            Endpoint at = new Endpoint();
            assertEquals(0, at.parse(args[0]));
            assertEquals(0, loop.open());
            assertEquals(0, socket.open(at.isIpv4() ? Linux.AF_INET : Linux.AF_INET6));
            assertEquals(0, socket.setOption(SocketOption.SO_RCVBUF,
                    args.length > 1 ? Integer.parseInt(args[1]) : 4 << 20));
            assertEquals(0, socket.bind(at));
            assertEquals(0, socket.localEndpoint(at));
            System.out.println(at.port());
            Thread ending = new Thread(() -> waitForInput(args.length > 1));
            ending.setDaemon(true);
            if (args.length == 1) {
                socket.resume();
            }
            ending.start();
            assertEquals(0, loop.run());
            System.out.println("received " + socket.counter(UdpMetrics.RECEIVED_DATAGRAMS_OFFSET));
            System.out.println("distinct " + seen.cardinality());
            System.out.println("late " + late);
            System.out.println("corrupt " + corrupt);
            System.out.println("dropped " + socket.counter(UdpMetrics.DROPPED_OFFSET));
        }

        private void waitForInput(boolean isPaused) {
            try {
                if (isPaused && System.in.read() >= 0) {
                    loop.execute(socket::resume);
                    loop.execute(() -> System.out.println("reading"));
                }
                while (System.in.read() >= 0) {
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            loop.execute(() -> {
                isEnding = true;
                quiet.start(QUIET_NS);
            });
        }

        @Override
        public void onDatagrams(UdpSocket socket, DatagramBatch batch, int count) {
            for (int slot = 0; slot < count; slot++) {
                int number = batch.buffer().getInt(batch.offset(slot));
                seen.set(number);
                late += number < newest ? 1 : 0;
                newest = Math.max(newest, number);
                for (int i = 4; i < batch.length(slot); i++) {
                    corrupt += batch.buffer().getByte(batch.offset(slot) + i) == (byte) number
                            ? 0 : 1;
                }
            }
            if (isEnding) {
                quiet.start(QUIET_NS);
            }
        }

        @Override
        public void onError(UdpSocket socket, int code, Endpoint destination) {
            throw new AssertionError("error " + code);
        }

        @Override
        public void onClose(UdpSocket socket, int result) {
        }
    }
}
