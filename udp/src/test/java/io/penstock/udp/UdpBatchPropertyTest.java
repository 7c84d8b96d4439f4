package io.penstock.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.net.Endpoint;
import io.penstock.core.net.SocketOption;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.testing.Descriptors;
import io.penstock.core.testing.FaultyPosix;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/**
 * Batches of every shape there and back: every byte arrives once and in order, whether the
 * kernel cuts and merges or not.
 */
class UdpBatchPropertyTest {
    private static final int SLOT_BYTES = 65_535;

    /** The addresses of both ends. */
    private enum Path {
        IPV4("127.0.0.1:0", "127.0.0.1:0"),
        IPV6("[::1]:0", "[::1]:0"),
        DUAL("[::]:0", "127.0.0.1:0"),
        UNIX("@penstock-udp-property-a", "@penstock-udp-property-b");

        final String server;
        final String client;

        Path(String server, String client) {
            this.server = server;
            this.client = client;
        }
    }

    /** The contents of a slot: its length, and the size of its segments, or 0. */
    private record Shape(int bytes, int segment) {
        int datagrams() {
            return segment == 0 || bytes <= segment ? 1 : (bytes + segment - 1) / segment;
        }

        int bytesOf(int datagram) {
            return datagrams() == 1 ? bytes : Math.min(segment, bytes - datagram * segment);
        }
    }

    @Provide
    Arbitrary<Shape> shapes() {
        Arbitrary<Shape> whole = Arbitraries.integers().between(0, 9_000)
                .map(bytes -> new Shape(bytes, 0));
        Arbitrary<Shape> cut = Combinators.combine(Arbitraries.integers().between(1, 1_400),
                Arbitraries.integers().between(1, 45), Arbitraries.integers().between(0, 1_399))
                .as((segment, segments, less) -> new Shape(
                        Math.max(1, segment * segments - less % segment), segment));
        Arbitrary<Shape> edge = Arbitraries.of(new Shape(0, 0), new Shape(1, 1), new Shape(64, 1),
                new Shape(100, 100), new Shape(101, 100), new Shape(65_507 / 64 * 64, 1_023),
                new Shape(65_507, 0));
        return Arbitraries.oneOf(whole, cut, edge);
    }

    @Provide
    Arbitrary<List<Shape>> batches() {
        return shapes().list().ofMinSize(1).ofMaxSize(24);
    }

    @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
    void thereAndBack(@ForAll Path path, @ForAll("batches") List<Shape> shapes,
            @ForAll boolean cuts, @ForAll boolean joins,
            @ForAll @IntRange(min = 1, max = 20) int room,
            @ForAll boolean isConnected) {
        int descriptors = Descriptors.open();
        FaultyPosix posix = new FaultyPosix();
        if (!cuts) {
            new GsoRefusal(posix, Errno.EIO);
        }
        UdpSocket server = new UdpSocket(posix);
        UdpSocket client = new UdpSocket(posix);
        Endpoint at = new Endpoint();
        open(server, path.server, joins, at);
        Endpoint own = new Endpoint();
        open(client, path.client, joins, own);
        if (path == Path.DUAL) {
            at.ipv4(Endpoint.IPV4_LOOPBACK, at.port());
        }
        if (isConnected) {
            assertEquals(0, client.connect(at));
        }
        DatagramBatch out = fill(shapes, isConnected ? null : at);
        DatagramBatch in = new DatagramBatch(room, SLOT_BYTES);
        Checker there = new Checker(shapes);
        Checker back = new Checker(shapes);
        int sent = 0;
        for (int i = 0; !back.isDone(); i++) {
            assertTrue(i < 1_000, "lost: " + there.datagrams + " there, " + back.datagrams
                    + " back");
            int n = sent == shapes.size() ? 0 : client.send(out, sent, shapes.size() - sent);
            assertTrue(n >= 0 || n == -Errno.EAGAIN, "answered " + n);
            sent += Math.max(0, n);
            bounce(server, client, in, there, back);
        }
        assertTrue(there.isDone());
        assertEquals(-Errno.EAGAIN, server.receive(in));
        assertEquals(-Errno.EAGAIN, client.receive(in));
        assertEquals(!cuts && shapes.stream().anyMatch(shape -> shape.datagrams() > 1)
                || path == Path.UNIX, client.isGsoRefused());
        invariantsHold(client, server);
        Descriptors.assertOpen(descriptors);
    }

