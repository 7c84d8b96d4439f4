package io.penstock.samples;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.loop.Timer;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.net.Close;
import io.penstock.core.net.DescriptorStream;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.Listener;
import io.penstock.core.net.SocketOption;
import io.penstock.core.net.SocketStream;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import io.penstock.core.sys.Errno;
import io.penstock.pipes.StandardStream;
import java.util.List;
import org.agrona.DirectBuffer;

/** Standard input to a socket and the socket to standard output, with OpenBSD nc's flags. */
public final class Netcat implements StreamHandler {
    private static final int PIPE_BYTES = 1 << 20;
    private static final int SLAB_BYTES = 128 << 10;
    private static final int SLABS = 8;

    private final NetcatOptions options;
    private final Report report;
    private final BufferPool pool = new BufferPool(SLABS, SLAB_BYTES);
    private final EventLoop loop;
    private final StandardStream in;
    private final StandardStream out;
    private final SocketStream client;
    private final Timer idle;
    private final Timer interval;
    private Listener listener;
    private DescriptorStream socket; // the connection, when there is one
    private Relay sending;
    private Relay receiving;
    private List<Endpoint> candidates = List.of();
    private int candidate;
    private int lastFailure; // of connecting
    private int opening; // of in and out
    private boolean isSocketOpen;
    private boolean isInputDone;
    private long moved;
    private int status;

    private Netcat(Arguments arguments, NetcatOptions options) {
        this.options = options;
        report = new Report("netcat", arguments);
        loop = new EventLoop(new LoopConfig().handles(8).timers(4).tasks(8)
                .metrics(Tools.region(arguments, "netcat", Tools.FEW_BLOCKS)));
        in = new StandardStream(loop, this, 0);
        out = new StandardStream(loop, this, 1);
        client = new SocketStream(loop, this);
        idle = new Timer(loop, timer -> timeOut());
        interval = new Timer(loop, timer -> next());
        in.queue(pool);
        out.queue(pool);
        client.queue(pool);
    }

    /**
     * The program.
     *
     * @param args see {@code --help}
     */
    public static void main(String[] args) {
        Exit.with(() -> {
            Arguments arguments = NetcatOptions.arguments().parse(args);
            NetcatOptions options = new NetcatOptions(arguments);
            return options.scans
                    ? new PortScan(options).run()
                    : new Netcat(arguments, options).run();
        });
    }

    private int run() {
        require(loop.open(), "loop");
        if (options.listens) {
            listener = new Listener(loop, this, 1).queue(pool).name("socket");
            Tools.listen(listener, options.listenAt(), "netcat");
            options.say("Listening on " + options.listenAt());
        } else {
            candidates = options.peers();
            connectNext(-Errno.ENOENT);
        }
        openStandardStreams();
        if (options.waitNs > 0 && !options.listens) {
            idle.start(options.waitNs);
        }
        int rc = loop.run();
        if (rc < 0) {
            status = Exit.FAILURE;
        }
        if (status == Exit.OK && !options.keepsListening) {
            reportCopies();
        }
        loop.close();
        return report.print(status);
    }

    private static void require(int rc, String what) {
        if (rc < 0) {
            throw new Exit(Exit.FAILURE, "netcat: " + what + ": " + ReturnCode.describe(rc));
        }
    }

    private void openStandardStreams() {
        if (options.ignoresInput || Launch.wasClosed(0)) {
            isInputDone = true;
        } else {
            require(in.open(), "stdin");
            opening++;
        }
        if (!Launch.wasClosed(1)) {
            require(out.open(), "stdout");
            opening++;
        }
    }

    /** Connects to the next address that the name has; the last one's failure is the tool's. */
    private void connectNext(int failure) {
        lastFailure = failure;
        if (candidate == candidates.size()) {
            complain(failure);
            end(Exit.FAILURE);
            return;
        }
        Endpoint peer = candidates.get(candidate++);
        int rc = client.open(peer.family());
        require(rc, "socket");
        Endpoint local = options.source(peer.family());
        if (local != null) {
            client.setOption(SocketOption.SO_REUSEADDR, 1);
            rc = client.bind(local);
        }
        if (rc == 0) {
            rc = client.connect(peer);
        }
        if (rc < 0) {
            lastFailure = rc;
            client.close(); // and onClose tries the next
        }
    }

    private void complain(int code) {
        String peer = candidates.isEmpty() ? options.target()
                : candidates.get(Math.max(0, candidate - 1)).toString();
        System.err.println("netcat: connect to " + peer + ": " + ReturnCode.describe(code));
    }

    @Override
    public void onOpen(Stream stream) {
        if (stream == in || stream == out) {
            opening--;
            widen((StandardStream) stream);
        } else {
            connected((DescriptorStream) stream);
        }
        if (opening == 0 && isSocketOpen && sending == null) {
            start();
        }
    }

    private void widen(StandardStream stream) {
        int rc = stream.capacity(PIPE_BYTES);
        if (rc < 0 && rc != ReturnCode.NOT_SUPPORTED) {
            options.say("netcat: " + stream.name() + ": the pipe stays as wide as it is: "
                    + ReturnCode.describe(rc));
        }
    }

