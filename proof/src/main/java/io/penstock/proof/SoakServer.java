package io.penstock.proof;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.metrics.ListenerMetrics;
import io.penstock.core.metrics.LoopMetrics;
import io.penstock.core.metrics.MetricsRegion;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.Listener;
import io.penstock.core.net.Stream;
import io.penstock.tls.TlsAcceptor;
import io.penstock.tls.TlsConfig;
import io.penstock.tls.TlsContext;
import io.penstock.tls.TlsMetrics;
import io.penstock.tls.openssl.Live;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * The other process of a soak: echoes over TCP, TLS and UDP. It is told what to do by lines on
 * stdin, and answers each with one on stdout: {@code sample} with its vitals, {@code end} with what
 * is wrong, line by line, and {@code done}.
 */
final class SoakServer extends Echo {
    // On a busy machine a turn with so many connections takes seconds, and a handshake some turns.
    static final long HANDSHAKE_NS = TimeUnit.MINUTES.toNanos(2);
    private static final Object GONE = "the client had gone when it was to be written to";

    private final Invariants invariants = new Invariants();
    private final MetricsRegion region;
    private final EventLoop loop;
    private final BufferPool pool = new BufferPool(256, 64 << 10);
    private final TlsContext context;
    private final Listener plain;
    private final Listener secure;
    private final Datagrams datagrams;
    private boolean isEnding;

    private SoakServer(int plainConnections, int tlsConnections, Path identity)
            throws IOException {
        int handles = plainConnections + 2 * tlsConnections + 64;
        region = new MetricsRegion(2 * handles);
        loop = new EventLoop(new LoopConfig().handles(handles).timers(handles).metrics(region));
        NativeBuffer pem = read(identity);
        context = TlsContext.server(loop, new TlsConfig()
                .certificate(pem, 0, pem.capacity()).key(pem, 0, pem.capacity())
                .handshakeTimeoutNs(HANDSHAKE_NS));
        plain = new Listener(loop, this, plainConnections).queue(pool);
        TlsAcceptor acceptor = new TlsAcceptor(context, this, tlsConnections).queue(pool);
        secure = new Listener(loop, acceptor, tlsConnections).queue(pool);
        datagrams = new Datagrams(loop, invariants, true);
        for (int i = 0; i < pool.slabs(); i++) { // so that it is all there before it is measured
            pool.buffer(i).setMemory(pool.offset(i), pool.slabBytes(), (byte) 0);
        }
    }

    static NativeBuffer read(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        NativeBuffer buffer = NativeBuffer.allocate(bytes.length);
        buffer.putBytes(0, bytes);
        return buffer;
    }

    /**
     * The program.
     *
     * @param args how many connections over TCP, over TLS, and the file of certificate and key
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        SoakServer server = new SoakServer(Integer.parseInt(args[0]), Integer.parseInt(args[1]),
                Path.of(args[2]));
        long descriptors = Vitals.openDescriptors();
        server.open();
        Thread thread = new Thread(server::run, "loop");
        thread.start();
        BufferedReader in = new BufferedReader(
                new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = in.readLine(); !"end".equals(line); line = in.readLine()) {
            if (line == null) {
                System.exit(1); // the clients' process is gone
            }
            System.out.println(Vitals.now(handles(server.loop, server.context)).toLine());
        }
        server.loop.execute(server::end);
        thread.join();
        server.assertAllGivenBack(descriptors);
        server.invariants.lines().forEach(line -> System.out.println("server: " + line));
        // With TLS 1.3 a client is done before its server is: it may think that it is connected.
        System.out.println("refused "
                + (server.refused + server.context.counter(TlsMetrics.FAILED_OFFSET)));
        System.out.println("done");
    }

    private void open() {
        Endpoint at = new Endpoint();
        StringBuilder ports = new StringBuilder("ports");
        require(loop.open());
        require(context.open());
        for (Listener listener : new Listener[] {plain, secure}) {
            require(at.parse("127.0.0.1:0"));
            require(listener.listen(at, 4096));
            require(listener.localEndpoint(at));
            ports.append(' ').append(at.port());
        }
        require(at.parse("127.0.0.1:0"));
        require(datagrams.open(at));
        System.out.println(ports.append(' ').append(at.port()));
    }

    /** How many handles of the loop have a descriptor: all, but for TLS streams. */
    static long handles(EventLoop loop, TlsContext context) {
        return loop.metrics().getLong(loop.metricsOffset() + LoopMetrics.HANDLES_OFFSET)
                - context.counter(TlsMetrics.LIVE_OFFSET);
    }

    static void require(int rc) {
        if (rc < 0) {
            throw new IllegalStateException(ReturnCode.describe(rc));
        }
    }

    private void run() {
        while (!isEnding || plain.connections() + secure.connections() > 0) {
            require(loop.runOnce(1_000_000_000));
        }
        datagrams.close();
        context.close();
        loop.close();
    }

    /** The clients have gone: once that is seen of all of them, there is nothing left to do. */
    private void end() {
        isEnding = true;
    }

    private void assertAllGivenBack(long descriptors) {
        invariants.equal("descriptors", Vitals.openDescriptors(), "before", descriptors);
        invariants.equal("slabs", pool.available(), "of", pool.slabs());
        invariants.equal("the library's objects", Live.count(), "0", 0);
        invariants.equal("begun", context.counter(TlsMetrics.BEGUN_OFFSET), "done + failed",
                context.counter(TlsMetrics.DONE_OFFSET)
                        + context.counter(TlsMetrics.FAILED_OFFSET));
        invariants.equal("tls live", context.counter(TlsMetrics.LIVE_OFFSET), "0", 0);
        for (Listener listener : new Listener[] {plain, secure}) {
            invariants.equal("accepted",
                    listener.counter(ListenerMetrics.ACCEPTED_OFFSET), "closed",
                    listener.counter(ListenerMetrics.CLOSED_OFFSET));
            invariants.equal(
                    "listener's errors", listener.counter(ListenerMetrics.ERROR_OFFSET), "0", 0);
        }
        invariants.sums("all streams", region);
    }

    @Override
    public void onOpen(Stream s) {
        s.attachment(null);
        s.resume();
    }

    @Override
    void lost(Stream s) {
        s.attachment(GONE);
        super.lost(s);
    }

    @Override
    public void onClose(Stream s, int result) {
        invariants.closed(s.name(), s, result != 0 || s.attachment() == GONE);
    }
}