    private static void open(UdpSocket socket, String address, boolean joins, Endpoint at) {
        assertEquals(0, at.parse(address));
        assertEquals(0, socket.open(at.family()));
        assertEquals(0, socket.setOption(SocketOption.SO_RCVBUF, 4 << 20));
        if (!at.isUnix()) {
            assertEquals(0, socket.setOption(SocketOption.UDP_GRO, joins ? 1 : 0));
        }
        if (at.family() == Linux.AF_INET6) {
            assertEquals(0, socket.setOption(SocketOption.IPV6_V6ONLY, 0));
            assertEquals(0, socket.setOption(SocketOption.IPV6_RECVPKTINFO, 1));
        }
        assertEquals(0, socket.bind(at));
        assertEquals(0, socket.localEndpoint(at));
    }

    /** Received slots are sent back to their senders as they are. */
    private static void bounce(UdpSocket server, UdpSocket client, DatagramBatch in,
            Checker there, Checker back) {
        int n = server.receive(in);
        assertTrue(n > 0 || n == -Errno.EAGAIN, "answered " + n);
        there.take(in, n);
        DatagramBatch home = new DatagramBatch(7, SLOT_BYTES);
        int sent = 0;
        while (sent < n) {
            int rc = server.send(in, sent, n - sent);
            assertTrue(rc > 0 || rc == -Errno.EAGAIN, "answered " + rc);
            sent += Math.max(0, rc);
            takeAll(client, home, back);
        }
        takeAll(client, home, back);
    }

    private static void takeAll(UdpSocket client, DatagramBatch home, Checker back) {
        int n;
        while ((n = client.receive(home)) > 0) {
            back.take(home, n);
        }
        assertEquals(-Errno.EAGAIN, n);
    }

    private static DatagramBatch fill(List<Shape> shapes, Endpoint destination) {
        DatagramBatch out = new DatagramBatch(shapes.size(), SLOT_BYTES);
        int number = 0;
        for (int slot = 0; slot < shapes.size(); slot++) {
            Shape shape = shapes.get(slot);
            if (shape.segment() == 0) {
                assertEquals(0, out.length(slot, shape.bytes()));
            } else {
                assertEquals(shape.datagrams(),
                        out.segments(slot, shape.bytes(), shape.segment()));
            }
            assertEquals(0, out.destination(slot, destination));
            for (int i = 0; i < shape.datagrams(); i++, number++) {
                for (int at = 0; at < shape.bytesOf(i); at++) {
                    out.buffer().putByte(out.segmentOffset(slot, i) + at, byteOf(number, at));
                }
            }
        }
        return out;
    }

    private static byte byteOf(int number, int at) {
        return (byte) (number * 151 + at * 7 + (at >> 8));
    }

    /** Compares received datagrams with those sent, in order. */
    private static final class Checker {
        private final int[] lengths;
        private int datagrams;

        Checker(List<Shape> shapes) {
            lengths = shapes.stream().flatMapToInt(shape -> IntStream
                    .range(0, shape.datagrams()).map(shape::bytesOf)).toArray();
        }

        boolean isDone() {
            return datagrams == lengths.length;
        }

        void take(DatagramBatch in, int slots) {
            for (int slot = 0; slot < slots; slot++) {
                assertFalse(in.isTruncated(slot));
                for (int i = 0; i < in.segments(slot); i++) {
                    assertEquals(lengths[datagrams], in.segmentLength(slot, i));
                    for (int at = 0; at < lengths[datagrams]; at++) {
                        if (byteOf(datagrams, at)
                                != in.buffer().getByte(in.segmentOffset(slot, i) + at)) {
                            throw new AssertionError("datagram " + datagrams + ", byte " + at);
                        }
                    }
                    datagrams++;
                }
            }
        }
    }

    private static void invariantsHold(UdpSocket client, UdpSocket server) {
        UdpFixture.pathInvariantsHold(client, server);
        UdpFixture.pathInvariantsHold(server, client);
        client.close();
        server.close();
        UdpFixture.invariantsHold(client, server);
    }
}