    private void connected(DescriptorStream stream) {
        socket = stream;
        socket.name("socket");
        isSocketOpen = true;
        if (listener == null) {
            options.say("Connection to " + candidates.get(candidate - 1) + " succeeded!");
        } else {
            options.say("Connection received");
            if (!options.keepsListening) {
                listener.close();
            }
        }
        if (options.waitNs > 0) {
            idle.start(options.waitNs);
        }
    }

    private void start() {
        boolean splices = options.intervalNs == 0;
        sending = new Relay(in, socket);
        receiving = new Relay(socket, out);
        if (in.isOpen()) {
            sending.start(splices);
        }
        if (out.isOpen()) {
            receiving.start(splices);
        } else {
            socket.resume(); // to see its end
        }
        if (options.waitNs > 0) {
            loop.addCheck(this::noteProgress);
        }
    }

    /** Puts off the idle time-out while bytes move. */
    private void noteProgress() {
        long now = in.count(StreamMetrics.READ_BYTES_OFFSET)
                + (socket == null ? 0 : socket.count(StreamMetrics.READ_BYTES_OFFSET));
        if (now != moved) {
            moved = now;
            idle.start(options.waitNs);
        }
    }

    @Override
    public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
        Relay relay = stream == in ? sending : receiving;
        if (!relay.sink.isOpen()) {
            return;
        }
        int n = relay.data(buffer, offset, length);
        if (n < 0) {
            lost(relay.sink, n);
        } else if (options.intervalNs > 0) {
            relay.source.pause();
            interval.start(options.intervalNs);
        }
    }

    private void next() {
        if (in.isOpen() && !in.isEnded() && socket.queuedBytes() == 0) {
            in.resume();
        }
        if (socket.isOpen() && !socket.isEnded() && out.queuedBytes() == 0) {
            socket.resume();
        }
    }

    @Override
    public void onWritable(Stream stream) {
        if (sending != null && !interval.isPending()) {
            Stream source = stream == out ? receiving.source : sending.source;
            if (source.isOpen() && !source.isEnded()) {
                source.resume();
            }
        }
    }

    @Override
    public void onEnd(Stream stream) {
        if (stream == in) {
            isInputDone = true;
            in.close();
            if (options.shutsDown) {
                socket.shutdown();
            }
        }
        endIfDone();
    }

    /** As nc does: both directions have ended, or a listener's peer has. */
    private void endIfDone() {
        if (socket != null && socket.isEnded() && (isInputDone || options.listens)) {
            endConnection();
        }
    }

    private void endConnection() {
        socket.close(Close.WHEN_DRAINED);
        if (!options.keepsListening) {
            end(status);
        }
    }

    /** Closes what is open: the loop then ends by itself. */
    private void end(int with) {
        status = with;
        idle.cancel();
        interval.cancel();
        if (listener != null) {
            listener.close();
        }
        in.close();
        if (socket != null) {
            socket.close(Close.WHEN_DRAINED);
        }
        out.close(Close.WHEN_DRAINED);
    }

    /** A stream that failed; a reader or a peer that went away is no news to anybody. */
    private void lost(Stream stream, int code) {
        boolean isPipeBroken = stream == out && code == -Errno.EPIPE;
        boolean isNews = stream != socket && !isPipeBroken && status == Exit.OK;
        end(isPipeBroken ? Exit.SIGPIPE : status == Exit.OK ? Exit.FAILURE : status);
        if (isNews || options.isVerbose) {
            System.err.println("netcat: " + stream.name() + ": " + ReturnCode.describe(code));
        }
    }

    private void timeOut() {
        if (!isSocketOpen) {
            complain(-Errno.ETIMEDOUT);
        }
        boolean wasConnected = isSocketOpen;
        candidate = candidates.size();
        client.close();
        end(wasConnected ? Exit.OK : Exit.FAILURE);
    }

    @Override
    public void onClose(Stream stream, int result) {
        report.closed(stream);
        boolean isFailure = result < 0 && result != ReturnCode.CLOSED;
        if (stream == in || stream == out) {
            if (isFailure) {
                lost(stream, result);
            }
            return;
        }
        if (socket == null) { // it never was open
            connectFailed(result == 0 ? lastFailure : result);
            return;
        }
        if (isFailure) {
            lost(stream, result);
        }
        if (options.keepsListening) {
            socket = null;
            sending = null;
            isSocketOpen = false;
        }
    }

    private void connectFailed(int code) {
        if (candidate < candidates.size()) {
            connectNext(code);
        } else if (status == Exit.OK) {
            complain(code);
            end(Exit.FAILURE);
        }
    }

    private void reportCopies() {
        if (in.isEnded()) {
            report.copied(in, socket);
        }
        if (receiving != null && out.count(StreamMetrics.CLOSE_OFFSET) == 1) {
            report.copied(socket, out);
        }
    }
}
