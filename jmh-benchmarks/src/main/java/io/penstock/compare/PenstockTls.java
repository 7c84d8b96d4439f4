package io.penstock.compare;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.metrics.MetricsRegion;
import io.penstock.core.net.Close;
import io.penstock.core.net.Gather;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import io.penstock.tls.Digest;
import io.penstock.tls.DigestAlgorithm;
import io.penstock.tls.Mac;
import io.penstock.tls.SelfSigned;
import io.penstock.tls.TlsConfig;
import io.penstock.tls.TlsContext;
import io.penstock.tls.TlsOutcome;
import io.penstock.tls.TlsSession;
import io.penstock.tls.TlsStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** TLS of Penstock, both ends in one thread and joined in memory: as tls.c, its words too. */
public final class PenstockTls implements StreamHandler {
    private static final int CONNECTIONS = 500;
    private static final int PAGE_BYTES = 4096;

    private final EventLoop loop = new EventLoop(new LoopConfig()
            .handles(4 * CONNECTIONS + 8).timers(2 * CONNECTIONS + 8));
    private final NativeBuffer plain = NativeBuffer.allocate(TlsWork.RECORD_BYTES);
    private final NativeBuffer result = NativeBuffer.allocate(TlsWork.RECORD_BYTES);
    private TlsContext clients;
    private TlsContext servers;
    private final TlsSession session = new TlsSession();
    private TlsStream client;
    private TlsStream server;
    private Wire up;
    private Wire down;
    private long received;
    private int opened;
    private int closed;
    private boolean isKnown; // to resume from

    private PenstockTls() {
    }

    /**
     * The program.
     *
     * @param args workload, seconds
     * @throws Exception never
     */
    public static void main(String[] args) throws Exception {
        if (args[0].equals("memory")) {
            PenstockTls both = new PenstockTls();
            both.open(TlsWork.suite("memory"));
            both.measureMemory();
        } else {
            PenstockTls both = new PenstockTls();
            TlsWork work = both.begin(args[0]);
            TlsWork.tell(args[0], both.did(args[0]));
            TlsWork.run(work, Double.parseDouble(args[1]));
        }
    }

    /**
     * A workload by its name.
     *
     * @param name as in tls.c
     * @return the work
     */
    public static TlsWork work(String name) {
        PenstockTls both = new PenstockTls();
        TlsWork work = both.begin(name);
        TlsWork.require(name, both.did(name));
        return work;
    }

    private TlsWork begin(String work) {
        open(TlsWork.suite(work));
        Digest digest = new Digest(DigestAlgorithm.SHA_256);
        Mac mac = new Mac(DigestAlgorithm.SHA_256);
        require(digest.open());
        require(mac.open(plain, 0, 32));
        boolean resumes = work.equals("resumed");
        client.session(resumes ? session : null);
        if (!work.equals("full") && !resumes) {
            connect();
        }
        return switch (work) {
            case "full", "resumed" -> () -> shake(resumes);
            case "ping" -> this::ping;
            case "sha16k" -> () -> digest.digest(plain, 0, TlsWork.RECORD_BYTES, result, 0);
            case "sha64" -> () -> digest.digest(plain, 0, TlsWork.PING_BYTES, result, 0);
            case "hmac16k" -> () -> mac(mac, TlsWork.RECORD_BYTES);
            case "hmac64" -> () -> mac(mac, TlsWork.PING_BYTES);
            default -> this::carryRecord;
        };
    }

    /** What was negotiated, by a connection such as those that are measured. */
    private String did(String work) {
        boolean resumes = work.equals("resumed");
        if (resumes) {
            shake(true); // there is a session then
        }
        if (resumes || work.equals("full")) {
            connect();
        }
        String did = told();
        if (resumes || work.equals("full")) {
            disconnect();
        }
        return did;
    }

    private String told() {
        TlsOutcome outcome = client.outcome();
        return (outcome.protocol() == TlsConfig.TLS_1_3 ? "TLSv1.3 " : "TLSv1.2 ")
                + outcome.suite() + ' ' + outcome.group()
                + (outcome.isResumed() ? " resumed" : " full");
    }

    private static void require(int rc) {
        if (rc < 0) {
            throw new IllegalStateException(ReturnCode.describe(rc));
        }
    }

    private void open(String suite) {
        require(loop.open());
        SelfSigned identity = new SelfSigned();
        require(identity.generate());
        DirectBuffer pem = identity.certificate();
        DirectBuffer key = identity.key();
        TlsConfig config = new TlsConfig().certificate(pem, 0, pem.capacity())
                .key(key, 0, key.capacity()).suites(suite).groups("X25519", "P-256");
        TlsConfig trusting = new TlsConfig().trust(pem, 0, pem.capacity()).acceptAnyHost()
                .suites(suite).groups("X25519", "P-256");
        servers = TlsContext.server(loop, config);
        clients = TlsContext.client(loop, trusting);
        require(servers.open());
        require(clients.open());
        client = new TlsStream(clients, this);
        server = new TlsStream(servers, this);
        up = new Wire(loop, client.transport());
        down = new Wire(loop, server.transport());
    }

