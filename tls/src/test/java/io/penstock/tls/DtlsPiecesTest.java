package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Endpoint;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** The table of peers, and how records go into datagrams. */
class DtlsPiecesTest {
    private static final int PEERS = 12;

    /** An even number below 24 adds a peer that is not there, or removes one that is. */
    @Property(tries = 200)
    void theTableIsAMap(@ForAll @Size(max = 200) List<@IntRange(max = 23) Integer> steps) {
        TlsContext context = TlsContext.dtlsServer(
                new EventLoop(new LoopConfig().handles(4)), new TlsConfig().records(1));
        PeerTable table = new PeerTable(PEERS, context.cookies());
        Map<Integer, DtlsConnection> model = new HashMap<>();
        for (int step : steps) {
            if (model.containsKey(step)) {
                table.remove(model.remove(step));
            } else if (model.size() < PEERS) {
                DtlsConnection connection =
                        new DtlsConnection(context, new DtlsFixture.DtlsRecorder());
                connection.peer.copyFrom(endpoint(step));
                table.add(connection);
                model.put(step, connection);
            }
            for (int i = 0; i < 24; i++) {
                assertSame(model.get(i), table.find(endpoint(i)));
            }
        }
    }

    private static Endpoint endpoint(int number) {
        Endpoint endpoint = new Endpoint();
        switch (number % 3) {
            case 0 -> endpoint.ipv4(Endpoint.IPV4_LOOPBACK, 1_000 + number);
            case 1 -> endpoint.ipv6(0x2001_0db8L << 32, number, 1_000, number);
            default -> endpoint.unixAbstract("peer-" + number);
        }
        return endpoint;
    }

    @Test
    void aCookieIsForOneHelloFromOnePlaceForAMinuteOrTwo() {
        assertEquals(0, OpenSsl.load(), OpenSsl::tried);
        long[] now = {1};
        Cookies cookies = new Cookies(
                new EventLoop(new LoopConfig().handles(4).clock(() -> now[0])));
        assertEquals(0, cookies.open());
        NativeBuffer memory = NativeBuffer.allocate(256);
        long hello = memory.addressOffset();
        long cookie = hello + 100;
        long length = hello + 200;
        for (int peer = 0; peer < 3; peer++) { // of three families
            for (int minutes = 0; minutes < 4; minutes++) {
                cookies.hears(endpoint(peer), hello, Long.MIN_VALUE);
                assertEquals(1, cookies.make(cookie, length));
                assertEquals(32, memory.getInt(200));
                assertEquals(1, cookies.check(cookie, 32));
                assertEquals(0, cookies.check(cookie, 31));
                assertEquals(0, cookies.check(cookie + 1, 32));
                cookies.hears(endpoint(peer + 3), hello, Long.MIN_VALUE);
                assertEquals(0, cookies.check(cookie, 32), "another's");
                memory.putByte(40, (byte) (memory.getByte(40) + 1)); // in the random bytes
                cookies.hears(endpoint(peer), hello, Long.MIN_VALUE);
                assertEquals(0, cookies.check(cookie, 32), "another hello's");
                memory.putByte(40, (byte) (memory.getByte(40) - 1));
                now[0] += TimeUnit.SECONDS.toNanos(61L * minutes);
                cookies.hears(endpoint(peer), hello, Long.MIN_VALUE);
                assertEquals(minutes < 2 ? 1 : 0, cookies.check(cookie, 32), "after a while");
            }
        }
        cookies.close();
    }

    @Test
    void aCookieSaysWhenItWasMade() {
        assertEquals(0, OpenSsl.load(), OpenSsl::tried);
        long[] now = {1};
        Cookies cookies = new Cookies(
                new EventLoop(new LoopConfig().handles(4).clock(() -> now[0])));
        assertEquals(0, cookies.open());
        NativeBuffer memory = NativeBuffer.allocate(256);
        long hello = memory.addressOffset();
        long cookie = hello + 100;
        for (int i = 0; i < 20; i++) { // over several keys
            now[0] += TimeUnit.SECONDS.toNanos(7);
            cookies.hears(endpoint(1), hello, now[0]);
            assertEquals(1, cookies.make(cookie, hello + 200));
            assertEquals(1, cookies.check(cookie, 32));
            long madeNs = now[0];
            now[0] += TimeUnit.SECONDS.toNanos(i);
            cookies.hears(endpoint(1), hello, madeNs);
            assertEquals(1, cookies.check(cookie, 32));
            cookies.hears(endpoint(1), hello, madeNs + 1);
            assertEquals(0, cookies.check(cookie, 32), "too old");
            for (int at = 0; at < 32; at++) {
                memory.putByte(100 + at, (byte) (memory.getByte(100 + at) ^ 1));
                assertEquals(0, cookies.check(cookie, 32), "made younger, or altered");
                memory.putByte(100 + at, (byte) (memory.getByte(100 + at) ^ 1));
            }
        }
        cookies.close();
    }

    @Property
    void recordsGoWholeAndInOrder(@ForAll @Size(min = 1, max = 30)
            List<@IntRange(max = 700) Integer> lengths, @ForAll @IntRange(min = 500, max = 1_500)
            int datagramBytes) {
        NativeBuffer records = NativeBuffer.allocate(30 * 720);
        int to = 0;
        int[] starts = new int[lengths.size() + 1];
        for (int i = 0; i < lengths.size(); i++) {
            starts[i] = to;
            records.putShort(to + 11, (short) (int) lengths.get(i), ByteOrder.BIG_ENDIAN);
            to += 13 + lengths.get(i);
        }
        starts[lengths.size()] = to;
        int from = 0;
        int datagrams = 0;
        while (from < to) {
            int end = Flight.end(records, from, to, datagramBytes);
            int last = java.util.Arrays.binarySearch(starts, end);
            int first = java.util.Arrays.binarySearch(starts, from);
            assertTrue(last > first, "no record's end");
            assertTrue(end - from <= datagramBytes || last == first + 1, "too long");
            assertTrue(last == lengths.size() || starts[last + 1] - from > datagramBytes,
                    "there was room for one more");
            from = end;
            datagrams++;
        }
        assertEquals(to, from);
        assertTrue(datagrams <= lengths.size());
    }
}
