package io.penstock.compare;

import static io.penstock.compare.PenstockEcho.check;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Endpoint;
import io.penstock.dns.iana.HeaderFlag;
import io.penstock.dns.iana.RecordClass;
import io.penstock.dns.iana.RecordType;
import io.penstock.dns.wire.MessageWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.HdrHistogram.Histogram;

/**
 * The client of all servers whose latency is measured: {@code Latency tcp|tls|udp|dns PORT RATE
 * WARM_MS MS [CERTIFICATE]}. Messages are due at the times of a clock that waits for nobody, and
 * each one's latency is from when it was due, so that a server which stalls pays for all that came
 * due meanwhile (no coordinated omission). A datagram that is lost counts as one that took as long
 * as was waited for it.
 *
 * <p>It warms the server up, waits until all is answered, prints {@code measuring}, measures,
 * and prints p50, p99, p99.9 and the greatest in microseconds, and how many were lost. It polls
 * busily whatever the server does, and allocates nothing while it measures.
 */
final class Latency {
    static final int MESSAGE_BYTES = 64;

    private static final int CONNECTIONS = 8;
    private static final long SECOND_NS = 1_000_000_000;
    private static final long PAUSE_NS = SECOND_NS / 20;
    private static final long OPEN_WITHIN_NS = 10 * SECOND_NS;
    private static final long LAST_WITHIN_NS = 10 * SECOND_NS;

    private final Histogram histogram = new Histogram(10 * SECOND_NS, 3);
    private final EventLoop loop = new EventLoop(
            new LoopConfig().handles(4 * CONNECTIONS).timers(4 * CONNECTIONS));
    private final long rate;
    private long received;
    private boolean measures;

    /** Somebody to send messages to. */
    interface Server {
        /** Whether messages can be sent. */
        boolean isOpen();

        /** Sends one, or throws. */
        void send(long dueNs);

        /** Abandons the messages that have not come back; throws if none may be lost. */
        void abandon();
    }

    private Latency(long rate) {
        this.rate = rate;
    }

    public static void main(String[] args) {
        Latency latency = new Latency(Long.parseLong(args[2]));
        long warmMs = Long.parseLong(args[3]);
        long ms = Long.parseLong(args[4]);
        Endpoint at = new Endpoint();
        check(at.parse("127.0.0.1:" + args[1]));
        check(latency.loop.open());
        Server server = switch (args[0]) {
            case "tcp" -> new LatencyStreams(latency, latency.loop, at, CONNECTIONS, null);
            case "tls" -> new LatencyStreams(latency, latency.loop, at, CONNECTIONS, args[5]);
            case "dns" -> new LatencyDatagrams(latency, latency.loop, at, question());
            default -> new LatencyDatagrams(latency, latency.loop, at,
                    NativeBuffer.allocate(MESSAGE_BYTES));
        };
        latency.run(server, warmMs, ms);
    }

    private static NativeBuffer question() {
        NativeBuffer name = NativeBuffer.allocate(32);
        name.putBytes(0, "\5host7\5bench\4test\0".getBytes(StandardCharsets.ISO_8859_1));
        NativeBuffer buffer = NativeBuffer.allocate(512);
        MessageWriter writer = new MessageWriter();
        writer.wrap(buffer, 0, buffer.capacity());
        writer.header(0, HeaderFlag.RD);
        check(writer.question(name, 0, RecordType.A, RecordClass.IN));
        int length = writer.finish();
        NativeBuffer question = NativeBuffer.allocate(length);
        question.putBytes(0, buffer, 0, length);
        return question;
    }

    private void run(Server server, long warmMs, long ms) {
        if (!await(server::isOpen, OPEN_WITHIN_NS)) {
            throw new IllegalStateException("the server does not open");
        }
        exchange(server, rate * warmMs / 1000);
        System.out.println("measuring");
        await(() -> false, PAUSE_NS);
        measures = true;
        long lost = exchange(server, rate * ms / 1000);
        if (lost > 0) { // else it would be the greatest all the same
            histogram.recordValueWithCount(LAST_WITHIN_NS, lost);
        }
        print(lost);
    }

    /** Sends so many when they are due, and waits for the last ones; how many never came. */
    private long exchange(Server server, long count) {
        received = 0;
        long begin = System.nanoTime();
        for (long sent = 0; sent < count; loop.runOnce(0)) {
            long now = System.nanoTime();
            for (long due; sent < count && (due = begin + sent * SECOND_NS / rate) <= now; sent++) {
                server.send(due);
            }
        }
        if (!await(() -> received == count, LAST_WITHIN_NS)) {
            server.abandon();
        }
        return count - received;
    }

    /** An answer to the message that was due then. */
    void received(long dueNs) {
        received++;
        if (measures) {
            histogram.recordValue(
                    Math.min(System.nanoTime() - dueNs, histogram.getHighestTrackableValue()));
        }
    }

    private boolean await(BooleanSupplier condition, long ns) {
        long deadline = System.nanoTime() + ns;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            loop.runOnce(0);
        }
        return true;
    }

    private void print(long lost) {
        System.out.println(String.format(Locale.ROOT, "%.2f %.2f %.2f %.2f %d",
                histogram.getValueAtPercentile(50) / 1e3, histogram.getValueAtPercentile(99) / 1e3,
                histogram.getValueAtPercentile(99.9) / 1e3, histogram.getMaxValue() / 1e3, lost));
    }
}
