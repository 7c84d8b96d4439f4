package io.penstock.samples;

import io.penstock.core.loop.Timer;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.net.Close;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.Listener;
import io.penstock.core.net.SocketOption;
import io.penstock.core.net.SocketStream;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import io.penstock.core.sys.Errno;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;

/** Standard input to a socket and the socket to standard output, with OpenBSD nc's flags. */
public final class Netcat extends Conversation {
    private static final long AGAIN_LEAST_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long AGAIN_MOST_NS = TimeUnit.MILLISECONDS.toNanos(50);

    private final TlsLayer tls; // or null
    private final SocketStream client;
    private final Stream outgoing; // the client, or what goes over it
    private Listener listener;
    private Stream socket; // the connection, when there is one
    private Relay sending;
    private Relay receiving;
    private List<Endpoint> candidates = List.of();
    private int candidate;
    private int lastFailure; // of connecting
    private final Timer again = new Timer(loop, timer -> connectNext(-Errno.EAGAIN));
    private long againNs = AGAIN_LEAST_NS;
    private boolean isSocketOpen;
    private boolean isOver; // the time is

    private Netcat(Arguments arguments, NetcatOptions options) {
        super(arguments, options);
        tls = options.isTls ? new TlsLayer(arguments, this) : null;
        client = new SocketStream(loop, below());
        outgoing = tls == null ? client : tls.outgoing();
        if (tls == null) {
            client.queue(pool);
        }
    }

    /** Who is told by the sockets. */
    private StreamHandler below() {
        return tls == null ? this : tls;
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
            return options.scans ? new PortScan(options).run()
                    : options.isDatagram ? new DatagramNetcat(arguments, options).run()
                    : new Netcat(arguments, options).run();
        });
    }

    @Override
    void begin() {
        if (tls != null) {
            tls.open();
        }
        if (options.listens) {
            listener = new Listener(loop, below(), 1).name("socket");
            if (tls == null) {
                listener.queue(pool);
            }
            Tools.listen(listener, options.listenAt(), "netcat");
            options.say("Listening on " + options.listenAt());
        } else {
            candidates = options.peers();
            connectNext(-Errno.ENOENT);
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
        Tools.require(rc, "netcat: socket");
        Endpoint local = options.source(peer.family());
        if (local != null) {
            client.setOption(SocketOption.SO_REUSEADDR, 1);
            rc = client.bind(local);
        }
        if (rc == 0) {
            rc = client.connect(peer);
        }
        if (tls != null) {
            tls.openOver(client);
        }
        if (rc < 0) {
            lastFailure = rc;
            outgoing.close(); // and onClose tries the next
        }
    }

    /** The Unix listener's backlog is full; nothing tells when it has room. */
    private void connectAgain() {
        candidate--;
        again.start(againNs);
        againNs = Math.min(2 * againNs, AGAIN_MOST_NS);
    }

    private void complain(int code) {
        String peer = candidates.isEmpty() ? options.target()
                : candidates.get(Math.max(0, candidate - 1)).toString();
        System.err.println("netcat: connect to " + peer + ": " + explain(outgoing, code));
    }

    @Override
    boolean isNews(Stream stream) {
        return tls != null || super.isNews(stream); // a cut connection, or a stranger
    }

    @Override
    String explain(Stream stream, int code) {
        return tls == null || isStandard(stream) ? super.explain(stream, code)
                : tls.explain(stream, code);
    }

    @Override
    public void onOpen(Stream stream) {
        if (isStandard(stream)) {
            super.onOpen(stream);
        } else {
            connected(stream);
            startIfReady();
        }
    }

    private void connected(Stream stream) {
        socket = stream;
        isSocketOpen = true;
        if (tls == null) {
            socket.name("socket");
        } else {
            options.say(tls.summary(stream));
        }
        if (listener == null) {
            options.say("Connection to " + candidates.get(candidate - 1) + " succeeded!");
        } else {
            options.say("Connection received");
            if (!options.keepsListening) {
                listener.close();
            }
        }
        awaitProgress();
    }

    @Override
    boolean canStart() {
        return isSocketOpen && sending == null;
    }

    @Override
    void start() {
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
        watchProgress();
    }

    @Override
    long receivedBytes() {
        return socket == null ? 0 : socket.count(StreamMetrics.READ_BYTES_OFFSET);
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

    @Override
    void next() {
        if (socket.queuedBytes() == 0) {
            resumeInput();
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

    @Override
    void closeSocket() {
        again.cancel();
        if (listener != null) {
            listener.close();
        }
        if (socket != null) {
            socket.close(Close.WHEN_DRAINED);
        }
    }

    @Override
    void timeOut() {
        if (!isSocketOpen) {
            complain(-Errno.ETIMEDOUT);
        }
        boolean wasConnected = isSocketOpen;
        isOver = true;
        candidate = candidates.size();
        outgoing.close();
        end(wasConnected ? Exit.OK : Exit.FAILURE);
    }

    @Override
    public void onClose(Stream stream, int result) {
        if (socket == null && listener == null && !isStandard(stream)) { // it never was open
            report.closed(stream);
            connectFailed(result == 0 ? lastFailure : result);
        } else if (options.keepsListening && !isStandard(stream)) {
            report.closed(stream);
            tell(stream, result, isNews(stream));
            interval.cancel();
            socket = null;
            sending = null;
            isSocketOpen = false;
        } else {
            super.onClose(stream, result);
        }
    }

    private void connectFailed(int code) {
        boolean isPeerBad = tls != null && tls.hasConnected();
        if (code == -Errno.EAGAIN && options.isUnix && status == Exit.OK && !isOver) {
            connectAgain();
        } else if (candidate < candidates.size() && !isPeerBad) {
            connectNext(code);
        } else if (status == Exit.OK) {
            complain(code);
            end(Exit.FAILURE);
        }
    }

    @Override
    void reportCopies() {
        if (in.isEnded()) {
            report.copied(in, socket);
        }
        if (receiving != null && out.count(StreamMetrics.CLOSE_OFFSET) == 1) {
            report.copied(socket, out);
        }
        if (tls != null) {
            tls.report();
        }
    }
}
