package io.penstock.samples;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.Listener;
import io.penstock.core.net.SocketOption;
import io.penstock.dns.wire.Name;
import io.penstock.dns.wire.NameText;
import io.penstock.udp.DatagramBatch;
import io.penstock.udp.DatagramHandler;
import io.penstock.udp.UdpSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Answers questions about a zone, over UDP and TCP. A batch of questions is received by one system
 * call, each is turned into its answer where it lies, and one system call sends the batch back.
 */
public final class Answer implements DatagramHandler {
    private static final int SLOTS = 64;
    private static final int SLOT_BYTES = 2048;
    private static final int CONNECTIONS = 128;
    private static final int RECEIVE_BUFFER_BYTES = 1 << 20;

    private final EventLoop loop;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final NativeBuffer slots = NativeBuffer.allocate(SLOTS * SLOT_BYTES);
    private final DatagramBatch batch = new DatagramBatch(slots, SLOTS, SLOT_BYTES);
    private final Report report;
    private final Zone zone;
    private final Responder responder;

    private Answer(Zone zone, Arguments arguments) {
        this.zone = zone;
        report = new Report("answer", arguments);
        int blocks = CONNECTIONS + Tools.FEW_BLOCKS;
        loop = new EventLoop(new LoopConfig().handles(CONNECTIONS + 4).timers(CONNECTIONS + 4)
                .tasks(8).metrics(Tools.region(arguments, "answer", blocks)));
        responder = new Responder(zone);
    }

    /**
     * The program.
     *
     * @param args see {@code --help}
     */
    public static void main(String[] args) {
        Exit.with(() -> {
            Arguments arguments = new Arguments("answer",
                    "[-v] [-a ADDRESS] [-o ORIGIN] [-p PORT] ZONEFILE").reports()
                    .value("a", "ADDRESS", "answer there, 127.0.0.1 by default; 0.0.0.0 or ::"
                            + " for any")
                    .value("o", "ORIGIN", "what names that end without a dot are completed with")
                    .value("p", "PORT", "UDP and TCP port, 53 by default")
                    .flag("v", "say what is served, and where")
                    .parse(args);
            if (arguments.operands().length != 1) {
                throw arguments.usage("one ZONEFILE is needed");
            }
            Endpoint at = endpoint(arguments);
            ZoneBuilder builder = read(arguments.operands()[0], origin(arguments));
            Zone zone;
            try {
                zone = builder.build();
            } catch (ZoneBuilder.BadZone e) {
                throw failure(arguments.operands()[0] + ": " + e.getMessage());
            }
            if (arguments.has("v")) {
                System.err.println("answer: " + builder.records() + " records of "
                        + builder.apex() + " at " + at);
            }
            return new Answer(zone, arguments).run(at);
        });
    }

    private static Endpoint endpoint(Arguments arguments) {
        String address = arguments.value("a", "127.0.0.1");
        String port = arguments.value("p", "53");
        Endpoint at = new Endpoint();
        int rc = at.parse((address.indexOf(':') >= 0 ? "[" + address + "]" : address) + ":" + port);
        if (rc < 0) {
            throw arguments.usage(address + ":" + port + ": " + ReturnCode.describe(rc));
        }
        return at;
    }

    private static NativeBuffer origin(Arguments arguments) {
        String text = arguments.value("o", null);
        if (text == null) {
            return null;
        }
        NativeBuffer origin = NativeBuffer.allocate(Name.MAX_BYTES);
        int rc = NameText.parse(text, origin, 0, Name.MAX_BYTES);
        if (rc < 0) {
            throw arguments.usage("-o: " + text + ": " + ReturnCode.describe(rc));
        }
        return origin;
    }

    private static ZoneBuilder read(String file, NativeBuffer origin) {
        try {
            byte[] bytes = Files.readAllBytes(Path.of(file));
            NativeBuffer text = NativeBuffer.allocate(Math.max(1, bytes.length));
            text.putBytes(0, bytes);
            ZoneBuilder builder = new ZoneBuilder();
            builder.read(text, bytes.length, origin);
            return builder;
        } catch (IOException e) {
            throw failure(file + ": cannot be read");
        } catch (ZoneBuilder.BadZone e) {
            throw failure(file + ":" + e.getMessage());
        }
    }

    private static Exit failure(String message) {
        return new Exit(Exit.FAILURE, "answer: " + message);
    }

    private int run(Endpoint at) {
        UdpSocket udp = new UdpSocket(loop, this, batch);
        AnswerConnections connections =
                new AnswerConnections(loop, new Responder(zone), report, CONNECTIONS);
        Listener tcp = new Listener(loop, connections, CONNECTIONS)
                .queue(new BufferPool(CONNECTIONS, 16 << 10));
        check(at, loop.open());
        check(at, udp.open(at.family()));
        udp.setOption(SocketOption.SO_RCVBUF, RECEIVE_BUFFER_BYTES);
        if (at.isIpv4() ? at.ipv4() == Endpoint.IPV4_ANY : (at.ipHigh() | at.ipLow()) == 0) {
            // An answer must come from the address that the question went to.
            udp.setOption(SocketOption.IP_PKTINFO, 1);
            udp.setOption(SocketOption.IPV6_RECVPKTINFO, 1);
        }
        check(at, udp.bind(at));
        udp.localEndpoint(at);
        check(at, tcp.listen(at, 128));
        check(at, udp.resume());
        connections.start();
        Runtime.getRuntime().addShutdownHook(new Thread(this::end));
        int rc = loop.run();
        loop.close();
        int status = report.print(Exit.OK);
        ended.countDown();
        check(at, rc);
        return status;
    }

    private static void check(Endpoint at, int rc) {
        if (rc < 0) {
            throw failure(at + ": " + ReturnCode.describe(rc));
        }
    }

    /** A signal: the loop ends, and what was asked for is printed, before the JVM goes. */
    private void end() {
        loop.execute(loop::stop);
        try {
            ended.await(2, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void onDatagrams(UdpSocket socket, DatagramBatch questions, int count) {
        for (int slot = 0; slot < count; slot++) {
            int length = questions.isTruncated(slot) ? 0 : responder.answer(slots,
                    slot * SLOT_BYTES, questions.length(slot), true,
                    SLOT_BYTES - Responder.SLACK_BYTES);
            questions.length(slot, length);
        }
        int first = 0;
        while (first < count) {
            int next = first;
            while (next < count && questions.length(next) > 0) {
                next++;
            }
            first = next > first ? first + send(socket, first, next - first) : next + 1;
        }
    }

    /** How many slots are done: one that cannot be sent is, for who asked will ask again. */
    private int send(UdpSocket socket, int first, int count) {
        return Math.max(1, socket.send(batch, first, count));
    }

    @Override
    public void onClose(UdpSocket socket, int result) {
        DatagramReport.closed(report, socket);
    }
}