    /** What a side takes: of the library's memory, and of ours. */
    private void measureMemory() throws Exception {
        connect(); // once, so that all that is shared is there
        TlsWork.tell("memory", told());
        TlsStream[] streams = new TlsStream[2 * CONNECTIONS];
        var thread = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = thread.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < streams.length; i++) {
            streams[i] = new TlsStream(i % 2 == 0 ? clients : servers, this);
        }
        allocated = thread.getCurrentThreadAllocatedBytes() - allocated;
        double own = allocated / (double) streams.length + MetricsRegion.DEFAULT_BLOCK_BYTES;
        long resident = residentBytes();
        for (int i = 0; i < streams.length; i += 2) {
            client = streams[i];
            server = streams[i + 1];
            up = new Wire(loop, client.transport());
            down = new Wire(loop, server.transport());
            connect();
        }
        System.out.printf("%.0f %.0f%n",
                (residentBytes() - resident) / (double) streams.length, own);
    }

    private static long residentBytes() throws IOException {
        String pages = Files.readString(Path.of("/proc/self/statm")).split(" ")[1];
        return Long.parseLong(pages) * PAGE_BYTES;
    }

    private void connect() {
        opened = 0;
        require(up.begin());
        require(down.begin());
        require(client.open(up));
        require(server.open(down));
        client.transport().onOpen(up);
        server.transport().onOpen(down);
        loop.runOnce(0);
        while (opened < 2 || up.length + down.length > 0) {
            up.carryTo(down);
            down.carryTo(up);
        }
    }

    private void shake(boolean resumes) {
        connect();
        if (client.outcome().isResumed() != isKnown) {
            throw new IllegalStateException(isKnown ? "not resumed" : "resumed");
        }
        if (resumes) {
            require(client.outcome().saveSession(session));
            isKnown = true;
        }
        disconnect();
    }

    private void disconnect() {
        closed = 0;
        client.close();
        up.carryTo(down);
        while (closed < 2) {
            loop.runOnce(0);
        }
        up.length = 0;
        down.length = 0;
    }

    private void ping() {
        send(client, up, down, TlsWork.PING_BYTES);
        send(server, down, up, TlsWork.PING_BYTES);
    }

    private void carryRecord() {
        send(client, up, down, TlsWork.RECORD_BYTES);
    }

    private void send(TlsStream from, Wire near, Wire far, int length) {
        long before = received;
        require(from.write(plain, 0, length));
        near.carryTo(far);
        if (received != before + length) {
            throw new IllegalStateException("lost");
        }
    }

    private void mac(Mac mac, int length) {
        mac.update(plain, 0, length);
        mac.finish(result, 0);
    }

    @Override
    public void onOpen(Stream stream) {
        opened++;
        stream.resume();
    }

    @Override
    public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
        received += length;
    }

    @Override
    public void onWritable(Stream stream) {
    }

    @Override
    public void onEnd(Stream stream) {
        stream.close();
    }

    @Override
    public void onClose(Stream stream, int result) {
        closed++;
        require(result);
    }

    /**
     * A stream of memory: what is written is read where the library put it, as tls.c has it. There
     * it lies until the side that wrote it writes again.
     */
    private static final class Wire extends Stream {
        private final NativeBuffer written = new NativeBuffer();
        int length;

        Wire(EventLoop loop, StreamHandler handler) {
            super(loop, handler, "wire");
        }

        int begin() {
            return attachPaused();
        }

        void carryTo(Wire to) {
            int n = length;
            if (n > 0 && to.isOpen()) {
                length = 0;
                to.callOnData(written, 0, n);
            }
        }

        @Override
        public int write(DirectBuffer buffer, int offset, int count) {
            if (length > 0) {
                throw new IllegalStateException("written over before it was read");
            }
            written.wrap(buffer.addressOffset() + offset, count);
            length = count;
            return count;
        }

        @Override
        public int write(Gather pieces) {
            throw new UnsupportedOperationException("nobody does");
        }

        @Override
        public int read(MutableDirectBuffer buffer, int offset, int count) {
            return ReturnCode.ATTACHED;
        }

        @Override
        public int roomBytes() {
            return Integer.MAX_VALUE;
        }

        @Override
        public int awaitRoom() {
            return 0;
        }

        @Override
        public int shutdown() {
            return 0;
        }

        @Override
        public int close(Close when) {
            return startClose(0);
        }

        @Override
        protected void onReadingChanged() {
        }

        @Override
        protected void onRun() {
        }

        @Override
        protected void onClosed(int code) {
            releaseCounters();
        }
    }
}
